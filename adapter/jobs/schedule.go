package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
)

// enqueuer is what the schedule needs of Queue.
type enqueuer interface {
	EnqueuePoll(ctx context.Context, tx *sql.Tx, job PollJob) error
	EnqueueReconcile(ctx context.Context, tx *sql.Tx) error
	EnqueueNightly(ctx context.Context, tx *sql.Tx, day string) error
	EnqueueLetters(ctx context.Context, tx *sql.Tx, day string) error
	EnqueueDeliver(ctx context.Context, tx *sql.Tx) error
}

// ScheduleOptions are settings of NewSchedule; NextDelivery and Now may be left out.
type ScheduleOptions struct {
	Queue enqueuer
	// LastNightly is the business day (yyyy-MM-dd) of the latest nightly run that
	// succeeded; "" if none ever did.
	LastNightly func(ctx context.Context) (day string, err error)
	// NextDelivery is when something in the outbox may next be tried, by its back-off
	// and the hours in which messages leave; a moment that has passed where something
	// waits, zero where nothing does. It is asked once a minute and at the moments it
	// gave. nil: deliveries are enqueued by others alone.
	NextDelivery func(ctx context.Context) (time.Time, error)
	Log          logrus.FieldLogger
	Now          func() time.Time // time.Now where nil
}

// Schedule enqueues what is due by the clock. Every process runs one: all come to
// the same ticks, and the queue takes each once.
type Schedule struct {
	o       ScheduleOptions
	changed chan struct{}

	mu    sync.Mutex
	table timetable
}

// NewSchedule makes a schedule; a wrong plan is an error with all its faults.
func NewSchedule(p Plan, o ScheduleOptions) (*Schedule, error) {
	if o.Queue == nil || o.LastNightly == nil || o.Log == nil {
		return nil, errors.New("jobs: schedule: a queue, a log and the last nightly run must be given")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Schedule{o: o, changed: make(chan struct{}, 1)}
	return s, s.SetPlan(p)
}

// SetPlan changes the plan; a wrong one is an error and changes nothing. New
// sources are polled at once, what stays keeps its ticks.
func (s *Schedule) SetPlan(p Plan) error {
	table, err := p.read()
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.table = table
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default: // it is told already
	}
	return nil
}

func (s *Schedule) timetable() timetable {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.table
}

// NextPoll is when a source is polled next by its interval; zero for one that is
// polled only when somebody asks.
func (s *Schedule) NextPoll(source string, now time.Time) time.Time {
	for _, p := range s.timetable().polls {
		if p.name == source && p.every > 0 {
			return slotAt(now, p.every, p.shift).Add(p.every)
		}
	}
	return time.Time{}
}

// NextNightly is when the next nightly run is due after now, in the plan's zone;
// zero if never.
func (s *Schedule) NextNightly(now time.Time) time.Time { return s.timetable().nightly.Next(now) }

// LastTick is when the last nightly run was due at now, in the plan's zone; zero if
// never.
func (s *Schedule) LastTick(now time.Time) time.Time { return s.timetable().nightly.Last(now) }

// NextDeliver is when letters are made next after now, in the plan's zone; zero if
// never. Whether that is a working day is not asked.
func (s *Schedule) NextDeliver(now time.Time) time.Time { return s.timetable().letters.Next(now) }

const (
	longestSleep  = 30 * time.Second // so long at most goes a jump of the clock unseen
	afterFault    = 2 * time.Second
	askedAgain    = time.Hour       // what is to be there once a day
	jump          = 5 * time.Second // less is a clock being steered
	enqueuePeriod = 15 * time.Second
)

// state is what the loop remembers from one step to the next.
type state struct {
	marks   marks
	nightly time.Time // the tick that was seen to
	asked   time.Time // when the last nightly run was asked for, by the steady clock
	fault   string    // the last one logged

	letters      string    // the day whose letters were enqueued
	lettersAsked time.Time // when, by the steady clock
	deliverSlot  time.Time // the minute in which NextDelivery was asked
	deliverNext  time.Time // what it said, if that is yet to come
}

// Run enqueues until ctx ends. At its start everything whose last tick may have
// been missed is enqueued once.
func (s *Schedule) Run(ctx context.Context) {
	st := &state{marks: marks{}}
	timer := time.NewTimer(0)
	defer timer.Stop()
	steady, wall := time.Now(), s.o.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.changed:
		case <-timer.C:
		}
		now := s.o.Now()
		// Round strips the steady clock's reading, which knows of no jump.
		leap := now.Round(0).Sub(wall.Round(0)) - time.Since(steady)
		steady, wall = time.Now(), now
		if leap.Abs() > jump {
			s.o.Log.WithField("by", leap.Round(time.Second).String()).Warn("schedule: the clock was set")
			st.asked, st.lettersAsked, st.deliverSlot = time.Time{}, time.Time{}, time.Time{}
		}
		timer.Reset(s.step(ctx, st, now))
	}
}

