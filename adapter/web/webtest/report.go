package webtest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// Report implements web.ReportBackend, over thirty dossiers a department received in
// May 2018.
func (b *Backend) Report(_ context.Context, scope access.Scope, q web.ReportQuery) (*web.Report, error) {
	unlock, err := b.begin("Report")
	defer unlock()
	if err != nil {
		return nil, err
	}
	return b.report(scope, q), nil
}

func (b *Backend) report(scope access.Scope, q web.ReportQuery) *web.Report {
	asOf := q.AsOf
	if asOf.IsZero() {
		asOf = b.now
	}
	r := &web.Report{
		From: q.From.Format(time.DateOnly), To: q.To.Format(time.DateOnly), AsOf: b.stamp(asOf), By: q.By, Total: web.ReportRow{Name: "Tổng số"},
		Findings: []web.Sentence{{Vi: "3 hồ sơ hệ thống báo quá hạn không đúng.", En: "3 dossiers are overdue on the platform only."}},
		Sources:  []web.Snapshot{b.snapshot("dvc-hue", reconcile.Platform, 30)}, Unread: []string{},
	}
	for i, d := range Names {
		row := web.ReportRow{Department: d.Code, Name: d.Name}
		if q.By == reconcile.ByField {
			row.Department, row.Name = fields[i], fields[i]
		}
		if !scope.Sees(d.Code) {
			continue
		}
		r.Sources = append(r.Sources, b.snapshot(sourceOf(d.Code), reconcile.Office, int64(20+i)))
		for _, p := range b.population {
			if p.department == d.Code && inPeriod(q) {
				p.count(&row)
				p.count(&r.Total)
			}
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

// inPeriod: all were received on 2 May 2018.
func inPeriod(q web.ReportQuery) bool {
	day := time.Date(2018, 5, 2, 0, 0, 0, 0, Vietnam)
	return !q.From.After(day) && !q.To.Before(day)
}

func (p *person) count(row *web.ReportRow) {
	for _, account := range [...]struct {
		verdict *reconcile.Verdict
		counts  *reconcile.Counts
		form    *reconcile.FormCounts
	}{{&p.reported, &row.Reported, &row.FormReported}, {&p.verified, &row.Verified, &row.FormVerified}} {
		for _, column := range p.columns(account.verdict) {
			c, f := account.counts, account.form
			if into := map[reconcile.Column]*int{
				reconcile.ColumnResolvedOnTime: &c.ResolvedOnTime, reconcile.ColumnResolvedLate: &c.ResolvedLate,
				reconcile.ColumnInProgressOnTime: &c.InProgressOnTime, reconcile.ColumnInProgressOverdue: &c.InProgressOverdue,
				reconcile.ColumnFormOnline: &f.Online, reconcile.ColumnFormInPerson: &f.InPerson, reconcile.ColumnFormEarly: &f.Early, reconcile.ColumnFormOnTime: &f.OnTime,
				reconcile.ColumnFormLate: &f.Late, reconcile.ColumnFormInProgressOnTime: &f.InProgressOnTime, reconcile.ColumnFormInProgressOverdue: &f.InProgressOverdue,
			}[column]; into != nil {
				*into++
			}
		}
	}
}

// columns are those in which a dossier counts by one account.
func (p *person) columns(v *reconcile.Verdict) []reconcile.Column {
	list := []reconcile.Column{reconcile.ColumnTotal, reconcile.ColumnFormReceived}
	if p.online {
		list = append(list, reconcile.ColumnFormOnline)
	} else {
		list = append(list, reconcile.ColumnFormInPerson)
	}
	switch {
	case v.Ended && v.Late:
		return append(list, reconcile.ColumnResolvedLate, reconcile.ColumnFormResolved, reconcile.ColumnFormLate)
	case v.Ended && p.early:
		return append(list, reconcile.ColumnResolvedOnTime, reconcile.ColumnFormResolved, reconcile.ColumnFormEarly)
	case v.Ended:
		return append(list, reconcile.ColumnResolvedOnTime, reconcile.ColumnFormResolved, reconcile.ColumnFormOnTime)
	case v.Late:
		return append(list, reconcile.ColumnInProgressOverdue, reconcile.ColumnFormInProgress, reconcile.ColumnFormInProgressOverdue)
	}
	return append(list, reconcile.ColumnInProgressOnTime, reconcile.ColumnFormInProgress, reconcile.ColumnFormInProgressOnTime)
}

// counts reports whether the dossier is behind the cell.
func (p *person) behind(cell web.Cell) bool {
	reported := slices.Contains(p.columns(&p.reported), cell.Column)
	verified := slices.Contains(p.columns(&p.verified), cell.Column)
	switch cell.Account {
	case reconcile.AccountReported:
		return reported
	case reconcile.AccountVerified:
		return verified
	}
	return reported != verified
}

// ReportDossiers implements web.ReportBackend.
func (b *Backend) ReportDossiers(_ context.Context, scope access.Scope, q web.ReportQuery, cell web.Cell, after string, limit int) (*web.CellPage, error) {
	unlock, err := b.begin("ReportDossiers")
	defer unlock()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(b.population, func(x, y person) int { return cmp.Compare(x.code, y.code) })
	page := &web.CellPage{Items: []web.CellDossier{}}
	for i := range b.population {
		p := &b.population[i]
		row := p.department
		if q.By == reconcile.ByField {
			row = p.field
		}
		if !scope.Sees(p.department) || !cell.Total && row != cell.Row || !inPeriod(q) || !p.behind(cell) || strings.Compare(p.code, after) <= 0 {
			continue
		}
		if len(page.Items) == limit {
			page.Next = page.Items[limit-1].Code
			break
		}
		record := web.RecordOf(&reconcile.Record{
			Source: "dvc-hue", Code: p.code, Procedure: "1.000948", Field: p.field, Department: p.department, Status: reconcile.Processing, RawStatus: "4 " + Mark(p.department) + Hostile[0],
			ReceivedAt: moment(-29, 8), DueAt: moment(29, 17),
		}, Vietnam)
		page.Items = append(page.Items, web.CellDossier{
			Code: p.code, Department: p.department, Reported: web.VerdictOf(&p.reported), Verified: web.VerdictOf(&p.verified), Effect: p.effect, Platform: record,
		})
	}
	return page, nil
}

// ReportFile implements web.ReportBackend.
func (b *Backend) ReportFile(_ context.Context, scope access.Scope, q web.ReportQuery, format string) (*web.File, error) {
	unlock, err := b.begin("ReportFile")
	defer unlock()
	if err != nil {
		return nil, err
	}
	r := b.report(scope, q)
	return file("bao-cao-"+r.From+"-"+r.To, format, fmt.Sprintf("báo cáo %+v", r.Rows)), nil
}
