package app

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// Report is a period's report by both accounts.
type Report struct {
	From, To time.Time // days; To is the last one
	AsOf     time.Time
	By       reconcile.By
	Rows     []ReportRow // departments in the order of the configuration, fields by name; what only the data name last
	Total    ReportRow
	Findings reconcile.Findings
	Sources  []reconcile.Snapshot // the last accepted of each source that has one
	// Unread are the sources of which nothing was ever accepted.
	Unread []string
	// Differing are the dossiers that the accounts put into different columns, by row
	// and code; only where they were asked for.
	Differing []Differing
}

// ReportRow is one department's line, or one field's.
type ReportRow struct {
	Department, Name string
	reconcile.TallyRow
	Form reconcile.FormRow
}

// Differing is a dossier that the accounts put into different columns of the table.
type Differing struct {
	Row, Code          string
	Reported, Verified reconcile.Column
	Effect             reconcile.Effect
	Kind               reconcile.Kind // of the first finding; "" where there is none
}

// ReportOptions choose a report.
type ReportOptions struct {
	From, To time.Time // days, both included
	AsOf     time.Time
	By       reconcile.By // "" is by department
	// Differing has the dossiers behind the differences gathered, too.
	Differing bool
}

// Report counts what is stored: dossiers received in the period, as they stand at
// AsOf.
func (a *App) Report(ctx context.Context, o ReportOptions) (*Report, error) {
	if o.By == "" {
		o.By = reconcile.ByDepartment
	}
	rules, err := a.Rules(ctx, o.AsOf, TrustNobody)
	if err != nil {
		return nil, err
	}
	last, _, err := a.Store.Accepted(ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{From: o.From, To: o.To, AsOf: o.AsOf, By: o.By}
	for _, src := range a.sources {
		if snap, ok := last[src.Name]; ok {
			r.Sources = append(r.Sources, snap)
		} else {
			r.Unread = append(r.Unread, src.Name)
		}
	}
	all := newCount(rules, o)
	var lock sync.Mutex
	err = a.eachOutcome(ctx, rules, func() (func(*reconcile.Outcome), func()) {
		part := newCount(rules, o)
		return part.add, func() {
			lock.Lock()
			defer lock.Unlock()
			all.merge(part)
		}
	})
	if err != nil {
		return nil, err
	}
	r.Findings = all.survey.Findings()
	r.Differing = all.differing
	slices.SortFunc(r.Differing, func(a, b Differing) int { return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Code, b.Code)) })
	a.arrange(r, all.tally.Rows(), all.form.Rows())
	return r, nil
}

// count is everything that a report counts.
type count struct {
	tally     *reconcile.Tally
	form      *reconcile.Form
	survey    *reconcile.Survey
	cells     *reconcile.Cells // nil where nobody asks for dossiers
	differing []Differing
}

func newCount(rules *reconcile.Rules, o ReportOptions) *count {
	end := o.To.AddDate(0, 0, 1)
	c := &count{
		tally: reconcile.NewTallyBy(o.By, o.From, end), form: reconcile.NewForm(rules, o.By, o.From, end), survey: reconcile.NewSurvey(rules, o.From, end),
	}
	if o.Differing {
		c.cells = reconcile.NewCells(rules, o.By, o.From, end)
	}
	return c
}

func (c *count) add(out *reconcile.Outcome) {
	c.tally.Add(out)
	c.form.Add(out)
	c.survey.Add(out)
	if c.cells == nil {
		return
	}
	reported, verified := c.cells.Of(out, reconcile.AccountReported).Table, c.cells.Of(out, reconcile.AccountVerified).Table
	if reported != verified {
		d := Differing{Row: c.cells.Row(out), Code: out.Code, Reported: reported, Verified: verified, Effect: out.Deadline.Effect}
		if len(out.Findings) > 0 {
			d.Kind = out.Findings[0].Kind
		}
		c.differing = append(c.differing, d)
	}
}

func (c *count) merge(o *count) {
	c.tally.Merge(o.tally)
	c.form.Merge(o.form)
	c.survey.Merge(o.survey)
	c.differing = append(c.differing, o.differing...)
}

// arrange puts the rows in order: departments as configured, then what only the data
// name.
func (a *App) arrange(r *Report, rows map[string]reconcile.TallyRow, forms map[string]reconcile.FormRow) {
	add := func(key, name string) {
		row := ReportRow{Department: key, Name: name, TallyRow: rows[key], Form: forms[key]}
		delete(rows, key)
		delete(forms, key)
		r.Rows = append(r.Rows, row)
		r.Total.TallyRow.Add(row.TallyRow)
		r.Total.Form.Add(row.Form)
	}
	none := "(no department)"
	if r.By == reconcile.ByField {
		none = "(no field)"
	} else {
		for _, d := range a.Config.Departments {
			add(d.Code, d.Name)
		}
	}
	for key := range forms { // carried over, nothing received
		if _, ok := rows[key]; !ok {
			rows[key] = reconcile.TallyRow{}
		}
	}
	for _, key := range sortedKeys(rows) {
		name := key
		if key == "" {
			name = none
		}
		add(key, name)
	}
}

// eachOutcome compares every stored dossier without keeping anything. worker is
// called once a goroutine and gives what takes its outcomes and what ends it.
func (a *App) eachOutcome(ctx context.Context, rules *reconcile.Rules, worker func() (take func(*reconcile.Outcome), end func())) error {
	reader, err := a.Store.NewReader(ctx)
	if err != nil {
		return err
	}
	pairs, err := a.Store.Aliases(ctx)
	if err != nil {
		return err
	}
	joined := joinAliases(pairs)
	bits := reader.Bits()
	err = inParallel(ctx, 1<<bits, func() (func(context.Context, int) error, func()) {
		take, end := worker()
		t := a.translator(&rules.Coverage, reader.Layouts)
		return func(ctx context.Context, n int) error {
			dossiers, err := reader.ReadRange(ctx, n, bits)
			for i := range dossiers {
				if !joined.joins(dossiers[i].Key) {
					out := rules.Compare(t.dossierOf(&dossiers[i]))
					take(&out)
				}
			}
			return err
		}, end
	})
	if err != nil {
		return err
	}
	take, end := worker()
	defer end()
	t := a.translator(&rules.Coverage, reader.Layouts)
	for _, group := range joined.groups {
		dossiers, err := reader.ReadKeys(ctx, group, joined.joins)
		if err != nil {
			return err
		}
		stored := make([]*store.Dossier, len(dossiers))
		for i := range dossiers {
			stored[i] = &dossiers[i]
		}
		out := rules.Compare(t.dossierOf(stored...))
		take(&out)
	}
	return nil
}
