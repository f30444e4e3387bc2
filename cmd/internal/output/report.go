package output

import (
	"fmt"
	"io"
	"strings"
	"time"

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

// ReportJSON writes the table in the shape of JSON.md.
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
	p := newPrinter(w)
	p.paragraph("", fmt.Sprintf("Dossiers received %s to %s, as of %s.", r.From.Format(dayLayout), r.To.Format(dayLayout), clock(r.AsOf, zone)))
	if len(r.Unread) > 0 {
		p.paragraph("! ", fmt.Sprintf("Never read: %s; their dossiers are not counted. Run doisoat reconcile first.", strings.Join(r.Unread, ", ")))
	}
	for i := range r.Sources {
		if s := &r.Sources[i]; s.StartedAt.Before(r.AsOf.Add(-48 * time.Hour)) {
			p.paragraph("! ", fmt.Sprintf("%s was last read %s.", s.Source, clock(s.StartedAt, zone)))
		}
	}
	p.printf("Where they differ: as the platform reports it → as verified with the departments' records.\n\n")
	g := p.reportGrid(r, " ")
	if g.excess() > 0 { // figures of a whole province: one below the other
		g = p.reportGrid(r, "\n")
	}
	p.print(g)
	if d := &r.Total; d.UnknownDue > 0 || d.UnknownEnd > 0 {
		p.paragraph("", fmt.Sprintf("On time only because a date is unknown: %s without a due date, %s without an end.",
			number(d.UnknownDue), number(d.UnknownEnd)))
	}
	return p.err
}

func (p *printer) reportGrid(r *app.Report, between string) *grid {
	g := &grid{
		header: []string{"DEPARTMENT", "TOTAL", "ON TIME", "LATE", "IN PROGRESS", "OVERDUE"}, right: []int{2, 3, 4, 5, 6},
		give: []narrow{{1, 18, false}},
	}
	line := func(name string, row reconcile.TallyRow) []any {
		rep, ver := row.Reported, row.Verified
		return []any{
			name, p.pair(rep.Total(), ver.Total(), between), p.pair(rep.ResolvedOnTime, ver.ResolvedOnTime, between),
			p.pair(rep.ResolvedLate, ver.ResolvedLate, between), p.pair(rep.InProgressOnTime, ver.InProgressOnTime, between),
			p.pair(rep.InProgressOverdue, ver.InProgressOverdue, between),
		}
	}
	for _, row := range r.Rows {
		g.add(line(row.Name, row.TallyRow)...)
	}
	g.footer = line("Tổng số", r.Total)
	return g
}

// pair writes both figures, or one where they agree.
func (p *printer) pair(reported, verified int, between string) safe {
	if reported == verified {
		return safe(number(reported))
	}
	return safe(number(reported)+between) + "→ " + p.paint(number(verified), text.FgYellow)
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
		{fmt.Sprintf("Hồ sơ tiếp nhận từ %s đến %s, tính đến %s", r.From.Format(dayLayout), r.To.Format(dayLayout), clock(r.AsOf, zone))},
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
