package app

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// aging is a rig with one dossier that the office has closed and the platform has
// not, found while its grace still ran; nobody reads either side again by polls.
func aging(t *testing.T, o rigOptions) *rig {
	t.Helper()
	r := newRig(t, o)
	for i := range 40 {
		r.both("kt-book", openRow(fmt.Sprintf("A-%02d", i), "KT"))
	}
	r.both("tp-book", openRow("T-01", "TP"))
	r.nightlyRun(t)
	r.books["kt-book"].put(openRow("A-01", "KT").closed(r.now()))
	r.read(t, "kt-book")
	r.compared(t)
	if got := r.states(t, "A-01"); got[reconcile.ResolvedNotClosed] != "suspected" {
		t.Fatalf("A-01: %v, want it suspected", got)
	}
	return r
}

// graceOver lets the grace run out, with both sides polled on the way but not
// after its end.
func (r *rig) graceOver(t *testing.T) {
	t.Helper()
	until := r.workingHours(9)
	r.pass(until.Sub(r.now()) - 20*time.Minute)
	r.read(t)
	r.pass(20 * time.Minute)
	if run := r.compared(t); run == nil {
		t.Fatal("nothing wakes the dossier when its grace is over")
	}
}

func TestGraceRunningOutIsLookedAtBeforeItOpens(t *testing.T) {
	stores(t, func(t *testing.T, url string) {
		r := aging(t, rigOptions{store: url})
		r.graceOver(t)
		if got := r.states(t, "A-01"); got[reconcile.ResolvedNotClosed] != "suspected" {
			t.Fatalf("before the second look: %v, want it suspected still", got)
		}
		r.looked(t)
		if got := r.states(t, "A-01"); got[reconcile.ResolvedNotClosed] != "open" {
			t.Errorf("both sides said the same again: %v, want it open", got)
		}
		for _, name := range []string{"dvc", "kt-book"} {
			if _, asked := r.books[name].log(); !slices.Equal(asked, []string{"A-01"}) {
				t.Errorf("%s was asked for %v, want A-01 once", name, asked)
			}
		}
		if _, asked := r.books["tp-book"].log(); len(asked) > 0 {
			t.Errorf("an office that has nothing to do with it was asked for %v", asked)
		}
	})
}

func TestWhatAgreesAtTheSecondLookWasNeverOpen(t *testing.T) {
	r := aging(t, rigOptions{})
	r.books["dvc"].put(openRow("A-01", "KT").closed(r.now())) // the platform catches up, and no poll tells
	r.graceOver(t)
	r.looked(t)
	if got := r.states(t, "A-01"); len(got) != 0 {
		t.Errorf("standing: %v, want nothing", got)
	}
	want := []reconcile.State{reconcile.StateSuspected, reconcile.StateResolved}
	if got := r.life(t, reconcile.ResolvedNotClosed, "A-01"); !slices.Equal(got, want) {
		t.Errorf("its life: %v, want %v", got, want)
	}
}

func TestWhatChangesAtEachLookIsUnstable(t *testing.T) {
	r := aging(t, rigOptions{})
	days := 0
	r.books["dvc"].looked = func(code string) {
		days++
		r.books["dvc"].alter(code, func(x *row) { x.due = x.due.AddDate(0, 0, 1) })
	}
	r.graceOver(t)
	for look := range 3 {
		r.looked(t)
		if got := r.states(t, "A-01"); got[reconcile.ResolvedNotClosed] != "unstable" {
			t.Fatalf("after look %d: %v, want unstable", look+1, got)
		}
		r.pass(31 * time.Minute)
		r.read(t)
		r.compared(t)
	}
	if days < 3 {
		t.Errorf("looked %d times, want a look each half hour", days)
	}
	r.books["dvc"].looked = nil
	for range 2 { // the poll above has seen other values than the last look
		r.looked(t)
		r.pass(31 * time.Minute)
		r.read(t)
		r.compared(t)
	}
	r.looked(t)
	if got := r.states(t, "A-01"); got[reconcile.ResolvedNotClosed] != "open" {
		t.Errorf("two looks agree: %v, want it open", got)
	}
}

