package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/sirupsen/logrus"
)

// worker does the jobs of one kind.
type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	q    *Queue
	rule rule[T]
	do   func(ctx context.Context, args T, attempt int) error
}

func add[T river.JobArgs](workers *river.Workers, q *Queue, r rule[T], do func(context.Context, T, int) error) error {
	return river.AddWorkerSafely(workers, &worker[T]{q: q, rule: r, do: do})
}

// Timeout: none, the work has its own.
func (*worker[T]) Timeout(*river.Job[T]) time.Duration { return -1 }

// NextRetry is when a job that failed is tried again.
func (w *worker[T]) NextRetry(job *river.Job[T]) time.Time {
	return time.Now().Add(w.rule.backOff(job.Attempt))
}

// errLost ends a job that another process has taken over.
var errLost = errors.New("taken over by another process")

// Work does one attempt of a job.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer w.q.running.enter(job.JobRow, cancel)()
	log := w.q.o.Log.WithFields(logrus.Fields{"job": job.ID, "kind": job.Kind, "attempt": job.Attempt})
	if job.Kind == KindPoll {
		log = log.WithField("source", source(job.Args))
	}

	args, skip, err := w.begin(ctx, job)
	var snooze *rivertype.JobSnoozeError
	switch {
	case skip || errors.As(err, &snooze):
		return err
	case err == nil:
		err = w.guarded(ctx, args, job.Attempt)
	case busy(err) || ctx.Err() != nil:
		// The store writes, or it is stopped: nothing was begun.
		return river.JobSnooze(jitter(time.Second))
	}
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		// Not its own fault. River writes the result to the job's row even where that
		// is no longer this attempt's; the other then notices, and starts over.
		if !errors.Is(cause, errLost) {
			cause = errors.New("stopped")
		}
		log.WithError(err).Info("job interrupted: " + cause.Error())
		return fmt.Errorf("interrupted (%w): %w", cause, err)
	}
	var p *panicked
	if errors.As(err, &p) {
		log = log.WithField("stack", p.stack)
	}
	log.WithError(err).Error("job failed")
	if o, othersErr := w.others(ctx, job); othersErr == nil && o.outdo {
		return river.JobCancel(err) // what waits does the same
	}
	return err
}

// begin makes the attempt the one that works. It gives the arguments as they are
// then; skip means that there is nothing to do.
//
// The order matters. That it runs was committed when it was fetched: of two that
// must not run at the same time, the one that looks later sees the other. Only then
// the key is given up, for which it waits until whoever found this job waiting, and
// left it at that, has committed what the job is to see.
func (w *worker[T]) begin(ctx context.Context, job *river.Job[T]) (args T, skip bool, err error) {
	if w.rule.apart != nil || job.Attempt > 1 {
		o, err := w.others(ctx, job)
		switch {
		case err != nil:
			return args, false, fmt.Errorf("look for others: %w", err)
		case o.outdo && job.Attempt > 1:
			return args, true, nil
		case o.running:
			return args, false, river.JobSnooze(w.standBack(job.JobRow, o))
		}
	}
	if !w.rule.again {
		return job.Args, false, nil
	}
	var text []byte
	err = w.q.db.QueryRowContext(ctx, w.q.dialect.sql(
		`UPDATE river_job SET unique_key = NULL WHERE id = ? AND state = 'running' AND attempt = ? RETURNING args`), job.ID, job.Attempt).Scan(&text)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return args, true, nil // taken over before it began
	case err != nil:
		return args, false, fmt.Errorf("begin: %w", err)
	}
	if err := json.Unmarshal(text, &args); err != nil {
		return args, false, fmt.Errorf("begin: its arguments: %w", err)
	}
	return args, false, nil
}

// others are the jobs of the same kind that concern one.
type others struct {
	running bool // one that must not run at the same time
	elder   bool // one of those came before
	outdo   bool // one waits that makes this job needless
}

func (w *worker[T]) others(ctx context.Context, job *river.Job[T]) (o others, err error) {
	rows, err := w.q.db.QueryContext(ctx, w.q.dialect.sql(`SELECT id, state, args FROM river_job
		WHERE state IN ('running', 'available', 'retryable', 'scheduled') AND queue = ? AND kind = ? AND id <> ?`), w.rule.queue, job.Kind, job.ID)
	if err != nil {
		return o, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var state string
		var text []byte
		var other T
		if err := rows.Scan(&id, &state, &text); err != nil {
			return o, err
		}
		if err := json.Unmarshal(text, &other); err != nil {
			return o, err
		}
		switch {
		case state != string(rivertype.JobStateRunning):
			o.outdo = o.outdo || w.rule.outdone(job.Args, other)
		case w.rule.apart != nil && w.rule.apart(job.Args, other):
			o.running = true
			o.elder = o.elder || id < job.ID
		}
	}
	return o, rows.Err()
}

// standBack is how long a job waits that found another at work: longer when it has
// waited long, since what runs may take an hour. Where two were fetched at the same
// time each finds the other: the younger one stays away until the elder has been
// fetched again.
func (w *worker[T]) standBack(job *rivertype.JobRow, o others) time.Duration {
	wait := jitter(min(time.Since(job.CreatedAt).Abs()/8, 5*time.Second) + 20*time.Millisecond)
	if o.elder {
		wait += 500*time.Millisecond + w.q.fetchEvery(w.rule.queue)*3/2
	}
	return wait
}

// panicked is a panic of the work.
type panicked struct {
	value any
	stack string
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func (w *worker[T]) guarded(ctx context.Context, args T, attempt int) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicked{value: value, stack: string(debug.Stack())}
		}
	}()
	return w.do(ctx, args, attempt)
}

// jitter is d, give or take a quarter.
func jitter(d time.Duration) time.Duration { return d*3/4 + rand.N(d/2) }

func source(args any) string {
	p, _ := args.(PollJob)
	return p.Source
}
