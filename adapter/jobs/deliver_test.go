package jobs

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWhoseLettersAreDue(t *testing.T) {
	tests := []struct{ name, cron, now, want string }{
		{"before the tick", "30 7 * * *", "2018-07-02T07:29:59+07:00", ""},
		{"at the tick", "30 7 * * *", "2018-07-02T07:30:00+07:00", "2018-07-02"},
		{"later that day", "30 7 * * *", "2018-07-02T23:59:59+07:00", "2018-07-02"},
		{"yesterday's are not made up for", "30 7 * * *", "2018-07-03T00:00:00+07:00", ""},
		{"twice a day is the same day", "30 7,13 * * *", "2018-07-02T15:00:00+07:00", "2018-07-02"},
		{"no tick today", "30 7 * * 1", "2018-07-03T08:00:00+07:00", ""},
		{"the day in Vietnam, not in UTC", "30 6 * * *", "2018-07-01T23:45:00Z", "2018-07-02"},
		{"none at all", "", "2018-07-02T15:00:00+07:00", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			table, err := Plan{Zone: vietnam(t), Deliver: test.cron}.read()
			if err != nil {
				t.Fatal(err)
			}
			if got := table.lettersDue(at(t, test.now)); got != test.want {
				t.Errorf("due: %q, want %q", got, test.want)
			}
		})
	}
	if _, err := (Plan{Zone: vietnam(t), Deliver: "half past seven"}).read(); err == nil {
		t.Error("a time that is none was taken")
	}
}

func TestLettersAreMadeByTheClockOfVietnam(t *testing.T) {
	abroad(t)
	b := run(t, Plan{Deliver: "30 7 * * *"}, "2018-03-10T12:00:00+07:00", "", func(s *Schedule, b *book) {
		if got := s.NextDeliver(b.now()).Format(time.RFC3339); got != "2018-03-11T07:30:00+07:00" {
			t.Errorf("next letters %s", got)
		}
		time.Sleep(48 * time.Hour)
	})
	// At each start, and every hour, since the queue takes a day once.
	first := map[string]string{}
	for _, l := range b.letters {
		day := l[:len("2018-03-10")]
		if first[day] == "" {
			first[day] = l
		}
	}
	want := map[string]string{
		"2018-03-10": "2018-03-10 at 2018-03-10 12:00:00",
		"2018-03-11": "2018-03-11 at 2018-03-11 07:30:00",
		"2018-03-12": "2018-03-12 at 2018-03-12 07:30:00",
	}
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
	if n := len(b.letters); n > 12+17+5 {
		t.Errorf("asked for %d times in two days", n)
	}
	if b.sent != nil {
		t.Errorf("sent at %v with nothing in the outbox", b.sent)
	}
}

func TestMissedLettersAreMadeTheSameDay(t *testing.T) {
	b := run(t, Plan{Deliver: "30 7 * * *"}, "2018-07-02T07:00:00+07:00", "", func(_ *Schedule, b *book) {
		b.tear(errors.New("database is gone"))
		time.Sleep(2 * time.Hour)
		b.tear(nil)
		time.Sleep(5 * time.Second)
	})
	if len(b.letters) != 1 || !strings.HasPrefix(b.letters[0], "2018-07-02 at 2018-07-02 09:00:0") {
		t.Errorf("letters: %v", b.letters)
	}
}

func TestWhatWaitsIsSentWhenItMayBe(t *testing.T) {
	b := run(t, Plan{}, "2018-07-02T08:00:10+07:00", "", func(_ *Schedule, b *book) {
		put := func(at time.Time) {
			b.mu.Lock()
			b.waits = at
			b.mu.Unlock()
		}
		put(b.now().Add(90 * time.Second)) // backs off until 08:01:40
		time.Sleep(5 * time.Minute)
		put(b.now()) // somebody put it in without a word, at 08:05:10
		time.Sleep(2 * time.Minute)
	})
	if diff := cmp.Diff([]string{"2018-07-02 08:01:40", "2018-07-02 08:06:00"}, b.sent); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	if b.looked > 7+3 {
		t.Errorf("looked %d times in seven minutes", b.looked)
	}
}

