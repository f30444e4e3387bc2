package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestJobIsThereWithItsTransactionOrNever(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		polled := make(chan string, 10)
		q, _ := d.queue(t, work{poll: func(_ context.Context, job PollJob) error { polled <- job.Source; return nil }})
		start(t, q)
		for _, source := range []string{"rolled back", "committed"} {
			tx, err := d.store.Begin()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Exec(`INSERT INTO changes (n) VALUES (1)`); err != nil {
				t.Fatal(err)
			}
			if err := q.EnqueuePoll(t.Context(), tx, PollJob{Source: source, Slot: time.Now()}); err != nil {
				t.Fatal(err)
			}
			end := tx.Rollback
			if source == "committed" {
				end = tx.Commit
			}
			if err := end(); err != nil {
				t.Fatal(err)
			}
		}
		if got := <-polled; got != "committed" {
			t.Errorf("polled %q", got)
		}
		within(t, 5*time.Second, "an idle queue", func() bool { return d.idle(t) })
		if len(polled) > 0 {
			t.Errorf("polled %q too", <-polled)
		}
	})
}

func TestJobStartsWithinHalfASecond(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		ran := make(chan time.Time, 1)
		q, _ := d.queue(t, work{reconcile: func(context.Context) error { ran <- time.Now(); return nil }},
			func(o *Options) { o.FetchEvery, o.Heartbeat = 0, 0 })
		start(t, q)
		best := time.Hour // the machine may have other things to do
		for range 5 {
			within(t, 5*time.Second, "an idle queue", func() bool { return d.idle(t) })
			tx, err := d.store.Begin()
			if err != nil {
				t.Fatal(err)
			}
			if err := q.EnqueueReconcile(t.Context(), tx); err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
			from := time.Now()
			best = min(best, (<-ran).Sub(from))
		}
		if best > 500*time.Millisecond {
			t.Errorf("began after %s at best", best)
		}
	})
}

