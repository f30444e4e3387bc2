package ooxml

import (
	"fmt"
	"io"
	"math"
	"strconv"
)

// Options are what holds for a whole document.
type Options struct {
	Title string
	Page  Page
	Font  string  // Times New Roman if empty
	Size  float64 // of the text, points; 13 if zero
	// Footer stands at every page's foot, before "Trang X/Y".
	Footer string
	// Unnumbered leaves "Trang X/Y" out: each page is a paper of its own.
	Unnumbered bool
}

// Document is being written from its beginning to its end; nothing of it is kept in
// memory. The first error stays and is told by Close.
type Document struct {
	pack *packer
	w    *writer
	page Page
	size float64
	err  error
	// afterTable: Word joins two tables with nothing between them.
	afterTable bool
}

const (
	xmlHead  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	xmlWord  = `xmlns:w="` + wordNamespace + `" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	relsHead = xmlHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	relType  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// Create begins a document.
func Create(w io.Writer, o Options) *Document {
	if o.Font == "" {
		o.Font = "Times New Roman"
	}
	if o.Size == 0 {
		o.Size = 13
	}
	d := &Document{pack: newPacker(w), page: o.Page, size: o.Size}
	for _, p := range []part{
		{contentTypesPart, []byte(partTypes)},
		{"_rels/.rels", []byte(packageRels)},
		{"docProps/core.xml", coreProperties(o.Title)},
		{"word/_rels/document.xml.rels", []byte(documentRels)},
		{"word/settings.xml", []byte(settings)},
		{"word/styles.xml", styles(o)},
		{"word/footer1.xml", footer(o)},
	} {
		if d.err == nil {
			d.err = d.pack.write(p.name, p.data)
		}
	}
	if d.err != nil {
		d.w = newWriter(io.Discard)
		return d
	}
	body, err := d.pack.begin("word/document.xml")
	if err != nil {
		d.err, body = err, io.Discard
	}
	d.w = newWriter(body)
	d.w.put(xmlHead + `<w:document ` + xmlWord + `><w:body>`)
	return d
}

// Close ends the document and tells the first error of all that was written.
func (d *Document) Close() error {
	if d.afterTable {
		d.gap()
	}
	d.writePage()
	d.w.put(`</w:body></w:document>`)
	if err := d.w.Flush(); d.err == nil {
		d.err = err
	}
	if err := d.pack.close(); d.err == nil {
		d.err = err
	}
	if d.err != nil {
		return fmt.Errorf("write document: %w", d.err)
	}
	return nil
}

// Text writes a paragraph that looks the same throughout.
func (d *Document) Text(f Format, text string) { d.Paragraph(f, Span{Text: text}) }

// Paragraph writes a paragraph.
func (d *Document) Paragraph(f Format, spans ...Span) {
	d.afterTable = false
	writeParagraph(d.w, f, spans)
}

// Section ends the pages there are and begins new ones, which look otherwise.
func (d *Document) Section(next Page) {
	d.w.put(`<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>`)
	d.writePage()
	d.w.put(`</w:pPr></w:p>`)
	d.page, d.afterTable = next, false
}

// Page is the page that is being written on.
func (d *Document) Page() Page { return d.page }

func (d *Document) writePage() {
	width, height, orient := 11906, 16838, ""
	if d.page.Landscape {
		width, height, orient = height, width, ` w:orient="landscape"`
	}
	fmt.Fprintf(d.w, `<w:sectPr><w:footerReference w:type="default" r:id="rId3"/><w:pgSz w:w="%d" w:h="%d"%s/>`+
		`<w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>`,
		width, height, orient, twips(d.page.Top), twips(d.page.Right), twips(d.page.Bottom), twips(d.page.Left))
}

// gap is the smallest paragraph there can be.
func (d *Document) gap() {
	d.w.put(`<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/></w:pPr></w:p>`)
	d.afterTable = false
}

// twips are twentieths of a point.
func twips(mm float64) int { return int(math.Round(mm * 1440 / 25.4)) }

func half(points float64) string { return strconv.Itoa(int(math.Round(points * 2))) }

func writeParagraph(w *writer, f Format, spans []Span) {
	w.put(`<w:p><w:pPr>`)
	if f.Heading > 0 {
		fmt.Fprintf(w, `<w:pStyle w:val="Heading%d"/>`, f.Heading)
	}
	if f.KeepNext {
		w.put(`<w:keepNext/>`)
	}
	if f.PageBreakBefore {
		w.put(`<w:pageBreakBefore/>`)
	}
	if f.LineUnder {
		w.put(`<w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" w:color="000000"/></w:pBdr>`)
	}
	if len(f.DotsTo) > 0 {
		w.put(`<w:tabs>`)
		for _, to := range f.DotsTo {
			fmt.Fprintf(w, `<w:tab w:val="right" w:leader="dot" w:pos="%d"/>`, twips(to))
		}
		w.put(`</w:tabs>`)
	}
	exact := ""
	if f.LineUnder {
		exact = ` w:line="40" w:lineRule="exact"`
	}
	fmt.Fprintf(w, `<w:spacing w:before="%d" w:after="%d"%s/>`, int(f.Before*20), int(f.After*20), exact)
	switch {
	case f.LineUnder:
		fmt.Fprintf(w, `<w:ind w:left="%d" w:right="%d"/>`, twips(f.Indent), twips(f.Indent))
	case f.FirstLine != 0 || f.Indent != 0:
		fmt.Fprintf(w, `<w:ind w:left="%d" w:firstLine="%d"/>`, twips(f.Indent), twips(f.FirstLine))
	}
	if f.Align != Left {
		fmt.Fprintf(w, `<w:jc w:val="%s"/>`, f.Align)
	}
	w.put(`</w:pPr>`)
	for _, s := range spans {
		writeSpan(w, f, s)
	}
	w.put(`</w:p>`)
}

func writeSpan(w *writer, f Format, s Span) {
	if s.Text == "" {
		return
	}
	w.put(`<w:r>`)
	bold, italic, size := f.Bold || s.Bold, f.Italic || s.Italic, f.Size
	if s.Size != 0 {
		size = s.Size
	}
	if bold || italic || size != 0 {
		w.put(`<w:rPr>`)
		if bold {
			w.put(`<w:b/>`)
		}
		if italic {
			w.put(`<w:i/>`)
		}
		if size != 0 {
			w.put(`<w:sz w:val="` + half(size) + `"/><w:szCs w:val="` + half(size) + `"/>`)
		}
		w.put(`</w:rPr>`)
	}
	w.put(`<w:t xml:space="preserve">`)
	writeValue(w, s.Text, "w:")
	w.put(`</w:t></w:r>`)
}
