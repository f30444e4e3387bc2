package list

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Bounds of a worksheet (ECMA-376).
const (
	mostRow    = 1 << 20
	mostColumn = 1 << 14
)

// gridCell is a cell of a foreign sheet as it is written there.
type gridCell struct {
	column  int // from 1
	kind    string
	style   int
	value   string // of <v> or <is>
	formula bool
}

// span is a block of cells that were merged into one.
type span struct{ left, top, right, bottom int }

// errEnough ends the reading of a sheet of which no more is wanted.
var errEnough = errors.New("enough of the sheet was read")

// rows reads a worksheet and calls do with each row's number and cells, which are
// valid until do returns; rows that are not in the file are not called for. It
// returns the merged cells, which a file tells after its rows.
func (b *book) rows(sheet sheetRef, do func(row int, cells []gridCell) error) (merged []span, err error) {
	part, err := b.archive.openXML(sheet.part, mostSheetBytes)
	if err != nil {
		return nil, err
	}
	defer part.close()
	row := 0
	var cells []gridCell
	err = part.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "row":
			row++
			if r := attr(e, "r"); r != "" {
				if row, err = strconv.Atoi(r); err != nil {
					return damaged("a row has no number")
				}
			}
			if row < 1 || row > mostRow {
				return damaged(fmt.Sprintf("there is no row %d", row))
			}
			if cells, err = part.cells(cells[:0]); err != nil {
				return err
			}
			return do(row, cells)
		case "mergeCell":
			if len(merged) == mostParts {
				return oversized("too many merged cells")
			}
			s, ok := parseSpan(attr(e, "ref"))
			if !ok {
				return damaged("its merged cells are not to be understood")
			}
			merged = append(merged, s)
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return merged, err
}

// cells reads the rest of a row.
func (p *xmlPart) cells(cells []gridCell) ([]gridCell, error) {
	outer, last := p.depth, 0
	for {
		token, err := p.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = damaged("it ends inside a row")
			}
			return cells, err
		}
		switch t := token.(type) {
		case xml.EndElement:
			if p.depth < outer {
				return cells, nil
			}
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			cell := gridCell{column: last + 1, kind: attr(t, "t")}
			if ref := attr(t, "r"); ref != "" {
				cell.column, _, _ = parseCell(ref)
			}
			if cell.column < 1 || cell.column > mostColumn {
				return cells, damaged("a cell stands in no column")
			}
			last = cell.column
			if s := attr(t, "s"); s != "" {
				if cell.style, err = strconv.Atoi(s); err != nil {
					return cells, damaged("a cell has no style")
				}
			}
			if err := p.cell(&cell); err != nil {
				return cells, err
			}
			if len(cells) == mostColumn {
				return cells, damaged("a row has too many cells")
			}
			if cell.value != "" || cell.formula {
				cells = append(cells, cell)
			}
		}
	}
}

// cell reads the rest of a cell.
func (p *xmlPart) cell(cell *gridCell) error {
	outer, inside := p.depth, false
	var value []byte
	for {
		token, err := p.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = damaged("it ends inside a cell")
			}
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				inside = true
			case "f":
				cell.formula = true
			case "is":
				if value, err = p.appendText(value); err != nil {
					return err
				}
			}
		case xml.EndElement:
			inside = false
			if p.depth < outer {
				cell.value = string(value)
				return nil
			}
		case xml.CharData:
			if inside {
				value = append(value, t...)
			}
		}
	}
}

// parseCell reads a reference such as $B$12; the row is 0 where it has none.
func parseCell(ref string) (column, row int, ok bool) {
	ref = strings.ReplaceAll(ref, "$", "")
	i := 0
	for ; i < len(ref) && i < 4; i++ {
		c := ref[i] &^ 0x20 // upper case
		if c < 'A' || c > 'Z' {
			break
		}
		column = column*26 + int(c-'A') + 1
	}
	if i == len(ref) {
		return column, 0, i > 0
	}
	row, err := strconv.Atoi(ref[i:])
	return column, row, err == nil && i > 0
}

func parseSpan(ref string) (s span, ok bool) {
	from, to, two := strings.Cut(ref, ":")
	if !two {
		to = from
	}
	var first, second bool
	s.left, s.top, first = parseCell(from)
	s.right, s.bottom, second = parseCell(to)
	return s, first && second
}
