package rest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// Poll reads the list once; see the package's text for what it promises. With
// PollRequest.Limit, EndReached is true once so many rows have come.
func (s *Source) Poll(ctx context.Context, req reconcile.PollRequest, sink reconcile.Sink) (reconcile.Poll, error) {
	var m meter
	inner, cancel := context.WithCancel(withMeter(ctx, &m))
	s.seed.Store(req.Seed)
	if s.session != nil {
		s.session.forgive()
	}
	r := &run{
		Source: s, req: req, handover: handover{sink: sink, inputs: s.inputs.fork()},
		poll: reconcile.Poll{Mode: reconcile.Full, StartedAt: s.clock(), DeclaredTotal: -1},
	}
	r.plan()
	r.ahead = ahead{ctx: inner, load: r.load, pages: &s.pages}
	err := r.read()
	r.poll.DeclaredTotal = r.settleTotal(inner, err)
	cancel()
	r.ahead.stop()

	err = end(ctx, &r.poll, err, r.sinkErr)
	if r.poll.EndReached && r.whole() {
		s.rows.Store(int64(r.rows))
	}
	m.tell(&r.poll)
	r.poll.EndedAt = s.clock()
	return r.poll, err
}

// end says in the poll how it ended, and returns what Poll returns. ctx is the
// caller's.
func end(ctx context.Context, poll *reconcile.Poll, err, sinkErr error) error {
	var f *Fault
	switch {
	case err == nil:
		poll.EndReached = true
		return nil
	case errors.Is(err, errSink):
		poll.Cause, poll.Reason = reconcile.CauseCancelled, "stopped: the rows could not be taken in"
		return sinkErr
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		poll.Cause, poll.Reason = reconcile.CauseTimeout, "the poll took longer than it may; poll less at once, or give it more time"
		return ctx.Err()
	case ctx.Err() != nil:
		poll.Cause, poll.Reason = reconcile.CauseCancelled, "stopped before the end of the list"
		return ctx.Err()
	case !errors.As(err, &f): // what net/http says may hold an address
		f = asFault(err)
	}
	poll.Cause, poll.Reason = f.Cause, f.Reason
	return nil
}

var errSink = errors.New("sink")

// run is one poll under way.
type run struct {
	*Source
	handover
	req     reconcile.PollRequest
	poll    reconcile.Poll
	ahead   ahead
	windows []window
	since   string
	limited bool
	sinkErr error

	rows  int // handed to the sink
	bytes int64

	// of the window being read
	index  int
	w      progress
	hashes map[uint64]int      // of each page's items: number of the page
	tokens map[uint64]int      // of each cursor or address asked for: number of the page
	empty  int                 // pages without items in a row
	strip  map[uint64]struct{} // rows of the short strip being filled up

	// A row on the bound of two windows comes twice: rows of the last window
	// and of this one, and how many were left out for that.
	lastWindow, thisWindow map[uint64]struct{}
	twice                  int
	declared               int  // by the windows that are done
	said                   bool // any total at all was declared
	undeclared             bool // a window that is done held rows and declared no total
}

// plan settles windows and the lower bound.
func (r *run) plan() {
	start := time.Time{}
	if w := r.cfg.List.Window; w != nil {
		start = w.Start
	}
	if r.req.Mode == reconcile.Incremental && r.Source.since != nil && !r.req.Since.IsZero() {
		r.poll.Mode = reconcile.Incremental
		from := r.req.Since.Add(-r.cfg.List.Since.Overlap)
		if r.byTime {
			start = from
		} else {
			r.since = r.Source.since.format(from)
		}
	}
	r.windows = []window{{}}
	if w := r.cfg.List.Window; w != nil {
		r.windows = cut(r.Source.window, start, r.poll.StartedAt, w.Max)
	}
	r.begin(0)
}

func (r *run) begin(index int) {
	r.index, r.w, r.strip = index, progress{total: -1, claimed: -1}, nil
	if p, ok := r.pager.(stripPager); ok {
		r.w.size = p.size
	}
	r.hashes, r.tokens, r.empty = map[uint64]int{}, map[uint64]int{}, 0
	if len(r.windows) > 1 {
		r.lastWindow, r.thisWindow = r.thisWindow, map[uint64]struct{}{}
	}
}

// read goes through all windows and their pages. A nil error means that the end
// of each was seen.
func (r *run) read() error {
	if len(r.windows) == 0 {
		return faultf(reconcile.CauseSchema, "list.window.start lies in the future; nothing can be read")
	}
	if r.whole() {
		r.w.expected = int(r.Source.rows.Load())
	}
	a := r.pager.first()
	wanted := r.ahead.start(a)
	if r.w.expected > 0 {
		r.ahead.fill(a, r.depth(), r.guess)
	}
	for {
		<-wanted.ready
		p := wanted.page
		next, more, err := r.judge(wanted, a)
		if err != nil {
			return err
		}
		place := r.place(r.w.pages)
		windowDone := !more
		if windowDone && r.index+1 < len(r.windows) {
			next, more = r.pager.first(), true
			next.window = r.index + 1
		}
		if more { // let the network work while the sink does
			wanted = r.ahead.want(next)
			r.ahead.fill(next, r.depth(), r.guess)
		}
		if err := r.hand(p, place); err != nil {
			return err
		}
		r.pages.put(p)
		if r.limited {
			return nil
		}
		if windowDone {
			r.finish()
		}
		if !more {
			return nil
		}
		if windowDone {
			r.begin(r.index + 1)
		}
		a = next
	}
}

