package output

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

// Explain writes an explanation for a person at a terminal.
func Explain(w io.Writer, e *app.Explanation, zone *time.Location) error {
	x := &explainer{printer: newPrinter(w), e: e, zone: zone}
	x.printf("Dossier %s, as of %s\n", e.Code, clock(e.AsOf, zone))
	if !e.KnownAt.IsZero() {
		x.printf("As it was known %s, by the polls before that.\n", clock(e.KnownAt, zone))
	}
	if len(e.Codes) > 1 {
		x.paragraph("", fmt.Sprintf("Aliases join these codes: %s.", strings.Join(e.Codes, ", ")))
	}
	x.verdict()
	x.records()
	x.rules()
	x.grace()
	x.deadline()
	x.kept()
	x.snapshots()
	x.live()
	return x.err
}

// live shows what the sources say right now, where they were asked.
func (x *explainer) live() {
	if len(x.e.Live) == 0 {
		return
	}
	x.heading("What the sources say right now")
	for _, l := range x.e.Live {
		switch {
		case l.Problem != "":
			x.paragraph("! ", l.Source+": "+l.Problem)
		case len(l.Rows) == 0:
			x.printf("  %s does not have it\n", l.Source)
		}
		for i := range l.Rows {
			x.printf("  %s (%s)\n", l.Source, l.Rows[i].Record.Side)
			x.row(&l.Rows[i])
		}
	}
}

type explainer struct {
	*printer
	e    *app.Explanation
	zone *time.Location
}

func (x *explainer) heading(s string) { x.printf("\n%s\n", x.paint(s, text.Bold)) }

func (x *explainer) verdict() {
	for _, r := range x.e.Rejected {
		x.paragraph("! ", fmt.Sprintf("%s could not take in %s: %s", r.Source, r.Position, r.Reason))
	}
	if len(x.e.Outcome.Findings) == 0 {
		x.printf("No discrepancy.\n")
	}
	for _, f := range x.e.Outcome.Findings {
		x.printf("%s (%s)\n", x.paint(string(f.Kind), text.FgRed), reconcile.KindLabels[f.Kind])
		x.paragraph("  ", f.Reason)
	}
}

// records shows every row: what the source wrote, and what was understood.
func (x *explainer) records() {
	x.heading("Records: as the source wrote them → as they are understood")
	if len(x.e.Rows) == 0 {
		x.printf("  no source holds it now\n")
	}
	for i := range x.e.Rows {
		row := &x.e.Rows[i]
		x.paragraph("  ", fmt.Sprintf("%s (%s), unchanged since the poll of %s", row.Source, row.Record.Side, clock(row.Record.FirstReadAt, x.zone)))
		x.row(row)
	}
	for i := range x.e.Versions {
		v := &x.e.Versions[i]
		until := "then changed"
		if v.Gone {
			until = "then gone"
		}
		x.paragraph("  ", fmt.Sprintf("%s (%s) before, read from %s to %s, %s", v.Source, v.Record.Side,
			clock(v.SeenFrom, x.zone), clock(v.SeenUntil, x.zone), until))
		x.row(&v.ExplainedRow)
	}
}

func (x *explainer) row(row *app.ExplainedRow) {
	var raw []string
	for _, r := range row.Raw {
		if r.Value != "" {
			raw = append(raw, r.Input+" = "+rawShown(r.Value))
		}
	}
	x.paragraph("    raw  ", strings.Join(raw, ", "))
	r := &row.Record
	if r.Unreadable {
		x.printf("    →    not readable\n")
		return
	}
	status := fmt.Sprintf("status %s (%s)", r.Status, r.Group)
	if !r.Mapped() {
		status = fmt.Sprintf("status not mapped (%q)", r.RawStatus)
	}
	parts := []string{status, "department " + orNone(r.Department)}
	for _, m := range []struct {
		name string
		at   reconcile.Moment
	}{
		{"received", r.ReceivedAt}, {"due", r.DueAt}, {"extended to", r.ExtendedDueAt}, {"completed", r.CompletedAt},
		{"returned", r.ReturnedAt}, {"updated", r.UpdatedAt},
	} {
		if m.at.Known() {
			parts = append(parts, m.name+" "+momentShown(m.at, x.zone))
		}
	}
	x.paragraph("    →    ", strings.Join(parts, ", "))
}

