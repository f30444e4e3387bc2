package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/sirupsen/logrus"
)

// Work is what the jobs do. Each is called by one goroutine a job, beside the
// others (package doc). An error is logged here and the job tried again; a panic is
// an error. All must return soon after ctx ends, and set time limits of their own.
type Work struct {
	Poll      func(ctx context.Context, job PollJob) error
	Reconcile func(ctx context.Context) error
	Reread    func(ctx context.Context) error
	// Nightly makes the run of a business day (yyyy-MM-dd).
	Nightly func(ctx context.Context, day string) error
	// Letters makes the letters of a business day (yyyy-MM-dd); nil where this
	// process makes none.
	Letters func(ctx context.Context, day string) error
	// Deliver sends what is due in the outbox; nil where this process sends nothing.
	// That a single message could not be sent is no error: when that is tried again
	// is the outbox's to keep.
	Deliver func(ctx context.Context) error
}

// Options are settings of New. DB, Kind, Work and Log are needed.
type Options struct {
	// DB is the store's database: for SQLite what OpenSQLite gives; for PostgreSQL a
	// pool with some connections to spare beside those the store may hold.
	DB   *sql.DB
	Kind string // SQLite or Postgres
	Work Work
	Log  logrus.FieldLogger
	// Instance names this process among all that share the database; drawn at
	// random where empty.
	Instance string
	// PollWorkers is how many sources are polled at the same time; 8 where 0.
	PollWorkers int
	// FetchEvery is how often the queue is looked at; 200 ms where 0. A job waits
	// that long at most for a free worker to notice it.
	FetchEvery time.Duration
	// Heartbeat is how often a process says that it still works on its jobs; 10 s
	// where 0. Silent for four of them it is taken for dead.
	Heartbeat time.Duration
}

// Queue works the jobs and takes new ones. It is safe for concurrent use.
type Queue struct {
	o       Options
	db      *sql.DB
	dialect dialect
	client  *river.Client[*sql.Tx]
	running running

	mu      sync.Mutex
	stop    context.CancelFunc // of the keeper; nil when not started
	stopped chan struct{}
}

// retention is how long finished jobs are kept: those of a day, since they keep
// others of their day out.
const retention = 8 * 24 * time.Hour

