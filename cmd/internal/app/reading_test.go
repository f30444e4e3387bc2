package app

import (
	"context"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/jobs"
	"github.com/doisoat/doisoat/reconcile"
)

func TestPollReadsWhatIsWanted(t *testing.T) {
	at := monday
	ago := func(d time.Duration) time.Time { return at.Add(-d) }
	poll := func(mode reconcile.Mode, state reconcile.SnapshotState, began time.Time, took time.Duration) reconcile.Snapshot {
		return reconcile.Snapshot{ID: 1, State: state, Poll: reconcile.Poll{Mode: mode, StartedAt: began, EndedAt: began.Add(took)}}
	}
	night := ago(8 * time.Hour)
	usual := pollsBefore{
		attempted: poll(reconcile.Incremental, reconcile.SnapshotAccepted, ago(15*time.Minute), time.Second),
		accepted:  poll(reconcile.Incremental, reconcile.SnapshotAccepted, ago(15*time.Minute), time.Second), tried: night, complete: night, fits: true,
	}
	with := func(change func(*pollsBefore)) pollsBefore {
		b := usual
		change(&b)
		return b
	}
	const mostOf15m = 13*time.Minute + 30*time.Second
	since := reading{mode: reconcile.Incremental, since: ago(15 * time.Minute), limit: mostOf15m}
	full := reading{mode: reconcile.Full, limit: fullLimit}
	cases := map[string]struct {
		job      jobs.PollJob
		before   pollsBefore
		noSince  bool
		every    time.Duration
		want     reading
		unwanted bool
	}{
		"what changed":                       {before: usual, want: since},
		"in full when asked":                 {job: jobs.PollJob{Full: true}, before: usual, want: full},
		"in full the first time":             {before: pollsBefore{fits: true}, want: full},
		"in full where the mapping changed":  {before: with(func(b *pollsBefore) { b.fits = false }), want: full},
		"in full where nothing else is told": {before: usual, noSince: true, want: reading{mode: reconcile.Full, limit: mostOf15m}},
		"a short interval is no limit for reading in full": {
			before: usual, noSince: true, every: 5 * time.Second, want: reading{mode: reconcile.Full, limit: ownPace},
		},
		"the timeout is below the interval": {
			before: usual, every: 5 * time.Second, want: reading{mode: reconcile.Incremental, since: ago(15 * time.Minute), limit: 4500 * time.Millisecond},
		},
		"made already": {
			before: with(func(b *pollsBefore) { b.attempted.StartedAt = at }), unwanted: true,
		},
		"made already, but the job was interrupted": {
			job: jobs.PollJob{Attempt: 2}, before: with(func(b *pollsBefore) { b.attempted.StartedAt = at }), want: since,
		},
		"a full one is not made already because an incremental one was": {
			job: jobs.PollJob{Full: true}, before: with(func(b *pollsBefore) { b.attempted.StartedAt = at }), want: full,
		},
		"a full one was made, and an incremental one after it": {
			job: jobs.PollJob{Full: true}, before: with(func(b *pollsBefore) { b.tried, b.complete = at, at }), unwanted: true,
		},
		"after a clock was set back": {
			before: with(func(b *pollsBefore) {
				b.attempted.StartedAt, b.accepted.StartedAt = at.Add(time.Hour), at.Add(time.Hour)
			}),
			want: reading{mode: reconcile.Incremental, since: at, limit: mostOf15m},
		},
		"the last full one failed at once: again after an interval": {
			before: with(func(b *pollsBefore) {
				b.attempted, b.tried = poll(reconcile.Full, reconcile.SnapshotFailed, ago(15*time.Minute), time.Second), ago(15*time.Minute)
			}), want: full,
		},
		"the last full one broke off after five minutes: what changed, for an hour": {
			before: with(func(b *pollsBefore) {
				b.attempted, b.tried = poll(reconcile.Full, reconcile.SnapshotPartial, ago(20*time.Minute), 5*time.Minute), ago(20*time.Minute)
			}), want: since,
		},
		"and then again": {
			before: with(func(b *pollsBefore) { b.tried = ago(time.Hour) }), want: full,
		},
		"held: in full again": {
			before: with(func(b *pollsBefore) {
				b.held, b.attempted, b.tried = true, poll(reconcile.Full, reconcile.SnapshotHeld, ago(15*time.Minute), time.Second), ago(15*time.Minute)
			}), want: full,
		},
		"held, and slow: not for an hour, nor what changed": {
			before: with(func(b *pollsBefore) {
				b.held, b.attempted, b.tried = true, poll(reconcile.Full, reconcile.SnapshotHeld, ago(20*time.Minute), 5*time.Minute), ago(20*time.Minute)
			}), unwanted: true,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			src := &source{since: !c.noSince}
			src.Poll.Every = 15 * time.Minute
			if c.every > 0 {
				src.Poll.Every = c.every
			}
			c.job.Slot = at
			got, wanted := src.choose(c.job, c.before, at)
			if wanted == c.unwanted || wanted && got != c.want {
				t.Errorf("it reads %+v (wanted: %v), want %+v (wanted: %v)", got, wanted, c.want, !c.unwanted)
			}
		})
	}
}

