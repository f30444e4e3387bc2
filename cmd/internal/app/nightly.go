package app

import (
	"context"
	"time"

	"github.com/doisoat/doisoat/adapter/jobs"
	"github.com/doisoat/doisoat/adapter/store"
)

// Limits of the nightly run.
const (
	// nightlyWait is how long it waits for the full polls; what is not there by
	// then is left out, and the departments it concerns are counted as skipped.
	nightlyWait = fullLimit + 10*time.Minute
	nightlyAsk  = time.Second
	// nightlyAskAgain is how often a poll that is missing is asked for.
	nightlyAskAgain = 30 * time.Second
	// keepPolls is how long polls and incremental runs are remembered.
	keepPolls = 30 * 24 * time.Hour
)

// nightly is the job of the nightly run of a business day: every source in full,
// then every dossier. Another process may do some of the polls. Interrupted, it is
// made anew.
func (d *Daemon) nightly(ctx context.Context, day string) error {
	done, err := d.lastNightly(ctx)
	if err != nil {
		return err
	}
	// A day that is yet to come was kept by a clock gone wrong (as in the schedule).
	if done >= day && done <= d.today() {
		return nil
	}
	began := d.now().Truncate(time.Millisecond)
	d.nightlyOn.Store(began.UnixMilli())
	defer d.nightlyOn.Store(0)
	d.drawSoon()
	if err := d.pollAll(ctx, began); err != nil {
		return err
	}
	return d.conclude(ctx, day, began)
}

// conclude compares every dossier, after the full polls that began at began or
// later.
func (d *Daemon) conclude(ctx context.Context, day string, began time.Time) error {
	app, release := d.current.take()
	defer release()
	of := Comparison{Kind: store.RunNightly, Day: day, Started: began, Polled: d.now(), All: true}
	if err := d.compare(ctx, app, of, began); err != nil {
		return err
	}
	return d.store.Prune(ctx, began.Add(-keepPolls))
}

// today is the business day of this moment.
func (d *Daemon) today() string {
	app, release := d.current.take()
	defer release()
	return d.now().In(app.Config.Zone).Format(time.DateOnly)
}

// pollAll has every source of the nightly run polled in full, and waits until each
// was tried. The polls are jobs of their own, so that a source is never read
// twice at a time.
func (d *Daemon) pollAll(ctx context.Context, began time.Time) error {
	start := time.Now() // the wait is not to be cut short by a clock that is set
	var asked time.Time
	for {
		missing, err := d.notPolledSince(ctx, began)
		if err != nil {
			return err
		}
		if len(missing) == 0 {
			return nil
		}
		if time.Since(start) > d.patience.nightly {
			d.log.WithField("sources", missing).Warn("nightly run: goes on without these")
			return nil
		}
		if time.Since(asked) > nightlyAskAgain { // an incremental one may have been waiting in its place
			for _, name := range missing {
				if err := d.queue.EnqueuePoll(ctx, nil, jobs.PollJob{Source: name, Full: true, Slot: began}); err != nil {
					return err
				}
			}
			asked = time.Now()
		}
		if err := wait(ctx, nightlyAsk); err != nil {
			return err
		}
	}
}

// notPolledSince lists the sources of the nightly run that were not tried in full
// since a moment. Those with a time of their own for that are none of them.
func (d *Daemon) notPolledSince(ctx context.Context, began time.Time) ([]string, error) {
	app, done := d.current.take()
	defer done()
	tried, err := d.store.FullTried(ctx)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, src := range app.sources {
		if src.Poll.Full == app.Config.Platform.Poll.Full && !during(tried[src.Name], began, d.now()) {
			missing = append(missing, src.Name)
		}
	}
	return missing, nil
}

// lastNightly is the business day of the last nightly run; "" if there was none.
func (d *Daemon) lastNightly(ctx context.Context) (string, error) {
	last, err := d.store.LastRunOf(ctx, store.RunNightly)
	if err != nil || last == nil {
		return "", err
	}
	return last.Day, nil
}

// planOf says when everything is due.
func planOf(a *App) jobs.Plan {
	plan := jobs.Plan{Nightly: a.Config.Platform.Poll.Full, Zone: a.Config.Zone}
	if a.Config.Deliver != nil {
		plan.Deliver = a.Config.Deliver.At
	}
	for _, src := range a.sources {
		plan.Sources = append(plan.Sources, jobs.SourcePlan{Name: src.Name, Every: src.Poll.Every, Full: src.Poll.Full})
	}
	return plan
}
