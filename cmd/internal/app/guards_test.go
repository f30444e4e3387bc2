package app

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/reconcile"
)

// scrape is what /metrics says, once the picture is drawn.
func (r *rig) scrape(t *testing.T) string {
	t.Helper()
	if err := r.draw(context.Background()); err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	r.onceLoaded(r.metrics.Handler()).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.Code != 200 {
		t.Fatalf("scrape: %d %v\n%s", answer.Code, err, text)
	}
	return string(text)
}

// shows fails the test for each line that the metrics do not have.
func shows(t *testing.T, metrics string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(metrics, "\n"+line+"\n") {
			name, _, _ := strings.Cut(line, "{")
			var near []string
			for _, have := range strings.Split(metrics, "\n") {
				if strings.HasPrefix(have, name) && len(near) < 20 {
					near = append(near, have)
				}
			}
			t.Errorf("the metrics lack %s; there are\n%s", line, strings.Join(near, "\n"))
		}
	}
}

func (r *rig) status(t *testing.T) *web.Status {
	t.Helper()
	if err := r.draw(context.Background()); err != nil {
		t.Fatal(err)
	}
	s, err := backend{r.Daemon}.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestShrunkenSnapshotIsHeldUntilSomebodyAcceptsIt(t *testing.T) {
	stores(t, func(t *testing.T, url string) {
		r := quiet(t, rigOptions{store: url, rules: "{shrink: {percent: 10, count: 5}}"})
		r.stands(t, "A-01")
		before := r.standing(t)

		r.books["kt-book"].breaks(bookFault{empty: true})
		r.pass(time.Hour)
		r.read(t, "dvc")
		r.readAll(t, "kt-book")
		held := r.newest(t, "kt-book")
		r.compared(t)
		r.restart(t)
		if diff := gocmp.Diff(before, r.standing(t)); diff != "" {
			t.Errorf("an empty book changed discrepancies:\n%s", diff)
		}
		command := fmt.Sprintf("doisoat snapshot accept %d", held.ID)
		shows(t, r.scrape(t),
			`doisoat_source_up{department="KT",source="kt-book"} 0`, `doisoat_source_up{department="TP",source="tp-book"} 1`,
			`doisoat_source_snapshots_held{source="kt-book"} 1`,
			`doisoat_discrepancies{department="KT",kind="resolved_not_closed",state="open"} 1`)
		guards := r.status(t).Guards
		want := []web.HeldSnapshot{{ID: held.ID, Source: "kt-book", Reason: "the source answered with no dossiers at all", Command: command}}
		if diff := gocmp.Diff(want, guards.HeldSnapshots); diff != "" {
			t.Errorf("held snapshots in the status:\n%s", diff)
		}
		if len(guards.NotAccepted) != 1 || guards.NotAccepted[0].Since == "" || !strings.Contains(guards.NotAccepted[0].Remedy, command) {
			t.Errorf("sources not accepted: %+v, want kt-book with its remedy", guards.NotAccepted)
		}
		if !strings.Contains(r.log.String(), command) {
			t.Error("the log does not tell the remedy")
		}

		// By day it is not read on from what nobody has judged: that would hide it.
		polls, _ := r.books["kt-book"].log()
		r.pass(time.Minute)
		r.read(t, "kt-book")
		if after, _ := r.books["kt-book"].log(); len(after) != len(polls) {
			t.Errorf("read on as %s", after[len(after)-1].Mode)
		}

		if _, err := r.AcceptSnapshotOf(held.ID); err != nil {
			t.Fatal(err)
		}
		r.read(t)
		run := r.compared(t)
		r.looked(t)
		if run == nil || len(run.Summary.Skipped) > 0 {
			t.Fatalf("after it is accepted: %+v, want a run that believes it", run)
		}
		missing := 0
		for _, d := range r.standing(t) {
			if d.Kind == reconcile.MissingInOffice && d.Department == "KT" {
				missing++
			}
		}
		if missing != 40 {
			t.Errorf("%d are missing in the office, want all 40 of the platform's", missing)
		}
		if got := r.states(t, "A-01")[reconcile.ResolvedNotClosed]; got != "" {
			t.Errorf("A-01 is %s, want it resolved: the office has it no longer", got)
		}
	})
}

// AcceptSnapshotOf is what the command line does beside the daemon.
func (r *rig) AcceptSnapshotOf(id int64) (*reconcile.Snapshot, error) {
	app, done := r.current.take()
	defer done()
	return app.AcceptSnapshot(context.Background(), id, "an", r.now())
}

func TestHeldSourceThatIsMendedIsBelievedAgain(t *testing.T) {
	r := quiet(t, rigOptions{rules: "{shrink: {percent: 10, count: 5}}"})
	r.books["kt-book"].breaks(bookFault{empty: true})
	r.readAll(t, "kt-book")
	r.books["kt-book"].breaks(bookFault{})
	r.books["kt-book"].put(openRow("A-01", "KT").closed(r.now()))
	r.pass(20 * time.Minute)
	r.read(t)
	snap := r.newest(t, "kt-book")
	if snap.Mode != reconcile.Full || snap.State != reconcile.SnapshotAccepted {
		t.Fatalf("the mended book: %s %s, want a full snapshot accepted", snap.Mode, snap.State)
	}
	r.compared(t)
	if got := r.states(t, "A-01")[reconcile.ResolvedNotClosed]; got != "suspected" {
		t.Errorf("A-01 is %q, want suspected", got)
	}
	if guards := r.status(t).Guards; len(guards.HeldSnapshots)+len(guards.NotAccepted) > 0 {
		t.Errorf("guards: %+v, want none", guards)
	}
}

func TestMassChangeIsHeldAndNamesItsSuspect(t *testing.T) {
	cases := map[string]struct {
		change  func(r *rig)
		suspect string
		kind    reconcile.Kind
	}{
		"an office closes everything": {
			change: func(r *rig) {
				for i := range 40 {
					r.books["kt-book"].put(openRow(fmt.Sprintf("A-%02d", i), "KT").closed(r.now()))
				}
			},
			suspect: "department KT, that is its office's source kt-book (mostly resolved_not_closed)", kind: reconcile.ResolvedNotClosed,
		},
		"the platform closes everything": {
			change: func(r *rig) {
				for i := range 40 {
					r.books["dvc"].put(openRow(fmt.Sprintf("A-%02d", i), "KT").closed(r.now()), openRow(fmt.Sprintf("B-%02d", i), "TP").closed(r.now()))
				}
			},
			suspect: "the platform's source dvc, for it is spread over 2 departments (mostly closed_in_progress)", kind: reconcile.ClosedInProgress,
		},
		"the platform's statuses are called otherwise": {
			change: func(r *rig) {
				for i := range 40 {
					r.books["dvc"].alter(fmt.Sprintf("A-%02d", i), func(x *row) { x.loose = true })
					r.books["dvc"].alter(fmt.Sprintf("B-%02d", i), func(x *row) { x.loose = true })
				}
			},
			suspect: "a mapping: status values that it does not know", kind: reconcile.UnmappedStatus,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := quiet(t, rigOptions{rules: "{surge: {percent: 10, count: 20}}"})
			c.change(r)
			r.read(t)
			r.compared(t)
			if c.kind != reconcile.UnmappedStatus { // the others have a grace, and are looked at when it is over
				r.graceOver(t)
				r.looked(t)
			}
			run := r.lastRun(t)
			if !run.Held || run.Summary.Opened < 40 {
				t.Fatalf("the last run: held %v, %+v; want it held with all that opened", run.Held, run.Summary)
			}
			r.restart(t)
			command := fmt.Sprintf("doisoat run release %d", run.ID)
			guards := r.status(t).Guards
			if len(guards.HeldRuns) != 1 || guards.HeldRuns[0].Suspect != c.suspect || guards.HeldRuns[0].Command != command {
				t.Errorf("held runs: %+v\nwant the suspect %s", guards.HeldRuns, c.suspect)
			}
			if !strings.Contains(r.log.String(), command) {
				t.Error("the log does not tell the remedy")
			}
			shows(t, r.scrape(t), `doisoat_run_held 1`)
			r.pass(time.Minute)
			r.read(t)
			r.compared(t)
			if guards := r.status(t).Guards; len(guards.HeldRuns) != 1 {
				t.Errorf("held runs after the next run: %+v, want it held until somebody releases it", guards.HeldRuns)
			}
			app, done := r.current.take()
			defer done()
			if _, err := app.ReleaseRun(context.Background(), run.ID, "an", r.now()); err != nil {
				t.Fatal(err)
			}
			if guards := r.status(t).Guards; len(guards.HeldRuns) > 0 {
				t.Errorf("held runs after the release: %+v", guards.HeldRuns)
			}
			shows(t, r.scrape(t), `doisoat_run_held 0`)
		})
	}
}

