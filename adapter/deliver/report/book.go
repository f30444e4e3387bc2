package report

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/adapter/deliver/ooxml"
)

// book is a workbook being written, sheet by sheet. The first error stays.
type book struct {
	file   *excelize.File
	styles styles
	out    *excelize.StreamWriter
	widths []float64 // of the sheet's columns, characters
	sheets int
	line   int // the next one to be written
	err    error
}

// textStyle is a style for texts, and the same with the mark that the cell holds a
// text whatever it looks like.
type textStyle struct{ plain, quoted int }

func (s textStyle) of(text string) int {
	if inert(text) {
		return s.quoted
	}
	return s.plain
}

type styles struct {
	plain, strong, wrapped, heading textStyle
	text, centred, total            textStyle // within tables
	number, delta, moment           int
	totalNumber, totalDelta         int
}

func newStyles(f *excelize.File) (s styles, err error) {
	add := func(style *excelize.Style) int {
		id, failed := f.NewStyle(style)
		if err == nil {
			err = failed
		}
		return id
	}
	texts := func(style *excelize.Style) textStyle {
		id := add(style)
		if err != nil {
			return textStyle{}
		}
		// The library has no name for the mark, so its twin is made by hand.
		twin, yes := f.Styles.CellXfs.Xf[id], true
		twin.QuotePrefix = &yes
		f.Styles.CellXfs.Xf = append(f.Styles.CellXfs.Xf, twin)
		f.Styles.CellXfs.Count = len(f.Styles.CellXfs.Xf)
		return textStyle{id, f.Styles.CellXfs.Count - 1}
	}
	font := func(bold bool, size float64) *excelize.Font {
		return &excelize.Font{Family: "Times New Roman", Size: size, Bold: bold}
	}
	var border []excelize.Border
	for _, side := range []string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: side, Color: "000000", Style: 1})
	}
	cell := func(bold bool, horizontal, format string) *excelize.Style {
		style := &excelize.Style{Font: font(bold, 11), Border: border,
			Alignment: &excelize.Alignment{Horizontal: horizontal, Vertical: "center", WrapText: true}}
		if format != "" {
			style.CustomNumFmt = &format
		}
		return style
	}
	s.plain = texts(&excelize.Style{Font: font(false, 12)})
	s.strong = texts(&excelize.Style{Font: font(true, 12)})
	s.wrapped = texts(&excelize.Style{Font: font(false, 12), Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	heading := cell(true, "center", "")
	heading.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{shade}}
	s.heading = texts(heading)
	s.text, s.centred, s.total = texts(cell(false, "left", "")), texts(cell(false, "center", "")), texts(cell(true, "left", ""))
	const signed = "+0;-0;0"
	s.number, s.delta = add(cell(false, "right", "0")), add(cell(false, "right", signed))
	s.totalNumber, s.totalDelta = add(cell(true, "right", "0")), add(cell(true, "right", signed))
	s.moment = add(cell(false, "center", "dd/mm/yyyy hh:mm"))
	return s, err
}

// next ends the sheet there is and begins another. headAt and headRows tell where a
// table's heading will stand, that is to be on every page and stay in sight; none if
// headRows is 0.
func (b *book) next(name string, widths []float64, headAt, headRows int) error {
	if err := b.finish(); err != nil {
		return err
	}
	b.sheets++
	if b.sheets == 1 {
		b.err = b.file.SetSheetName("Sheet1", name)
	} else {
		_, b.err = b.file.NewSheet(name)
	}
	if b.err == nil {
		b.err = b.print(name, headAt, headRows)
	}
	if b.err != nil {
		return b.err
	}
	if b.out, b.err = b.file.NewStreamWriter(name); b.err != nil {
		return b.err
	}
	if headRows > 0 {
		last := headAt + headRows
		b.err = b.out.SetPanes(&excelize.Panes{Freeze: true, YSplit: last - 1, TopLeftCell: fmt.Sprintf("A%d", last), ActivePane: "bottomLeft"})
	}
	b.widths = nil
	for i, width := range widths {
		b.widths = append(b.widths, width/1.9) // characters of about 1.9 mm
		if b.err == nil {
			b.err = b.out.SetColWidth(i+1, i+1, b.widths[i])
		}
	}
	b.line = 1
	return b.err
}

// print sets a sheet up for paper. It must be done before the rows are streamed.
func (b *book) print(name string, headAt, headRows int) error {
	landscape, a4, width, height, fit := "landscape", 9, 1, 0, true
	if err := b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	if err := b.file.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &landscape, Size: &a4, FitToWidth: &width, FitToHeight: &height}); err != nil {
		return err
	}
	side, edge := 0.5, 0.6 // inches
	if err := b.file.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &edge, Bottom: &edge}); err != nil {
		return err
	}
	if err := b.file.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: "&L&A&RTrang &P/&N"}); err != nil {
		return err
	}
	if headRows == 0 {
		return nil
	}
	return b.file.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", Scope: name,
		RefersTo: fmt.Sprintf("'%s'!$%d:$%d", name, headAt, headAt+headRows-1),
	})
}

