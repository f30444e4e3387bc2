package output

import (
	"encoding/csv"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

// columns of CSV and Excel, for people who sort and filter.
var columns = []string{
	"Mã hồ sơ", "Sai lệch", "Nội dung sai lệch", "Cơ quan", "Trạng thái sai lệch", "Ảnh hưởng đến hạn", "Đã sai lệch từ", "Phát hiện lần đầu",
	"Tình trạng trên hệ thống", "Tình trạng tại phòng", "Hẹn trả (hệ thống)", "Hẹn trả (phòng)", "Kết thúc (hệ thống)", "Kết thúc (phòng)", "Lý do", "Mã sai lệch",
}

// cells are a discrepancy's values in the order of columns: strings, and
// moments, with or without a time of day.
func cells(l *app.Listed) []any {
	row := []any{
		l.Code, string(l.Kind), reconcile.KindLabels[l.Kind], l.Department, string(l.State), string(l.Effect),
		reconcile.Moment{Time: l.Since}, reconcile.Moment{Time: l.FirstDetectedAt},
	}
	sides := []*reconcile.Record{l.Platform, l.Office}
	for _, r := range sides {
		row = append(row, statusOf(r))
	}
	for _, of := range []func(*reconcile.Record) reconcile.Moment{(*reconcile.Record).EffectiveDue, (*reconcile.Record).End} {
		for _, r := range sides {
			if r == nil {
				row = append(row, reconcile.Moment{})
			} else {
				row = append(row, of(r))
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
			case reconcile.Moment:
				if line[i] = ""; v.Known() {
					line[i] = momentShown(v, zone)
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
// like a formula gets a quote before it (OWASP, CSV injection). Blanks and
// invisible characters before the sign count as nothing, since some programs
// drop them; full-width and small forms count as the sign they are folded to.
func Inert(s string) string {
	for i, r := range s {
		switch {
		case strings.ContainsRune("=+-@＝＋－＠﹢﹣﹦﹫", r), i == 0 && unicode.IsControl(r):
			return "'" + s
		case unicode.IsSpace(r), unicode.IsControl(r), unicode.Is(unicode.Cf, r):
		default:
			return s
		}
	}
	return s
}
