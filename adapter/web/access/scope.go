package access

import "slices"

// Scope is whose dossiers may be seen. The zero Scope sees nothing, so that one that
// was forgotten gives nothing away.
type Scope struct {
	all         bool
	departments []string
}

// Everything sees all departments, and what belongs to none.
func Everything() Scope { return Scope{all: true} }

// Only sees the departments given.
func Only(departments ...string) Scope { return Scope{departments: slices.Clone(departments)} }

// Sees reports whether the department's dossiers may be seen.
func (s Scope) Sees(department string) bool {
	return s.all || department != "" && slices.Contains(s.departments, department)
}

// All reports whether everything may be seen.
func (s Scope) All() bool { return s.all }

// Departments are those that may be seen: nil for all, else a list that may be empty.
func (s Scope) Departments() []string {
	if s.all {
		return nil
	}
	return append([]string{}, s.departments...)
}
