package jobs

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"time"
)

// SourcePlan says when a source is polled.
type SourcePlan struct {
	Name string
	// Every is the time from one poll to the next; 0 for a source that is polled
	// only when somebody asks.
	Every time.Duration
	// Full is a cron expression for full polls. "" and the plan's Nightly ask for
	// none here: the nightly run reads the source in full itself.
	Full string
}

// Plan says when everything is due.
type Plan struct {
	Sources []SourcePlan
	Nightly string // cron expression; "" for no nightly run
	// Deliver says when letters are made, a cron expression; "" for none. However
	// often it ticks on a day, they are made once.
	Deliver string
	Zone    *time.Location
}

// reconcileEvery wakes dossiers whose moment has come, and makes up for a
// reconciliation that was never asked for.
const reconcileEvery = time.Minute

// timetable is a Plan that was read.
type timetable struct {
	zone    *time.Location
	nightly Cron
	letters Cron
	polls   []pollTimes
}

type pollTimes struct {
	name  string
	every time.Duration
	shift time.Duration // of its ticks against those of other sources
	full  Cron
}

// read checks a plan; all its faults are in the error.
func (p Plan) read() (timetable, error) {
	if p.Zone == nil {
		return timetable{}, errors.New("jobs: plan: no zone given")
	}
	var errs []error
	t := timetable{zone: p.Zone}
	var err error
	if t.nightly, err = ParseCron(p.Nightly, p.Zone); err != nil {
		errs = append(errs, fmt.Errorf("nightly: %w", err))
	}
	if t.letters, err = ParseCron(p.Deliver, p.Zone); err != nil {
		errs = append(errs, fmt.Errorf("deliver: %w", err))
	}
	names := map[string]bool{}
	for _, s := range p.Sources {
		if s.Name == "" || names[s.Name] {
			errs = append(errs, fmt.Errorf("jobs: plan: source %q: its name must be there, and its own", s.Name))
		}
		names[s.Name] = true
		if s.Every < 0 || s.Every > 0 && s.Every < time.Second {
			errs = append(errs, fmt.Errorf("jobs: plan: source %s: every %s: must be 1s at least, or 0", s.Name, s.Every))
			continue
		}
		times := pollTimes{name: s.Name, every: s.Every, shift: shift(s.Name, s.Every)}
		if strings.Join(strings.Fields(s.Full), " ") != t.nightly.expr {
			if times.full, err = ParseCron(s.Full, p.Zone); err != nil {
				errs = append(errs, fmt.Errorf("source %s: %w", s.Name, err))
			}
		}
		t.polls = append(t.polls, times)
	}
	return t, errors.Join(errs...)
}

// shift spreads the sources over their period, the same in every process.
func shift(name string, every time.Duration) time.Duration {
	if every <= 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(name)) // a hash takes what it is given
	steps := uint64(max(every/time.Millisecond, 1))
	return time.Duration(h.Sum64()%steps) * time.Millisecond
}

// slotAt is the last of the moments shift, shift+every, … (since 1970) that is at
// or before now. It does not depend on when the process started.
func slotAt(now time.Time, every, shift time.Duration) time.Time {
	since := (now.UnixMilli() - shift.Milliseconds()) / every.Milliseconds() * every.Milliseconds()
	return time.UnixMilli(since + shift.Milliseconds()).UTC()
}

// A task is what a loop has to enqueue: key says what, slot for which moment.
type task struct {
	key  taskKey
	slot time.Time
}

type taskKey struct {
	kind   string // KindPoll, KindReconcile
	source string
	full   bool
}

// tasks are the latest ticks at now of everything but the nightly run, letters and
// deliveries.
func (t timetable) tasks(now time.Time) []task {
	list := []task{{key: taskKey{kind: KindReconcile}, slot: slotAt(now, reconcileEvery, 0)}}
	for _, p := range t.polls {
		if p.every > 0 {
			list = append(list, task{key: taskKey{kind: KindPoll, source: p.name}, slot: slotAt(now, p.every, p.shift)})
		}
		if tick := p.full.Last(now); !tick.IsZero() {
			list = append(list, task{key: taskKey{kind: KindPoll, source: p.name, full: true}, slot: tick.UTC()})
		}
	}
	return list
}

// next is the first tick of anything after now.
func (t timetable) next(now time.Time) time.Time {
	first := slotAt(now, reconcileEvery, 0).Add(reconcileEvery)
	sooner := func(tick time.Time) {
		if !tick.IsZero() && tick.Before(first) {
			first = tick
		}
	}
	sooner(t.nightly.Next(now))
	sooner(t.letters.Next(now))
	for _, p := range t.polls {
		if p.every > 0 {
			sooner(slotAt(now, p.every, p.shift).Add(p.every))
		}
		sooner(p.full.Next(now))
	}
	return first
}

// marks are the ticks that were seen to, by what they are for.
type marks map[taskKey]time.Time

// due gives the tasks whose tick was not seen to. A tick before the mark means that
// the clock was set back: the mark follows it, so that the next tick counts, and
// this one is not done again. Of the ticks that a clock leapt over only the last is
// due.
func (m marks) due(tasks []task) (due []task) {
	for _, t := range tasks {
		mark, seen := m[t.key]
		if seen && t.slot.Before(mark) {
			m[t.key] = t.slot
			continue
		}
		if !seen || t.slot.After(mark) {
			due = append(due, t)
		}
	}
	return due
}

// nightlyDue is the business day whose run is due at now, where the last one that
// was made is known ("" if none): the day of the last tick, on a new installation
// too, which is to have its first run at once. "" where none is due. Days before
// that one are never made up for: a run tells how things stand, not how they stood.
func (t timetable) nightlyDue(now time.Time, made string) string {
	tick := t.nightly.Last(now)
	if tick.IsZero() {
		return ""
	}
	day := tick.Format(time.DateOnly)
	today := now.In(t.zone).Format(time.DateOnly)
	if made >= day && made <= today {
		return ""
	}
	return day // also where made is a day that is yet to come, of a clock gone wrong
}

// lettersDue is the business day whose letters are due at now: today, from its tick
// on. "" where none are; those of a day that has gone by are not made up for, since
// the next ones say the same and more.
func (t timetable) lettersDue(now time.Time) string {
	today := now.In(t.zone).Format(time.DateOnly)
	if tick := t.letters.Last(now); tick.IsZero() || tick.Format(time.DateOnly) != today {
		return ""
	}
	return today
}
