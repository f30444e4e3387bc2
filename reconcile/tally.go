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

func (c *Counts) count(v *Verdict) {
	switch {
	case v.Ended && v.Late:
		c.ResolvedLate++
	case v.Ended:
		c.ResolvedOnTime++
	case v.Late:
		c.InProgressOverdue++
	default:
		c.InProgressOnTime++
	}
}

// TallyRow is one department's line, by both accounts.
type TallyRow struct {
	Reported Counts
	Verified Counts
	// UnknownDue and UnknownEnd count verified dossiers that are on time only
	// because a date is not known.
	UnknownDue, UnknownEnd int
}

// Tally counts a period's dossiers by department (RULES.md §4).
type Tally struct {
	from, to time.Time // [from, to)
	rows     map[string]*TallyRow
}

// NewTally counts dossiers received from (inclusive) to (exclusive).
func NewTally(from, to time.Time) *Tally {
	return &Tally{from: from, to: to, rows: map[string]*TallyRow{}}
}

// Add counts one dossier. A dossier belongs to the period in which it was
// received: by the platform's word, where the platform has it, since the table
// is the platform's; else by the office's.
func (t *Tally) Add(out *Outcome) {
	received := t.receivedIn(out)
	if !received {
		return
	}
	row := t.rows[out.Department]
	if row == nil {
		row = &TallyRow{}
		t.rows[out.Department] = row
	}
	if v := out.Deadline.Reported; v != nil && counted(out.Pair.Platform) {
		row.Reported.count(v)
	}
	if v := out.Deadline.Verified; v != nil && counted(out.Deadline.VerifiedBy) {
		row.Verified.count(v)
		if v.UnknownDue {
			row.UnknownDue++
		}
		if v.UnknownEnd {
			row.UnknownEnd++
		}
	}
}

func (t *Tally) receivedIn(out *Outcome) bool {
	for _, rec := range [...]*Record{out.Pair.Platform, out.Pair.Office} {
		if rec != nil && rec.ReceivedAt.Known() {
			at := rec.ReceivedAt.Time
			return !at.Before(t.from) && at.Before(t.to)
		}
	}
	return false
}

// counted: pending and refused dossiers are in no column.
func counted(rec *Record) bool {
	return rec.Group != Pending && rec.Status != Refused
}

// Merge adds what another tally of the same period counted.
func (t *Tally) Merge(o *Tally) {
	for department, row := range o.rows {
		mine := t.rows[department]
		if mine == nil {
			mine = &TallyRow{}
			t.rows[department] = mine
		}
		mine.Reported.Add(row.Reported)
		mine.Verified.Add(row.Verified)
		mine.UnknownDue += row.UnknownDue
		mine.UnknownEnd += row.UnknownEnd
	}
}

// Rows gives the lines by department.
func (t *Tally) Rows() map[string]TallyRow {
	rows := make(map[string]TallyRow, len(t.rows))
	for department, row := range t.rows {
		rows[department] = *row
	}
	return rows
}
