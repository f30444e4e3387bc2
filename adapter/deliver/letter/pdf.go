package letter

import (
	"fmt"
	"io"
	"strings"

	"github.com/doisoat/doisoat/adapter/deliver/pdf"
)

var (
	portrait  = pdf.Page{Top: 20, Bottom: 18, Left: 30, Right: 15}
	landscape = pdf.Page{Landscape: true, Top: 18, Bottom: 16, Left: 20, Right: 15}
)

// WritePDF writes the letter as PDF, in the shipped wording. ErrNothing is told of a
// letter without items.
func WritePDF(w io.Writer, l *Letter) error {
	if err := l.check(); err != nil {
		return err
	}
	d := pdf.New(pdf.Options{
		Title:   "Phiếu đôn đốc " + strings.TrimSpace(l.number()) + " - " + l.To,
		Created: l.Day.In(l.Zone),
		Page:    portrait,
		Header:  "Phiếu đôn đốc số " + strings.TrimSpace(l.number()) + " ngày " + l.date(l.Day) + " - " + l.To,
		Footer:  l.Centre,
	})
	l.pdfHead(d)
	l.pdfBody(d)
	l.pdfSignature(d)
	l.pdfAnnex(d)
	if err := d.Write(w); err != nil {
		return fmt.Errorf("letter to %s: %w", l.To, err)
	}
	return nil
}

func (l *Letter) pdfHead(d *pdf.Document) {
	center := pdf.Format{Align: pdf.Center, Size: 10}
	strong := pdf.Format{Align: pdf.Center, Size: 10, Bold: true}
	lined := strong
	lined.LineUnder = 24
	if l.Number == "" {
		d.Paragraph(pdf.Format{Align: pdf.Right, Bold: true, Size: 12, After: 4}, draft)
	}
	var left []pdf.Paragraph
	if l.Parent != "" {
		left = append(left, pdf.Paragraph{Format: center, Text: strings.ToUpper(l.Parent)})
	}
	numbered := center
	numbered.Before = 4
	left = append(left,
		pdf.Paragraph{Format: lined, Text: strings.ToUpper(l.Centre)},
		pdf.Paragraph{Format: numbered, Text: "Số: " + strings.ReplaceAll(l.number(), "     ", "…………")})
	mottoFormat := pdf.Format{Align: pdf.Center, Size: 10.5, Bold: true, LineUnder: 52}
	right := []pdf.Paragraph{
		{Format: strong, Text: nation},
		{Format: mottoFormat, Text: motto},
		{Format: numbered, Text: l.placeAndDate()},
	}
	width := d.Page().Width()
	d.Columns([]float64{width * 0.45, width * 0.55}, left, right)
	d.Paragraph(pdf.Format{Align: pdf.Center, Bold: true, Size: 14, Before: 14}, title)
	d.Paragraph(pdf.Format{Align: pdf.Center, Bold: true, Size: 11}, fmt.Sprintf("(Lần %d)", max(l.Times, 1)))
	d.Paragraph(pdf.Format{Align: pdf.Center, Bold: true, Size: 11, LineUnder: 40, After: 12}, subject)
	d.Paragraph(pdf.Format{Align: pdf.Center, Size: 11.5, After: 8}, "Kính gửi: "+l.To)
}

func (l *Letter) placeAndDate() string {
	place := l.Place
	if place == "" {
		place = "…………"
	}
	return place + ", " + longDate(l.Day.In(l.Zone))
}

// counted are the sentences of what there is, in the order of the annex.
func (l *Letter) counted() []string {
	g := l.groups()
	var lines []string
	if n := len(g.falseOverdue); n > 0 {
		lines = append(lines, fmt.Sprintf("- %d mục hệ thống báo quá hạn không đúng, thực tế trong hạn (danh sách A): là số liệu của hệ thống cần chỉnh cho đúng, không tính là phòng giải quyết chậm;", n))
	}
	if n := len(g.hidden); n > 0 {
		lines = append(lines, fmt.Sprintf("- %d mục thực tế quá hạn, hệ thống chưa thể hiện (danh sách B);", n))
	}
	if n := len(g.other); n > 0 {
		lines = append(lines, fmt.Sprintf("- %d mục sai lệch khác (danh sách C);", n))
	}
	last := len(lines) - 1
	lines[last] = strings.TrimSuffix(lines[last], ";") + "."
	return lines
}

