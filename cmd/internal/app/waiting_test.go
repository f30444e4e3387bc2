package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// quiet is a rig whose sides agree on some dossiers, compared once.
func quiet(t *testing.T, o rigOptions) *rig {
	t.Helper()
	r := newRig(t, o)
	for i := range 40 {
		r.both("kt-book", openRow(fmt.Sprintf("A-%02d", i), "KT"))
		r.both("tp-book", openRow(fmt.Sprintf("B-%02d", i), "TP"))
	}
	if run := r.nightlyRun(t); len(r.standing(t)) != 0 || run.Summary.ComparedTotal() != 80 {
		t.Fatalf("the sides should agree on 80 dossiers: %+v", run.Summary)
	}
	return r
}

func TestSourceThatIsDownLeavesEverythingOfItAsItIs(t *testing.T) {
	troubles := map[string]bookFault{
		"it cannot be reached":    {cause: reconcile.CauseConnect},
		"it breaks off half way":  {partial: true},
		"it suddenly has nothing": {empty: true},
	}
	for name, trouble := range troubles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := quiet(t, rigOptions{rules: "{shrink: {percent: 10, count: 5}}", noSince: []string{"dvc", "kt-book", "tp-book"}})
			// Two stand when the platform goes down: one open, one whose grace is still
			// to run out.
			r.stands(t, "A-02")
			r.books["kt-book"].put(openRow("A-01", "KT").closed(r.now()))
			r.read(t)
			r.compared(t)
			before := r.standing(t)

			r.books["dvc"].breaks(trouble)
			// What happens meanwhile: one is closed on the platform too, another one in
			// the office, a third is removed there.
			r.books["dvc"].put(openRow("A-02", "KT").closed(r.now()))
			r.books["kt-book"].put(openRow("A-03", "KT").closed(r.now()))
			r.books["kt-book"].remove("A-04")
			for range 6 {
				r.pass(9 * time.Hour)
				r.read(t)
				r.compared(t)
				r.looked(t)
			}
			if diff := gocmp.Diff(before, r.standing(t)); diff != "" {
				t.Errorf("while the platform is down discrepancies changed:\n%s", diff)
			}
			run := r.nightlyRun(t)
			if diff := gocmp.Diff(before, r.standing(t)); diff != "" {
				t.Errorf("the nightly run changed discrepancies:\n%s", diff)
			}
			if got := run.Summary.Skipped; len(got) != 2 {
				t.Errorf("the nightly run skipped %v, want both departments", got)
			}

			r.books["dvc"].breaks(bookFault{})
			r.pass(time.Hour)
			r.read(t)
			last := r.compared(t)
			r.looked(t)
			if last == nil || last.Summary.Full || last.Summary.Examined > 8 {
				t.Errorf("the run after it is back: %+v, want it to look only at what waits", last)
			}
			want := map[string]string{"A-01": "open", "A-02": "", "A-03": "open"}
			for code, state := range want {
				if got := r.states(t, code)[reconcile.ResolvedNotClosed]; got != state {
					t.Errorf("%s is %q, want %q", code, got, state)
				}
			}
			if got := r.states(t, "A-04")[reconcile.MissingInOffice]; got == "" {
				t.Error("A-04 left the office's book, and nobody noticed")
			}
		})
	}
}

// stands has a dossier that the office closed and the platform did not stay so until
// it is open.
func (r *rig) stands(t *testing.T, code string) {
	t.Helper()
	r.books["kt-book"].put(openRow(code, "KT").closed(r.now()))
	r.read(t)
	r.compared(t)
	r.pass(r.workingHours(9).Sub(r.now()))
	r.read(t)
	r.compared(t)
	r.looked(t)
	if got := r.states(t, code); got[reconcile.ResolvedNotClosed] != "open" {
		t.Fatalf("%s: %v, want it open", code, got)
	}
}

