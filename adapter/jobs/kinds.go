package jobs

import (
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// The kinds of jobs, as they are named in logs, on pages and in river_job.
const (
	KindPoll      = "poll"
	KindReconcile = "reconcile"
	KindReread    = "reread"
	KindNightly   = "nightly"
	KindLetters   = "letters"
	KindDeliver   = "deliver"
)

// Kinds are all kinds of jobs.
func Kinds() []string {
	return []string{KindPoll, KindReconcile, KindReread, KindNightly, KindLetters, KindDeliver}
}

// The queues. A reconciliation has one to itself, so that neither a nightly run
// nor a slow source delays what a change does.
const (
	queuePolls     = "polls"
	queueReconcile = "reconcile"
	queueRuns      = "runs"    // re-reads and nightly runs, one at a time each
	queueDeliver   = "deliver" // letters and deliveries, likewise: a slow mail server delays nothing else
)

// PollJob asks for one poll of a source.
type PollJob struct {
	Source string    `json:"source" river:"unique"`
	Full   bool      `json:"full" river:"unique"`
	Slot   time.Time `json:"slot"` // the tick it is for
	// Attempt is 1 at first. What comes later was begun before and failed, was
	// interrupted, or its process died. Ignored when enqueueing.
	Attempt int `json:"-"`
}

// clockSlack is by how much clocks may differ before a moment that lies ahead is
// taken for one of a clock that was set back.
const clockSlack = time.Minute

// Due tells whether the poll is still wanted at now, where the source was last
// polled like this (in full, for a full one) at last, zero if never. A repeated
// attempt always is. So is one where last lies ahead: the clock was set back, and
// the source must not wait until it has caught up.
func (p PollJob) Due(last, now time.Time) bool {
	return p.Attempt > 1 || last.Before(p.Slot) || last.After(now.Add(clockSlack))
}

// Kind implements river.JobArgs.
func (PollJob) Kind() string { return KindPoll }

type reconcileArgs struct{}

func (reconcileArgs) Kind() string { return KindReconcile }

type rereadArgs struct{}

func (rereadArgs) Kind() string { return KindReread }

type nightlyArgs struct {
	Day string `json:"day" river:"unique"`
}

func (nightlyArgs) Kind() string { return KindNightly }

type lettersArgs struct {
	Day string `json:"day" river:"unique"`
}

func (lettersArgs) Kind() string { return KindLetters }

type deliverArgs struct{}

func (deliverArgs) Kind() string { return KindDeliver }

// rule is how jobs of one kind are queued.
type rule[T river.JobArgs] struct {
	queue    string
	states   []rivertype.JobState
	byArgs   bool
	attempts func(T) int
	// backOff is the wait before the attempt after the first, second, …
	backOff func(attempt int) time.Duration
	// again: another may wait while one runs.
	again bool
	// apart tells that two may not run at the same time; nil: they may.
	apart func(a, b T) bool
	// outdone tells that mine need not be tried again where other waits.
	outdone func(mine, other T) bool
}

// unfinished are the states in which a job keeps others of its key out.
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

var (
	pollRule = rule[PollJob]{
		queue: queuePolls, states: unfinished, byArgs: true, again: true,
		// The next slot comes anyway; the next full poll only tomorrow.
		attempts: func(p PollJob) int {
			if p.Full {
				return 10
			}
			return 4
		},
		backOff: func(attempt int) time.Duration { return doubling(2*time.Second, time.Minute, attempt) },
		apart:   func(a, b PollJob) bool { return a.Source == b.Source },
		outdone: func(mine, other PollJob) bool { return mine.Source == other.Source && mine.Full == other.Full },
	}
	reconcileRule = rule[reconcileArgs]{
		queue: queueReconcile, states: unfinished, again: true,
		attempts: func(reconcileArgs) int { return 100 },
		backOff:  patient,
		outdone:  func(_, _ reconcileArgs) bool { return true },
	}
	rereadRule = rule[rereadArgs]{
		queue: queueRuns, states: unfinished, again: true,
		attempts: func(rereadArgs) int { return 100 },
		backOff:  patient,
		apart:    func(_, _ rereadArgs) bool { return true },
		outdone:  func(_, _ rereadArgs) bool { return true },
	}
	nightlyRule = rule[nightlyArgs]{
		// A day that is done is not done again; one that was given up may be.
		queue: queueRuns, states: append([]rivertype.JobState{rivertype.JobStateCompleted}, unfinished...), byArgs: true,
		attempts: func(nightlyArgs) int { return 100 },
		backOff:  patient,
		apart:    func(_, _ nightlyArgs) bool { return true },
		outdone:  func(mine, other nightlyArgs) bool { return other.Day > mine.Day },
	}
	lettersRule = rule[lettersArgs]{
		// As with the nightly run: letters of a day are made once.
		queue: queueDeliver, states: append([]rivertype.JobState{rivertype.JobStateCompleted}, unfinished...), byArgs: true,
		attempts: func(lettersArgs) int { return 100 },
		backOff:  patient,
		apart:    func(_, _ lettersArgs) bool { return true },
		outdone:  func(mine, other lettersArgs) bool { return other.Day > mine.Day },
	}
	deliverRule = rule[deliverArgs]{
		queue: queueDeliver, states: unfinished, again: true,
		attempts: func(deliverArgs) int { return 100 },
		backOff:  patient,
		apart:    func(_, _ deliverArgs) bool { return true },
		outdone:  func(_, _ deliverArgs) bool { return true },
	}
)

func patient(attempt int) time.Duration { return doubling(time.Second, time.Minute, attempt) }

// doubling is first, twice that, … up to limit.
func doubling(first, limit time.Duration, attempt int) time.Duration {
	wait := first
	for ; attempt > 1 && wait < limit; attempt-- {
		wait *= 2
	}
	return min(wait, limit)
}
