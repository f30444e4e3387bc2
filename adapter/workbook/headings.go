package workbook

import (
	"context"
	"time"
)

// Table is a table of dossiers found in a file, for a person who sets a source
// up. It shows headings, never the value of a cell.
type Table struct {
	Place    string   // "offices/tp.xlsx, sheet Sổ theo dõi"
	Row      int      // of the heading; its last, if it has two
	Headings []string // all that are there, from left to right
	Absent   []string // inputs that have no heading there, and need none
}

// Headings finds the tables that Poll would read. problem says, as Poll.Reason
// does, what is wrong with the files; "" if nothing is. It waits for files that
// are being written as Poll does; an error is returned only when ctx ends.
func (s *Source) Headings(ctx context.Context) (tables []Table, problem string, err error) {
	r := &run{ctx: ctx, cfg: s.cfg, want: s.want}
	r.found = func(place string, l layout) {
		table := Table{Place: place, Row: l.last, Headings: l.names}
		for input, column := range l.columns {
			if column < 0 && s.want.inputs[input] != "" {
				table.Absent = append(table.Absent, s.want.inputs[input])
			}
		}
		tables = append(tables, table)
	}
	err = r.all(func(file, time.Duration) {})
	return tables, sum(r.faults), err
}
