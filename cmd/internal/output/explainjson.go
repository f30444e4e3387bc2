package output

import (
	"io"
	"time"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

type explainJSON struct {
	Code          string          `json:"code"`
	Codes         []string        `json:"codes"`
	AsOf          string          `json:"as_of"`
	Records       []explainedJSON `json:"records"`
	History       []explainedJSON `json:"history"`
	Rejected      []rejectedJSON  `json:"rejected"`
	Rules         []ruleJSON      `json:"rules"`
	Findings      []findingJSON   `json:"findings"`
	Deadline      deadlineJSON    `json:"deadline"`
	Uncovered     []int           `json:"calendar_years_unknown"`
	Discrepancies []lifeJSON      `json:"discrepancies"`
	Snapshots     []snapshotJSON  `json:"snapshots"`
}

type explainedJSON struct {
	recordJSON
	Unreadable bool              `json:"unreadable,omitempty"`
	Raw        map[string]string `json:"raw"`
	SeenFrom   string            `json:"seen_from"`
	SeenUntil  string            `json:"seen_until,omitempty"`
	Gone       bool              `json:"gone,omitempty"`
}

type ruleJSON struct {
	Rule  string `json:"rule"`
	Fired bool   `json:"fired"`
	Why   string `json:"why"`
}

type findingJSON struct {
	Kind         reconcile.Kind `json:"kind"`
	Side         reconcile.Side `json:"side,omitempty"`
	Reason       string         `json:"reason"`
	Since        string         `json:"since"`
	SinceFrom    string         `json:"since_from"`
	GraceAllowed string         `json:"grace_allowed"`
	GraceElapsed string         `json:"grace_elapsed"`
	GraceEndsAt  string         `json:"grace_ends_at"`
	GraceOver    bool           `json:"grace_over"`
	Days         []dayJSON      `json:"days"`
}

type dayJSON struct {
	Date    string `json:"date"`
	Working string `json:"working"`
	Why     string `json:"why,omitempty"`
	Name    string `json:"name,omitempty"`
}

type deadlineJSON struct {
	Reported string           `json:"reported"`
	Verified string           `json:"verified"`
	Due      string           `json:"due,omitempty"`
	DueFrom  string           `json:"due_from"`
	Effect   reconcile.Effect `json:"effect"`
}

type lifeJSON struct {
	discrepancyJSON
	Events []eventJSON `json:"events"`
}

type eventJSON struct {
	At    string          `json:"at"`
	Actor string          `json:"actor"`
	From  reconcile.State `json:"from"`
	To    reconcile.State `json:"to"`
	Why   string          `json:"why"`
}

// ExplainJSON writes an explanation for a program.
func ExplainJSON(w io.Writer, e *app.Explanation, zone *time.Location) error {
	d := &e.Outcome.Deadline
	out := explainJSON{
		Code: e.Code, Codes: list(e.Codes), AsOf: stamp(e.AsOf, zone), Uncovered: list(e.Uncovered),
		Records: []explainedJSON{}, History: []explainedJSON{}, Rejected: []rejectedJSON{}, Rules: []ruleJSON{}, Findings: []findingJSON{},
		Discrepancies: []lifeJSON{}, Snapshots: []snapshotJSON{},
		Deadline: deadlineJSON{verdictShown(d.Reported), verdictShown(d.Verified), momentOf(d.Due, zone), d.DueFrom, d.Effect},
	}
	for i := range e.Rows {
		out.Records = append(out.Records, explainedOf(&e.Rows[i], zone))
	}
	for i := range e.Versions {
		v := &e.Versions[i]
		item := explainedOf(&v.ExplainedRow, zone)
		item.SeenFrom, item.SeenUntil, item.Gone = stamp(v.SeenFrom, zone), stamp(v.SeenUntil, zone), v.Gone
		out.History = append(out.History, item)
	}
	for _, r := range e.Rejected {
		out.Rejected = append(out.Rejected, rejectedOf(r.Rejected))
	}
	for _, s := range e.Steps {
		out.Rules = append(out.Rules, ruleJSON(s))
	}
	for i := range e.Arithmetic {
		out.Findings = append(out.Findings, findingOf(&e.Arithmetic[i], zone))
	}
	for i := range e.Discrepancies {
		kept := &e.Discrepancies[i]
		life := lifeJSON{discrepancyJSON: discrepancyOf(&app.Listed{Discrepancy: kept.Discrepancy, Platform: e.Outcome.Pair.Platform, Office: e.Outcome.Pair.Office}, zone), Events: []eventJSON{}}
		for _, event := range kept.Events {
			life.Events = append(life.Events, eventJSON{stamp(event.At, zone), event.Actor, event.From, event.To, event.Why})
		}
		out.Discrepancies = append(out.Discrepancies, life)
	}
	for i := range e.Snapshots {
		out.Snapshots = append(out.Snapshots, snapshotOf(&e.Snapshots[i], nil, zone))
	}
	return indented(w, out)
}

func explainedOf(row *app.ExplainedRow, zone *time.Location) explainedJSON {
	item := explainedJSON{
		recordJSON: *recordOf(&row.Record, zone), Unreadable: row.Record.Unreadable, Raw: map[string]string{}, SeenFrom: stamp(row.Record.FirstReadAt, zone),
	}
	for _, raw := range row.Raw {
		item.Raw[raw.Input] = raw.Value
	}
	return item
}

func findingOf(a *app.Arithmetic, zone *time.Location) findingJSON {
	f := findingJSON{
		Kind: a.Finding.Kind, Side: a.Finding.Side, Reason: a.Finding.Reason, Since: stamp(a.Grace.Since, zone), SinceFrom: a.Finding.SinceFrom,
		GraceAllowed: reconcile.ShowDuration(a.Grace.Allowed), GraceElapsed: reconcile.ShowDuration(a.Grace.Elapsed),
		GraceEndsAt: stamp(a.Grace.EndsAt, zone), GraceOver: a.Grace.Over, Days: []dayJSON{},
	}
	for _, s := range a.Stretches {
		f.Days = append(f.Days, dayJSON{s.Date, reconcile.ShowDuration(s.Working), s.Why, s.Name})
	}
	return f
}
