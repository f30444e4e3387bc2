package store_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

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
	killRows          = 400
	killDiscrepancies = 60
)

// writeForEver takes one snapshot after the other, in each of which every row is
// of the next generation, and after each writes a run that says so, too.
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
	in, err := s.Begin(ctx, ref, func([]string) string { return "" })
	if err != nil {
		return err
	}
	for i := range killRows {
		code := fmt.Sprint("H-", i)
		if err := in.Add(&store.Row{Code: code, Fingerprint: rand.Uint64(), Values: []string{code, fmt.Sprint(generation)}}); err != nil {
			return err
		}
	}
	at := time.UnixMilli(int64(generation)).UTC()
	snap, err := in.Finish(ctx, reconcile.Poll{Mode: reconcile.Full, StartedAt: at, EndedAt: at, EndReached: true, DeclaredTotal: killRows, Pages: generation}, reconcile.DefaultShrink)
	if err := errors.Join(err, in.Close()); err != nil {
		return err
	}
	if snap.State != reconcile.SnapshotAccepted {
		return fmt.Errorf("snapshot is %s: %s", snap.State, snap.Reason)
	}
	run, before := &store.Run{AsOf: at}, int64(0)
	if last, err := s.LastRun(ctx); err != nil {
		return err
	} else if last != nil {
		before = last.ID
	}
	return s.WriteRun(ctx, run, before, func(w *store.RunWriter) error {
		run.Summary.Examined = generation
		for i := range killDiscrepancies {
			d := reconcile.Discrepancy{ID: fmt.Sprint(i), Kind: reconcile.ResolvedNotClosed, Code: fmt.Sprint("H-", i), Reopened: generation, State: reconcile.StateOpen}
			if err := w.Put(ctx, reconcile.Change{Discrepancy: d, Event: reconcile.Event{DiscrepancyID: d.ID, To: d.State}}); err != nil {
				return err
			}
		}
		return w.BeginAll(ctx, 0)
	})
}

// A process that is killed at any moment leaves every snapshot, and every run,
// wholly there or wholly not.
func TestKilledWhileWriting(t *testing.T) {
	kills := 20
	if testing.Short() {
		kills = 5
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
	time.Sleep(time.Duration(rand.IntN(60000)) * time.Microsecond) // the moment must be any
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
		if len(d.Rows) != 1 || d.Rows[0].Values[1] != fmt.Sprint(generation) || d.Rows[0].SeenFrom != int64(generation) {
			t.Fatalf("generation %d: %s stands as %v", generation, d.Code, d.Rows)
		}
		if len(d.Versions) != generation-1 {
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
	return generation
}
