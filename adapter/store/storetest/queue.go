package storetest

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var queueTests = []test{
	{"work is queued with what makes it necessary", queued},
	{"a queue that fails keeps nothing", queueFails},
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
	deliver       int
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

func (h *hook) Deliver(ctx context.Context, tx *sql.Tx) error {
	h.deliver++
	return h.put(ctx, tx, "deliver")
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
