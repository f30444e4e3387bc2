package report

import (
	"io"
	"slices"
	"strings"

	"github.com/doisoat/doisoat/adapter/deliver/pdf"
	"github.com/doisoat/doisoat/reconcile"
)

var (
	pdfPortrait  = pdf.Page{Top: 20, Bottom: 18, Left: 30, Right: 15}
	pdfLandscape = pdf.Page{Landscape: true, Top: 18, Bottom: 16, Left: 20, Right: 15}
)

// WritePDF writes the report as PDF.
func WritePDF(w io.Writer, r *Report) error {
	if err := r.check(); err != nil {
		return err
	}
	created := r.Day
	if created.IsZero() {
		created = r.AsOf
	}
	d := pdf.New(pdf.Options{
		Title: title + ", " + r.period(), Created: created.In(r.Zone), Page: pdfPortrait,
		Header: "Báo cáo tình hình, kết quả giải quyết thủ tục hành chính - " + r.period(), Footer: r.Centre,
	})
	r.pdfHead(d)
	heading := pdf.Format{Bold: true, Size: 11, Before: 10, After: 2, KeepNext: true}
	for _, part := range []struct {
		head    string
		account reconcile.Account
	}{{headFirst, reconcile.AccountReported}, {headSecond, reconcile.AccountVerified}, {headThird, reconcile.AccountDifference}} {
		d.Paragraph(heading, part.head)
		d.Paragraph(pdf.Format{Align: pdf.Right, Size: 8.5, After: 1, KeepNext: true}, unit)
		pdfGrid(d, r.countsGrid(part.account), 9)
	}
	d.Paragraph(heading, headWords)
	for _, sentence := range r.sentences() {
		d.Paragraph(pdf.Format{FirstLine: 10, After: 4}, sentence)
	}
	d.Paragraph(heading, headFresh)
	pdfGrid(d, r.sourcesGrid(), 9)
	r.pdfSignature(d)
	for i, account := range []reconcile.Account{reconcile.AccountReported, reconcile.AccountVerified} {
		if i == 0 {
			d.Section(pdfLandscape)
		} else {
			d.Break()
		}
		d.Paragraph(pdf.Format{Bold: true, Size: 10}, formName)
		d.Paragraph(pdf.Format{Align: pdf.Center, Bold: true, Size: 11.5, Before: 4}, formTitle)
		d.Paragraph(pdf.Format{Align: pdf.Center, Bold: true, Size: 10.5}, r.period()+" - "+accountName(account))
		d.Paragraph(pdf.Format{Align: pdf.Center, Size: 9.5}, r.days())
		d.Paragraph(pdf.Format{Align: pdf.Right, Size: 8.5, After: 1, KeepNext: true}, unit)
		pdfGrid(d, r.formGrid(account), 8)
	}
	if err := r.pdfAnnex(d); err != nil {
		return err
	}
	return d.Write(w)
}

func (r *Report) pdfHead(d *pdf.Document) {
	center := pdf.Format{Align: pdf.Center, Size: 10}
	strong := pdf.Format{Align: pdf.Center, Size: 10, Bold: true}
	lined, numbered := strong, center
	lined.LineUnder, numbered.Before = 24, 4
	var left []pdf.Paragraph
	if r.Parent != "" {
		left = append(left, pdf.Paragraph{Format: center, Text: strings.ToUpper(r.Parent)})
	}
	left = append(left, pdf.Paragraph{Format: lined, Text: strings.ToUpper(r.Centre)}, pdf.Paragraph{Format: numbered, Text: r.number()})
	width := d.Page().Width()
	d.Columns([]float64{width * 0.45, width * 0.55}, left, []pdf.Paragraph{
		{Format: strong, Text: nation},
		{Format: pdf.Format{Align: pdf.Center, Size: 10.5, Bold: true, LineUnder: 52}, Text: motto},
		{Format: numbered, Text: r.longDate()},
	})
	d.Paragraph(pdf.Format{Align: pdf.Center, Bold: true, Size: 12.5, Before: 12}, title)
	d.Paragraph(pdf.Format{Align: pdf.Center, Bold: true, Size: 11.5}, r.period())
	d.Paragraph(pdf.Format{Align: pdf.Center, Size: 9.5, After: 4}, r.days())
	for _, warning := range r.warnings() {
		d.Paragraph(pdf.Format{Bold: true, Size: 10, After: 3}, warning)
	}
}

func (r *Report) pdfSignature(d *pdf.Document) {
	strong := pdf.Format{Align: pdf.Center, Bold: true}
	name := strong
	name.Before = 62
	width := d.Page().Width()
	d.Space(12)
	d.Columns([]float64{width * 0.5, width * 0.5}, []pdf.Paragraph{
		{Format: pdf.Format{Size: 9, Bold: true}, Text: "Nơi nhận:"},
		{Format: pdf.Format{Size: 9}, Text: "- ……………………;\n- Lưu: VT."},
	}, []pdf.Paragraph{
		{Format: strong, Text: strings.ToUpper(r.Signer.Title)},
		{Format: name, Text: r.Signer.Name},
	})
}

func (r *Report) pdfAnnex(d *pdf.Document) error {
	d.Break()
	d.Paragraph(pdf.Format{Align: pdf.Center, Bold: true, Size: 12}, annexTitle)
	d.Paragraph(pdf.Format{Align: pdf.Center, Size: 10, After: 6}, r.period())
	g := annexGrid()
	var t *pdf.Table
	row, n := "", 0
	for diff, err := range r.differences() {
		if err != nil {
			return err
		}
		if t == nil {
			t = pdfTable(d, g, 8)
		}
		if n == 0 || diff.Row != row {
			row = diff.Row
			t.Row(pdf.Cell{Text: row, Span: len(g.widths), Bold: true})
		}
		n++
		number, _ := shown(n)
		text := func(s string) pdf.Cell { return pdf.Cell{Text: s, Top: true} }
		t.Row(pdf.Cell{Text: number, Top: true, Align: pdf.Center},
			text(diff.Code), text(diff.Reported), text(diff.Verified), text(effectText(diff.Effect)), text(diff.Reason))
	}
	if t == nil {
		d.Paragraph(pdf.Format{}, noAnnex)
		return nil
	}
	t.Close()
	return nil
}

func pdfTable(d *pdf.Document, g *grid, size float64) *pdf.Table {
	f := pdf.TableFormat{Widths: g.widths, Size: size}
	for _, line := range g.head {
		var cells []pdf.Cell
		for _, c := range line {
			cells = append(cells, pdf.Cell{Text: c.text, Span: c.cols, Rows: c.rows, Below: c.below, Align: pdf.Center, Bold: true, Shade: true})
		}
		f.Header = append(f.Header, cells)
	}
	return d.Table(f)
}

func pdfGrid(d *pdf.Document, g *grid, size float64) {
	t := pdfTable(d, g, size)
	for i, row := range g.rows {
		last := g.total && i == len(g.rows)-1
		var cells []pdf.Cell
		for column, v := range row {
			text, number := shown(v)
			cell := pdf.Cell{Text: text, Bold: last}
			switch {
			case slices.Contains(g.center, column):
				cell.Align = pdf.Center
			case number:
				cell.Align = pdf.Right
			}
			cells = append(cells, cell)
		}
		t.Row(cells...)
	}
	t.Close()
}
