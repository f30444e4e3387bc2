package output

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

// Width is what tables are made to fit.
const Width = 100

// errEnough ends a listing early.
var errEnough = errors.New("enough")

// Table writes a run for a person at a terminal of 100 columns: sources, counts
// by kind and by department, and the first limit discrepancies (0: all).
func Table(w io.Writer, r *Run, each Each, limit int) error {
	p := &printer{w: w, colours: Terminal(w)}
	p.printf("As of %s, run %d: %s dossiers compared, %s under departments without a connected office.\n\n",
		day(r.AsOf, r.Zone, true), r.ID, number(r.Compared), number(r.NotCovered))
	p.sources(r)
	p.kinds(r)
	p.departments(r)
	if r.Surge != "" {
		p.printf("%s %s. A source, a department or a mapping is the likelier fault; look before you write to anybody.\n\n",
			p.paint("ATTENTION:", text.FgRed), r.Surge)
	}
	p.discrepancies(r, each, limit)
	return p.err
}

// Terminal reports whether w is a terminal; only there are colours and bars shown.
func Terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == ""
}

// printer keeps the first error, so that tables read as a list of lines.
type printer struct {
	w       io.Writer
	colours bool
	err     error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

func (p *printer) paint(s string, c text.Color) string {
	if !p.colours {
		return s
	}
	return c.Sprint(s)
}

func (p *printer) table(header table.Row, right ...int) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Format.Header = text.FormatDefault
	style.Box.PaddingLeft, style.Box.PaddingRight = "", "  "
	t.SetStyle(style)
	t.SuppressTrailingSpaces()
	t.AppendHeader(header)
	var columns []table.ColumnConfig
	for _, n := range right {
		columns = append(columns, table.ColumnConfig{Number: n, Align: text.AlignRight, AlignHeader: text.AlignRight, AlignFooter: text.AlignRight})
	}
	t.SetColumnConfigs(columns)
	return t
}

func (p *printer) sources(r *Run) {
	t := p.table(table.Row{"SOURCE", "SIDE", "STATE", "RECORDS", "REJECTED", "DATA READ AT"}, 4, 5)
	for _, s := range r.Sources {
		state := string(s.State)
		if s.State != reconcile.SnapshotAccepted {
			state = p.paint(state, text.FgRed)
		}
		read := "never"
		if !s.DataAsOf.IsZero() {
			read = day(s.DataAsOf, r.Zone, true)
		}
		t.AppendRow(table.Row{s.Name, s.Side, state, number(s.Records), number(s.Rejected), read})
	}
	p.printf("%s\n", t.Render())
	for _, s := range r.Sources {
		if s.Reason != "" {
			p.printf("%s\n", text.WrapSoft(fmt.Sprintf("! %s: %s", s.Name, s.Reason), Width))
		}
	}
	p.printf("\n")
}

// kindCounts is one line of the table by kind or by department.
type kindCounts struct {
	open, suspected, set, falsely, hidden int
}

func (k *kindCounts) add(state reconcile.State, effect reconcile.Effect, n int) {
	switch state {
	case reconcile.StateOpen:
		k.open += n
	case reconcile.StateSuspected:
		k.suspected += n
	default:
		k.set += n
	}
	switch effect {
	case reconcile.FalseOverdue:
		k.falsely += n
	case reconcile.HiddenOverdue:
		k.hidden += n
	}
}

func (k *kindCounts) row(name string) table.Row {
	return table.Row{name, count(k.open), count(k.suspected), count(k.set), count(k.falsely), count(k.hidden)}
}

func countHeader(first string) table.Row {
	return table.Row{first, "OPEN", "SUSPECTED", "ACK/WAIVED", "FALSE OVERDUE", "HIDDEN OVERDUE"}
}

func (p *printer) kinds(r *Run) {
	counts := map[reconcile.Kind]*kindCounts{}
	var total kindCounts
	for _, s := range r.Summary {
		if counts[s.Kind] == nil {
			counts[s.Kind] = &kindCounts{}
		}
		counts[s.Kind].add(s.State, s.Effect, s.Count)
		total.add(s.State, s.Effect, s.Count)
	}
	t := p.table(countHeader("DISCREPANCY"), 2, 3, 4, 5, 6)
	for _, kind := range reconcile.Kinds {
		if c := counts[kind]; c != nil {
			t.AppendRow(c.row(string(kind)))
		}
	}
	t.AppendFooter(total.row("total"))
	p.printf("%s\n\n", t.Render())
}

func (p *printer) departments(r *Run) {
	counts := map[string]*kindCounts{}
	var order []string
	for _, s := range r.Summary {
		if counts[s.Department] == nil {
			counts[s.Department] = &kindCounts{}
			order = append(order, s.Department)
		}
		counts[s.Department].add(s.State, s.Effect, s.Count)
	}
	t := p.table(countHeader("DEPARTMENT"), 2, 3, 4, 5, 6)
	for _, name := range inOrder(r.Departments, order) {
		if c := counts[name]; c != nil {
			t.AppendRow(c.row(orNone(name)))
		}
	}
	if len(order) > 0 {
		p.printf("%s\n\n", t.Render())
	}
}

func (p *printer) discrepancies(r *Run, each Each, limit int) {
	total := 0
	for _, s := range r.Summary {
		total += s.Count
	}
	if total == 0 {
		p.printf("No discrepancies: both sides say the same of every dossier.\n")
		return
	}
	n := p.list(r.Zone, each, limit)
	if n < total {
		p.printf("… and %s more; --limit 0 shows all, --format xlsx, csv or json writes them to a file.\n", number(total-n))
	}
	p.printf("Why is one on the list? doisoat explain --config FILE CODE\n")
}

// ListTable writes the first limit discrepancies (0: all), with their ids.
func ListTable(w io.Writer, zone *time.Location, each Each, limit int) error {
	p := &printer{w: w, colours: Terminal(w)}
	if n := p.list(zone, each, limit); n == limit && limit > 0 {
		p.printf("The first %s are shown; --limit 0 shows all, --format xlsx, csv or json writes them to a file.\n", number(n))
	}
	return p.err
}

// list prints discrepancies and tells how many.
func (p *printer) list(zone *time.Location, each Each, limit int) int {
	t := p.table(table.Row{"ID", "CODE", "DISCREPANCY", "DEPT", "STATE", "SINCE"})
	n := 0
	err := each(func(l *app.Listed) error {
		if limit > 0 && n == limit {
			return errEnough
		}
		n++
		t.AppendRow(table.Row{l.ID, l.Code, l.Kind, orNone(l.Department), l.State, day(l.Since, zone, false)})
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		p.err = errors.Join(p.err, err)
		return n
	}
	if n == 0 {
		p.printf("No discrepancies of this choice.\n")
		return 0
	}
	p.printf("%s\n", t.Render())
	return n
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

func orNone(department string) string {
	if department == "" {
		return "(none)"
	}
	return department
}

// count is a number in a table that is mostly empty.
func count(n int) string {
	if n == 0 {
		return "-"
	}
	return number(n)
}

// number groups thousands by commas, as operators read it.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// day writes a moment as the field does, day first.
func day(t time.Time, zone *time.Location, clock bool) string {
	switch {
	case t.IsZero():
		return "-"
	case clock:
		return t.In(zone).Format("02/01/2006 15:04")
	}
	return t.In(zone).Format("02/01/2006")
}