// Another run, of this process or another, may come between a look and the run that
// decides on it. It must not pass for the look before.
func TestRunBetweenALookAndItsDecisionHidesNothing(t *testing.T) {
	r := aging(t, rigOptions{})
	r.graceOver(t)
	r.books["dvc"].looked = func(code string) {
		r.books["dvc"].alter(code, func(x *row) { x.due = x.due.AddDate(0, 0, 1) })
	}
	app, done := r.current.take()
	defer done()
	ctx := context.Background()
	keys, err := r.store.LookKeys(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	seen, err := r.lookAt(ctx, app, keys)
	if err != nil {
		t.Fatal(err)
	}
	if r.compared(t) == nil {
		t.Fatal("the look brought a change, but there is no run for it")
	}
	if err := r.compare(ctx, app, Comparison{Kind: "incremental", looks: seen.seen, before: seen.before}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if got := r.states(t, "A-01"); got[reconcile.ResolvedNotClosed] != "unstable" {
		t.Errorf("standing: %v, want unstable", got)
	}
}

func TestLookThatGivesNoWordLeavesTheDossierSuspected(t *testing.T) {
	cases := map[string]func(r *rig){
		"the source cannot be asked":            func(r *rig) { r.books["dvc"].breaks(bookFault{onesDown: true}) },
		"it fails for this code":                func(r *rig) { r.books["dvc"].breaks(bookFault{oneFails: map[string]bool{"A-01": true}}) },
		"it fails after a row":                  func(r *rig) { r.books["dvc"].breaks(bookFault{half: map[string]bool{"A-01": true}}) },
		"it hangs":                              func(r *rig) { r.books["dvc"].breaks(bookFault{hangs: true}) },
		"its row cannot be read":                func(r *rig) { r.books["dvc"].alter("A-01", func(x *row) { x.unreadable = true }) },
		"it has the row no more":                func(r *rig) { r.books["dvc"].remove("A-01") },
		"the office has the row no more":        func(r *rig) { r.books["kt-book"].remove("A-01") },
		"the office's answer cannot be trusted": func(r *rig) { r.books["kt-book"].breaks(bookFault{half: map[string]bool{"A-01": true}}) },
	}
	for name, breaks := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := aging(t, rigOptions{patience: patience{stop: time.Second, last: time.Second, nightly: time.Minute, look: time.Millisecond, ask: 100 * time.Millisecond}})
			r.graceOver(t)
			breaks(r)
			for range 3 { // it wakes again and again, and stays what it is
				r.looked(t)
				if got := r.states(t, "A-01"); got[reconcile.ResolvedNotClosed] != "suspected" {
					t.Fatalf("standing: %v, want it suspected", got)
				}
				if run := r.compared(t); run != nil {
					t.Fatalf("a run follows at once, run %+v: the loop does not end", run.Summary)
				}
				r.pass(11 * time.Minute)
				if r.compared(t) == nil {
					t.Fatal("it does not wake to be looked at again")
				}
			}
		})
	}
}

func TestSourceThatFailsForOneCodeAnswersForTheOthers(t *testing.T) {
	r := newRig(t, rigOptions{})
	for i := range 300 {
		r.both("kt-book", openRow(fmt.Sprintf("A-%03d", i), "KT"))
	}
	r.nightlyRun(t)
	for i := range 280 { // more than a chunk
		r.books["kt-book"].put(openRow(fmt.Sprintf("A-%03d", i), "KT").closed(r.now()))
	}
	r.read(t, "kt-book")
	r.compared(t)
	r.books["dvc"].breaks(bookFault{oneFails: map[string]bool{"A-007": true}})
	r.graceOver(t)
	r.looked(t)
	open := 0
	for _, d := range r.standing(t) {
		switch {
		case d.State == reconcile.StateOpen:
			open++
		case d.Code != "A-007":
			t.Errorf("%s is %s", d.Code, d.State)
		}
	}
	if open != 279 {
		t.Errorf("%d are open, want the 279 that were answered for", open)
	}
	if keys, err := r.store.LookKeys(context.Background(), 10); err != nil || len(keys) > 0 {
		t.Errorf("%d are still to be looked at (%v), want none before they wake", len(keys), err)
	}
}