// More than a chunk of second looks must not slip past the breaker in pieces.
func TestMassChangeInManyChunksOfLooksIsHeld(t *testing.T) {
	r := newRig(t, rigOptions{})
	for i := range 900 {
		r.both("kt-book", openRow(fmt.Sprintf("A-%03d", i), "KT"))
	}
	r.both("tp-book", openRow("B-01", "TP"))
	r.nightlyRun(t)
	for i := range 500 {
		r.books["kt-book"].put(openRow(fmt.Sprintf("A-%03d", i), "KT").closed(r.now()))
	}
	r.read(t)
	r.compared(t)
	r.graceOver(t)
	r.looked(t)
	if run := r.lastRun(t); !run.Held || run.Summary.Opened != 500 {
		t.Errorf("held %v, opened %d; want the 500 opened in one run, which is held", run.Held, run.Summary.Opened)
	}
}

// The first run that has two sides to compare is nothing unusual.
func TestFirstRunWithDataIsNotHeld(t *testing.T) {
	r := newRig(t, rigOptions{rules: "{surge: {percent: 10, count: 20}}"})
	for i := range 40 {
		r.books["dvc"].put(openRow(fmt.Sprintf("A-%02d", i), "KT"))
		r.books["kt-book"].put(openRow(fmt.Sprintf("A-%02d", i), "KT").closed(monday.AddDate(0, 0, -9)))
	}
	r.both("tp-book", openRow("B-01", "TP"))
	r.books["dvc"].breaks(bookFault{cause: reconcile.CauseAuth})
	r.nightlyRun(t)
	r.books["dvc"].breaks(bookFault{})
	r.pass(time.Hour)
	r.read(t)
	r.compared(t)
	r.looked(t)
	if got := r.states(t, "A-01")[reconcile.ResolvedNotClosed]; got != "open" {
		t.Errorf("A-01 is %q, want open", got)
	}
	if guards := r.status(t).Guards; len(guards.HeldRuns) > 0 {
		t.Errorf("held: %+v", guards.HeldRuns)
	}
}
