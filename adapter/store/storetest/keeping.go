package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var keepingTests = []test{
	{"the revision changes with what is kept, and with nothing else", revision},
	{"a held run is released once", releaseRun},
	{"old polls and runs are forgotten, what stands on them is not", prune},
}

func revision(t *testing.T, db *Database) {
	other := db.Again(t)
	seen := map[string]string{}
	last := ""
	changes := func(what string) {
		t.Helper()
		got, err := db.Store.Revision(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if before, again := seen[got]; again {
			t.Errorf("after %s it is as after %s", what, before)
		}
		seen[got], last = what, got
		if from, err := other.Revision(t.Context()); err != nil || from != got {
			t.Errorf("after %s it is %q for one and %q for the other, error %v", what, got, from, err)
		}
	}
	stays := func(what string) {
		t.Helper()
		if got, err := db.Store.Revision(t.Context()); err != nil || got != last {
			t.Errorf("%s changed it, or error %v", what, err)
		}
	}
	changes("nothing")
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 100)
	b.accepted(reading{rows: rows})
	changes("a snapshot")
	b.take(reading{broken: reconcile.CauseAuth})
	changes("a failed snapshot")
	held := b.take(reading{rows: rows[:9]})
	changes("a held snapshot")
	if _, err := b.accept(held.ID); err != nil {
		t.Fatal(err)
	}
	changes("its acceptance")
	run := &store.Run{}
	write(t, db, run, func(*store.RunWriter) error {
		run.Held = true
		return nil
	})
	changes("a run")
	if _, err := db.Store.ReleaseRun(t.Context(), run.ID, "Lan", day); err != nil {
		t.Fatal(err)
	}
	changes("its release")
	if err := db.Store.SaveChanges(t.Context(), []reconcile.Change{{Discrepancy: full("x"), Event: reconcile.Event{DiscrepancyID: "x", To: reconcile.StateOpen}}}); err != nil {
		t.Fatal(err)
	}
	changes("what a person said")

	read(t, db.Store, 2)
	in := b.begin(reading{rows: rows[:3]})
	stays("a poll that has not ended")
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Store.ReleaseRun(t.Context(), run.ID, "Lan", day); err == nil {
		t.Error("released twice")
	}
	if err := db.Store.WriteRun(t.Context(), &store.Run{}, run.ID, everything(t, 3, errors.New("no"))); err == nil {
		t.Error("a run that failed was kept")
	}
	if err := db.Store.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	stays("what keeps nothing")
}

func releaseRun(t *testing.T, db *Database) {
	kept := &store.Run{Kind: store.RunNightly, Day: "2018-07-02", StartedAt: day, EndedAt: day}
	write(t, db, kept, func(*store.RunWriter) error {
		kept.Held, kept.Summary.Surge = true, "too many"
		return nil
	})
	free := &store.Run{Kind: store.RunIncremental, StartedAt: day, EndedAt: day}
	write(t, db, free, func(*store.RunWriter) error { return nil })
	held, err := db.Store.HeldRuns(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "held", []store.Run{*kept}, held)
	before := dump(t, db)
	_, err = db.Store.ReleaseRun(t.Context(), 99, "Lan", day)
	says(t, err, "release run 99", "not found", "doisoat run list")
	if !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	_, err = db.Store.ReleaseRun(t.Context(), free.ID, "Lan", day)
	says(t, err, fmt.Sprint("release run ", free.ID), "not held")
	same(t, "tables", before, dump(t, db))

	want := *kept
	want.Held, want.ReleasedBy, want.ReleasedAt = false, "Lan", day.Add(time.Hour)
	got, err := db.Store.ReleaseRun(t.Context(), kept.ID, "Lan", day.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "released", want, *got)
	last, err := db.Store.LastRunOf(t.Context(), store.RunNightly)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "last nightly run", want, *last)
	if _, err := db.Store.ReleaseRun(t.Context(), kept.ID, "Lan", day); err == nil {
		t.Error("released twice")
	}
	if none, err := db.Store.LastRunOf(t.Context(), store.RunManual); err != nil || none != nil {
		t.Errorf("last manual run %v, error %v", none, err)
	}
	if held, err = db.Store.HeldRuns(t.Context()); err != nil || len(held) > 0 {
		t.Errorf("held %v, error %v", held, err)
	}
}

