package storetest

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var listingTests = []test{
	{"pages of any size and filter are what a naive sort gives", pages},
	{"what stands is counted", standing},
}

// drawn is n discrepancies of few departments, codes and kinds, so that they meet.
func drawn(random *rand.Rand, n int) []reconcile.Discrepancy {
	states := []reconcile.State{reconcile.StateSuspected, reconcile.StateOpen, reconcile.StateAcknowledged, reconcile.StateWaived, reconcile.StateResolved}
	effects := []reconcile.Effect{"", reconcile.HiddenOverdue}
	sides := []reconcile.Side{"", reconcile.Office, reconcile.Platform}
	var list []reconcile.Discrepancy
	taken := map[store.Place]bool{}
	for len(list) < n {
		d := reconcile.Discrepancy{
			ID: fmt.Sprint("id ", len(list)), Kind: reconcile.Kinds[random.IntN(4)], Side: sides[random.IntN(3)],
			Department: []string{"", "A", "A-B", "AB", "a", "Đất đai", "đất đai"}[random.IntN(7)], Code: fmt.Sprint([]string{"Đ", "D", "d"}[random.IntN(3)], random.IntN(30)),
			State: states[random.IntN(len(states))], Effect: effects[random.IntN(2)], Unstable: random.IntN(3) == 0,
			Since: day.Add(time.Duration(random.IntN(1000)) * time.Minute),
		}
		if d.State != reconcile.StateSuspected {
			d.OpenedAt = d.Since.Add(time.Duration(random.IntN(1000)) * time.Minute)
		}
		if !taken[placeOf(&d)] {
			taken[placeOf(&d)] = true
			list = append(list, d)
		}
	}
	return list
}

func placeOf(d *reconcile.Discrepancy) store.Place {
	return store.Place{Kind: d.Kind, Department: d.Department, Code: d.Code, Side: d.Side}
}

func comparePlaces(a, b store.Place) int {
	return cmp.Or(cmp.Compare(slices.Index(reconcile.Kinds, a.Kind), slices.Index(reconcile.Kinds, b.Kind)),
		strings.Compare(a.Department, b.Department), strings.Compare(a.Code, b.Code), cmp.Compare(a.Side, b.Side))
}

// chooses is the filter, the simple way.
func chooses(f *store.Filter, d *reconcile.Discrepancy) bool {
	switch {
	case len(f.States) > 0 && !slices.Contains(f.States, d.State), len(f.States) == 0 && !f.All && d.State == reconcile.StateResolved,
		f.Department != "" && d.Department != f.Department, f.Kind != "" && d.Kind != f.Kind, f.Effect != "" && d.Effect != f.Effect,
		f.Code != "" && d.Code != f.Code, f.Unstable && !d.Unstable:
		return false
	}
	return f.After == nil || comparePlaces(placeOf(d), *f.After) > 0
}

func pages(t *testing.T, db *Database) {
	random := rand.New(rand.NewPCG(7, 8))
	list := drawn(random, 400)
	save(t, db, list...)
	slices.SortFunc(list, func(a, b reconcile.Discrepancy) int { return comparePlaces(placeOf(&a), placeOf(&b)) })
	some := func(values ...string) string {
		if random.IntN(3) > 0 {
			return ""
		}
		return values[random.IntN(len(values))]
	}
	for try := range 120 {
		f := store.Filter{
			All: random.IntN(3) == 0, Department: some("A", "AB", "Đất đai", "none"), Kind: reconcile.Kind(some(string(reconcile.Kinds[1]), string(reconcile.Kinds[3]))),
			Effect: reconcile.Effect(some(string(reconcile.HiddenOverdue))), Unstable: random.IntN(5) == 0, Limit: random.IntN(40),
		}
		if random.IntN(6) == 0 {
			f.Code = list[random.IntN(len(list))].Code
		}
		if random.IntN(4) == 0 {
			f.States = []reconcile.State{reconcile.StateOpen, reconcile.StateResolved}[:1+random.IntN(2)]
		}
		if random.IntN(3) == 0 { // a place where nothing need stand
			f.After = &store.Place{Kind: reconcile.Kinds[random.IntN(5)], Department: "A-B", Code: "D17", Side: reconcile.Office}
		}
		for page := 0; ; page++ {
			var want, got []string
			for i := range list {
				if chooses(&f, &list[i]) && (f.Limit == 0 || len(want) < f.Limit) {
					want = append(want, list[i].ID)
				}
			}
			var last store.Place
			if err := db.Store.EachDiscrepancy(t.Context(), f, func(d reconcile.Discrepancy) error {
				got, last = append(got, d.ID), placeOf(&d)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			same(t, fmt.Sprintf("try %d, page %d, %+v", try, page, f), want, got)
			if f.Limit == 0 || len(got) < f.Limit || t.Failed() {
				break
			}
			f.After = &last
		}
	}
}

func standing(t *testing.T, db *Database) {
	list := drawn(rand.New(rand.NewPCG(9, 10)), 300)
	save(t, db, list...)
	openedBy := day.Add(800 * time.Minute)
	type class struct {
		kind       reconcile.Kind
		department string
		state      reconcile.State
		effect     reconcile.Effect
		unstable   bool
	}
	want := map[class]store.Standing{}
	for _, d := range list {
		if d.State == reconcile.StateResolved {
			continue
		}
		key := class{d.Kind, d.Department, d.State, d.Effect, d.Unstable}
		s, known := want[key]
		if !known {
			s = store.Standing{Kind: d.Kind, Department: d.Department, State: d.State, Effect: d.Effect, Unstable: d.Unstable, Oldest: d.Since.UnixMilli()}
		}
		s.Count++
		s.Oldest = min(s.Oldest, d.Since.UnixMilli())
		if !d.OpenedAt.IsZero() && !d.OpenedAt.After(openedBy) {
			s.Past++
		}
		want[key] = s
	}
	rows, err := db.Store.CountStanding(t.Context(), openedBy)
	if err != nil {
		t.Fatal(err)
	}
	got := map[class]store.Standing{}
	for _, s := range rows {
		got[class{s.Kind, s.Department, s.State, s.Effect, s.Unstable}] = s
	}
	same(t, "standing", want, got)
	same(t, "classes, each once", len(rows), len(got))
}
