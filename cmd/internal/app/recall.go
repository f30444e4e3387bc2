package app

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// recalled is what every page, list and run needs of the store before it looks at a
// single dossier, as it was at one revision. It is shared: nobody changes it.
type recalled struct {
	revision        string
	last, full      map[string]reconcile.Snapshot // as Store.Accepted gives them
	polled, attempt map[string]reconcile.Snapshot // as Store.Polled gives them
	held            map[string]bool               // sources of which a snapshot waits for somebody
	reader          *store.Reader
	aliases         aliases
	run             *store.Run // the last one; nil if there is none
}

// recall keeps what was read of the store while its revision stays the same: a page
// would ask a dozen questions whose answers change with a poll or a run only.
type recall struct {
	kept atomic.Pointer[recalled]
	// turn lets one ask at a time, so that a poll does not make all who wait ask.
	turn chan struct{}
}

func newRecall() *recall { return &recall{turn: make(chan struct{}, 1)} }

// recall is as the store stands now, or later.
func (a *App) recall(ctx context.Context) (*recalled, error) {
	r := a.recalled
	// Before anything else, so that what changes meanwhile is read next time.
	revision, err := a.Store.Revision(ctx)
	if err != nil {
		return nil, err
	}
	if kept := r.kept.Load(); kept != nil && kept.revision == revision {
		return kept, nil
	}
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for another that reads how the store stands: %w", ctx.Err())
	}
	if kept := r.kept.Load(); kept != nil && kept.revision == revision {
		return kept, nil
	}
	now := &recalled{revision: revision}
	if err := now.read(ctx, a.Store); err != nil {
		return nil, err
	}
	r.kept.Store(now)
	return now, nil
}

func (r *recalled) read(ctx context.Context, from *store.Store) (err error) {
	if r.last, r.full, err = from.Accepted(ctx); err != nil {
		return err
	}
	if r.polled, r.attempt, err = from.Polled(ctx); err != nil {
		return err
	}
	held, err := from.HeldSnapshots(ctx)
	if err != nil {
		return err
	}
	r.held = make(map[string]bool, len(held))
	for i := range held {
		r.held[held[i].Source] = true
	}
	if r.reader, err = from.NewReader(ctx); err != nil {
		return err
	}
	pairs, err := from.Aliases(ctx)
	if err != nil {
		return err
	}
	r.aliases = joinAliases(pairs)
	r.run, err = from.LastRun(ctx)
	return err
}
