package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
)

var deliveryTests = []test{
	{"a delivery from its registration to its end", deliveryLife},
	{"a lease keeps others away until it ends", deliveryLease},
	{"a delivery that was given up is put back by hand", deliveryDead},
	{"what comes late of an attempt changes nothing", deliveryLate},
	{"nothing is delivered while a run is held", deliveryHeld},
	{"many who deliver at once have each delivery once", deliverAtOnce},
	{"deliveries in scope, in pages", deliveryPages},
	{"what waits and what was given up, by department", outboxCounts},
	{"a letter that was only printed is handed to channels once", deliveriesAdded},
}

func delivery(t *testing.T, db *Database, id int64) *store.Delivery {
	t.Helper()
	d, err := db.Store.GetDelivery(t.Context(), nil, id)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// dueIDs is what is due at a moment after day, and when the next one is.
func dueIDs(t *testing.T, db *Database, after time.Duration) (ids []int64) {
	t.Helper()
	list, err := db.Store.DueDeliveries(t.Context(), day.Add(after), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		ids = append(ids, d.ID)
	}
	return ids
}

func next(t *testing.T, db *Database) time.Time {
	t.Helper()
	at, err := db.Store.NextDelivery(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// claim is a lease of ten minutes; nil where it is not given.
func claim(t *testing.T, db *Database, id int64, after time.Duration) *store.Delivery {
	t.Helper()
	d, err := db.Store.ClaimDelivery(t.Context(), id, day.Add(after), day.Add(after+10*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func fail(t *testing.T, db *Database, d *store.Delivery, after, next time.Duration, dead bool) {
	t.Helper()
	if err := db.Store.DeliveryFailed(t.Context(), d, day.Add(after), day.Add(next), dead, "máy chủ từ chối: 451\x00"); err != nil {
		t.Fatal(err)
	}
}

func sent(t *testing.T, db *Database, id int64, after time.Duration) {
	t.Helper()
	if err := db.Store.DeliverySent(t.Context(), id, day.Add(after)); err != nil {
		t.Fatal(err)
	}
}

// registered is a letter with two deliveries, by e-mail at once, by folder an hour later.
func registered(t *testing.T, db *Database, department string) (l *store.Letter, email, folder int64) {
	t.Helper()
	l = register(t, db.Store, newLetter(department, "2018-07-02", department+" a"))
	list, err := db.Store.ListDeliveries(t.Context(), store.DeliveryFilter{Letter: l.ID})
	if err != nil || len(list) != 2 {
		t.Fatalf("%d deliveries, error %v", len(list), err)
	}
	return l, list[1].ID, list[0].ID
}

func deliveryLife(t *testing.T, db *Database) {
	same(t, "none is next", time.Time{}, next(t, db))
	l, email, folder := registered(t, db, "TP")
	want := store.Delivery{ID: email, LetterID: l.ID, Label: l.Label, Department: "TP", Channel: "email", MessageID: fmt.Sprintf("%d.email", l.ID),
		State: store.DeliveryPending, CreatedAt: day, NextAt: day}
	same(t, "registered", &want, delivery(t, db, email))
	same(t, "next", day, next(t, db))
	same(t, "due before", 0, len(dueIDs(t, db, -time.Millisecond)))
	same(t, "due", []int64{email}, dueIDs(t, db, 0))
	same(t, "due later", []int64{email, folder}, dueIDs(t, db, time.Hour))
	if d := claim(t, db, folder, 59*time.Minute); d != nil {
		t.Errorf("claimed before it is due: %+v", d)
	}

	want.Attempts, want.LeaseUntil = 1, day.Add(10*time.Minute)
	claimed := claim(t, db, email, 0)
	same(t, "claimed", &want, claimed)
	same(t, "next while claimed", day.Add(10*time.Minute), next(t, db))
	fail(t, db, claimed, time.Minute, 5*time.Minute, false)
	want.NextAt, want.LeaseUntil, want.LastError = day.Add(5*time.Minute), time.Time{}, "máy chủ từ chối: 451\uFFFD"
	same(t, "failed", &want, delivery(t, db, email))
	same(t, "due before the next attempt", 0, len(dueIDs(t, db, 4*time.Minute)))

	want.Attempts, want.LeaseUntil = 2, day.Add(15*time.Minute)
	same(t, "claimed again", &want, claim(t, db, email, 5*time.Minute))
	sent(t, db, email, 6*time.Minute)
	want.State, want.EndedAt, want.NextAt, want.LeaseUntil, want.LastError = store.DeliverySent, day.Add(6*time.Minute), time.Time{}, time.Time{}, ""
	same(t, "sent", &want, delivery(t, db, email))
	sent(t, db, email, time.Hour)
	same(t, "sent once more", &want, delivery(t, db, email))
	same(t, "next after it", day.Add(time.Hour), next(t, db))
	if d := claim(t, db, email, time.Hour); d != nil {
		t.Errorf("claimed after it was sent: %+v", d)
	}
	if d := claim(t, db, 12345, time.Hour); d != nil {
		t.Errorf("claimed one that is not there: %+v", d)
	}
}

func deliveryLease(t *testing.T, db *Database) {
	_, email, _ := registered(t, db, "TP")
	if claim(t, db, email, 0) == nil {
		t.Fatal("not claimed")
	}
	same(t, "due while claimed", 0, len(dueIDs(t, db, 9*time.Minute)))
	if d := claim(t, db, email, 9*time.Minute); d != nil {
		t.Errorf("claimed twice: %+v", d)
	}
	// Whoever had it is gone.
	same(t, "due when the lease has ended", []int64{email}, dueIDs(t, db, 10*time.Minute))
	if d := claim(t, db, email, 10*time.Minute); d == nil || d.Attempts != 2 {
		t.Errorf("after the lease: %+v", d)
	}
}

func deliveryDead(t *testing.T, db *Database) {
	ctx := t.Context()
	_, email, folder := registered(t, db, "TP")
	fail(t, db, claim(t, db, email, 0), time.Minute, 0, true)
	dead := delivery(t, db, email)
	same(t, "given up", []any{store.DeliveryDead, day.Add(time.Minute), time.Time{}, 1}, []any{dead.State, dead.EndedAt, dead.NextAt, dead.Attempts})
	same(t, "due", []int64{folder}, dueIDs(t, db, 100*time.Hour))
	h := newHook(t, db)
	_, err := db.Store.RetryDelivery(ctx, folder, day)
	if !errors.Is(err, store.ErrNotDead) {
		t.Errorf("error %v", err)
	}
	says(t, err, "pending")
	if _, err := db.Store.RetryDelivery(ctx, 12345, day); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	same(t, "queued", 0, h.deliver)
	got, err := db.Store.RetryDelivery(ctx, email, day.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "queued", 1, h.deliver)
	want := *dead
	want.State, want.Attempts, want.NextAt, want.EndedAt = store.DeliveryPending, 0, day.Add(2*time.Hour), time.Time{}
	same(t, "put back, under the same name", &want, got)
	same(t, "kept", &want, delivery(t, db, email))
	sent(t, db, email, 2*time.Hour)
	if _, err := db.Store.RetryDelivery(ctx, email, day); !errors.Is(err, store.ErrNotDead) {
		t.Errorf("error %v", err)
	}
}

func deliveryLate(t *testing.T, db *Database) {
	_, email, folder := registered(t, db, "TP")
	slow := claim(t, db, email, 0)
	other := claim(t, db, email, 10*time.Minute)
	unchanged := delivery(t, db, email)
	fail(t, db, slow, 11*time.Minute, 12*time.Minute, false)
	fail(t, db, slow, 11*time.Minute, 12*time.Minute, true)
	same(t, "somebody else has it", unchanged, delivery(t, db, email))
	// But what arrived did arrive.
	sent(t, db, slow.ID, 11*time.Minute)
	fail(t, db, other, 12*time.Minute, 13*time.Minute, true)
	same(t, "state", store.DeliverySent, delivery(t, db, email).State)
	fail(t, db, claim(t, db, folder, time.Hour), time.Hour, 0, true)
	sent(t, db, folder, 2*time.Hour)
	got := delivery(t, db, folder)
	same(t, "given up, and did arrive", []any{store.DeliverySent, day.Add(2 * time.Hour), ""}, []any{got.State, got.EndedAt, got.LastError})
}

func deliveryHeld(t *testing.T, db *Database) {
	_, email, _ := registered(t, db, "TP")
	h := newHook(t, db)
	run := holdRun(t, db)
	same(t, "due", 0, len(dueIDs(t, db, time.Hour)))
	same(t, "next", time.Time{}, next(t, db))
	if d := claim(t, db, email, time.Hour); d != nil {
		t.Errorf("claimed: %+v", d)
	}
	h.deliver = 0
	if _, err := db.Store.ReleaseRun(t.Context(), run.ID, "Lan", day); err != nil {
		t.Fatal(err)
	}
	same(t, "queued with the release", 1, h.deliver)
	same(t, "due after it", 2, len(dueIDs(t, db, time.Hour)))
	for _, id := range dueIDs(t, db, time.Hour) {
		sent(t, db, id, time.Hour)
	}
	if _, err := db.Store.ReleaseRun(t.Context(), holdRun(t, db).ID, "Lan", day); err != nil {
		t.Fatal(err)
	}
	same(t, "queued where nothing waits", 1, h.deliver)
}

func deliverAtOnce(t *testing.T, db *Database) {
	const letters = 15
	for i := range letters {
		registered(t, db, fmt.Sprint("department ", i))
	}
	var mu sync.Mutex
	got := map[string]int{}
	var workers sync.WaitGroup
	for _, s := range []*store.Store{db.Store, db.Again(t), db.Store} {
		workers.Go(func() {
			now := day.Add(time.Hour)
			for {
				list, err := s.DueDeliveries(t.Context(), now, 4)
				if err != nil || len(list) == 0 {
					if err != nil {
						t.Error(err)
					}
					return
				}
				for i := range list {
					d, err := s.ClaimDelivery(t.Context(), list[i].ID, now, now.Add(time.Hour))
					if err != nil {
						t.Error(err)
						return
					}
					if d == nil {
						continue
					}
					mu.Lock()
					got[d.MessageID]++
					mu.Unlock()
					if err := s.DeliverySent(t.Context(), d.ID, now); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	workers.Wait()
	same(t, "messages", 2*letters, len(got))
	for id, n := range got {
		same(t, id, 1, n)
	}
}

func deliveryPages(t *testing.T, db *Database) {
	ctx := t.Context()
	_, email, folder := registered(t, db, "TP")
	_, other, late := registered(t, db, "NV")
	sent(t, db, email, 0)
	fail(t, db, claim(t, db, other, 0), 0, 0, true)
	for name, test := range map[string]struct {
		filter store.DeliveryFilter
		want   []int64
	}{
		"all":           {store.DeliveryFilter{}, []int64{late, other, folder, email}},
		"a page":        {store.DeliveryFilter{Limit: 2, Before: late}, []int64{other, folder}},
		"in scope":      {store.DeliveryFilter{Departments: []string{"NV"}}, []int64{late, other}},
		"of none":       {store.DeliveryFilter{Departments: []string{}}, nil},
		"sent":          {store.DeliveryFilter{State: store.DeliverySent}, []int64{email}},
		"dead":          {store.DeliveryFilter{State: store.DeliveryDead}, []int64{other}},
		"pending":       {store.DeliveryFilter{State: store.DeliveryPending}, []int64{late, folder}},
		"dead, outside": {store.DeliveryFilter{State: store.DeliveryDead, Departments: []string{"TP"}}, nil},
	} {
		list, err := db.Store.ListDeliveries(ctx, test.filter)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, d := range list {
			got = append(got, d.ID)
		}
		same(t, name, test.want, got)
	}
	for _, scope := range [][]string{{}, {"NV"}} {
		if _, err := db.Store.GetDelivery(ctx, scope, email); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("scope %q: error %v", scope, err)
		}
	}
	if _, err := db.Store.GetDelivery(ctx, []string{"TP"}, email); err != nil {
		t.Error(err)
	}
	same(t, "states", []store.DeliveryState{store.DeliveryPending, store.DeliverySent, store.DeliveryDead}, store.DeliveryStates)
}

func outboxCounts(t *testing.T, db *Database) {
	_, email, _ := registered(t, db, "TP")
	_, other, late := registered(t, db, "NV")
	_, done, alsoDone := registered(t, db, "Z")
	fail(t, db, claim(t, db, other, 0), 0, 0, true)
	fail(t, db, claim(t, db, late, time.Hour), time.Hour, 0, true)
	sent(t, db, email, 0)
	sent(t, db, done, 0)
	sent(t, db, alsoDone, 0)
	got, err := db.Store.OutboxCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "counts", []store.OutboxCount{{Department: "NV", Dead: 2}, {Department: "TP", Pending: 1, OldestPending: day}}, got)
}
