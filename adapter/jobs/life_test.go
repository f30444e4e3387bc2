package jobs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
)

func TestStopWaitsForRunningJobs(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		begun := make(chan struct{})
		var done atomic.Bool
		q, _ := d.queue(t, work{nightly: func(ctx context.Context, _ string) error {
			close(begun)
			time.Sleep(800 * time.Millisecond)
			done.Store(ctx.Err() == nil)
			return nil
		}})
		start(t, q)
		if err := q.EnqueueNightly(t.Context(), nil, "2018-07-02"); err != nil {
			t.Fatal(err)
		}
		<-begun
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := q.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if !done.Load() || d.count(t, `state = 'completed'`) != 1 {
			t.Error("it did not wait")
		}
		if err := q.Stop(ctx); err != nil {
			t.Errorf("stopped again: %v", err)
		}
	})
}

func TestStopCancelsWhatTakesTooLongAndLosesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		begun := make(chan struct{})
		q, hook := d.queue(t, work{nightly: func(ctx context.Context, _ string) error {
			close(begun)
			<-ctx.Done()
			return fmt.Errorf("nightly: %w", ctx.Err())
		}})
		if err := q.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := q.Start(t.Context()); err == nil {
			t.Error("it started twice")
		}
		if err := q.EnqueueNightly(t.Context(), nil, "2018-07-02"); err != nil {
			t.Fatal(err)
		}
		<-begun
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		if err := q.Stop(ctx); err != nil {
			t.Fatal(err)
		}
		if told := warnings(hook); len(told) > 0 {
			t.Errorf("an operator's stop is no fault: %v", told)
		}
		again := make(chan string, 1)
		next, _ := d.queue(t, work{nightly: func(_ context.Context, day string) error { again <- day; return nil }})
		start(t, next)
		select {
		case day := <-again:
			if day != "2018-07-02" {
				t.Errorf("made the run of %s", day)
			}
		case <-time.After(15 * time.Second):
			t.Error("the interrupted run was lost")
		}
	})
}

// A running job of which the row is no longer its own must end.
func TestJobThatWasTakenOverEnds(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		begun := make(chan struct{}, 2)
		ended := make(chan error, 2)
		q, _ := d.queue(t, work{nightly: func(ctx context.Context, _ string) error {
			begun <- struct{}{}
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return ctx.Err()
		}})
		start(t, q)
		if err := q.EnqueueNightly(t.Context(), nil, "2018-07-02"); err != nil {
			t.Fatal(err)
		}
		<-begun
		if _, err := d.store.Exec(`UPDATE river_job SET attempt = attempt + 1`); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			if !errors.Is(err, errLost) {
				t.Errorf("ended because of %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("it went on")
		}
	})
}

// A long job, longer than the silence after which a process is given up, is not
// taken from one that lives.
func TestLongJobIsLeftAlone(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		var runs atomic.Int32
		for range 2 {
			q, _ := d.queue(t, work{nightly: func(ctx context.Context, _ string) error {
				runs.Add(1)
				select {
				case <-ctx.Done():
				case <-time.After(6 * time.Second):
				}
				return ctx.Err()
			}})
			start(t, q)
			if err := q.EnqueueNightly(t.Context(), nil, "2018-07-02"); err != nil {
				t.Fatal(err)
			}
			if d.kind == SQLite {
				break
			}
		}
		within(t, 20*time.Second, "an idle queue", func() bool { return d.idle(t) })
		if n := runs.Load(); n != 1 {
			t.Errorf("it was begun %d times", n)
		}
	})
}

func TestClockSetBackDoesNotHoldJobsUp(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		ran := make(chan struct{}, 1)
		q, _ := d.queue(t, work{poll: func(context.Context, PollJob) error { ran <- struct{}{}; return nil }})
		if err := q.EnqueuePoll(t.Context(), nil, PollJob{Source: "a", Slot: time.Now()}); err != nil {
			t.Fatal(err)
		}
		// As rows look whose moments are those of a clock that was an hour ahead.
		if _, err := d.store.Exec(q.dialect.sql(`UPDATE river_job SET scheduled_at = {now+1h}`)); err != nil {
			t.Fatal(err)
		}
		insert := `INSERT INTO river_leader (elected_at, expires_at, leader_id) VALUES ({now+1h}, {now+1h}, 'gone')`
		if _, err := d.store.Exec(q.dialect.sql(insert)); err != nil {
			t.Fatal(err)
		}
		start(t, q)
		select {
		case <-ran:
		case <-time.After(10 * time.Second):
			t.Error("it waits for the clock to catch up")
		}
		if _, err := d.store.Exec(q.dialect.sql(`DELETE FROM river_leader WHERE leader_id = 'gone' AND expires_at > {now+5m}`)); err != nil {
			t.Fatal(err)
		}
	})
}

