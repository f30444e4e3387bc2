package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Each Enqueue method takes a transaction of the store, or nil for one of its own.
// With a transaction the job is there when, and only if, it is committed; enqueue
// last in it, since others that enqueue the same wait until it ends. What waits
// already is not put in twice.

// EnqueuePoll asks for a poll of a source. Where one waits already, that one is for
// the later Slot of the two.
func (q *Queue) EnqueuePoll(ctx context.Context, tx *sql.Tx, job PollJob) error {
	if job.Source == "" {
		return errors.New("jobs: enqueue poll: no source named")
	}
	job.Slot = job.Slot.UTC().Round(0)
	return enqueue(ctx, q, tx, pollRule, job, func(waiting PollJob) bool { return job.Slot.After(waiting.Slot) })
}

// EnqueueReconcile asks for what was marked dirty, and what is due, to be compared.
func (q *Queue) EnqueueReconcile(ctx context.Context, tx *sql.Tx) error {
	return enqueue(ctx, q, tx, reconcileRule, reconcileArgs{}, nil)
}

// EnqueueReread asks for suspected discrepancies to be looked at again.
func (q *Queue) EnqueueReread(ctx context.Context, tx *sql.Tx) error {
	return enqueue(ctx, q, tx, rereadRule, rereadArgs{}, nil)
}

// EnqueueNightly asks for the nightly run of a business day (yyyy-MM-dd), unless
// that day's waits, runs, or was done.
func (q *Queue) EnqueueNightly(ctx context.Context, tx *sql.Tx, day string) error {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return fmt.Errorf("jobs: enqueue nightly: %q is no day; yyyy-MM-dd", day)
	}
	return enqueue(ctx, q, tx, nightlyRule, nightlyArgs{Day: day}, nil)
}

// EnqueueLetters asks for the letters of a business day (yyyy-MM-dd) to be made,
// unless that day's wait, are being made, or were made. A queue without
// Work.Letters gives an error.
func (q *Queue) EnqueueLetters(ctx context.Context, tx *sql.Tx, day string) error {
	if q.o.Work.Letters == nil {
		return errors.New("jobs: enqueue letters: this process makes none")
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return fmt.Errorf("jobs: enqueue letters: %q is no day; yyyy-MM-dd", day)
	}
	return enqueue(ctx, q, tx, lettersRule, lettersArgs{Day: day}, nil)
}

// EnqueueDeliver asks for what waits in the outbox to be sent. A queue without
// Work.Deliver gives an error.
func (q *Queue) EnqueueDeliver(ctx context.Context, tx *sql.Tx) error {
	if q.o.Work.Deliver == nil {
		return errors.New("jobs: enqueue deliver: this process sends nothing")
	}
	return enqueue(ctx, q, tx, deliverRule, deliverArgs{}, nil)
}

// enqueue puts a job in. Where one of its key is there, newer tells whether that
// one must take this one's arguments.
func enqueue[T river.JobArgs](ctx context.Context, q *Queue, tx *sql.Tx, r rule[T], args T, newer func(T) bool) error {
	do := func(tx *sql.Tx) error {
		res, err := q.client.InsertTx(ctx, tx, args, &river.InsertOpts{
			Queue:       r.queue,
			MaxAttempts: r.attempts(args),
			UniqueOpts:  river.UniqueOpts{ByArgs: r.byArgs, ByQueue: true, ByState: r.states},
		})
		if err != nil || newer == nil || !res.UniqueSkippedAsDuplicate {
			return err
		}
		return renew(ctx, q, tx, res.Job, args, newer)
	}
	var err error
	if tx != nil {
		err = do(tx)
	} else {
		err = untilFree(ctx, time.Minute, func(ctx context.Context) error { return q.inTx(ctx, do) })
	}
	if err != nil {
		return fmt.Errorf("jobs: enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// renew gives a job that is there the arguments of the one that would be its
// double. The insertion holds its row, so it has not looked at them for the last
// time (worker.begin).
func renew[T river.JobArgs](ctx context.Context, q *Queue, tx *sql.Tx, job *rivertype.JobRow, args T, newer func(T) bool) error {
	var there T
	if err := json.Unmarshal(job.EncodedArgs, &there); err != nil {
		return fmt.Errorf("job %d: %w", job.ID, err)
	}
	if !newer(there) {
		return nil
	}
	text, err := json.Marshal(args)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, q.dialect.sql(`UPDATE river_job SET args = ? WHERE id = ?`), q.dialect.json(text), job.ID)
	return err
}

func (q *Queue) inTx(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := q.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
