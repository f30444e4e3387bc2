package list

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/reconcile"
)

// sheet is the sheet of one place of correction, while it is being written.
type sheet struct {
	name   string
	about  reconcile.Correction
	file   *excelize.File
	out    *excelize.StreamWriter
	cells  cells
	origin origin
	rows   int // of items
	values []any
}

// newSheet makes the sheet with everything that comes before its rows.
func newSheet(f *excelize.File, about reconcile.Correction, l *List, c cells) (*sheet, error) {
	s := &sheet{name: reconcile.CorrectionLabels[about], about: about, file: f, cells: c, origin: l.origin()}
	if _, err := f.NewSheet(s.name); err != nil {
		return nil, err
	}
	if err := printed(f, s.name, l, 0); err != nil {
		return nil, err
	}
	if err := titles(f, s.name); err != nil {
		return nil, err
	}
	// A new sheet claims to be one cell large, which some readers believe.
	if err := f.SetSheetDimension(s.name, ""); err != nil {
		return nil, err
	}
	var err error
	if s.out, err = f.NewStreamWriter(s.name); err != nil {
		return nil, err
	}
	return s, s.head()
}

// head sets the columns and writes the heading row.
func (s *sheet) head() error {
	if err := s.out.SetPanes(&excelize.Panes{
		Freeze: true, XSplit: int(colCode), YSplit: 1, TopLeftCell: "C2", ActivePane: "bottomRight",
		Selection: []excelize.Selection{{SQRef: "C2", ActiveCell: "C2", Pane: "bottomRight"}},
	}); err != nil {
		return err
	}
	// From the right: excelize puts each column it is told of before the others, and
	// Excel wants them in order.
	mark := int(colMark)
	if err := s.out.SetColWidth(mark, mark, 1); err != nil {
		return err
	}
	if err := s.out.SetColVisible(mark, mark, false); err != nil {
		return err
	}
	values := make([]any, 0, colMark)
	for i, spec := range slices.Backward(columns[:]) {
		if err := s.out.SetColWidth(i+1, i+1, spec.width); err != nil {
			return err
		}
	}
	for _, spec := range columns {
		values = append(values, s.cells.line(styleHeading, spec.title))
	}
	values = append(values, s.cells.line(styleHeading, s.origin.heading()))
	return s.out.SetRow("A1", values, excelize.RowOpts{Height: 36})
}

// add writes one item.
func (s *sheet) add(item *Item) error {
	if s.rows == mostSheetRows {
		return fmt.Errorf("more than %d rows: a worksheet holds no more", mostSheetRows)
	}
	s.rows++
	s.values = s.cells.row(s.values, s.rows, item, s.origin)
	return s.out.SetRow(fmt.Sprintf("A%d", s.rows+1), s.values, excelize.RowOpts{Height: heightOf(s.values)})
}

// finish sets what reaches over all rows, and ends the sheet.
func (s *sheet) finish() error {
	last := s.rows + 1
	if s.rows == 0 {
		last = 2
		row := []any{s.cells.line(stylePlain, empties[s.about])}
		if err := s.out.SetRow("B2", row, excelize.RowOpts{Height: 24}); err != nil {
			return err
		}
		if err := s.out.MergeCell("B2", "H2"); err != nil {
			return err
		}
	}
	// The hidden column is inside: the filter's sort moves whole rows of its range
	// and nothing beside it.
	if err := s.file.AutoFilter(s.name, fmt.Sprintf("A1:%s%d", letter(colMark), last), nil); err != nil {
		return err
	}
	if s.rows > 0 {
		if err := s.validate(last); err != nil {
			return err
		}
	}
	return s.out.Flush()
}

// validate tells who fills in an answer what belongs there and what does not.
func (s *sheet) validate(last int) error {
	v := excelize.NewDataValidation(true)
	v.SetSqref(fmt.Sprintf("%[1]s2:%[1]s%[2]d", letter(colAnswer), last))
	if err := v.SetRange(0, mostAnswer, excelize.DataValidationTypeTextLength, excelize.DataValidationOperatorBetween); err != nil {
		return err
	}
	v.SetInput("Ý kiến của phòng", fmt.Sprintf("Ghi kết quả xử lý hoặc lý do, không quá %d ký tự. %s.", mostAnswer, privacy))
	v.SetError(excelize.DataValidationErrorStyleStop, "Ý kiến quá dài", fmt.Sprintf("Ý kiến không quá %d ký tự.", mostAnswer))
	return s.file.AddDataValidation(s.name, v)
}

// privacy is asked wherever an answer is (Law 91/2025/QH15).
const privacy = "Không ghi tên, số CMND/CCCD, điện thoại của công dân"

// letter is a column's name in a spreadsheet; all of ours have one letter.
func letter(c column) string { return string(rune('A' + int(c) - 1)) }
