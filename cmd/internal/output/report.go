package output

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

// ReportJSON writes the report in the shape of JSON.md, which is the API's.
func ReportJSON(w io.Writer, r *web.Report) error { return indented(w, r) }

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
	p.findings(r)
	return p.err
}

// findings puts what the figures show into words.
func (p *printer) findings(r *app.Report) {
	names := map[string]string{}
	if r.By != reconcile.ByField {
		for i := range r.Rows {
			names[r.Rows[i].Department] = r.Rows[i].Name
		}
	}
	p.printf("\n")
	for _, s := range r.Findings.Sentences(func(code string) string { return cmp.Or(names[code], code) }) {
		p.paragraph("- ", s.En)
	}
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
	g.footer = line("Tổng số", r.Total.TallyRow)
	return g
}

// pair writes both figures, or one where they agree.
func (p *printer) pair(reported, verified int, between string) safe {
	if reported == verified {
		return safe(number(reported))
	}
	return safe(number(reported)+between) + "→ " + p.paint(number(verified), text.FgYellow)
}
