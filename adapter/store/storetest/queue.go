package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var queueTests = []test{
	{"work is queued with what makes it necessary", queued},
	{"a queue that fails keeps nothing", queueFails},
	{"the revision changes with what is kept, and with nothing else", revision},
	{"a held run is released once", releaseRun},
	{"old polls and runs are forgotten, what stands on them is not", prune},
	{"the newest poll of each source, whatever became of it", attempted},
	{"snapshots that wait for a person", heldSnapshots},
	{"how far the data of a source goes", dataAt},
	{"an empty database answers", answers},
}

// hook is a queue that writes what it is told into a table.
type hook struct {
	db            *Database
	failure       error
	reconcile     int
	look          int
	outsideTables []int // rows in the table as others see it, at each call
	t             *testing.T
}

func newHook(t *testing.T, db *Database) *hook {
	exec(t, db, "CREATE TABLE hooked (word TEXT NOT NULL)")
	h := &hook{db: db, t: t}
	db.Store.UseQueue(h)
	return h
}

func (h *hook) put(ctx context.Context, tx *sql.Tx, word string) error {
	h.outsideTables = append(h.outsideTables, count(h.t, h.db, "SELECT COUNT(*) FROM hooked"))
	if _, err := tx.ExecContext(ctx, "INSERT INTO hooked (word) VALUES ('"+word+"')"); err != nil {
		return err
	}
	return h.failure
}

func (h *hook) Reconcile(ctx context.Context, tx *sql.Tx) error {
	h.reconcile++
	return h.put(ctx, tx, "reconcile")
}

func (h *hook) Look(ctx context.Context, tx *sql.Tx) error {
	h.look++
	return h.put(ctx, tx, "look")
}

func (h *hook) calls() []int { return []int{h.reconcile, h.look} }

func queued(t *testing.T, db *Database) {
	h := newHook(t, db)
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 100)
	b.accepted(reading{rows: rows})
	same(t, "after a snapshot", []int{1, 0}, h.calls())
	b.take(reading{broken: reconcile.CauseTimeout})
	held := b.take(reading{rows: rows[:9]})
	same(t, "after a failed and a held one", []int{1, 0}, h.calls())
	if _, err := b.accept(held.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "after it was accepted", []int{2, 0}, h.calls())
	b.accepted(reading{mode: reconcile.Incremental, rows: rows[:1]})
	same(t, "after an incremental one", []int{3, 0}, h.calls())
	write(t, db, &store.Run{}, everything(t, 3, nil))
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.Look(t.Context(), nil) })
	same(t, "after runs with nothing to look at", []int{3, 0}, h.calls())
	write(t, db, &store.Run{}, func(w *store.RunWriter) error {
		if err := w.Look(t.Context(), keysOf("A")); err != nil {
			return err
		}
		return w.Look(t.Context(), keysOf("B"))
	})
	same(t, "after a run with two", []int{3, 1}, h.calls())
	same(t, "committed", 4, count(t, db, "SELECT COUNT(*) FROM hooked"))
	same(t, "what others saw meanwhile", []int{0, 1, 2, 3}, h.outsideTables)
}

func queueFails(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 100)
	b.accepted(reading{rows: rows})
	held := b.take(reading{rows: rows[:9]})
	h := newHook(t, db)
	h.failure = errors.New("the queue is broken")
	before := dump(t, db)
	tries := map[string]func() error{
		"a snapshot": func() error {
			in := b.begin(reading{rows: rows})
			defer in.Close() // nothing is written to it any more
			_, err := in.Finish(t.Context(), b.poll(reading{}), shrink)
			return err
		},
		"an incremental one": func() error {
			r := reading{mode: reconcile.Incremental, rows: dossiers("NV", 1, 3)}
			in := b.begin(r)
			defer in.Close() // nothing is written to it any more
			_, err := in.Finish(t.Context(), b.poll(r), shrink)
			return err
		},
		"accepting": func() error {
			_, err := b.accept(held.ID)
			return err
		},
		"a run": func() error {
			return db.Store.WriteRun(t.Context(), &store.Run{}, 0, func(w *store.RunWriter) error {
				if err := everything(t, 30, nil)(w); err != nil {
					return err
				}
				return w.Look(t.Context(), keysOf("A"))
			})
		},
	}
	for name, try := range tries {
		if err := try(); !errors.Is(err, h.failure) {
			t.Errorf("%s: error %v", name, err)
		}
		same(t, name+": tables", before, dump(t, db))
		same(t, name+": queued", 0, count(t, db, "SELECT COUNT(*) FROM hooked"))
	}
	// A run that fails after all queues nothing either.
	h.failure = nil
	failure := errors.New("a rule failed")
	if err := db.Store.WriteRun(t.Context(), &store.Run{}, 0, func(w *store.RunWriter) error {
		return errors.Join(w.Look(t.Context(), keysOf("A")), failure)
	}); !errors.Is(err, failure) {
		t.Errorf("error %v", err)
	}
	same(t, "calls", []int{3, 1}, h.calls())
	same(t, "queued", 0, count(t, db, "SELECT COUNT(*) FROM hooked"))
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