// depth is how many pages may be under way or wait for their turn: as many as
// there are requests at once, and where it is known how many there will be, as
// many again, so that one slow page does not leave the others idle.
func (r *run) depth() int {
	atOnce := cap(r.client.places)
	if r.w.total >= 0 || r.w.expected > 0 {
		return 2 * atOnce
	}
	return atOnce
}

// guess tells what will probably be wanted after a.
func (r *run) guess(a ask) (ask, bool) {
	if a.window == r.index {
		if next, ok := r.pager.guess(&r.w, a); ok {
			return next, true
		}
	}
	if a.window+1 >= len(r.windows) {
		return ask{}, false
	}
	next := r.pager.first()
	next.window = a.window + 1
	return next, true
}

// load fetches one page; it runs in goroutines and reads only what plan set.
func (r *run) load(ctx context.Context, a ask, p *page) error {
	c := r.call(a, r.since)
	if c.follow && a.token != "" {
		next, err := url.Parse(a.token)
		if err != nil {
			return faultf(reconcile.CauseSchema, "the Link header holds no usable address")
		}
		c.next = next
	}
	return r.fetch(ctx, c, p)
}

// call is the request for one page of what was changed since a moment; "" asks
// for everything.
func (r *run) call(a ask, since string) call {
	c := call{endpoint: r.list, shape: r.reply, ok: r.cfg.List.OK, params: r.pager.params(a), seed: r.req.Seed, follow: r.cfg.List.Paging.Link != nil}
	c.vars.since = since
	if s := r.cfg.List.Since; s != nil && s.Param != "" && since != "" {
		c.params = append(c.params, param{name: s.Param, value: since, number: r.Source.since.numeric()})
	}
	if w := r.cfg.List.Window; w != nil {
		l := r.Source.window
		c.vars.from, c.vars.to = l.format(r.windows[a.window].from), l.format(r.windows[a.window].to)
		if w.From != "" {
			c.params = append(c.params, param{name: w.From, value: c.vars.from, number: l.numeric()})
		}
		if w.To != "" {
			c.params = append(c.params, param{name: w.To, value: c.vars.to, number: l.numeric()})
		}
	}
	return c
}

// hand gives a page to the sink and tells how far the poll is.
func (r *run) hand(p *page, place string) error {
	err := r.page(p, place, func(it item) bool {
		if r.limited = r.req.Limit > 0 && r.rows >= r.req.Limit; r.limited {
			return false
		}
		if r.thisWindow != nil {
			r.thisWindow[it.fingerprint] = struct{}{}
			if _, before := r.lastWindow[it.fingerprint]; before {
				r.twice++
				return false
			}
		}
		r.rows++
		return true
	})
	if err != nil {
		r.sinkErr = err
		return errSink
	}
	r.limited = r.req.Limit > 0 && r.rows >= r.req.Limit
	if r.req.Progress != nil {
		r.req.Progress(reconcile.Progress{Pages: r.poll.Pages, Rows: r.rows, TotalRows: r.expectedRows(), Bytes: r.bytes})
	}
	return nil
}

// finish adds up what the window that is done declared. One that held nothing
// and said nothing declared nothing.
func (r *run) finish() {
	r.undeclared = r.undeclared || r.w.claimed < 0 && r.w.rows > 0
	r.declared += max(r.w.claimed, 0)
	r.w.claimed = 0
}

// declaredTotal is what the source said it has, over all windows, less the rows
// that two of them held; -1 where it did not say.
func (r *run) declaredTotal() int {
	if !r.said || r.undeclared {
		return -1
	}
	return max(r.declared+max(r.w.claimed, 0)-r.twice, 0)
}

// expectedRows is how many rows are worth telling a person of; 0 if unknown.
func (r *run) expectedRows() int {
	if total := r.declaredTotal(); r.believed() || total <= r.rows {
		return max(total, 0)
	}
	return 0
}

// whole reports whether this poll asks for all pages of one list, so that the
// last such poll tells how many to fetch ahead before the first is there.
func (r *run) whole() bool {
	return r.poll.Mode == reconcile.Full && r.req.Limit == 0 && len(r.windows) == 1
}

// place names a page of the window being read.
func (r *run) place(number int) string {
	page := fmt.Sprintf("page %d", number)
	if r.cfg.List.Window == nil {
		return page
	}
	w := r.windows[r.index]
	return fmt.Sprintf("%s – %s, %s", w.from.Format("2006-01-02 15:04"), w.to.Format("2006-01-02 15:04"), page)
}
