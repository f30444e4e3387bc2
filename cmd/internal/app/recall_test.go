package app

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
)

// What is remembered of the store is given again while nothing changes, and never
// after a run, whoever made it.
func TestWhatIsRecalledIsAsNewAsTheStore(t *testing.T) {
	ctx := context.Background()
	path := "sqlite:" + filepath.Join(t.TempDir(), "store.db")
	open := func() *store.Store {
		t.Helper()
		s, err := store.Open(ctx, path, store.Options{Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
	a, other := &App{Store: open()}, open()
	recall := func() *recalled {
		t.Helper()
		r, err := a.recall(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	last := int64(0)
	for range 3 {
		before := recall()
		if recall() != before {
			t.Fatal("nothing changed, and it was read again")
		}
		at := time.Now()
		run := &store.Run{Kind: store.RunNightly, StartedAt: at, AsOf: at, EndedAt: at}
		if err := other.WriteRun(ctx, run, last, func(*store.RunWriter) error { return nil }); err != nil {
			t.Fatal(err)
		}
		last = run.ID
		if got := recall(); got.run == nil || got.run.ID != last {
			t.Fatalf("run %d was made elsewhere; recalled %+v", last, got.run)
		}
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := a.recall(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := a.recall(ended); err == nil {
		t.Error("nobody waits for the answer any more, and one was given")
	}
}
