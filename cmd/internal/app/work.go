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

// lockWait is how long a poll waits for somebody else who reads its source.
const lockWait = 2 * time.Minute

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
	before, err := app.pollsBefore(ctx, src)
	if err != nil {
		return err
	}
	what, wanted := src.choose(job, before, d.now())
	if !wanted {
		return nil
	}
	_, err = app.pollOne(ctx, src, what)
	d.drawSoon()
	return err
}

// lock takes a source for one reading, waiting for whoever has it.
func (d *Daemon) lock(ctx context.Context, name string) (unlock func(), err error) {
	unlock, ok, err := d.tryLock(ctx, name, lockWait)
	if err == nil && !ok {
		err = errors.New("source " + name + ": somebody else has been reading it for minutes; tried again later")
	}
	return unlock, err
}

// lockAsk is how often a source is tried that somebody else reads.
const lockAsk = 200 * time.Millisecond

// tryLock is lock with a limit; ok is false where the source is not free by then.
func (d *Daemon) tryLock(ctx context.Context, name string, patience time.Duration) (unlock func(), ok bool, err error) {
	began := time.Now()
	for {
		unlock, ok, err := d.store.TryLockSource(ctx, name)
		if err != nil || ok {
			return unlock, ok, err
		}
		if time.Since(began) >= patience {
			return nil, false, nil
		}
		if err := wait(ctx, lockAsk); err != nil {
			return nil, false, err
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
	d.runOn.Store(d.now().UnixMilli())
	defer d.runOn.Store(0)
	return d.compare(ctx, app, Comparison{Kind: store.RunIncremental, OnlyIfDue: true}, time.Time{})
}

// compare makes a run over what is stored as it can be believed now. nightly is
// when the full polls of this run began, zero for any other.
func (d *Daemon) compare(ctx context.Context, app *App, of Comparison, nightly time.Time) error {
	for try := 0; ; try++ {
		at := d.now()
		if of.Started.IsZero() {
			of.Started = at
		}
		trust, err := app.trustPolled(ctx, at, nightly)
		if err != nil {
			return err
		}
		rules, err := app.Rules(ctx, d.asOf(), trust)
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
