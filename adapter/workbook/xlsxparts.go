package workbook

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/doisoat/doisoat/reconcile"
)

// Bounds against zip bombs. A worksheet is streamed, so its size costs time
// only; the other parts are held in memory.
const (
	mostPartBytes    = 64 << 20  // workbook, styles
	mostStringsBytes = 256 << 20 // shared strings
	mostSheetBytes   = 8 << 30
	// Worksheets shrink to a tenth or a thirtieth. Beyond this ratio and size a
	// part was made to exhaust its reader.
	bombRatio = 250
	bombBytes = 256 << 20
)

// errBomb: a part unpacks to more than any real book holds.
var errBomb = errors.New("a part of it unpacks to far more than a workbook holds")

// sheetRef is a worksheet of a book.
type sheetRef struct {
	name   string
	hidden bool
	part   *zip.File
}

// book is an open workbook: what is known of it before a sheet is read.
type book struct {
	sheets   []sheetRef
	styles   []style // by cell style index
	strings  sharedStrings
	date1904 bool
}

type xmlWorkbook struct {
	Properties struct {
		Date1904 string `xml:"date1904,attr"`
	} `xml:"workbookPr"`
	Sheets []struct {
		Name  string `xml:"name,attr"`
		State string `xml:"state,attr"`
		ID    string `xml:"id,attr"`
	} `xml:"sheets>sheet"`
}

type xmlRelations struct {
	Relations []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

type xmlStyles struct {
	Formats []struct {
		ID   int    `xml:"numFmtId,attr"`
		Code string `xml:"formatCode,attr"`
	} `xml:"numFmts>numFmt"`
	Cells []struct {
		Format int `xml:"numFmtId,attr"`
	} `xml:"cellXfs>xf"`
}

// openBook reads the parts that describe the sheets. The format is read here
// rather than by excelize, whose streaming Rows tell neither a cell's type nor
// its style, and end without an error where the zip or the XML is cut short.
func openBook(in io.ReaderAt, size int64) (*book, error) {
	archive, err := zip.NewReader(in, size)
	if err != nil {
		return nil, err
	}
	parts := map[string]*zip.File{}
	for _, part := range archive.File {
		parts[partName(part.Name)] = part
	}
	root := "xl/workbook.xml"
	for _, rel := range relations(parts, "") {
		if strings.HasSuffix(rel.Type, "/officeDocument") {
			root = partName(rel.Target)
		}
	}
	if strings.HasSuffix(root, ".bin") {
		return nil, errors.New("it is a binary workbook (.xlsb)")
	}
	if _, ok := parts[root]; !ok {
		return nil, errors.New("it is a zip file, but holds no workbook")
	}
	var wb xmlWorkbook
	if err := decodePart(parts[root], &wb); err != nil {
		return nil, err
	}
	b := &book{date1904: truth(wb.Properties.Date1904)}
	targets, kinds := map[string]string{}, map[string]string{}
	for _, rel := range relations(parts, root) {
		target := partName(path.Join(path.Dir("/"+root), rel.Target))
		if strings.HasPrefix(rel.Target, "/") {
			target = partName(rel.Target)
		}
		kind := path.Base(rel.Type)
		targets[rel.ID], kinds[rel.ID] = target, kind
		part, ok := parts[target]
		switch {
		case !ok:
			// named but missing: matters only if a sheet needs it
		case kind == "styles":
			if b.styles, err = readStyles(part); err != nil {
				return nil, err
			}
		case kind == "sharedStrings":
			if b.strings, err = readStrings(part); err != nil {
				return nil, err
			}
		}
	}
	for _, s := range wb.Sheets {
		if kind := kinds[s.ID]; kind != "" && kind != "worksheet" {
			continue // a chart or dialogue sheet has no rows
		}
		part, ok := parts[targets[s.ID]]
		if !ok {
			return nil, fmt.Errorf("its sheet %q is missing from the file", s.Name)
		}
		b.sheets = append(b.sheets, sheetRef{s.Name, s.State != "" && s.State != "visible", part})
	}
	return b, nil
}

// partName is the form in which parts are looked up: some programs write
// backslashes, a leading slash, or other capitals.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

// relations reads the relations of a part; a missing or damaged list is an
// empty one, and what it should have named is then missed by its user.
func relations(parts map[string]*zip.File, of string) (list []struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}) {
	dir, name := path.Split(of)
	part, ok := parts[partName(dir+"_rels/"+name+".rels")]
	if !ok {
		return nil
	}
	var rels xmlRelations
	if decodePart(part, &rels) != nil {
		return nil
	}
	return rels.Relations
}

func truth(text string) bool { return text == "1" || text == "true" || text == "on" }

func readStyles(part *zip.File) ([]style, error) {
	var x xmlStyles
	if err := decodePart(part, &x); err != nil {
		return nil, err
	}
	own := map[int]style{}
	for _, f := range x.Formats {
		own[f.ID] = styleOf(f.Code)
	}
	styles := make([]style, len(x.Cells))
	for i, c := range x.Cells {
		s, ok := own[c.Format]
		if !ok {
			s = builtInStyle(c.Format)
		}
		styles[i] = s
	}
	return styles, nil
}

func decodePart(part *zip.File, into any) error {
	in, err := openPart(part, mostPartBytes)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := xml.NewDecoder(in).Decode(into); err != nil {
		return fmt.Errorf("its part %s cannot be read: %w", part.Name, err)
	}
	_, err = io.Copy(io.Discard, in) // the checksum is compared at the end
	return err
}

// partReader reads one part, bounded, as UTF-8.
type partReader struct {
	io.Reader
	io.Closer
}

func openPart(part *zip.File, most int64) (*partReader, error) {
	packed, size := part.CompressedSize64, part.UncompressedSize64
	if size > uint64(most) || size > bombBytes && size/bombRatio > packed {
		return nil, errBomb
	}
	if part.Flags&1 != 0 {
		return nil, errors.New("it is protected by a password")
	}
	in, err := part.Open()
	if err != nil {
		return nil, err
	}
	buffered := bufio.NewReaderSize(&bounded{in, most}, 64<<10)
	var text io.Reader = buffered
	if mark, _ := buffered.Peek(2); string(mark) == bomLE {
		_, _ = buffered.Discard(2)
		text = decoding(buffered, encLE)
	} else if string(mark) == bomBE {
		_, _ = buffered.Discard(2)
		text = decoding(buffered, encBE)
	}
	return &partReader{text, in}, nil
}

// bounded fails once more than left bytes were read, whatever the zip's
// directory promised.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, errBomb
	}
	return n, err
}

// bookFault turns an error of the zip or XML into a sentence with a remedy.
func bookFault(show string, err error) error {
	if _, ok := errors.AsType[*fault](err); ok {
		return err
	}
	switch {
	case errors.Is(err, zip.ErrFormat), errors.Is(err, zip.ErrChecksum), errors.Is(err, io.ErrUnexpectedEOF):
		return faultf(reconcile.CauseDecode, "%s is damaged or cut short (%v); copy or save it again", show, err)
	}
	return faultf(reconcile.CauseDecode, "%s cannot be read as an Excel workbook: %v; open it in Excel and save it as .xlsx", show, err)
}
