package mappings

import (
	"strings"
	"unicode/utf8"
)

// reading is a date and time as a text gives it, before any zone is applied.
type reading struct {
	year, month, day     int
	hour, minute, second int
	nano                 int
	offset               int // seconds east of UTC, where zoned
	zoned                bool
	instant              bool // unix and nano are the moment itself (epoch)
	unix                 int64
	dateOnly             bool
}

// fit says how well a text fits a layout.
type fit uint8

const (
	unlike     fit = iota // written otherwise
	impossible            // written so, but there is no such day or time
	fits
)

// The years that a date may lie in. What lies outside is a misread or a filler
// (0001, 9999), never a dossier's date.
const (
	firstYear = 1900
	lastYear  = 2200
)

// read reads the whole of s, which must be trimmed. It does not allocate.
func (l *layout) read(s string, r *reading) fit {
	if l.fixed > 0 && len(s) != l.fixed {
		return unlike
	}
	*r = reading{month: 1, day: 1, dateOnly: l.dateOnly}
	if len(s) == l.usual && l.readQuick(s, r) {
		if r.possible() {
			return fits
		}
		return impossible
	}
	pos, half := 0, 0
	for i := range l.ops {
		o := &l.ops[i]
		switch o.kind {
		case opLiteral:
			if !strings.HasPrefix(s[pos:], o.literal) {
				return unlike
			}
			pos += len(o.literal)
			continue
		case opBlanks:
			n := leadingBlanks(s[pos:])
			if n == 0 {
				return unlike
			}
			pos += n
			continue
		case opHalfDay:
			if half = halfDay(s[pos:]); half == 0 {
				return unlike
			}
			pos += 2
			continue
		case opOffset:
			n, ok := readOffset(s[pos:], r)
			if n == 0 {
				return unlike
			}
			if !ok {
				return impossible
			}
			pos += n
			continue
		case opEpoch, opEpochMilli:
			return readEpoch(s, o.kind, r)
		}
		v, end := 0, pos
		for end < len(s) && end-pos < o.max {
			d := s[end] - '0'
			if d > 9 {
				break
			}
			v = v*10 + int(d)
			end++
		}
		if end-pos < o.min {
			return unlike
		}
		r.set(o.kind, v, o.max)
		pos = end
	}
	if pos != len(s) {
		return unlike
	}
	if half != 0 {
		if r.hour < 1 || r.hour > 12 {
			return impossible
		}
		r.hour = r.hour%12 + (half-1)*12
	}
	if !r.possible() {
		return impossible
	}
	return fits
}

func (r *reading) set(kind opKind, v, width int) {
	switch kind {
	case opYear:
		r.year = v
	case opShortYear:
		r.year = 2000 + v
	case opMonth:
		r.month = v
	case opDay:
		r.day = v
	case opHour, opHalfDayHour:
		r.hour = v
	case opMinute:
		r.minute = v
	case opSecond:
		r.second = v
	case opFraction:
		for range 9 - width {
			v *= 10
		}
		r.nano = v
	}
}

func (r *reading) possible() bool {
	return r.year >= firstYear && r.year <= lastYear &&
		r.month >= 1 && r.month <= 12 &&
		r.day >= 1 && r.day <= daysIn(r.year, r.month) &&
		r.hour <= 23 && r.minute <= 59 && r.second <= 59
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// leadingBlanks counts the bytes of white space that s begins with.
func leadingBlanks(s string) int {
	n := 0
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if !isBlank(r) {
			break
		}
		n += size
	}
	return n
}

// halfDay reads AM or SA (sáng) as 1, PM or CH (chiều) as 2, anything else as 0.
func halfDay(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch [2]byte{s[0] &^ 0x20, s[1] &^ 0x20} {
	case [2]byte{'A', 'M'}, [2]byte{'S', 'A'}:
		return 1
	case [2]byte{'P', 'M'}, [2]byte{'C', 'H'}:
		return 2
	}
	return 0
}

// readOffset reads Z, +07, +0700 or +07:00 and returns its length, 0 if s does
// not begin so. ok is false for an offset that no place on earth has.
func readOffset(s string, r *reading) (n int, ok bool) {
	if s == "" {
		return 0, false
	}
	r.zoned = true
	if s[0] == 'Z' || s[0] == 'z' {
		return 1, true
	}
	if s[0] != '+' && s[0] != '-' || len(s) < 3 || !isDigit(s[1]) || !isDigit(s[2]) {
		return 0, false
	}
	hours, minutes := int(s[1]-'0')*10+int(s[2]-'0'), 0
	n = 3
	rest := s[3:]
	colon := 0
	if strings.HasPrefix(rest, ":") {
		colon = 1
	}
	if len(rest) >= colon+2 && isDigit(rest[colon]) && isDigit(rest[colon+1]) {
		minutes = int(rest[colon]-'0')*10 + int(rest[colon+1]-'0')
		n += colon + 2
	}
	r.offset = hours*3600 + minutes*60
	if s[0] == '-' {
		r.offset = -r.offset
	}
	return n, hours <= 14 && minutes <= 59
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// The seconds since 1970 at which firstYear begins and lastYear ends.
const (
	firstUnix = -2208988800
	lastUnix  = 7289654400
)

func readEpoch(s string, kind opKind, r *reading) fit {
	if s == "" || len(s) > 16 {
		return unlike
	}
	var v int64
	for i := range len(s) {
		if !isDigit(s[i]) {
			return unlike
		}
		v = v*10 + int64(s[i]-'0')
	}
	r.instant = true
	r.unix = v
	if kind == opEpochMilli {
		r.unix, r.nano = v/1000, int(v%1000)*int(1e6)
	}
	if r.unix >= lastUnix {
		return impossible
	}
	return fits
}
