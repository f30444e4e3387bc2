package mappings

import (
	"strconv"
	"strings"
)

// clash finds a text that both layouts read, each as another moment. Which of
// the two a source meant could then only be guessed. It tries every day of 2012
// (whose two-digit year is also a month and a day), at two times of day.
func clash(a, b *layout) (example string, found bool) {
	if !alike(a, b) && !alike(b, a) {
		return "", false
	}
	for dayOfYear := range 366 {
		month, dom := 1, dayOfYear+1
		for dom > daysIn(2012, month) {
			dom -= daysIn(2012, month)
			month++
		}
		for _, clock := range [...][3]int{{8, 9, 10}, {14, 5, 6}} {
			r := reading{year: 2012, month: month, day: dom, hour: clock[0], minute: clock[1], second: clock[2]}
			for _, pair := range [...][2]*layout{{a, b}, {b, a}} {
				s := pair[0].write(&r)
				var own, other reading
				if pair[0].read(s, &own) == fits && pair[1].read(s, &other) == fits && own != other {
					return s, true
				}
			}
		}
	}
	return "", false
}

// alike reports whether b can read anything of what a writes, at least as an
// impossible date. It spares the days of a whole year for most pairs.
func alike(a, b *layout) bool {
	var r reading
	for _, probe := range [...]reading{
		{year: 2012, month: 1, day: 2, hour: 3, minute: 4, second: 5},
		{year: 2012, month: 11, day: 12, hour: 13, minute: 14, second: 15},
		{year: 2012, month: 1, day: 12, hour: 3, minute: 14, second: 5},
		{year: 2012, month: 11, day: 2, hour: 13, minute: 4, second: 15},
	} {
		if b.read(a.write(&probe), &r) != unlike {
			return true
		}
	}
	return false
}

// write is the reverse of read, in UTC.
func (l *layout) write(r *reading) string {
	var b strings.Builder
	for _, o := range l.ops {
		v := 0
		switch o.kind {
		case opLiteral:
			b.WriteString(o.literal)
			continue
		case opBlanks:
			b.WriteByte(' ')
			continue
		case opHalfDay:
			b.WriteString([...]string{"AM", "PM"}[r.hour/12])
			continue
		case opOffset:
			b.WriteByte('Z')
			continue
		case opEpoch, opEpochMilli:
			seconds := daysSince1970(r.year, r.month, r.day)*day + int64(r.hour*3600+r.minute*60+r.second)
			if o.kind == opEpochMilli {
				seconds = seconds*1000 + int64(r.nano)/1e6
			}
			b.WriteString(strconv.FormatInt(seconds, 10))
			continue
		case opYear:
			v = r.year
		case opShortYear:
			v = r.year % 100
		case opMonth:
			v = r.month
		case opDay:
			v = r.day
		case opHour:
			v = r.hour
		case opHalfDayHour:
			v = (r.hour+11)%12 + 1
		case opMinute:
			v = r.minute
		case opSecond:
			v = r.second
		case opFraction:
			v = r.nano
			for range 9 - o.max {
				v /= 10
			}
		}
		digits := strconv.Itoa(v)
		for range o.min - len(digits) {
			b.WriteByte('0')
		}
		b.WriteString(digits)
	}
	return b.String()
}
