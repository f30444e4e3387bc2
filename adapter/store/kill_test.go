package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/store/storetest"
	"github.com/doisoat/doisoat/reconcile"
)

// childStore names, in a child process, the store it writes to until it is killed.
const childStore = "DOISOAT_TEST_CHILD_STORE"

func TestMain(m *testing.M) {
	if storeURL := os.Getenv(childStore); storeURL != "" {
		fmt.Fprintln(os.Stderr, writeForEver(storeURL))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const (
	killRows          = 160
	killDiscrepancies = 30
	killTurn          = 4 // one poll in so many is a full one
)

// changesIn reports whether a row is of the next generation in a poll: all are in a
// full one, some in the others.
func changesIn(generation, row int) bool {
	return generation%killTurn == 1 || generation%killTurn == row%killTurn
}

// generationOf is the generation a row is of after a poll, and how many it had before.
func generationOf(row, poll int) (generation, before int) {
	for g := 1; g <= poll; g++ {
		if changesIn(g, row) {
			if generation > 0 {
				before++
			}
			generation = g
		}
	}
	return generation, before
}

func killKey(row int) store.Key { return store.KeyOf(fmt.Sprint("H-", row)) }

// writeForEver takes one snapshot after the other, full and incremental ones, in each
// of which rows are of the next generation, and after each writes a run over what
// changed.
func writeForEver(storeURL string) error {
	ctx := context.Background()
	s, err := store.Open(ctx, storeURL, store.Options{})
	if err != nil {
		return err
	}
	for {
		last, _, err := s.Accepted(ctx)
		if err != nil {
			return err
		}
		generation := last["book"].Pages + 1
		if err := writeGeneration(ctx, s, generation); err != nil {
			return err
		}
		if _, err := fmt.Println(generation); err != nil {
			return err
		}
	}
}

func writeGeneration(ctx context.Context, s *store.Store, generation int) error {
	ref := store.SourceRef{Name: "book", Side: reconcile.Office, Layout: store.Layout{Digest: "v1", Inputs: []string{"code", "generation"}}}
	begin, mode := s.BeginIncremental, reconcile.Incremental
	if generation%killTurn == 1 {
		begin, mode = s.Begin, reconcile.Full
	}
	in, err := begin(ctx, ref, func([]string) string { return "" })
	if err != nil {
		return err
	}
	for i := range killRows {
		if !changesIn(generation, i) {
			continue
		}
		code := fmt.Sprint("H-", i)
		if err := in.Add(&store.Row{Code: code, Fingerprint: rand.Uint64(), Values: []string{code, fmt.Sprint(generation)}}); err != nil {
			return err
		}
	}
	at := time.UnixMilli(int64(generation)).UTC()
	snap, err := in.Finish(ctx, reconcile.Poll{Mode: mode, StartedAt: at, EndedAt: at, EndReached: true, DeclaredTotal: -1, Pages: generation}, reconcile.DefaultShrink)
	if err := errors.Join(err, in.Close()); err != nil {
		return err
	}
	if snap.State != reconcile.SnapshotAccepted {
		return fmt.Errorf("snapshot is %s: %s", snap.State, snap.Reason)
	}
	return writeRun(ctx, s, generation, at)
}

// writeRun compares what changed; one of the first ten dossiers waits after it, and
// is to be read again.
func writeRun(ctx context.Context, s *store.Store, generation int, at time.Time) error {
	run, before := &store.Run{Kind: store.RunIncremental, AsOf: at}, int64(0)
	last, err := s.LastRun(ctx)
	if err != nil {
		return err
	}
	if last != nil {
		before = last.ID
		run.Summary.Compared = last.Summary.Compared
	}
	return s.WriteRun(ctx, run, before, func(w *store.RunWriter) error {
		run.Summary.Examined = generation
		for i := range killDiscrepancies {
			d := reconcile.Discrepancy{ID: fmt.Sprint(i), Kind: reconcile.ResolvedNotClosed, Code: fmt.Sprint("H-", i), Reopened: generation, State: reconcile.StateOpen}
			if err := w.Put(ctx, reconcile.Change{Discrepancy: d, Event: reconcile.Event{DiscrepancyID: d.ID, To: d.State}}); err != nil {
				return err
			}
		}
		if err := compareGeneration(ctx, s, w, run); err != nil {
			return err
		}
		first := make([]store.Key, 10)
		for i := range first {
			first[i] = killKey(i)
		}
		chosen := first[generation%10 : generation%10+1]
		return errors.Join(w.Compared(ctx, first, false), w.Looked(ctx, first), w.Wait(ctx, chosen), w.Look(ctx, chosen))
	})
}

func compareGeneration(ctx context.Context, s *store.Store, w *store.RunWriter, run *store.Run) error {
	keys, all, err := s.ChangedKeys(ctx)
	if err != nil {
		return err
	}
	slices.Sort(keys)
	reader, err := s.NewReader(ctx)
	if err != nil {
		return err
	}
	var dossiers []store.Dossier
	if all {
		dossiers, err = reader.ReadRange(ctx, 0, 0)
	} else {
		w.Follow(reader)
		dossiers, err = reader.ReadKeys(ctx, keys, nil)
	}
	if err != nil {
		return err
	}
	classes := make([]store.Classified, len(dossiers))
	for i, d := range dossiers {
		generation, err := strconv.Atoi(d.Rows[0].Values[1])
		if err != nil {
			return err
		}
		held := []store.Held{{SourceID: d.Rows[0].SourceID, Status: killStatus(generation)}}
		classes[i] = store.Classified{Key: d.Key, Class: store.ClassOf(&reconcile.Outcome{Department: "TP", Compared: true}, held)}
	}
	if !all {
		return errors.Join(w.Replace(ctx, keys, classes), w.Compared(ctx, keys, false))
	}
	run.Summary.Compared = nil
	for _, c := range classes {
		run.Summary.Count(c.Class, 1)
	}
	return errors.Join(w.BeginAll(ctx, 0), w.PutRange(ctx, classes))
}

func killStatus(generation int) reconcile.Status {
	return reconcile.Statuses[generation%len(reconcile.Statuses)]
}

// A process that is killed at any moment leaves every snapshot, and every run,
// wholly there or wholly not.
func TestKilledWhileWriting(t *testing.T) {
	kills := 100
	switch {
	case testing.Short():
		kills = 5
	case raceDetector: // everything takes several times as long
		kills = 15
	}
	onBoth(t, func(t *testing.T, storeURL string) {
		db := databaseAt(t, storeURL)
		reached := 0
		for range kills {
			killOne(t, storeURL)
			reached = checkWhole(t, db, reached)
		}
		if reached < kills/2 {
			t.Errorf("only %d snapshots were taken in all: the processes were killed too early to tell", reached)
		}
		// The next process goes on from there.
		if err := writeGeneration(t.Context(), db.Store, reached+1); err != nil {
			t.Error(err)
		}
	})
}

// killOne starts a writer and kills it some time after its first snapshot.
func killOne(t *testing.T, storeURL string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childStore+"="+storeURL)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Error("the writer ended by itself")
	}
	time.Sleep(time.Duration(rand.IntN(40000)) * time.Microsecond) // the moment must be any
	if err := child.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = child.Wait() // it was killed
}

