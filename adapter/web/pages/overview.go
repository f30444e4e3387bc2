package pages

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/reconcile"
)

// overviewBody is the front page.
type overviewBody struct {
	AsOf  string
	Run   int64
	Cards []card
	// Matrix is one line a kind that stands, a column a department.
	Matrix matrix
	// Single is what the only department has, in place of the matrix.
	Single  *web.DepartmentOverview
	Days    []web.DayOverview
	Sources []sourceLine
	Nightly *web.Run
	Guards  web.Guards
	Held    bool
}

// card is one figure that matters.
type card struct {
	Key, Link, Tone string
	Count           int
}

type matrix struct {
	Departments []web.NamedDepartment
	Lines       []matrixLine
	Totals      []int
	Total       int
}

type matrixLine struct {
	Kind  reconcile.Kind
	Cells []cell
	Total int
}

type cell struct {
	Count, Past int
	Link        string
}

// sourceLine is a source with whether it is as fresh as it should be.
type sourceLine struct {
	web.Source
	Stale bool
}

func (p *Pages) overview(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r, "overview.title")
	if err != nil {
		return err
	}
	o, err := p.options.Backend.Overview(r.Context(), v.Who.Scope())
	if err != nil {
		return err
	}
	body := overviewBody{
		AsOf: o.AsOf, Run: o.Run, Matrix: matrixOf(o.Departments), Cards: cardsOf(o.Departments), Days: o.Days, Nightly: o.Nightly, Guards: o.Guards,
		Sources: p.linesOf(o.Sources),
		Held:    len(o.Guards.HeldRuns)+len(o.Guards.HeldSnapshots)+len(o.Guards.NotAccepted) > 0,
	}
	if len(o.Departments) == 1 {
		body.Single = &o.Departments[0]
	}
	return p.page(w, r, "overview", v, body)
}

func (p *Pages) linesOf(sources []web.Source) []sourceLine {
	lines := make([]sourceLine, len(sources))
	for i := range sources {
		lines[i] = sourceLine{sources[i], sources[i].AsOf == "" || stale(&sources[i], p.options.Clock())}
	}
	return lines
}

func cardsOf(departments []web.DepartmentOverview) []card {
	open := card{Key: "card.open", Link: listLink(url.Values{"state": {"open"}}), Tone: "open"}
	past := card{Key: "card.past", Link: listLink(url.Values{"state": {"open"}, "order": {"since"}}), Tone: "past"}
	wrong := card{Key: "card.false_overdue", Link: listLink(url.Values{"state": {listedStates}, "effect": {string(reconcile.FalseOverdue)}}), Tone: "false"}
	hidden := card{Key: "card.hidden_overdue", Link: listLink(url.Values{"state": {listedStates}, "effect": {string(reconcile.HiddenOverdue)}}), Tone: "hidden"}
	for i := range departments {
		d := &departments[i]
		wrong.Count += d.FalseOverdue
		hidden.Count += d.HiddenOverdue
		for _, k := range d.Kinds {
			open.Count += k.Open
			past.Count += k.Past
		}
	}
	return []card{open, past, wrong, hidden}
}

func matrixOf(departments []web.DepartmentOverview) matrix {
	m := matrix{Totals: make([]int, len(departments))}
	for _, d := range departments {
		m.Departments = append(m.Departments, d.NamedDepartment)
	}
	for _, kind := range reconcile.Kinds {
		line, stands := matrixLine{Kind: kind}, false
		for i, d := range departments {
			c := cell{Link: listLink(url.Values{"state": {"open"}, "kind": {string(kind)}, "department": {d.Code}})}
			if at := slices.IndexFunc(d.Kinds, func(k web.KindOverview) bool { return k.Kind == kind }); at >= 0 {
				c.Count, c.Past = d.Kinds[at].Open, d.Kinds[at].Past
			}
			stands = stands || c.Count > 0
			line.Cells = append(line.Cells, c)
			line.Total += c.Count
			m.Totals[i] += c.Count
		}
		if stands {
			m.Lines = append(m.Lines, line)
			m.Total += line.Total
		}
	}
	return m
}

// listLink is the list with a filter.
func listLink(q url.Values) string { return "/discrepancies?" + q.Encode() }
