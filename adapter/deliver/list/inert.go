package list

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// mostCell is how many UTF-16 units Excel keeps in a cell.
const mostCell = 32767

// inert makes a text safe to stand in a cell: valid, printable, not too long, and
// no formula. A cell of type string is none in the workbook; but saved as CSV
// and opened again it would be one, so a text that begins like a formula gets an
// apostrophe before it, which plain takes away again.
func inert(text string) string {
	text = clean(text)
	if formulaLike(text) {
		text = "'" + text
	}
	return clip(text, mostCell)
}

// inertLine is inert for what is one line by nature: a code, a name.
func inertLine(text string) string {
	return inert(strings.Join(strings.Fields(text), " "))
}

// plain is the text that inert was given, as clean leaves it.
func plain(text string) string {
	text = clean(text)
	if rest, ok := strings.CutPrefix(text, "'"); ok && formulaLike(rest) {
		return rest
	}
	return text
}

// formulaLike reports whether a spreadsheet would take the text for a formula if
// it were typed in. Apostrophes before are part of the question, so that taking
// one away undoes adding one.
func formulaLike(text string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(text, "'"))
	switch r {
	case '=', '+', '-', '@',
		'＝', '＋', '－', '＠', // full width; East Asian versions of Excel take them for the plain ones
		'﹦', '﹢', '﹣', '﹫', // small forms
		'−': // the minus sign
		return true
	}
	return false
}

// clean drops what a cell cannot hold or what a reader cannot see: control
// characters but the line break, what turns the direction of writing, and white
// space at either end (before which a formula could hide). A tab becomes a space;
// bytes that are no UTF-8 become U+FFFD.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\u2028', r == '\u2029':
			return '\n'
		case r == '\r':
			return '\n'
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r),
			r == '\uFEFF', r == '\u200B', r == '\uFFFE', r == '\uFFFF':
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

// clip cuts a text to at most n UTF-16 units, the last being "…" where it was cut.
func clip(text string, n int) string {
	if len(text) <= n { // no text has more units than bytes
		return text
	}
	units := 0
	cut := 0 // where the text would be cut, leaving a unit for the mark
	for i, r := range text {
		if units <= n-1 {
			cut = i
		}
		if units += utf16.RuneLen(r); units > n {
			return text[:cut] + "…"
		}
	}
	return text
}
