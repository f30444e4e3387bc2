package reconcile

import (
	"fmt"
	"time"
)

// Grace is the arithmetic that makes a finding suspected or open.
type Grace struct {
	Since   time.Time
	Allowed time.Duration // working time
	Elapsed time.Duration // working time between Since and as_of
	// EndsAt is the moment at which Allowed has passed.
	EndsAt time.Time
	Over   bool
}

// GraceFor says how much working time has passed since a finding began.
func (r *Rules) GraceFor(k Kind, since time.Time) Grace {
	g := Grace{Since: since, Allowed: r.GraceOf(k)}
	if g.Allowed <= 0 {
		g.EndsAt, g.Over = since, true
		return g
	}
	g.Elapsed = r.Calendar.Working(since, r.AsOf)
	g.EndsAt = r.Calendar.Add(since, g.Allowed)
	g.Over = g.Elapsed >= g.Allowed
	return g
}

// sinceMoment is when a moment without a time of day is taken to have happened:
// at the end of that working day, so that nobody is accused of hours that the
// source does not speak of.
func (r *Rules) sinceMoment(m Moment) time.Time {
	if m.DateOnly {
		return r.Calendar.DayEnd(m.Time)
	}
	return m.Time
}

// ShowDuration writes a working time as hours and minutes: "8h", "2h30m".
func ShowDuration(d time.Duration) string {
	d = d.Round(time.Minute)
	h, m := d/time.Hour, d%time.Hour/time.Minute
	switch {
	case m == 0:
		return fmt.Sprintf("%dh", h)
	case h == 0:
		return fmt.Sprintf("%dm", m)
	}
	return fmt.Sprintf("%dh%dm", h, m)
}
