package app

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// recalled is what every page and list needs of the store before it looks at a single
// dossier, as it was at one revision. It is shared: nobody changes it.
type recalled struct {
	revision        string
	last, full      map[string]reconcile.Snapshot // as Store.Accepted gives them
	polled, attempt map[string]reconcile.Snapshot // as Store.Polled gives them
	newest          map[string]reconcile.Snapshot // as Store.Attempted gives them
	held            map[string]bool               // sources of which a snapshot waits for somebody
	reader          *store.Reader
	aliases         aliases
	run             *store.Run // the last one; nil if there is none
}

// memory keeps what was recalled while the store's revision stays the same: a page
// would ask a dozen questions whose answers change with a poll, a run or a person's
// word only. Runs do not use it.
type memory struct {
	kept atomic.Pointer[recalled]
	// reading lets one read at a time, so that after a poll not all who come do.
	reading sync.Mutex
}

// recall is how the store stands now.
func (a *App) recall(ctx context.Context) (*recalled, error) {
	m := &a.memory
	// Before anything else, so that what changes meanwhile is read next time.
	revision, err := a.Store.Revision(ctx)
	if err != nil {
		return nil, err
	}
	if kept := m.kept.Load(); kept != nil && kept.revision == revision {
		return kept, nil
	}
	m.reading.Lock()
	defer m.reading.Unlock()
	if kept := m.kept.Load(); kept != nil && kept.revision == revision {
		return kept, nil
	}
	now := &recalled{revision: revision}
	if err := now.read(ctx, a.Store); err != nil { // at once where ctx ended while waiting
		return nil, err
	}
	m.kept.Store(now)
	return now, nil
}

func (r *recalled) read(ctx context.Context, from *store.Store) (err error) {
	if r.last, r.full, err = from.Accepted(ctx); err != nil {
		return err
	}
	if r.polled, r.attempt, err = from.Polled(ctx); err != nil {
		return err
	}
	if r.newest, err = from.Attempted(ctx); err != nil {
		return err
	}
	if r.held, err = heldSources(ctx, from); err != nil {
		return err
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
