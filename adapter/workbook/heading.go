package workbook

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// headingRows is how many rows that hold anything are looked through.
const headingRows = 30

// normal is the form in which headings are compared: NFC, lower case, white
// space (line breaks inside the cell too) as one blank, no colon or asterisk at
// the end. đ stays apart from d, as every other Vietnamese letter does.
func normal(heading string) string {
	text := folded(heading)
	for {
		cut := strings.TrimRight(strings.TrimSuffix(text, "(*)"), ":* ")
		if cut == text {
			return text
		}
		text = cut
	}
}

// folded is text in NFC, lower case, with single blanks.
func folded(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) { // zero-width blanks and byte-order marks
			return -1
		}
		return r
	}, strings.ToLower(norm.NFC.String(text)))
	return strings.Join(strings.Fields(text), " ")
}

// wanted is what the mapping reads, ready for comparing.
type wanted struct {
	inputs   []string // as written
	normal   []string
	required []bool
}

func newWanted(inputs, required []string) wanted {
	w := wanted{inputs: inputs, normal: make([]string, len(inputs)), required: make([]bool, len(inputs))}
	must := map[string]bool{}
	for _, name := range required {
		must[normal(name)] = true
	}
	for i, name := range inputs {
		w.normal[i] = normal(name)
		w.required[i] = i == 0 || name != "" && (required == nil || must[w.normal[i]])
	}
	return w
}

// headRow is a row that may be the heading: its number and cells as text.
type headRow struct {
	num   int
	cells []string
}

// layout says where the wanted columns stand.
type layout struct {
	first, last int   // the heading's rows, by number
	columns     []int // of each input, 0-based; -1: not there
	names       []string
	width       int // columns with or under a heading
}

// miss describes the row that came nearest to being the heading.
type miss struct {
	row       int
	found     int
	code      bool     // the code's heading is among the found
	missing   []string // required headings that are not there
	ambiguous []string // headings that stand there twice
	names     []string // the headings that are there
}

// near tells a table that was meant to be read, but lacks a heading, from a
// sheet that has nothing to do with dossiers.
func (m miss) near() bool {
	return m.code && (len(m.ambiguous) > 0 || m.found >= len(m.missing))
}

// find looks for the heading among rows, at headerRow if that is given.
func (w wanted) find(rows []headRow, headerRow int) (layout, miss, bool) {
	_, best := w.match(0, 0, nil, nil)
	for i, row := range rows {
		if headerRow > 0 && row.num != headerRow {
			continue
		}
		single, m := w.match(row.num, row.num, row.cells, nil)
		best = better(best, m)
		ok := len(m.missing) == 0 && len(m.ambiguous) == 0
		if ok && m.found == len(w.inputs) {
			return single, m, true
		}
		// A heading may run over two rows. Within the search the pair starts
		// here; a given row may be the lower one too.
		if i+1 < len(rows) {
			pair, pm := w.match(row.num, rows[i+1].num, row.cells, rows[i+1].cells)
			_, below := w.match(rows[i+1].num, rows[i+1].num, rows[i+1].cells, nil)
			if len(pm.missing)+len(pm.ambiguous) == 0 && pm.found > max(m.found, below.found) {
				return pair, pm, true
			}
		}
		if ok {
			return single, m, true
		}
		if headerRow > 0 && i > 0 {
			if pair, pm := w.match(rows[i-1].num, row.num, rows[i-1].cells, row.cells); len(pm.missing)+len(pm.ambiguous) == 0 {
				return pair, pm, true
			}
		}
	}
	return layout{}, best, false
}

func better(a, b miss) miss {
	if b.found > a.found || b.found == a.found && b.code && !a.code {
		return b
	}
	return a
}

// match compares the inputs with one row, or with a heading of two rows where
// top spans several columns ("Ngày" over "nhận" and "hẹn trả").
func (w wanted) match(first, last int, top, sub []string) (layout, miss) {
	l := layout{first: first, last: last, width: max(len(top), len(sub)), columns: make([]int, len(w.inputs))}
	plain, joined := make([]string, l.width), make([]string, l.width)
	span := ""
	for c := range l.width {
		upper, lower := normal(at(top, c)), normal(at(sub, c))
		if upper != "" {
			span = upper
		}
		switch {
		case lower == "":
			plain[c] = upper
		default:
			plain[c] = lower
			joined[c] = strings.TrimSpace(span + " " + lower)
		}
		if name := strings.Join(strings.Fields(at(top, c)+" "+at(sub, c)), " "); name != "" {
			l.names = append(l.names, name)
		}
	}
	m := miss{row: first, names: l.names}
	for i, name := range w.normal {
		column, times := lookUp(joined, name)
		if times == 0 {
			column, times = lookUp(plain, name)
		}
		l.columns[i] = column
		switch {
		case name == "":
			l.columns[i] = -1
			m.found++ // asks for nothing
		case times > 1:
			m.ambiguous = append(m.ambiguous, w.inputs[i])
			m.found++
			m.code = m.code || i == 0
		case times == 1:
			m.found++
			m.code = m.code || i == 0
		case w.required[i]:
			m.missing = append(m.missing, w.inputs[i])
		}
	}
	return l, m
}

func lookUp(names []string, name string) (column, times int) {
	column = -1
	for c, have := range names {
		if have != "" && have == name {
			if times == 0 {
				column = c
			}
			times++
		}
	}
	return column, times
}

func at(cells []string, c int) string {
	if c < len(cells) {
		return cells[c]
	}
	return ""
}

// explain says what is missing and what is there. It lists cells only of a row
// in which the code's heading or two others were recognised: any other row may
// hold a citizen's data.
func (m miss) explain() string {
	if m.found == 0 || !m.code && m.found < 2 {
		return fmt.Sprintf("none of the headings that the mapping reads was found (%s)", quoted(m.missing))
	}
	if len(m.ambiguous) > 0 {
		return fmt.Sprintf("row %d has the heading %s twice; rename the one that is not meant", m.row, quoted(m.ambiguous))
	}
	return fmt.Sprintf("row %d lacks the heading %s; it has %s; correct the heading in the book, or name it in the mapping as the book does",
		m.row, quoted(m.missing), quoted(m.names))
}

func quoted(names []string) string {
	const most = 40
	var b strings.Builder
	for i, name := range names {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(names)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		if runes := []rune(name); len(runes) > 60 {
			name = string(runes[:60]) + "…"
		}
		fmt.Fprintf(&b, "%q", name)
	}
	return b.String()
}
