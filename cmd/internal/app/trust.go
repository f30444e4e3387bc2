package app

import (
	"context"
	"fmt"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// staleAfter is after how many of its intervals without an accepted poll a source
// is no longer believed; the alert SourceStale counts the same.
const staleAfter = 3

// trustPolled is the daemon's trust: a source is fresh while its newest poll was
// accepted and not more than a few of its intervals ago. Full polls that began at
// nightly or later are those of the nightly run; a zero nightly is none.
func (a *App) trustPolled(ctx context.Context, asOf, nightly time.Time) (Trust, error) {
	_, attempted, err := a.Store.Polled(ctx)
	if err != nil {
		return nil, err
	}
	return func(source string, _, full reconcile.Snapshot) (fresh, thisRun bool) {
		src, last := a.byName[source], attempted[source]
		if last.State != reconcile.SnapshotAccepted {
			return false, false
		}
		fresh = asOf.Sub(last.EndedAt) <= staleAfter*src.Poll.Every
		return fresh, fresh && !nightly.IsZero() && !full.StartedAt.Before(nightly)
	}, nil
}

// notVerifiedSince is since when a discrepancy of a department rests on what could
// not be read again; zero where everything it rests on is fresh.
func notVerifiedSince(rules *reconcile.Rules, d *reconcile.Discrepancy) time.Time {
	var since time.Time
	consider := func(r reconcile.Reading) {
		if !r.Fresh && (since.IsZero() || r.ReadAt.Before(since)) {
			since = r.ReadAt
		}
	}
	if d.Side != reconcile.Office {
		consider(rules.Coverage.Platform)
	}
	if d.Side != reconcile.Platform {
		for _, r := range rules.Coverage.Offices[d.Department] {
			consider(r)
		}
	}
	return since
}

// wait is how a poll or a run is held up until something is free.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait: %w", context.Cause(ctx))
	}
}
