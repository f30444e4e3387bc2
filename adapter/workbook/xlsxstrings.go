package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// sharedStrings is the table of texts that cells refer to by number, held as
// one block: a book may have a million of them.
type sharedStrings struct {
	text []byte
	ends []uint32 // end of each string in text
}

func (s *sharedStrings) get(i int) ([]byte, error) {
	if i < 0 || i >= len(s.ends) {
		return nil, fmt.Errorf("a cell refers to text %d of %d", i, len(s.ends))
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return s.text[from:s.ends[i]], nil
}

func readStrings(part *zip.File) (sharedStrings, error) {
	in, err := openPart(part, mostStringsBytes)
	if err != nil {
		return sharedStrings{}, err
	}
	defer in.Close()
	s, err := scanStrings(in)
	if err != nil {
		return s, fmt.Errorf("its part %s cannot be read: %w", part.Name, err)
	}
	return s, nil
}

// scanStrings reads <si> items: plain text, or runs of rich text without the
// phonetic readings beside them.
func scanStrings(in io.Reader) (sharedStrings, error) {
	var s sharedStrings
	sc := newXMLScanner(in)
	inText, phonetic := false, false
	for {
		kind, err := sc.next()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return s, err
		}
		switch name := string(sc.name); {
		case kind == xmlText:
			if inText {
				s.text = appendUnescaped(s.text, sc.text)
			}
		case name == "t":
			inText = kind == xmlStart && !phonetic
		case name == "rPh":
			phonetic = kind == xmlStart
		case name == "si" && kind == xmlEnd:
			s.ends = append(s.ends, uint32(len(s.text)))
		}
	}
}

// appendUnescaped appends text with Excel's own escapes undone: _x000D_ is a
// carriage return, _x005F_ the underscore before what merely looks like one.
func appendUnescaped(dst, text []byte) []byte {
	for {
		i := bytes.Index(text, []byte("_x"))
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		text = text[i:]
		if len(text) >= 7 && text[6] == '_' {
			if n, err := strconv.ParseUint(string(text[2:6]), 16, 16); err == nil && utf8.ValidRune(rune(n)) {
				dst = utf8.AppendRune(dst, rune(n))
				text = text[7:]
				continue
			}
		}
		dst = append(dst, '_')
		text = text[1:]
	}
}
