package list

import (
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
)

// sheetRef is a worksheet of a workbook.
type sheetRef struct{ name, part string }

// book is what has to be known of a workbook before its sheets are read.
type book struct {
	archive  *archive
	sheets   []sheetRef
	strings  sharedStrings
	formats  []numberFormat // by cell style
	date1904 bool
}

func openBook(in io.ReaderAt, size int64) (*book, error) {
	a, err := openArchive(in, size)
	if err != nil {
		return nil, err
	}
	root := "xl/workbook.xml"
	rels, err := a.relations("")
	if err != nil {
		return nil, err
	}
	for _, rel := range rels {
		if rel.kind == "officeDocument" {
			root = rel.target
		}
	}
	if strings.HasSuffix(root, ".bin") {
		return nil, refuse("Tệp là Excel nhị phân (.xlsb). Hãy lưu lại dạng .xlsx.", "the file is a binary workbook: save it as .xlsx")
	}
	if a.parts[root] == nil {
		return nil, refuse("Tệp không phải tệp Excel (.xlsx).", "the file is a zip, but holds no workbook")
	}
	b := &book{archive: a}
	return b, b.read(root)
}

func (b *book) read(root string) error {
	rels, err := b.archive.relations(root)
	if err != nil {
		return err
	}
	parts := map[string]relation{}
	for _, rel := range rels {
		parts[rel.id] = rel
		switch rel.kind {
		case "sharedStrings":
			err = b.readStrings(rel.target)
		case "styles":
			err = b.readFormats(rel.target)
		}
		if err != nil {
			return err
		}
	}
	part, err := b.archive.openXML(root, mostPartBytes)
	if err != nil {
		return err
	}
	defer part.close()
	return part.each(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			b.date1904 = truth(attr(e, "date1904"))
		case "sheet":
			if len(b.sheets) == mostParts {
				return oversized("too many sheets")
			}
			if rel := parts[relationID(e)]; rel.kind == "worksheet" {
				b.sheets = append(b.sheets, sheetRef{clip(clean(attr(e, "name")), 100), rel.target})
			}
		}
		return nil
	})
}

// relationID is the attribute r:id, which shares its local name with none that a
// sheet has today.
func relationID(e xml.StartElement) string { return attr(e, "id") }

// relation is a part that another one names.
type relation struct{ id, kind, target string }

// relations reads what a part ("" for the whole file) refers to. Targets outside
// the file are left out.
func (a *archive) relations(of string) (list []relation, err error) {
	dir, name := path.Split(of)
	file := partName(dir + "_rels/" + name + ".rels")
	if a.parts[file] == nil {
		return nil, nil
	}
	part, err := a.openXML(file, mostPartBytes)
	if err != nil {
		return nil, err
	}
	defer part.close()
	err = part.each(func(e xml.StartElement) error {
		if e.Name.Local != "Relationship" || strings.EqualFold(attr(e, "TargetMode"), "External") {
			return nil
		}
		if len(list) == 10*mostParts {
			return oversized("too many relations")
		}
		target := attr(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = dir + target
		}
		list = append(list, relation{attr(e, "Id"), path.Base(attr(e, "Type")), partName(target)})
		return nil
	})
	return list, err
}

func truth(text string) bool { return text == "1" || text == "true" || text == "on" }

// sharedStrings are the texts that cells refer to by number, in one piece: a
// string header each would take more than many of the texts.
type sharedStrings struct {
	text []byte
	ends []uint32
}

func (s *sharedStrings) at(i int) (string, bool) {
	if i < 0 || i >= len(s.ends) {
		return "", false
	}
	from := uint32(0)
	if i > 0 {
		from = s.ends[i-1]
	}
	return string(s.text[from:s.ends[i]]), true
}

func (b *book) readStrings(name string) error {
	if b.archive.parts[name] == nil {
		return nil // whoever refers to one will miss it
	}
	part, err := b.archive.openXML(name, mostPartBytes)
	if err != nil {
		return err
	}
	defer part.close()
	return part.each(func(e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		b.strings.text, err = part.appendText(b.strings.text)
		b.strings.ends = append(b.strings.ends, uint32(len(b.strings.text)))
		return err
	})
}

// appendText reads the rest of an element that holds a text, plain or in runs of
// several fonts, and leaves out how it is pronounced.
func (p *xmlPart) appendText(to []byte) ([]byte, error) {
	outer := p.depth
	skipped, inside := 0, false
	for {
		token, err := p.next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = damaged("it ends inside a text")
			}
			return to, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			inside = t.Name.Local == "t" && skipped == 0
			if t.Name.Local == "rPh" && skipped == 0 {
				skipped = p.depth
			}
		case xml.EndElement:
			inside = false
			if p.depth < outer {
				return to, nil
			}
			if p.depth < skipped {
				skipped = 0
			}
		case xml.CharData:
			if inside {
				to = append(to, t...)
			}
		}
	}
}

// unescape takes the _xHHHH_ of spreadsheets back to the characters they stand for.
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); {
		if code, ok := escaped(text[i:]); ok {
			out.WriteRune(code)
			i += len("_xHHHH_")
			continue
		}
		out.WriteByte(text[i])
		i++
	}
	return out.String()
}

func escaped(text string) (rune, bool) {
	if len(text) < 7 || text[:2] != "_x" || text[6] != '_' {
		return 0, false
	}
	code, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(code), err == nil
}
