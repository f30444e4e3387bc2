package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"
)

// book is a queue that does everything at once, and writes it down; with a clock
// that can be set.
type book struct {
	zone *time.Location

	mu     sync.Mutex
	ahead  time.Duration // of the clock
	broken error
	made   string
	waits  time.Time // when something in the outbox may be tried
	stays  bool      // it waits still when it was tried
	page
}

// page is what was written down.
type page struct {
	polls   []PollJob
	fulls   []PollJob
	compare int
	nights  []string
	asked   int
	letters []string
	sent    []string
	looked  int // at the outbox
}

// read gives what is written down once the schedule sleeps.
func (b *book) read() page {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.page
}

// tear forgets the polls, and from now on fails with err.
func (b *book) tear(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.polls, b.broken = nil, err
}

func (b *book) now() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now0()
}

// now0 is now for who holds the lock.
func (b *book) now0() time.Time { return time.Now().Add(b.ahead) }

// set sets the clock.
func (b *book) set(to time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ahead = time.Until(to)
}

func (b *book) do(f func()) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return b.broken
	}
	f()
	return nil
}

func (b *book) EnqueuePoll(_ context.Context, _ *sql.Tx, job PollJob) error {
	return b.do(func() {
		if job.Full {
			b.fulls = append(b.fulls, job)
		} else {
			b.polls = append(b.polls, job)
		}
	})
}

func (b *book) EnqueueReconcile(context.Context, *sql.Tx) error { return b.do(func() { b.compare++ }) }

func (b *book) EnqueueNightly(_ context.Context, _ *sql.Tx, day string) error {
	return b.do(func() {
		at := time.Now().Add(b.ahead).In(b.zone).Format("2006-01-02 15:04")
		b.nights = append(b.nights, fmt.Sprintf("%s at %s", day, at))
		b.made = day
	})
}

func (b *book) EnqueueLetters(_ context.Context, _ *sql.Tx, day string) error {
	return b.do(func() { b.letters = append(b.letters, day+" at "+b.clock()) })
}

func (b *book) EnqueueDeliver(context.Context, *sql.Tx) error {
	return b.do(func() {
		b.sent = append(b.sent, b.clock())
		if !b.stays {
			b.waits = time.Time{}
		}
	})
}

func (b *book) nextDelivery(context.Context) (next time.Time, err error) {
	err = b.do(func() { b.looked++; next = b.waits })
	return next, err
}

// clock is what it says, to the second.
func (b *book) clock() string {
	return time.Now().Add(b.ahead).In(b.zone).Format("2006-01-02 15:04:05")
}

func (b *book) lastNightly(context.Context) (day string, err error) {
	err = b.do(func() { b.asked++; day = b.made })
	return day, err
}

func quiet() logrus.FieldLogger {
	log := logrus.New()
	log.SetOutput(io.Discard)
	return log
}

// run runs a schedule from a moment on, until steps is done.
func run(t *testing.T, p Plan, from string, made string, steps func(*Schedule, *book)) *book {
	t.Helper()
	b := &book{zone: vietnam(t), made: made}
	p.Zone = b.zone
	synctest.Test(t, func(t *testing.T) {
		b.set(at(t, from))
		s, err := NewSchedule(p, ScheduleOptions{Queue: b, LastNightly: b.lastNightly, NextDelivery: b.nextDelivery, Log: quiet(), Now: b.now})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); s.Run(ctx) }()
		synctest.Wait()
		steps(s, b)
		cancel()
		<-ended
	})
	return b
}

func TestNightlyRunsInTheNightOfVietnam(t *testing.T) {
	abroad(t)
	b := run(t, Plan{Nightly: "0 1 * * *"}, "2018-03-10T12:00:00+07:00", "2018-03-10", func(*Schedule, *book) {
		time.Sleep(72 * time.Hour) // New York puts its clocks forward meanwhile
	})
	want := []string{"2018-03-11 at 2018-03-11 01:00", "2018-03-12 at 2018-03-12 01:00", "2018-03-13 at 2018-03-13 01:00"}
	if diff := cmp.Diff(want, b.nights); diff != "" {
		t.Errorf("nightly runs (-want +got):\n%s", diff)
	}
}

