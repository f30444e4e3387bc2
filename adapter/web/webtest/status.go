package webtest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// Status implements web.StatusBackend.
func (b *Backend) Status(context.Context) (*web.Status, error) {
	unlock, err := b.begin("Status")
	defer unlock()
	if err != nil {
		return nil, err
	}
	s := &web.Status{
		Version: "0.3.0", Instance: "doisoat-0", StartedAt: b.stamp(june(30, 7)), Ready: true, Store: web.StoreStatus{Kind: "sqlite", SchemaVersion: 5},
		Config:        web.ConfigStatus{File: "/etc/doisoat/config.yaml", LoadedAt: b.stamp(june(30, 7)), ReloadError: "config.yaml:3: no such key"},
		LastRuns:      []web.Run{b.nightly()},
		InProgress:    []web.RunningRun{{Kind: web.RunIncremental, StartedAt: b.stamp(b.now), Instance: "doisoat-1", Phase: "poll"}},
		NextNightlyAt: "2018-07-03T01:00:00+07:00", Guards: b.guards(), Jobs: []web.JobCount{{Kind: "poll", State: "scheduled", Count: 4}},
		Warnings: []string{"the calendar does not know the holidays of 2019 " + Hostile[0]},
	}
	for _, kind := range reconcile.Kinds {
		for _, state := range reconcile.States[:4] {
			n := 0
			for i := range b.items {
				if b.items[i].Kind == kind && b.items[i].State == state {
					n++
				}
			}
			if n > 0 {
				s.Counts = append(s.Counts, web.Count{Kind: kind, State: state, Count: n})
			}
		}
	}
	return s, nil
}

func (b *Backend) nightly() web.Run {
	return web.Run{
		Kind: web.RunNightly, ID: 12, StartedAt: b.stamp(june(30, 1)), EndedAt: b.stamp(june(30, 1).Add(2 * time.Minute)), AsOf: b.stamp(june(30, 1)), Full: true,
		Examined: 1907, Opened: 3, Resolved: 5, Reopened: 1, Compared: 1823, Skipped: []string{Foreign},
	}
}

func (b *Backend) guards() web.Guards {
	g := web.Guards{HeldSnapshots: slices.Clone(b.held), HeldRuns: slices.Clone(b.heldRuns)}
	if len(b.held) > 0 {
		g.NotAccepted = []web.NotAccepted{{
			Name: "economy-book", State: reconcile.SnapshotHeld, Reason: "sổ không còn hồ sơ nào " + Mark(Foreign), Since: b.stamp(june(30, 1)), Remedy: "xem lại sổ; nếu đúng, chấp nhận ảnh chụp 31",
		}}
	}
	return g
}

// Sources implements web.SourceBackend.
func (b *Backend) Sources(_ context.Context, scope access.Scope) ([]web.Source, error) {
	unlock, err := b.begin("Sources")
	defer unlock()
	if err != nil {
		return nil, err
	}
	return b.sources(scope), nil
}

func (b *Backend) sources(scope access.Scope) []web.Source {
	platform := b.source("dvc-hue", reconcile.Platform, "http", []string{Own, Foreign, Third}, reconcile.SnapshotAccepted)
	list := []web.Source{platform}
	for _, d := range visible(scope) {
		state := reconcile.SnapshotAccepted
		switch {
		case d.Code == Foreign && len(b.held) > 0:
			state = reconcile.SnapshotHeld
		case d.Code == Third:
			state = reconcile.SnapshotFailed
		}
		s := b.source(sourceOf(d.Code), reconcile.Office, map[string]string{Own: "database"}[d.Code], []string{d.Code}, state)
		if s.Protocol == "" {
			s.Protocol = "workbook"
		}
		s.Unmapped = []web.Unmapped{{Field: "status", Value: "Chờ ký " + Mark(d.Code) + " " + Hostile[0], Count: 1}, {Field: "department", Value: Hostile[2], Count: 2}}
		list = append(list, s)
	}
	if !scope.All() {
		for i := range list {
			s := &list[i]
			s.Departments = slices.DeleteFunc(s.Departments, func(d string) bool { return !scope.Sees(d) })
			s.Reason, s.Records, s.Rejected, s.Statuses, s.Unmapped, s.LastAttempt, s.HeldSnapshot, s.Command = "", 0, 0, nil, nil, nil, 0, ""
		}
	}
	return list
}

