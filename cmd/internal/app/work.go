package app

import (
	"context"
	"errors"
	"time"

	"github.com/doisoat/doisoat/adapter/jobs"
	"github.com/doisoat/doisoat/adapter/metrics"
	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// Limits on how long polls take. An incremental one must be done before the next
// is due; a full one may take as long as a night has room for.
const (
	pollShare = 0.9 // of the interval
	fullLimit = 3 * time.Hour
	// lockWait is how long a poll waits for somebody else who reads its source.
	lockWait = 2 * time.Minute
)

// poll is the job that reads one source.
func (d *Daemon) poll(ctx context.Context, job jobs.PollJob) error {
	app, done := d.current.take()
	defer done()
	src := app.byName[job.Source]
	if src == nil {
		return nil // the configuration no longer names it
	}
	unlock, err := d.lock(ctx, src.Name)
	if err != nil {
		return err
	}
	defer unlock()
	what, wanted, err := d.whatToRead(ctx, app, src, job)
	if err != nil || !wanted {
		return err
	}
	_, err = app.pollOne(ctx, src, what)
	d.drawSoon()
	return err
}

// whatToRead decides between an incremental and a full poll. wanted is false where
// the poll was made already.
func (d *Daemon) whatToRead(ctx context.Context, app *App, src *source, job jobs.PollJob) (what reading, wanted bool, err error) {
	accepted, attempted, err := app.Store.Polled(ctx)
	if err != nil {
		return what, false, err
	}
	last := attempted[src.Name].StartedAt
	if job.Full && attempted[src.Name].Mode != reconcile.Full {
		last = time.Time{}
	}
	if !job.Due(last, now()) {
		return what, false, nil
	}
	what = reading{mode: reconcile.Full, limit: max(fullLimit, time.Duration(float64(src.Poll.Every)*pollShare))}
	base := accepted[src.Name]
	fits, err := app.Store.Fits(ctx, src.ref())
	if err != nil {
		return what, false, err
	}
	if src.since && !job.Full && base.ID != 0 && fits {
		what = reading{mode: reconcile.Incremental, since: base.StartedAt, limit: time.Duration(float64(src.Poll.Every) * pollShare)}
		if at := now(); what.since.After(at) {
			what.since = at // the clock was set back since
		}
	}
	return what, true, nil
}

// lock takes a source for one reading, waiting for whoever has it.
func (d *Daemon) lock(ctx context.Context, name string) (unlock func(), err error) {
	deadline := now().Add(lockWait)
	for {
		unlock, ok, err := d.store.TryLockSource(ctx, name)
		if err != nil || ok {
			return unlock, err
		}
		if now().After(deadline) {
			return nil, errors.New("source " + name + ": somebody else has been reading it for minutes; tried again later")
		}
		if err := wait(ctx, 200*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// polled counts a poll.
func (d *Daemon) polled(snap *reconcile.Snapshot, rejected map[string]int) {
	refused := metrics.NotRefused
	switch snap.State {
	case reconcile.SnapshotPartial:
		refused = metrics.Partial
	case reconcile.SnapshotHeld:
		refused = metrics.Shrunk
		if snap.Records == 0 {
			refused = metrics.Empty
		}
	}
	cause := snap.Cause
	if snap.State == reconcile.SnapshotFailed && cause == reconcile.CauseNone {
		cause = reconcile.CauseConnect
	}
	d.metrics.PollEnded(metrics.Poll{
		Source: snap.Source, Mode: snap.Mode, Took: snap.EndedAt.Sub(snap.StartedAt), Cause: cause, Refused: refused,
		Answers: snap.Answers, Rejected: rejected,
	})
}

// reconcile is the job that compares what changed and what is due.
func (d *Daemon) reconcile(ctx context.Context) error {
	last, err := d.store.LastRun(ctx)
	if err != nil || last == nil {
		return err // the first run is a full one, over everything: the nightly
	}
	app, done := d.current.take()
	defer done()
	d.runOn.Store(now().UnixMilli())
	defer d.runOn.Store(0)
	return d.compare(ctx, app, Comparison{Kind: store.RunIncremental, OnlyIfDue: true}, time.Time{})
}

// compare makes a run over what is stored as it can be believed now. nightly is
// when the full polls of this run began, zero for any other.
func (d *Daemon) compare(ctx context.Context, app *App, of Comparison, nightly time.Time) error {
	for try := 0; ; try++ {
		at := now()
		if of.Started.IsZero() {
			of.Started = at
		}
		asOf := at
		if d.o.AsOf != nil {
			asOf = d.o.AsOf()
		}
		trust, err := app.trustPolled(ctx, at, nightly)
		if err != nil {
			return err
		}
		rules, err := app.Rules(ctx, asOf, trust)
		if err != nil {
			return err
		}
		run, err := app.Compare(ctx, rules, of)
		if errors.Is(err, store.ErrOvertaken) && try < 20 {
			continue // by another process: there is the more to go on from
		}
		if err != nil {
			d.metrics.RunEnded(metrics.Run(of.Kind), failureOf(ctx, err))
			return err
		}
		if run != nil {
			d.metrics.RunEnded(metrics.Run(of.Kind), metrics.RunDone)
			d.drawSoon()
		}
		return nil
	}
}

func failureOf(ctx context.Context, err error) metrics.RunFailure {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return metrics.RunTimeout
	case ctx.Err() != nil:
		return metrics.RunInterrupted
	}
	return metrics.RunStore
}
