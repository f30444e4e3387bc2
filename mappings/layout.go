package mappings

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// layout is a compiled date pattern in the field's own notation:
//
//	yyyy yy  year (yy is 2000 to 2099)     HH H  hour 0–23
//	MM M     month                         hh h  hour 1–12, with a
//	dd d     day                           mm m  minute     ss s  second
//	S…       that many digits of a second  a     AM/PM, SA/CH
//	X, Z     offset: Z, +07, +0700, +07:00 'x'   the text x; ” is one quote
//
// The whole patterns epoch and epoch_ms are seconds and milliseconds since
// 1970-01-01 UTC. A letter written once takes one or two digits, written twice
// exactly two. A blank fits any run of blanks.
type layout struct {
	pattern  string
	ops      []op
	fixed    int // length of every text that fits; 0 if it varies
	quick    []quickOp
	usual    int  // length of the texts that quick reads; 0: none
	dateOnly bool // no hour in it
}

type opKind uint8

const (
	opLiteral opKind = iota
	opBlanks
	opYear
	opShortYear
	opMonth
	opDay
	opHour
	opHalfDayHour
	opMinute
	opSecond
	opFraction
	opHalfDay
	opOffset
	opEpoch
	opEpochMilli
)

type op struct {
	kind     opKind
	min, max int    // digits
	literal  string // opLiteral
}

// letters are the pattern letters and how often each may be repeated.
var letters = map[byte]struct {
	kind    opKind
	repeats []int
	meaning string
}{
	'y': {opYear, []int{2, 4}, "the year is yyyy"},
	'M': {opMonth, []int{1, 2}, "the month is MM"},
	'd': {opDay, []int{1, 2}, "the day is dd"},
	'H': {opHour, []int{1, 2}, "the hour is HH"},
	'h': {opHalfDayHour, []int{1, 2}, "the hour is HH"},
	'm': {opMinute, []int{1, 2}, "minutes are mm"},
	's': {opSecond, []int{1, 2}, "seconds are ss"},
	'S': {opFraction, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}, "milliseconds are SSS"},
	'a': {opHalfDay, []int{1}, "morning or afternoon is a"},
	'X': {opOffset, []int{1, 2, 3}, "the zone offset is X"},
	'Z': {opOffset, []int{1}, "the zone offset is X"},
}

// patternError is what is wrong with a pattern and what would be right.
type patternError struct{ problem, remedy string }

func (e *patternError) Error() string { return e.problem + "; " + e.remedy }

func badPattern(remedy, format string, args ...any) *patternError {
	return &patternError{fmt.Sprintf(format, args...), remedy}
}

// compileLayout turns a pattern into a layout.
func compileLayout(pattern string) (*layout, *patternError) {
	l := &layout{pattern: pattern}
	switch pattern {
	case "epoch":
		l.ops = []op{{kind: opEpoch}}
		return l, nil
	case "epoch_ms":
		l.ops = []op{{kind: opEpochMilli}}
		return l, nil
	}
	if len(pattern) > 100 {
		return nil, badPattern("at most 100 characters", "is too long for a date pattern")
	}
	if strings.ContainsFunc(pattern, unreadable) {
		return nil, badPattern("write letters, signs and blanks only", "holds a character that is no text")
	}
	for rest := pattern; rest != ""; {
		next, size, err := nextOp(rest)
		if err != nil {
			return nil, err
		}
		l.add(next)
		rest = rest[size:]
	}
	if n := len(l.ops); n > 0 && l.ops[n-1].kind == opBlanks {
		l.ops = l.ops[:n-1] // a text is trimmed before it is read
	}
	if err := l.check(); err != nil {
		return nil, err
	}
	l.fixed = l.fixedLength()
	l.quick, l.usual = l.quickOps()
	return l, nil
}

// add appends one part. Quoted text is cut at its blanks, since a blank fits any
// run of them wherever it stands; what is said twice in a row is said once.
func (l *layout) add(next op) {
	if next.kind == opLiteral {
		text := next.literal
		for text != "" {
			if n := leadingBlanks(text); n > 0 {
				l.add(op{kind: opBlanks})
				text = text[n:]
				continue
			}
			end := strings.IndexFunc(text, isBlank)
			if end < 0 {
				end = len(text)
			}
			if n := len(l.ops); n > 0 && l.ops[n-1].kind == opLiteral {
				l.ops[n-1].literal += text[:end]
			} else {
				l.ops = append(l.ops, op{kind: opLiteral, literal: text[:end]})
			}
			text = text[end:]
		}
		return
	}
	if n := len(l.ops); next.kind == opBlanks && (n == 0 || l.ops[n-1].kind == opBlanks) {
		return
	}
	l.ops = append(l.ops, next)
}

