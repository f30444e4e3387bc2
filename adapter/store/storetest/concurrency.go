package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var concurrencyTests = []test{
	{"many sources at once", manySources},
	{"a new source twice at once", newTwice},
	{"a poll begins while somebody writes", beginWhileWriting},
	{"what changes during a run is not lost", changeDuringRun},
	{"two runs at once", twoRuns},
	{"readers do not see half a run", readDuringRun},
}

// together runs the funcs at the same time and fails for each that fails.
func together(t *testing.T, do ...func() error) {
	t.Helper()
	var group sync.WaitGroup
	failures := make([]error, len(do))
	for i := range do {
		group.Go(func() { failures[i] = do[i]() })
	}
	group.Wait()
	for i, err := range failures {
		if err != nil {
			t.Errorf("number %d: %v", i, err)
		}
	}
}

// takeOn takes a snapshot on any store, from any goroutine.
func (b *book) takeOn(ctx context.Context, s *store.Store, rows []row, at time.Time) (err error) {
	in, err := s.Begin(ctx, b.ref(), b.departmentOf)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	for _, r := range rows {
		if in.Seen(b.print(r)) {
			continue
		}
		if err := in.Add(&store.Row{Code: r.code, Fingerprint: b.print(r), Values: b.values(r), Department: r.department}); err != nil {
			return err
		}
	}
	poll := reconcile.Poll{Mode: reconcile.Full, StartedAt: at, EndedAt: at, EndReached: true, DeclaredTotal: len(rows)}
	snap, err := in.Finish(ctx, poll, shrink)
	if err == nil && snap.State != reconcile.SnapshotAccepted {
		err = fmt.Errorf("%s: %s", snap.State, snap.Reason)
	}
	return err
}

