package app

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/doisoat/doisoat/adapter/deliver/report"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// ReportFile implements web.ReportBackend. The report to be signed speaks of every
// department: whoever does not see everything has none.
func (b backend) ReportFile(ctx context.Context, scope access.Scope, q web.ReportQuery, format string) (*web.File, error) {
	app, done := b.current.take()
	defer done()
	if !scope.All() || !slices.Contains(report.Formats, format) {
		return nil, web.ErrNotFound
	}
	o := b.options(q)
	o.Differing = true
	r, err := app.Report(ctx, o)
	if err != nil {
		return nil, err
	}
	types := map[string]string{"docx": typeDOCX, "xlsx": typeXLSX, "pdf": typePDF}
	return &web.File{
		Name: "bao-cao-" + r.From.Format(time.DateOnly) + "-" + r.To.Format(time.DateOnly) + "." + format, ContentType: types[format],
		Write: func(w io.Writer) error { return app.WriteReport(w, r, format) },
	}, nil
}

// WriteReport writes the report to be signed, as docx, xlsx or pdf. The report must
// have been made with its differing dossiers.
func (a *App) WriteReport(w io.Writer, r *Report, format string) error {
	d := a.delivery()
	out := &report.Report{
		Parent: d.Organisation.Parent, Centre: organisationOf(d), Place: d.Organisation.Place, Signer: report.Signer{Title: d.Signer.Title, Name: d.Signer.Name},
		From: r.From, To: r.To, AsOf: r.AsOf, By: r.By, Unread: r.Unread, Zone: a.Config.Zone,
	}
	names := map[string]string{}
	for i := range r.Rows {
		row := &r.Rows[i]
		names[row.Department] = row.Name
		out.Rows = append(out.Rows, report.Row{
			Name: row.Name, Reported: row.Reported, Verified: row.Verified, FormReported: row.Form.Reported, FormVerified: row.Form.Verified,
			UnknownDue: row.UnknownDue, UnknownEnd: row.UnknownEnd,
		})
	}
	for _, s := range r.Findings.Sentences(a.departmentName) {
		out.Findings = append(out.Findings, s.Vi)
	}
	for i := range r.Sources {
		s := &r.Sources[i]
		out.Sources = append(out.Sources, report.Source{
			Name: s.Source, ReadAt: s.StartedAt, Records: s.Records, Stale: s.StartedAt.Before(r.AsOf.Add(-staleSource)),
		})
	}
	out.Differences = r.differences(names)
	if err := report.Write(w, out, format); err != nil {
		return fmt.Errorf("report as %s: %w", format, err)
	}
	return nil
}

// staleSource is after how long a report warns that a source was not read before it.
const staleSource = 48 * time.Hour

// differences are the dossiers behind the differences, in the order of the rows.
func (r *Report) differences(names map[string]string) iter.Seq2[report.Difference, error] {
	order := make(map[string]int, len(r.Rows))
	for i := range r.Rows {
		order[r.Rows[i].Department] = i
	}
	list := slices.Clone(r.Differing)
	slices.SortStableFunc(list, func(a, b Differing) int { return order[a.Row] - order[b.Row] })
	return func(yield func(report.Difference, error) bool) {
		for i := range list {
			d := &list[i]
			if !yield(report.Difference{
				Row: names[d.Row], Code: d.Code, Reported: columnWords[d.Reported], Verified: columnWords[d.Verified], Effect: d.Effect,
				Reason: reconcile.KindLabels[d.Kind],
			}, nil) {
				return
			}
		}
	}
}

// columnWords says in which column of the table a dossier stands.
var columnWords = map[reconcile.Column]string{
	"":                                "Không có trong bảng",
	reconcile.ColumnResolvedOnTime:    "Đã giải quyết, đúng hạn",
	reconcile.ColumnResolvedLate:      "Đã giải quyết, quá hạn",
	reconcile.ColumnInProgressOnTime:  "Đang giải quyết, trong hạn",
	reconcile.ColumnInProgressOverdue: "Đang giải quyết, quá hạn",
}
