package app

import (
	"context"
	"slices"
	"time"

	"github.com/doisoat/doisoat/adapter/metrics"
	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// picture is how everything stands, drawn from the store whenever something
// changes there, whichever process did it. Metrics and status are shown from it.
type picture struct {
	revision  string
	drawnAt   time.Time
	accepted  map[string]reconcile.Snapshot // newest accepted poll
	attempted map[string]reconcile.Snapshot // newest poll, whatever became of it
	last      map[string]reconcile.Snapshot // newest accepted snapshot, re-reads among them
	full      map[string]reconcile.Snapshot // newest accepted full one
	failing   map[string]time.Time          // since when no poll was accepted, of sources whose newest was not
	held      []reconcile.Snapshot
	heldRuns  []store.Run
	runs      map[store.RunKind]*store.Run
	newest    *store.Run // of any kind
	standing  []store.Standing
	effects   []store.EffectCount
	totals    []store.Totals
	dossiers  map[string]map[reconcile.Status]int
	dataAt    map[string]time.Time
	outbox    []store.OutboxCount
	unmapped  map[string]map[string]int // status values that mappings lack, by source
}

// How often the store is asked whether something changed, and the picture drawn
// anew though nothing did, since time alone makes an open discrepancy a late one.
const (
	askRevision = time.Second
	drawAnyhow  = time.Minute
)

// drawSoon has the picture drawn without waiting for the next look.
func (d *Daemon) drawSoon() {
	select {
	case d.stale <- struct{}{}:
	default: // it is to be drawn already
	}
}

// keepPicture draws the picture whenever something changed.
func (d *Daemon) keepPicture(ctx context.Context) error {
	ticker := time.NewTicker(askRevision)
	defer ticker.Stop()
	fault := ""
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.stale:
		case <-ticker.C:
			if !d.outdated(ctx) {
				continue
			}
		}
		err := d.draw(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && err.Error() != fault:
			fault = err.Error()
			d.log.WithError(err).Error("the store cannot be read; metrics and status keep their last values")
		case err == nil:
			fault = ""
		}
	}
}

func (d *Daemon) outdated(ctx context.Context) bool {
	p := d.picture.Load()
	if p == nil || d.now().Sub(p.drawnAt).Abs() > drawAnyhow {
		return true
	}
	revision, err := d.store.Revision(ctx)
	return err != nil || revision != p.revision
}

// draw reads how everything stands.
func (d *Daemon) draw(ctx context.Context) error {
	app, done := d.current.take()
	defer done()
	p := &picture{drawnAt: d.now(), runs: map[store.RunKind]*store.Run{}}
	var err error
	read := func(do func() error) {
		if err == nil {
			err = do()
		}
	}
	// First, so that what changes meanwhile is drawn next time.
	read(func() error { p.revision, err = d.store.Revision(ctx); return err })
	read(func() error { p.accepted, p.attempted, err = d.store.Polled(ctx); return err })
	read(func() error { p.failing, err = d.failingSince(ctx, p); return err })
	read(func() error { p.last, p.full, err = d.store.Accepted(ctx); return err })
	read(func() error { p.held, err = d.store.HeldSnapshots(ctx); return err })
	read(func() error { p.heldRuns, err = d.store.HeldRuns(ctx); return err })
	read(func() error { p.newest, err = d.store.LastRun(ctx); return err })
	for _, kind := range store.RunKinds {
		read(func() error { p.runs[kind], err = d.store.LastRunOf(ctx, kind); return err })
	}
	read(func() error {
		p.standing, err = d.store.CountStanding(ctx, app.Calendar.Back(d.asOf(), app.Config.Rules.Correction))
		return err
	})
	read(func() error { p.effects, err = d.store.CountEffects(ctx); return err })
	read(func() error { p.totals, err = d.store.Totals(ctx); return err })
	read(func() error { p.dossiers, err = d.store.DossierCounts(ctx); return err })
	read(func() error { p.dataAt, err = d.store.DataAt(ctx); return err })
	read(func() error { p.outbox, err = d.store.OutboxCounts(ctx); return err })
	read(func() error { p.unmapped, err = app.unmappedStatuses(ctx, p.dossiers); return err })
	if err != nil {
		return err
	}
	d.picture.Store(p)
	d.metrics.Set(d.metricsState(app, p))
	return nil
}

// failingLook is how many polls are looked back at for the first that failed.
const failingLook = 100

// failingSince tells of each source whose newest poll was not accepted when the
// first of those in a row began that were not.
func (d *Daemon) failingSince(ctx context.Context, p *picture) (map[string]time.Time, error) {
	since := map[string]time.Time{}
	before := d.picture.Load()
	for name, newest := range p.attempted {
		if newest.State == reconcile.SnapshotAccepted {
			continue
		}
		since[name] = newest.StartedAt
		if before != nil && before.accepted[name].ID == p.accepted[name].ID && !before.failing[name].IsZero() {
			since[name] = before.failing[name] // it still is the same row of failures
			continue
		}
		list, err := d.store.ListSnapshots(ctx, name, failingLook)
		if err != nil {
			return nil, err
		}
		for i := range list { // newest first
			if list[i].Mode != reconcile.Reread && list[i].ID > p.accepted[name].ID {
				since[name] = list[i].StartedAt
			}
		}
	}
	return since, nil
}