func TestMissedNightlyRunIsMadeUpForOnce(t *testing.T) {
	tests := []struct {
		name, made string
		want       []string
	}{
		{"missed at one", "2018-07-01", []string{"2018-07-02 at 2018-07-02 02:30"}},
		{"missed for a week", "2018-06-25", []string{"2018-07-02 at 2018-07-02 02:30"}},
		{"new installation", "", []string{"2018-07-02 at 2018-07-02 02:30"}},
		{"made", "2018-07-02", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := run(t, Plan{Nightly: "0 1 * * *"}, "2018-07-02T02:30:00+07:00", test.made, func(*Schedule, *book) {
				time.Sleep(10 * time.Hour)
			})
			if diff := cmp.Diff(test.want, b.nights); diff != "" {
				t.Errorf("nightly runs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLostNightlyRunIsAskedForEveryHour(t *testing.T) {
	b := run(t, Plan{Nightly: "0 1 * * *"}, "2018-07-02T00:30:00+07:00", "2018-07-01", func(_ *Schedule, b *book) {
		time.Sleep(time.Hour) // enqueued at one, and lost
		if err := b.do(func() { b.made = "2018-07-01" }); err != nil {
			t.Error(err)
		}
		time.Sleep(2 * time.Hour)
	})
	want := []string{"2018-07-02 at 2018-07-02 01:00", "2018-07-02 at 2018-07-02 02:00"}
	if diff := cmp.Diff(want, b.nights); diff != "" {
		t.Errorf("nightly runs (-want +got):\n%s", diff)
	}
	if b.asked > 6 {
		t.Errorf("asked %d times in three hours", b.asked)
	}
}

func TestSourcesArePolledAtTheirPace(t *testing.T) {
	p := Plan{Nightly: "0 1 * * *", Sources: []SourcePlan{
		{Name: "fast", Every: 5 * time.Second}, {Name: "slow", Every: 15 * time.Minute, Full: "30 12 * * *"}, {Name: "asked", Every: 0},
	}}
	b := run(t, p, "2018-07-02T12:00:00+07:00", "2018-07-02", func(_ *Schedule, b *book) {
		if got := b.read(); len(got.polls) != 2 || len(got.fulls) != 1 || got.compare != 1 {
			t.Errorf("at once: %d polls, %d full, %d reconciliations", len(got.polls), len(got.fulls), got.compare)
		}
		time.Sleep(time.Hour)
	})
	count := map[string]int{}
	before := map[string]time.Time{}
	for _, poll := range b.polls {
		count[poll.Source]++
		every := map[string]time.Duration{"fast": 5 * time.Second, "slow": 15 * time.Minute}[poll.Source]
		if last, ok := before[poll.Source]; ok && poll.Slot.Sub(last) != every {
			t.Errorf("%s: slots %s and %s", poll.Source, last, poll.Slot)
		}
		before[poll.Source] = poll.Slot
	}
	if diff := cmp.Diff(map[string]int{"fast": 721, "slow": 5}, count); diff != "" {
		t.Errorf("polls in an hour (-want +got):\n%s", diff)
	}
	var fulls []string
	for _, f := range b.fulls {
		fulls = append(fulls, f.Source+" "+f.Slot.In(b.zone).Format("2006-01-02 15:04"))
	}
	if diff := cmp.Diff([]string{"slow 2018-07-01 12:30", "slow 2018-07-02 12:30"}, fulls); diff != "" {
		t.Errorf("full polls (-want +got):\n%s", diff)
	}
	if b.compare != 60 {
		t.Errorf("%d reconciliations in an hour", b.compare)
	}
}

func TestClockSetForwardCausesNoBurst(t *testing.T) {
	p := Plan{Nightly: "0 1 * * *", Sources: []SourcePlan{{Name: "a", Every: time.Minute}}}
	b := run(t, p, "2018-07-02T12:00:00+07:00", "2018-07-02", func(_ *Schedule, b *book) {
		time.Sleep(10 * time.Second)
		before := len(b.read().polls)
		b.set(b.now().Add(36 * time.Hour))
		time.Sleep(30 * time.Second)
		if got := len(b.read().polls) - before; got < 1 || got > 2 {
			t.Errorf("%d polls after the clock was set forward", got)
		}
	})
	// Noticed within half a minute: it is the 4th, one minute past midnight at most.
	if len(b.nights) != 1 || !strings.HasPrefix(b.nights[0], "2018-07-03 at 2018-07-04 00:0") {
		t.Errorf("nightly runs: %v", b.nights)
	}
}

func TestClockSetBackDoesNotStopPolling(t *testing.T) {
	p := Plan{Nightly: "0 1 * * *", Sources: []SourcePlan{{Name: "a", Every: time.Minute, Full: "0 12 * * *"}}}
	b := run(t, p, "2018-07-02T12:30:00+07:00", "2018-07-02", func(_ *Schedule, b *book) {
		time.Sleep(10 * time.Minute)
		before := len(b.read().polls)
		b.set(b.now().Add(-6 * time.Hour))
		time.Sleep(10 * time.Minute)
		if got := len(b.read().polls) - before; got < 9 || got > 11 {
			t.Errorf("%d polls in ten minutes after the clock was set back", got)
		}
	})
	if len(b.fulls) != 1 {
		t.Errorf("full polls: %v; the one of noon was done", b.fulls)
	}
	if len(b.nights) != 0 {
		t.Errorf("nightly runs: %v; that day's was made", b.nights)
	}
}

func TestQueueThatFailsIsTriedAgain(t *testing.T) {
	p := Plan{Nightly: "0 1 * * *", Sources: []SourcePlan{{Name: "a", Every: time.Hour}, {Name: "b", Every: time.Hour}}}
	b := run(t, p, "2018-07-02T00:30:00+07:00", "2018-07-01", func(_ *Schedule, b *book) {
		b.tear(errors.New("database is gone"))
		time.Sleep(2 * time.Hour)
		b.tear(nil)
		time.Sleep(5 * time.Second)
	})
	if len(b.polls) != 2 {
		t.Errorf("polls: %v; the last slot of each is wanted", b.polls)
	}
	if diff := cmp.Diff([]string{"2018-07-02 at 2018-07-02 02:30"}, b.nights); diff != "" {
		t.Errorf("nightly runs (-want +got):\n%s", diff)
	}
}

func TestPlanIsChangedWhileItRuns(t *testing.T) {
	p := Plan{Nightly: "0 1 * * *", Sources: []SourcePlan{{Name: "stays", Every: time.Hour}, {Name: "goes", Every: time.Minute}}}
	run(t, p, "2018-07-02T12:00:00+07:00", "2018-07-02", func(s *Schedule, b *book) {
		b.tear(nil)
		if err := s.SetPlan(Plan{Zone: b.zone, Nightly: "nonsense"}); err == nil {
			t.Error("a wrong plan was taken")
		}
		p := Plan{Zone: b.zone, Nightly: "0 3 * * *", Sources: []SourcePlan{{Name: "stays", Every: time.Hour}, {Name: "comes", Every: time.Hour}}}
		if err := s.SetPlan(p); err != nil {
			t.Error(err)
		}
		if got := b.read().polls; len(got) != 1 || got[0].Source != "comes" {
			t.Errorf("polls at once: %v", got)
		}
		time.Sleep(10 * time.Minute)
		for _, poll := range b.read().polls {
			if poll.Source == "goes" {
				t.Errorf("polled though no longer planned: %v", poll)
			}
		}
		now := b.now()
		if got := s.NextNightly(now).Format(time.RFC3339); got != "2018-07-03T03:00:00+07:00" {
			t.Errorf("next nightly run %s", got)
		}
		if got := s.LastTick(now).Format(time.RFC3339); got != "2018-07-02T03:00:00+07:00" {
			t.Errorf("last nightly tick %s", got)
		}
	})
}
