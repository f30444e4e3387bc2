package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sirupsen/logrus"
)

// keep says every Heartbeat that this process works on its jobs, and takes over
// those of processes that have fallen silent. River's own rescue goes by the clock
// of whichever process leads, and by when a job began, which may be an hour ago.
func (q *Queue) keep(ctx context.Context) {
	ticker := time.NewTicker(q.o.Heartbeat)
	defer ticker.Stop()
	var cleaned time.Time
	fault := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := q.round(ctx)
		if err == nil && time.Since(cleaned).Abs() >= time.Minute {
			err = q.clean(ctx)
			cleaned = time.Now()
		}
		fault = q.tell(err, fault)
	}
}

// tell logs a fault of the keeper once, however often it is met, and gives what
// was logged last. That the store writes for a while is none.
func (q *Queue) tell(err error, before string) string {
	switch {
	case err == nil:
		if before != "" {
			q.o.Log.Info("queue: its upkeep works again")
		}
		return ""
	case busy(err), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		q.o.Log.WithError(err).Debug("queue: its upkeep has to wait")
		return before
	case err.Error() == before:
		return before
	}
	q.o.Log.WithError(err).Warn("queue: its upkeep fails; tried again every " + q.o.Heartbeat.String())
	return err.Error()
}

func (q *Queue) round(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, max(3*q.o.Heartbeat, 5*time.Second))
	defer cancel()
	var errs []error
	for _, a := range q.running.list() {
		errs = append(errs, q.beat(ctx, a))
	}
	if err := errors.Join(errs...); err != nil {
		return err // who cannot speak up must not judge who is silent
	}
	return errors.Join(q.setClocksRight(ctx), q.takeOver(ctx, fmt.Sprintf(`attempted_at < {now-%s}`, 4*q.o.Heartbeat)))
}

// beat refreshes an attempt, or ends it where it is no longer this process's.
func (q *Queue) beat(ctx context.Context, a attempt) error {
	// A transaction that enqueues the same may hold the row for a moment.
	ctx, cancel := context.WithTimeout(ctx, max(q.o.Heartbeat, 2*time.Second))
	defer cancel()
	res, err := q.db.ExecContext(ctx, q.dialect.sql(
		`UPDATE river_job SET attempted_at = {now} WHERE id = ? AND state = 'running' AND attempt = ?`), a.id, a.number)
	if err != nil {
		return fmt.Errorf("heartbeat: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("heartbeat: %w", err)
	}
	if n == 0 {
		a.cancel(errLost)
	}
	return nil
}

// takeOver makes running jobs of which condition holds available again.
func (q *Queue) takeOver(ctx context.Context, condition string) error {
	var taken []attempt
	// A process knows what it works on, even where its heartbeats were held up.
	for _, a := range q.running.list() {
		condition += fmt.Sprintf(` AND id <> %d`, a.id)
	}
	err := untilFree(ctx, time.Minute, func(ctx context.Context) (err error) {
		taken = nil
		rows, err := q.db.QueryContext(ctx, q.dialect.sql(`UPDATE river_job SET state = 'available', scheduled_at = {now}
			WHERE id IN (SELECT id FROM river_job WHERE state = 'running' AND `+condition+` ORDER BY id{skip locked}) AND state = 'running'
			RETURNING id, kind, attempt`))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var a attempt
			if err := rows.Scan(&a.id, &a.kind, &a.number); err != nil {
				return err
			}
			taken = append(taken, a)
		}
		return rows.Err()
	})
	if err != nil {
		return fmt.Errorf("take over abandoned jobs: %w", err)
	}
	for _, a := range taken {
		q.o.Log.WithFields(logrus.Fields{"job": a.id, "kind": a.kind, "attempt": a.number}).Warn("job taken over from a process that is gone")
	}
	return nil
}

// setClocksRight mends what a clock left that was set back: jobs that wait for, or
// ran at, a moment that is not to come for long, and a leader elected until then.
func (q *Queue) setClocksRight(ctx context.Context) error {
	for _, statement := range []string{
		// No job is ever put off for more than a minute.
		`UPDATE river_job SET scheduled_at = {now} WHERE state IN ('available', 'retryable', 'scheduled') AND scheduled_at > {now+3m}`,
		`UPDATE river_job SET attempted_at = {now} WHERE state = 'running' AND attempted_at > {now+1m}`,
		`DELETE FROM river_leader WHERE expires_at > {now+3m}`,
	} {
		if _, err := q.db.ExecContext(ctx, q.dialect.sql(statement)); err != nil {
			return fmt.Errorf("set the queue's clocks right: %w", err)
		}
	}
	return nil
}

// clean removes finished jobs: a source polled every five seconds leaves 17,000 a
// day. Those of a day stay (retention), and those that were given up for a day.
func (q *Queue) clean(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	_, err := q.db.ExecContext(ctx, q.dialect.sql(`DELETE FROM river_job WHERE id IN (SELECT id FROM river_job
		WHERE kind NOT IN (?, ?) AND (state = 'completed' AND finalized_at < {now-1h} OR state IN ('cancelled', 'discarded') AND finalized_at < {now-24h})
		ORDER BY id LIMIT 10000{skip locked})`), KindNightly, KindLetters)
	if err != nil {
		return fmt.Errorf("remove finished jobs: %w", err)
	}
	return nil
}
