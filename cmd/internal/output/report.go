package output

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

type reportJSON struct {
	From  string          `json:"from"`
	To    string          `json:"to"`
	AsOf  string          `json:"as_of"`
	Rows  []reportRowJSON `json:"rows"`
	Total bothJSON        `json:"total"`
}

type bothJSON struct {
	Reported reconcile.Counts `json:"reported"`
	Verified reconcile.Counts `json:"verified"`
}

type reportRowJSON struct {
	Department string `json:"department"`
	Name       string `json:"name"`
	bothJSON
}

// ReportJSON writes the table in the shape of design 3-interface §3.
func ReportJSON(w io.Writer, r *app.Report, zone *time.Location) error {
	out := reportJSON{
		From: r.From.Format(time.DateOnly), To: r.To.Format(time.DateOnly), AsOf: stamp(r.AsOf, zone),
		Rows: []reportRowJSON{}, Total: bothJSON{r.Total.Reported, r.Total.Verified},
	}
	for _, row := range r.Rows {
		out.Rows = append(out.Rows, reportRowJSON{row.Department, row.Name, bothJSON{row.Reported, row.Verified}})
	}
	return indented(w, out)
}

// ReportTable writes the table for a terminal: reported and verified side by
// side, and where they differ.
func ReportTable(w io.Writer, r *app.Report, zone *time.Location) error {
	p := &printer{w: w, colours: Terminal(w)}
	p.printf("Dossiers received %s to %s, as of %s.\n", r.From.Format("02/01/2006"), r.To.Format("02/01/2006"), day(r.AsOf, zone, true))
	p.printf("Each cell: as the platform reports it → as verified with the departments' records.\n\n")
	t := p.table(table.Row{"DEPARTMENT", "TOTAL", "ON TIME", "LATE", "IN PROGRESS", "OVERDUE"}, 2, 3, 4, 5, 6)
	line := func(name string, row reconcile.TallyRow) table.Row {
		rep, ver := row.Reported, row.Verified
		return table.Row{
			text.Trim(name, 40), p.pair(rep.Total(), ver.Total()), p.pair(rep.ResolvedOnTime, ver.ResolvedOnTime),
			p.pair(rep.ResolvedLate, ver.ResolvedLate), p.pair(rep.InProgressOnTime, ver.InProgressOnTime),
			p.pair(rep.InProgressOverdue, ver.InProgressOverdue),
		}
	}
	for _, row := range r.Rows {
		t.AppendRow(line(row.Name, row.TallyRow))
	}
	t.AppendFooter(line("Tổng số", r.Total))
	p.printf("%s\n\n", t.Render())
	if d := r.Total; d.UnknownDue > 0 || d.UnknownEnd > 0 {
		p.printf("On time only because a date is unknown: %s without a due date, %s without an end.\n", number(d.UnknownDue), number(d.UnknownEnd))
	}
	for _, s := range r.Sources {
		if s.Source != "" && s.StartedAt.Before(r.AsOf.Add(-48*time.Hour)) {
			p.printf("! %s was last read %s.\n", s.Source, day(s.StartedAt, zone, true))
		}
	}
	if len(r.Unread) > 0 {
		p.printf("! never read: %s; run doisoat reconcile first.\n", strings.Join(r.Unread, ", "))
	}
	return p.err
}

// pair writes both figures, or one where they agree.
func (p *printer) pair(reported, verified int) string {
	if reported == verified {
		return number(reported)
	}
	return fmt.Sprintf("%s → %s", number(reported), p.paint(number(verified), text.FgYellow))
}

// ReportXLSX writes the table as the report prints it, once as reported, once as
// verified, and the difference.
func ReportXLSX(w io.Writer, r *app.Report, zone *time.Location) (err error) {
	f := excelize.NewFile()
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
	}()
	sheets := []struct {
		name, title string
		of          func(reconcile.TallyRow) reconcile.Counts
	}{
		{"Theo hệ thống", "Theo báo cáo của hệ thống", func(t reconcile.TallyRow) reconcile.Counts { return t.Reported }},
		{"Đã đối soát", "Sau khi đối soát với hồ sơ của các phòng", func(t reconcile.TallyRow) reconcile.Counts { return t.Verified }},
		{"Chênh lệch", "Chênh lệch (đối soát trừ hệ thống)", difference},
	}
	for i, s := range sheets {
		if i == 0 {
			err = f.SetSheetName("Sheet1", s.name)
		} else {
			_, err = f.NewSheet(s.name)
		}
		if err == nil {
			err = reportSheet(f, s.name, s.title, r, zone, s.of)
		}
		if err != nil {
			return fmt.Errorf("xlsx: sheet %s: %w", s.name, err)
		}
	}
	return f.Write(w)
}

func difference(t reconcile.TallyRow) reconcile.Counts {
	return reconcile.Counts{
		ResolvedOnTime:    t.Verified.ResolvedOnTime - t.Reported.ResolvedOnTime,
		ResolvedLate:      t.Verified.ResolvedLate - t.Reported.ResolvedLate,
		InProgressOnTime:  t.Verified.InProgressOnTime - t.Reported.InProgressOnTime,
		InProgressOverdue: t.Verified.InProgressOverdue - t.Reported.InProgressOverdue,
	}
}

func reportSheet(f *excelize.File, sheet, title string, r *app.Report, zone *time.Location, of func(reconcile.TallyRow) reconcile.Counts) error {
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	if err != nil {
		return err
	}
	rows := [][]any{
		{title},
		{fmt.Sprintf("Hồ sơ tiếp nhận từ %s đến %s, tính đến %s", r.From.Format("02/01/2006"), r.To.Format("02/01/2006"), day(r.AsOf, zone, true))},
		{},
		{"STT", "Lĩnh vực", "Tổng số", "Đã giải quyết đúng hạn", "Đã giải quyết quá hạn", "Đang giải quyết trong hạn", "Đang giải quyết quá hạn"},
	}
	line := func(first any, name string, row reconcile.TallyRow) []any {
		c := of(row)
		return []any{first, name, c.Total(), c.ResolvedOnTime, c.ResolvedLate, c.InProgressOnTime, c.InProgressOverdue}
	}
	for i, row := range r.Rows {
		rows = append(rows, line(i+1, row.Name, row.TallyRow))
	}
	rows = append(rows, line("", "Tổng số", r.Total))
	for i := range rows {
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &rows[i]); err != nil {
			return err
		}
	}
	for _, n := range []int{1, 4, len(rows)} {
		if err := f.SetRowStyle(sheet, n, n, bold); err != nil {
			return err
		}
	}
	if err := f.SetColWidth(sheet, "B", "B", 46); err != nil {
		return err
	}
	return f.SetColWidth(sheet, "C", "G", 14)
}
