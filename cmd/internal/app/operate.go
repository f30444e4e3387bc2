package app

import (
	"context"
	"errors"

	"github.com/doisoat/doisoat/adapter/jobs"
	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// PollNow implements web.OperateBackend.
func (b backend) PollNow(ctx context.Context, _ *access.Principal, source string) error {
	app, done := b.current.take()
	defer done()
	if app.byName[source] == nil {
		return web.ErrNotFound
	}
	return b.queue.EnqueuePoll(ctx, nil, jobs.PollJob{Source: source, Full: true, Slot: b.now()})
}

// AcceptSnapshot implements web.OperateBackend.
func (b backend) AcceptSnapshot(ctx context.Context, who *access.Principal, id int64) error {
	app, done := b.current.take()
	defer done()
	_, err := app.AcceptSnapshot(ctx, id, who.Name, b.now())
	b.drawSoon()
	return refusal(err, "Bản đọc này không còn chờ chấp nhận.")
}

// ReleaseRun implements web.OperateBackend.
func (b backend) ReleaseRun(ctx context.Context, who *access.Principal, id int64) error {
	app, done := b.current.take()
	defer done()
	_, err := app.ReleaseRun(ctx, id, who.Name, b.now())
	b.drawSoon()
	return refusal(err, "Lần đối soát này không còn bị giữ lại.")
}

// refusal turns what the store refuses into what a person is told.
func refusal(err error, vi string) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return web.ErrNotFound
	case errors.Is(err, store.ErrNotHeld):
		return web.Refuse(vi, err.Error())
	}
	return err
}

// Rejected implements web.SourceBackend.
func (b backend) Rejected(ctx context.Context, source string, limit int) ([]web.RejectedRow, error) {
	app, done := b.current.take()
	defer done()
	if app.byName[source] == nil {
		return nil, web.ErrNotFound
	}
	list := []web.RejectedRow{}
	snap, ok := b.picture.Load().attempted[source]
	if !ok {
		return list, nil
	}
	rows, err := b.store.ListRejected(ctx, snap.ID)
	for i, row := range rows {
		if i == limit {
			break
		}
		list = append(list, web.RejectedOf(source, row))
	}
	return list, err
}
