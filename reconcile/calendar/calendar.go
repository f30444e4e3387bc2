package calendar

import (
	"slices"
	"time"
)

// lastYear bounds the years a date is written in (four digits).
const lastYear = 9999

// Calendar answers questions about working time. It never changes once made and
// is safe for concurrent use. Make one with New or Plain.
type Calendar struct {
	zone   *time.Location
	clock  zoneClock
	hours  []Span        // in the order of the day, not overlapping
	length time.Duration // of one working day: the sum of hours
	end    time.Duration // clock reading at which a working day ends
	days   workdays
	notes  map[dayNumber]note
	years  []int // those whose holidays are known, ascending
	digest string
	spec   Spec
}

// note is what is remembered of a date somebody decided on.
type note struct {
	name, source string
	makeup       bool // otherwise a holiday
}

// New makes a calendar. Whatever is wrong with the spec is reported at once, as
// joined *Fault errors.
func New(spec Spec) (*Calendar, error) {
	var fs faults
	if spec.Zone == nil {
		fs.add("zone", -1, "", "none given; name one, such as Asia/Ho_Chi_Minh")
	}
	hours := fs.checkHours(spec.Hours)
	works := fs.checkWeekdays(spec.Weekdays)
	years := fs.checkYears(spec.Years)

	notes := make(map[dayNumber]note, len(spec.Holidays)+len(spec.Makeup))
	var exceptions []exception
	for i, h := range spec.Holidays {
		day, ok := fs.checkDate("holidays", i, h.Date, years)
		if !ok {
			continue
		}
		if _, twice := notes[day]; twice {
			fs.add("holidays", i, h.Date, "is listed twice")
			continue
		}
		notes[day] = note{name: h.Name, source: h.Source}
		if works[day.weekday()] {
			exceptions = append(exceptions, exception{day: day, works: false})
		}
	}
	for i, m := range spec.Makeup {
		day, ok := fs.checkDate("makeup", i, m.Date, years)
		if !ok {
			continue
		}
		n, twice := notes[day]
		switch {
		case twice && n.makeup:
			fs.add("makeup", i, m.Date, "is listed twice")
		case twice:
			fs.add("makeup", i, m.Date, "is also a holiday; it can be only one of the two")
		case works[day.weekday()]:
			fs.add("makeup", i, m.Date, "is a %s, a working day already; a make-up day falls on a day off", day.weekday())
		default:
			notes[day] = note{name: m.Name, source: m.Source, makeup: true}
			exceptions = append(exceptions, exception{day: day, works: true})
		}
	}
	if err := fs.join(); err != nil {
		return nil, err
	}

	c := &Calendar{
		zone:  spec.Zone,
		clock: newZoneClock(spec.Zone),
		hours: hours,
		days:  newWorkdays(works, exceptions),
		notes: notes,
		years: slices.Sorted(slices.Values(spec.Years)),
		spec:  spec.clone(),
	}
	for _, s := range hours {
		c.length += s.To - s.From
	}
	c.end = hours[len(hours)-1].To
	c.digest = digest(c)
	return c, nil
}

// Plain is Monday to Friday, 07:00–11:30 and 13:30–17:00, with no year's
// holidays known. A nil zone stands for Vietnam's, UTC+7.
func Plain(zone *time.Location) *Calendar {
	if zone == nil {
		zone = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)
	}
	c, err := New(Spec{
		Zone: zone,
		Hours: []Span{
			{From: 7 * time.Hour, To: 11*time.Hour + 30*time.Minute},
			{From: 13*time.Hour + 30*time.Minute, To: 17 * time.Hour},
		},
		Weekdays: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday},
	})
	if err != nil {
		panic(err) // constant but for the zone, which is not nil
	}
	return c
}

// Spec is what the calendar was made of.
func (c *Calendar) Spec() Spec { return c.spec.clone() }

// Zone is the zone whose clock decides what date and hour a moment has.
func (c *Calendar) Zone() *time.Location { return c.zone }

// DayLength is the working time of one ordinary working day.
func (c *Calendar) DayLength() time.Duration { return c.length }

// IsWorkingDay reports whether the office works on t's local date.
func (c *Calendar) IsWorkingDay(t time.Time) bool {
	day, _ := c.clock.read(t)
	_, works := c.days.before(day)
	return works
}

// SameDate reports whether a and b have the same local date.
func (c *Calendar) SameDate(a, b time.Time) bool {
	dayA, _ := c.clock.read(a)
	dayB, _ := c.clock.read(b)
	return dayA == dayB
}

// Covers reports whether that year's holidays and make-up days are known. For
// any other year the calendar goes by the weekdays alone.
func (c *Calendar) Covers(year int) bool {
	_, found := slices.BinarySearch(c.years, year)
	return found
}

// Uncovered lists, ascending, the local years that [from, to) touches and whose
// holidays are not known; none if to is not after from. Years before 1 and after
// 9999 are not listed.
func (c *Calendar) Uncovered(from, to time.Time) []int {
	first, tod := c.clock.read(from)
	last, until := c.clock.read(to)
	if !(reading{first, tod}).before(reading{last, until}) {
		return nil
	}
	if until == 0 {
		last-- // to is exclusive
	}
	var unknown []int
	for y := max(first.year(), 1); y <= min(last.year(), lastYear); y++ {
		if !c.Covers(y) {
			unknown = append(unknown, y)
		}
	}
	return unknown
}

// Digest tells two calendars apart: it is equal for calendars that give the same
// answers and reasons, however their specs were ordered, in every release of
// this program. The sources of the days are left out of it.
func (c *Calendar) Digest() string { return c.digest }
