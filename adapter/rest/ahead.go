package rest

import (
	"context"
	"sync"
)

// ahead fetches pages before they are wanted. What it fetches is a guess: the
// poll decides page by page what comes next, and a page that was guessed
// wrongly is thrown away.
type ahead struct {
	ctx   context.Context
	load  func(context.Context, ask, *page) error
	pages *pagePool
	queue []*pending // in the order in which they will be wanted
	done  sync.WaitGroup
}

// pending is a page under way.
type pending struct {
	ask    ask
	cancel context.CancelFunc
	ready  chan struct{}
	page   *page // valid once ready is closed
	err    error
}

func (h *ahead) start(a ask) *pending {
	ctx, cancel := context.WithCancel(h.ctx)
	f := &pending{ask: a, cancel: cancel, ready: make(chan struct{}), page: h.pages.get()}
	h.done.Add(1)
	go func() {
		defer h.done.Done()
		defer close(f.ready)
		defer cancel()
		f.err = h.load(ctx, a, f.page)
	}()
	return f
}

// want returns the page asked for: from the queue if it is there, else new.
func (h *ahead) want(a ask) *pending {
	for i, f := range h.queue {
		if f.ask == a {
			h.drop(h.queue[:i])
			h.queue = h.queue[i+1:]
			return f
		}
	}
	// An unforeseen page before those in the queue leaves them wanted (the rest
	// of a short strip, a second page of a window); otherwise they are stale.
	if len(h.queue) > 0 && !h.queue[0].ask.after(a) {
		h.drop(h.queue)
		h.queue = nil
	}
	return h.start(a)
}

// fill starts guesses until depth pages are under way or waiting, the wanted
// one included.
func (h *ahead) fill(wanted ask, depth int, guess func(ask) (ask, bool)) {
	last := wanted
	if n := len(h.queue); n > 0 {
		last = h.queue[n-1].ask
	}
	for len(h.queue)+1 < depth {
		next, ok := guess(last)
		if !ok {
			return
		}
		h.queue = append(h.queue, h.start(next))
		last = next
	}
}

func (h *ahead) drop(stale []*pending) {
	for _, f := range stale {
		f.cancel()
	}
}

// stop cancels what is under way and waits for it.
func (h *ahead) stop() {
	h.drop(h.queue)
	h.done.Wait()
}

func (a ask) after(b ask) bool {
	return a.window > b.window || a.window == b.window && a.at > b.at
}