func TestSourceThatIsBeingPolledIsLookedAtLater(t *testing.T) {
	r := aging(t, rigOptions{})
	r.graceOver(t)
	unlock, ok, err := r.store.TryLockSource(context.Background(), "dvc")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	r.looked(t)
	if _, asked := r.books["dvc"].log(); len(asked) > 0 {
		t.Errorf("asked for %v while somebody else reads it", asked)
	}
	if got := r.states(t, "A-01"); got[reconcile.ResolvedNotClosed] != "suspected" {
		t.Errorf("standing: %v, want it suspected", got)
	}
	unlock()
	r.pass(11 * time.Minute)
	r.compared(t)
	r.looked(t)
	if got := r.states(t, "A-01"); got[reconcile.ResolvedNotClosed] != "open" {
		t.Errorf("standing: %v, want it open", got)
	}
}

// A look takes rows in, and a snapshot that was taken in overtakes one that is held.
func TestLookDoesNotOvertakeAHeldSnapshot(t *testing.T) {
	r := aging(t, rigOptions{rules: "{shrink: {percent: 10, count: 5}}"})
	r.graceOver(t)
	r.books["kt-book"].breaks(bookFault{empty: true})
	r.readAll(t, "kt-book")
	held := r.newest(t, "kt-book")
	if held.State != reconcile.SnapshotHeld {
		t.Fatalf("the empty book is %s, want held", held.State)
	}
	r.looked(t)
	list, err := r.store.HeldSnapshots(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].ID != held.ID {
		t.Errorf("held: %v, want snapshot %d still", list, held.ID)
	}
	if _, asked := r.books["kt-book"].log(); len(asked) > 0 {
		t.Errorf("asked for %v although nobody knows whether to believe it", asked)
	}
}

// All codes of a dossier count, where aliases join several.
func TestLookAtADossierOfTwoCodesNeedsBothAnswers(t *testing.T) {
	joined := func(t *testing.T) *rig {
		r := newRig(t, rigOptions{})
		for i := range 20 {
			r.both("kt-book", openRow(fmt.Sprintf("C-%02d", i), "KT"))
		}
		platform := openRow("A-01", "KT")
		platform.aliases = "B-01"
		r.books["dvc"].put(platform)
		r.books["kt-book"].put(openRow("B-01", "KT"))
		r.nightlyRun(t)
		r.books["kt-book"].put(openRow("B-01", "KT").closed(r.now()))
		r.read(t, "kt-book")
		r.compared(t)
		if got := r.states(t, "A-01"); got[reconcile.ResolvedNotClosed] != "suspected" || len(r.states(t, "B-01")) != 0 {
			t.Fatalf("A-01: %v, want it suspected, and nothing of B-01", got)
		}
		r.graceOver(t)
		return r
	}
	t.Run("both answer", func(t *testing.T) {
		t.Parallel()
		r := joined(t)
		r.looked(t)
		if got := r.states(t, "A-01"); got[reconcile.ResolvedNotClosed] != "open" {
			t.Errorf("standing: %v, want it open", got)
		}
	})
	t.Run("one fails", func(t *testing.T) {
		t.Parallel()
		r := joined(t)
		r.books["dvc"].breaks(bookFault{oneFails: map[string]bool{"B-01": true}})
		r.looked(t)
		if got := r.states(t, "A-01"); got[reconcile.ResolvedNotClosed] != "suspected" {
			t.Errorf("standing: %v, want it suspected: the platform did not answer for its other code", got)
		}
	})
}
