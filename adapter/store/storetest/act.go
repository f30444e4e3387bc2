package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var actTests = []test{
	{"what a person sets on many is kept whole or not at all", act},
	{"nobody acts on another department's", actWithin},
	{"people who act at once, while runs are written", actAtOnce},
}

func acknowledge(by string) func(reconcile.Discrepancy) (reconcile.Change, error) {
	return func(d reconcile.Discrepancy) (reconcile.Change, error) { return d.Acknowledge(by, "đã rõ", day) }
}

func openOnes(n int, department string) []reconcile.Discrepancy {
	list := make([]reconcile.Discrepancy, n)
	for i := range list {
		list[i] = reconcile.Discrepancy{ID: fmt.Sprintf("%s %04d", department, i), Code: fmt.Sprintf("H-%04d", i), Kind: reconcile.ResolvedNotClosed,
			Department: department, State: reconcile.StateOpen, Since: day.Add(time.Duration(i) * time.Minute), Effect: reconcile.EffectNone}
	}
	return list
}

func idsOf(list []reconcile.Discrepancy) []string {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[len(list)-1-i].ID // not in the order of the table
	}
	return ids
}

func act(t *testing.T, db *Database) {
	ctx := t.Context()
	list := openOnes(1200, "TP") // more than are read at a time
	save(t, db, list...)
	ids := idsOf(list)
	revision, err := db.Store.Revision(ctx)
	if err != nil {
		t.Fatal(err)
	}
	unchanged := dump(t, db)
	n := 0
	no := errors.New("this one cannot be")
	if _, err := db.Store.Act(ctx, nil, ids, func(d reconcile.Discrepancy) (reconcile.Change, error) {
		if n++; n == 1100 {
			return reconcile.Change{}, no
		}
		return d.Acknowledge("Lan", "đã rõ", day)
	}); !errors.Is(err, no) {
		t.Errorf("error %v", err)
	}
	if _, err := db.Store.Act(ctx, nil, append(ids, "none"), acknowledge("Lan")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	_, err = db.Store.Act(ctx, nil, []string{ids[0], ids[0]}, acknowledge("Lan"))
	says(t, err, "given twice")
	_, err = db.Store.Act(ctx, nil, ids[:1], func(d reconcile.Discrepancy) (reconcile.Change, error) {
		d.ID = ids[1]
		return d.Acknowledge("Lan", "đã rõ", day)
	})
	says(t, err, ids[0], ids[1])
	same(t, "tables", unchanged, dump(t, db))
	if got, err := db.Store.Act(ctx, nil, nil, acknowledge("Lan")); err != nil || len(got) != 0 {
		t.Errorf("nothing: %v, error %v", got, err)
	}
	same(t, "after nothing", unchanged, dump(t, db))

	got, err := db.Store.Act(ctx, nil, ids, acknowledge("Lan"))
	if err != nil {
		t.Fatal(err)
	}
	for i, d := range got {
		if d.ID != ids[i] || d.State != reconcile.StateAcknowledged || d.SetBy != "Lan" {
			t.Fatalf("at %d: %+v", i, d)
		}
	}
	same(t, "kept", got[7], get(t, db, ids[7]))
	same(t, "acknowledged", len(ids), count(t, db, "SELECT COUNT(*) FROM discrepancies WHERE state = 'acknowledged'"))
	same(t, "events", 2*len(ids), count(t, db, "SELECT COUNT(*) FROM discrepancy_events"))
	if now, err := db.Store.Revision(ctx); err != nil || now == revision {
		t.Errorf("the revision is still %s, error %v", now, err)
	}
}

func actWithin(t *testing.T, db *Database) {
	ctx := t.Context()
	mine, other := openOnes(1, "TP"), openOnes(1, "NV")
	none := reconcile.Discrepancy{ID: "no department's", Code: "X", Kind: reconcile.InvalidRecord, State: reconcile.StateOpen}
	save(t, db, mine[0], other[0], none)
	for _, id := range []string{other[0].ID, none.ID} {
		if _, err := db.Store.Act(ctx, []string{"TP"}, []string{mine[0].ID, id}, acknowledge("Lan")); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: error %v", id, err)
		}
	}
	if _, err := db.Store.Act(ctx, []string{}, []string{mine[0].ID}, acknowledge("Lan")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody's: error %v", err)
	}
	same(t, "still open", 3, count(t, db, "SELECT COUNT(*) FROM discrepancies WHERE state = 'open'"))
	if _, err := db.Store.Act(ctx, []string{"NV", "TP"}, []string{mine[0].ID, other[0].ID}, acknowledge("Lan")); err != nil {
		t.Error(err)
	}
	if _, err := db.Store.Act(ctx, nil, []string{none.ID}, acknowledge("Lan")); err != nil {
		t.Error(err)
	}
}

// Each adds a letter to every note; none must be lost.
func actAtOnce(t *testing.T, db *Database) {
	list := openOnes(20, "TP")
	save(t, db, list...)
	const rounds = 15
	stores := []*store.Store{db.Store, db.Again(t), db.Store}
	var people sync.WaitGroup
	for _, s := range stores {
		people.Go(func() {
			for range rounds {
				if _, err := s.Act(t.Context(), nil, idsOf(list), func(d reconcile.Discrepancy) (reconcile.Change, error) {
					return d.Acknowledge("Lan", d.Note+"x", day)
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range rounds {
		write(t, db, &store.Run{}, func(w *store.RunWriter) error {
			d, err := db.Again(t).GetDiscrepancy(t.Context(), list[3].ID) // nobody can change it meanwhile
			if err != nil {
				return err
			}
			d.Reopened++
			return w.Put(t.Context(), reconcile.Change{Discrepancy: d})
		})
	}
	people.Wait()
	for _, d := range list {
		same(t, d.ID, len(stores)*rounds, len(get(t, db, d.ID).Note))
	}
	same(t, "changes by runs", rounds, get(t, db, list[3].ID).Reopened)
}
