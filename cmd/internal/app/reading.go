package app

import (
	"context"
	"time"

	"github.com/doisoat/doisoat/adapter/jobs"
	"github.com/doisoat/doisoat/reconcile"
)

// Limits on how long polls take, and how soon a full one is tried again.
const (
	pollShare = 0.9 // of the interval: the next one must find the source free
	// fullLimit is for a source that is read in full because nothing else will do: a
	// night has room for it.
	fullLimit = 3 * time.Hour
	// ownPace is for a source that is always read in full, at its own pace, where
	// its interval is shorter. One that hangs must not keep others waiting for long.
	ownPace = 10 * time.Minute
	// A full poll that was not accepted is made up for by day: after twenty times as
	// long as it took, one interval at least, an hour at most.
	fullAgain = 20
	fullPause = time.Hour
)

// reading is what a poll is to read.
type reading struct {
	mode  reconcile.Mode
	since time.Time     // of an incremental one
	limit time.Duration // how long it may take; 0 for as long as it likes
}

// pollsBefore is what is known of a source before it is polled.
type pollsBefore struct {
	attempted reconcile.Snapshot // newest poll, whatever became of it; zero if none
	accepted  reconcile.Snapshot // newest accepted one
	tried     time.Time          // start of the newest full one, whatever became of it
	complete  time.Time          // start of the newest accepted full one
	held      bool               // one waits for somebody to accept it
	fits      bool               // what is held was read with today's mapping
}

// pollsBefore looks up what is known of a source.
func (a *App) pollsBefore(ctx context.Context, src *source) (before pollsBefore, err error) {
	accepted, attempted, err := a.Store.Polled(ctx)
	if err != nil {
		return before, err
	}
	tried, err := a.Store.FullTried(ctx)
	if err != nil {
		return before, err
	}
	_, full, err := a.Store.Accepted(ctx)
	if err != nil {
		return before, err
	}
	held, err := a.heldSources(ctx)
	if err != nil {
		return before, err
	}
	before = pollsBefore{
		attempted: attempted[src.Name], accepted: accepted[src.Name], tried: tried[src.Name], complete: full[src.Name].StartedAt,
		held: held[src.Name],
	}
	before.fits, err = a.Store.Fits(ctx, src.ref())
	return before, err
}

// choose decides what a poll of the source is to read at a moment. wanted is false
// where there is nothing to do: the poll was made already, or the source has to
// wait.
//
// Where a snapshot is held the source is not read incrementally: what came since
// would pass for news of a source of which nobody knows whether to believe it.
func (s *source) choose(job jobs.PollJob, before pollsBefore, at time.Time) (what reading, wanted bool) {
	last := before.attempted.StartedAt
	if job.Full {
		last = before.tried
	}
	if !job.Due(last, at) {
		return what, false
	}
	share := time.Duration(float64(s.Poll.Every) * pollShare)
	what = reading{mode: reconcile.Full, limit: max(fullLimit, share)}
	switch {
	case job.Full, s.since && (before.accepted.ID == 0 || !before.fits):
		return what, true
	case !s.since:
		what.limit = max(ownPace, share)
		return what, true
	}
	if before.held || before.tried.After(before.complete) {
		if before.fullDue(s.Poll.Every, at) {
			return what, true
		}
		if before.held {
			return what, false
		}
	}
	what = reading{mode: reconcile.Incremental, since: before.accepted.StartedAt, limit: share}
	if what.since.After(at) {
		what.since = at // the clock was set back since
	}
	return what, true
}

// fullDue reports whether a full poll that was not accepted may be tried again.
func (b *pollsBefore) fullDue(every time.Duration, at time.Time) bool {
	pause := fullPause
	if b.attempted.Mode == reconcile.Full {
		took := b.attempted.EndedAt.Sub(b.attempted.StartedAt)
		pause = min(pause, max(every, fullAgain*took))
	}
	return at.Sub(b.tried).Abs() >= pause
}
