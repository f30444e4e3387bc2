package output

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/doisoat/doisoat/reconcile"
)

// Table writes a run for a person at a terminal: first what matters, then counts
// by kind and by department, the sources, and the first limit discrepancies
// (0: all).
func Table(w io.Writer, r *Run, each Each, limit int) error {
	p := newPrinter(w)
	var all tally
	for _, s := range r.Summary {
		all.add(s.State, s.Effect, s.Count)
	}
	p.headline(r, &all)
	p.warnings(r)
	if all.total() > 0 {
		p.kinds(r, &all)
		p.departments(r)
	}
	p.sources(r)
	if all.total() > 0 {
		p.discrepancies(r, each, limit, all.total())
	}
	return p.err
}

// headline is the result in a sentence or two.
func (p *printer) headline(r *Run, all *tally) {
	of := fmt.Sprintf("%s compared, as of %s (run %d).", plural(r.Compared, "dossier", "dossiers"), clock(r.AsOf, r.Zone), r.ID)
	if all.total() == 0 {
		p.paragraph("", "No discrepancies: both sides say the same. "+of)
	} else {
		parts := []string{plural(all.open, "discrepancy is open", "discrepancies are open")}
		if all.suspected > 0 {
			parts = append(parts, fmt.Sprintf("%s suspected", number(all.suspected)))
		}
		if all.set > 0 {
			parts = append(parts, fmt.Sprintf("%s acknowledged or waived", number(all.set)))
		}
		p.paragraph("", strings.Join(parts, ", ")+"; "+of)
	}
	if all.falsely > 0 || all.hidden > 0 {
		p.paragraph("", fmt.Sprintf("%s a dossier look late or overdue that is not; %s that one is.",
			plural(all.falsely, "makes", "make"), plural(all.hidden, "hides", "hide")))
	}
	if r.NotCovered > 0 {
		p.paragraph("", fmt.Sprintf("%s under departments without a connected office: counted, never flagged as missing.",
			plural(r.NotCovered, "dossier more is", "dossiers more are")))
	}
}

// warnings are what keeps the result from being the whole truth.
func (p *printer) warnings(r *Run) {
	if r.Surge != "" {
		p.paragraph("! ", r.Surge+". A source, a department or a mapping is the likelier fault: look before you write to anybody.")
	}
	for _, s := range r.Sources {
		if s.Reason == "" {
			continue
		}
		held := "nothing was ever read from it"
		if !s.DataAsOf.IsZero() {
			held = fmt.Sprintf("what is known of it was read %s", clock(s.DataAsOf, r.Zone))
		}
		p.paragraph("! ", fmt.Sprintf("%s (%s) %s, %s: %s", s.Name, s.Side, s.State, held, s.Reason))
		if s.Command != "" {
			p.printf("    %s\n", s.Command)
		}
	}
	p.printf("\n")
}

func (p *printer) sources(r *Run) {
	g := &grid{
		header: []string{"SOURCE", "SIDE", "STATE", "DOSSIERS", "REJECTED", "DATA READ AT"}, right: []int{4, 5},
		give: []narrow{{1, 16, true}},
	}
	rejected := false
	for _, s := range r.Sources {
		read := "never"
		if !s.DataAsOf.IsZero() {
			read = clock(s.DataAsOf, r.Zone)
		}
		rejected = rejected || s.Rejected > 0
		g.add(s.Name, s.Side, p.state(s.State), number(s.Records), count(s.Rejected), read)
	}
	p.print(g)
	if rejected && r.Config != "" {
		p.printf("Rejected rows: doisoat snapshot list --rejected --config %s\n", r.Config)
	}
	p.printf("\n")
}

// state paints what needs somebody's attention.
func (p *printer) state(s reconcile.SnapshotState) safe {
	if s == reconcile.SnapshotAccepted {
		return safe(s)
	}
	return p.paint(string(s), text.FgRed)
}

// tally is one line of the table by kind or by department.
type tally struct{ open, suspected, set, falsely, hidden int }

func (t *tally) total() int { return t.open + t.suspected + t.set }

func (t *tally) add(state reconcile.State, effect reconcile.Effect, n int) {
	switch state {
	case reconcile.StateOpen:
		t.open += n
	case reconcile.StateSuspected:
		t.suspected += n
	default:
		t.set += n
	}
	switch effect {
	case reconcile.FalseOverdue:
		t.falsely += n
	case reconcile.HiddenOverdue:
		t.hidden += n
	}
}

func (t *tally) row(name string) []any {
	return []any{name, count(t.open), count(t.suspected), count(t.set), count(t.falsely), count(t.hidden)}
}

func tallyGrid(first string) *grid {
	return &grid{
		header: []string{first, "OPEN", "SUSPECTED", "ACK/WAIVED", "FALSE OVERDUE", "HIDDEN OVERDUE"}, right: []int{2, 3, 4, 5, 6},
		give: []narrow{{1, 16, true}},
	}
}

func (p *printer) kinds(r *Run, all *tally) {
	counts := map[reconcile.Kind]*tally{}
	for _, s := range r.Summary {
		if counts[s.Kind] == nil {
			counts[s.Kind] = &tally{}
		}
		counts[s.Kind].add(s.State, s.Effect, s.Count)
	}
	g := tallyGrid("DISCREPANCY")
	for _, kind := range reconcile.Kinds {
		if c := counts[kind]; c != nil {
			g.add(c.row(string(kind))...)
		}
	}
	g.footer = all.row("total")
	p.print(g)
	p.printf("\n")
}

func (p *printer) departments(r *Run) {
	counts := map[string]*tally{}
	var order []string
	for _, s := range r.Summary {
		if counts[s.Department] == nil {
			counts[s.Department] = &tally{}
			order = append(order, s.Department)
		}
		counts[s.Department].add(s.State, s.Effect, s.Count)
	}
	g := tallyGrid("DEPARTMENT")
	for _, name := range inOrder(r.Departments, order) {
		if c := counts[name]; c != nil {
			g.add(c.row(orNone(name))...)
		}
	}
	p.print(g)
	p.printf("\n")
}

// inOrder is the known names first, in their order, then the others.
func inOrder(known, found []string) []string {
	out := append([]string(nil), known...)
	have := map[string]bool{}
	for _, name := range known {
		have[name] = true
	}
	for _, name := range found {
		if !have[name] {
			have[name] = true
			out = append(out, name)
		}
	}
	return out
}