func TestIncrementalPollGoesOnFromTheLastPollAndNotFromALook(t *testing.T) {
	r := aging(t, rigOptions{})
	r.graceOver(t)
	polls, _ := r.books["dvc"].log()
	last := r.newest(t, "dvc").StartedAt
	r.pass(time.Minute)
	r.looked(t)
	r.pass(14 * time.Minute)
	r.read(t, "dvc")
	after, _ := r.books["dvc"].log()
	if len(after) != len(polls)+1 || !after[len(polls)].Since.Equal(last) {
		t.Errorf("polls: %+v, want one more, of what changed since %s", after[len(polls):], last)
	}
}

func TestPollThatTakesTooLongFailsByTimeout(t *testing.T) {
	r := newRig(t, rigOptions{})
	r.both("kt-book", openRow("A-01", "KT"))
	r.both("tp-book", openRow("B-01", "TP"))
	r.nightlyRun(t)
	r.books["dvc"].breaks(bookFault{hangs: true})
	app, done := r.current.take()
	defer done()
	snap, err := app.pollOne(context.Background(), app.byName["dvc"], reading{mode: reconcile.Full, limit: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if snap.State != reconcile.SnapshotFailed || snap.Cause != reconcile.CauseTimeout || snap.Reason == "" {
		t.Errorf("%s (%s: %s), want failed by timeout with a reason", snap.State, snap.Cause, snap.Reason)
	}
	shows(t, r.scrape(t), `doisoat_source_poll_failures_total{mode="full",reason="timeout",source="dvc"} 1`)
	// The caller's own end is none of the source's faults: nothing is kept.
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := app.pollOne(ctx, app.byName["dvc"], reading{mode: reconcile.Full, limit: time.Minute}); err == nil {
		t.Error("a poll that was stopped from our side gives no error")
	}
	if newest := r.newest(t, "dvc"); newest.ID != snap.ID {
		t.Errorf("it left a snapshot: %+v", newest)
	}
}

func TestTrustOfTheDaemon(t *testing.T) {
	r := quiet(t, rigOptions{})
	ctx := context.Background()
	trusted := func(nightly time.Time) (fresh, thisRun bool) {
		t.Helper()
		app, done := r.current.take()
		defer done()
		trust, err := app.trustPolled(ctx, r.now(), nightly)
		if err != nil {
			t.Fatal(err)
		}
		rules, err := app.Rules(ctx, r.now(), trust)
		if err != nil {
			t.Fatal(err)
		}
		reading := rules.Coverage.Sources["kt-book"]
		return reading.Fresh, reading.ThisRun
	}
	expect := func(when string, nightly time.Time, fresh, thisRun bool) {
		t.Helper()
		if f, own := trusted(nightly); f != fresh || own != thisRun {
			t.Errorf("%s: fresh %v, of this run %v; want %v, %v", when, f, own, fresh, thisRun)
		}
	}
	began := r.now().Add(-time.Minute)
	expect("just read", time.Time{}, true, false)
	expect("read in this nightly run", began, true, true)
	r.pass(44 * time.Minute)
	expect("three intervals ago", time.Time{}, true, false)
	r.pass(2 * time.Minute)
	expect("longer ago", time.Time{}, false, false)
	expect("longer ago, but in this nightly run, which had to wait for others", began, true, true)
	r.books["kt-book"].breaks(bookFault{cause: reconcile.CauseConnect})
	r.read(t, "kt-book")
	expect("failed just now", time.Time{}, false, false)
	expect("failed just now, but read in this nightly run before", began, true, true)
	expect("read in an earlier nightly run", r.now(), false, false)
	r.ms.Add(-3 * time.Hour.Milliseconds())
	expect("read by a clock that was set back since", r.now().Add(-time.Minute), false, false)
}

func TestPlanIsTheConfigurations(t *testing.T) {
	r := newRig(t, rigOptions{fullAt: map[string]string{"tp-book": "30 2 * * *"}})
	app, done := r.current.take()
	defer done()
	plan := planOf(app)
	if plan.Zone.String() != "Asia/Ho_Chi_Minh" || plan.Nightly != "0 1 * * *" {
		t.Errorf("nightly %q in %s, want one in the morning in Vietnam", plan.Nightly, plan.Zone)
	}
	next := r.schedule.NextNightly(time.Date(2018, 6, 4, 17, 0, 0, 0, time.UTC)) // midnight in Vietnam
	if want := time.Date(2018, 6, 5, 1, 0, 0, 0, vietnam); !next.Equal(want) {
		t.Errorf("the next one is at %s, want %s", next, want)
	}
	// A source with a time of its own is left to it.
	missing, err := r.notPolledSince(context.Background(), r.now())
	if err != nil {
		t.Fatal(err)
	}
	if len(missing) != 2 || missing[0] != "dvc" || missing[1] != "kt-book" {
		t.Errorf("the nightly run waits for %v, want those without a time of their own", missing)
	}
	for _, src := range plan.Sources {
		if src.Name == "tp-book" && src.Full != "30 2 * * *" || src.Every != 15*time.Minute {
			t.Errorf("planned: %+v", src)
		}
	}
}