func TestOneOfEachWaits(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		var last atomic.Value
		q, _ := d.queue(t, work{poll: func(_ context.Context, job PollJob) error {
			if job.Source == "a" && !job.Full {
				last.Store(job)
			}
			return nil
		}})
		slot := at(t, "2018-07-02T08:00:00+07:00")
		for i := range 3 {
			err := errors.Join(
				q.EnqueuePoll(t.Context(), nil, PollJob{Source: "a", Slot: slot.Add(time.Duration(i%2) * time.Minute)}),
				q.EnqueuePoll(t.Context(), nil, PollJob{Source: "a", Full: true, Slot: slot}),
				q.EnqueuePoll(t.Context(), nil, PollJob{Source: "b", Slot: slot}),
				q.EnqueueReconcile(t.Context(), nil),
				q.EnqueueReread(t.Context(), nil),
				q.EnqueueNightly(t.Context(), nil, "2018-07-01"),
				q.EnqueueNightly(t.Context(), nil, "2018-07-02"),
				q.EnqueueLetters(t.Context(), nil, "2018-07-01"),
				q.EnqueueLetters(t.Context(), nil, "2018-07-02"),
				q.EnqueueDeliver(t.Context(), nil),
			)
			if err != nil {
				t.Fatal(err)
			}
		}
		got, err := q.Pending(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := []Count{
			{KindDeliver, "available", 1}, {KindLetters, "available", 2}, {KindNightly, "available", 2},
			{KindPoll, "available", 3}, {KindReconcile, "available", 1}, {KindReread, "available", 1},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("waiting (-want +got):\n%s", diff)
		}
		start(t, q)
		within(t, 20*time.Second, "an idle queue", func() bool { return d.idle(t) })
		if diff := cmp.Diff(PollJob{Source: "a", Slot: slot.Add(time.Minute).UTC(), Attempt: 1}, last.Load()); diff != "" {
			t.Errorf("the poll is not for the latest slot (-want +got):\n%s", diff)
		}
		// A day that was made is not made again; everything else is new work.
		err = errors.Join(
			q.EnqueueNightly(t.Context(), nil, "2018-07-02"), q.EnqueueReread(t.Context(), nil),
			q.EnqueueLetters(t.Context(), nil, "2018-07-02"), q.EnqueueDeliver(t.Context(), nil),
		)
		if err != nil {
			t.Fatal(err)
		}
		if n := d.count(t, `kind = 'nightly'`); n != 2 {
			t.Errorf("%d nightly jobs for two days", n)
		}
		if n := d.count(t, `kind = 'reread'`); n != 2 {
			t.Errorf("%d re-reads, want a second one", n)
		}
		if n := d.count(t, `kind = 'letters'`); n != 2 {
			t.Errorf("%d times letters for two days", n)
		}
		if n := d.count(t, `kind = 'deliver'`); n != 2 {
			t.Errorf("%d deliveries, want a second one", n)
		}
		if err := q.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestWrongJobsAreRefused(t *testing.T) {
	q, _ := migrated(t, emptySQLite(t)).queue(t, work{})
	if err := q.EnqueueNightly(t.Context(), nil, "02/07/2018"); err == nil {
		t.Error("a day that is none was taken")
	}
	if err := q.EnqueuePoll(t.Context(), nil, PollJob{}); err == nil {
		t.Error("a poll of nothing was taken")
	}
	if err := q.EnqueueLetters(t.Context(), nil, "02/07/2018"); err == nil {
		t.Error("letters of a day that is none were taken")
	}
}

// What is committed while a reconciliation runs, or waits, is seen by one that
// begins afterwards: no change is missed, however they meet.
func TestNoChangeIsMissed(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		var seen atomic.Int64
		w := work{reconcile: func(ctx context.Context) error {
			var n int64
			err := d.store.QueryRowContext(ctx, `SELECT count(*) FROM changes`).Scan(&n)
			time.Sleep(time.Duration(n%7) * time.Millisecond) // long enough for changes to come
			for old := seen.Load(); n > old && !seen.CompareAndSwap(old, n); old = seen.Load() {
			}
			return err
		}}
		processes := 2
		if d.kind == SQLite {
			processes = 1
		}
		var queues []*Queue
		for range processes {
			q, _ := d.queue(t, w, func(o *Options) { o.FetchEvery = 5 * time.Millisecond })
			start(t, q)
			queues = append(queues, q)
		}
		const writers, changes = 4, 40
		var wg sync.WaitGroup
		for i := range writers {
			wg.Go(func() {
				for n := range changes {
					tx, err := d.store.Begin()
					if err != nil {
						t.Error(err)
						return
					}
					_, err = tx.Exec(`INSERT INTO changes (n) VALUES (1)`)
					err = errors.Join(err, queues[i%processes].EnqueueReconcile(context.Background(), tx))
					time.Sleep(time.Duration((i+n)%5) * time.Millisecond)
					if err := errors.Join(err, tx.Commit()); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		within(t, 20*time.Second, "an idle queue", func() bool { return d.idle(t) })
		if got := seen.Load(); got != writers*changes {
			t.Errorf("saw %d of %d changes", got, writers*changes)
		}
		if n := d.count(t, `kind = 'reconcile'`); n >= writers*changes {
			t.Errorf("%d reconciliations of %d changes: they pile up", n, writers*changes)
		}
	})
}

func TestWhatMustNotMeetRunsApart(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		var seen tally
		hold := func(what string) error {
			defer seen.enter(what)()
			time.Sleep(700 * time.Millisecond)
			return nil
		}
		w := work{
			poll:    func(_ context.Context, job PollJob) error { return hold("poll " + job.Source) },
			nightly: func(context.Context, string) error { return hold("nightly") },
			reread:  func(context.Context) error { return hold("reread") },
			letters: func(context.Context, string) error { return hold("letters") },
			deliver: func(context.Context) error { return hold("deliver") },
		}
		processes := 2
		if d.kind == SQLite {
			processes = 1
		}
		for range processes {
			q, _ := d.queue(t, w)
			start(t, q)
			err := errors.Join(
				q.EnqueuePoll(t.Context(), nil, PollJob{Source: "a", Slot: time.Now()}),
				q.EnqueuePoll(t.Context(), nil, PollJob{Source: "a", Full: true, Slot: time.Now()}),
				q.EnqueuePoll(t.Context(), nil, PollJob{Source: "b", Slot: time.Now()}),
				q.EnqueueNightly(t.Context(), nil, "2018-07-01"),
				q.EnqueueNightly(t.Context(), nil, "2018-07-02"),
				q.EnqueueReread(t.Context(), nil),
				q.EnqueueLetters(t.Context(), nil, "2018-07-01"),
				q.EnqueueLetters(t.Context(), nil, "2018-07-02"),
				q.EnqueueDeliver(t.Context(), nil),
			)
			if err != nil {
				t.Fatal(err)
			}
		}
		within(t, 40*time.Second, "an idle queue", func() bool { return d.idle(t) })
		for what, least := range map[string]int{"poll a": 2, "poll b": 1, "nightly": 2, "reread": 1, "letters": 2, "deliver": 1} {
			if count, most := seen.of(what); count < least || most != 1 {
				t.Errorf("%s: %d times, %d at the same time", what, count, most)
			}
		}
		if n, _ := seen.of("nightly"); n != 2 {
			t.Errorf("%d nightly runs for two days", n)
		}
		if n, _ := seen.of("letters"); n != 2 {
			t.Errorf("%d times letters for two days", n)
		}
	})
}

func TestFailedJobsAreTriedAgain(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		var polls, runs atomic.Int32
		var attempts sync.Map
		q, hook := d.queue(t, work{
			poll: func(_ context.Context, job PollJob) error {
				attempts.Store(job.Attempt, true)
				if polls.Add(1) == 1 {
					return errors.New("office does not answer")
				}
				return nil
			},
			reconcile: func(context.Context) error {
				if runs.Add(1) == 1 {
					panic("out of range")
				}
				return nil
			},
		})
		start(t, q)
		err := errors.Join(q.EnqueuePoll(t.Context(), nil, PollJob{Source: "a", Slot: time.Now()}), q.EnqueueReconcile(t.Context(), nil))
		if err != nil {
			t.Fatal(err)
		}
		within(t, 20*time.Second, "both done at the second attempt", func() bool { return polls.Load() == 2 && runs.Load() == 2 && d.idle(t) })
		if _, ok := attempts.Load(2); !ok {
			t.Error("the second attempt was not told that it is one")
		}
		told := strings.Join(warnings(hook), "\n")
		if strings.Count(told, "job failed") != 2 || !strings.Contains(told, "office does not answer") ||
			!strings.Contains(told, "panic: out of range") || !strings.Contains(told, "queue_test.go") {
			t.Errorf("each fault must be logged once, a panic with its stack:\n%s", told)
		}
	})
}

