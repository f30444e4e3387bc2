package store_test

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/store/storetest"
	"github.com/doisoat/doisoat/reconcile"
)

// incrementalSizes are the numbers of dossiers a side that BenchmarkIncremental
// stores; DOISOAT_BENCH_STORED=10000000 asks for other ones, separated by commas.
func incrementalSizes(b *testing.B) []int {
	b.Helper()
	text := os.Getenv("DOISOAT_BENCH_STORED")
	if text == "" {
		return []int{100_000, 1_000_000}
	}
	var sizes []int
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			b.Fatalf("DOISOAT_BENCH_STORED: %v", err)
		}
		sizes = append(sizes, n)
	}
	return sizes
}

const (
	incrementalChanges = 1000
	incrementalOffices = 4
	incrementalChunk   = 250 // dossiers that are compared together
)

// BenchmarkIncremental measures what the daemon does for an incremental poll in
// which a thousand rows of the platform came changed: it is taken in, and the
// dossiers are compared, of which half have a discrepancy that changes. ms/poll,
// and its parts intake and compare, are medians; processor is this process's time
// on all processors, which other programs on the machine disturb least. Polls come a
// minute apart, so that each run counts what stands for its day.
func BenchmarkIncremental(b *testing.B) {
	opens := []struct {
		name string
		open func(testing.TB) *storetest.Database
	}{{"sqlite", openSQLite}, {"postgres", openPostgres}}
	for _, o := range opens {
		for _, size := range incrementalSizes(b) {
			b.Run(fmt.Sprintf("%s/%d", o.name, size), func(b *testing.B) {
				w := &incrementalWorld{b: b, db: o.open(b), size: size, random: rand.New(rand.NewPCG(1, 2)), at: time.UnixMilli(1530493200000).UTC()}
				w.load()
				var intake, compare, all []float64
				busy := processorTime(b)
				for b.Loop() {
					began := time.Now()
					w.poll()
					taken := time.Now()
					w.compare()
					intake = append(intake, taken.Sub(began).Seconds())
					compare = append(compare, time.Since(taken).Seconds())
					all = append(all, time.Since(began).Seconds())
				}
				b.ReportMetric(1000*(processorTime(b)-busy)/float64(b.N), "ms-processor")
				for name, list := range map[string][]float64{"ms-intake": intake, "ms-compare": compare, "ms/poll": all} {
					slices.Sort(list)
					b.ReportMetric(1000*list[len(list)/2], name)
				}
				b.ReportMetric(1000*all[0], "ms-best")
				b.ReportMetric(1000*all[len(all)-1], "ms-worst")
			})
		}
	}
}

