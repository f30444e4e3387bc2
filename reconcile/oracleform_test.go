package reconcile_test

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// --- §9 the form ---

// formLine is where a dossier stands in form II.06a by one account: "" where it is
// not counted.
type formLine struct{ Received, Standing string }

// form reads the form off one dossier for the days [from, to).
func (o *oracle) form(d *reconcile.Dossier, from, to time.Time) (field string, reported, verified formLine) {
	p := bySource(d.Platform)[platformSource]
	f := choose(bySource(d.Offices), p)
	var received time.Time
	var channel reconcile.Channel
	for _, h := range []*held{f, p} { // what the platform says comes last, and stays
		if h == nil {
			continue
		}
		if !h.rec.ReceivedAt.Time.IsZero() {
			received = h.rec.ReceivedAt.Time
		}
		if h.rec.Channel != "" {
			channel = h.rec.Channel
		}
		if h.rec.Field != "" {
			field = h.rec.Field
		}
	}
	line := func(rec *reconcile.Record, due reconcile.Moment) formLine {
		return o.formLine(rec, due, received, channel, from, to)
	}
	if p != nil && !p.doubled && p.rec.Status != "" {
		reported = line(p.rec, effectiveDue(p.rec))
	}
	if f == nil || f.doubled || f.rec.Status == "" || o.invalid(f.rec) {
		return field, reported, reported
	}
	due := f.rec.DueAt
	if p != nil && !p.doubled && !effectiveDue(p.rec).Time.IsZero() {
		due = effectiveDue(p.rec)
	}
	if !f.rec.ExtendedDueAt.Time.IsZero() {
		due = f.rec.ExtendedDueAt
	}
	return field, reported, line(f.rec, due)
}

func (o *oracle) formLine(rec *reconcile.Record, due reconcile.Moment, received time.Time, channel reconcile.Channel, from, to time.Time) formLine {
	then := *o
	if lastInstant := to.Add(-1); then.asOf.After(lastInstant) {
		then.asOf = lastInstant
	}
	e := end(rec).Time
	over := ended(rec) && !e.After(then.asOf)
	line := formLine{Received: "carried over"}
	switch {
	case received.IsZero() || received.After(then.asOf):
		return formLine{}
	case rec.Status == reconcile.Registered || rec.Status == reconcile.Refused:
		return formLine{}
	case received.Before(from) && over && e.Before(from):
		return formLine{}
	case received.Before(from):
	case channel == reconcile.Online:
		line.Received = "online"
	default:
		line.Received = "in person"
	}
	line.Standing = then.verdict(rec, due)
	if line.Standing == "resolved on time" && !e.IsZero() && !due.Time.IsZero() && o.date(e) < o.date(due.Time) {
		line.Standing = "resolved early"
	}
	return line
}