func (l *Letter) pdfBody(d *pdf.Document) {
	body := pdf.Format{FirstLine: 10, After: 5}
	d.Paragraph(body, l.opening())
	for _, line := range l.counted() {
		d.Paragraph(body, line)
	}
	d.Paragraph(body, "Đề nghị "+l.To+":")
	d.Paragraph(body, askCheck)
	g := l.groups()
	if len(g.hidden)+len(g.other) > 0 {
		d.Paragraph(body, askApology)
	}
	strong := body
	strong.Bold = true
	d.Paragraph(strong, fmt.Sprintf("- Trả lời %s trước %s: kết quả xử lý, hoặc lý do chưa xử lý được của từng hồ sơ.", l.Centre, l.hour(l.AnswerBy)))
	d.Paragraph(body, fmt.Sprintf(askQuestion, l.Centre))
}

func (l *Letter) pdfSignature(d *pdf.Document) {
	var left []pdf.Paragraph
	for i, line := range strings.Split(receivers, "\n") {
		left = append(left, pdf.Paragraph{Format: pdf.Format{Size: 9, Bold: i == 0}, Text: line})
	}
	strong := pdf.Format{Align: pdf.Center, Bold: true}
	name := strong
	name.Before = 62
	width := d.Page().Width()
	d.Space(8)
	d.Columns([]float64{width * 0.5, width * 0.5}, left, []pdf.Paragraph{
		{Format: strong, Text: strings.ToUpper(l.Signer.Title)},
		{Format: name, Text: l.Signer.Name},
	})
}

func (l *Letter) pdfAnnex(d *pdf.Document) {
	d.Section(landscape)
	d.Paragraph(pdf.Format{Align: pdf.Center, Bold: true, Size: 13}, annexTitle)
	d.Paragraph(pdf.Format{Align: pdf.Center, Size: 10}, fmt.Sprintf("(Kèm theo Phiếu đôn đốc số %s ngày %s của %s; tình trạng tính đến %s)",
		strings.ReplaceAll(l.number(), "     ", "…………"), l.date(l.Day), l.Centre, l.hour(l.AsOf)))
	g := l.groups()
	for _, part := range []struct {
		items      []*Item
		head, text string
	}{{g.falseOverdue, headFalse, textFalse}, {g.hidden, headHidden, textHidden}, {g.other, headOther, ""}} {
		if len(part.items) == 0 {
			continue
		}
		d.Paragraph(pdf.Format{Bold: true, Size: 11, Before: 10, After: 2, KeepNext: true}, part.head)
		if part.text != "" {
			d.Paragraph(pdf.Format{Size: 10, After: 4, KeepNext: true}, part.text)
		}
		l.pdfTable(d, part.items)
	}
}

func (l *Letter) pdfTable(d *pdf.Document, items []*Item) {
	f := pdf.TableFormat{Size: 8, Header: [][]pdf.Cell{nil}}
	for _, c := range columns {
		f.Widths = append(f.Widths, c.width)
		f.Header[0] = append(f.Header[0], pdf.Cell{Text: c.label, Align: pdf.Center, Bold: true, Shade: true})
	}
	t := d.Table(f)
	row := make([]pdf.Cell, len(columns))
	for i, item := range items {
		fields := l.fields(i+1, item)
		for n, c := range columns {
			row[n] = pdf.Cell{Text: fields[c.field], Top: true}
			if c.center {
				row[n].Align = pdf.Center
			}
		}
		t.Row(row...)
	}
	t.Close()
}
