package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/store/storetest"
	"github.com/doisoat/doisoat/reconcile"
)

const benchRows = 100000

// benchSnapshot takes a snapshot of benchRows rows, of which the last ones are of
// another round.
func benchSnapshot(b *testing.B, db *storetest.Database, name string, round, changed int) {
	b.Helper()
	ref := store.SourceRef{Name: name, Side: reconcile.Platform, Layout: store.Layout{Digest: "v1", Inputs: []string{"code", "status", "department", "received", "due", "done"}}}
	in, err := db.Store.Begin(b.Context(), ref, func(v []string) string { return v[2] })
	if err != nil {
		b.Fatal(err)
	}
	values := make([]string, 6)
	for i := range benchRows {
		of := 0
		if i >= benchRows-changed {
			of = round
		}
		fingerprint := (uint64(i)*1000 + uint64(of) + 1) * 0x9E3779B97F4A7C15
		if in.Seen(fingerprint) {
			continue
		}
		code := fmt.Sprintf("000.00.16.H57-%06d-%04d", 180101+i/1000, i)
		values[0], values[1], values[2] = code, fmt.Sprint("Đang xử lý ", of), "Phòng Tài nguyên - môi trường"
		values[3], values[4], values[5] = "02/07/2018 08:15:00", "20/07/2018 17:00:00", ""
		if err := in.Add(&store.Row{Code: code, Fingerprint: fingerprint, Values: values, Department: values[2]}); err != nil {
			b.Fatal(err)
		}
	}
	at := time.UnixMilli(1530493200000).AddDate(0, 0, round)
	snap, err := in.Finish(b.Context(), reconcile.Poll{Mode: reconcile.Full, StartedAt: at, EndedAt: at, EndReached: true, DeclaredTotal: benchRows}, reconcile.DefaultShrink)
	if err != nil || snap.State != reconcile.SnapshotAccepted {
		b.Fatalf("%s %s, error %v", snap.State, snap.Reason, err)
	}
	if err := in.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkSnapshot measures from Begin to the end of Finish.
func BenchmarkSnapshot(b *testing.B) {
	opens := []struct {
		name string
		open func(testing.TB) *storetest.Database
	}{{"sqlite", openSQLite}, {"postgres", openPostgres}}
	for _, o := range opens {
		b.Run(o.name+"/new rows", func(b *testing.B) {
			db := o.open(b)
			for round := 0; b.Loop(); round++ {
				benchSnapshot(b, db, fmt.Sprint("source ", round), 0, 0)
			}
			b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
		})
		for name, changed := range map[string]int{"unchanged rows": 0, "1 % changed rows": benchRows / 100} {
			b.Run(o.name+"/"+name, func(b *testing.B) {
				db := o.open(b)
				benchSnapshot(b, db, "source", 0, 0)
				for round := 1; b.Loop(); round++ {
					benchSnapshot(b, db, "source", round, changed)
				}
				b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
