package store_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/store/storetest"
	"github.com/doisoat/doisoat/reconcile"
)

const (
	listStanding    = 50_000
	listResolved    = 250_000
	listDepartments = 190
)

// loadList makes a store with discrepancies of 190 departments, of which the first has
// one in ten and the second few.
func loadList(b *testing.B, db *storetest.Database) {
	b.Helper()
	ctx := b.Context()
	random := rand.New(rand.NewPCG(3, 4))
	at := time.UnixMilli(1530493200000).UTC()
	department := func() string {
		n := random.IntN(10 * listDepartments)
		if n < listDepartments {
			return "Phòng 000"
		}
		return fmt.Sprintf("Phòng %03d", 1+n%(listDepartments-1))
	}
	states := []reconcile.State{reconcile.StateOpen, reconcile.StateOpen, reconcile.StateOpen, reconcile.StateAcknowledged, reconcile.StateSuspected}
	run := &store.Run{Kind: store.RunNightly, StartedAt: at, AsOf: at, EndedAt: at, LocalDay: "2018-07-02"}
	if err := db.Store.WriteRun(ctx, run, 0, func(w *store.RunWriter) error {
		for i := range listStanding + listResolved {
			d := reconcile.Discrepancy{Code: fmt.Sprintf("000.00.16.H57-%06d-%07d", 180101+random.IntN(1000), i), Kind: reconcile.Kinds[random.IntN(len(reconcile.Kinds))],
				Department: department(), State: reconcile.StateResolved, Since: at.Add(-time.Duration(random.IntN(100000)) * time.Minute), SinceFrom: "the office's end",
				Effect: reconcile.EffectNone, Reason: "sổ của phòng: đã trả; cổng: đang xử lý", FirstDetectedAt: at, OpenedAt: at, Values: "abc"}
			if i%(listResolved/listStanding+1) == 0 {
				d.State = states[random.IntN(len(states))]
				if random.IntN(20) == 0 {
					d.Effect = []reconcile.Effect{reconcile.FalseOverdue, reconcile.HiddenOverdue}[random.IntN(2)]
				}
			}
			d.ID = reconcile.DiscrepancyID(d.Kind, d.Code, d.Side)
			if err := w.Put(ctx, reconcile.Change{Discrepancy: d, Event: reconcile.Event{DiscrepancyID: d.ID, To: d.State}}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkListing measures a page of a hundred out of fifty thousand that stand, and
// its count.
func BenchmarkListing(b *testing.B) {
	small := []string{"Phòng 001", "Phòng 002", "Phòng 100"}
	filters := []struct {
		name   string
		filter store.Filter
	}{
		{"by kind", store.Filter{}},
		{"by kind, one department", store.Filter{Departments: small[:1]}},
		{"by kind, a large department", store.Filter{Departments: []string{"Phòng 000"}}},
		{"by kind, three departments", store.Filter{Departments: small}},
		{"by kind, of a rare effect", store.Filter{Effect: reconcile.HiddenOverdue}},
		{"since", store.Filter{Order: store.BySince}},
		{"since, one department", store.Filter{Order: store.BySince, Departments: small[:1]}},
		{"since, three departments", store.Filter{Order: store.BySince, Departments: small}},
		{"since, of a rare effect", store.Filter{Order: store.BySince, Effect: reconcile.HiddenOverdue, States: []reconcile.State{reconcile.StateAcknowledged}}},
		{"newest, a kind", store.Filter{Order: store.ByNewest, Kind: reconcile.Reopened}},
		{"code", store.Filter{Order: store.ByCode}},
		{"code, three departments", store.Filter{Order: store.ByCode, Departments: small}},
		{"prefix", store.Filter{Order: store.ByCode, CodePrefix: "000.00.16.H57-1809"}},
		{"prefix by kind", store.Filter{CodePrefix: "000.00.16.H57-180901"}},
		{"prefix since", store.Filter{CodePrefix: "000.00.16.H57-180901", Order: store.BySince}},
		{"prefix by kind, one department", store.Filter{CodePrefix: "000.00.16.H57-1809", Departments: small[:1]}},
		{"prefix of one, one department", store.Filter{CodePrefix: "000.00.16.H57-180901-0000001", Departments: small[:1], Order: store.ByCode}},
		{"prefix of none", store.Filter{CodePrefix: "nothing"}},
	}
	for _, o := range []struct {
		name string
		open func(testing.TB) *storetest.Database
	}{{"sqlite", openSQLite}, {"postgres", openPostgres}} {
		b.Run(o.name, func(b *testing.B) {
			db := o.open(b)
			loadList(b, db)
			for _, f := range filters {
				b.Run(f.name, func(b *testing.B) {
					f.filter.Limit = 100
					f.filter.After = nil
					var pages, counts []float64
					n := 0
					for b.Loop() { // every other page is the one after
						began := time.Now()
						n = 0
						var last store.Place
						if err := db.Store.EachDiscrepancy(b.Context(), f.filter, func(d reconcile.Discrepancy) error {
							n++
							last = store.PlaceOf(&d)
							return nil
						}); err != nil {
							b.Fatal(err)
						}
						pages = append(pages, time.Since(began).Seconds())
						if f.filter.After == nil && n > 0 {
							f.filter.After = &last
						} else {
							f.filter.After = nil
						}
						began = time.Now()
						if _, err := db.Store.CountMatching(b.Context(), f.filter); err != nil {
							b.Fatal(err)
						}
						counts = append(counts, time.Since(began).Seconds())
					}
					slices.Sort(pages)
					slices.Sort(counts)
					b.ReportMetric(1000*pages[len(pages)/2], "ms-page")
					b.ReportMetric(1000*pages[len(pages)-1], "ms-worst")
					b.ReportMetric(1000*counts[len(counts)/2], "ms-count")
					b.ReportMetric(float64(n), "rows")
				})
			}
		})
	}
}
