package reconcile_test

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// --- §4 the deadline ---

// later reports whether m lies after the due date.
func (o *oracle) later(m time.Time, due reconcile.Moment) bool {
	if o.byDate {
		return o.date(m) > o.date(due.Time)
	}
	at := due.Time
	if due.DateOnly {
		at = o.dayEnd(at)
	}
	return m.After(at)
}

func (o *oracle) verdict(rec *reconcile.Record, due reconcile.Moment) string {
	e := end(rec)
	known := !due.Time.IsZero()
	switch {
	case ended(rec) && e.Time.IsZero():
		return "resolved on time"
	case ended(rec) && !e.Time.After(o.asOf):
		if known && o.later(e.Time, due) {
			return "resolved late"
		}
		return "resolved on time"
	case rec.Group == reconcile.Paused:
		return "in progress on time"
	case known && o.later(o.asOf, due):
		return "in progress overdue"
	}
	return "in progress on time"
}

func (o *oracle) deadline(j *judgement, p, f *held) {
	if p != nil && !p.doubled && p.rec.Status != "" {
		j.Reported = o.verdict(p.rec, effectiveDue(p.rec))
	}
	if f == nil || f.doubled || f.rec.Status == "" || o.invalid(f.rec) {
		j.Verified = j.Reported
	} else {
		due := f.rec.DueAt
		if p != nil && !p.doubled && !effectiveDue(p.rec).Time.IsZero() {
			due = effectiveDue(p.rec)
		}
		if !f.rec.ExtendedDueAt.Time.IsZero() {
			due = f.rec.ExtendedDueAt
		}
		j.Verified = o.verdict(f.rec, due)
	}
	bad := func(v string) bool { return v == "resolved late" || v == "in progress overdue" }
	switch {
	case j.Reported == "" || j.Verified == "":
	case bad(j.Reported) && !bad(j.Verified):
		j.Effect = reconcile.FalseOverdue
	case !bad(j.Reported) && bad(j.Verified):
		j.Effect = reconcile.HiddenOverdue
	}
}