func prune(t *testing.T, db *Database) {
	b, other := newBook(t, db, "book"), newBook(t, db, "other")
	rows := dossiers("TP", 1, 100)
	ids := map[string]int64{}
	keep := func(name string, snap reconcile.Snapshot) { ids[name] = snap.ID }
	keep("first", b.accepted(reading{rows: rows, rejected: reject("X")}))
	keep("failed", b.take(reading{broken: reconcile.CauseTimeout, rejected: reject("Y")}))
	keep("full", b.accepted(reading{rows: rows, rejected: reject("X")}))
	keep("incremental", b.accepted(reading{mode: reconcile.Incremental, rows: rows[:1]}))
	keep("last", b.accepted(reading{mode: reconcile.Incremental, rows: rows[1:2]}))
	keep("held", b.take(reading{rows: rows[:9]}))
	keep("last failed", b.take(reading{broken: reconcile.CauseTimeout}))
	keep("of another source", other.accepted(reading{rows: rows}))
	runs := map[string]*store.Run{
		"nightly": {Kind: store.RunNightly}, "manual": {Kind: store.RunManual}, "incremental": {Kind: store.RunIncremental}, "held": {Kind: store.RunIncremental},
		"late": {Kind: store.RunIncremental, StartedAt: day.AddDate(1, 0, 0)}, "last": {Kind: store.RunIncremental},
	}
	for _, name := range []string{"nightly", "manual", "incremental", "held", "late", "last"} {
		run := runs[name]
		if run.StartedAt.IsZero() {
			run.StartedAt = day
		}
		write(t, db, run, func(w *store.RunWriter) error {
			run.Held = name == "held"
			return w.Put(t.Context(), reconcile.Change{Discrepancy: full(name), Event: reconcile.Event{DiscrepancyID: name, To: reconcile.StateOpen}})
		})
	}
	before := dump(t, db)
	if err := db.Store.Prune(t.Context(), day); err != nil {
		t.Fatal(err)
	}
	same(t, "tables, where nothing is old", before, dump(t, db))
	rowsBefore := held(t, db)
	if err := db.Store.Prune(t.Context(), day.AddDate(0, 6, 0)); err != nil {
		t.Fatal(err)
	}
	same(t, "rows", rowsBefore, held(t, db))
	left := func(query string) []int64 {
		var list []int64
		if err := db.SQL.Select(&list, query); err != nil {
			t.Fatal(err)
		}
		return list
	}
	same(t, "snapshots", []int64{ids["full"], ids["last"], ids["held"], ids["of another source"]}, left("SELECT id FROM snapshots ORDER BY id"))
	same(t, "runs", []int64{runs["nightly"].ID, runs["manual"].ID, runs["held"].ID, runs["late"].ID, runs["last"].ID}, left("SELECT id FROM runs ORDER BY id"))
	same(t, "events", 6, count(t, db, "SELECT COUNT(*) FROM discrepancy_events"))
	if rejected, err := db.Store.ListRejected(t.Context(), ids["full"]); err != nil || len(rejected) != 1 {
		t.Errorf("rejected rows of the last full poll: %v, error %v", rejected, err)
	}
	same(t, "rejected rows of others", 0, count(t, db, fmt.Sprint("SELECT COUNT(*) FROM rejected_rows WHERE snapshot_id <> ", ids["full"])))
	// Everything goes on, and what is held can still be accepted.
	if _, err := b.accept(ids["held"]); err != nil {
		t.Error(err)
	}
	write(t, db, &store.Run{}, everything(t, 3, nil))
	b.accepted(reading{rows: rows})
}