func attempted(t *testing.T, db *Database) {
	b, other := newBook(t, db, "book"), newBook(t, db, "other")
	in := newBook(t, db, "never").begin(reading{})
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	rows := dossiers("TP", 1, 100)
	want := map[string]reconcile.Snapshot{"other": other.accepted(reading{rows: rows})}
	for _, r := range []reading{{rows: rows}, {rows: rows[:9]}, {broken: reconcile.CauseAuth}, {mode: reconcile.Incremental, rows: rows[:2]}} {
		want["book"] = b.take(r)
		got, err := db.Store.Attempted(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for name, snap := range got { // how many there were to read shows on the poll itself only
			snap.Answers = want[name].Answers
			got[name] = snap
		}
		same(t, string(want["book"].State), want, got)
	}
}

func heldSnapshots(t *testing.T, db *Database) {
	waits := func() (ids []int64) {
		t.Helper()
		list, err := db.Store.HeldSnapshots(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, snap := range list {
			ids = append(ids, snap.ID)
		}
		return ids
	}
	b, other := newBook(t, db, "book"), newBook(t, db, "other")
	rows := dossiers("TP", 1, 100)
	b.accepted(reading{rows: rows})
	other.accepted(reading{rows: rows})
	same(t, "at first", 0, len(waits()))
	b.take(reading{rows: rows[:9]})
	newer := b.take(reading{rows: rows[:8]}).ID
	second := other.take(reading{rows: rows[:7]}).ID
	same(t, "the newest of each", []int64{newer, second}, waits())
	b.take(reading{broken: reconcile.CauseTimeout})
	same(t, "after a failed poll", []int64{newer, second}, waits())
	if _, err := b.accept(newer); err != nil {
		t.Fatal(err)
	}
	same(t, "after one was accepted", []int64{second}, waits())
	other.accepted(reading{mode: reconcile.Incremental, rows: rows[:1]})
	same(t, "after one was overtaken", 0, len(waits()))
	same(t, "an empty first one waits, too", []int64{newBook(t, db, "third").take(reading{}).ID}, waits())
}

func dataAt(t *testing.T, db *Database) {
	b, silent := newBook(t, db, "book"), newBook(t, db, "silent")
	rows := dossiers("TP", 1, 100)
	silent.accepted(reading{rows: rows})
	now := day.Add(12 * time.Hour)
	poll := func(r reading, changed ...time.Time) reconcile.Snapshot {
		in := b.begin(r)
		for _, at := range changed {
			in.Changed(at, now)
		}
		return b.finish(in, r)
	}
	check := func(what string, want time.Time) {
		t.Helper()
		got, err := db.Store.DataAt(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		same(t, what, map[string]time.Time{"book": want}, got)
	}
	poll(reading{rows: rows}, day.Add(time.Hour), day.Add(5*time.Hour), time.Time{}, day.Add(2*time.Hour))
	check("the latest", day.Add(5*time.Hour))
	poll(reading{mode: reconcile.Incremental, rows: rows[:1]}, day.Add(3*time.Hour))
	check("an earlier one", day.Add(5*time.Hour))
	poll(reading{rows: rows}, now.Add(time.Millisecond), day.AddDate(50, 0, 0))
	check("the future", day.Add(5*time.Hour))
	poll(reading{rows: rows}, now)
	check("this very moment", now)
	now = day.AddDate(0, 0, 3)
	poll(reading{broken: reconcile.CauseTimeout}, day.AddDate(0, 0, 2))
	poll(reading{rows: rows[:9]}, day.AddDate(0, 0, 2))
	check("failed and held polls", day.Add(12*time.Hour))
}

func answers(t *testing.T, db *Database) {
	if err := db.Store.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	for what, get := range map[string]func() (int, error){
		"attempted": func() (int, error) { m, err := db.Store.Attempted(t.Context()); return len(m), err },
		"held":      func() (int, error) { m, err := db.Store.HeldSnapshots(t.Context()); return len(m), err },
		"runs":      func() (int, error) { m, err := db.Store.HeldRuns(t.Context()); return len(m), err },
		"data":      func() (int, error) { m, err := db.Store.DataAt(t.Context()); return len(m), err },
		"counts":    func() (int, error) { m, err := db.Store.DossierCounts(t.Context()); return len(m), err },
		"totals":    func() (int, error) { m, err := db.Store.Totals(t.Context()); return len(m), err },
		"standing":  func() (int, error) { m, err := db.Store.CountStanding(t.Context(), day); return len(m), err },
	} {
		if n, err := get(); n > 0 || err != nil {
			t.Errorf("%s: %d, error %v", what, n, err)
		}
	}
	if err := db.Store.Prune(t.Context(), day); err != nil {
		t.Error(err)
	}
	if !slices.Contains(store.RunKinds, store.RunNightly) {
		t.Error("the nightly run is no kind of run")
	}
}
