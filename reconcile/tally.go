package reconcile

import "time"

// Counts are the four columns of the report's table.
type Counts struct {
	ResolvedOnTime    int `json:"resolved_on_time"`
	ResolvedLate      int `json:"resolved_late"`
	InProgressOnTime  int `json:"in_progress_on_time"`
	InProgressOverdue int `json:"in_progress_overdue"`
}

// Total is the number of dossiers counted.
func (c Counts) Total() int {
	return c.ResolvedOnTime + c.ResolvedLate + c.InProgressOnTime + c.InProgressOverdue
}

// Add adds o to c.
func (c *Counts) Add(o Counts) {
	c.ResolvedOnTime += o.ResolvedOnTime
	c.ResolvedLate += o.ResolvedLate
	c.InProgressOnTime += o.InProgressOnTime
	c.InProgressOverdue += o.InProgressOverdue
}

// Of is the figure in a column; 0 for a column that is not the table's.
func (c Counts) Of(column Column) int {
	if column == ColumnTotal {
		return c.Total()
	}
	if n := c.figure(column); n != nil {
		return *n
	}
	return 0
}

func (c *Counts) figure(column Column) *int {
	switch column {
	case ColumnResolvedOnTime:
		return &c.ResolvedOnTime
	case ColumnResolvedLate:
		return &c.ResolvedLate
	case ColumnInProgressOnTime:
		return &c.InProgressOnTime
	case ColumnInProgressOverdue:
		return &c.InProgressOverdue
	}
	return nil
}

func (c *Counts) count(column Column) {
	if n := c.figure(column); n != nil {
		*n++
	}
}

// TallyRow is one line of the table, a department's or a field's, by both accounts.
type TallyRow struct {
	Reported Counts
	Verified Counts
	// UnknownDue and UnknownEnd count verified dossiers that are on time only
	// because a date is not known.
	UnknownDue, UnknownEnd int
}

// Add adds o to r.
func (r *TallyRow) Add(o TallyRow) {
	r.Reported.Add(o.Reported)
	r.Verified.Add(o.Verified)
	r.UnknownDue += o.UnknownDue
	r.UnknownEnd += o.UnknownEnd
}

// Of is a figure of the line. The difference is the verified figure less the
// reported one; the dossiers behind it may be more (see Cells.In).
func (r TallyRow) Of(account Account, column Column) int {
	return byAccount(account, r.Reported.Of(column), r.Verified.Of(column))
}

// Tally counts a period's dossiers by department or field (RULES.md §4).
type Tally struct {
	by     By
	period period
	rows   map[string]*TallyRow
}

// NewTally counts dossiers received from (inclusive) to (exclusive), by department.
func NewTally(from, to time.Time) *Tally { return NewTallyBy(ByDepartment, from, to) }

// NewTallyBy is NewTally with the rows that by says.
func NewTallyBy(by By, from, to time.Time) *Tally {
	return &Tally{by: by, period: period{from, to}, rows: map[string]*TallyRow{}}
}

// Add counts one dossier. A dossier belongs to the period in which it was
// received: by the platform's word, where the platform has it, since the table
// is the platform's; else by the office's.
func (t *Tally) Add(out *Outcome) {
	if !t.period.received(out) {
		return
	}
	row := rowOf(t.rows, t.by.rowOf(out))
	row.Reported.count(tableColumn(out, AccountReported))
	if column := tableColumn(out, AccountVerified); column != "" {
		row.Verified.count(column)
		if v := out.Deadline.Verified; v.UnknownDue {
			row.UnknownDue++
		}
		if v := out.Deadline.Verified; v.UnknownEnd {
			row.UnknownEnd++
		}
	}
}

// Merge adds what another tally of the same period counted.
func (t *Tally) Merge(o *Tally) {
	for key, row := range o.rows {
		rowOf(t.rows, key).Add(*row)
	}
}

// Rows gives the lines by department, or by field. A dossier received in the
// period has a line even where it is in no column of it.
func (t *Tally) Rows() map[string]TallyRow { return rowsOf(t.rows) }

func rowOf[R any](rows map[string]*R, key string) *R {
	row := rows[key]
	if row == nil {
		row = new(R)
		rows[key] = row
	}
	return row
}

func rowsOf[R any](rows map[string]*R) map[string]R {
	copied := make(map[string]R, len(rows))
	for key, row := range rows {
		copied[key] = *row
	}
	return copied
}
