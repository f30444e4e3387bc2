package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var waitingTests = []test{
	{"what could not be decided waits until it is", waiting},
	{"too many to list wait all together", waitingAll},
	{"what is to be read again by itself", looks},
	{"what waits is not due by time", dueWithoutWaiting},
	{"who could be believed in the last run", lastFresh},
	{"dossiers are counted by source and status", dossierCounts},
	{"totals are a count of the events", totals},
}

func keysOf(codes ...string) []store.Key {
	keys := make([]store.Key, len(codes))
	for i, code := range codes {
		keys[i] = store.KeyOf(code)
	}
	slices.Sort(keys)
	return keys
}

// waits is what waits, in order.
func waits(t *testing.T, db *Database) (keys []store.Key, all bool) {
	t.Helper()
	keys, all, err := db.Store.WaitingKeys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	return keys, all
}

func waiting(t *testing.T, db *Database) {
	wait := func(keys ...store.Key) func(*store.RunWriter) error {
		return func(w *store.RunWriter) error { return w.Wait(t.Context(), keys) }
	}
	if keys, all := waits(t, db); len(keys) > 0 || all {
		t.Errorf("before the first run %v wait, all: %t", keys, all)
	}
	abc := keysOf("A", "B", "C")
	write(t, db, &store.Run{}, wait(abc...))
	write(t, db, &store.Run{}, wait(abc[1])) // again
	keys, _ := waits(t, db)
	same(t, "waiting", abc, keys)
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.Compared(t.Context(), abc[:2], false) })
	keys, _ = waits(t, db)
	same(t, "after two were decided", abc[2:], keys)
	// A run decides them, and finds that one still cannot be decided.
	write(t, db, &store.Run{}, func(w *store.RunWriter) error {
		if err := w.Compared(t.Context(), abc, false); err != nil {
			return err
		}
		return w.Wait(t.Context(), abc[:1])
	})
	keys, _ = waits(t, db)
	same(t, "after another run", abc[:1], keys)
	write(t, db, &store.Run{}, func(w *store.RunWriter) error {
		if err := w.BeginAll(t.Context(), 0); err != nil {
			return err
		}
		return w.Wait(t.Context(), abc[1:2])
	})
	keys, _ = waits(t, db)
	same(t, "after a comparison of all", abc[1:2], keys)
	before := dump(t, db)
	if err := db.Store.WriteRun(t.Context(), &store.Run{}, 99, wait(abc...)); err == nil {
		t.Error("an overtaken run was kept")
	}
	same(t, "tables", before, dump(t, db))
}

func waitingAll(t *testing.T, db *Database) {
	const limit = 100000
	keys := make([]store.Key, limit+1)
	for i := range keys {
		keys[i] = store.Key(i)
	}
	write(t, db, &store.Run{}, func(w *store.RunWriter) error {
		if err := w.Wait(t.Context(), keys[:10]); err != nil {
			return err
		}
		return w.Wait(t.Context(), keys[10:])
	})
	if _, all := waits(t, db); !all {
		t.Errorf("%d wait, and are listed", len(keys))
	}
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.Compared(t.Context(), keys[:10], false) })
	if _, all := waits(t, db); !all {
		t.Error("after ten were decided, the others are forgotten")
	}
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.BeginAll(t.Context(), 0) })
	if list, all := waits(t, db); all || len(list) > 0 {
		t.Errorf("after a comparison of all %d wait, all: %t", len(list), all)
	}
}

func looks(t *testing.T, db *Database) {
	look := func(limit int) []store.Key {
		t.Helper()
		keys, err := db.Store.LookKeys(t.Context(), limit)
		if err != nil {
			t.Fatal(err)
		}
		return keys
	}
	same(t, "at first", 0, len(look(10)))
	keys := keysOf("A", "B", "C", "D")
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.Look(t.Context(), keys[:3]) })
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.Look(t.Context(), keys[1:]) })
	same(t, "all", keys, look(10))
	same(t, "two", keys[:2], look(2))
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.Looked(t.Context(), keys[1:3]) })
	same(t, "after two were read", []store.Key{keys[0], keys[3]}, look(10))
	// They outlast comparisons: only reading them again ends it.
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.BeginAll(t.Context(), 0) })
	same(t, "after a comparison of all", 2, len(look(10)))
}

