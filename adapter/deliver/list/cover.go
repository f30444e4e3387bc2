package list

import (
	"fmt"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/reconcile"
)

// coverWidths are the widths of the cover's columns, A to F.
var coverWidths = [...]float64{44, 15, 15, 17, 17, 60}

// wideHolds is how many characters a line over all columns holds.
const wideHolds = 180

// coverPage writes the cover from top to bottom; the first error stays.
type coverPage struct {
	file  *excelize.File
	cells cells
	row   int
	err   error
}

// cover fills in the first sheet, when everything is counted.
func cover(f *excelize.File, l *List, t *tally, c cells) error {
	if err := printed(f, coverSheet, l, 1); err != nil {
		return err
	}
	p := &coverPage{file: f, cells: c}
	for i, width := range coverWidths {
		p.keep(f.SetColWidth(coverSheet, letter(column(i+1)), letter(column(i+1)), width))
	}
	p.top(l)
	p.gap()
	if l.Held {
		p.wide(styleLabel, heldWords)
		p.gap()
	}
	for _, sentence := range verdictWords(t) {
		p.wide(stylePlain, sentence)
	}
	p.gap()
	p.bySheet(t)
	p.gap()
	if t.all.rows > 0 {
		p.byKind(t)
		p.gap()
	}
	p.sources(l)
	if t.all.rows > 0 {
		p.gap()
		p.wide(styleBold, "Cách ghi ý kiến và gửi lại")
		for _, step := range howTo(l) {
			p.wide(stylePlain, step)
		}
	}
	off := false
	p.keep(f.SetSheetView(coverSheet, 0, &excelize.ViewOptions{ShowGridLines: &off}))
	return p.err
}

// top writes who asks whom, about what, and when.
func (p *coverPage) top(l *List) {
	for _, name := range []string{l.Organisation, l.Centre} {
		if name != "" {
			p.wide(styleBold, name)
		}
	}
	p.gap()
	p.wide(styleTitle, coverTitle)
	p.keep(p.file.SetRowHeight(coverSheet, p.row, 26))
	p.wide(styleSubtitle, l.name())
	p.gap()
	p.fact("Lập lúc", l.MadeAt)
	p.fact("Số liệu đối soát đến", l.AsOf)
	p.fact("Đề nghị trả lời trước", l.AnswerBy)
}

// fact is a label and a moment, left out where it is not known.
func (p *coverPage) fact(label string, at time.Time) {
	if at.IsZero() {
		return
	}
	p.row++
	p.set(1, p.cells.text(styleLabel, label))
	cell := p.cells.time(at)
	cell.StyleID = p.cells.styles[styleCoverMoment]
	p.set(2, cell)
	p.keep(p.file.MergeCell(coverSheet, p.at(2), p.at(3)))
}

var countTitles = []string{"Số dòng", "Đã có ý kiến", "Hệ thống báo quá hạn không đúng", "Thực tế quá hạn, chưa thể hiện"}

// bySheet counts by place of correction and tells what each sheet asks.
func (p *coverPage) bySheet(t *tally) {
	p.heading(append(append([]string{"Nơi cần sửa"}, countTitles...), "Yêu cầu")...)
	for _, about := range reconcile.Corrections {
		name := reconcile.CorrectionLabels[about]
		n := counted(t.sheets, about)
		p.counts(styleLink, name, *n)
		p.set(6, p.cells.text(styleText, askings[about]))
		p.keep(p.file.SetRowHeight(coverSheet, p.row, height(askings[about], 58)))
		tip := "Mở trang “" + name + "”"
		p.keep(p.file.SetCellHyperLink(coverSheet, p.at(1), "'"+name+"'!A1", "Location", excelize.HyperlinkOpts{Tooltip: &tip}))
	}
	p.counts(styleHeading, "Cộng", t.all)
}

// byKind counts by kind of discrepancy, those that are on the list.
func (p *coverPage) byKind(t *tally) {
	p.heading(append([]string{"Sai lệch"}, countTitles...)...)
	for _, kind := range reconcile.Kinds {
		if n, ok := t.kinds[kind]; ok {
			p.counts(styleText, kindWords(kind), *n)
		}
	}
}

// sources tells how fresh the figures are.
func (p *coverPage) sources(l *List) {
	p.heading("Nguồn", "Bên", "Đọc lúc", "", "Tình trạng", "")
	p.keep(p.file.MergeCell(coverSheet, p.at(3), p.at(4)))
	p.keep(p.file.MergeCell(coverSheet, p.at(5), p.at(6)))
	for i := range l.Sources {
		s := &l.Sources[i]
		p.row++
		p.set(1, p.cells.line(styleText, s.Name))
		p.set(2, p.cells.line(styleText, sideWords(s.Side)))
		p.set(3, p.cells.moment(reconcile.Moment{Time: s.ReadAt}))
		p.set(4, p.cells.text(styleText, ""))
		state := inertLine(freshWords(s))
		p.set(5, p.cells.line(styleText, freshWords(s)))
		p.set(6, p.cells.text(styleText, ""))
		p.keep(p.file.MergeCell(coverSheet, p.at(3), p.at(4)))
		p.keep(p.file.MergeCell(coverSheet, p.at(5), p.at(6)))
		p.keep(p.file.SetRowHeight(coverSheet, p.row, max(height(state, 75), height(s.Name, 42))))
	}
	if len(l.Sources) == 0 {
		p.wide(stylePlain, "Chưa có nguồn số liệu nào.")
	}
}

func (p *coverPage) heading(titles ...string) {
	p.row++
	high := 0.0
	for i, title := range titles {
		p.set(i+1, p.cells.text(styleHeading, title))
		high = max(high, height(title, 13))
	}
	p.keep(p.file.SetRowHeight(coverSheet, p.row, high))
}

func (p *coverPage) counts(name styleName, label string, n count) {
	p.row++
	p.set(1, p.cells.text(name, label))
	for i, figure := range []int{n.rows, n.answered, n.falseOverdue, n.hiddenOverdue} {
		p.set(2+i, p.cells.number(figure))
	}
}

// wide writes a line over all columns.
func (p *coverPage) wide(name styleName, text string) {
	p.row++
	p.set(1, p.cells.text(name, text))
	p.keep(p.file.MergeCell(coverSheet, p.at(1), p.at(len(coverWidths))))
	p.keep(p.file.SetRowHeight(coverSheet, p.row, height(text, wideHolds)))
}

func (p *coverPage) gap() { p.row++ }

func (p *coverPage) at(col int) string { return fmt.Sprintf("%s%d", letter(column(col)), p.row) }

func (p *coverPage) set(col int, cell excelize.Cell) {
	if p.err != nil {
		return
	}
	p.err = p.file.SetCellValue(coverSheet, p.at(col), cell.Value)
	p.keep(p.file.SetCellStyle(coverSheet, p.at(col), p.at(col), cell.StyleID))
}

func (p *coverPage) keep(err error) {
	if p.err == nil {
		p.err = err
	}
}