// finish ends the sheet there is.
func (b *book) finish() error {
	if b.out != nil && b.err == nil {
		b.err = b.out.Flush()
		b.out = nil
	}
	return b.err
}

// set writes a row as high as its texts need: some programs do not find that out by
// themselves. wrapping tells which texts are wrapped.
func (b *book) set(values []any, wrapping ...string) {
	high := 1
	for i, text := range wrapping {
		if i < len(b.widths) && text != "" {
			high = max(high, linesOf(text, b.widths[i]*1.15)) // texts are narrower than figures
		}
	}
	var options []excelize.RowOpts
	if high > 1 {
		options = append(options, excelize.RowOpts{Height: min(float64(high)*15.5, 400)})
	}
	if b.err == nil {
		b.err = b.out.SetRow(fmt.Sprintf("A%d", b.line), values, options...)
	}
	b.line++
}

// linesOf estimates how many lines a text has in a column of so many characters.
func linesOf(text string, width float64) int {
	lines := 0
	for part := range strings.SplitSeq(text, "\n") {
		lines++
		used := 0.0
		for word := range strings.FieldsSeq(part) {
			length := float64(utf8.RuneCountInString(word))
			if used > 0 && used+1+length > width {
				lines++
				used = 0
			}
			lines += int((length - 1) / width)
			used += 1 + length
		}
	}
	return lines
}

// line is a line above a table.
type line struct {
	text   string
	strong bool
}

func (b *book) heads(lines []line) {
	for _, l := range lines {
		style := b.styles.plain
		if l.strong {
			style = b.styles.strong
		}
		b.row(style, l.text)
	}
}

func (b *book) row(style textStyle, texts ...string) {
	values := make([]any, len(texts))
	for i, text := range texts {
		text = ooxml.Clean(text)
		values[i] = excelize.Cell{StyleID: style.of(text), Value: text}
	}
	if style == b.styles.wrapped {
		b.set(values, texts...)
		return
	}
	b.set(values)
}

func (b *book) gridHead(g *grid) {
	first := b.line
	for n, line := range g.head {
		var values []any
		var wrapping []string
		for _, c := range line {
			text := c.text
			if c.cols > 1 || c.rows > 1 {
				text = "" // has room
			}
			wrapping = append(wrapping, text)
			wrapping = append(wrapping, make([]string, max(c.cols-1, 0))...)
			column := len(values) + 1
			values = append(values, excelize.Cell{StyleID: b.styles.heading.plain, Value: c.text})
			for range c.cols - 1 {
				values = append(values, excelize.Cell{StyleID: b.styles.heading.plain})
			}
			if (c.cols > 1 || c.rows > 1) && b.err == nil {
				from, _ := excelize.CoordinatesToCellName(column, first+n) // in range
				to, _ := excelize.CoordinatesToCellName(column+max(c.cols, 1)-1, first+n+max(c.rows, 1)-1)
				b.err = b.out.MergeCell(from, to)
			}
		}
		b.set(values, wrapping...)
	}
}

func (b *book) grid(g *grid) {
	b.gridHead(g)
	for i, row := range g.rows {
		b.cells(row, g.total && i == len(g.rows)-1, g.center)
	}
}

func (b *book) cells(row []any, total bool, center []int) {
	values, wrapping := make([]any, len(row)), make([]string, len(row))
	for i, v := range row {
		var cell excelize.Cell
		switch v := v.(type) {
		case int:
			cell = excelize.Cell{StyleID: b.styles.number, Value: v}
			switch {
			case total:
				cell.StyleID = b.styles.totalNumber
			case slices.Contains(center, i):
				cell.StyleID = b.styles.centred.plain
			}
		case delta:
			cell = excelize.Cell{StyleID: b.styles.delta, Value: int(v)}
			if total {
				cell.StyleID = b.styles.totalDelta
			}
		case clock: // a workbook knows no zone: the clock's reading is what it takes
			t := v.Time
			cell = excelize.Cell{StyleID: b.styles.moment, Value: time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC)}
		default:
			text, _ := shown(v)
			text = ooxml.Clean(text)
			style := b.styles.text
			switch {
			case total:
				style = b.styles.total
			case slices.Contains(center, i):
				style = b.styles.centred
			}
			cell = excelize.Cell{StyleID: style.of(text), Value: text}
			wrapping[i] = text
		}
		values[i] = cell
	}
	b.set(values, wrapping...)
}
