package list

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// repacked is a workbook with some parts put in place of, or beside, its own.
func repacked(t testing.TB, file []byte, change map[string]string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(name string, from io.Reader) {
		to, err := w.Create(name)
		if err == nil {
			_, err = io.Copy(to, from)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range in.File {
		if _, changed := change[f.Name]; changed {
			continue
		}
		part, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		put(f.Name, part)
		_ = part.Close()
	}
	for name, content := range change {
		put(name, strings.NewReader(content))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const (
	sheetPart  = "xl/worksheets/sheet2.xml"
	stringPart = "xl/sharedStrings.xml"
	worksheet  = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	theEnd     = `</sheetData></worksheet>`
)

func TestHostileFiles(t *testing.T) {
	file := written(t, theList(resolved(1), missing(2)))
	laughs := `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`
	twice := repacked(t, file, map[string]string{"XL/Worksheets/Sheet2.xml": worksheet + theEnd})
	for name, tc := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":                 {nil, "the file is empty"},
		"a text":                  {[]byte("Mã hồ sơ,Ý kiến\n"), "the file is no .xlsx workbook"},
		"an old Excel file":       {append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), make([]byte, 600)...), "the file is an old .xls"},
		"an OpenDocument":         {[]byte("PK\x03\x04\x14\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x08\x00\x00\x00mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), "the file is an OpenDocument"},
		"a zip of something else": {repacked(t, emptyZip(t), map[string]string{"a.txt": "a"}), "holds no workbook"},
		"cut short":               {file[:len(file)/2], "the file is damaged"},
		"a bit turned":            {turned(t, file, sheetPart), "the file is damaged"},
		"a workbook that is none": {repacked(t, file, map[string]string{"xl/workbook.xml": "<workbook><sheets>"}), "the file is damaged"},
		"a binary workbook": {repacked(t, emptyZip(t), map[string]string{"_rels/.rels": `<Relationships><Relationship Id="a" Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>`}),
			"the file is a binary workbook"},
		"a sheet that is missing": {repacked(t, file, map[string]string{"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/none.xml"/></Relationships>`}),
			`its part "xl/worksheets/none.xml" is missing`},
		"a part twice":           {twice, "is there twice"},
		"too many parts":         {repacked(t, file, numbered(mostParts)), "the file unpacks to more"},
		"a bomb in a sheet":      {repacked(t, file, map[string]string{sheetPart: worksheet + strings.Repeat("<row/>", 10<<20) + theEnd}), "the file unpacks to more"},
		"a bomb in the texts":    {repacked(t, file, map[string]string{stringPart: "<sst>" + strings.Repeat("<si/>", 8<<20)}), "the file unpacks to more"},
		"a million laughs":       {repacked(t, file, map[string]string{stringPart: laughs + "<sst><si><t>&b;</t></si></sst>"}), "declares a document type or entities"},
		"laughs in a sheet":      {repacked(t, file, map[string]string{sheetPart: laughs + worksheet + theEnd}), "declares a document type or entities"},
		"an entity from nowhere": {repacked(t, file, map[string]string{sheetPart: worksheet + `<row><c t="str"><v>&b;</v></c></row>` + theEnd}), "the file is damaged"},
		"nested deep":            {repacked(t, file, map[string]string{sheetPart: strings.Repeat("<a>", 1000)}), "nested too deep"},
		"an endless element":     {repacked(t, file, map[string]string{sheetPart: "<worksheet " + noise(2*mostToken)}), "an element of it is longer"},
		"a row too far":          {repacked(t, file, map[string]string{sheetPart: worksheet + `<row r="1048577"/>` + theEnd}), "there is no row 1048577"},
		"a row that is none":     {repacked(t, file, map[string]string{sheetPart: worksheet + `<row r="99999999999999999999"/>` + theEnd}), "a row has no number"},
		"a column too far":       {repacked(t, file, map[string]string{sheetPart: worksheet + `<row><c r="XFE1"/></row>` + theEnd}), "a cell stands in no column"},
		"too many cells":         {repacked(t, file, map[string]string{sheetPart: worksheet + `<row>` + strings.Repeat(`<c r="A1" t="str"><v>1</v></c>`, mostColumn+1) + `</row>` + theEnd}), "a row has too many cells"},
		"ending in a cell":       {repacked(t, file, map[string]string{sheetPart: worksheet + `<row><c>`}), "the file is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			used := peak(t, func() error {
				_, err = Read(bytes.NewReader(tc.file), int64(len(tc.file)), zone)
				return nil
			})
			fault, ok := errors.AsType[*Fault](err)
			if !ok || !strings.Contains(fault.En[0], tc.want) || len(fault.Vi) != len(fault.En) || fault.Vi[0] == "" {
				t.Errorf("Read says %v, want a Fault with %q", err, tc.want)
			}
			if used > 100 {
				t.Errorf("refusing it took %.0f MB", used)
			}
		})
	}
}

// TestLongListsAreNoBombs holds the bounds of reading against what is written:
// a list of 100,000 rows on one sheet passes them.
func TestLongListsAreNoBombs(t *testing.T) {
	l := theList()
	l.Items = many(2000)
	file := written(t, l)
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if f.Name != sheetPart {
			continue
		}
		if long := f.UncompressedSize64 / 2000 * 100_000; long > mostSheetBytes {
			t.Errorf("a sheet of 100,000 rows has %d bytes, and no more than %d are read", long, mostSheetBytes)
		}
		if ratio := f.UncompressedSize64 / f.CompressedSize64; ratio > bombRatio/5 {
			t.Errorf("a sheet packs %d to 1: that is too near to what counts as a bomb", ratio)
		}
	}
	if got := len(readBack(t, file).Rows); got != 2000 {
		t.Errorf("%d rows come back, want 2000", got)
	}
}

// TestWhatIsLeftAlone adds what a workbook may hold and nobody here needs.
func TestWhatIsLeftAlone(t *testing.T) {
	file := repacked(t, written(t, theList(resolved(1))), map[string]string{
		"xl/vbaProject.bin":                  "no macro is ever read",
		"xl/externalLinks/externalLink1.xml": "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>",
		"../../etc/passwd":                   "nor is anything written",
		"xl/media/huge.png":                  strings.Repeat("\x00", 64<<20),
	})
	if rows := readBack(t, file).Rows; len(rows) != 1 {
		t.Errorf("%d rows, want one", len(rows))
	}
}

// TestSparseSheets holds cells at the far ends of sheets, which a reader that fills
// the gaps pays for.
func TestSparseSheets(t *testing.T) {
	var rows strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&rows, `<row r="%d"><c r="XFD%[1]d" t="str"><v>x</v></c></row>`, mostRow-5000+i)
	}
	file := repacked(t, written(t, theList(resolved(1), missing(2))), map[string]string{sheetPart: worksheet + rows.String() + theEnd})
	var answers *Answers
	used := peak(t, func() (err error) {
		answers, err = Read(bytes.NewReader(file), int64(len(file)), zone)
		return err
	})
	if answers == nil || len(answers.Rows) != 1 || used > 50 {
		t.Errorf("answers %+v took %.0f MB", answers, used)
	}
}

func TestAReadErrorIsNoFault(t *testing.T) {
	file := written(t, theList(resolved(1)))
	_, err := Read(brokenAt{bytes.NewReader(file), int64(len(file)) / 3}, int64(len(file)), zone)
	if _, fault := errors.AsType[*Fault](err); fault || !errors.Is(err, errBroken) {
		t.Errorf("Read says %v, want the reading's own error", err)
	}
	if _, err := Read(bytes.NewReader(file), int64(len(file)), nil); err == nil {
		t.Error("Read takes no zone for one")
	}
}

var errBroken = errors.New("the disk is broken")

// brokenAt fails at and after one place of a file.
type brokenAt struct {
	io.ReaderAt
	at int64
}

func (b brokenAt) ReadAt(p []byte, at int64) (int, error) {
	if at < b.at && at+int64(len(p)) > b.at || at == 0 && len(p) > 64 {
		return 0, errBroken
	}
	return b.ReaderAt.ReadAt(p, at)
}

func emptyZip(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := zip.NewWriter(&out).Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func numbered(n int) map[string]string {
	parts := map[string]string{}
	for i := range n {
		parts[fmt.Sprintf("x/%d", i)] = ""
	}
	return parts
}

// noise is text that does not pack well, so that no ratio gives it away.
func noise(n int) string {
	var out strings.Builder
	for seed := uint32(1); out.Len() < n; seed = seed*1664525 + 1013904223 {
		fmt.Fprintf(&out, "%x", seed)
	}
	return out.String()
}

// turned is a file with one bit of a part's packed bytes changed.
func turned(t testing.TB, file []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if f.Name == name {
			from, err := f.DataOffset()
			if err != nil {
				t.Fatal(err)
			}
			copied := bytes.Clone(file)
			copied[from+int64(f.CompressedSize64)/2] ^= 0x10
			return copied
		}
	}
	t.Fatalf("%s is not there", name)
	return nil
}
