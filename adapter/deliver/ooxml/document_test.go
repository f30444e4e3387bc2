package ooxml

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func built(t *testing.T, o Options, write func(*Document)) (document string, data []byte) {
	t.Helper()
	var b bytes.Buffer
	d := Create(&b, o)
	write(d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	parts, err := Parts(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for name, part := range parts {
		wellFormed(t, string(part))
		if len(part) == 0 {
			t.Errorf("%s is empty", name)
		}
	}
	return string(parts["word/document.xml"]), b.Bytes()
}

func TestParagraphsAndTables(t *testing.T) {
	document, _ := built(t, Options{Page: Page{Top: 20, Bottom: 20, Left: 30, Right: 15}}, func(d *Document) {
		d.Paragraph(Format{Align: Center, Heading: 1, KeepNext: true}, Span{Text: "Tiêu đề", Bold: true, Size: 14}, Span{Text: ""})
		table := d.Table(TableFormat{Widths: []float64{25.4, 50.8, 25.4}, Borders: true})
		table.Header(Cell{Text: "a", Merge: MergeDown}, Cell{Text: "b", Span: 2, Shade: "e8ecf0"})
		table.Header(Cell{Merge: MergedUp}, Cell{Text: "c"}, Cell{Text: "d"})
		table.Row(Cell{Text: "1 < 2"}, Cell{Body: []Paragraph{{Spans: Plain("x")}, {Spans: Plain("y")}}}, Cell{Top: true})
		table.Close()
		d.Section(Page{Landscape: true, Top: 20, Bottom: 15, Left: 20, Right: 15})
		if got := d.Page().Width(); got != 262 {
			t.Errorf("width %v", got)
		}
		d.Table(TableFormat{Widths: []float64{10}}).Close()
		d.Table(TableFormat{Widths: []float64{10}}).Close()
	})
	for _, want := range []string{
		`<w:pStyle w:val="Heading1"/><w:keepNext/>`, `<w:jc w:val="center"/>`,
		`<w:b/><w:sz w:val="28"/><w:szCs w:val="28"/></w:rPr><w:t xml:space="preserve">Tiêu đề</w:t>`,
		`<w:gridCol w:w="1440"/><w:gridCol w:w="2880"/><w:gridCol w:w="1440"/>`,
		`<w:vMerge w:val="restart"/>`, `<w:tcW w:w="4320" w:type="dxa"/><w:gridSpan w:val="2"/>`, `w:fill="E8ECF0"`, `<w:vMerge/>`,
		`1 &lt; 2`, `<w:pgSz w:w="11906" w:h="16838"/>`, `<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/>`,
	} {
		if !strings.Contains(document, want) {
			t.Errorf("lacks %s", want)
		}
	}
	if got := strings.Count(document, "<w:tblHeader/>"); got != 2 {
		t.Errorf("%d rows are repeated, want 2", got)
	}
	if got, want := strings.Count(document, "<w:cantSplit/>"), strings.Count(document, "<w:tr>"); got != want {
		t.Errorf("%d of %d rows may not be split", got, want)
	}
	if strings.Contains(document, "</w:tbl><w:tbl>") || strings.Contains(document, "</w:tbl><w:sectPr>") {
		t.Error("a table follows on a table, or ends the document")
	}
}

func TestPagesAreNumberedUnlessEachIsItsOwn(t *testing.T) {
	for unnumbered, want := range map[bool]bool{false: true, true: false} {
		_, data := built(t, Options{Footer: "Quý II <2018>", Unnumbered: unnumbered}, func(*Document) {})
		parts, err := Parts(data)
		if err != nil {
			t.Fatal(err)
		}
		footer := string(parts["word/footer1.xml"])
		if got := strings.Contains(footer, "Trang ") && strings.Contains(footer, " NUMPAGES "); got != want {
			t.Errorf("unnumbered %v: %s", unnumbered, footer)
		}
		if !strings.Contains(footer, "Quý II &lt;2018&gt;") {
			t.Errorf("the footer's text is missing: %s", footer)
		}
	}
}

func TestEqualDocumentsAreEqualBytes(t *testing.T) {
	write := func(d *Document) { d.Text(Format{}, "Hương Trà") }
	_, first := built(t, Options{Title: "x"}, write)
	_, second := built(t, Options{Title: "x"}, write)
	if !bytes.Equal(first, second) {
		t.Error("they differ")
	}
}

func TestTheFirstErrorIsTold(t *testing.T) {
	d := Create(&bytes.Buffer{}, Options{})
	table := d.Table(TableFormat{Widths: []float64{10}})
	table.Row(Cell{}, Cell{})
	table.Close()
	if err := d.Close(); err == nil || !strings.Contains(err.Error(), "more cells than the table's 1 columns") {
		t.Errorf("got %v", err)
	}
	full := errors.New("no space left")
	for after := range 2 {
		d := Create(&narrow{left: after * 2500, err: full}, Options{})
		for i := range 5_000 {
			d.Text(Format{}, fmt.Sprint("line ", i*7919))
		}
		if err := d.Close(); !errors.Is(err, full) {
			t.Errorf("after %d bytes: %v", after*2500, err)
		}
	}
}

// narrow takes so many bytes and then no more.
type narrow struct {
	left int
	err  error
}

func (n *narrow) Write(b []byte) (int, error) {
	if n.left -= len(b); n.left < 0 {
		return 0, n.err
	}
	return len(b), nil
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"Đơn vị":           "Đơn vị",
		"a\r\nb\rc\td":     "a\nb\nc\td",
		"\x00a\x1bb\x7f":   "ab",
		"a\u202Eb\u2066c":  "abc",
		"\uFEFFa\uFFFE":    "a",
		"a\xffb":           "a\uFFFDb",
		"plain = text + 1": "plain = text + 1",
	} {
		if diff := cmp.Diff(want, Clean(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}
