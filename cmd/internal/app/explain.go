package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/mappings"
	"github.com/doisoat/doisoat/reconcile"
	"github.com/doisoat/doisoat/reconcile/calendar"
)

// Explanation is all a person needs to verify a verdict by hand.
type Explanation struct {
	Code       string
	Codes      []string // all codes of the dossier, where aliases join several
	AsOf       time.Time
	KnownAt    time.Time // zero: as it is known now
	Rows       []ExplainedRow
	Versions   []ExplainedVersion
	Rejected   []RejectedRow // rows of this dossier that could not be taken in
	Outcome    reconcile.Outcome
	Steps      []reconcile.Step
	Arithmetic []Arithmetic // one a finding
	// Uncovered are years touched by the arithmetic whose holidays the calendar
	// does not know.
	Uncovered     []int
	Discrepancies []ExplainedDiscrepancy
	Snapshots     []reconcile.Snapshot // last accepted polls of the sources involved
	// Live is what the sources say right now; only where it was asked for.
	Live []LiveReading
}

// ExplainedRow is a row as it came and as the mapping understands it.
type ExplainedRow struct {
	Source string
	Raw    []RawValue
	Record reconcile.Record
}

// RawValue is one mapped field as the source wrote it.
type RawValue struct{ Input, Value string }

// ExplainedVersion is a row as it once was.
type ExplainedVersion struct {
	ExplainedRow
	SeenFrom, SeenUntil time.Time
	Gone                bool
}

// RejectedRow is a rejected row with its source.
type RejectedRow struct {
	Source string
	reconcile.Rejected
}

// Arithmetic is the grace of a finding, day by day.
type Arithmetic struct {
	Finding   reconcile.Finding
	Grace     reconcile.Grace
	Stretches []calendar.Stretch
}

// ExplainedDiscrepancy is what is kept of a discrepancy, with its life.
type ExplainedDiscrepancy struct {
	reconcile.Discrepancy
	Events []reconcile.Event
}

// Explain tells everything about one dossier at asOf, from what is stored; as it
// was known at a past moment of polling where knownAt is not zero. The error is
// store.ErrNotFound where nothing is known of the code.
func (a *App) Explain(ctx context.Context, code string, asOf, knownAt time.Time) (*Explanation, error) {
	e := &Explanation{Code: mappings.CanonicalCode(code), AsOf: asOf}
	e.Outcome.Deadline = reconcile.Deadline{Effect: reconcile.EffectNone, DueFrom: reconcile.DueFromNowhere} // where only a rejected row is known
	// What is stored counts as read just now: explain shows the last run's view.
	fresh := map[string]bool{}
	for name := range a.byName {
		fresh[name] = true
	}
	known, err := a.recall(ctx)
	if err != nil {
		return nil, err
	}
	rules := a.rulesOf(known.polled, known.full, asOf, trustThese(fresh))
	stored, err := a.dossiers(ctx, known, e.Code)
	if err != nil {
		return nil, err
	}
	if err := a.explainRejected(ctx, known, e); err != nil {
		return nil, err
	}
	if !knownAt.IsZero() {
		e.KnownAt, e.Rejected = knownAt, nil
		stored = asKnownAt(stored, knownAt)
	}
	if len(stored) == 0 && len(e.Rejected) == 0 {
		return nil, fmt.Errorf("dossier %s: %w: no source has it, none ever had", e.Code, store.ErrNotFound)
	}
	t := a.translator(&rules.Coverage, known.reader.Layouts)
	a.explainRows(e, t, stored)
	if len(stored) > 0 {
		e.Outcome, e.Steps = rules.Explain(t.dossierOf(stored...))
	}
	a.explainGrace(e, rules)
	return e, a.explainKept(ctx, known, e, stored)
}

// dossiers is what is stored under a code and whatever aliases join to it.
func (a *App) dossiers(ctx context.Context, known *recalled, code string) ([]*store.Dossier, error) {
	keys := known.aliases.expand([]store.Key{store.KeyOf(code)})
	list, err := known.reader.ReadKeys(ctx, keys, func(store.Key) bool { return true })
	if err != nil {
		return nil, err
	}
	var stored []*store.Dossier
	for i := range list {
		if list[i].Code == code || len(keys) > 1 {
			stored = append(stored, &list[i])
		}
	}
	return stored, nil
}