// step enqueues what is due at now, and tells how long to sleep.
func (s *Schedule) step(ctx context.Context, st *state, now time.Time) time.Duration {
	table := s.timetable()
	err := s.enqueueDue(ctx, st, table, now)
	for _, next := range []func(context.Context, *state, timetable, time.Time) error{s.nightlyStep, s.lettersStep, s.deliverStep} {
		if err == nil {
			err = next(ctx, st, table, now)
		}
	}
	if ctx.Err() != nil {
		return longestSleep
	}
	if err != nil {
		if text := err.Error(); text != st.fault {
			s.o.Log.WithError(err).Warn("schedule: cannot enqueue; tried again every " + afterFault.String())
			st.fault = text
		}
		return afterFault
	}
	if st.fault != "" {
		s.o.Log.Info("schedule: enqueues again")
		st.fault = ""
	}
	next := table.next(now)
	if !st.deliverNext.IsZero() && st.deliverNext.Before(next) {
		next = st.deliverNext
	}
	// A little late is on time, a little early is a lap for nothing.
	return min(longestSleep, next.Sub(now)+time.Millisecond)
}

// enqueueDue stops at the first fault: the next would most likely be the same.
func (s *Schedule) enqueueDue(ctx context.Context, st *state, table timetable, now time.Time) error {
	tasks := table.tasks(now)
	for _, t := range st.marks.due(tasks) {
		if err := s.enqueue(ctx, t); err != nil {
			return err
		}
		st.marks[t.key] = t.slot
	}
	st.marks.forget(tasks)
	return nil
}

func (s *Schedule) enqueue(ctx context.Context, t task) error {
	ctx, cancel := context.WithTimeout(ctx, enqueuePeriod)
	defer cancel()
	if t.key.kind == KindReconcile {
		return s.o.Queue.EnqueueReconcile(ctx, nil)
	}
	return s.o.Queue.EnqueuePoll(ctx, nil, PollJob{Source: t.key.source, Full: t.key.full, Slot: t.slot})
}

// nightlyStep asks at a new tick, and every hour, whether the last nightly run is
// there, and enqueues it if not.
func (s *Schedule) nightlyStep(ctx context.Context, st *state, table timetable, now time.Time) error {
	tick := table.nightly.Last(now)
	if tick.IsZero() || tick.Equal(st.nightly) && !st.asked.IsZero() && time.Since(st.asked) < askedAgain {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, enqueuePeriod)
	defer cancel()
	made, err := s.o.LastNightly(ctx)
	if err != nil {
		return fmt.Errorf("jobs: schedule: which nightly run was the last: %w", err)
	}
	if day := table.nightlyDue(now, made); day != "" {
		if err := s.o.Queue.EnqueueNightly(ctx, nil, day); err != nil {
			return err
		}
		s.o.Log.WithFields(logrus.Fields{"day": day, "last": made}).Info("schedule: nightly run is due")
	}
	st.nightly, st.asked = tick, time.Now()
	return nil
}

// lettersStep enqueues the letters of the day at its tick, and again every hour: the
// queue takes a day once, and takes it again where it was given up.
func (s *Schedule) lettersStep(ctx context.Context, st *state, table timetable, now time.Time) error {
	day := table.lettersDue(now)
	if day == "" || day == st.letters && !st.lettersAsked.IsZero() && time.Since(st.lettersAsked) < askedAgain {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, enqueuePeriod)
	defer cancel()
	if err := s.o.Queue.EnqueueLetters(ctx, nil, day); err != nil {
		return err
	}
	st.letters, st.lettersAsked = day, time.Now()
	return nil
}

// deliverEvery is how often the outbox is looked at, whatever was said before.
const deliverEvery = time.Minute

// deliverStep enqueues a delivery where something waits and may be tried.
func (s *Schedule) deliverStep(ctx context.Context, st *state, _ timetable, now time.Time) error {
	slot := slotAt(now, deliverEvery, 0)
	if s.o.NextDelivery == nil || slot.Equal(st.deliverSlot) && (st.deliverNext.IsZero() || now.Before(st.deliverNext)) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, enqueuePeriod)
	defer cancel()
	next, err := s.o.NextDelivery(ctx)
	if err != nil {
		return fmt.Errorf("jobs: schedule: what waits in the outbox: %w", err)
	}
	if !next.IsZero() && !next.After(now) {
		if err := s.o.Queue.EnqueueDeliver(ctx, nil); err != nil {
			return err
		}
		next = time.Time{} // what still waits then is asked about in the next minute
	}
	st.deliverSlot, st.deliverNext = slot, next
	return nil
}

// forget drops the marks of what is no longer planned, so that it starts afresh
// when it comes back.
func (m marks) forget(planned []task) {
	keep := make(map[taskKey]bool, len(planned))
	for _, t := range planned {
		keep[t.key] = true
	}
	for key := range m {
		if !keep[key] {
			delete(m, key)
		}
	}
}
