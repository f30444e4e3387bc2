package workbook

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// Reasons of Sink.Skip.
const (
	skipTotal   = "total"
	skipHeading = "heading"
	skipBlank   = "blank"
)

// totalWord is the whole text of the first cell of a total row, normalised:
// "tổng", "tổng cộng quý ii/2018", "tổng số hồ sơ: 213", "total".
var totalWord = regexp.MustCompile(`^(?:tổng(?: cộng| số| chung){0,2}|tong(?: cong| so){0,2}|(?:sub|grand )?total|cộng(?: dồn)?)` +
	`(?: số)?(?: hồ sơ| ho so)?(?: (?:tháng|quý|năm|trang)(?: [\divx./-]+)?)*\s*[:=]?\s*[\d.,]*\s*(?:hồ sơ|ho so)?[:.]?$`)

// isTotal tells a total row: its first cell that holds anything is one of the
// words, and all others are numbers. "Tổng công ty Điện lực" is an applicant.
func isTotal(cells [][]byte) bool {
	first := -1
	for c, cell := range cells {
		cell = bytes.TrimSpace(cell)
		if len(cell) == 0 {
			continue
		}
		if first < 0 {
			if first = c; !mayBeTotal(cell) || len(cell) > 100 || !totalWord.MatchString(normal(string(cell))) {
				return false
			}
			continue
		}
		if !numeric(cell) {
			return false
		}
	}
	return first >= 0
}

// mayBeTotal is the cheap test before the costly one: two bytes tell almost
// every dossier code from Tổng, Tong, Total, Cộng, Grand, Subtotal.
func mayBeTotal(text []byte) bool {
	if len(text) < 4 {
		return false
	}
	switch text[0] {
	case 'T', 't', 'C', 'c':
		return text[1] == 'o' || text[1] == 'O' || text[1] == 0xE1 || text[1] == 0xC3 || text[1] == 0xC4
	case 'G', 'g':
		return text[1] == 'r' || text[1] == 'R'
	case 'S', 's':
		return text[1] == 'u' || text[1] == 'U'
	}
	return false
}

// numeric tells a number as people and Excel write it; a total row's sum that
// went wrong (#REF!) is one too.
func numeric(text []byte) bool {
	if text[0] == '#' {
		return isErrorValue(string(text))
	}
	digits := 0
	for _, b := range text {
		switch {
		case b >= '0' && b <= '9':
			digits++
		case strings.IndexByte(".,+-% Ee", b) < 0:
			return false
		}
	}
	return digits > 0
}

// isHeading tells a repeated heading row: wherever a wanted column was found,
// the cell reads as its heading does. The lower row of a two-row heading that
// is repeated has no code; the mapping's skip_rows_without passes it over.
func (w wanted) isHeading(l layout, cells [][]byte) bool {
	same := 0
	for i, c := range l.columns {
		if c < 0 || c >= len(cells) || len(cells[c]) == 0 {
			continue
		}
		// Most rows end here: a code is no heading.
		if len(cells[c]) > 4*len(w.normal[i])+60 || startsWithDigit(cells[c]) != startsWithDigit(w.normal[i]) ||
			normal(string(cells[c])) != w.normal[i] {
			if l.first != l.last && i > 0 {
				continue // spans two rows: the upper one holds only its part
			}
			return false
		}
		same++
	}
	return same >= 2 || same == 1 && len(l.columns) == 1
}

// isNumbering tells the row under the heading that numbers the columns:
// "(1) (2) (3)", "1 2 3", "A B 1 2".
func isNumbering(cells [][]byte) bool {
	count, last := 0, 0
	for _, cell := range cells {
		text := strings.Trim(string(bytes.TrimSpace(cell)), "()[]")
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		switch {
		case err == nil && count == 0 && n == 1, err == nil && n == last+1:
			last = n
		case err != nil && last == 0 && len(text) == 1 && text[0] >= 'A' && text[0] <= 'Z':
		default:
			return false
		}
		count++
	}
	return count >= 3 && last > 0
}

func startsWithDigit[T string | []byte](text T) bool {
	return len(text) > 0 && text[0] >= '0' && text[0] <= '9'
}
