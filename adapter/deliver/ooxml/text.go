package ooxml

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
)

// writer keeps its first error until it is flushed.
type writer struct{ *bufio.Writer }

func newWriter(w io.Writer) *writer { return &writer{bufio.NewWriterSize(w, 1<<16)} }

// intoMemory is for small pieces, of which there are many.
func intoMemory(b *bytes.Buffer) *writer { return &writer{bufio.NewWriterSize(b, 512)} }

func (w *writer) put(s string) {
	_, _ = w.WriteString(s) // Flush tells
}

// Clean makes a text that may stand in a document: valid UTF-8, lines ended by \n,
// without the characters that XML or a reader's eye cannot bear: control characters
// and the marks that turn the direction of what follows.
func Clean(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7F {
			return cleanSlow(s)
		}
	}
	return s
}

func cleanSlow(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < ' ', r >= 0x7F && r < 0xA0, r == 0xFFFE, r == 0xFFFF, r == 0xFEFF,
			r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r // strings.Map has made invalid bytes utf8.RuneError
	}, s)
}

// writeEscaped writes s as character data, also fit for an attribute. Bytes that
// are no UTF-8 become U+FFFD.
func writeEscaped(w *writer, s string) {
	last := 0
	for i := 0; i < len(s); {
		c := s[i]
		size := 1
		var by string
		switch {
		case c == '&':
			by = "&amp;"
		case c == '<':
			by = "&lt;"
		case c == '>':
			by = "&gt;"
		case c == '"':
			by = "&quot;"
		case c == '\n':
			by = "&#xA;"
		case c == '\t':
			by = "&#x9;"
		case c >= utf8.RuneSelf:
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 {
				by = "\uFFFD"
			}
		}
		if by != "" {
			w.put(s[last:i])
			w.put(by)
			last = i + size
		}
		i += size
	}
	w.put(s[last:])
}

// writeValue writes a value within a text element: its lines are parted by line
// breaks, tabulators become tabulators. prefix is the namespace's, with its colon.
func writeValue(w *writer, value, prefix string) {
	value = Clean(value)
	for {
		i := strings.IndexAny(value, "\n\t")
		if i < 0 {
			writeEscaped(w, value)
			return
		}
		writeEscaped(w, value[:i])
		element := "br"
		if value[i] == '\t' {
			element = "tab"
		}
		w.put("</" + prefix + "t><" + prefix + element + "/><" + prefix + `t xml:space="preserve">`)
		value = value[i+1:]
	}
}
