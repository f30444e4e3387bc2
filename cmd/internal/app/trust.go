package app

import (
	"context"
	"fmt"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// staleAfter is after how many of its intervals without an accepted poll a source
// is no longer believed; the alert SourceStale counts the same.
const staleAfter = 3

// trustPolled is the daemon's trust at a moment: a source is fresh while its newest
// poll was accepted and not more than a few of its intervals ago. Full polls that
// began at nightly or later are those of the nightly run, which believes what it
// read itself however long it had to wait for others; a zero nightly is none.
func (a *App) trustPolled(ctx context.Context, at, nightly time.Time) (Trust, error) {
	_, attempted, err := a.Store.Polled(ctx)
	if err != nil {
		return nil, err
	}
	held, err := a.heldSources(ctx)
	if err != nil {
		return nil, err
	}
	return a.trusting(attempted, held, at, nightly), nil
}

// trusting is trustPolled where it is known what was polled last, and what is held.
func (a *App) trusting(attempted map[string]reconcile.Snapshot, held map[string]bool, at, nightly time.Time) Trust {
	return func(source string, _, full reconcile.Snapshot) (fresh, thisRun bool) {
		src, last := a.byName[source], attempted[source]
		if held[source] {
			return false, false // it said something else since, that nobody has judged yet
		}
		if !nightly.IsZero() && during(full.StartedAt, nightly, at) {
			return true, true
		}
		return last.State == reconcile.SnapshotAccepted && at.Sub(last.EndedAt) <= staleAfter*src.Poll.Every, false
	}
}

// heldSources are those of which a snapshot waits for somebody to accept it.
func (a *App) heldSources(ctx context.Context) (map[string]bool, error) {
	return heldSources(ctx, a.Store)
}

func heldSources(ctx context.Context, from *store.Store) (map[string]bool, error) {
	list, err := from.HeldSnapshots(ctx)
	if err != nil {
		return nil, err
	}
	held := make(map[string]bool, len(list))
	for i := range list {
		held[list[i].Source] = true
	}
	return held, nil
}

// during reports whether a poll that began at t is one since began, seen at a later
// moment. What lies ahead was begun by a clock that has been set back since.
func during(t, began, at time.Time) bool {
	return !t.Before(began) && !t.After(at.Add(clockSlack))
}

// notVerifiedSince is since when a discrepancy of a department rests on what could
// not be read again; zero where everything it rests on is fresh, or was never read.
func notVerifiedSince(rules *reconcile.Rules, d *reconcile.Discrepancy) time.Time {
	var since time.Time
	consider := func(r reconcile.Reading) {
		if !r.Fresh && !r.ReadAt.IsZero() && (since.IsZero() || r.ReadAt.Before(since)) {
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
