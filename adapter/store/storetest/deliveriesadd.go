package storetest

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/store"
)

// deliveriesAdded hands a letter that was only printed to channels, by several at once:
// over each it goes once, under the id that was given first.
func deliveriesAdded(t *testing.T, db *Database) {
	ctx := t.Context()
	n := newLetter("TP", "2018-07-02", "a")
	wanted := n.Deliveries
	n.Deliveries = nil
	l := register(t, db.Store, n)
	if !next(t, db).IsZero() {
		t.Fatal("what was only printed is on its way")
	}
	at := day.Add(5 * time.Hour)
	var group sync.WaitGroup
	var lock sync.Mutex
	added := 0
	for range 4 {
		group.Go(func() {
			some, err := db.Store.AddDeliveries(ctx, l.ID, at, wanted)
			lock.Lock()
			defer lock.Unlock()
			added += some
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	list, err := db.Store.ListDeliveries(ctx, store.DeliveryFilter{Letter: l.ID})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range list {
		got = append(got, d.Channel+" "+d.MessageID)
		if !d.CreatedAt.Equal(at) || !d.NextAt.Equal(at) || d.State != store.DeliveryPending || d.Department != "TP" {
			t.Errorf("%+v, want it waiting since it was asked for", d)
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"email 1.email", "folder 1.folder"}, got); diff != "" || added != 2 {
		t.Errorf("%d added (-want +got):\n%s", added, diff)
	}
	revision, err := db.Store.Revision(ctx)
	if err != nil {
		t.Fatal(err)
	}
	more := append(slices.Clone(wanted), store.NewDelivery{Channel: "sftp", MessageID: func(int64) string { return "1.sftp" }})
	if some, err := db.Store.AddDeliveries(ctx, l.ID, at, more); err != nil || some != 1 {
		t.Errorf("one channel more: %d, %v", some, err)
	}
	if after, err := db.Store.Revision(ctx); err != nil || after == revision {
		t.Errorf("the revision stays %s, %v", after, err)
	}
	if _, err := db.Store.AddDeliveries(ctx, 4711, at, wanted); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of no letter: %v", err)
	}
}