// metricsConfig is what of the configuration becomes label values.
func metricsConfig(a *App) metrics.Config {
	var c metrics.Config
	for _, department := range a.Config.Departments {
		c.Departments = append(c.Departments, department.Code)
	}
	c.Channels = a.channels()
	for _, src := range a.sources {
		c.Sources = append(c.Sources, metrics.Source{
			Name: src.Name, Side: src.Side, Protocol: src.Protocol(), Departments: src.Departments, Incremental: src.since,
			Interval: src.Poll.Every, MaxDataAge: src.Poll.MaxDataAge,
		})
	}
	return c
}

// metricsState shows the picture as metrics.
func (d *Daemon) metricsState(app *App, p *picture) *metrics.State {
	s := &metrics.State{
		Discrepancies: map[metrics.Standing]int{}, Effects: map[metrics.DepartmentEffect]int{}, PastCorrection: map[metrics.KindIn]int{},
		Oldest: map[metrics.KindIn]time.Time{}, Totals: map[metrics.KindIn]metrics.Totals{}, Dossiers: map[metrics.SourceStatus]int{},
		Sources: map[string]metrics.SourceState{}, Runs: map[metrics.Run]metrics.RunState{}, RunsHeld: len(p.heldRuns),
		Outbox: map[string]metrics.OutboxState{},
	}
	for _, o := range p.outbox {
		state := metrics.OutboxState{Pending: o.Pending, Dead: o.Dead}
		if !o.OldestPending.IsZero() {
			state.OldestPending = app.mayLeave(o.OldestPending) // over a weekend nothing is late
		}
		s.Outbox[o.Department] = state
	}
	for _, row := range p.standing {
		in, state := metrics.KindIn{Kind: row.Kind, Department: row.Department}, row.State
		if row.Unstable {
			state = metrics.StateUnstable
		}
		s.Discrepancies[metrics.Standing{Kind: row.Kind, Department: row.Department, State: state}] += row.Count
		if row.State == reconcile.StateOpen {
			s.PastCorrection[in] += row.Past
			oldest := time.UnixMilli(row.Oldest)
			if was, ok := s.Oldest[in]; !ok || oldest.Before(was) {
				s.Oldest[in] = oldest
			}
		}
	}
	for _, e := range p.effects {
		s.Effects[metrics.DepartmentEffect{Effect: e.Effect, Department: e.Department}] = e.Dossiers
	}
	for _, t := range p.totals {
		s.Totals[metrics.KindIn{Kind: t.Kind, Department: t.Department}] = metrics.Totals{Opened: t.Opened, Resolved: t.Resolved, Reopened: t.Reopened}
	}
	for source, statuses := range p.dossiers {
		for status, n := range statuses {
			s.Dossiers[metrics.SourceStatus{Source: source, Status: status}] = n
		}
	}
	if p.newest != nil {
		s.Compared, s.Uncovered = p.newest.Summary.Compared, p.newest.Summary.NotCovered
	}
	for _, src := range app.sources {
		s.Sources[src.Name] = p.sourceState(app, src)
	}
	for kind, run := range p.runs {
		s.Runs[metrics.Run(kind)] = d.runState(app, kind, run)
	}
	return s
}

func (p *picture) sourceState(app *App, src *source) metrics.SourceState {
	attempted, accepted := p.attempted[src.Name], p.accepted[src.Name]
	state := metrics.SourceState{
		Up: attempted.State == reconcile.SnapshotAccepted, LastAttempt: attempted.StartedAt, LastSuccess: accepted.StartedAt,
		LastComplete: p.full[src.Name].StartedAt, DataAt: p.dataAt[src.Name], Records: p.last[src.Name].Records,
		Unmapped: map[string]int{"status": p.dossiers[src.Name][""], "department": p.unknownDepartments(app, src)},
	}
	for i := range p.held {
		if p.held[i].Source == src.Name {
			state.SnapshotHeld++
		}
	}
	return state
}

// unknownDepartments counts the rows of a source whose department nobody configured.
func (p *picture) unknownDepartments(app *App, src *source) int {
	n := 0
	for code, rows := range p.last[src.Name].Departments {
		if !app.isDepartment(code) {
			n += rows
		}
	}
	return n
}

func (a *App) isDepartment(code string) bool {
	for _, d := range a.Config.Departments {
		if d.Code == code {
			return true
		}
	}
	return false
}

// runState is how the runs of one kind stand.
func (d *Daemon) runState(app *App, kind store.RunKind, run *store.Run) metrics.RunState {
	var state metrics.RunState
	underWay := map[store.RunKind]int64{store.RunNightly: d.nightlyOn.Load(), store.RunIncremental: d.runOn.Load()}[kind]
	if run != nil {
		covered := 0
		for _, department := range app.Config.Departments {
			if slices.ContainsFunc(app.sources, func(s *source) bool { return slices.Contains(s.Departments, department.Code) }) {
				covered++
			}
		}
		state = metrics.RunState{
			LastStart: run.StartedAt, LastSuccess: run.EndedAt, Skipped: len(run.Summary.Skipped), Compared: max(0, covered-len(run.Summary.Skipped)),
			Took: map[metrics.Phase]time.Duration{
				metrics.PhasePoll:    time.Duration(run.Summary.PollSeconds * float64(time.Second)),
				metrics.PhaseCompare: time.Duration(run.Summary.CompareSeconds * float64(time.Second)),
			},
		}
	}
	if underWay > 0 {
		state.InProgress, state.LastStart = true, time.UnixMilli(underWay)
	}
	if kind == store.RunNightly {
		state.Next = d.schedule.NextNightly(d.now())
	}
	return state
}