func (a *App) explainRows(e *Explanation, t *translator, stored []*store.Dossier) {
	explained := func(src *source, row *store.StoredRow) ExplainedRow {
		x := ExplainedRow{Source: src.Name}
		for i, value := range t.values(src, row) {
			x.Raw = append(x.Raw, RawValue{src.inputs[i], value})
		}
		t.record(src, row, &x.Record)
		return x
	}
	for _, src := range a.sources { // in the order of the configuration, the platform first
		for _, d := range stored {
			for i := range d.Rows {
				if d.Rows[i].Source == src.Name {
					e.Rows = append(e.Rows, explained(src, &d.Rows[i]))
				}
			}
		}
	}
	for _, d := range stored {
		if !slices.Contains(e.Codes, d.Code) {
			e.Codes = append(e.Codes, d.Code)
		}
		for i := range d.Versions {
			v := &d.Versions[i]
			if src := a.byName[v.Source]; src != nil {
				e.Versions = append(e.Versions, ExplainedVersion{
					ExplainedRow: explained(src, &v.StoredRow), SeenFrom: moment(v.SeenFrom), SeenUntil: moment(v.SeenUntil), Gone: v.Gone,
				})
			}
		}
	}
}

func (a *App) explainGrace(e *Explanation, rules *reconcile.Rules) {
	for _, f := range e.Outcome.Findings {
		since := f.Since
		if since.IsZero() {
			since = e.AsOf
		}
		item := Arithmetic{Finding: f, Grace: rules.GraceFor(f.Kind, since)}
		if item.Grace.Allowed > 0 {
			until := item.Grace.EndsAt
			if until.After(e.AsOf) {
				until = e.AsOf
			}
			item.Stretches = a.Calendar.Stretches(since, until)
			for _, year := range a.Calendar.Uncovered(since, item.Grace.EndsAt) {
				if !slices.Contains(e.Uncovered, year) {
					e.Uncovered = append(e.Uncovered, year)
				}
			}
		}
		e.Arithmetic = append(e.Arithmetic, item)
	}
}

// explainKept adds what is kept of the dossier's discrepancies, and the
// snapshots its rows stand in.
func (a *App) explainKept(ctx context.Context, known *recalled, e *Explanation, stored []*store.Dossier) error {
	for _, d := range stored {
		for _, kept := range d.Discrepancies {
			events, err := a.Store.ListEvents(ctx, kept.ID)
			if err != nil {
				return err
			}
			e.Discrepancies = append(e.Discrepancies, ExplainedDiscrepancy{kept, events})
		}
	}
	involved := func(src *source) bool {
		return src.Side == reconcile.Platform || slices.Contains(src.Departments, e.Outcome.Department) ||
			slices.ContainsFunc(e.Rows, func(r ExplainedRow) bool { return r.Source == src.Name })
	}
	for _, src := range a.sources {
		// A look at single dossiers is no snapshot of a source.
		if snap, ok := known.polled[src.Name]; ok && involved(src) {
			e.Snapshots = append(e.Snapshots, snap)
		}
	}
	return nil
}

// explainRejected looks for rows of this dossier that were rejected: in what is
// held of each source, and in its newest snapshot.
func (a *App) explainRejected(ctx context.Context, known *recalled, e *Explanation) error {
	for _, src := range a.sources {
		seen := map[int64]bool{}
		for _, snap := range []reconcile.Snapshot{known.newest[src.Name], known.last[src.Name], known.full[src.Name]} {
			if seen[snap.ID] || snap.Rejected == 0 {
				continue
			}
			seen[snap.ID] = true
			rows, err := a.Store.ListRejectedOf(ctx, snap.ID, e.Code)
			if err != nil {
				return err
			}
			for _, r := range rows {
				e.Rejected = append(e.Rejected, RejectedRow{src.Name, r})
			}
		}
	}
	return nil
}
