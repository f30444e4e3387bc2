package app

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// Wire is the report as the API and report --format json write it.
func (r *Report) Wire(a *App) *web.Report {
	zone := a.Config.Zone
	out := &web.Report{
		From: r.From.Format(time.DateOnly), To: r.To.Format(time.DateOnly), AsOf: web.Stamp(r.AsOf, zone), By: r.By,
		Rows: make([]web.ReportRow, 0, len(r.Rows)), Total: wireRow(&r.Total), Findings: []web.Sentence{}, Sources: []web.Snapshot{}, Unread: orNone(r.Unread),
	}
	for i := range r.Rows {
		out.Rows = append(out.Rows, wireRow(&r.Rows[i]))
	}
	for _, s := range r.Findings.Sentences(a.departmentName) {
		out.Findings = append(out.Findings, web.Sentence{Vi: s.Vi, En: s.En})
	}
	for i := range r.Sources {
		out.Sources = append(out.Sources, web.SnapshotOf(&r.Sources[i], zone))
	}
	return out
}

func wireRow(row *ReportRow) web.ReportRow {
	return web.ReportRow{
		Department: row.Department, Name: row.Name, Reported: row.Reported, Verified: row.Verified,
		FormReported: row.Form.Reported, FormVerified: row.Form.Verified, UnknownDue: row.UnknownDue, UnknownEnd: row.UnknownEnd,
	}
}

// narrow leaves of a report what is in scope: rows of departments, and a total of
// those. Sentences speak of all departments, rows by field of all of them.
func narrow(r *web.Report, scope access.Scope) {
	if scope.All() {
		return
	}
	var total ReportRow
	rows := []web.ReportRow{}
	for _, row := range r.Rows {
		if r.By == reconcile.ByDepartment && scope.Sees(row.Department) {
			rows = append(rows, row)
			total.TallyRow.Add(reconcile.TallyRow{Reported: row.Reported, Verified: row.Verified, UnknownDue: row.UnknownDue, UnknownEnd: row.UnknownEnd})
			total.Form.Add(reconcile.FormRow{Reported: row.FormReported, Verified: row.FormVerified})
		}
	}
	r.Rows, r.Total, r.Findings, r.Sources, r.Unread = rows, wireRow(&total), []web.Sentence{}, []web.Snapshot{}, []string{}
}

// options are a query's, with what is left out filled in.
func (b backend) options(q web.ReportQuery) ReportOptions {
	o := ReportOptions{From: q.From, To: q.To, AsOf: q.AsOf, By: q.By}
	if o.AsOf.IsZero() {
		o.AsOf = b.asOf()
	}
	return o
}

// Report implements web.ReportBackend.
func (b backend) Report(ctx context.Context, scope access.Scope, q web.ReportQuery) (*web.Report, error) {
	app, done := b.current.take()
	defer done()
	r, err := app.Report(ctx, b.options(q))
	if err != nil {
		return nil, err
	}
	out := r.Wire(app)
	narrow(out, scope)
	return out, nil
}

// ReportDossiers implements web.ReportBackend. It compares every dossier stored: a
// second a million.
func (b backend) ReportDossiers(ctx context.Context, scope access.Scope, q web.ReportQuery, cell web.Cell, after string, limit int) (*web.CellPage, error) {
	app, done := b.current.take()
	defer done()
	o := b.options(q)
	if !scope.All() && (o.By == reconcile.ByField || !cell.Total && !scope.Sees(cell.Row)) {
		return nil, web.ErrNotFound
	}
	page := &web.CellPage{Items: []web.CellDossier{}}
	list, err := app.CellDossiers(ctx, o, reconcile.Cell(cell), scope.Sees, after, limit+1)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if i == limit {
			page.Next = page.Items[i-1].Code
			break
		}
		page.Items = append(page.Items, list[i].wire(app.Config.Zone))
	}
	return page, nil
}

// CellDossier is a dossier behind a figure of the report.
type CellDossier struct {
	Code, Department string
	Deadline         reconcile.Deadline
	Platform, Office *reconcile.Record
}

func (d *CellDossier) wire(zone *time.Location) web.CellDossier {
	deadline := web.DeadlineOf(&d.Deadline, zone)
	return web.CellDossier{
		Code: d.Code, Department: d.Department, Reported: deadline.Reported, Verified: deadline.Verified, Effect: d.Deadline.Effect,
		Platform: web.RecordOf(d.Platform, zone), Office: web.RecordOf(d.Office, zone),
	}
}

// CellDossiers are the first dossiers behind a figure, by code, after the code given.
// Memory does not grow with their number.
func (a *App) CellDossiers(ctx context.Context, o ReportOptions, cell reconcile.Cell, sees func(department string) bool, after string, limit int) ([]CellDossier, error) {
	if o.By == "" {
		o.By = reconcile.ByDepartment
	}
	rules, err := a.Rules(ctx, o.AsOf, TrustNobody)
	if err != nil {
		return nil, err
	}
	var lock sync.Mutex
	var all firstFew
	err = a.eachOutcome(ctx, rules, func() (func(*reconcile.Outcome), func()) {
		cells := reconcile.NewCells(rules, o.By, o.From, o.To.AddDate(0, 0, 1))
		part := firstFew{limit: limit}
		take := func(out *reconcile.Outcome) {
			if out.Code > after && sees(out.Department) && cells.In(out, cell) {
				part.add(CellDossier{
					Code: out.Code, Department: out.Department, Deadline: out.Deadline,
					Platform: copied(out.Pair.Platform), Office: copied(out.Pair.Office),
				})
			}
		}
		return take, func() {
			lock.Lock()
			defer lock.Unlock()
			all.limit = limit
			for _, d := range part.list {
				all.add(d)
			}
		}
	})
	all.trim()
	return all.list, err
}

// firstFew keeps the first by code of those it is given.
type firstFew struct {
	limit int
	list  []CellDossier
}

func (f *firstFew) add(d CellDossier) {
	if f.list = append(f.list, d); len(f.list) >= 4*f.limit {
		f.trim()
	}
}

func (f *firstFew) trim() {
	slices.SortFunc(f.list, func(a, b CellDossier) int { return cmp.Compare(a.Code, b.Code) })
	if f.limit > 0 && len(f.list) > f.limit {
		f.list = f.list[:f.limit]
	}
}