func nextOp(rest string) (op, int, *patternError) {
	c := rest[0]
	switch {
	case c == '\'':
		return quoted(rest)
	case c == ' ':
		return op{kind: opBlanks}, len(rest) - len(strings.TrimLeft(rest, " ")), nil
	case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		run := len(rest) - len(strings.TrimLeft(rest, string(c)))
		return letterOp(rest[:run])
	case '0' <= c && c <= '9':
		return op{}, 0, badPattern("yyyy stands for the year's digits, MM for the month's; a fixed digit goes into single quotes", "holds the digit %c", c)
	}
	_, size := utf8.DecodeRuneInString(rest)
	return op{kind: opLiteral, literal: norm.NFC.String(rest[:size])}, size, nil
}

func quoted(rest string) (op, int, *patternError) {
	if strings.HasPrefix(rest, "''") {
		return op{kind: opLiteral, literal: "'"}, 2, nil
	}
	end := strings.IndexByte(rest[1:], '\'')
	if end < 0 {
		return op{}, 0, badPattern("close the quoted text with '", "has a quote that is never closed")
	}
	return op{kind: opLiteral, literal: norm.NFC.String(rest[1 : end+1])}, end + 2, nil
}

func letterOp(run string) (op, int, *patternError) {
	c := run[0]
	known, ok := letters[c]
	if !ok {
		remedy := fmt.Sprintf("text goes into single quotes: '%s'", run)
		switch c {
		case 'Y':
			remedy = letters['y'].meaning
		case 'D':
			remedy = letters['d'].meaning
		case 'n', 'N', 'i':
			remedy = letters['m'].meaning
		}
		return op{}, 0, badPattern(remedy, "knows no %s", run)
	}
	n := len(run)
	fits := false
	for _, r := range known.repeats {
		fits = fits || r == n
	}
	if !fits {
		return op{}, 0, badPattern(known.meaning, "knows no %s", run)
	}
	o := op{kind: known.kind, min: n, max: n}
	switch {
	case c == 'y' && n == 2:
		o.kind = opShortYear
	case c == 'X' || c == 'Z' || c == 'a':
		o.min, o.max = 0, 0
	case n == 1 && c != 'S':
		o.max = 2
	}
	return o, n, nil
}

// check refuses patterns that cannot give one moment.
func (l *layout) check() *patternError {
	var has [opEpochMilli + 1]int
	for i, o := range l.ops {
		if o.kind == opLiteral || o.kind == opBlanks {
			continue
		}
		if has[o.kind]++; has[o.kind] > 1 {
			if o.kind == opMonth {
				return badPattern("months are MM, minutes are mm", "names the month twice")
			}
			return badPattern("each part stands once; months are MM, minutes are mm", "names the same part twice")
		}
		if o.min != o.max && i+1 < len(l.ops) && l.ops[i+1].max > 0 {
			return badPattern("write two letters (dd, MM, HH) or put a sign between the two parts", "joins two numbers, the first of one or two digits")
		}
	}
	switch {
	case has[opYear]+has[opShortYear] != 1:
		return badPattern("write yyyy once", "names no year, or two")
	case has[opMonth] == 0 && has[opMinute] == 1 && has[opHour] == 0:
		return badPattern("months are MM, minutes are mm", "names no month")
	case has[opMonth] == 0:
		return badPattern("write MM", "names no month")
	case has[opDay] == 0:
		return badPattern("write dd", "names no day")
	case has[opHour] == 1 && has[opHalfDayHour] == 1:
		return badPattern("keep HH", "names the hour twice, as HH and as hh")
	case has[opHalfDayHour] == 1 && has[opHalfDay] == 0:
		return badPattern("write HH: with hh, 12:30 and 00:30 cannot be told apart", "counts hours to 12 (hh) without a mark (a) for the half of the day")
	case has[opHalfDay] == 1 && has[opHalfDayHour] == 0:
		return badPattern("write hh, or leave out a", "has a mark (a) for the half of the day, but no hh")
	}
	hours := has[opHour] + has[opHalfDayHour]
	switch {
	case has[opMinute] == 1 && hours == 0:
		return badPattern("write HH:mm", "has minutes without hours")
	case has[opSecond] == 1 && has[opMinute] == 0:
		return badPattern("write HH:mm:ss", "has seconds without minutes")
	case has[opFraction] == 1 && has[opSecond] == 0:
		return badPattern("write HH:mm:ss.SSS", "has milliseconds without seconds")
	case has[opOffset] == 1 && hours == 0:
		return badPattern("leave out X, or add HH:mm", "has a zone offset without a time of day")
	}
	l.dateOnly = hours == 0
	return nil
}

func (l *layout) fixedLength() int {
	n := 0
	for _, o := range l.ops {
		switch {
		case o.kind == opLiteral:
			n += len(o.literal)
		case o.kind == opBlanks, o.kind == opHalfDay, o.kind == opOffset, o.min != o.max:
			return 0
		default:
			n += o.max
		}
	}
	return n
}