func TestFinishedJobsAreRemoved(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		q, _ := d.queue(t, work{})
		err := errors.Join(q.EnqueuePoll(t.Context(), nil, PollJob{Source: "old", Slot: time.Now()}), q.EnqueueNightly(t.Context(), nil, "2018-07-02"),
			q.EnqueueLetters(t.Context(), nil, "2018-07-02"), q.EnqueueDeliver(t.Context(), nil))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.store.Exec(q.dialect.sql(`UPDATE river_job SET state = 'completed', finalized_at = {now-2h}`)); err != nil {
			t.Fatal(err)
		}
		if err := q.EnqueueReconcile(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if err := q.clean(t.Context()); err != nil {
			t.Fatal(err)
		}
		if polls, all := d.count(t, `kind IN ('poll', 'deliver')`), d.count(t, `1 = 1`); polls != 0 || all != 3 {
			t.Errorf("left: %d polls and deliveries, %d jobs; want those of the day and what waits", polls, all)
		}
	})
}

// While the store writes for long, the queue waits without a word, and goes on.
func TestStoreMayWriteForLong(t *testing.T) {
	d := migrated(t, emptySQLite(t))
	var polls atomic.Int32
	q, hook := d.queue(t, work{poll: func(context.Context, PollJob) error { polls.Add(1); return nil }})
	start(t, q)
	tx, err := d.store.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(`INSERT INTO changes (n) VALUES (1)`); err != nil {
		t.Fatal(err)
	}
	enqueued := make(chan error, 1)
	go func() {
		enqueued <- q.EnqueuePoll(context.Background(), nil, PollJob{Source: "a", Slot: time.Now()})
	}()
	time.Sleep(7 * time.Second) // longer than SQLite waits by itself
	if err := q.EnqueueReconcile(t.Context(), tx); err != nil {
		t.Error(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-enqueued; err != nil {
		t.Error(err)
	}
	within(t, 20*time.Second, "both jobs done", func() bool { return polls.Load() == 1 && d.idle(t) })
	if told := warnings(hook); len(told) > 0 {
		t.Errorf("logged:\n%s", strings.Join(told, "\n"))
	}
}

// childEnv makes a test binary work the queue of this database, and nothing else.
const childEnv = "DOISOAT_JOBS_CHILD"

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		if err := child(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// child is a process that begins jobs and never ends them.
func child(text string) error {
	kind, dsn, _ := strings.Cut(text, " ")
	db, err := openPool(kind, dsn)
	if err != nil {
		return err
	}
	forever := func(what string) { fmt.Println(what); select {} }
	log := logrus.New()
	w := work{
		poll:    func(_ context.Context, job PollJob) error { forever("poll " + job.Source); return nil },
		nightly: func(_ context.Context, day string) error { forever("nightly " + day); return nil },
	}
	q, err := New(context.Background(), Options{DB: db, Kind: kind, Work: w.full(), Log: log, FetchEvery: 50 * time.Millisecond, Heartbeat: time.Second})
	if err != nil {
		return err
	}
	if err := q.Start(context.Background()); err != nil {
		return err
	}
	select {}
}

func TestJobsOfAKilledProcessAreTakenOver(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		q, _ := d.queue(t, work{})
		err := errors.Join(q.EnqueuePoll(t.Context(), nil, PollJob{Source: "a", Slot: time.Now()}), q.EnqueueNightly(t.Context(), nil, "2018-07-02"))
		if err != nil {
			t.Fatal(err)
		}
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), childEnv+"="+d.kind+" "+d.dsn)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for begun := 0; begun < 2 && lines.Scan(); begun++ {
			t.Log("child: " + lines.Text())
		}
		done := make(chan string, 4)
		record := work{
			poll: func(_ context.Context, job PollJob) error {
				done <- fmt.Sprintf("poll %s, attempt %d", job.Source, job.Attempt)
				return nil
			},
			nightly: func(_ context.Context, day string) error { done <- "nightly " + day; return nil },
		}
		heir, hook := d.queue(t, record)
		if d.kind == Postgres {
			start(t, heir)              // beside it
			time.Sleep(6 * time.Second) // silent for four, it would be given up
			if len(done) > 0 {
				t.Errorf("taken from a process that lives: %s", <-done)
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // killed
		killed := time.Now()
		if d.kind == SQLite {
			start(t, heir) // its next life
		}
		got := map[string]bool{}
		for len(got) < 2 {
			select {
			case what := <-done:
				got[what] = true
			case <-time.After(20 * time.Second):
				t.Fatalf("not taken over; done: %v\n%v", got, warnings(hook))
			}
		}
		t.Logf("taken over after %s", time.Since(killed))
		if !got["poll a, attempt 2"] || !got["nightly 2018-07-02"] {
			t.Errorf("done: %v", got)
		}
		within(t, 5*time.Second, "an idle queue", func() bool { return d.idle(t) })
		if told := warnings(hook); len(told) != 2 || !strings.Contains(told[0], "job taken over") {
			t.Errorf("both take-overs must be logged:\n%s", strings.Join(told, "\n"))
		}
	})
}
