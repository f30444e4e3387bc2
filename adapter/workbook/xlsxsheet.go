package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

const (
	mostColumns = 16384
	mostRows    = 1048576
)

// sheetRows streams the rows of one worksheet.
type sheetRows struct {
	sc   *xmlScanner
	book *book
	num  int // sheet row number of the row given last
	done bool

	cells []cell
	buf   []byte // the texts of the row at hand
	value []byte // of the cell at hand
}

func newSheetRows(b *book, in io.Reader) *sheetRows {
	return &sheetRows{sc: newXMLScanner(in), book: b}
}

// next returns the next row that the sheet mentions, by column; a cell without
// a value has no text. The cells are valid until the following call. io.EOF is
// returned only when the whole part was read and found sound.
func (s *sheetRows) next() (num int, cells []cell, err error) {
	for {
		kind, err := s.sc.next()
		if err != nil {
			return s.num, nil, err
		}
		switch name := string(s.sc.name); {
		case kind == xmlEnd && name == "sheetData":
			s.done = true
		case kind == xmlStart && name == "row" && !s.done:
			s.num++
			if r := s.sc.attr("r"); r != nil {
				if s.num, err = strconv.Atoi(string(r)); err != nil || s.num < 1 || s.num > mostRows {
					return s.num, nil, fmt.Errorf("a row has the number %q", clip(r))
				}
			}
			cells, err := s.row()
			return s.num, cells, err
		}
	}
}

// row reads up to the end of the row element.
func (s *sheetRows) row() ([]cell, error) {
	s.cells, s.buf = s.cells[:0], s.buf[:0]
	column := -1
	for {
		kind, err := s.sc.next()
		if err != nil {
			return nil, unexpected(err)
		}
		switch name := string(s.sc.name); {
		case kind == xmlEnd && name == "row":
			return s.cells, nil
		case kind == xmlStart && name == "c":
			column++
			if r := s.sc.attr("r"); r != nil {
				if column, err = columnOf(r); err != nil {
					return nil, err
				}
			}
			if column >= mostColumns {
				return nil, fmt.Errorf("a row has more than %d columns", mostColumns)
			}
			c, err := s.cell()
			if err != nil {
				return nil, err
			}
			if len(c.text) == 0 {
				continue
			}
			for len(s.cells) <= column {
				s.cells = append(s.cells, cell{})
			}
			s.cells[column] = c
		}
	}
}

// cell reads up to the end of the c element. Of a formula the value counts that
// was calculated when the book was saved.
func (s *sheetRows) cell() (cell, error) {
	typ := string(s.sc.attr("t"))
	styleID := 0
	if a := s.sc.attr("s"); a != nil {
		styleID, _ = strconv.Atoi(string(a)) // no number: the default style
	}
	s.value = s.value[:0]
	inValue, inText, phonetic := false, false, false
	for {
		kind, err := s.sc.next()
		if err != nil {
			return cell{}, unexpected(err)
		}
		switch name := string(s.sc.name); {
		case kind == xmlText:
			if inText {
				s.value = appendUnescaped(s.value, s.sc.text)
			} else if inValue {
				s.value = append(s.value, s.sc.text...)
			}
		case kind == xmlEnd && name == "c":
			return s.finish(typ, styleID)
		case name == "v":
			inValue = kind == xmlStart
		case name == "rPh":
			phonetic = kind == xmlStart
		case name == "t":
			inText = kind == xmlStart && !phonetic && typ == "inlineStr"
		}
	}
}

func (s *sheetRows) finish(typ string, styleID int) (cell, error) {
	if len(s.value) == 0 {
		return cell{}, nil
	}
	c := cell{kind: cellText}
	switch typ {
	case "s":
		i, err := strconv.Atoi(string(bytes.TrimSpace(s.value)))
		if err != nil {
			return c, fmt.Errorf("a cell refers to text %q", clip(s.value))
		}
		c.text, err = s.book.strings.get(i)
		return c, err
	case "inlineStr":
	case "str":
		s.value = appendUnescaped(nil, s.value)
	case "b":
		c.kind = cellBool
	case "e":
		c.kind = cellError
	case "d":
		c.kind = cellISO
	default:
		c.kind = cellNumber
		if styleID > 0 && styleID < len(s.book.styles) || styleID == 0 && len(s.book.styles) > 0 {
			st := s.book.styles[styleID]
			c.digits = byte(st.digits)
			if st.date {
				c.kind = cellDate
			}
		}
	}
	from := len(s.buf)
	s.buf = append(s.buf, s.value...)
	c.text = s.buf[from:len(s.buf):len(s.buf)]
	return c, nil
}

// unexpected: the stream's end inside an element is never an end.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// columnOf reads the letters of a reference such as AB12, 0-based.
func columnOf(ref []byte) (int, error) {
	column := 0
	for i, b := range ref {
		switch {
		case b >= 'A' && b <= 'Z':
			column = column*26 + int(b-'A') + 1
		case b >= 'a' && b <= 'z':
			column = column*26 + int(b-'a') + 1
		case b >= '0' && b <= '9' && i > 0:
			return column - 1, nil
		default:
			return 0, fmt.Errorf("a cell is called %q", clip(ref))
		}
		if column > mostColumns {
			break
		}
	}
	return 0, fmt.Errorf("a cell is called %q", clip(ref))
}

// columnName is the inverse of columnOf: 0 is A, 26 is AA.
func columnName(column int) string {
	name := ""
	for column++; column > 0; column = (column - 1) / 26 {
		name = string(rune('A'+(column-1)%26)) + name
	}
	return name
}
