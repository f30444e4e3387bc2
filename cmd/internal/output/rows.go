package output

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

// columns of CSV and Excel, for people who sort and filter.
var columns = []string{
	"Mã hồ sơ", "Sai lệch", "Nội dung sai lệch", "Cơ quan", "Trạng thái sai lệch", "Ảnh hưởng đến hạn", "Đã sai lệch từ", "Phát hiện lần đầu",
	"Tình trạng trên hệ thống", "Tình trạng tại phòng", "Hẹn trả (hệ thống)", "Hẹn trả (phòng)", "Kết thúc (hệ thống)", "Kết thúc (phòng)", "Lý do", "Mã sai lệch",
}

// cells are a discrepancy's values in the order of columns: strings and moments.
func cells(l *app.Listed) []any {
	row := []any{
		l.Code, string(l.Kind), reconcile.KindLabels[l.Kind], l.Department, string(l.State), string(l.Effect), l.Since, l.FirstDetectedAt,
	}
	sides := []*reconcile.Record{l.Platform, l.Office}
	for _, r := range sides {
		row = append(row, statusOf(r))
	}
	for _, of := range []func(*reconcile.Record) reconcile.Moment{(*reconcile.Record).EffectiveDue, (*reconcile.Record).End} {
		for _, r := range sides {
			if r == nil {
				row = append(row, time.Time{})
			} else {
				row = append(row, of(r).Time)
			}
		}
	}
	return append(row, l.Reason, l.ID)
}

func statusOf(r *reconcile.Record) string {
	switch {
	case r == nil:
		return ""
	case !r.Mapped():
		return r.RawStatus
	}
	return reconcile.StatusLabels[r.Status]
}

// CSV writes the discrepancies as UTF-8 with a byte order mark, which Excel
// needs to show Vietnamese. No cell can be taken for a formula.
func CSV(w io.Writer, zone *time.Location, each Each) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write(columns); err != nil {
		return err
	}
	line := make([]string, len(columns))
	err := each(func(l *app.Listed) error {
		for i, cell := range cells(l) {
			switch v := cell.(type) {
			case time.Time:
				line[i] = ""
				if !v.IsZero() {
					line[i] = v.In(zone).Format("02/01/2006 15:04")
				}
			case string:
				line[i] = Inert(v)
			}
		}
		return out.Write(line)
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

// Inert makes a text that no spreadsheet takes for a formula: one that begins
// like a formula gets a quote before it (OWASP, CSV injection; full-width forms
// are taken too by spreadsheets that fold them).
func Inert(s string) string {
	if strings.IndexAny(strings.TrimLeft(s, " \u00a0\u3000"), "=+-@\t\r\n\x00＝＋－＠") == 0 {
		return "'" + s
	}
	return s
}

// XLSX writes the discrepancies as one sheet with a frozen, filtered heading and
// real dates. It streams.
func XLSX(w io.Writer, zone *time.Location, each Each) (err error) {
	f := excelize.NewFile()
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	const sheet = "Sai lệch"
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	format := "dd/mm/yyyy hh:mm"
	date, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	out, err := f.NewStreamWriter(sheet)
	if err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	for i, width := range []float64{28, 24, 38, 12, 14, 16, 17, 17, 24, 24, 17, 17, 17, 17, 60, 18} {
		if err := out.SetColWidth(i+1, i+1, width); err != nil {
			return fmt.Errorf("xlsx: %w", err)
		}
	}
	heading := make([]any, len(columns))
	for i, name := range columns {
		heading[i] = excelize.Cell{StyleID: bold, Value: name}
	}
	if err := out.SetRow("A1", heading); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	line := 1
	err = each(func(l *app.Listed) error {
		row := cells(l)
		for i, cell := range row {
			if t, ok := cell.(time.Time); ok {
				row[i] = dateCell(t, zone, date)
			}
		}
		line++
		return out.SetRow(fmt.Sprintf("A%d", line), row)
	})
	if err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	last, err := excelize.CoordinatesToCellName(len(columns), line)
	if err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	if err := f.AutoFilter(sheet, "A1:"+last, nil); err != nil {
		return fmt.Errorf("xlsx: %w", err)
	}
	return f.Write(w)
}

// dateCell is a real Excel date that shows the local clock reading.
func dateCell(t time.Time, zone *time.Location, style int) any {
	if t.IsZero() {
		return nil
	}
	local := t.In(zone)
	_, offset := local.Zone()
	return excelize.Cell{StyleID: style, Value: local.Add(time.Duration(offset) * time.Second).UTC()}
}
