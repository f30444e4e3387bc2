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
	{"counting what a filter chooses ends somewhere", manyMatching},
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

// before is what each order says, the simple way.
func before(o store.Order, a, b *store.Place) int {
	kind, department := cmp.Compare(a.Kind, b.Kind), strings.Compare(a.Department, b.Department)
	code, side := strings.Compare(a.Code, b.Code), cmp.Compare(a.Side, b.Side)
	switch o {
	case store.BySince:
		return cmp.Or(cmp.Compare(a.Since, b.Since), kind, department, code, side)
	case store.ByNewest:
		return -cmp.Or(cmp.Compare(a.Since, b.Since), kind, department, code, side)
	case store.ByCode:
		return cmp.Or(code, kind, department, side)
	}
	return cmp.Or(cmp.Compare(slices.Index(reconcile.Kinds, a.Kind), slices.Index(reconcile.Kinds, b.Kind)), department, code, side)
}

// chooses is the filter, the simple way.
func chooses(f *store.Filter, d *reconcile.Discrepancy) bool {
	switch {
	case len(f.States) > 0 && !slices.Contains(f.States, d.State), len(f.States) == 0 && !f.All && d.State == reconcile.StateResolved,
		f.Department != "" && d.Department != f.Department, f.Kind != "" && d.Kind != f.Kind, f.Effect != "" && d.Effect != f.Effect,
		f.Code != "" && d.Code != f.Code, f.Unstable && !d.Unstable, !strings.HasPrefix(d.Code, f.CodePrefix),
		f.Departments != nil && (d.Department == "" || !slices.Contains(f.Departments, d.Department)),
		f.IDs != nil && !slices.Contains(f.IDs, d.ID):
		return false
	}
	return true
}

var orders = []store.Order{store.ByKind, store.BySince, store.ByNewest, store.ByCode}

// drawnFilter is a filter that chooses some of list.
func drawnFilter(random *rand.Rand, list []reconcile.Discrepancy) store.Filter {
	one := func(n int) bool { return random.IntN(n) == 0 }
	f := store.Filter{All: one(3), Unstable: one(5), Limit: random.IntN(40), Order: orders[random.IntN(len(orders))]}
	if one(3) {
		f.Department = []string{"A", "AB", "Đất đai", "none"}[random.IntN(4)]
	}
	if one(3) {
		f.Kind = reconcile.Kinds[random.IntN(5)]
	}
	if one(3) {
		f.Effect = reconcile.HiddenOverdue
	}
	if one(8) {
		f.Code = list[random.IntN(len(list))].Code
	}
	if one(3) {
		f.CodePrefix = []string{"D", "D1", "d2", "Đ", "Đ1", "x", "\U0010FFFF"}[random.IntN(7)]
	}
	if one(4) {
		f.States = []reconcile.State{reconcile.StateOpen, reconcile.StateResolved}[:1+random.IntN(2)]
	}
	if one(2) {
		f.Departments = []string{}
		for range random.IntN(5) {
			f.Departments = append(f.Departments, []string{"AB", "A", "Đất đai", "none", "", "a"}[random.IntN(6)])
		}
		if one(4) { // more than are read one by one
			for i := range 130 {
				f.Departments = append(f.Departments, fmt.Sprint("department ", i))
			}
		}
	}
	if one(8) {
		f.IDs = []string{}
		for range random.IntN(30) {
			f.IDs = append(f.IDs, fmt.Sprint("id ", random.IntN(500)))
		}
	}
	if one(3) { // a place where nothing need stand
		f.After = &store.Place{Kind: reconcile.Kinds[random.IntN(5)], Department: []string{"A-B", "AB", ""}[random.IntN(3)], Code: "D17", Side: reconcile.Office,
			Since: list[random.IntN(len(list))].Since.UnixMilli()}
	}
	return f
}

func pages(t *testing.T, db *Database) {
	random := rand.New(rand.NewPCG(7, 8))
	list := drawn(random, 400)
	save(t, db, list...)
	places := make(map[string]store.Place, len(list))
	for i := range list {
		place := placeOf(&list[i])
		place.Since = list[i].Since.UnixMilli()
		places[list[i].ID] = place
	}
	for try := range 400 {
		f := drawnFilter(random, list)
		var chosen []string
		for i := range list {
			if chooses(&f, &list[i]) {
				chosen = append(chosen, list[i].ID)
			}
		}
		n, err := db.Store.CountMatching(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("try %d, how many, %+v", try, f), len(chosen), n)
		place := func(id string) *store.Place { p := places[id]; return &p }
		slices.SortFunc(chosen, func(a, b string) int { return before(f.Order, place(a), place(b)) })
		for page := 0; ; page++ {
			var want, got []string
			for _, id := range chosen {
				if (f.After == nil || before(f.Order, place(id), f.After) > 0) && (f.Limit == 0 || len(want) < f.Limit) {
					want = append(want, id)
				}
			}
			var last store.Place
			if err := db.Store.EachDiscrepancy(t.Context(), f, func(d reconcile.Discrepancy) error {
				got, last = append(got, d.ID), store.PlaceOf(&d)
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
		if t.Failed() {
			return
		}
	}
}

func manyMatching(t *testing.T, db *Database) {
	list := make([]reconcile.Discrepancy, store.MaxMatching+500)
	for i := range list {
		list[i] = reconcile.Discrepancy{ID: fmt.Sprint(i), Code: fmt.Sprint("C", i), Kind: reconcile.Kinds[i%3], Department: "TP", State: reconcile.StateOpen}
	}
	save(t, db, list...)
	for _, f := range []store.Filter{{}, {All: true}, {Departments: []string{"TP"}}, {CodePrefix: "C"}, {Limit: 1}} {
		n, err := db.Store.CountMatching(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("%+v", f), store.MaxMatching, n)
	}
	if n, err := db.Store.CountMatching(t.Context(), store.Filter{Kind: reconcile.Kinds[0]}); err != nil || n != len(list)/3 && n != len(list)/3+1 {
		t.Errorf("%d of a kind, error %v", n, err)
	}
	ids := make([]string, len(list)) // more than a statement of SQLite takes one by one
	for i := range ids {
		ids[i] = list[i].ID
	}
	got := 0
	if err := db.Store.EachDiscrepancy(t.Context(), store.Filter{IDs: ids, Order: store.ByCode}, func(reconcile.Discrepancy) error { got++; return nil }); err != nil {
		t.Fatal(err)
	}
	same(t, "by their ids", len(list), got)
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
