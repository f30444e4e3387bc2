package calendar

import (
	"math"
	"math/bits"
	"time"
)

// Working is the working time in [from, to): 0 if to is not after from. A result
// above 292 years of working time, which a Duration cannot hold, is cut off there.
func (c *Calendar) Working(from, to time.Time) time.Duration {
	dayFrom, todFrom := c.clock.read(from)
	dayTo, todTo := c.clock.read(to)
	if !(reading{dayFrom, todFrom}).before(reading{dayTo, todTo}) {
		return 0
	}
	n, works := c.days.before(dayFrom)
	var gone time.Duration // worked on from's day before from
	if works {
		gone = c.worked(todFrom)
	}
	m, works := c.days.before(dayTo)
	var done time.Duration // worked on to's day before to
	if works {
		done = c.worked(todTo)
	}
	high, low := bits.Mul64(uint64(m-n), uint64(c.length))
	if high != 0 || low > math.MaxInt64-uint64(wholeDay) {
		return math.MaxInt64
	}
	return time.Duration(low) + done - gone
}

// Add is the earliest moment t with Working(from, t) >= d, in the calendar's
// zone; from itself if d is not positive. Working time that ends with the day
// ends at closing time, not on the next morning: Friday 16:30 plus half an hour
// is Friday 17:00, plus one hour Monday 07:30.
func (c *Calendar) Add(from time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return from
	}
	day, tod := c.clock.read(from)
	n, works := c.days.before(day)
	var gone time.Duration
	if works {
		gone = c.worked(tod)
	}
	// Counted from the opening of working day n: how many days are used up, and
	// how much (more than nothing) of the next? In uint64, since d may be the
	// longest Duration there is.
	total := uint64(gone) + uint64(d)
	full := (total - 1) / uint64(c.length)
	rest := time.Duration(total - full*uint64(c.length))
	return c.clock.moment(c.days.at(n+int64(full)), c.reached(rest))
}

// Back is the moment from which d of working time leads up to a moment: the latest
// one where several do. Negative durations count as zero.
func (c *Calendar) Back(to time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return to
	}
	from, step := to, 24*time.Hour
	for c.Working(from, to) < d {
		if step > 1<<20*time.Hour { // two centuries without that much work
			return from
		}
		from, step = from.Add(-step), 2*step
	}
	// Working(from, to) only shrinks as from nears to.
	early, late := from, to
	for late.Sub(early) > time.Second {
		if middle := early.Add(late.Sub(early) / 2); c.Working(middle, to) >= d {
			early = middle
		} else {
			late = middle
		}
	}
	return early
}

// DayEnd is the end of the working hours on t's local date; on a day off it is
// the hour at which a working day would end. A due date without a time of day
// means this moment.
func (c *Calendar) DayEnd(t time.Time) time.Time {
	day, _ := c.clock.read(t)
	return c.clock.moment(day, c.end)
}

// worked is the working time of a working day up to a clock reading.
func (c *Calendar) worked(tod time.Duration) time.Duration {
	var sum time.Duration
	for _, s := range c.hours {
		if tod <= s.From {
			break
		}
		sum += min(tod, s.To) - s.From
	}
	return sum
}

// reached is the earliest clock reading up to which w has been worked on a
// working day; 0 < w ≤ DayLength.
func (c *Calendar) reached(w time.Duration) time.Duration {
	for _, s := range c.hours {
		if length := s.To - s.From; w > length {
			w -= length
			continue
		}
		return s.From + w
	}
	return c.end
}
