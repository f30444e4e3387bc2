package database

import (
	"context"
	"errors"
	"maps"

	"github.com/doisoat/doisoat/reconcile"
)

// answers counts round trips by how they ended: a statement that gave what was
// asked for, one that did not (or no connection), and one that we ourselves
// broke off, which is no failure of the source.
type answers struct{ ok, failed, cancelled int }

func (a *answers) count(ctx context.Context, err error) {
	switch {
	case err == nil:
		a.ok++
	case errors.Is(context.Cause(ctx), context.Canceled):
		a.cancelled++
	default:
		a.failed++
	}
}

func (a *answers) tell(p *reconcile.Poll) {
	p.Requests = a.ok + a.failed + a.cancelled
	p.Answers = map[string]int{"ok": a.ok, "error": a.failed, "cancelled": a.cancelled}
	maps.DeleteFunc(p.Answers, func(_ string, n int) bool { return n == 0 })
}
