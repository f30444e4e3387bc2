package output

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

// Explain writes an explanation for a person at a terminal.
func Explain(w io.Writer, e *app.Explanation, zone *time.Location) error {
	x := &explainer{printer: printer{w: w, colours: Terminal(w)}, e: e, zone: zone}
	x.printf("Dossier %s, as of %s\n", e.Code, day(e.AsOf, zone, true))
	if len(e.Codes) > 1 {
		x.printf("Also known as %s.\n", strings.Join(e.Codes, ", "))
	}
	x.verdict()
	x.records()
	x.rules()
	x.grace()
	x.deadline()
	x.kept()
	x.snapshots()
	return x.err
}

type explainer struct {
	printer
	e    *app.Explanation
	zone *time.Location
}

func (x *explainer) heading(s string) { x.printf("\n%s\n", x.paint(s, text.Bold)) }

func (x *explainer) verdict() {
	for _, r := range x.e.Rejected {
		x.printf("! %s could not take in %s: %s\n", r.Source, r.Position, r.Reason)
	}
	if len(x.e.Outcome.Findings) == 0 {
		x.printf("No discrepancy.\n")
	}
	for _, f := range x.e.Outcome.Findings {
		x.printf("%s (%s): %s\n", x.paint(string(f.Kind), text.FgRed), reconcile.KindLabels[f.Kind], f.Reason)
	}
}

// records shows every row: what the source wrote, and what was understood.
func (x *explainer) records() {
	x.heading("Records: as the source wrote them → as they are understood")
	for _, row := range x.e.Rows {
		r := row.Record
		x.printf("  %s (%s), as it is since the poll of %s:\n", row.Source, r.Side, day(r.FirstReadAt, x.zone, true))
		if r.Unreadable {
			x.printf("    not readable\n")
		} else {
			x.record(&r)
		}
		for _, raw := range row.Raw {
			if raw.Value != "" {
				x.printf("      raw  %s = %q\n", raw.Input, raw.Value)
			}
		}
	}
	for _, v := range x.e.Versions {
		until := "then changed"
		if v.Gone {
			until = "then gone"
		}
		x.printf("  %s before, read from %s to %s, %s:\n", v.Source, day(v.SeenFrom, x.zone, true), day(v.SeenUntil, x.zone, true), until)
		x.record(&v.Record)
	}
}

func (x *explainer) record(r *reconcile.Record) {
	status := string(r.Status)
	if !r.Mapped() {
		status = "not mapped"
	}
	x.printf("    status %s (%s, from %q), department %s\n", status, r.Group, r.RawStatus, orNone(r.Department))
	line := ""
	for _, m := range []struct {
		name string
		at   reconcile.Moment
	}{
		{"received", r.ReceivedAt}, {"due", r.DueAt}, {"extended to", r.ExtendedDueAt}, {"completed", r.CompletedAt}, {"returned", r.ReturnedAt}, {"updated", r.UpdatedAt},
	} {
		if m.at.Known() {
			line += fmt.Sprintf(", %s %s", m.name, day(m.at.Time, x.zone, !m.at.DateOnly))
		}
	}
	x.printf("%s\n", text.WrapSoft("    "+strings.TrimPrefix(line, ", "), Width))
}

func (x *explainer) rules() {
	x.heading("Rules tried, in their order")
	for _, s := range x.e.Steps {
		mark := "  no "
		if s.Fired {
			mark = x.paint(" YES ", text.FgRed)
		}
		x.printf("%s%s: %s\n", mark, s.Rule, s.Why)
	}
}

func (x *explainer) grace() {
	if len(x.e.Arithmetic) == 0 {
		return
	}
	x.heading("Since when, and the grace in working time")
	for _, a := range x.e.Arithmetic {
		from := a.Finding.SinceFrom
		if a.Finding.Since.IsZero() {
			from = "first detection"
		}
		x.printf("  %s: since %s (%s)\n", a.Finding.Kind, day(a.Grace.Since, x.zone, true), from)
		if a.Grace.Allowed <= 0 {
			x.printf("    no grace: open at once\n")
			continue
		}
		for _, s := range a.Stretches {
			why := s.Why
			if s.Name != "" && s.Name != s.Why {
				why = strings.TrimSpace(why + " " + s.Name)
			}
			x.printf("    %s  %6s  %s\n", s.Date, reconcile.ShowDuration(s.Working), why)
		}
		state := "within it: suspected"
		if a.Grace.Over {
			state = "over: open"
		}
		x.printf("    %s of %s have passed; the grace ends %s; %s\n", reconcile.ShowDuration(a.Grace.Elapsed),
			reconcile.ShowDuration(a.Grace.Allowed), day(a.Grace.EndsAt, x.zone, true), state)
	}
	if len(x.e.Uncovered) > 0 {
		x.printf("  ! the calendar does not know the holidays of %v; add them to the calendar file\n", x.e.Uncovered)
	}
}

func (x *explainer) deadline() {
	d := &x.e.Outcome.Deadline
	x.heading("Deadline")
	x.printf("  reported: %s\n", verdictShown(d.Reported))
	due := "none"
	if d.Due.Known() {
		due = day(d.Due.Time, x.zone, !d.Due.DateOnly)
	}
	by := ""
	if d.VerifiedBy != nil {
		by = fmt.Sprintf(", by the record of %s against %s (%s)", d.VerifiedBy.Source, due, d.DueFrom)
	}
	x.printf("  verified: %s%s\n  effect:   %s\n", verdictShown(d.Verified), by, d.Effect)
}

func verdictShown(v *reconcile.Verdict) string {
	switch {
	case v == nil:
		return "no verdict"
	case v.Ended && v.Late:
		return "resolved late"
	case v.UnknownEnd || v.UnknownDue:
		return "on time (a date is unknown)"
	case v.Ended:
		return "resolved on time"
	case v.Late:
		return "in progress, overdue"
	}
	return "in progress, on time"
}

func (x *explainer) kept() {
	if len(x.e.Discrepancies) == 0 {
		return
	}
	x.heading("What is kept of it")
	for _, d := range x.e.Discrepancies {
		x.printf("  %s %s: %s since %s, first detected %s\n", d.ID, d.Kind, d.State, day(d.Since, x.zone, true), day(d.FirstDetectedAt, x.zone, true))
		for _, e := range d.Events {
			from := "new"
			if e.From != "" {
				from = string(e.From)
			}
			x.printf("    %s  %s → %s, by %s: %s\n", day(e.At, x.zone, true), from, e.To, e.Actor, e.Why)
		}
	}
}

func (x *explainer) snapshots() {
	x.heading("Snapshots it rests on")
	t := x.table(table.Row{"ID", "SOURCE", "SIDE", "READ AT", "RECORDS", "ACCEPTED BY"}, 1, 5)
	for _, s := range x.e.Snapshots {
		t.AppendRow(table.Row{s.ID, s.Source, s.Side, day(s.StartedAt, x.zone, true), number(s.Records), s.AcceptedBy})
	}
	x.printf("%s\n", t.Render())
}
