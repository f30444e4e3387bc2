package app

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// The trend that is remembered is what the store would tell, whatever runs came since
// and whichever day is asked from.
func TestTrendIsWhatTheStoreTells(t *testing.T) {
	ctx := context.Background()
	kept, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "store.db"), store.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	}()
	at := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	last := int64(0)
	run := func(day string, codes ...string) {
		t.Helper()
		at = at.Add(time.Hour)
		r := &store.Run{Kind: store.RunNightly, StartedAt: at, AsOf: at, EndedAt: at, LocalDay: day}
		r.Summary.Compared = map[string]int{"KT": 1, "TP": 1}
		err := kept.WriteRun(ctx, r, last, func(w *store.RunWriter) error {
			for _, code := range codes {
				d := reconcile.Discrepancy{
					ID: reconcile.DiscrepancyID(reconcile.MissingInOffice, code, ""), Kind: reconcile.MissingInOffice, Code: code, Department: code[:2],
					State: reconcile.StateOpen, Effect: reconcile.EffectNone, FirstDetectedAt: at, OpenedAt: at,
				}
				if err := w.Put(ctx, reconcile.Change{Discrepancy: d, Event: reconcile.Event{DiscrepancyID: d.ID, At: at, To: reconcile.StateOpen}}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		last = r.ID
	}
	var remembered trend
	same := func(from string) {
		t.Helper()
		for _, scope := range []access.Scope{access.Everything(), access.Only("KT"), access.Only("KT", "TP"), access.Only("NV")} {
			want, err := kept.DayTotals(ctx, from, scope.Departments())
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // read, and remembered
				got, err := remembered.of(ctx, kept, last, from, scope)
				if err != nil {
					t.Fatal(err)
				}
				if len(got)+len(want) == 0 {
					continue
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("from %s, %v: (-store +remembered)\n%s", from, scope.Departments(), diff)
				}
			}
		}
	}
	same("2026-03-01")
	run("2026-03-02", "KT-1", "TP-1")
	same("2026-03-01")
	run("2026-03-02", "KT-2")
	same("2026-03-01")
	run("2026-03-05", "TP-2", "TP-3")
	same("2026-03-01")
	same("2026-03-03") // a day went by
	run("2026-03-06", "KT-3")
	same("2026-03-03")
	same("2026-03-01") // a clock that was put back
	same("2026-03-09")
}