func TestFailedJobGivesWayToOneThatWaits(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		begun := make(chan struct{})
		release := make(chan struct{})
		var runs atomic.Int32
		q, _ := d.queue(t, work{reconcile: func(context.Context) error {
			if runs.Add(1) == 1 {
				close(begun)
				<-release
				return errors.New("database is gone")
			}
			return nil
		}})
		start(t, q)
		if err := q.EnqueueReconcile(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		<-begun
		if err := q.EnqueueReconcile(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		close(release)
		within(t, 10*time.Second, "an idle queue", func() bool { return d.idle(t) })
		if n := runs.Load(); n != 2 {
			t.Errorf("%d attempts; the second job did what the first failed to", n)
		}
	})
}

func TestProcessesShareTheWork(t *testing.T) {
	onPostgres(t, func(t *testing.T, d database) {
		var seen, by tally
		var queues []*Queue
		for p := range 3 {
			q, _ := d.queue(t, work{poll: func(_ context.Context, job PollJob) error {
				defer seen.enter(job.Source)()
				defer by.enter(fmt.Sprint(p))()
				time.Sleep(5 * time.Millisecond)
				return nil
			}})
			start(t, q)
			queues = append(queues, q)
		}
		const sources = 120
		for i := range sources {
			// Each process's schedule comes to the same tick.
			tx, err := d.store.Begin()
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range queues {
				if err := q.EnqueuePoll(t.Context(), tx, PollJob{Source: fmt.Sprint("s", i), Slot: time.Now()}); err != nil {
					t.Fatal(err)
				}
			}
			if err := tx.Commit(); err != nil {
				t.Fatal(err)
			}
		}
		within(t, 30*time.Second, "an idle queue", func() bool { return d.idle(t) })
		for i := range sources {
			if n, _ := seen.of(fmt.Sprint("s", i)); n != 1 {
				t.Errorf("source %d was polled %d times", i, n)
			}
		}
		for p := range queues {
			if n, _ := by.of(fmt.Sprint(p)); n == 0 {
				t.Errorf("process %d did nothing", p)
			}
		}
	})
}
