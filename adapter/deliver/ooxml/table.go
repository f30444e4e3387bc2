package ooxml

import (
	"fmt"
	"strings"
)

// Table is a table being written, row by row.
type Table struct {
	d *Document
	f TableFormat
}

// Table begins a table. Close it before anything else is written.
func (d *Document) Table(f TableFormat) *Table {
	if d.afterTable {
		d.gap()
	}
	if f.Padding == 0 {
		f.Padding = 1.2
	}
	total := 0.0
	for _, width := range f.Widths {
		total += width
	}
	fmt.Fprintf(d.w, `<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/>`, twips(total))
	if !f.Borders {
		d.w.put(`<w:jc w:val="center"/>`)
	} else {
		d.w.put(`<w:tblBorders>`)
		for _, side := range []string{"top", "left", "bottom", "right", "insideH", "insideV"} {
			d.w.put(`<w:` + side + ` w:val="single" w:sz="4" w:space="0" w:color="000000"/>`)
		}
		d.w.put(`</w:tblBorders>`)
	}
	fmt.Fprintf(d.w, `<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="%d" w:type="dxa"/><w:right w:w="%d" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>`,
		twips(f.Padding), twips(f.Padding))
	for _, width := range f.Widths {
		fmt.Fprintf(d.w, `<w:gridCol w:w="%d"/>`, twips(width))
	}
	d.w.put(`</w:tblGrid>`)
	return &Table{d, f}
}

// Header writes a row that is repeated on every page; such rows come first.
func (t *Table) Header(cells ...Cell) { t.row(`<w:cantSplit/><w:tblHeader/>`, cells) }

// Row writes a row. It is never split between pages.
func (t *Table) Row(cells ...Cell) { t.row(`<w:cantSplit/>`, cells) }

// Close ends the table.
func (t *Table) Close() {
	t.d.w.put(`</w:tbl>`)
	t.d.afterTable = true
}

func (t *Table) row(properties string, cells []Cell) {
	w := t.d.w
	w.put(`<w:tr><w:trPr>` + properties + `</w:trPr>`)
	column := 0
	for i := range cells {
		c := &cells[i]
		span := max(c.Span, 1)
		if column+span > len(t.f.Widths) {
			if t.d.err == nil {
				t.d.err = fmt.Errorf("a row has more cells than the table's %d columns", len(t.f.Widths))
			}
			break
		}
		width := 0.0
		for _, one := range t.f.Widths[column : column+span] {
			width += one
		}
		column += span
		fmt.Fprintf(w, `<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>`, twips(width))
		if span > 1 {
			fmt.Fprintf(w, `<w:gridSpan w:val="%d"/>`, span)
		}
		switch c.Merge {
		case MergeDown:
			w.put(`<w:vMerge w:val="restart"/>`)
		case MergedUp:
			w.put(`<w:vMerge/>`)
		}
		if c.Shade != "" {
			w.put(`<w:shd w:val="clear" w:color="auto" w:fill="` + strings.ToUpper(c.Shade) + `"/>`)
		}
		if !c.Top {
			w.put(`<w:vAlign w:val="center"/>`)
		}
		w.put(`</w:tcPr>`)
		if len(c.Body) == 0 {
			t.paragraph(c.Format, Plain(c.Text))
		}
		for _, p := range c.Body {
			t.paragraph(p.Format, p.Spans)
		}
		w.put(`</w:tc>`)
	}
	w.put(`</w:tr>`)
}

func (t *Table) paragraph(f Format, spans []Span) {
	if f.Size == 0 {
		f.Size = t.f.Size
	}
	if t.f.Borders && f.Before == 0 && f.After == 0 {
		f.Before, f.After = 1.5, 1.5 // off the lines
	}
	writeParagraph(t.d.w, f, spans)
}
