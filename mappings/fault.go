package mappings

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Fault is one mistake in a file, told so that the person who edits it can mend
// it without reading anything else.
type Fault struct {
	File    string
	Line    int    // 1-based; 0 where the file as a whole is meant
	Key     string // path of the key: "fields.code"; "" for the whole file
	Value   string // what stands there; "" where something is missing
	Problem string // what is wrong
	Remedy  string // what would be right
}

// longestShown bounds how much of a value an error repeats.
const longestShown = 60

// Error writes `file:line: key.path: value: what is wrong; what would be right`.
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d", f.Line)
	}
	for _, part := range []string{printable(f.Key), shown(f.Value, longestShown), f.Problem} {
		if part != "" {
			b.WriteString(": ")
			b.WriteString(part)
		}
	}
	if f.Remedy != "" {
		b.WriteString("; ")
		b.WriteString(f.Remedy)
	}
	return b.String()
}

// Faults are all the mistakes of one file, in the order of its lines.
type Faults []Fault

// Error writes one line for each fault.
func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// err sorts the faults by line and returns them as an error, nil if there are none.
func (fs Faults) err() error {
	if len(fs) == 0 {
		return nil
	}
	slices.SortStableFunc(fs, func(a, b Fault) int { return a.Line - b.Line })
	return fs
}

// shown cuts a foreign text to at most limit runes and makes it safe to print.
func shown(text string, limit int) string {
	text = printable(text)
	count := 0
	for i := range text {
		if count == limit {
			return text[:i] + "…"
		}
		count++
	}
	return text
}

// printable turns line breaks and other control characters into blanks, so that
// a foreign text can never forge a second line.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}
