package mappings

import (
	"fmt"
	"slices"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// Options are what a table needs to know beside the file.
type Options struct {
	Source string         // the source's name in the configuration
	Side   reconcile.Side //
	// Department is the office's only department. It is used where the mapping
	// names no department column, or the column is empty.
	Department string
	// Zone is used when the file gives none.
	Zone *time.Location
}

// Table makes records of one source's raw values. It is safe for concurrent use.
type Table struct {
	spec    *Spec
	options Options
	dates   dates

	statuses    map[string]statusResult // by the value as the file writes it, and folded
	departments map[string]string       // likewise
	channels    map[string]reconcile.Channel
}

type statusResult struct {
	raw    string // how the file writes the value
	status reconcile.Status
	group  reconcile.Group
}

// Compile prepares the file for one source.
func (s *Spec) Compile(o Options) (*Table, error) {
	zone := s.zone
	if zone == nil {
		zone = o.Zone
	}
	if zone == nil {
		return nil, fmt.Errorf("mapping %s: no time zone; write time: {zone: Asia/Ho_Chi_Minh}", s.name)
	}
	t := &Table{
		spec:        s,
		options:     o,
		dates:       dates{wall: newWall(zone), layouts: s.layouts, missing: s.missing},
		statuses:    make(map[string]statusResult, 2*len(s.statuses)),
		departments: make(map[string]string, 2*len(s.departments)),
		channels:    make(map[string]reconcile.Channel, 2*len(s.channels)),
	}
	for _, m := range s.missing {
		t.dates.folded = append(t.dates.folded, fold(m))
	}
	for folded, w := range s.statuses {
		result := statusResult{raw: w.written, status: w.status, group: s.group(w.status)}
		t.statuses[w.written] = result
		t.statuses[folded] = result
	}
	for folded, d := range s.departments {
		t.departments[d.written] = d.code
		t.departments[folded] = d.code
	}
	for folded, c := range s.channels {
		t.channels[c.written] = c.channel
		t.channels[folded] = c.channel
	}
	return t, nil
}

// Inputs are the distinct raw inputs the table reads (a path in JSON, a column,
// a heading), in the order in which Record takes their values. The first is the
// code's (its first, where the code is an expression).
func (t *Table) Inputs() []string { return slices.Clone(t.spec.inputs) }

// Code gives the canonical code of a row, and nothing else. The error is a
// *FieldError.
func (t *Table) Code(values []string) (string, error) {
	raw, err := t.value(fieldCode, values)
	if err != nil {
		return "", err
	}
	return t.code(raw)
}

// Skip reports whether skip_rows_without says that this row is no record: a
// total, a blank, a heading repeated. Rows skipped are counted by the caller.
func (t *Table) Skip(values []string) bool {
	for _, f := range t.spec.skip {
		if t.empty(f, values) {
			return true
		}
		if f == fieldCode && t.total(values) {
			return true
		}
	}
	return false
}

// empty reports whether the source says nothing for a field.
func (t *Table) empty(f field, values []string) bool {
	for _, o := range t.spec.fields[f] {
		if o.expression == nil {
			if trim(at(values, o.input)) != "" {
				return false
			}
			continue
		}
		s, err := o.expression.texts(values)
		if err != nil || trim(s) != "" {
			return false // what cannot be evaluated is a rejected record, not a skipped one
		}
	}
	return true
}

// total recognises the sum at the foot of a book when it stands in the code's
// own column: a bare number or a word, and nothing in any other column.
func (t *Table) total(values []string) bool {
	origins := t.spec.fields[fieldCode]
	if len(values) < 2 || len(origins) != 1 || origins[0].expression != nil {
		return false
	}
	input := origins[0].input
	for i, v := range values {
		if i != input && trim(v) != "" {
			return false
		}
	}
	digits, others := 0, 0
	for _, r := range trim(at(values, input)) {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r != '.' && r != ',' && !isBlank(r):
			others++
		}
	}
	return digits == 0 || others == 0
}

// at is the i-th value, "" where a caller gave too few.
func at(values []string, i int) string {
	if i < len(values) {
		return values[i]
	}
	return ""
}
