package rest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// layout writes moments the way a system wants to be asked for them. Patterns
// are those of the field (yyyy MM dd HH mm ss SSS, XXX for the zone, a literal
// in single quotes), not Go's; "epoch" and "epoch_ms" count since 1970.
type layout struct {
	pattern string
	zone    *time.Location
	parts   []layoutPart
	unit    time.Duration // the smallest step the pattern can tell; 24h for a date
}

type layoutPart struct {
	literal string
	field   string // a Go layout; "" for a literal
}

const day = 24 * time.Hour

// compileLayout checks a pattern. A nil zone means Vietnam's, UTC+7.
func compileLayout(pattern string, zone *time.Location) (*layout, error) {
	if zone == nil {
		zone = time.FixedZone("+07", 7*60*60)
	}
	l := &layout{pattern: pattern, zone: zone, unit: day}
	switch pattern {
	case "":
		return nil, errors.New("missing; give a date pattern such as yyyyMMddHHmmss, or epoch")
	case "epoch":
		l.unit = time.Second
		return l, nil
	case "epoch_ms":
		l.unit = time.Millisecond
		return l, nil
	}
	for rest := pattern; rest != ""; {
		var part layoutPart
		var err error
		if rest[0] == '\'' {
			part.literal, rest, err = quoted(rest)
		} else {
			part, rest, err = l.field(rest)
		}
		if err != nil {
			return nil, fmt.Errorf("%q: %w", pattern, err)
		}
		l.parts = append(l.parts, part)
	}
	for _, field := range []string{"2006", "1", "2"} {
		if !slices.ContainsFunc(l.parts, func(p layoutPart) bool { return strings.TrimPrefix(p.field, "0") == field }) {
			return nil, fmt.Errorf("%q: needs at least yyyy, MM and dd", pattern)
		}
	}
	return l, nil
}

// quoted reads 'a literal', in which a doubled quote stands for one.
func quoted(s string) (literal, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] != '\'':
			b.WriteByte(s[i])
		case i+1 < len(s) && s[i+1] == '\'':
			b.WriteByte('\'')
			i++
		case i == 1:
			return "'", s[2:], nil
		default:
			return b.String(), s[i+1:], nil
		}
	}
	return "", "", errors.New("a quote is not closed")
}

func (l *layout) field(s string) (layoutPart, string, error) {
	c, n := utf8.DecodeRuneInString(s)
	for n < len(s) && s[n] == s[0] && c < utf8.RuneSelf {
		n++
	}
	run, rest := s[:n], s[n:]
	fields := map[string]struct {
		layout string
		unit   time.Duration
	}{
		"yyyy": {"2006", day}, "MM": {"01", day}, "M": {"1", day},
		"dd": {"02", day}, "d": {"2", day}, "HH": {"15", time.Hour},
		"mm": {"04", time.Minute}, "ss": {"05", time.Second},
		"SSS": {".000", time.Millisecond},
		"XXX": {"Z07:00", day}, "XX": {"Z0700", day}, "X": {"Z07", day}, "Z": {"-0700", day}, "xxx": {"-07:00", day},
	}
	if f, ok := fields[run]; ok {
		l.unit = min(l.unit, f.unit)
		return layoutPart{field: f.layout}, rest, nil
	}
	switch {
	case c == 'h':
		return layoutPart{}, "", errors.New("hh is the 12-hour clock; write HH")
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return layoutPart{}, "", fmt.Errorf("%q is not known; known are yyyy MM dd HH mm ss SSS XXX, and literals in single quotes", run)
	}
	return layoutPart{literal: run}, rest, nil
}

// format writes t in the layout's zone; what the pattern cannot tell is cut off.
func (l *layout) format(t time.Time) string {
	switch l.pattern {
	case "epoch":
		return strconv.FormatInt(t.Unix(), 10)
	case "epoch_ms":
		return strconv.FormatInt(t.UnixMilli(), 10)
	}
	t = t.In(l.zone)
	var b strings.Builder
	for _, p := range l.parts {
		switch p.field {
		case "":
			b.WriteString(p.literal)
		case ".000":
			b.WriteString(t.Format(p.field)[1:])
		default:
			b.WriteString(t.Format(p.field))
		}
	}
	return b.String()
}

// numeric reports whether the layout's moments are numbers in a JSON body.
func (l *layout) numeric() bool { return l.parts == nil }

// floor cuts t down to what the layout can tell.
func (l *layout) floor(t time.Time) time.Time {
	t = t.In(l.zone)
	if l.unit == day {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, l.zone)
	}
	if l.unit == time.Hour { // zones may be half an hour off, so Truncate will not do
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), 0, 0, 0, l.zone)
	}
	return t.Truncate(l.unit)
}

// ceil is the earliest moment the layout can tell that is not before t.
func (l *layout) ceil(t time.Time) time.Time {
	f := l.floor(t)
	if f.Equal(t) {
		return f
	}
	return l.add(f, l.unit)
}

// add goes d further; whole days keep the time of day in zones that change it.
func (l *layout) add(t time.Time, d time.Duration) time.Time {
	if d%day == 0 {
		return t.AddDate(0, 0, int(d/day))
	}
	return t.Add(d)
}
