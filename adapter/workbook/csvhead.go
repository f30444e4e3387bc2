package workbook

import (
	"bytes"
	"strings"

	"github.com/doisoat/doisoat/reconcile"
)

// headWindow is how much of a CSV file is looked at to find its heading.
const headWindow = 512 << 10

// csvHead is where a CSV table begins and how it is cut.
type csvHead struct {
	layout layout
	delim  byte
	offset int // of the first record after the heading
	miss   miss
}

// findHead looks for the heading in the beginning of the decoded text. Every
// delimiter that could be meant is tried: the right one shows the headings.
func (w wanted) findHead(window []byte, eof bool, headerRow int, given byte, show string) (csvHead, error) {
	skip, delims := 0, []byte{',', ';', '\t', '|'}
	// Excel's own note: "sep=;" on a line of its own before everything else.
	if line, _, _ := bytes.Cut(window, []byte("\n")); len(line) < 10 {
		if sep := bytes.TrimRight(line, "\r"); len(sep) == 5 && strings.EqualFold(string(sep[:4]), "sep=") {
			skip, delims = min(len(line)+1, len(window)), []byte{sep[4]}
		}
	}
	if given != 0 {
		delims = []byte{given}
	}
	var best csvHead
	var fault error
	for i, delim := range delims {
		rows, offsets, err := headRows(window[skip:], eof, delim, headerRow, skip > 0)
		head := csvHead{delim: delim}
		var ok bool
		if head.layout, head.miss, ok = w.find(rows, headerRow); ok {
			head.offset = skip + offsets[head.layout.last]
			return head, nil
		}
		if i == 0 || better(best.miss, head.miss).row != best.miss.row || head.miss.found > best.miss.found {
			best, fault = head, err
		}
	}
	if fault != nil {
		return best, faultf(reconcile.CauseDecode, "%s: no heading found before a row that cannot be read: %v", show, fault)
	}
	return best, nil
}

// headRows cuts the first rows for the search. Offsets are those behind each
// row, by its number. An error ends the list early.
func headRows(window []byte, eof bool, delim byte, headerRow int, noted bool) ([]headRow, map[int]int, error) {
	var rows []headRow
	offsets := map[int]int{}
	var f fields
	num, pos, held := 0, 0, 0
	if noted {
		num = 1
	}
	for pos < len(window) && held <= headingRows && (headerRow == 0 || num <= headerRow) {
		n, err := recordEnd(window[pos:], delim, eof)
		if err != nil || n < 0 {
			return rows, offsets, err
		}
		num++
		record := chomp(window[pos : pos+n])
		pos = min(pos+n+1, len(window))
		offsets[num] = pos
		if blank(record, delim) {
			continue
		}
		if headerRow == 0 || num >= headerRow-1 {
			held++
			rows = append(rows, headRow{num, texts(f.split(record, delim, true))})
		}
	}
	return rows, offsets, nil
}

func texts(cells [][]byte) []string {
	out := make([]string, len(cells))
	for i, cell := range cells {
		out[i] = string(formulaText(cell))
	}
	return out
}