// revision tells whether anything at all was written.
func (r *rig) revision(t *testing.T) string {
	t.Helper()
	revision, err := r.store.Revision(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return revision
}

func TestNothingDueWritesNothing(t *testing.T) {
	stores(t, func(t *testing.T, url string) {
		r := quiet(t, rigOptions{store: url})
		r.books["kt-book"].put(openRow("A-01", "KT").closed(r.now()))
		r.books["kt-book"].alter("A-02", func(x *row) { x.completed, x.status = r.now().AddDate(0, 1, 0), reconcile.Resolved }) // in the future
		r.books["tp-book"].put(openRow("B-99", "TP"))                                                                           // the platform was not read in full since
		r.read(t)
		r.compared(t)
		r.looked(t)
		before := r.revision(t)
		for minute := range 10 {
			r.pass(time.Minute)
			if run := r.compared(t); run != nil {
				t.Fatalf("minute %d: run %d examined %d dossiers though nothing changed and nothing is due", minute, run.ID, run.Summary.Examined)
			}
		}
		if after := r.revision(t); after != before {
			t.Errorf("revision %s → %s, want nothing written", before, after)
		}
	})
}

// A dossier whose row cannot be read stays as it is, however late it gets; it must
// not be looked at in every run for that.
func TestUnreadableDossierDoesNotWakeForEver(t *testing.T) {
	r := quiet(t, rigOptions{})
	r.books["dvc"].put(openRow("A-50", "KT"))
	r.pass(time.Minute)
	r.readAll(t)
	r.compared(t)
	if got := r.states(t, "A-50"); len(got) != 1 {
		t.Fatalf("A-50 is in no office: %v", got)
	}
	unreadable := openRow("A-50", "KT")
	unreadable.unreadable, unreadable.updated = true, r.now()
	r.books["kt-book"].put(unreadable)
	r.read(t)
	r.compared(t)
	before := r.standing(t)
	r.pass(100 * time.Hour) // beyond every grace
	r.read(t)
	r.compared(t)
	r.looked(t)
	for range 3 {
		r.pass(time.Minute)
		if run := r.compared(t); run != nil {
			t.Fatalf("run %d examined %d dossiers: it wakes in every run", run.ID, run.Summary.Examined)
		}
	}
	if diff := gocmp.Diff(before, r.standing(t)); diff != "" {
		t.Errorf("something was concluded from a row that cannot be read:\n%s", diff)
	}
	r.books["kt-book"].alter("A-50", func(x *row) { x.unreadable = false })
	r.read(t)
	r.compared(t)
	if got := r.states(t, "A-50"); len(got) != 0 {
		t.Errorf("standing: %v, want nothing once the row can be read", got)
	}
}

func TestTimeWakesADossier(t *testing.T) {
	due := monday.Add(26 * time.Hour)
	cases := map[string]struct {
		before func(r *rig, t *testing.T)
		pass   time.Duration
		state  string
		effect reconcile.Effect
	}{
		"its due date passes": {
			before: func(r *rig, _ *testing.T) {
				r.both("kt-book", row{code: "A-01", department: "KT", status: reconcile.Processing, received: monday.AddDate(0, 0, -9), due: due})
				r.books["kt-book"].alter("A-01", func(x *row) { x.status, x.completed = reconcile.Resolved, r.now() })
			},
			pass: 26*time.Hour + time.Minute, state: "open", effect: reconcile.FalseOverdue,
		},
		"a waiver ends": {
			before: func(r *rig, t *testing.T) {
				r.stands(t, "A-01")
				d := r.listed(t, store.Filter{Code: "A-01"})[0]
				change, err := d.Waive("an", "right so", r.now().Add(2*time.Hour), r.now())
				if err == nil {
					err = r.store.SaveChanges(context.Background(), []reconcile.Change{change})
				}
				if err != nil {
					t.Fatal(err)
				}
			},
			pass: 2*time.Hour + time.Minute, state: "open", effect: reconcile.EffectNone,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := quiet(t, rigOptions{noOne: []string{"dvc", "kt-book", "tp-book"}})
			c.before(r, t)
			r.read(t)
			r.compared(t)
			r.pass(c.pass - 10*time.Minute)
			r.read(t)
			r.compared(t)
			r.pass(10 * time.Minute)
			if r.compared(t) == nil {
				t.Fatal("it does not wake")
			}
			list := r.listed(t, store.Filter{Code: "A-01", Kind: reconcile.ResolvedNotClosed})
			if len(list) != 1 || string(list[0].State) != c.state || list[0].Effect != c.effect {
				t.Errorf("standing: %+v, want %s with effect %s", list, c.state, c.effect)
			}
		})
	}
}

// Processes that share a store have clocks that differ by a little.
func TestClockALittleBehindComparesNoMoreThanIsDue(t *testing.T) {
	r := quiet(t, rigOptions{})
	r.books["kt-book"].put(openRow("A-01", "KT").closed(r.now()))
	r.read(t)
	ahead := r.compared(t)
	r.ms.Add(-(30 * time.Second).Milliseconds()) // another process
	if run := r.compared(t); run != nil {
		t.Errorf("a run for nothing: %+v", run.Summary)
	}
	r.books["kt-book"].put(openRow("A-02", "KT").closed(r.now()))
	r.pass(29 * time.Second)
	r.read(t, "kt-book")
	run := r.compared(t)
	if run == nil || run.Summary.Full || run.AsOf.Before(ahead.AsOf) {
		t.Errorf("run %+v, want one of what changed, not before %s", run, ahead.AsOf)
	}
}

func TestClockSetBackGoesOn(t *testing.T) {
	r := quiet(t, rigOptions{})
	r.ms.Add(-time.Hour.Milliseconds())
	r.books["kt-book"].put(openRow("A-01", "KT").closed(r.now()))
	polls, _ := r.books["kt-book"].log()
	r.read(t)
	after, _ := r.books["kt-book"].log()
	if len(after) != len(polls)+1 || after[len(polls)].Since.After(r.now()) {
		t.Fatalf("polls: %+v, want one more, of what changed since a moment that has come", after)
	}
	run := r.compared(t)
	if run == nil || !run.Summary.Full {
		t.Errorf("run %+v, want one over everything: what was decided for later must be taken back", run)
	}
	if got := r.states(t, "A-01"); got[reconcile.ResolvedNotClosed] != "suspected" {
		t.Errorf("A-01: %v, want it suspected", got)
	}
	r.pass(time.Minute)
	if run := r.compared(t); run != nil {
		t.Errorf("another run for nothing: %+v", run.Summary)
	}
	if run := r.nightlyRun(t); len(run.Summary.Skipped) > 0 {
		t.Errorf("the nightly run skipped %v: it takes polls that lie ahead for its own", run.Summary.Skipped)
	}
}
