package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/reconcile"
)

// Status implements web.StatusBackend.
func (b backend) Status(ctx context.Context) (*web.Status, error) {
	app, done := b.current.take()
	defer done()
	p, zone, loaded := b.picture.Load(), app.Config.Zone, b.reloaded.Load()
	version, _, err := b.store.SchemaVersion(ctx)
	if err != nil {
		return nil, err
	}
	s := &web.Status{
		Version: b.o.Version, Instance: b.instance, StartedAt: web.Stamp(b.startedAt, zone), Ready: b.ready.Load(),
		Store:    web.StoreStatus{Kind: b.store.Kind(), SchemaVersion: version},
		Config:   web.ConfigStatus{File: b.o.ConfigFile, LoadedAt: web.Stamp(loaded.at, zone), ReloadOK: loaded.ok},
		LastRuns: []web.Run{}, InProgress: b.inProgress(zone), NextNightlyAt: web.Stamp(b.schedule.NextNightly(b.now()), zone),
		Counts: countsOf(p.standing), Guards: guardsOf(app, p), Jobs: []web.JobCount{}, Warnings: app.warnings(b.now()),
	}
	if loaded.err != nil {
		s.Config.ReloadError = loaded.err.Error()
	}
	for _, kind := range store.RunKinds {
		if run := p.runs[kind]; run != nil {
			s.LastRuns = append(s.LastRuns, wireRun(kind, run, zone))
		}
	}
	counts, err := b.queue.Pending(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range counts {
		s.Jobs = append(s.Jobs, web.JobCount{Kind: c.Kind, State: c.State, Count: c.Jobs})
	}
	return s, nil
}

// wireRun is a run as the API and the pages show it.
func wireRun(kind store.RunKind, run *store.Run, zone *time.Location) web.Run {
	return web.Run{
		Kind: web.RunKind(kind), ID: run.ID, StartedAt: web.Stamp(run.StartedAt, zone), EndedAt: web.Stamp(run.EndedAt, zone),
		AsOf: web.Stamp(run.AsOf, zone), Full: run.Summary.Full, Examined: run.Summary.Examined, Opened: run.Summary.Opened,
		Resolved: run.Summary.Resolved, Reopened: run.Summary.Reopened, Compared: run.Summary.ComparedTotal(), Skipped: orNone(run.Summary.Skipped),
	}
}

// inProgress are the runs under way in this process.
func (d *Daemon) inProgress(zone *time.Location) []web.RunningRun {
	list := []web.RunningRun{}
	for _, run := range []struct {
		kind  web.RunKind
		since int64
	}{{web.RunNightly, d.nightlyOn.Load()}, {web.RunIncremental, d.runOn.Load()}} {
		if run.since > 0 {
			list = append(list, web.RunningRun{Kind: run.kind, StartedAt: web.Stamp(time.UnixMilli(run.since), zone), Instance: d.instance})
		}
	}
	return list
}

// countsOf adds up by kind and state, in the order of both.
func countsOf(standing []store.Standing) []web.Count {
	list := []web.Count{}
	for _, kind := range reconcile.Kinds {
		for _, state := range reconcile.States {
			c := web.Count{Kind: kind, State: state}
			for _, row := range standing {
				if row.Kind == kind && row.State == state {
					c.Count += row.Count
					if row.Unstable {
						c.Unstable += row.Count
					}
				}
			}
			if c.Count > 0 {
				list = append(list, c)
			}
		}
	}
	return list
}

// guardsOf is what is held back, with the remedies.
func guardsOf(app *App, p *picture) web.Guards {
	zone := app.Config.Zone
	g := web.Guards{HeldSnapshots: []web.HeldSnapshot{}, HeldRuns: []web.HeldRun{}, NotAccepted: []web.NotAccepted{}}
	for i := range p.held {
		snap := &p.held[i]
		g.HeldSnapshots = append(g.HeldSnapshots, web.HeldSnapshot{ID: snap.ID, Source: snap.Source, Reason: snap.Reason, Command: acceptCommand(snap.ID)})
	}
	for i := range p.heldRuns {
		run := &p.heldRuns[i]
		reason, suspect, _ := strings.Cut(run.Summary.Surge, suspectedMark)
		g.HeldRuns = append(g.HeldRuns, web.HeldRun{ID: run.ID, Opened: run.Summary.Opened, Reason: reason, Suspect: suspect, Command: releaseCommand(run.ID)})
	}
	for _, src := range app.sources {
		snap, ok := p.attempted[src.Name]
		if !ok || snap.State == reconcile.SnapshotAccepted {
			continue
		}
		item := web.NotAccepted{Name: src.Name, State: snap.State, Cause: snap.Cause, Reason: snap.Reason, Since: web.Stamp(p.failing[src.Name], zone)}
		if snap.State == reconcile.SnapshotHeld {
			item.Remedy = "if the source is right: " + acceptCommand(snap.ID)
		}
		g.NotAccepted = append(g.NotAccepted, item)
	}
	return g
}

// warnings tell what will go wrong unless somebody acts.
func (a *App) warnings(at time.Time) []string {
	list := []string{}
	for _, year := range a.Calendar.Uncovered(at, at.AddDate(0, 1, 0)) {
		list = append(list, fmt.Sprintf("the calendar does not know the holidays of %d: working time is reckoned as if there were none; add them to the calendar file", year))
	}
	return list
}