func manySources(t *testing.T, db *Database) {
	stores := []*store.Store{db.Store, db.Again(t)}
	var do []func() error
	for n := range 8 {
		do = append(do, func() error {
			b := newBook(t, db, fmt.Sprint("book ", n))
			rows := dossiers("TP", 1, 700) // the same dossiers in all
			for day := range 5 {
				for i := range rows {
					if (i+n)%7 == day {
						rows[i].status = fmt.Sprint("day ", day)
					}
				}
				if err := b.takeOn(t.Context(), stores[(n+day)%2], rows, b.at.AddDate(0, 0, day)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	together(t, do...)
	list := read(t, db.Store, 2)
	same(t, "dossiers", 700, len(list))
	for _, d := range list {
		if len(d.Rows) != 8 {
			t.Fatalf("%s stands in %d sources", d.Code, len(d.Rows))
		}
	}
	same(t, "versions", 8*400, count(t, db, "SELECT COUNT(*) FROM row_versions"))
	same(t, "changed", 700, count(t, db, "SELECT COUNT(DISTINCT dossier_key) FROM changed_dossiers"))
}

func newTwice(t *testing.T, db *Database) {
	stores := []*store.Store{db.Store, db.Again(t), db.Store, db.Again(t)}
	var do []func() error
	for _, s := range stores {
		do = append(do, func() error {
			b := newBook(t, db, "book")
			in, err := s.Begin(t.Context(), b.ref(), b.departmentOf)
			if err != nil {
				return err
			}
			return in.Close()
		})
	}
	together(t, do...)
	same(t, "sources", 1, count(t, db, "SELECT COUNT(*) FROM sources"))
	same(t, "layouts", 1, count(t, db, "SELECT COUNT(*) FROM layouts"))
}

func beginWhileWriting(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	b.accepted(reading{rows: dossiers("TP", 1, 10)})
	for _, s := range []*store.Store{db.Store, db.Again(t)} {
		waiting := make(chan error, 1)
		name := fmt.Sprintf("new book %p", s)
		write(t, db, &store.Run{}, func(*store.RunWriter) error {
			// A source that is known need not wait.
			in, err := s.Begin(t.Context(), b.ref(), b.departmentOf)
			if err != nil {
				return err
			}
			if !in.Seen(b.print(dossiers("TP", 1, 1)[0])) {
				t.Error("a row that is held is not known")
			}
			go func() {
				other := newBook(t, db, name)
				waiting <- other.takeOn(t.Context(), s, dossiers("TP", 1, 20), other.at)
			}()
			select {
			case err := <-waiting:
				t.Errorf("a new source did not wait for the writer: %v", err)
			case <-time.After(100 * time.Millisecond):
			}
			return in.Close()
		})
		if err := <-waiting; err != nil {
			t.Error(err)
		}
	}
}

// A run looks at a dossier; before it is done, another process accepts a
// snapshot in which that dossier changed once more.
func changeDuringRun(t *testing.T, db *Database) {
	for _, all := range []bool{false, true} {
		name := fmt.Sprint("all: ", all)
		b := newBook(t, db, "book, "+name)
		rows := dossiers("TP", 1, 10)
		b.accepted(reading{rows: rows})
		write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.BeginAll(t.Context(), 0) })
		rows[0].status = "resolved"
		b.accepted(reading{rows: rows})
		later := slices.Clone(rows)
		later[0].status = "returned"
		other := db.Again(t)
		key := store.KeyOf(rows[0].code)
		done := make(chan error, 1)
		write(t, db, &store.Run{}, func(w *store.RunWriter) error {
			reader, err := db.Store.NewReader(t.Context())
			if err != nil {
				return err
			}
			list, err := reader.ReadKeys(t.Context(), []store.Key{key}, nil)
			if err != nil {
				return err
			}
			at := slices.IndexFunc(list[0].Rows, func(r store.StoredRow) bool { return r.Source == b.name })
			same(t, name+": status the run sees", "resolved", list[0].Rows[at].Values[2])
			go func() { done <- b.takeOn(t.Context(), other, later, b.at) }()
			select {
			case err := <-done:
				done <- err
			case <-time.After(100 * time.Millisecond):
			}
			if all {
				return w.BeginAll(t.Context(), 0)
			}
			return w.Compared(t.Context(), []store.Key{key}, false)
		})
		if err := <-done; err != nil {
			t.Error(err)
		}
		keys, everything, err := db.Store.ChangedKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !everything && !slices.Contains(keys, key) {
			t.Errorf("%s: the change during the run is lost", name)
		}
	}
}

func twoRuns(t *testing.T, db *Database) {
	stores := []*store.Store{db.Store, db.Again(t)}
	for round := range 5 {
		last, err := db.Store.LastRun(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		outcomes := make(chan error, 2)
		start := make(chan struct{})
		for _, s := range stores {
			go func() {
				<-start
				outcomes <- s.WriteRun(t.Context(), &store.Run{}, idOf(last), everything(t, 30, nil))
			}()
		}
		close(start)
		one, two := <-outcomes, <-outcomes
		if (one == nil) == (two == nil) {
			t.Fatalf("round %d: %v, and %v", round, one, two)
		}
		says(t, errors.Join(one, two), "another run")
	}
	same(t, "runs", 5, count(t, db, "SELECT COUNT(*) FROM runs"))
	same(t, "events", 5*30, count(t, db, "SELECT COUNT(*) FROM discrepancy_events"))
}

func readDuringRun(t *testing.T, db *Database) {
	save(t, db, full("code 1"))
	b := newBook(t, db, "book")
	b.accepted(reading{rows: dossiers("TP", 1, 10)})
	forgotten := func() int {
		keys, _, err := db.Store.ChangedKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(keys)
	}
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.BeginAll(t.Context(), 0) })
	b.accepted(reading{rows: dossiers("TP", 2, 10)})
	write(t, db, &store.Run{}, func(w *store.RunWriter) error {
		if err := everything(t, 5000, nil)(w); err != nil {
			return err
		}
		same(t, "runs during the run", 2, count(t, db, "SELECT COUNT(*) FROM runs"))
		same(t, "changed dossiers during the run", 2, forgotten())
		list, err := db.Store.Summarize(t.Context())
		if err != nil {
			return err
		}
		same(t, "discrepancies during the run", 1, list[0].Count)
		return nil
	})
	same(t, "changed dossiers after the run", 0, forgotten())
	list, err := db.Store.Summarize(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "discrepancies after the run", 5000, list[0].Count)
}
