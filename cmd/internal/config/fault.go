package config

import (
	"slices"
	"strconv"
	"strings"
)

// Fault is one mistake in a configuration file, in words for whoever edits it.
type Fault struct {
	File    string // as it was named by the caller
	Line    int    // 1-based; 0 where the fault is the whole file's
	Key     string // path of keys: platform.http.list.paging, offices[2].name; "" for the whole file
	Value   string // as written; "" where there is none, or where it may be a secret
	Problem string // what is wrong
	Remedy  string // what would be right
}

// Error writes the fault as "file:line: key.path: value: what is wrong; what would be right".
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		b.WriteString(":" + strconv.Itoa(f.Line))
	}
	for _, part := range []string{f.Key, f.Value, f.Problem} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	if f.Remedy != "" {
		b.WriteString("; " + f.Remedy)
	}
	return b.String()
}

// Faults are all mistakes found in one go, in the order of their lines.
type Faults []Fault

// Error writes one fault a line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// ordered sorts by line and drops repetitions: a value reached through several
// aliases is faulty once.
func (f Faults) ordered() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int { return a.Line - b.Line })
	seen := make(map[Fault]bool, len(f))
	return slices.DeleteFunc(f, func(fault Fault) bool {
		again := seen[fault]
		seen[fault] = true
		return again
	})
}