func (b *Backend) source(name string, side reconcile.Side, protocol string, departments []string, state reconcile.SnapshotState) web.Source {
	snap := reconcile.Snapshot{
		ID: 31, Source: name, Side: side, State: state, Rows: 600, Rejected: 1, Records: 600,
		Poll: reconcile.Poll{Mode: reconcile.Full, StartedAt: june(30, 1), EndedAt: june(30, 1).Add(1500 * time.Millisecond), EndReached: true, DeclaredTotal: -1, Pages: 2, Requests: 3},
	}
	switch state {
	case reconcile.SnapshotHeld:
		snap.Reason = "sổ không còn hồ sơ nào " + Mark(departments[0])
	case reconcile.SnapshotFailed:
		snap.Cause, snap.Reason, snap.EndReached = reconcile.CauseConnect, "không mở được //share/"+Mark(departments[0]), false
	}
	s := web.Source{
		Name: name, Side: side, Protocol: protocol, Departments: departments, Records: 600, AsOf: b.stamp(june(30, 1)), PollEvery: "15m", Full: "0 1 * * *",
		NextPollAt: b.stamp(b.now.Add(10 * time.Minute)), LastSuccessAt: b.stamp(june(30, 1)), LastCompleteAt: b.stamp(june(30, 1)), DataAt: b.stamp(june(29, 16)),
		Statuses: map[string]int{"resolved": 500, "processing": 97, "unmapped": 3},
	}
	s.Attempted(&snap, "doisoat snapshot accept 31", Vietnam)
	return s
}

// Rejected implements web.SourceBackend.
func (b *Backend) Rejected(_ context.Context, source string, limit int) ([]web.RejectedRow, error) {
	unlock, err := b.begin("Rejected")
	defer unlock()
	if err != nil {
		return nil, err
	}
	if source == "dvc-hue" {
		return []web.RejectedRow{}, nil
	}
	for _, d := range Names {
		if sourceOf(d.Code) == source {
			return []web.RejectedRow{rejected(d.Code)}[:min(1, limit)], nil
		}
	}
	return nil, fmt.Errorf("source %s: %w", source, web.ErrNotFound)
}

// PollNow implements web.OperateBackend.
func (b *Backend) PollNow(_ context.Context, _ *access.Principal, source string) error {
	unlock, err := b.begin("PollNow")
	defer unlock()
	if err != nil {
		return err
	}
	if source != "dvc-hue" && !slices.ContainsFunc(Names, func(d web.NamedDepartment) bool { return sourceOf(d.Code) == source }) {
		return fmt.Errorf("source %s: %w", source, web.ErrNotFound)
	}
	b.polled = append(b.polled, source)
	return nil
}

// AcceptSnapshot implements web.OperateBackend.
func (b *Backend) AcceptSnapshot(_ context.Context, _ *access.Principal, id int64) error {
	unlock, err := b.begin("AcceptSnapshot")
	defer unlock()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(b.held, func(h web.HeldSnapshot) bool { return h.ID == id })
	switch {
	case at >= 0:
		b.held = slices.Delete(b.held, at, at+1)
		b.revision++
		return nil
	case id <= 31:
		return web.Refuse("Ảnh chụp này không bị giữ lại.", "this snapshot is not held")
	}
	return fmt.Errorf("snapshot %d: %w", id, web.ErrNotFound)
}

// ReleaseRun implements web.OperateBackend.
func (b *Backend) ReleaseRun(_ context.Context, _ *access.Principal, id int64) error {
	unlock, err := b.begin("ReleaseRun")
	defer unlock()
	if err != nil {
		return err
	}
	at := slices.IndexFunc(b.heldRuns, func(h web.HeldRun) bool { return h.ID == id })
	switch {
	case at >= 0:
		b.heldRuns = slices.Delete(b.heldRuns, at, at+1)
		return nil
	case id <= 12:
		return web.Refuse("Lần đối soát này không bị giữ lại.", "this run is not held")
	}
	return fmt.Errorf("run %d: %w", id, web.ErrNotFound)
}
