package reconcile

import "time"

// FormCounts are the columns of form II.06a (TT 01/2020/TT-VPCP).
type FormCounts struct {
	// Received in all is Online + InPerson + CarriedOver.
	Online      int `json:"received_online"`
	InPerson    int `json:"received_in_person"` // and by post, and where the channel is not known
	CarriedOver int `json:"carried_over"`       // received before the period and not ended by then

	Early  int `json:"resolved_early"` // ended on a date before the due one
	OnTime int `json:"resolved_on_time"`
	Late   int `json:"resolved_late"`

	InProgressOnTime  int `json:"in_progress_on_time"`
	InProgressOverdue int `json:"in_progress_overdue"`
}

// Received is all that the form counts, at the period's end resolved or in progress.
func (c FormCounts) Received() int { return c.Online + c.InPerson + c.CarriedOver }

// Resolved is what was ended in the period, with a result or without.
func (c FormCounts) Resolved() int { return c.Early + c.OnTime + c.Late }

// InProgress is what was not ended at the form's moment.
func (c FormCounts) InProgress() int { return c.InProgressOnTime + c.InProgressOverdue }

// Add adds o to c.
func (c *FormCounts) Add(o FormCounts) {
	c.Online += o.Online
	c.InPerson += o.InPerson
	c.CarriedOver += o.CarriedOver
	c.Early += o.Early
	c.OnTime += o.OnTime
	c.Late += o.Late
	c.InProgressOnTime += o.InProgressOnTime
	c.InProgressOverdue += o.InProgressOverdue
}

// Of is the figure in a column; 0 for a column that is not the form's.
func (c FormCounts) Of(column Column) int {
	switch column {
	case ColumnFormReceived:
		return c.Received()
	case ColumnFormResolved:
		return c.Resolved()
	case ColumnFormInProgress:
		return c.InProgress()
	}
	if n := c.figure(column); n != nil {
		return *n
	}
	return 0
}

func (c *FormCounts) figure(column Column) *int {
	switch column {
	case ColumnFormOnline:
		return &c.Online
	case ColumnFormInPerson:
		return &c.InPerson
	case ColumnFormCarriedOver:
		return &c.CarriedOver
	case ColumnFormEarly:
		return &c.Early
	case ColumnFormOnTime:
		return &c.OnTime
	case ColumnFormLate:
		return &c.Late
	case ColumnFormInProgressOnTime:
		return &c.InProgressOnTime
	case ColumnFormInProgressOverdue:
		return &c.InProgressOverdue
	}
	return nil
}

// FormRow is one line of the form, a department's or a field's, by both accounts.
type FormRow struct {
	Reported, Verified FormCounts
}

// Add adds o to r.
func (r *FormRow) Add(o FormRow) {
	r.Reported.Add(o.Reported)
	r.Verified.Add(o.Verified)
}

// Of is a figure of the line; the difference as in TallyRow.Of.
func (r FormRow) Of(account Account, column Column) int {
	return byAccount(account, r.Reported.Of(column), r.Verified.Of(column))
}

// Form counts a period's dossiers as form II.06a does (RULES.md §9): what was
// received in it or carried over into it, what became of that in it, and what was
// still in progress when it ended.
type Form struct {
	cells *Cells
	rows  map[string]*FormRow
}

// NewForm is the form of [from, to), judged at the last instant of the period, or at
// rules.AsOf where that is earlier.
func NewForm(rules *Rules, by By, from, to time.Time) *Form {
	return &Form{cells: NewCells(rules, by, from, to), rows: map[string]*FormRow{}}
}

// Add counts one dossier.
func (f *Form) Add(out *Outcome) {
	reported, verified := f.cells.formPlace(out, AccountReported), f.cells.formPlace(out, AccountVerified)
	if reported.Received == "" && verified.Received == "" {
		return
	}
	row := rowOf(f.rows, f.cells.Row(out))
	row.Reported.count(reported)
	row.Verified.count(verified)
}

func (c *FormCounts) count(p Place) {
	for _, column := range [...]Column{p.Received, p.Standing} {
		if n := c.figure(column); n != nil {
			*n++
		}
	}
}

// Merge adds what another form of the same period and kind of rows counted.
func (f *Form) Merge(o *Form) {
	for key, row := range o.rows {
		rowOf(f.rows, key).Add(*row)
	}
}

// Rows gives the lines by department, or by field.
func (f *Form) Rows() map[string]FormRow { return rowsOf(f.rows) }

// formMoment is when a form is judged: at the last instant of its period, so that
// what is due on the last day is not overdue by date before that day is over.
func formMoment(asOf, to time.Time) time.Time {
	if asOf.Before(to) {
		return asOf
	}
	return to.Add(-time.Nanosecond)
}

// formPlace is where a dossier stands in the form by one account.
func (c *Cells) formPlace(out *Outcome, account Account) (p Place) {
	received := out.receivedAt()
	if !received.Known() || received.Time.After(c.form.AsOf) {
		return Place{}
	}
	rec, due, _ := out.judged(account)
	if rec == nil {
		return Place{}
	}
	v, end := c.form.VerdictOf(rec, due), rec.End()
	switch {
	case !received.Time.Before(c.period.from):
		p.Received = ColumnFormInPerson
		if out.channel() == Online {
			p.Received = ColumnFormOnline
		}
	case v.Ended && end.Time.Before(c.period.from):
		return Place{} // over before the period; an unknown end counts where it was received
	default:
		p.Received = ColumnFormCarriedOver
	}
	switch {
	case !v.Ended && v.Late:
		p.Standing = ColumnFormInProgressOverdue
	case !v.Ended:
		p.Standing = ColumnFormInProgressOnTime
	case v.Late:
		p.Standing = ColumnFormLate
	case end.Known() && due.Known() && c.form.earlierDate(end, due):
		p.Standing = ColumnFormEarly
	default:
		p.Standing = ColumnFormOnTime
	}
	return p
}

// earlierDate reports whether a's local date is before b's.
func (r *Rules) earlierDate(a, b Moment) bool {
	return a.Time.Before(b.Time) && !r.Calendar.SameDate(a.Time, b.Time)
}

// channel is how the dossier came in, by the platform's word, else by the office's.
func (out *Outcome) channel() Channel {
	for _, rec := range [...]*Record{out.Pair.Platform, out.Pair.Office} {
		if rec != nil && rec.Channel != "" {
			return rec.Channel
		}
	}
	return ""
}
