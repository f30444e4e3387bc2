package web

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
	"github.com/doisoat/doisoat/reconcile/calendar"
)

// How values of reconcile are written in JSON, here and wherever else the same
// shapes are printed.

// Stamp writes a moment as RFC 3339 in zone; "" where it is not known.
func Stamp(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.RFC3339)
}

// MomentOf writes a source's moment: a date where it gave no time of day, ""
// where it gave nothing.
func MomentOf(m reconcile.Moment, zone *time.Location) string {
	if m.DateOnly {
		return m.Time.Format(time.DateOnly) // of the zone it was given in
	}
	return Stamp(m.Time, zone)
}

// RecordOf writes a record; nil for none.
func RecordOf(r *reconcile.Record, zone *time.Location) *Record {
	if r == nil {
		return nil
	}
	return &Record{
		Source: r.Source, Code: r.Code, Procedure: r.Procedure, Field: r.Field, Department: r.Department, Status: r.Status, RawStatus: r.RawStatus,
		ReceivedAt: MomentOf(r.ReceivedAt, zone), DueAt: MomentOf(r.DueAt, zone), ExtendedDueAt: MomentOf(r.ExtendedDueAt, zone),
		CompletedAt: MomentOf(r.CompletedAt, zone), ReturnedAt: MomentOf(r.ReturnedAt, zone), UpdatedAt: MomentOf(r.UpdatedAt, zone),
	}
}

// DiscrepancyOf writes a discrepancy with the records that stand against each
// other now. NotVerifiedSince is the caller's to set.
func DiscrepancyOf(d *reconcile.Discrepancy, platform, office *reconcile.Record, zone *time.Location) Discrepancy {
	return Discrepancy{
		ID: d.ID, Kind: d.Kind, Side: d.Side, Code: d.Code, Department: d.Department, State: d.State, Effect: d.Effect,
		Since: Stamp(d.Since, zone), FirstDetectedAt: Stamp(d.FirstDetectedAt, zone), OpenedAt: Stamp(d.OpenedAt, zone), Reopened: d.Reopened,
		WaivedUntil: Stamp(d.WaivedUntil, zone), SetBy: d.SetBy, Note: d.Note, ResolvedAt: Stamp(d.ResolvedAt, zone), Unstable: d.Unstable, Reason: d.Reason,
		Platform: RecordOf(platform, zone), Office: RecordOf(office, zone),
	}
}

// CursorOf is a discrepancy's place in the list.
func CursorOf(d *reconcile.Discrepancy) *Cursor {
	return &Cursor{Kind: d.Kind, Department: d.Department, Code: d.Code, Side: d.Side, Since: d.Since.UnixMilli()}
}

// EventsOf writes the life of a discrepancy.
func EventsOf(events []reconcile.Event, zone *time.Location) []Event {
	list := make([]Event, len(events))
	for i, e := range events {
		list[i] = Event{At: Stamp(e.At, zone), Actor: e.Actor, From: e.From, To: e.To, Why: e.Why}
	}
	return list
}

// RejectedOf writes a rejected row of a source.
func RejectedOf(source string, r reconcile.Rejected) RejectedRow {
	return RejectedRow{Source: source, Place: r.Position.Place, Row: r.Position.Row, Cause: r.Cause, Reason: r.Reason, Code: r.Code}
}

// RulesOf writes the rules that were tried.
func RulesOf(steps []reconcile.Step) []RuleTried {
	list := make([]RuleTried, len(steps))
	for i, s := range steps {
		list[i] = RuleTried(s)
	}
	return list
}

// FindingOf writes a finding with its arithmetic.
func FindingOf(f reconcile.Finding, g reconcile.Grace, stretches []calendar.Stretch, zone *time.Location) Finding {
	finding := Finding{
		Kind: f.Kind, Side: f.Side, Reason: f.Reason, Since: Stamp(g.Since, zone), SinceFrom: f.SinceFrom,
		GraceAllowed: reconcile.ShowDuration(g.Allowed), GraceElapsed: reconcile.ShowDuration(g.Elapsed),
		GraceEndsAt: Stamp(g.EndsAt, zone), GraceOver: g.Over, Days: []GraceDay{},
	}
	for _, s := range stretches {
		finding.Days = append(finding.Days, GraceDay{Date: s.Date, Working: reconcile.ShowDuration(s.Working), Why: s.Why, Name: s.Name})
	}
	return finding
}

// VerdictOf writes a verdict; nil is none.
func VerdictOf(v *reconcile.Verdict) VerdictText {
	switch {
	case v == nil:
		return NoVerdict
	case v.Ended && v.Late:
		return ResolvedLate
	case v.UnknownEnd || v.UnknownDue:
		return OnTimeUnknown
	case v.Ended:
		return ResolvedOnTime
	case v.Late:
		return InProgressOverdue
	}
	return InProgressOnTime
}

// DeadlineOf writes what both accounts say.
func DeadlineOf(d *reconcile.Deadline, zone *time.Location) Deadline {
	return Deadline{Reported: VerdictOf(d.Reported), Verified: VerdictOf(d.Verified), Due: MomentOf(d.Due, zone), DueFrom: d.DueFrom, Effect: d.Effect}
}
