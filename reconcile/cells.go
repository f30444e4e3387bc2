package reconcile

import "time"

// Cell names one figure of a report.
type Cell struct {
	Row     string // department code or field; "" where neither side names one, and with Total
	Total   bool   // the line of totals
	Account Account
	Column  Column
}

// Place is where a dossier stands in a report by one account. Each field is "" where
// it is counted in none of its columns; Received and Standing are so together, which
// is why received = resolved + in progress in every line of the form.
type Place struct {
	Table    Column // of the report's own table: one of the four beside its total
	Received Column // of form II.06a: online, in person or carried over
	Standing Column // of form II.06a: resolved early, on time or late; in progress on time or overdue
}

// In reports whether the dossier counts in a column, sums included.
func (p Place) In(column Column) bool {
	switch column {
	case "":
		return false
	case ColumnTotal:
		return p.Table != ""
	case ColumnFormReceived:
		return p.Received != ""
	case ColumnFormResolved:
		return p.Standing == ColumnFormEarly || p.Standing == ColumnFormOnTime || p.Standing == ColumnFormLate
	case ColumnFormInProgress:
		return p.Standing == ColumnFormInProgressOnTime || p.Standing == ColumnFormInProgressOverdue
	}
	return column == p.Table || column == p.Received || column == p.Standing
}

// Cells decides in which figures of a report a dossier counts. Tally and Form count
// by the same decision, so that the dossiers listed behind a figure are those that
// were counted.
type Cells struct {
	by     By
	period period
	form   *Rules // as of the form's moment
}

// NewCells is for the report of [from, to) whose outcomes rules decided.
func NewCells(rules *Rules, by By, from, to time.Time) *Cells {
	return &Cells{by: by, period: period{from, to}, form: rules.At(formMoment(rules.AsOf, to))}
}

// Row is the line of the report that the dossier belongs to.
func (c *Cells) Row(out *Outcome) string { return c.by.rowOf(out) }

// Of is where the dossier stands by one account, which is not the difference.
func (c *Cells) Of(out *Outcome, account Account) Place {
	p := c.formPlace(out, account)
	if c.period.received(out) {
		p.Table = tableColumn(out, account)
	}
	return p
}

// In reports whether the dossier is behind a figure. Behind a difference are the
// dossiers that are in the cell by exactly one of the accounts: those that only the
// verified account has there, less those that only the reported one has, make it up.
func (c *Cells) In(out *Outcome, cell Cell) bool {
	if !cell.Total && cell.Row != c.Row(out) {
		return false
	}
	if cell.Account == AccountDifference {
		return c.Of(out, AccountReported).In(cell.Column) != c.Of(out, AccountVerified).In(cell.Column)
	}
	return c.Of(out, cell.Account).In(cell.Column)
}

// rowOf is the line that a dossier belongs to. Its field is the platform's, where
// the platform names one, else the office's.
func (by By) rowOf(out *Outcome) string {
	if by != ByField {
		return out.Department
	}
	for _, rec := range [...]*Record{out.Pair.Platform, out.Pair.Office} {
		if rec != nil && rec.Field != "" {
			return rec.Field
		}
	}
	return ""
}

// period is [from, to).
type period struct{ from, to time.Time }

// received reports whether the dossier was received in the period. One whose
// reception is not known belongs to none.
func (p period) received(out *Outcome) bool {
	at := out.receivedAt()
	return at.Known() && !at.Time.Before(p.from) && at.Time.Before(p.to)
}

// receivedAt is when the dossier was received: by the platform's word, where the
// platform says it, since the table is the platform's; else by the office's.
func (out *Outcome) receivedAt() Moment {
	for _, rec := range [...]*Record{out.Pair.Platform, out.Pair.Office} {
		if rec != nil && rec.ReceivedAt.Known() {
			return rec.ReceivedAt
		}
	}
	return Moment{}
}

// judged is one account of the dossier: the record it rests on, the due date it was
// held against and the verdict. rec is nil where the account says nothing, or the
// dossier is in no column by it.
func (out *Outcome) judged(account Account) (rec *Record, due Moment, v *Verdict) {
	d := &out.Deadline
	switch {
	case account == AccountReported && d.Reported != nil:
		rec, due, v = out.Pair.Platform, out.Pair.Platform.EffectiveDue(), d.Reported
	case account == AccountVerified && d.Verified != nil:
		rec, due, v = d.VerifiedBy, d.Due, d.Verified
	}
	if rec == nil || !counted(rec) {
		return nil, Moment{}, nil
	}
	return rec, due, v
}

// counted: pending and refused dossiers are in no column.
func counted(rec *Record) bool {
	return rec.Group != Pending && rec.Status != Refused
}

// tableColumn is the column of the report's own table.
func tableColumn(out *Outcome, account Account) Column {
	_, _, v := out.judged(account)
	switch {
	case v == nil:
		return ""
	case v.Ended && v.Late:
		return ColumnResolvedLate
	case v.Ended:
		return ColumnResolvedOnTime
	case v.Late:
		return ColumnInProgressOverdue
	}
	return ColumnInProgressOnTime
}

// byAccount picks an account's figure.
func byAccount(account Account, reported, verified int) int {
	switch account {
	case AccountReported:
		return reported
	case AccountVerified:
		return verified
	case AccountDifference:
		return verified - reported
	}
	return 0
}
