package app

import (
	"context"
	"sync"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// Report is a period's table by both accounts.
type Report struct {
	From, To time.Time // days; To is the last one
	AsOf     time.Time
	Rows     []ReportRow // in the order of the configuration; departments found only in the data last
	Total    reconcile.TallyRow
	Sources  []reconcile.Snapshot // the last accepted of each source that has one
	// Unread are the sources of which nothing was ever accepted.
	Unread []string
}

// ReportRow is one department's line.
type ReportRow struct {
	Department, Name string
	reconcile.TallyRow
}

// Report counts what is stored: dossiers received from the day from to the day
// to, both included, as they stand at asOf.
func (a *App) Report(ctx context.Context, from, to, asOf time.Time) (*Report, error) {
	rules, err := a.Rules(ctx, asOf, TrustNobody)
	if err != nil {
		return nil, err
	}
	last, _, err := a.Store.Accepted(ctx)
	if err != nil {
		return nil, err
	}
	r := &Report{From: from, To: to, AsOf: asOf}
	for _, src := range a.sources {
		if snap, ok := last[src.Name]; ok {
			r.Sources = append(r.Sources, snap)
		} else {
			r.Unread = append(r.Unread, src.Name)
		}
	}
	tally := reconcile.NewTally(from, to.AddDate(0, 0, 1))
	var lock sync.Mutex
	err = a.eachOutcome(ctx, rules, func() (func(*reconcile.Outcome), func()) {
		part := reconcile.NewTally(from, to.AddDate(0, 0, 1))
		return part.Add, func() {
			lock.Lock()
			defer lock.Unlock()
			tally.Merge(part)
		}
	})
	if err != nil {
		return nil, err
	}
	a.arrange(r, tally.Rows())
	return r, nil
}

// arrange puts the rows in the order of the configuration.
func (a *App) arrange(r *Report, rows map[string]reconcile.TallyRow) {
	add := func(code, name string) {
		row := rows[code]
		delete(rows, code)
		r.Rows = append(r.Rows, ReportRow{Department: code, Name: name, TallyRow: row})
		r.Total.Reported.Add(row.Reported)
		r.Total.Verified.Add(row.Verified)
		r.Total.UnknownDue += row.UnknownDue
		r.Total.UnknownEnd += row.UnknownEnd
	}
	for _, d := range a.Config.Departments {
		add(d.Code, d.Name)
	}
	for _, code := range sortedKeys(rows) {
		name := code
		if code == "" {
			name = "(no department)"
		}
		add(code, name)
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
