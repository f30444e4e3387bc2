package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// Say is what a person says of a discrepancy at a moment.
type Say func(d *reconcile.Discrepancy, at time.Time) (reconcile.Change, error)

// Act sets what a person says on discrepancies in scope: on all of them or none.
// ErrNotFound of the store where one is not there or out of scope.
func (a *App) Act(ctx context.Context, scope access.Scope, ids []string, at time.Time, say Say) ([]reconcile.Discrepancy, error) {
	return a.Store.Act(ctx, scope.Departments(), ids, func(d reconcile.Discrepancy) (reconcile.Change, error) { return say(&d, at) })
}

// Acknowledge implements web.ActBackend.
func (b backend) Acknowledge(ctx context.Context, who *access.Principal, ids []string, note string) ([]web.Discrepancy, error) {
	return b.act(ctx, who, ids, func(d *reconcile.Discrepancy, at time.Time) (reconcile.Change, error) {
		if d.State != reconcile.StateOpen && d.State != reconcile.StateAcknowledged {
			return reconcile.Change{}, notNow(d)
		}
		return d.Acknowledge(who.Name, note, at)
	})
}

// Waive implements web.ActBackend.
func (b backend) Waive(ctx context.Context, who *access.Principal, ids []string, until, reason string) ([]web.Discrepancy, error) {
	app, done := b.current.take()
	defer done()
	day, err := time.ParseInLocation(time.DateOnly, until, app.Config.Zone)
	if err != nil {
		return nil, web.Refuse("Ngày "+until+" không đọc được; viết dạng năm-tháng-ngày.", "the day "+until+" cannot be read; write yyyy-MM-dd")
	}
	end := day.AddDate(0, 0, 1) // its last day included
	switch now := b.asOf(); {
	case !end.After(now):
		return nil, web.Refuse("Ngày "+day.Format("02/01/2006")+" đã qua; chọn một ngày sắp tới.", "the day "+until+" is over; choose one to come")
	case end.After(now.AddDate(1, 0, 1)):
		return nil, web.Refuse("Tạm không nhắc nhiều nhất một năm.", "a waiver lasts one year at most")
	}
	return b.act(ctx, who, ids, func(d *reconcile.Discrepancy, at time.Time) (reconcile.Change, error) {
		if !d.Standing() {
			return reconcile.Change{}, notNow(d)
		}
		return d.Waive(who.Name, reason, end, at)
	})
}

// TakeBack implements web.ActBackend.
func (b backend) TakeBack(ctx context.Context, who *access.Principal, ids []string, reason string) ([]web.Discrepancy, error) {
	return b.act(ctx, who, ids, func(d *reconcile.Discrepancy, at time.Time) (reconcile.Change, error) {
		if d.State != reconcile.StateAcknowledged && d.State != reconcile.StateWaived {
			return reconcile.Change{}, notNow(d)
		}
		return d.TakeBack(who.Name, reason, at)
	})
}

// notNow refuses what cannot be said of a discrepancy as it stands.
func notNow(d *reconcile.Discrepancy) error {
	return web.Refuse(
		fmt.Sprintf("Hồ sơ %s (%s): đang ở trạng thái “%s” nên không đặt như vậy được.", d.Code, reconcile.KindLabels[d.Kind], reconcile.StateLabels[d.State]),
		fmt.Sprintf("dossier %s (%s) is %s; that cannot be said of it now", d.Code, d.Kind, d.State))
}

func (b backend) act(ctx context.Context, who *access.Principal, ids []string, say Say) ([]web.Discrepancy, error) {
	app, done := b.current.take()
	defer done()
	set, err := app.Act(ctx, who.Scope(), ids, b.asOf(), say)
	if errors.Is(err, store.ErrNotFound) {
		return nil, web.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	b.drawSoon()
	return b.wireAll(ctx, app, set)
}

// wireAll shows discrepancies with their records, in the order given.
func (b backend) wireAll(ctx context.Context, app *App, list []reconcile.Discrepancy) ([]web.Discrepancy, error) {
	known, err := app.recall(ctx)
	if err != nil {
		return nil, err
	}
	rules := app.rulesNow(known, b.asOf(), b.now())
	ids, at := make([]string, len(list)), make(map[string]int, len(list))
	for i := range list {
		ids[i], at[list[i].ID] = list[i].ID, i
	}
	items := make([]web.Discrepancy, len(list))
	err = app.eachListed(ctx, known, rules, store.Filter{All: true, IDs: ids}, func(l *Listed) error {
		items[at[l.ID]] = wireListed(rules, l, app.Config.Zone)
		return nil
	})
	return items, err
}

// wireListed is a discrepancy as the API and the pages show it.
func wireListed(rules *reconcile.Rules, l *Listed, zone *time.Location) web.Discrepancy {
	item := web.DiscrepancyOf(&l.Discrepancy, l.Platform, l.Office, zone)
	if l.Standing() {
		item.NotVerifiedSince = web.Stamp(notVerifiedSince(rules, &l.Discrepancy), zone)
	}
	return item
}