// New makes a queue on migrated tables. It enqueues at once, and works after Start.
func New(_ context.Context, o Options) (*Queue, error) {
	d, err := dialectOf(o.Kind)
	if err != nil {
		return nil, err
	}
	if o.DB == nil || o.Log == nil || o.Work.Poll == nil || o.Work.Reconcile == nil || o.Work.Reread == nil || o.Work.Nightly == nil {
		return nil, errors.New("jobs: a database, a log and all of the work but letters and deliveries must be given")
	}
	o.PollWorkers = or(o.PollWorkers, 8)
	o.FetchEvery = or(o.FetchEvery, 200*time.Millisecond)
	o.Heartbeat = or(o.Heartbeat, 10*time.Second)
	if o.PollWorkers < 0 || o.FetchEvery < 0 || o.Heartbeat < 0 {
		return nil, errors.New("jobs: poll workers, fetch and heartbeat intervals must be above zero")
	}
	q := &Queue{o: o, db: o.DB, dialect: d}
	workers := river.NewWorkers()
	w := o.Work
	err = errors.Join(
		add(workers, q, pollRule, func(ctx context.Context, job PollJob, attempt int) error {
			job.Attempt = attempt
			return w.Poll(ctx, job)
		}),
		add(workers, q, reconcileRule, func(ctx context.Context, _ reconcileArgs, _ int) error { return w.Reconcile(ctx) }),
		add(workers, q, rereadRule, func(ctx context.Context, _ rereadArgs, _ int) error { return w.Reread(ctx) }),
		add(workers, q, nightlyRule, func(ctx context.Context, args nightlyArgs, _ int) error { return w.Nightly(ctx, args.Day) }),
	)
	queues := map[string]river.QueueConfig{
		queuePolls:     {MaxWorkers: o.PollWorkers},
		queueReconcile: {MaxWorkers: 1},
		// One re-read, one nightly run, and one that finds another of its kind at work.
		queueRuns: {MaxWorkers: 3, FetchPollInterval: q.fetchEvery(queueRuns)},
	}
	if w.Letters != nil {
		err = errors.Join(err, add(workers, q, lettersRule, func(ctx context.Context, args lettersArgs, _ int) error { return w.Letters(ctx, args.Day) }))
	}
	if w.Deliver != nil {
		err = errors.Join(err, add(workers, q, deliverRule, func(ctx context.Context, _ deliverArgs, _ int) error { return w.Deliver(ctx) }))
	}
	if w.Letters != nil || w.Deliver != nil {
		// Likewise: one that makes letters, one that delivers, and one over.
		queues[queueDeliver] = river.QueueConfig{MaxWorkers: 3, FetchPollInterval: q.fetchEvery(queueDeliver)}
	}
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	q.client, err = river.NewClient(d.driver(o.DB), &river.Config{
		ID:                          o.Instance,
		Logger:                      newRiverLog(o.Log),
		Workers:                     workers,
		JobTimeout:                  -1, // the work has its own
		FetchCooldown:               min(100*time.Millisecond, o.FetchEvery),
		FetchPollInterval:           o.FetchEvery,
		CompletedJobRetentionPeriod: retention, // the keeper removes what need not stay so long
		CancelledJobRetentionPeriod: retention,
		DiscardedJobRetentionPeriod: retention,
		// The keeper takes over what is abandoned, by the database's clock; this is
		// for what it should overlook.
		RescueStuckJobsAfter: max(10*time.Minute, 20*o.Heartbeat),
		Queues:               queues,
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return q, nil
}

// fetchEvery is how often a queue is looked at. Nobody waits for a run or a letter.
func (q *Queue) fetchEvery(queue string) time.Duration {
	if queue == queueRuns || queue == queueDeliver {
		return max(time.Second, q.o.FetchEvery)
	}
	return q.o.FetchEvery
}

func or[T int | time.Duration](value, standard T) T {
	if value == 0 {
		return standard
	}
	return value
}

// Start begins to work. ctx is for starting: only Stop ends the work.
func (q *Queue) Start(ctx context.Context) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stop != nil {
		return errors.New("jobs: started already")
	}
	if q.dialect.name == SQLite {
		// Nobody else works here: what runs by the book ran in an earlier life.
		if err := q.takeOver(ctx, `1 = 1`); err != nil {
			return fmt.Errorf("jobs: start: %w", err)
		}
	}
	lasting := context.WithoutCancel(ctx)
	err := untilFree(ctx, time.Minute, func(context.Context) error { return q.client.Start(lasting) })
	if err != nil {
		return fmt.Errorf("jobs: start: %w", err)
	}
	lasting, q.stop = context.WithCancel(lasting)
	q.stopped = make(chan struct{})
	go func() {
		defer close(q.stopped)
		q.keep(lasting)
	}()
	return nil
}

// lastWait is how long Stop waits for jobs to end that it has cancelled.
const lastWait = 10 * time.Second

// Stop takes no new jobs and waits for the running ones until ctx ends; then it
// cancels them, and waits for them to end. A cancelled job is not lost: it is tried
// again, by another process or after the next start. Stop is done once; it gives
// an error if jobs do not end even then.
func (q *Queue) Stop(ctx context.Context) error {
	q.mu.Lock()
	stop, stopped := q.stop, q.stopped
	q.stop = nil
	q.mu.Unlock()
	if stop == nil {
		return nil
	}
	err := q.client.Stop(ctx)
	if err != nil {
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWait)
		defer cancel()
		if err = q.client.StopAndCancel(last); err != nil {
			err = fmt.Errorf("jobs: stop: jobs still run %s after they were cancelled (%s): %w", lastWait, q.running.names(), err)
		}
	}
	// The keeper goes last: until then the running jobs need their heartbeats.
	stop()
	<-stopped
	return err
}

// Ping tells whether the queue's tables can be reached.
func (q *Queue) Ping(ctx context.Context) error {
	var n int
	if err := q.db.QueryRowContext(ctx, `SELECT count(*) FROM river_leader`).Scan(&n); err != nil {
		return fmt.Errorf("jobs: the queue's database: %w", err)
	}
	return nil
}

// Count is how many jobs of a kind are in a state (available, scheduled, retryable,
// running, discarded).
type Count struct {
	Kind  string
	State string
	Jobs  int
}

// Pending counts the jobs that wait, run, or were given up, by kind and state.
func (q *Queue) Pending(ctx context.Context) (counts []Count, err error) {
	rows, err := q.db.QueryContext(ctx, `SELECT kind, state, count(*) FROM river_job
		WHERE state IN ('available', 'scheduled', 'retryable', 'running', 'discarded') GROUP BY kind, state ORDER BY kind, state`)
	if err != nil {
		return nil, fmt.Errorf("jobs: count: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Count
		if err := rows.Scan(&c.Kind, &c.State, &c.Jobs); err != nil {
			return nil, fmt.Errorf("jobs: count: %w", err)
		}
		counts = append(counts, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("jobs: count: %w", err)
	}
	return counts, nil
}
