package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// List implements web.ListBackend.
func (b backend) List(ctx context.Context, scope access.Scope, department string) (*web.File, error) {
	app, done := b.current.take()
	defer done()
	if !app.mayList(scope, department) {
		return nil, web.ErrNotFound
	}
	return app.CurrentList(ctx, department, b.asOf(), b.now())
}

// mayList reports whether there is such a department, and it is in scope.
func (a *App) mayList(scope access.Scope, department string) bool {
	return scope.Sees(department) && a.isDepartment(department)
}

// Apology implements web.LetterBackend.
func (b backend) Apology(ctx context.Context, scope access.Scope, department string) (*web.File, error) {
	app, done := b.current.take()
	defer done()
	if !app.mayList(scope, department) {
		return nil, web.ErrNotFound
	}
	file, err := app.Apology(ctx, department, b.asOf())
	if err == nil && file == nil {
		err = web.ErrNotFound
	}
	return file, err
}

// SendLetter implements web.LetterBackend.
func (b backend) SendLetter(ctx context.Context, who *access.Principal, department string) (*web.Letter, error) {
	app, done := b.current.take()
	defer done()
	if !app.mayList(who.Scope(), department) {
		return nil, web.ErrNotFound
	}
	l, _, err := app.MakeLetter(ctx, LetterOptions{Department: department, AsOf: b.asOf(), At: b.now(), By: who.Name, Send: true})
	switch {
	case errors.Is(err, store.ErrHeld):
		return nil, web.Refuse("Lần đối soát gần nhất đang bị giữ lại vì có quá nhiều sai lệch mới; hãy xem và cho phép trước khi gửi.", err.Error())
	case errors.Is(err, store.ErrNothingToRemind):
		return nil, web.Refuse("Không có hồ sơ nào cần nhắc: không còn sai lệch đang mở, hoặc nguồn dữ liệu chưa được đọc lại.", err.Error())
	case err != nil:
		return nil, err
	}
	b.drawSoon()
	return b.Letter(ctx, who.Scope(), l.ID)
}

// Letters implements web.LetterBackend.
func (b backend) Letters(ctx context.Context, scope access.Scope, department string, before int64, limit int) (*web.LetterPage, error) {
	app, done := b.current.take()
	defer done()
	list, err := b.store.ListLetters(ctx, store.LetterFilter{Departments: scope.Departments(), Department: department, Before: before, Limit: limit + 1})
	page := &web.LetterPage{Items: []web.Letter{}}
	for i := range list {
		if i == limit {
			page.Next = list[i-1].ID
			break
		}
		page.Items = append(page.Items, app.WireLetter(&list[i]))
	}
	return page, err
}

// WireLetter is a letter as the API and the command line show it.
func (a *App) WireLetter(l *store.Letter) web.Letter {
	zone := a.Config.Zone
	return web.Letter{
		ID: l.ID, Number: l.Label, Department: l.Department, Name: a.departmentName(l.Department), Day: l.Day, Times: l.Times,
		MadeAt: web.Stamp(l.MadeAt, zone), MadeBy: l.MadeBy, AnswerBy: web.Stamp(l.AnswerBy, zone), Count: l.Count,
	}
}

// Letter implements web.LetterBackend.
func (b backend) Letter(ctx context.Context, scope access.Scope, id int64) (*web.Letter, error) {
	app, done := b.current.take()
	defer done()
	l, err := b.letter(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	out := app.WireLetter(l)
	ids := make([]string, len(l.Items))
	for i := range l.Items {
		ids[i] = l.Items[i].DiscrepancyID
	}
	states, err := b.statesOf(ctx, scope, ids)
	if err != nil {
		return nil, err
	}
	for _, item := range l.Items {
		out.Items = append(out.Items, web.LetterItem{
			Discrepancy: item.DiscrepancyID, Code: item.Code, Kind: item.Kind, Effect: item.Effect, Times: item.Times, State: states[item.DiscrepancyID],
		})
	}
	deliveries, err := b.store.ListDeliveries(ctx, store.DeliveryFilter{Departments: scope.Departments(), Letter: id})
	for i := range deliveries {
		out.Deliveries = append(out.Deliveries, WireDelivery(&deliveries[i], app.Config.Zone))
	}
	return &out, err
}

func (b backend) letter(ctx context.Context, scope access.Scope, id int64) (*store.Letter, error) {
	l, err := b.store.GetLetter(ctx, scope.Departments(), id)
	if errors.Is(err, store.ErrNotFound) {
		err = web.ErrNotFound
	}
	return l, err
}

// LetterFile implements web.LetterBackend.
func (b backend) LetterFile(ctx context.Context, scope access.Scope, id int64, format string) (*web.File, error) {
	app, done := b.current.take()
	defer done()
	if !slices.Contains(LetterFormats, format) {
		return nil, web.ErrNotFound
	}
	l, err := b.letter(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	return app.LetterFile(l, format)
}

// Deliveries implements web.LetterBackend.
func (b backend) Deliveries(ctx context.Context, scope access.Scope, state web.DeliveryState, before int64, limit int) (*web.DeliveryPage, error) {
	app, done := b.current.take()
	defer done()
	list, err := b.store.ListDeliveries(ctx, store.DeliveryFilter{
		Departments: scope.Departments(), State: store.DeliveryState(state), Before: before, Limit: limit + 1,
	})
	page := &web.DeliveryPage{Items: []web.Delivery{}}
	for i := range list {
		if i == limit {
			page.Next = list[i-1].ID
			break
		}
		page.Items = append(page.Items, WireDelivery(&list[i], app.Config.Zone))
	}
	return page, err
}

// WireDelivery is a delivery as the API and the command line show it.
func WireDelivery(d *store.Delivery, zone *time.Location) web.Delivery {
	return web.Delivery{
		ID: d.ID, Letter: d.LetterID, Number: d.Label, Department: d.Department, Channel: d.Channel, MessageID: d.MessageID,
		State: web.DeliveryState(d.State), Attempts: d.Attempts, CreatedAt: web.Stamp(d.CreatedAt, zone), NextAt: web.Stamp(d.NextAt, zone),
		EndedAt: web.Stamp(d.EndedAt, zone), LastError: d.LastError,
	}
}

// RetryDelivery implements web.LetterBackend.
func (b backend) RetryDelivery(ctx context.Context, who *access.Principal, id int64) (*web.Delivery, error) {
	app, done := b.current.take()
	defer done()
	if _, err := b.store.GetDelivery(ctx, who.Scope().Departments(), id); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			err = web.ErrNotFound
		}
		return nil, err
	}
	d, err := b.store.RetryDelivery(ctx, id, b.asOf())
	switch {
	case errors.Is(err, store.ErrNotDead):
		return nil, web.Refuse("Lần gửi này chưa bị dừng; chỉ gửi lại được lần gửi đã dừng.", err.Error())
	case errors.Is(err, store.ErrNotFound):
		return nil, web.ErrNotFound
	case err != nil:
		return nil, err
	}
	b.drawSoon()
	out := WireDelivery(d, app.Config.Zone)
	return &out, nil
}

// statesOf tells where discrepancies stand now, by ID.
func (b backend) statesOf(ctx context.Context, scope access.Scope, ids []string) (map[string]reconcile.State, error) {
	states := make(map[string]reconcile.State, len(ids))
	if len(ids) == 0 {
		return states, nil
	}
	err := b.store.EachDiscrepancy(ctx, store.Filter{All: true, Departments: scope.Departments(), IDs: ids}, func(d reconcile.Discrepancy) error {
		states[d.ID] = d.State
		return nil
	})
	return states, err
}
