package world

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

const (
	bookSheet  = "Sổ theo dõi"
	headingRow = 4 // 1-based; title above, records below
	bookFirst  = 2 // column B: A holds the running number
)

// Excel's built-in number formats for a real date (14) and date with time (22).
const (
	formatDay    = 14
	formatMoment = 22
)

// writeBook writes a tracking book as clerks keep them: title rows above,
// heading on row 4 in decomposed Unicode, and by the row's own luck codes in
// lower case or with blanks, decomposed statuses, dates as text beside real
// ones; an empty row and a total row at the end.
func writeBook(path string, records []Record, f OfficeFormat) (err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	if err := book.SetSheetName("Sheet1", bookSheet); err != nil {
		return err
	}
	styles, err := newStyles(book)
	if err != nil {
		return err
	}
	sheet, err := book.NewStreamWriter(bookSheet)
	if err != nil {
		return err
	}
	period := f.Period
	if period == "" {
		period = "Quý II năm 2018"
	}
	heading := []any{"STT"}
	for _, h := range bookHeadings {
		if !f.Tidy {
			h = norm.NFD.String(h)
		}
		heading = append(heading, h)
	}
	lines := map[int][]any{
		1: {"SỔ THEO DÕI HỒ SƠ - " + strings.ToUpper(f.Title)},
		2: {period},
		4: heading,
	}
	for row := 1; row <= headingRow; row++ {
		if err := sheet.SetRow("A"+strconv.Itoa(row), lines[row]); err != nil {
			return err
		}
	}
	for _, merged := range []string{"1", "2"} {
		if err := sheet.MergeCell("A"+merged, "K"+merged); err != nil {
			return err
		}
	}
	for i, r := range records {
		cells := append([]any{i + 1}, styles.row(r, f.Tidy)...)
		if err := sheet.SetRow("A"+strconv.Itoa(headingRow+1+i), cells); err != nil {
			return fmt.Errorf("dossier %s: %w", r.Code, err)
		}
	}
	if err := sheet.SetRow("A"+strconv.Itoa(headingRow+2+len(records)), []any{"Tổng số", len(records)}); err != nil {
		return err
	}
	if err := sheet.Flush(); err != nil {
		return err
	}
	return saveBook(book, path)
}

func saveBook(book *excelize.File, path string) error {
	var content bytes.Buffer
	if err := book.Write(&content); err != nil {
		return err
	}
	return replaceFile(path, content.Bytes())
}

// styles are the book's two date styles.
type styles struct{ moment, day int }

func newStyles(book *excelize.File) (s styles, err error) {
	if s.moment, err = book.NewStyle(&excelize.Style{NumFmt: formatMoment}); err != nil {
		return s, err
	}
	s.day, err = book.NewStyle(&excelize.Style{NumFmt: formatDay})
	return s, err
}

// row writes a record's cells, column B onwards. How untidy the clerk was is
// drawn from the code, so that the same record always looks the same.
func (s styles) row(r Record, tidy bool) []any {
	hash := fnv.New64a()
	hash.Write([]byte(r.Code)) // never fails
	luck := hash.Sum64()
	draw := func(percent uint64) bool {
		luck = luck*6364136223846793005 + 1442695040888963407
		return !tidy && (luck>>33)%100 < percent
	}
	text := bookRow(r)
	cells := make([]any, columns)
	for c, t := range text {
		if t != "" || c == colNote {
			cells[c] = t
		}
	}
	switch {
	case draw(30):
		cells[colCode] = strings.ReplaceAll(r.Code, "-", " - ")
	case draw(15):
		cells[colCode] = strings.ToLower(r.Code)
	}
	if draw(28) {
		cells[colStatus] = norm.NFD.String(text[colStatus])
	}
	for _, d := range r.dates() {
		asText := draw(22) || d.column == colReceived && r.Garbled != ""
		if d.moment.Known() && !asText {
			cells[d.column] = s.cell(*d.moment)
		}
	}
	return cells
}

func (s styles) cell(m reconcile.Moment) excelize.Cell {
	style := s.moment
	if m.DateOnly {
		style = s.day
	}
	return excelize.Cell{StyleID: style, Value: serial(m.Time)}
}

// epoch is day 0 of Excel's calendar.
var epoch = time.Date(1899, 12, 30, 0, 0, 0, 0, vietnam)

// serial is a moment as Excel counts: days since the epoch, by the local clock.
func serial(t time.Time) float64 { return t.Sub(epoch).Seconds() / (24 * 60 * 60) }

// unserial is the reverse, to the nearest second; whole numbers are days.
func unserial(days float64) reconcile.Moment {
	m := epoch.Add(time.Duration(math.Round(days*24*60*60)) * time.Second)
	return reconcile.Moment{Time: m, DateOnly: days == math.Trunc(days)}
}

func readBook(path string) (records []Record, err error) {
	book, err := excelize.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	err = eachRow(book, func(_ int, r Record) bool {
		records = append(records, r)
		return true
	})
	return records, err
}

// eachRow hands over every record of the book with its 1-based row, until visit
// reports false.
func eachRow(book *excelize.File, visit func(row int, r Record) bool) error {
	table, err := book.GetRows(bookSheet, excelize.Options{RawCellValue: true})
	if err != nil {
		return err
	}
	if len(table) < headingRow {
		return errors.New("no heading row")
	}
	place := places(table[headingRow-1])
	for i := headingRow; i < len(table); i++ {
		cells := pick(table[i], place)
		if cells[colCode] == "" || table[i][0] == "Tổng số" {
			continue
		}
		for _, d := range new(Record).dates() {
			if days, err := strconv.ParseFloat(cells[d.column], 64); err == nil {
				cells[d.column] = write(unserial(days), bookLayout, bookDay)
			}
		}
		if !visit(i+1, readBookRow(cells)) {
			return nil
		}
	}
	return nil
}

func alterBook(path, code string, keep func(*Record) bool) (err error) {
	book, err := excelize.OpenFile(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	found := 0
	var record Record
	err = eachRow(book, func(row int, r Record) bool {
		if Canonical(r.Code) == Canonical(code) {
			found, record = row, r
		}
		return found == 0
	})
	switch {
	case err != nil:
		return err
	case found == 0:
		return errNoRecord
	case !keep(&record):
		if err := book.RemoveRow(bookSheet, found); err != nil {
			return err
		}
		return saveBook(book, path)
	}
	styles, err := newStyles(book)
	if err != nil {
		return err
	}
	// A person who corrects a row types real dates; the code stays as it stands.
	for c, value := range styles.row(record, true) {
		if c == colCode {
			continue
		}
		name, err := excelize.CoordinatesToCellName(bookFirst+c, found)
		if err != nil {
			return err
		}
		if cell, dated := value.(excelize.Cell); dated {
			if err := book.SetCellStyle(bookSheet, name, name, cell.StyleID); err != nil {
				return err
			}
			value = cell.Value
		}
		if err := book.SetCellValue(bookSheet, name, value); err != nil {
			return err
		}
	}
	return saveBook(book, path)
}
