package workbook

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

// Causes of Rejected.
const (
	rejectRow      = "row"
	rejectEncoding = "encoding"
)

var replacement = []byte("\uFFFD")

// hand parses one record and gives it to the sink. The wanted fields are
// gathered in one string, so that nothing else of the row stays in memory.
func (t *csvTable) hand(fingerprint uint64, record []byte, quoted bool) error {
	if t.encoding == encASCII && !ascii(record) {
		if !utf8.Valid(record) {
			return notUTF8(t.file.show, t.num)
		}
		t.encoding = encUTF8
	}
	width := 0
	t.scratch = t.scratch[:0]
	clear(t.spans)
	if quoted {
		cells := t.fields.split(record, t.recs.delim, true)
		for _, p := range t.picks {
			if p.column < len(cells) {
				t.keep(p.input, cells[p.column])
			}
		}
		width = len(cells)
	} else {
		width = t.plain(record)
	}
	all := string(t.scratch)
	for input, span := range t.spans {
		t.values[input] = all[span[0]:span[1]]
	}
	where := reconcile.Position{Place: t.file.show, Row: t.num}
	if width > t.head.layout.width {
		cells := t.fields.split(record, t.recs.delim, quoted)
		for _, extra := range cells[t.head.layout.width:] {
			if len(bytes.TrimSpace(extra)) > 0 {
				return t.sink.Reject(reconcile.Rejected{Position: where, Cause: rejectRow, Code: canonicalCode(t.values[0]),
					Reason: fmt.Sprintf("the row has %d fields, the heading %d; a field that holds the delimiter %q must stand in quotation marks",
						width, t.head.layout.width, t.recs.delim)})
			}
		}
	}
	if !t.legible() {
		return t.sink.Reject(reconcile.Rejected{Position: where, Cause: rejectEncoding, Code: canonicalCode(t.values[0]),
			Reason: fmt.Sprintf("a character is damaged: it is not valid %s; correct the text, or export the file again as CSV UTF-8", t.encodingName())})
	}
	return t.sink.Row(reconcile.Row{Fingerprint: fingerprint, Position: where, Values: t.values})
}

// plain picks the wanted fields of a record without quotation marks, and
// returns how many fields it has.
func (t *csvTable) plain(record []byte) (width int) {
	delim, column := t.recs.delim, 0
	rest, ended := record, false
	for i := 0; i < len(t.picks); {
		j := bytes.IndexByte(rest, delim)
		field := rest
		if j >= 0 {
			field = rest[:j]
		}
		for ; i < len(t.picks) && t.picks[i].column == column; i++ {
			t.keep(t.picks[i].input, field)
		}
		if j < 0 {
			ended = true
			break
		}
		rest = rest[j+1:]
		column++
	}
	if ended {
		return column + 1
	}
	return column + bytes.Count(rest, []byte{delim}) + 1
}

func (t *csvTable) keep(input int, field []byte) {
	field = formulaText(field)
	from := len(t.scratch)
	t.scratch = append(t.scratch, field...)
	t.spans[input] = [2]int{from, len(t.scratch)}
}

// legible tells whether the picked fields are text in the file's encoding.
func (t *csvTable) legible() bool {
	switch t.encoding {
	case encASCII:
		return true // looked at already
	case encUTF8:
		return utf8.Valid(t.scratch)
	}
	return !bytes.Contains(t.scratch, replacement)
}

func ascii(text []byte) bool {
	for ; len(text) >= 8; text = text[8:] {
		if binary.LittleEndian.Uint64(text)&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, b := range text {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// canonicalCode is the form in which codes are compared (design rules §1).
func canonicalCode(code string) string {
	if !utf8.ValidString(code) {
		return ""
	}
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, norm.NFC.String(code)))
}