// checkWhole tells the generation that is stored, after making sure that it is
// stored whole, and that everything before it is history.
func checkWhole(t *testing.T, db *storetest.Database, before int) int {
	t.Helper()
	ctx := t.Context()
	// PostgreSQL may still be carrying out the last word of one that is dead. Whoever
	// writes waits for that; this forgets nothing.
	if err := db.Store.Prune(ctx, time.Time{}); err != nil {
		t.Fatal(err)
	}
	last, _, err := db.Store.Accepted(ctx)
	if err != nil {
		t.Fatal(err)
	}
	snap := last["book"]
	generation := snap.Pages
	if generation < before || snap.Records != killRows {
		t.Fatalf("generation %d after %d, %d records", generation, before, snap.Records)
	}
	reader, err := db.Store.NewReader(ctx)
	if err != nil {
		t.Fatal(err)
	}
	dossiers, err := reader.ReadRange(ctx, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(dossiers) != killRows {
		t.Fatalf("%d dossiers", len(dossiers))
	}
	for _, d := range dossiers {
		row, err := strconv.Atoi(strings.TrimPrefix(d.Code, "H-"))
		if err != nil {
			t.Fatal(err)
		}
		own, before := generationOf(row, generation)
		if len(d.Rows) != 1 || d.Rows[0].Values[1] != fmt.Sprint(own) || d.Rows[0].SeenFrom != int64(own) {
			t.Fatalf("generation %d: %s stands as %v", generation, d.Code, d.Rows)
		}
		if len(d.Versions) != before {
			t.Fatalf("generation %d: %d versions of %s", generation, len(d.Versions), d.Code)
		}
	}
	run, err := db.Store.LastRun(ctx)
	if err != nil {
		t.Fatal(err)
	}
	// A snapshot can be there without its run, but not the other way round.
	if run == nil {
		return generation
	}
	if run.Summary.Examined > generation {
		t.Fatalf("the run of generation %d, in generation %d", run.Summary.Examined, generation)
	}
	n := 0
	if err := db.Store.EachDiscrepancy(ctx, store.Filter{}, func(d reconcile.Discrepancy) error {
		n++
		if d.Reopened != run.Summary.Examined {
			return fmt.Errorf("run of generation %d: discrepancy %s is of %d", run.Summary.Examined, d.ID, d.Reopened)
		}
		return nil
	}); err != nil || n != killDiscrepancies {
		t.Fatalf("%d discrepancies, error %v", n, err)
	}
	var runs, events int
	if err := db.SQL.Get(&runs, "SELECT COUNT(*) FROM runs"); err != nil {
		t.Fatal(err)
	}
	if err := db.SQL.Get(&events, "SELECT COUNT(*) FROM discrepancy_events"); err != nil {
		t.Fatal(err)
	}
	if events != runs*killDiscrepancies {
		t.Fatalf("%d events of %d runs", events, runs)
	}
	totals, err := db.Store.Totals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(totals) != 1 || totals[0].Opened != int64(events) {
		t.Fatalf("%d events, and the totals are %v", events, totals)
	}
	checkCompared(t, db, run, generation)
	return generation
}

// checkCompared makes sure of what runs carry on from one to the next.
func checkCompared(t *testing.T, db *storetest.Database, run *store.Run, generation int) {
	t.Helper()
	ctx, compared := t.Context(), run.Summary.Examined
	want := map[reconcile.Status]int{}
	var changed []store.Key
	for i := range killRows {
		was, _ := generationOf(i, compared)
		want[killStatus(was)]++
		if now, _ := generationOf(i, generation); now != was {
			changed = append(changed, killKey(i))
		}
	}
	slices.Sort(changed)
	keys, all, err := db.Store.ChangedKeys(ctx)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(keys)
	if diff := cmp.Diff(changed, keys, cmpopts.EquateEmpty()); all || diff != "" {
		t.Fatalf("generation %d, compared %d: changed, all: %t (-want +got):\n%s", generation, compared, all, diff)
	}
	counts, err := db.Store.DossierCounts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, counts["book"]); diff != "" || run.Summary.ComparedTotal() != killRows {
		t.Fatalf("generation %d: %d compared, by status (-want +got):\n%s", compared, run.Summary.ComparedTotal(), diff)
	}
	waiting, _, err := db.Store.WaitingKeys(ctx)
	if err != nil {
		t.Fatal(err)
	}
	looks, err := db.Store.LookKeys(ctx, 100)
	if err != nil {
		t.Fatal(err)
	}
	one := []store.Key{killKey(compared % 10)}
	if diff := cmp.Diff([][]store.Key{one, one}, [][]store.Key{waiting, looks}); diff != "" {
		t.Fatalf("generation %d: waiting, to be read again (-want +got):\n%s", compared, diff)
	}
}
