package app

import (
	"context"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// AcceptSnapshot lets a held snapshot through on a person's word.
func (a *App) AcceptSnapshot(ctx context.Context, id int64, by string, at time.Time) (*reconcile.Snapshot, error) {
	return a.Store.AcceptSnapshot(ctx, id, by, at, func(name string, values []string) string {
		src := a.byName[name]
		if src == nil {
			return "" // no longer configured
		}
		return src.departmentOf(values)
	})
}
