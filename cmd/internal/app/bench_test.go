package app

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/adapter/world"
)

// benchSize is how many dossiers a side the benchmarks compare.
func benchSize() int {
	n, err := strconv.Atoi(os.Getenv("DOISOAT_BENCH_DOSSIERS"))
	if err != nil {
		n = 100_000
	}
	return n
}

func benchWorld(b *testing.B) string {
	b.Helper()
	dir := filepath.Join(os.TempDir(), "doisoat-bench-"+strconv.Itoa(benchSize()))
	if _, err := os.Stat(filepath.Join(dir, "doisoat.yaml")); err == nil {
		return dir
	}
	if _, err := world.WriteBenchCSV(dir, benchSize(), 1, world.BenchOptions{}); err != nil {
		b.Fatal(err)
	}
	return dir
}

func benchRun(b *testing.B, dir string) {
	b.Helper()
	setup, err := Load(filepath.Join(dir, "doisoat.yaml"))
	if err != nil {
		b.Fatal(err)
	}
	log := logrus.New()
	log.SetOutput(io.Discard)
	a, err := Open(context.Background(), setup, Options{Log: log, Migrate: true})
	if err != nil {
		b.Fatal(err)
	}
	result, err := a.Reconcile(context.Background(), world.BenchAsOf, false)
	if err != nil {
		b.Fatal(err)
	}
	if result.Incomplete() {
		b.Fatalf("a source was not accepted: %+v", result.Snapshots)
	}
	if err := a.Close(); err != nil {
		b.Fatal(err)
	}
}

func forget(b *testing.B, dir string) {
	b.Helper()
	for _, name := range []string{"doisoat.db", "doisoat.db-wal", "doisoat.db-shm"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
			b.Fatal(err)
		}
	}
}

// BenchmarkFirstLoad reads, stores and compares a world for the first time.
func BenchmarkFirstLoad(b *testing.B) {
	dir := benchWorld(b)
	for b.Loop() {
		b.StopTimer()
		forget(b, dir)
		b.StartTimer()
		benchRun(b, dir)
	}
	b.ReportMetric(float64(benchSize())*2*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkNothingChanged is the next run, over the same files.
func BenchmarkNothingChanged(b *testing.B) {
	dir := benchWorld(b)
	forget(b, dir)
	benchRun(b, dir)
	for b.Loop() {
		benchRun(b, dir)
	}
	b.ReportMetric(float64(benchSize())*2*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkThousandChanged is a run in which a thousand dossiers differ from the
// run before.
func BenchmarkThousandChanged(b *testing.B) {
	dir := benchWorld(b)
	changed := dir + "-changed"
	if _, err := os.Stat(filepath.Join(changed, "doisoat.yaml")); err != nil {
		if _, err := world.WriteBenchCSV(changed, benchSize(), 1, world.BenchOptions{Changed: 1000}); err != nil {
			b.Fatal(err)
		}
	}
	forget(b, dir)
	benchRun(b, dir)
	for b.Loop() {
		b.StopTimer()
		swap(b, dir, changed)
		b.StartTimer()
		benchRun(b, dir)
	}
	if b.N%2 == 1 {
		swap(b, dir, changed) // each as it was
	}
}

// swap exchanges the exports of two folders.
func swap(b *testing.B, one, other string) {
	b.Helper()
	for _, name := range []string{"platform.csv", "offices"} {
		for _, move := range [][2]string{{one, one + "-tmp-"}, {other, one}, {one + "-tmp-", other}} {
			from, to := filepath.Join(move[0], name), filepath.Join(move[1], name)
			if move[1] == one+"-tmp-" {
				to = move[1] + name
			}
			if move[0] == one+"-tmp-" {
				from = move[0] + name
			}
			if err := os.Rename(from, to); err != nil {
				b.Fatal(err)
			}
		}
	}
}
