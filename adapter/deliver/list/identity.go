package list

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Format is the version of the marks in the hidden column. A file of another
// version is refused, not guessed at.
const Format = 1

// headingWord begins the heading of the hidden column. Its cells stand in the
// rows they are about, and it inside the filter's range, so that sorting and
// deleting rows take the marks along. There is one column and no hidden sheet:
// what a file says of itself stands in one place.
const headingWord = "doisoat-list"

// origin is which list a sheet belongs to.
type origin struct {
	department string
	madeAt     time.Time
}

// heading is the mark in the heading row.
func (o origin) heading() string {
	fields := []string{headingWord, strconv.Itoa(Format), escape(o.department), o.moment()}
	return strings.Join(append(fields, checksum(fields...)), "|")
}

func (o origin) moment() string { return o.madeAt.UTC().Format(time.RFC3339Nano) }

// parseHeading reads the mark of a heading row. ours is false where the text is
// none of it; format is 0 where it was tampered with.
func parseHeading(text string) (o origin, format int, ours bool) {
	fields := strings.Split(text, "|")
	if fields[0] != headingWord || len(fields) < 2 {
		return origin{}, 0, false
	}
	version, err := strconv.Atoi(fields[1])
	if err != nil || version < 1 {
		return origin{}, 0, true
	}
	if version != Format {
		return origin{}, version, true
	}
	if len(fields) != 5 || checksum(fields[:4]...) != fields[4] {
		return origin{}, 0, true
	}
	department, err := url.QueryUnescape(fields[2])
	if err != nil {
		return origin{}, 0, true
	}
	at, err := time.Parse(time.RFC3339Nano, fields[3])
	if err != nil {
		return origin{}, 0, true
	}
	return origin{department, at}, version, true
}

// mark is which discrepancy a row is about, and what it was made with.
type mark struct {
	id, values string
	given      string // digest of the answer that was there already
}

// in writes the mark for a row with this code on this list. The checksum binds
// all of it together: a code cell moved without its row, or a row copied from
// another list, is noticed. It keeps accidents away, not forgers: who may answer
// for which department is decided elsewhere.
func (m mark) in(o origin, code string) string {
	fields := []string{escape(m.id), escape(m.values), m.given}
	return strings.Join(append(fields, m.sum(o, code)), "|")
}

func (m mark) sum(o origin, code string) string {
	return checksum(m.id, m.values, m.given, sameCode(code), o.department, o.moment())
}

// parseMark reads a row's mark; ok is false where it is none.
func parseMark(text string) (m mark, sum string, ok bool) {
	fields := strings.Split(text, "|")
	if len(fields) != 4 || fields[0] == "" {
		return mark{}, "", false
	}
	id, err := url.QueryUnescape(fields[0])
	if err != nil {
		return mark{}, "", false
	}
	values, err := url.QueryUnescape(fields[1])
	if err != nil {
		return mark{}, "", false
	}
	return mark{id: id, values: values, given: fields[2]}, fields[3], true
}

// given digests an answer that stands in the list when it is made.
func given(text string) string {
	if text == "" {
		return ""
	}
	return checksum(text)
}

// sameCode is the form in which codes are compared (RULES.md §1), of what clean
// leaves of them.
func sameCode(code string) string {
	code = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, plain(code))
	return strings.ToUpper(norm.NFC.String(code))
}

// answerText is an answer as it is kept and compared.
func answerText(text string) string { return norm.NFC.String(plain(text)) }

// escape keeps a field free of the separator, and of anything that a spreadsheet
// would take for something else than text.
func escape(text string) string { return url.QueryEscape(text) }

func checksum(fields ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(fields, "\n")))
	return hex.EncodeToString(sum[:6])
}
