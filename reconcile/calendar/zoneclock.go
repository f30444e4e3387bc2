package calendar

import (
	"math"
	"time"
)

const secondsADay = 24 * 60 * 60

// dayNumber counts local dates; 1970-01-01 is 0.
type dayNumber int64

func (d dayNumber) weekday() time.Weekday {
	return time.Weekday(floorMod(int64(d)+int64(time.Thursday), 7))
}

func (d dayNumber) midnightUTC() time.Time { return time.Unix(int64(d)*secondsADay, 0).UTC() }

func (d dayNumber) year() int { return d.midnightUTC().Year() }

// date is d as yyyy-MM-dd.
func (d dayNumber) date() string { return d.midnightUTC().Format(time.DateOnly) }

// reading is what calendar and clock on the office wall show.
type reading struct {
	day dayNumber
	tod time.Duration // since local midnight, 0 ≤ tod < 24h
}

func (r reading) before(s reading) bool {
	return r.day < s.day || r.day == s.day && r.tod < s.tod
}

// zoneClock translates between moments and wall readings of one zone. Looking up
// a zone's offset costs more than all the rest of the reckoning, and for Vietnam
// it has been the same since 1975; so the offset of the present is kept, with
// the bounds within which it holds.
type zoneClock struct {
	zone         *time.Location
	offset       int64 // seconds east of UTC
	since, until int64 // Unix seconds: the offset holds in [since, until)
}

// farSeconds is where moments are cut off, some 570 million years from now:
// beyond it, sums of seconds could overflow.
const farSeconds = 1 << 54

func newZoneClock(zone *time.Location) zoneClock {
	// Any moment does: the others are merely slower. A fixed one, so that a
	// calendar behaves the same whenever it is made.
	sample := time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC).In(zone)
	_, offset := sample.Zone()
	z := zoneClock{zone: zone, offset: int64(offset), since: math.MinInt64, until: math.MaxInt64}
	start, end := sample.ZoneBounds()
	if !start.IsZero() {
		z.since = start.Unix()
	}
	if !end.IsZero() {
		z.until = end.Unix()
	}
	return z
}

// read says what the wall shows at t.
func (z *zoneClock) read(t time.Time) (dayNumber, time.Duration) {
	seconds := min(max(t.Unix(), -farSeconds), farSeconds)
	offset := z.offset
	if seconds < z.since || seconds >= z.until {
		_, o := time.Unix(seconds, 0).In(z.zone).Zone()
		offset = int64(o)
	}
	local := seconds + offset
	day := floorDiv(local, secondsADay)
	return dayNumber(day), time.Duration(local-day*secondsADay)*time.Second + time.Duration(t.Nanosecond())
}

// moment is when the wall shows this; tod may be 24h, the next midnight.
func (z *zoneClock) moment(day dayNumber, tod time.Duration) time.Time {
	local := int64(day)*secondsADay + int64(tod/time.Second)
	nanos := int64(tod % time.Second)
	// A day's margin on either side keeps clear of readings that occur twice or
	// never; time.Date has rules for those.
	seconds := local - z.offset
	inside := (z.since == math.MinInt64 || seconds-secondsADay >= z.since) &&
		(z.until == math.MaxInt64 || seconds+secondsADay < z.until)
	if !inside {
		u := time.Unix(local, nanos).UTC()
		return time.Date(u.Year(), u.Month(), u.Day(), u.Hour(), u.Minute(), u.Second(), u.Nanosecond(), z.zone)
	}
	return time.Unix(seconds, nanos).In(z.zone)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }
