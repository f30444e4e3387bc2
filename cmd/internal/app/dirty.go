package app

import (
	"context"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// dirty is the keys to look at: changed since the last comparison, due by time,
// read again by themselves, or waiting for a source that can be believed again;
// and whatever aliases join to them.
func (c *comparison) dirty(ctx context.Context) (keys []store.Key, all bool, err error) {
	if keys, all, err = c.app.Store.ChangedKeys(ctx); err != nil || all {
		return nil, all, err
	}
	due, err := c.app.Store.DueKeys(ctx, c.rules.AsOf)
	if err != nil {
		return nil, false, err
	}
	keys = append(append(keys, due...), c.looks.keys()...)
	before, err := c.app.Store.LastFresh(ctx)
	if err != nil {
		return nil, false, err
	}
	if moreIsKnown(before, freshOf(c.rules.Coverage)) {
		waiting, everything, err := c.app.Store.WaitingKeys(ctx)
		if err != nil || everything {
			return nil, everything, err
		}
		keys = append(keys, waiting...)
	}
	keys = c.aliases.expand(keys)
	return keys, len(keys) > 1<<16, nil
}

// freshOf is what can be believed, with the start of each source's last accepted
// full poll.
func freshOf(coverage reconcile.Coverage) map[string]time.Time {
	fresh := map[string]time.Time{}
	for name, r := range coverage.Sources {
		if r.Fresh {
			fresh[name] = r.FullAt
		}
	}
	return fresh
}

// moreIsKnown reports whether a source can be believed that could not be before,
// or was read in full since.
func moreIsKnown(before, now map[string]time.Time) bool {
	for name, fullAt := range now {
		was, ok := before[name]
		if !ok || fullAt.UnixMilli() != was.UnixMilli() { // not after: the clock may have been set back
			return true
		}
	}
	return false
}
