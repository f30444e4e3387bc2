package output

import (
	"fmt"
	"io"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/term"
	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

// Width is how many columns everything printed for people fits in.
const Width = 100

// safe is text made here, colours and line breaks included. Every other string
// may come from a foreign system, and must not reach a terminal as it is.
type safe string

// printer keeps the first error, so that pages read as a list of lines.
type printer struct {
	w       io.Writer
	colours bool
	err     error
}

func newPrinter(w io.Writer) *printer { return &printer{w: w, colours: Colours(w)} }

// Terminal reports whether somebody looks at w directly.
func Terminal(w io.Writer) bool {
	f, ok := w.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}

// Draws reports whether w is a terminal that can do more than print text; bars
// are shown only there.
func Draws(w io.Writer) bool { return Terminal(w) && os.Getenv("TERM") != "dumb" }

// Colours reports whether w should get colours: not where NO_COLOR asks for none
// (https://no-color.org).
func Colours(w io.Writer) bool { return Draws(w) && os.Getenv("NO_COLOR") == "" }

// printf writes a line or more. Strings among args are made plain, unless safe.
func (p *printer) printf(format string, args ...any) {
	if p.err != nil {
		return
	}
	shown := make([]any, len(args))
	for i, arg := range args {
		shown[i] = show(arg)
	}
	_, p.err = fmt.Fprintf(p.w, format, shown...)
}

// show is a value as it may be printed.
func show(v any) any {
	if s, ok := v.(safe); ok {
		return string(s)
	}
	if r := reflect.ValueOf(v); r.IsValid() && r.Kind() == reflect.String {
		return plain(r.String())
	}
	return v
}

// plain replaces what would move a terminal's cursor, change its colours or turn
// the direction of its text, and composes letters with their marks, which many
// terminals show badly apart.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' {
			return unicode.ReplacementChar
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, string(unicode.ReplacementChar))))
}

func (p *printer) paint(s string, c text.Color) safe {
	if s = plain(s); p.colours {
		return safe(c.Sprint(s))
	}
	return safe(s)
}

// paragraph writes s, wrapped; lines behind the first are indented by as much as
// lead is wide.
func (p *printer) paragraph(lead, s string) {
	p.printf("%s", safe(wrap(plain(lead), plain(s))))
}

// wrap breaks s at blanks so that it fits in Width behind lead, and words that
// are longer than a line anywhere.
func wrap(lead, s string) string {
	indent := width(lead)
	var b strings.Builder
	b.WriteString(lead)
	at := indent
	for i, word := range strings.Fields(s) {
		if i > 0 && at+1+width(word) <= Width {
			b.WriteByte(' ')
			at++
		} else if i > 0 {
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		}
		for _, r := range word {
			if at+text.RuneWidth(r) > Width {
				b.WriteString("\n" + strings.Repeat(" ", indent))
				at = indent
			}
			b.WriteRune(r)
			at += text.RuneWidth(r)
		}
	}
	b.WriteByte('\n')
	return b.String()
}

// width is how many columns a line takes.
func width(s string) int { return text.StringWidthWithoutEscSequences(s) }

func orNone(department string) string {
	if department == "" {
		return "(none)"
	}
	return department
}

// count is a number in a table that is mostly empty.
func count(n int) string {
	if n == 0 {
		return "-"
	}
	return number(n)
}

// number groups thousands by commas, as operators read it.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// plural writes a number with what it counts.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// The layouts of everything printed for people: day first, as in Vietnam.
const (
	dayLayout   = "02/01/2006"
	clockLayout = "02/01/2006 15:04"
)

// clock writes a point in time in the configured zone; "-" where unknown.
func clock(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(zone).Format(clockLayout)
}

// date writes the day of a point in time in the configured zone.
func date(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(zone).Format(dayLayout)
}

// momentShown writes a moment as far as its source gave it. A day without a time
// of day is that day in the source's zone, whatever the configured one.
func momentShown(m reconcile.Moment, zone *time.Location) string {
	if m.Known() && m.DateOnly {
		return m.Time.Format(dayLayout)
	}
	return clock(m.Time, zone)
}

// momentDay is the day of a moment.
func momentDay(m reconcile.Moment, zone *time.Location) string {
	if m.Known() && m.DateOnly {
		return m.Time.Format(dayLayout)
	}
	return date(m.Time, zone)
}