// rawShown is a raw value as a person sees it at its source: a real date of a
// workbook or database is no text there.
func rawShown(value string) string {
	m, real := reconcile.ParseRealDate(value, time.UTC)
	switch {
	case !real:
		return fmt.Sprintf("%q", value)
	case m.DateOnly:
		return m.Time.Format(dayLayout) + " (a real date)"
	}
	return m.Time.Format("02/01/2006 15:04:05") + " (a real date)"
}

func (x *explainer) rules() {
	x.heading("Rules tried, in their order")
	for _, s := range x.e.Steps {
		mark := "  no   "
		if s.Fired {
			mark = "  YES  "
		}
		x.paragraph(mark, s.Rule+": "+s.Why)
	}
}

func (x *explainer) grace() {
	if len(x.e.Arithmetic) == 0 {
		return
	}
	x.heading("Since when, and the grace in working time")
	for i := range x.e.Arithmetic {
		x.reckoning(&x.e.Arithmetic[i])
	}
	if len(x.e.Uncovered) > 0 {
		x.paragraph("  ! ", fmt.Sprintf("the calendar does not know the holidays of %s; add them to the calendar file", years(x.e.Uncovered)))
	}
}

func (x *explainer) reckoning(a *app.Arithmetic) {
	from := a.Finding.SinceFrom
	if a.Finding.Since.IsZero() {
		from = "first detection"
	}
	x.paragraph("  ", fmt.Sprintf("%s: since %s (%s)", a.Finding.Kind, clock(a.Grace.Since, x.zone), from))
	if a.Grace.Allowed <= 0 {
		x.printf("    no grace: open at once\n")
		return
	}
	for _, s := range a.Stretches {
		why := s.Why
		if s.Name != "" && s.Name != s.Why {
			why = strings.TrimSpace(why + " " + s.Name)
		}
		x.paragraph(fmt.Sprintf("    %s  %6s  ", isoDay(s.Date), reconcile.ShowDuration(s.Working)), why)
	}
	state := "within it: suspected"
	if a.Grace.Over {
		state = "over: open"
	}
	x.paragraph("    ", fmt.Sprintf("%s of %s have passed; the grace ends %s; %s", reconcile.ShowDuration(a.Grace.Elapsed),
		reconcile.ShowDuration(a.Grace.Allowed), clock(a.Grace.EndsAt, x.zone), state))
}

// isoDay writes a calendar's yyyy-MM-dd as all other days are written.
func isoDay(s string) string {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t.Format(dayLayout)
	}
	return s
}

func years(list []int) string {
	out := make([]string, len(list))
	for i, y := range list {
		out[i] = strconv.Itoa(y)
	}
	return strings.Join(out, ", ")
}

func (x *explainer) deadline() {
	d := &x.e.Outcome.Deadline
	x.heading("Deadline")
	x.printf("  reported: %s\n", verdictShown(d.Reported))
	by := ""
	if d.VerifiedBy != nil {
		due := "no due date"
		if d.Due.Known() {
			due = fmt.Sprintf("%s (%s)", momentShown(d.Due, x.zone), d.DueFrom)
		}
		by = fmt.Sprintf(", by the record of %s, held against %s", d.VerifiedBy.Source, due)
	}
	x.paragraph("  verified: ", verdictShown(d.Verified)+by)
	x.printf("  effect:   %s\n", d.Effect)
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
		x.paragraph("  ", fmt.Sprintf("%s %s: %s since %s, first detected %s", d.ID, d.Kind, d.State, clock(d.Since, x.zone), clock(d.FirstDetectedAt, x.zone)))
		for _, e := range d.Events {
			from := "new"
			if e.From != "" {
				from = string(e.From)
			}
			x.paragraph("    ", fmt.Sprintf("%s  %s → %s, by %s: %s", clock(e.At, x.zone), from, e.To, e.Actor, e.Why))
		}
	}
}

func (x *explainer) snapshots() {
	x.heading("Snapshots it rests on")
	g := &grid{
		header: []string{"ID", "SOURCE", "SIDE", "READ AT", "DOSSIERS", "ACCEPTED BY"}, right: []int{1, 5},
		give: []narrow{{2, 16, true}, {6, 16, true}},
	}
	for i := range x.e.Snapshots {
		s := &x.e.Snapshots[i]
		g.add(s.ID, s.Source, s.Side, clock(s.StartedAt, x.zone), number(s.Records), s.AcceptedBy)
	}
	x.print(g)
}
