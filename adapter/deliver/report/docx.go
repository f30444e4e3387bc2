package report

import (
	"io"
	"slices"
	"strings"

	"github.com/doisoat/doisoat/adapter/deliver/ooxml"
	"github.com/doisoat/doisoat/reconcile"
)

var (
	docxPortrait  = ooxml.Page{Top: 20, Bottom: 20, Left: 30, Right: 15}
	docxLandscape = ooxml.Page{Landscape: true, Top: 20, Bottom: 15, Left: 20, Right: 15}
)

const shade = "E8ECF0"

// WriteDocx writes the report as a document to be edited and signed. The dossiers of
// the annex go through memory one at a time.
func WriteDocx(w io.Writer, r *Report) error {
	if err := r.check(); err != nil {
		return err
	}
	d := ooxml.Create(w, ooxml.Options{Title: title + ", " + r.period(), Page: docxPortrait, Footer: r.period()})
	r.docxHead(d)
	heading := ooxml.Format{Heading: 1, Size: 13, Before: 12, After: 4, KeepNext: true}
	for _, part := range []struct {
		head    string
		account reconcile.Account
	}{{headFirst, reconcile.AccountReported}, {headSecond, reconcile.AccountVerified}, {headThird, reconcile.AccountDifference}} {
		d.Text(heading, part.head)
		d.Text(ooxml.Format{Align: ooxml.Right, Italic: true, Size: 11, After: 3, KeepNext: true}, unit)
		docxGrid(d, r.countsGrid(part.account), 10)
	}
	d.Text(heading, headWords)
	body := ooxml.Format{Align: ooxml.Justify, FirstLine: 12.7, After: 5}
	for _, sentence := range r.sentences() {
		d.Text(body, sentence)
	}
	d.Text(heading, headFresh)
	docxGrid(d, r.sourcesGrid(), 10)
	r.docxSignature(d)
	d.Section(docxLandscape)
	r.docxForm(d)
	failed := r.docxAnnex(d)
	if err := d.Close(); failed == nil {
		failed = err
	}
	return failed
}

func (r *Report) docxHead(d *ooxml.Document) {
	center := ooxml.Format{Align: ooxml.Center, Size: 12}
	strong := ooxml.Format{Align: ooxml.Center, Size: 12, Bold: true}
	width := d.Page().Width()
	left, right := width*0.45, width*0.55
	line := func(indent float64) ooxml.Paragraph {
		return ooxml.Paragraph{Format: ooxml.Format{LineUnder: true, Indent: indent}}
	}
	var issuer []ooxml.Paragraph
	if r.Parent != "" {
		issuer = append(issuer, ooxml.Paragraph{Format: center, Spans: ooxml.Plain(strings.ToUpper(r.Parent))})
	}
	issuer = append(issuer,
		ooxml.Paragraph{Format: strong, Spans: ooxml.Plain(strings.ToUpper(r.Centre))},
		line(left/2-12),
		ooxml.Paragraph{Format: ooxml.Format{Align: ooxml.Center, Size: 12, Before: 6}, Spans: ooxml.Plain(r.number())})
	t := d.Table(ooxml.TableFormat{Widths: []float64{left, right}, Padding: 0.5})
	t.Row(ooxml.Cell{Top: true, Body: issuer}, ooxml.Cell{Top: true, Body: []ooxml.Paragraph{
		{Format: strong, Spans: ooxml.Plain(nation)},
		{Format: ooxml.Format{Align: ooxml.Center, Size: 13, Bold: true}, Spans: ooxml.Plain(motto)},
		line(right/2 - 29),
		{Format: ooxml.Format{Align: ooxml.Center, Size: 13, Italic: true, Before: 6}, Spans: ooxml.Plain(r.longDate())},
	}})
	t.Close()
	d.Text(ooxml.Format{Align: ooxml.Center, Bold: true, Size: 12.5, Before: 16}, title)
	d.Text(ooxml.Format{Align: ooxml.Center, Bold: true, Size: 13}, r.period())
	d.Text(ooxml.Format{Align: ooxml.Center, Italic: true, Size: 12, After: 6}, r.days())
	for _, warning := range r.warnings() {
		d.Text(ooxml.Format{Bold: true, Size: 12, After: 4}, warning)
	}
}