// processorTime is what this process used so far, in seconds.
func processorTime(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// incrementalWorld is a platform and some offices that have the same dossiers.
type incrementalWorld struct {
	b      *testing.B
	db     *storetest.Database
	size   int
	random *rand.Rand
	at     time.Time // of the last poll
	round  int
	last   store.Run
}

var incrementalInputs = []string{"code", "status", "department", "received", "due", "done"}

func (w *incrementalWorld) ref(name string, side reconcile.Side) store.SourceRef {
	return store.SourceRef{Name: name, Side: side, Layout: store.Layout{Digest: "v1", Inputs: incrementalInputs}}
}

func (w *incrementalWorld) load() {
	w.b.Helper()
	all := func(yield func(i, generation int) bool) {
		for i := range w.size {
			if !yield(i, 0) {
				return
			}
		}
	}
	some := func(yield func(i, generation int) bool) { // one in twenty has a history
		for i := range w.size {
			generation := 0
			if i%20 == 0 {
				generation = 1
			}
			if !yield(i, generation) {
				return
			}
		}
	}
	w.take("platform", reconcile.Platform, reconcile.Full, all)
	w.take("platform", reconcile.Platform, reconcile.Full, some)
	for office := range incrementalOffices {
		w.take(fmt.Sprint("office ", office), reconcile.Office, reconcile.Full, func(yield func(i, generation int) bool) {
			for i := office; i < w.size; i += incrementalOffices {
				if !yield(i, 0) {
					return
				}
			}
		})
	}
	w.compareAll()
	w.poll() // as it goes on from there
	w.compare()
}

// row is what a dossier's row is in a generation.
func (w *incrementalWorld) row(into *store.Row, i, generation int) {
	var text [40]byte
	code := append(text[:0], "000.00.16.H57-"...)
	code = strconv.AppendInt(code, int64(180101+i/1000), 10)
	code = append(code, '-')
	code = strconv.AppendInt(code, int64(1000000+i), 10)
	values := append(into.Values[:0], string(code), "Đang xử lý "+strconv.Itoa(generation), "Phòng Tài nguyên - môi trường "+strconv.Itoa(i%incrementalOffices),
		"02/07/2018 08:15:00", "20/07/2018 17:00:00", "")
	*into = store.Row{Code: values[0], Fingerprint: (uint64(i)<<20 + uint64(generation) + 1) * 0x9E3779B97F4A7C15, Values: values, Department: values[2]}
}

func (w *incrementalWorld) take(name string, side reconcile.Side, mode reconcile.Mode, rows func(yield func(i, generation int) bool)) {
	w.b.Helper()
	w.at = w.at.Add(time.Minute)
	begin := w.db.Store.Begin
	if mode != reconcile.Full {
		begin = w.db.Store.BeginIncremental
	}
	in, err := begin(w.b.Context(), w.ref(name, side), func(v []string) string { return v[2] })
	if err != nil {
		w.b.Fatal(err)
	}
	var row store.Row
	for i, generation := range rows {
		w.row(&row, i, generation)
		if in.Seen(row.Fingerprint) {
			continue
		}
		if err := in.Add(&row); err != nil {
			w.b.Fatal(err)
		}
	}
	snap, err := in.Finish(w.b.Context(), reconcile.Poll{Mode: mode, StartedAt: w.at, EndedAt: w.at, EndReached: true, DeclaredTotal: -1}, reconcile.DefaultShrink)
	if err != nil || snap.State != reconcile.SnapshotAccepted {
		w.b.Fatalf("%s %s, error %v", snap.State, snap.Reason, err)
	}
	if err := in.Close(); err != nil {
		w.b.Fatal(err)
	}
}

// poll takes in a thousand rows that changed.
func (w *incrementalWorld) poll() {
	w.b.Helper()
	w.round++
	w.take("platform", reconcile.Platform, reconcile.Incremental, func(yield func(i, generation int) bool) {
		for range incrementalChanges {
			if !yield(w.random.IntN(w.size), w.round+1) {
				return
			}
		}
	})
}

func (w *incrementalWorld) compareAll() {
	w.b.Helper()
	ctx := w.b.Context()
	reader, err := w.db.Store.NewReader(ctx)
	if err != nil {
		w.b.Fatal(err)
	}
	bits := reader.Bits()
	w.last = store.Run{StartedAt: w.at, AsOf: w.at, EndedAt: w.at, Kind: store.RunNightly}
	err = w.db.Store.WriteRun(ctx, &w.last, 0, func(run *store.RunWriter) error {
		if err := run.BeginAll(ctx, bits); err != nil {
			return err
		}
		for n := range 1 << bits {
			dossiers, err := reader.ReadRange(ctx, n, bits)
			if err != nil {
				return err
			}
			classes := make([]store.Classified, len(dossiers))
			for i := range dossiers {
				classes[i] = w.classify(&dossiers[i])
				w.last.Summary.Count(classes[i].Class, 1)
				if dossiers[i].Key%100 == 0 {
					if err := run.Put(ctx, w.change(&dossiers[i])); err != nil {
						return err
					}
				}
			}
			if err := run.PutRange(ctx, classes); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.b.Fatal(err)
	}
}

func (w *incrementalWorld) classify(d *store.Dossier) store.Classified {
	held := make([]store.Held, len(d.Rows))
	for i := range d.Rows {
		held[i] = store.Held{SourceID: d.Rows[i].SourceID, Status: reconcile.Statuses[(len(d.Versions)+i)%len(reconcile.Statuses)]}
	}
	out := reconcile.Outcome{Department: d.Rows[0].Values[2], Compared: true}
	return store.Classified{Key: d.Key, Class: store.ClassOf(&out, held)}
}

// change opens a dossier's discrepancy, or resolves it.
func (w *incrementalWorld) change(d *store.Dossier) reconcile.Change {
	x := reconcile.Discrepancy{
		ID: "resolved_not_closed-" + d.Code, Kind: reconcile.ResolvedNotClosed, Code: d.Code, Department: d.Rows[0].Values[2], State: reconcile.StateOpen,
		Since: w.at, SinceFrom: "the office's end", FirstDetectedAt: w.at, OpenedAt: w.at, Reason: "sổ của phòng: đã trả; cổng: đang xử lý", WakeAt: w.at.AddDate(0, 1, 0),
	}
	from := reconcile.State("")
	if len(d.Discrepancies) > 0 && d.Discrepancies[0].State == reconcile.StateOpen {
		x, from = d.Discrepancies[0], reconcile.StateOpen
		x.State, x.ResolvedAt, x.WakeAt = reconcile.StateResolved, w.at, time.Time{}
	}
	return reconcile.Change{Discrepancy: x, Event: reconcile.Event{DiscrepancyID: x.ID, At: w.at, Actor: reconcile.ServiceActor, From: from, To: x.State, Why: x.Reason}}
}

// compare compares what changed, as cmd/internal/app does.
func (w *incrementalWorld) compare() {
	w.b.Helper()
	ctx := w.b.Context()
	s := w.db.Store
	last, err := s.LastRun(ctx)
	if err != nil {
		w.b.Fatal(err)
	}
	w.last = store.Run{StartedAt: w.at, AsOf: w.at, EndedAt: w.at, Kind: store.RunIncremental, LocalDay: "2018-07-02"}
	if _, err := w.dirty(ctx); err != nil { // is there anything to do?
		w.b.Fatal(err)
	}
	err = s.WriteRun(ctx, &w.last, last.ID, func(run *store.RunWriter) error {
		w.last.Summary.Compared = last.Summary.Compared
		reader, err := s.NewReader(ctx)
		if err != nil {
			return err
		}
		run.Follow(reader)
		if _, err := s.Aliases(ctx); err != nil {
			return err
		}
		keys, err := w.dirty(ctx)
		if err != nil {
			return err
		}
		return sideBySide(slices.Collect(slices.Chunk(keys, incrementalChunk)), func(keys []store.Key) ([]store.Dossier, error) {
			return reader.ReadKeys(ctx, keys, func(store.Key) bool { return false })
		}, func(keys []store.Key, dossiers []store.Dossier) error { return w.keep(ctx, run, keys, dossiers) })
	})
	if err != nil {
		w.b.Fatal(err)
	}
	if n := w.last.Summary.Examined; n < min(incrementalChanges, w.size/2)*9/10 {
		w.b.Fatalf("%d dossiers were compared", n)
	}
}

func (w *incrementalWorld) dirty(ctx context.Context) ([]store.Key, error) {
	keys, all, err := w.db.Store.ChangedKeys(ctx)
	if err != nil || all {
		return nil, fmt.Errorf("all: %v, error %w", all, err)
	}
	due, err := w.db.Store.DueKeys(ctx, w.at)
	if err != nil {
		return nil, err
	}
	if _, err := w.db.Store.LastFresh(ctx); err != nil {
		return nil, err
	}
	keys = append(keys, due...)
	slices.Sort(keys)
	return slices.Compact(keys), nil
}

func (w *incrementalWorld) keep(ctx context.Context, run *store.RunWriter, keys []store.Key, dossiers []store.Dossier) error {
	classes := make([]store.Classified, len(dossiers))
	for i := range dossiers {
		classes[i] = w.classify(&dossiers[i])
	}
	slices.SortFunc(classes, func(a, b store.Classified) int { return cmp.Compare(a.Key, b.Key) })
	if err := run.Replace(ctx, keys, classes); err != nil {
		return err
	}
	if err := run.Compared(ctx, keys, false); err != nil {
		return err
	}
	w.last.Summary.Examined += len(dossiers)
	for i := range dossiers {
		if dossiers[i].Key%2 == 0 {
			if err := run.Put(ctx, w.change(&dossiers[i])); err != nil {
				return err
			}
		}
	}
	if err := run.Wait(ctx, nil); err != nil {
		return err
	}
	return run.Look(ctx, nil)
}

// sideBySide reads on all processors, and keeps one after the other.
func sideBySide(chunks [][]store.Key, read func([]store.Key) ([]store.Dossier, error), keep func([]store.Key, []store.Dossier) error) error {
	type result struct {
		keys     []store.Key
		dossiers []store.Dossier
		err      error
	}
	work, results := make(chan []store.Key, len(chunks)), make(chan result, len(chunks))
	for _, keys := range chunks {
		work <- keys
	}
	close(work)
	var readers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		readers.Go(func() {
			for keys := range work {
				dossiers, err := read(keys)
				results <- result{keys, dossiers, err}
			}
		})
	}
	go func() {
		readers.Wait()
		close(results)
	}()
	var failed error
	for r := range results {
		if failed == nil {
			failed = r.err
		}
		if failed == nil {
			failed = keep(r.keys, r.dossiers)
		}
	}
	return failed
}