func TestWhatStaysInTheOutboxIsTriedOnceAMinute(t *testing.T) {
	b := run(t, Plan{}, "2018-07-02T08:00:10+07:00", "", func(_ *Schedule, b *book) {
		b.mu.Lock()
		b.waits, b.stays = b.now0(), true
		b.mu.Unlock()
		time.Sleep(10 * time.Minute)
	})
	if n := len(b.sent); n != 10 {
		t.Errorf("enqueued %d times in ten minutes: %v", n, b.sent)
	}
}

// A clock that is set back does not keep what waits waiting until it has caught up.
func TestClockSetBackDoesNotHoldDeliveriesUp(t *testing.T) {
	b := run(t, Plan{}, "2018-07-02T08:00:10+07:00", "", func(_ *Schedule, b *book) {
		time.Sleep(2 * time.Minute)
		b.set(b.now().Add(-6 * time.Hour))
		b.mu.Lock()
		b.waits = b.now0()
		b.mu.Unlock()
		time.Sleep(2 * time.Minute)
	})
	if len(b.sent) != 1 || !strings.HasPrefix(b.sent[0], "2018-07-02 02:0") {
		t.Errorf("sent: %v", b.sent)
	}
}

// A process that neither makes letters nor sends them refuses to enqueue what it
// would never do, and does everything else.
func TestQueueWithoutLettersAndDeliveries(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		ran := make(chan struct{}, 1)
		q, _ := d.queue(t, work{reread: func(context.Context) error { ran <- struct{}{}; return nil }}, func(o *Options) {
			o.Work.Letters, o.Work.Deliver = nil, nil
		})
		start(t, q)
		if err := q.EnqueueLetters(t.Context(), nil, "2018-07-02"); err == nil {
			t.Error("letters that nobody makes were taken")
		}
		if err := q.EnqueueDeliver(t.Context(), nil); err == nil {
			t.Error("a delivery that nobody makes was taken")
		}
		if err := q.EnqueueReread(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		<-ran
		within(t, 5*time.Second, "an idle queue", func() bool { return d.idle(t) })
	})
}

// A mail server that does not answer delays neither polls nor runs nor letters.
func TestASlowDeliveryDelaysNothingElse(t *testing.T) {
	onBoth(t, func(t *testing.T, d database) {
		sending, answered := make(chan struct{}), make(chan struct{})
		var others tally
		note := func(what string) error { others.enter(what)(); return nil }
		var deliveries atomic.Int32
		q, _ := d.queue(t, work{
			deliver: func(ctx context.Context) error {
				if deliveries.Add(1) == 1 {
					close(sending)
					select {
					case <-answered:
					case <-ctx.Done():
					}
				}
				return ctx.Err()
			},
			poll:      func(context.Context, PollJob) error { return note(KindPoll) },
			reconcile: func(context.Context) error { return note(KindReconcile) },
			reread:    func(context.Context) error { return note(KindReread) },
			nightly:   func(context.Context, string) error { return note(KindNightly) },
			letters:   func(context.Context, string) error { return note(KindLetters) },
		})
		start(t, q)
		if err := q.EnqueueDeliver(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		<-sending
		err := errors.Join(
			q.EnqueueDeliver(t.Context(), nil), // what comes meanwhile waits, and is done after it
			q.EnqueuePoll(t.Context(), nil, PollJob{Source: "a", Slot: time.Now()}), q.EnqueueReconcile(t.Context(), nil),
			q.EnqueueReread(t.Context(), nil), q.EnqueueNightly(t.Context(), nil, "2018-07-02"), q.EnqueueLetters(t.Context(), nil, "2018-07-02"),
		)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range Kinds() {
			if kind != KindDeliver {
				within(t, 20*time.Second, kind+" while something is being sent", func() bool { n, _ := others.of(kind); return n == 1 })
			}
		}
		if n := deliveries.Load(); n != 1 {
			t.Errorf("%d deliveries at the same time", n)
		}
		close(answered)
		within(t, 20*time.Second, "the second delivery", func() bool { return deliveries.Load() == 2 && d.idle(t) })
	})
}
