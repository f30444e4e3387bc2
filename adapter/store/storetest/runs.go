package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var runTests = []test{
	{"runs are kept and listed", keptRuns},
	{"a run that fails keeps nothing", failedRun},
	{"a run that panics leaves the store usable", panickingRun},
	{"a run that was overtaken keeps nothing", overtakenRun},
	{"what waits for a comparison", changedKeys},
	{"very many changes make the next comparison a full one", manyChanges},
	{"classes add up", classes},
}

func write(t tester, db *Database, run *store.Run, do func(*store.RunWriter) error) {
	t.Helper()
	last, err := db.Store.LastRun(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Store.WriteRun(context.Background(), run, idOf(last), do); err != nil {
		t.Fatal(err)
	}
}

func keptRuns(t *testing.T, db *Database) {
	if last, err := db.Store.LastRun(t.Context()); last != nil || err != nil {
		t.Errorf("last run %v, error %v", last, err)
	}
	first := &store.Run{StartedAt: day, AsOf: day.Add(time.Second), Digest: "rules"}
	write(t, db, first, func(*store.RunWriter) error {
		first.EndedAt = day.Add(time.Minute)
		first.Summary = store.RunSummary{Full: true, Examined: 3, Opened: 1, Resolved: 2, Reopened: 3, Surge: "many"}
		first.Summary.Count(store.Class{Department: "Đất đai", Compared: true}, 2)
		first.Summary.Count(store.Class{Department: "", NotCovered: true}, 1)
		return nil
	})
	second := &store.Run{StartedAt: day, EndedAt: day}
	write(t, db, second, func(*store.RunWriter) error { return nil })
	list, err := db.Store.ListRuns(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "runs", []store.Run{*second, *first}, list)
	same(t, "totals", []int{2, 1}, []int{list[1].Summary.ComparedTotal(), list[1].Summary.NotCoveredTotal()})
	one, err := db.Store.ListRuns(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "newest", []store.Run{*second}, one)
}

// everything writes of every sort with a run, then returns what it is told to.
func everything(t *testing.T, n int, outcome error) func(*store.RunWriter) error {
	return func(w *store.RunWriter) error {
		ctx := t.Context()
		if err := w.BeginAll(ctx, 0); err != nil {
			return err
		}
		var list []store.Classified
		for i := range n {
			code := fmt.Sprint("code ", i)
			list = append(list, store.Classified{Key: store.KeyOf(code), Class: store.Class{Department: "TP", Compared: true}})
			if err := w.Put(ctx, reconcile.Change{Discrepancy: full(code), Event: reconcile.Event{DiscrepancyID: code, To: reconcile.StateOpen}}); err != nil {
				return err
			}
		}
		slices.SortFunc(list, byKey)
		if err := w.PutRange(ctx, list); err != nil {
			return err
		}
		return outcome
	}
}

func byKey(a, b store.Classified) int {
	switch {
	case a.Key < b.Key:
		return -1
	case a.Key > b.Key:
		return 1
	}
	return 0
}

func failedRun(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	b.accepted(reading{rows: dossiers("TP", 1, 30)})
	before := dump(t, db)
	failure := errors.New("a rule failed")
	if err := db.Store.WriteRun(t.Context(), &store.Run{}, 0, everything(t, 5000, failure)); !errors.Is(err, failure) {
		t.Errorf("error %v", err)
	}
	same(t, "tables", before, dump(t, db))
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Store.WriteRun(ctx, &store.Run{}, 0, func(w *store.RunWriter) error {
		defer cancel()
		return everything(t, 5000, nil)(w)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	same(t, "tables after the context's end", before, dump(t, db))
}

func panickingRun(t *testing.T, db *Database) {
	func() {
		defer func() { _ = recover() }()
		_ = db.Store.WriteRun(t.Context(), &store.Run{}, 0, func(*store.RunWriter) error { panic("a rule is broken") })
	}()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := db.Store.WriteRun(ctx, &store.Run{}, 0, everything(t, 3, nil)); err != nil {
		t.Errorf("after a panic: %v", err)
	}
}

func overtakenRun(t *testing.T, db *Database) {
	write(t, db, &store.Run{}, everything(t, 3, nil))
	before := dump(t, db)
	for _, known := range []int64{0, 99} {
		err := db.Store.WriteRun(t.Context(), &store.Run{}, known, everything(t, 9, nil))
		says(t, err, "another run", "run again")
	}
	same(t, "tables", before, dump(t, db))
}

func changedKeys(t *testing.T, db *Database) {
	keys := func() (list []store.Key, all bool) {
		t.Helper()
		list, all, err := db.Store.ChangedKeys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(list)
		return list, all
	}
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 30)
	b.accepted(reading{rows: rows})
	if _, all := keys(); !all {
		t.Error("nothing was compared yet, but not everything is to be compared")
	}
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.BeginAll(t.Context(), 0) })
	if list, all := keys(); all || len(list) > 0 {
		t.Errorf("after a comparison of all: %d to compare, all: %t", len(list), all)
	}
	rows[3].status, rows[5].status, rows[7].status = "resolved", "resolved", "resolved"
	b.accepted(reading{rows: rows})
	want := []store.Key{store.KeyOf(rows[3].code), store.KeyOf(rows[5].code), store.KeyOf(rows[7].code)}
	slices.Sort(want)
	list, _ := keys()
	same(t, "changed", want, list)
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.Compared(t.Context(), want[:1], false) })
	list, _ = keys()
	same(t, "changed after one was compared", want[1:], list)
}

