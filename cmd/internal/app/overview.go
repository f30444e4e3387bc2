package app

import (
	"context"
	"slices"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// overviewDays is how many days the trend goes back.
const overviewDays = 90

// Departments implements web.OverviewBackend.
func (b backend) Departments(_ context.Context, scope access.Scope) ([]web.NamedDepartment, error) {
	app, done := b.current.take()
	defer done()
	list := []web.NamedDepartment{}
	for _, d := range app.Config.Departments {
		if scope.Sees(d.Code) {
			list = append(list, web.NamedDepartment{Code: d.Code, Name: d.Name})
		}
	}
	return list, nil
}

// Overview implements web.OverviewBackend. It is made of the picture, so that its
// cost does not grow with what is stored; only the trend is asked for, once a run.
func (b backend) Overview(ctx context.Context, scope access.Scope) (*web.Overview, error) {
	app, done := b.current.take()
	defer done()
	p, zone := b.picture.Load(), app.Config.Zone
	sources, err := b.Sources(ctx, scope)
	if err != nil {
		return nil, err
	}
	o := &web.Overview{
		Departments: []web.DepartmentOverview{}, Sources: sources,
		Guards: web.Guards{HeldSnapshots: []web.HeldSnapshot{}, HeldRuns: []web.HeldRun{}, NotAccepted: []web.NotAccepted{}},
	}
	if p.newest != nil {
		o.AsOf, o.Run = web.Stamp(p.newest.AsOf, zone), p.newest.ID
	}
	if scope.All() {
		o.Guards = guardsOf(app, p)
		if run := p.runs[store.RunNightly]; run != nil {
			night := wireRun(store.RunNightly, run, zone)
			o.Nightly = &night
		}
	}
	for _, d := range p.departments(app) {
		if scope.Sees(d.Code) {
			o.Departments = append(o.Departments, p.overviewOf(d, zone))
		}
	}
	o.Days, err = b.days(ctx, o.Run, scope, zone)
	return o, err
}

// departments are those of the configuration, then those that only data name.
func (p *picture) departments(app *App) []web.NamedDepartment {
	var list []web.NamedDepartment
	for _, d := range app.Config.Departments {
		list = append(list, web.NamedDepartment{Code: d.Code, Name: d.Name})
	}
	known := func(code string) bool {
		return slices.ContainsFunc(list, func(d web.NamedDepartment) bool { return d.Code == code })
	}
	for _, row := range p.standing {
		if !known(row.Department) {
			list = append(list, web.NamedDepartment{Code: row.Department, Name: row.Department})
		}
	}
	return list
}

// overviewOf is how one department stands.
func (p *picture) overviewOf(d web.NamedDepartment, zone *time.Location) web.DepartmentOverview {
	o := web.DepartmentOverview{NamedDepartment: d, Kinds: []web.KindOverview{}}
	kinds := map[reconcile.Kind]*web.KindOverview{}
	var oldest time.Time
	for _, row := range p.standing {
		if row.Department != d.Code {
			continue
		}
		k := kinds[row.Kind]
		if k == nil {
			k = &web.KindOverview{Kind: row.Kind}
			kinds[row.Kind] = k
		}
		switch {
		case row.Unstable:
			k.Unstable += row.Count
		case row.State == reconcile.StateOpen:
			k.Open += row.Count
			k.Past += row.Past
			if since := time.UnixMilli(row.Oldest); oldest.IsZero() || since.Before(oldest) {
				oldest = since
			}
		case row.State == reconcile.StateAcknowledged:
			k.Acknowledged += row.Count
		case row.State == reconcile.StateWaived:
			k.Waived += row.Count
		default:
			k.Suspected += row.Count
		}
	}
	for _, kind := range reconcile.Kinds {
		if k := kinds[kind]; k != nil {
			o.Kinds = append(o.Kinds, *k)
		}
	}
	for _, e := range p.effects {
		switch {
		case e.Department != d.Code:
		case e.Effect == reconcile.FalseOverdue:
			o.FalseOverdue = e.Dossiers
		case e.Effect == reconcile.HiddenOverdue:
			o.HiddenOverdue = e.Dossiers
		}
	}
	if p.newest != nil {
		o.Compared = p.newest.Summary.Compared[d.Code]
	}
	o.OldestSince = web.Stamp(oldest, zone)
	return o
}

// days is the trend of what is in scope. Days without a run stand where they fall, as
// the day before ended.
func (b backend) days(ctx context.Context, run int64, scope access.Scope, zone *time.Location) ([]web.DayOverview, error) {
	today := b.asOf().In(zone)
	from := today.AddDate(0, 0, 1-overviewDays)
	counted, err := b.trend.of(ctx, b.store, run, from.Format(time.DateOnly), scope)
	if err != nil {
		return nil, err
	}
	days := []web.DayOverview{}
	for day := from; !day.After(today); day = day.AddDate(0, 0, 1) {
		text := day.Format(time.DateOnly)
		switch {
		case len(counted) > 0 && counted[0].Day == text:
			c := counted[0]
			days = append(days, web.DayOverview{
				Day: text, Open: c.Open, Opened: c.Opened, Resolved: c.Resolved, FalseOverdue: c.FalseOverdue, HiddenOverdue: c.HiddenOverdue,
			})
			counted = counted[1:]
		case len(days) > 0:
			was := days[len(days)-1]
			days = append(days, web.DayOverview{Day: text, Open: was.Open, FalseOverdue: was.FalseOverdue, HiddenOverdue: was.HiddenOverdue})
		}
	}
	return days, nil
}
