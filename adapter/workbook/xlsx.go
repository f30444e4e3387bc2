package workbook

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/cespare/xxhash/v2"
	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

// book reads the sheets of one workbook that are meant.
func (r *run) book(f file, in io.ReaderAt, size int64) error {
	b, err := openBook(in, size)
	if err != nil {
		return bookFault(f.show, err)
	}
	sheets := r.cfg.choose(b.sheets)
	if len(sheets) == 0 {
		return faultf(reconcile.CauseSchema, "%s has no visible sheet %q; it has %s", f.show, r.cfg.Sheet, quoted(names(b.sheets)))
	}
	read := 0
	var best miss
	var bestSheet string
	for _, sheet := range sheets {
		t := &sheetTable{run: r, book: b, place: f.show + ", sheet " + sheet.name}
		m, err := t.read(sheet)
		if err != nil {
			return err
		}
		switch {
		case m == nil:
			read++
			r.pages++
			continue
		case r.cfg.Sheet != "" && (!t.nothing || r.cfg.exact()), r.cfg.Sheet == "" && m.near():
			return faultf(reconcile.CauseSchema, "%s: %s%s", t.place, m.explain(), r.cfg.otherSheets())
		case bestSheet == "" || better(best, *m).row != best.row || m.found > best.found:
			best, bestSheet = *m, sheet.name
		}
	}
	if read == 0 {
		return faultf(reconcile.CauseSchema, "%s: no sheet has the headings; in sheet %q %s", f.show, bestSheet, best.explain())
	}
	return nil
}

func (c Config) exact() bool { return !strings.ContainsAny(c.Sheet, "*?") }

func (c Config) otherSheets() string {
	if c.Sheet == "" {
		return "; if this sheet is not meant, name the one that is (sheet)"
	}
	return ""
}

// choose picks the sheets by name or pattern, without regard to case and
// Unicode form. Hidden ones are often last year's, or a helper's lists: they
// are read only when named.
func (c Config) choose(sheets []sheetRef) []sheetRef {
	// Only * and ? are special; path.Match would stop them at a slash.
	escape := strings.NewReplacer("[", `\[`, "]", `\]`, `\`, `\\`, "/", "\x00")
	pattern := escape.Replace(folded(c.Sheet))
	var chosen []sheetRef
	for _, s := range sheets {
		if s.hidden && (c.Sheet == "" || !c.exact()) {
			continue
		}
		ok, _ := path.Match(pattern, strings.ReplaceAll(folded(s.name), "/", "\x00"))
		if ok || c.Sheet == "" {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

func names(sheets []sheetRef) []string {
	var list []string
	for _, s := range sheets {
		if !s.hidden {
			list = append(list, norm.NFC.String(s.name))
		}
	}
	return list
}

// sheetTable is the reading of one worksheet.
type sheetTable struct {
	*run
	book    *book
	place   string
	layout  layout
	picks   []pick
	nothing bool // the sheet holds nothing at all

	first   bool
	blanks  int
	seed    uint64
	digest  xxhash.Digest
	hashed  []byte
	plain   [][]byte
	scratch []byte
	spans   [][2]int
	values  []string
}

// heldRow is a row kept while the heading is looked for.
type heldRow struct {
	num   int
	cells []cell
}

// read hands on the rows of one sheet. Without a heading it says what came
// nearest to it, and has handed on nothing.
func (t *sheetTable) read(sheet sheetRef) (*miss, error) {
	in, err := openPart(sheet.part, mostSheetBytes)
	if err != nil {
		return nil, bookFault(t.place, err)
	}
	defer in.Close()
	rows := newSheetRows(t.book, in)
	held, err := t.hold(rows)
	if err != nil {
		return nil, bookFault(t.place, err)
	}
	heads := make([]headRow, len(held))
	for i, h := range held {
		heads[i] = headRow{h.num, cellTexts(h.cells)}
	}
	t.nothing = len(held) == 0
	l, m, ok := t.want.find(heads, t.cfg.HeaderRow)
	if !ok {
		return &m, nil
	}
	if t.found != nil {
		t.found(t.place, l)
		return nil, nil
	}
	t.begin(l)
	for _, h := range held {
		if h.num > l.last {
			if err := t.row(h.num, h.cells); err != nil {
				return nil, err
			}
		}
	}
	for {
		num, cells, err := rows.next()
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, bookFault(fmt.Sprintf("%s, after row %d,", t.place, num), err)
		}
		if err := t.row(num, cells); err != nil {
			return nil, err
		}
	}
}

// hold reads the rows in which the heading may be.
func (t *sheetTable) hold(rows *sheetRows) ([]heldRow, error) {
	var held []heldRow
	for len(held) <= headingRows && (t.cfg.HeaderRow == 0 || len(held) == 0 || held[len(held)-1].num <= t.cfg.HeaderRow) {
		num, cells, err := rows.next()
		if errors.Is(err, io.EOF) {
			return held, nil
		}
		if err != nil {
			return nil, err
		}
		if len(cells) == 0 || num < t.cfg.HeaderRow-1 {
			continue
		}
		copied := slices.Clone(cells)
		for i := range copied {
			copied[i].text = slices.Clone(copied[i].text)
		}
		held = append(held, heldRow{num, copied})
	}
	return held, nil
}

func cellTexts(cells []cell) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		if c.kind != cellError {
			out[i] = string(c.appendValue(nil, false))
		}
	}
	return out
}

func (t *sheetTable) begin(l layout) {
	t.layout, t.picks, t.first = l, picks(l.columns), true
	t.spans, t.values = make([][2]int, len(t.want.inputs)), make([]string, len(t.want.inputs))
	t.seed = layoutSeed(t.req.Seed, "xlsx", fmt.Sprint(t.book.date1904), fmt.Sprint(l.columns), strings.Join(l.names, "\x00"))
}