func manyChanges(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	b.accepted(reading{rows: dossiers("TP", 1, 10)})
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.BeginAll(t.Context(), 0) })
	b.accepted(reading{rows: dossiers("TP", 1, 51000)})
	if _, all, err := db.Store.ChangedKeys(t.Context()); err != nil || !all {
		t.Errorf("all: %t, error %v", all, err)
	}
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.BeginAll(t.Context(), 2) })
	if list, all, err := db.Store.ChangedKeys(t.Context()); err != nil || all || len(list) > 0 {
		t.Errorf("after a comparison of all: %d, all: %t, error %v", len(list), all, err)
	}
}

// classes compares the summary that runs carry on with a count from the start.
func classes(t *testing.T, db *Database) {
	random := rand.New(rand.NewPCG(1, 2))
	kinds := []store.Class{{Department: "TP", Compared: true}, {Department: "TP"}, {Department: "Đất đai", NotCovered: true}, {Compared: true}}
	truth := map[store.Key]store.Class{}
	var keys []store.Key
	for i := range 3000 {
		keys = append(keys, store.KeyOf(fmt.Sprint(i)))
	}
	slices.Sort(keys)
	draw := func(keys []store.Key) (list []store.Classified) {
		for _, k := range keys {
			delete(truth, k)
			if n := random.IntN(len(kinds) + 1); n < len(kinds) { // else no source holds it any longer
				truth[k] = kinds[n]
				list = append(list, store.Classified{Key: k, Class: kinds[n]})
			}
		}
		return list
	}
	check := func(when string, got store.RunSummary) {
		t.Helper()
		var want store.RunSummary
		for _, class := range truth {
			want.Count(class, 1)
		}
		same(t, when+": compared", want.Compared, got.Compared)
		same(t, when+": not covered", want.NotCovered, got.NotCovered)
	}
	for round, bits := range []uint{3, 0, 5} {
		run := &store.Run{}
		write(t, db, run, func(w *store.RunWriter) error {
			if err := w.BeginAll(t.Context(), bits); err != nil {
				return err
			}
			list := draw(keys)
			ranges := make([][]store.Classified, 1<<bits)
			for _, c := range list {
				run.Summary.Count(c.Class, 1)
				n := int(uint64(c.Key) >> (63 - bits))
				ranges[n] = append(ranges[n], c)
			}
			for _, n := range random.Perm(len(ranges)) { // they come as they are ready
				if err := w.PutRange(t.Context(), ranges[n]); err != nil {
					return err
				}
			}
			some := keys[100:200] // aliases are looked at again, in the same run
			return w.Replace(t.Context(), some, draw(some))
		})
		check(fmt.Sprint("all, round ", round), run.Summary)
		for range 6 {
			next := &store.Run{Summary: store.RunSummary{Compared: run.Summary.Compared, NotCovered: run.Summary.NotCovered}}
			var some []store.Key
			for _, k := range keys {
				if random.IntN(40) == 0 {
					some = append(some, k)
				}
			}
			write(t, db, next, func(w *store.RunWriter) error { return w.Replace(t.Context(), some, draw(some)) })
			check(fmt.Sprint("some, round ", round), next.Summary)
			run = next
		}
		kept, err := db.Store.LastRun(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		check("kept", kept.Summary)
	}
}
