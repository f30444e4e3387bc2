package app

import (
	"context"
	"io"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/adapter/jobs"
	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/reconcile"
)

// The daemon's jobs over real sources: a platform over HTTP, databases, books and
// exports, as of the world's day.
func TestDaemonOverRealSourcesComesToTheTruth(t *testing.T) {
	for _, style := range []world.Style{world.PageStyle, world.OpenCPSStyle} {
		t.Run(string(style), func(t *testing.T) {
			t.Parallel()
			p := play(t, world.Options{Seed: 41, Style: style}, world.PlatformOptions{}, "")
			d := p.daemon(t)
			ctx := context.Background()
			read := func(full bool) {
				t.Helper()
				for _, src := range p.sources {
					if err := d.poll(ctx, jobs.PollJob{Source: src.Name, Full: full, Slot: time.Now(), Attempt: 1}); err != nil {
						t.Fatal(err)
					}
				}
			}
			nightly := func() {
				t.Helper()
				began := time.Now()
				read(true)
				if err := d.conclude(ctx, d.today(), began.Truncate(time.Millisecond)); err != nil {
					t.Fatal(err)
				}
			}
			nightly()
			rules, err := p.Rules(ctx, asOf(t, p.world.Truth), TrustNobody)
			if err != nil {
				t.Fatal(err)
			}
			isTrue(t, p.App, rules, p.world.Truth)

			// Somebody ends a dossier on the platform alone, days ago by the world's
			// clock; its sides were read after the grace, by ours.
			dossier := p.agreeing(t, reconcile.Processing)
			closed := dossier
			closed.Status, closed.CompletedAt = reconcile.Resolved, reconcile.Moment{Time: asOf(t, p.world.Truth).AddDate(0, 0, -4)}
			closed.UpdatedAt = reconcile.Moment{Time: time.Now()}
			p.put(t, closed)
			read(false)
			for range 2 {
				if err := d.reconcile(ctx); err != nil {
					t.Fatal(err)
				}
				if err := d.reread(ctx); err != nil {
					t.Fatal(err)
				}
			}
			found, ok := p.of(t, dossier.Code)[reconcile.ClosedInProgress]
			if !ok || found.State != reconcile.StateOpen {
				t.Errorf("standing: %v, want closed_in_progress open", p.of(t, dossier.Code))
			}
			p.lookChangesNothing(t, d, store.KeyOf(world.Canonical(dossier.Code)))
			before := p.kept(t)
			nightly()
			ignore := gocmp.FilterPath(func(p gocmp.Path) bool { return p.Last().String() == ".WakeAt" }, gocmp.Ignore())
			if diff := gocmp.Diff(before, p.kept(t), ignore); diff != "" {
				t.Errorf("the nightly run is not what the increments made:\n%s", diff)
			}
			if !slices.ContainsFunc(p.sources, func(s *source) bool { return s.since }) != (style == world.OpenCPSStyle) {
				t.Errorf("since is configured in one style only; sources: %v", p.sources)
			}
		})
	}
}

// lookChangesNothing looks at a dossier again. What single dossiers say must be what
// the polls said.
func (p *played) lookChangesNothing(t *testing.T, d *Daemon, key store.Key) {
	t.Helper()
	app, done := d.current.take()
	defer done()
	asked := p.platform.Stats().Ones
	looked, err := d.lookAt(context.Background(), app, []store.Key{key})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := looked.seen.of([]*store.Dossier{{Key: key}})["dvc-hue"]; !ok || p.platform.Stats().Ones != asked+1 {
		t.Errorf("the platform was asked for %d single dossiers, looks: %v; want one, answered", p.platform.Stats().Ones-asked, looked.seen)
	}
	keys, all, err := d.store.ChangedKeys(context.Background())
	if err != nil || all || len(keys) > 0 {
		t.Errorf("a look at what did not change marks %v (all: %v, %v)", keys, all, err)
	}
}

// daemon is one over the world's folder, of which no job is at work.
func (p *played) daemon(t *testing.T) *Daemon {
	t.Helper()
	file := filepath.Join(p.dir, "doisoat.yaml")
	setup, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	log := logrus.New()
	log.SetOutput(io.Discard)
	began, day := time.Now(), asOf(t, p.world.Truth)
	d, err := NewDaemon(context.Background(), setup, DaemonOptions{
		ConfigFile: file, Listen: "127.0.0.1:0", Migrate: true, Log: log, TempDir: t.TempDir(), patience: usual,
		AsOf: func() time.Time { return day.Add(time.Since(began)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}