func dueWithoutWaiting(t *testing.T, db *Database) {
	for i, code := range []string{"A", "B", "C"} {
		save(t, db, reconcile.Discrepancy{ID: code, Code: code, WakeAt: day.Add(time.Duration(i) * time.Hour)})
	}
	due := func(at time.Time) []store.Key {
		t.Helper()
		keys, err := db.Store.DueKeys(t.Context(), at)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(keys)
		return keys
	}
	same(t, "due", keysOf("A", "B"), due(day.Add(time.Hour)))
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.Wait(t.Context(), keysOf("A", "X")) })
	same(t, "one of them waits", keysOf("B"), due(day.Add(time.Hour)))
	same(t, "later", keysOf("B", "C"), due(day.AddDate(0, 0, 1)))
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.Compared(t.Context(), keysOf("A"), false) })
	same(t, "none of them waits", keysOf("A", "B", "C"), due(day.AddDate(0, 0, 1)))
}

func lastFresh(t *testing.T, db *Database) {
	fresh := func() map[string]time.Time {
		t.Helper()
		got, err := db.Store.LastFresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	same(t, "before the first run", map[string]time.Time{}, fresh())
	want := map[string]time.Time{"cổng": day, "sổ TP": day.Add(time.Hour + 7*time.Millisecond), "never in full": {}}
	write(t, db, &store.Run{Fresh: want}, everything(t, 1, nil))
	same(t, "after a run", want, fresh())
	write(t, db, &store.Run{}, func(*store.RunWriter) error { return nil })
	same(t, "after a run in which nobody was believed", map[string]time.Time{}, fresh())
}

// dossierCounts compares what runs carry on with a count from the start.
func dossierCounts(t *testing.T, db *Database) {
	var names []string
	for _, name := range []string{"cổng", "sổ 1", "sổ 2"} {
		newBook(t, db, name).accepted(reading{rows: dossiers("TP", 1, 1)})
		names = append(names, name)
	}
	ids := make([]int64, len(names))
	for i, name := range names {
		if err := db.SQL.Get(&ids[i], db.SQL.Rebind("SELECT id FROM sources WHERE name = ?"), name); err != nil {
			t.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(3, 4))
	statuses := append([]reconcile.Status{""}, reconcile.Statuses...)
	truth := map[store.Key][]store.Held{}
	var keys []store.Key
	for i := range 400 {
		keys = append(keys, store.KeyOf(fmt.Sprint("dossier ", i)))
	}
	slices.Sort(keys)
	draw := func(keys []store.Key) (list []store.Classified) {
		for _, key := range keys {
			delete(truth, key)
			var rows []store.Held
			for range random.IntN(5) { // also the same twice, and none at all
				rows = append(rows, store.Held{SourceID: ids[random.IntN(len(ids))], Status: statuses[random.IntN(len(statuses))]})
			}
			if len(rows) == 0 {
				continue
			}
			truth[key] = slices.Clone(rows)
			list = append(list, store.Classified{Key: key, Class: store.ClassOf(&reconcile.Outcome{Department: "TP"}, rows)})
		}
		return list
	}
	check := func(when string) {
		t.Helper()
		want := map[string]map[reconcile.Status]int{}
		for _, rows := range truth {
			distinct := map[store.Held]bool{}
			for _, row := range rows {
				distinct[row] = true
			}
			for row := range distinct {
				name := names[slices.Index(ids, row.SourceID)]
				if want[name] == nil {
					want[name] = map[reconcile.Status]int{}
				}
				want[name][row.Status]++
			}
		}
		got, err := db.Store.DossierCounts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		same(t, when, want, got)
	}
	for round := range 3 {
		write(t, db, &store.Run{}, func(w *store.RunWriter) error {
			if err := w.BeginAll(t.Context(), 0); err != nil {
				return err
			}
			return w.PutRange(t.Context(), draw(keys))
		})
		check(fmt.Sprint("all, round ", round))
		for range 5 {
			some := slices.DeleteFunc(slices.Clone(keys), func(store.Key) bool { return random.IntN(10) > 0 })
			write(t, db, &store.Run{}, func(w *store.RunWriter) error {
				reader, err := db.Store.NewReader(t.Context())
				if err != nil {
					return err
				}
				if random.IntN(2) == 0 { // what a reader looked up need not be looked up again
					w.Follow(reader)
				}
				if _, err := reader.ReadKeys(t.Context(), some, nil); err != nil {
					return err
				}
				return w.Replace(t.Context(), some, draw(some))
			})
			check(fmt.Sprint("some, round ", round))
		}
	}
}

// totals draws lives of discrepancies, in runs and by people's word.
func totals(t *testing.T, db *Database) {
	random := rand.New(rand.NewPCG(5, 6))
	states := []reconcile.State{reconcile.StateSuspected, reconcile.StateOpen, reconcile.StateAcknowledged, reconcile.StateWaived, reconcile.StateResolved}
	now := map[string]reconcile.Discrepancy{}
	draw := func() reconcile.Change {
		id := fmt.Sprint(random.IntN(12))
		d, known := now[id]
		if !known {
			d = reconcile.Discrepancy{ID: id, Code: id, Kind: reconcile.Kinds[random.IntN(2)], Department: []string{"TP", "Đất đai"}[random.IntN(2)]}
		}
		event := reconcile.Event{DiscrepancyID: id, From: d.State, Actor: reconcile.ServiceActor, At: day}
		if !known || random.IntN(4) > 0 {
			event.To = states[random.IntN(len(states))]
			d.State = event.To
		} // else only its next moment moves
		now[id] = d
		return reconcile.Change{Discrepancy: d, Event: event}
	}
	want := map[store.Totals]store.Totals{}
	count := func(c reconcile.Change) {
		key := store.Totals{Kind: c.Discrepancy.Kind, Department: c.Discrepancy.Department}
		sum, known := want[key]
		if !known {
			sum = key
		}
		opened, resolved, reopened := c.Opened(), c.Resolved(), c.Reopened()
		for at, n := range map[*int64]bool{&sum.Opened: opened, &sum.Resolved: resolved, &sum.Reopened: reopened} {
			if n {
				*at++
			}
		}
		if opened || resolved || reopened {
			want[key] = sum
		}
	}
	for round := range 30 {
		changes := make([]reconcile.Change, random.IntN(6))
		for i := range changes {
			changes[i] = draw()
		}
		if round%5 == 4 && len(changes) > 0 {
			c := changes[0]
			changes = changes[1:]
			if err := db.Store.SaveChanges(t.Context(), []reconcile.Change{c}); err != nil {
				t.Fatal(err)
			}
			count(c)
		}
		write(t, db, &store.Run{}, func(w *store.RunWriter) error {
			for _, c := range changes {
				count(c)
				if err := w.Put(t.Context(), c); err != nil {
					return err
				}
			}
			return nil
		})
	}
	got := map[store.Totals]store.Totals{}
	list, err := db.Again(t).Totals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, sum := range list {
		got[store.Totals{Kind: sum.Kind, Department: sum.Department}] = sum
	}
	same(t, "totals", want, got)
	var events store.Totals
	if err := db.SQL.Get(&events, `SELECT '' AS kind, '' AS department, SUM(CASE WHEN to_state = 'open' AND from_state <> 'open' THEN 1 ELSE 0 END) AS opened,
		SUM(CASE WHEN to_state = 'resolved' AND from_state <> 'resolved' THEN 1 ELSE 0 END) AS resolved,
		SUM(CASE WHEN from_state = 'resolved' AND to_state <> 'resolved' THEN 1 ELSE 0 END) AS reopened FROM discrepancy_events`); err != nil {
		t.Fatal(err)
	}
	var sums store.Totals
	for _, sum := range list {
		sums.Opened, sums.Resolved, sums.Reopened = sums.Opened+sum.Opened, sums.Resolved+sum.Resolved, sums.Reopened+sum.Reopened
	}
	same(t, "events", events, sums)
	if sums.Opened == 0 || sums.Resolved == 0 || sums.Reopened == 0 {
		t.Errorf("the lives drawn show nothing: %+v", sums)
	}
}
