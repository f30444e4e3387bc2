package list

import (
	"bytes"
	"io"
	"runtime"
	"testing"
	"time"
)

// BenchmarkWrite makes the list that a large land office gets. The figure wanted is
// far less than 5 s and 200 MB for 5,000 rows.
func BenchmarkWrite(b *testing.B) {
	for _, bench := range []struct {
		name string
		rows int
	}{{"5000", 5000}, {"50000", 50_000}} {
		b.Run(bench.name, func(b *testing.B) {
			l := theList()
			l.Items = many(bench.rows)
			b.ReportAllocs()
			for b.Loop() {
				if err := Write(io.Discard, l); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(peak(b, func() error { return Write(io.Discard, l) }), "peak-MB")
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for _, bench := range []struct {
		name string
		rows int
	}{{"5000", 5000}, {"50000", 50_000}} {
		b.Run(bench.name, func(b *testing.B) {
			l := theList()
			l.Items = many(bench.rows)
			file := written(b, l)
			read := func() error {
				_, err := Read(bytes.NewReader(file), int64(len(file)), zone)
				return err
			}
			b.ReportAllocs()
			for b.Loop() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(peak(b, read), "peak-MB")
		})
	}
}

// peak is the most memory from the system that the work needed beyond what was
// there before, in MB, looked at again and again while it runs.
func peak(t testing.TB, work func() error) float64 {
	t.Helper()
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	finished := make(chan error, 1)
	go func() { finished <- work() }()
	most := uint64(0)
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for {
		select {
		case err := <-finished:
			if err != nil {
				t.Error(err)
			}
			return float64(most) / 1e6
		case <-look.C:
			runtime.ReadMemStats(&now)
			if now.HeapAlloc > before.HeapAlloc {
				most = max(most, now.HeapAlloc-before.HeapAlloc)
			}
		}
	}
}