func (r *Report) docxSignature(d *ooxml.Document) {
	width := d.Page().Width()
	strong := ooxml.Format{Align: ooxml.Center, Bold: true}
	name := strong
	name.Before = 70
	d.Text(ooxml.Format{Size: 6, KeepNext: true}, "")
	t := d.Table(ooxml.TableFormat{Widths: []float64{width / 2, width / 2}})
	t.Row(
		ooxml.Cell{Top: true, Body: []ooxml.Paragraph{
			{Format: ooxml.Format{Bold: true, Italic: true, Size: 12}, Spans: ooxml.Plain("Nơi nhận:")},
			{Format: ooxml.Format{Size: 11}, Spans: ooxml.Plain("- ……………………;")},
			{Format: ooxml.Format{Size: 11}, Spans: ooxml.Plain("- Lưu: VT.")},
		}},
		ooxml.Cell{Top: true, Body: []ooxml.Paragraph{
			{Format: strong, Spans: ooxml.Plain(strings.ToUpper(r.Signer.Title))},
			{Format: name, Spans: ooxml.Plain(r.Signer.Name)},
		}},
	)
	t.Close()
}

func (r *Report) docxForm(d *ooxml.Document) {
	for i, account := range []reconcile.Account{reconcile.AccountReported, reconcile.AccountVerified} {
		d.Text(ooxml.Format{Bold: true, Size: 12, PageBreakBefore: i > 0}, formName)
		d.Text(ooxml.Format{Align: ooxml.Center, Bold: true, Size: 13, Before: 4}, formTitle)
		d.Text(ooxml.Format{Align: ooxml.Center, Bold: true, Size: 12}, r.period()+" - "+accountName(account))
		d.Text(ooxml.Format{Align: ooxml.Center, Italic: true, Size: 12}, r.days())
		d.Text(ooxml.Format{Align: ooxml.Right, Italic: true, Size: 11, After: 3, KeepNext: true}, unit)
		docxGrid(d, r.formGrid(account), 10)
	}
}

func (r *Report) docxAnnex(d *ooxml.Document) error {
	d.Text(ooxml.Format{Align: ooxml.Center, Bold: true, Size: 13, PageBreakBefore: true}, annexTitle)
	d.Text(ooxml.Format{Align: ooxml.Center, Italic: true, Size: 12, After: 6}, r.period())
	g := annexGrid()
	var t *ooxml.Table
	row, n := "", 0
	for diff, err := range r.differences() {
		if err != nil {
			return err
		}
		if t == nil {
			t = docxTable(d, g, 10)
		}
		if n == 0 || diff.Row != row {
			row = diff.Row
			t.Row(ooxml.Cell{Text: row, Span: len(g.widths), Format: ooxml.Format{Bold: true, KeepNext: true}})
		}
		n++
		text := func(s string) ooxml.Cell { return ooxml.Cell{Text: s, Top: true} }
		number, _ := shown(n)
		t.Row(ooxml.Cell{Text: number, Top: true, Format: ooxml.Format{Align: ooxml.Center}},
			text(diff.Code), text(diff.Reported), text(diff.Verified), text(effectText(diff.Effect)), text(diff.Reason))
	}
	if t == nil {
		d.Text(ooxml.Format{}, noAnnex)
		return nil
	}
	t.Close()
	return nil
}

// docxTable begins a grid's table with its heading.
func docxTable(d *ooxml.Document, g *grid, size float64) *ooxml.Table {
	t := d.Table(ooxml.TableFormat{Widths: g.widths, Borders: true, Size: size})
	tallAbove := map[int]bool{} // covered columns were begun by a tall cell
	for _, line := range g.head {
		var cells []ooxml.Cell
		column := 0
		for _, c := range line {
			cell := ooxml.Cell{Text: c.text, Span: c.cols, Shade: shade, Format: ooxml.Format{Align: ooxml.Center, Bold: true}}
			switch {
			case c.below && tallAbove[column]:
				cell.Merge = ooxml.MergedUp
			case c.rows > 1:
				cell.Merge = ooxml.MergeDown
				tallAbove[column] = true
			}
			cells = append(cells, cell)
			column += max(c.cols, 1)
		}
		t.Header(cells...)
	}
	return t
}

func docxGrid(d *ooxml.Document, g *grid, size float64) {
	t := docxTable(d, g, size)
	for i, row := range g.rows {
		last := g.total && i == len(g.rows)-1
		var cells []ooxml.Cell
		for column, v := range row {
			text, number := shown(v)
			cell := ooxml.Cell{Text: text, Format: ooxml.Format{Bold: last, KeepNext: g.keep}}
			switch {
			case slices.Contains(g.center, column):
				cell.Format.Align = ooxml.Center
			case number:
				cell.Format.Align = ooxml.Right
			}
			cells = append(cells, cell)
		}
		t.Row(cells...)
	}
	t.Close()
}

// sentences are the findings, or that there are none.
func (r *Report) sentences() []string {
	if len(r.Findings) == 0 {
		return []string{noFinding}
	}
	lines := make([]string, len(r.Findings))
	for i, f := range r.Findings {
		lines[i] = "- " + strings.TrimPrefix(f, "- ")
	}
	return lines
}

func accountName(a reconcile.Account) string {
	if a == reconcile.AccountReported {
		return "Theo hệ thống báo cáo"
	}
	return "Sau đối soát"
}
