package output

import (
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

// sheetRows is how many rows a sheet takes before the next one begins; Excel
// allows 1,048,576.
const sheetRows = 1_000_000

// listSheet is the name of the sheet with the discrepancies.
const listSheet = "Sai lệch"

// widths of the columns, in characters.
var widths = []float64{28, 24, 38, 12, 14, 16, 17, 17, 24, 24, 17, 17, 17, 17, 60, 18}

// XLSX writes the discrepancies as a sheet with a frozen, filtered heading and
// real dates; more of them than a sheet holds go to a second one. It streams.
func XLSX(w io.Writer, zone *time.Location, each Each) error { return xlsx(w, zone, each, sheetRows) }

func xlsx(w io.Writer, zone *time.Location, each Each, most int) (err error) {
	f := excelize.NewFile()
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	styles, err := newStyles(f)
	if err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	b := &book{file: f, styles: styles, zone: zone}
	if err := b.next(); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	err = each(func(l *app.Listed) error {
		if b.line > most {
			if err := b.next(); err != nil {
				return fmt.Errorf("xlsx: %w", err)
			}
		}
		return b.add(l)
	})
	if err != nil {
		return err
	}
	if err := b.out.Flush(); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	return f.Write(w)
}

// styles are the cell styles of a book.
type styles struct{ bold, clock, day int }

func newStyles(f *excelize.File) (s styles, err error) {
	if s.bold, err = f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return s, err
	}
	for _, format := range []struct {
		id   *int
		text string
	}{{&s.clock, "dd/mm/yyyy hh:mm"}, {&s.day, "dd/mm/yyyy"}} {
		if *format.id, err = f.NewStyle(&excelize.Style{CustomNumFmt: &format.text}); err != nil {
			return s, err
		}
	}
	return s, nil
}

// book is a workbook being written.
type book struct {
	file   *excelize.File
	styles styles
	zone   *time.Location
	out    *excelize.StreamWriter
	sheets int
	line   int // last one written
}

// next begins a sheet.
func (b *book) next() error {
	b.sheets++
	name, err := listSheet, error(nil)
	if b.sheets == 1 {
		err = b.file.SetSheetName("Sheet1", name)
	} else {
		if err := b.out.Flush(); err != nil {
			return err
		}
		name = fmt.Sprintf("%s %d", listSheet, b.sheets)
		_, err = b.file.NewSheet(name)
	}
	if err != nil {
		return err
	}
	// The filter spans the columns to their end: it has to be set before the
	// rows are known, since setting it later would read the sheet back whole.
	last, err := excelize.CoordinatesToCellName(len(columns), excelize.TotalRows)
	if err != nil {
		return err
	}
	if err := b.file.AutoFilter(name, "A1:"+last, nil); err != nil {
		return err
	}
	if b.out, err = b.file.NewStreamWriter(name); err != nil {
		return err
	}
	if err := b.out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	for i, width := range widths {
		if err := b.out.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	heading := make([]any, len(columns))
	for i, name := range columns {
		heading[i] = excelize.Cell{StyleID: b.styles.bold, Value: name}
	}
	b.line = 1
	return b.out.SetRow("A1", heading)
}

func (b *book) add(l *app.Listed) error {
	row := cells(l)
	for i, cell := range row {
		if m, ok := cell.(reconcile.Moment); ok {
			row[i] = b.date(m)
		}
	}
	b.line++
	if err := b.out.SetRow(fmt.Sprintf("A%d", b.line), row); err != nil {
		return fmt.Errorf("xlsx: discrepancy %s: %w", l.ID, err)
	}
	return nil
}

// date is a real Excel date that shows the local clock's reading; nil where unknown.
func (b *book) date(m reconcile.Moment) any {
	if !m.Known() {
		return nil
	}
	local, style := m.Time, b.styles.day
	if !m.DateOnly {
		local, style = m.Time.In(b.zone), b.styles.clock
	}
	_, offset := local.Zone()
	return excelize.Cell{StyleID: style, Value: local.Add(time.Duration(offset) * time.Second).UTC()}
}
