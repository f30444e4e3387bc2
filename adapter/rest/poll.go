package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/doisoat/doisoat/reconcile"
)

// Poll reads the list once; see the package's text for what it promises. With
// PollRequest.Limit, EndReached is true once so many rows have come.
func (s *Source) Poll(ctx context.Context, req reconcile.PollRequest, sink reconcile.Sink) (reconcile.Poll, error) {
	var requests atomic.Int64
	outer := ctx
	ctx, cancel := context.WithCancel(withMeter(ctx, &requests))
	s.seed.Store(req.Seed)
	if s.session != nil {
		s.session.forgive()
	}
	r := &run{
		Source: s, req: req, handover: handover{sink: sink, inputs: s.inputs.fork()},
		poll: reconcile.Poll{Mode: reconcile.Full, StartedAt: s.clock(), DeclaredTotal: -1},
	}
	r.plan()
	r.ahead = ahead{ctx: ctx, load: r.load, pages: &s.pages, depth: cap(s.client.slots)}
	err := r.read()
	cancel()
	r.ahead.stop()

	var f *Fault
	switch {
	case err == nil:
		r.poll.EndReached = true
		if r.whole() {
			s.rows.Store(int64(r.rows))
		}
	case errors.Is(err, errSink):
		r.poll.Cause, r.poll.Reason = reconcile.CauseCancelled, "stopped: the rows could not be taken in"
		err = r.sinkErr
	case outer.Err() != nil:
		r.poll.Cause, r.poll.Reason = reconcile.CauseCancelled, "stopped before the end of the list"
		if err = outer.Err(); errors.Is(err, context.DeadlineExceeded) {
			r.poll.Cause, r.poll.Reason = reconcile.CauseTimeout, "the poll took longer than it may; poll less at once, or give it more time"
		}
	case errors.As(err, &f):
		r.poll.Cause, r.poll.Reason, err = f.Cause, f.Reason, nil
	default: // what net/http says may hold an address
		f = asFault(err)
		r.poll.Cause, r.poll.Reason, err = f.Cause, f.Reason, nil
	}
	r.poll.DeclaredTotal = r.declaredTotal()
	r.poll.Requests = int(requests.Load())
	r.poll.EndedAt = s.clock()
	return r.poll, err
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
	r.index, r.w, r.strip = index, progress{total: -1}, nil
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
		r.ahead.fill(a, r.guess)
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
			r.ahead.fill(next, r.guess)
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
	c := call{endpoint: r.list, shape: r.reply, ok: r.cfg.List.OK, params: r.pager.params(a), seed: r.req.Seed}
	c.vars.since = r.since
	if s := r.cfg.List.Since; s != nil && s.Param != "" && r.since != "" {
		c.params = append(c.params, param{name: s.Param, value: r.since, number: r.Source.since.numeric()})
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
	c.follow = r.cfg.List.Paging.Link != nil
	if c.follow && a.token != "" {
		next, err := url.Parse(a.token)
		if err != nil {
			return faultf(reconcile.CauseSchema, "the Link header holds no usable address")
		}
		c.next = next
	}
	return r.fetch(ctx, c, p)
}

// judge takes note of a page and tells what to ask for next in this window.
func (r *run) judge(wanted *pending, a ask) (next ask, more bool, err error) {
	number := r.w.pages + 1
	where := fmt.Sprintf("%s of %s", r.place(number), r.list)
	if err := wanted.err; err != nil {
		var f *Fault
		switch {
		case !errors.As(err, &f):
			return ask{}, false, err
		case r.pastTheEnd(f):
			wanted.page.reset()
			return ask{}, false, nil
		}
		return ask{}, false, f.at(where)
	}
	p := wanted.page
	if f := r.readable(p); f != nil {
		return ask{}, false, f.at(where)
	}
	switch end, f := r.repeats(p, a, number); {
	case f != nil:
		return ask{}, false, f
	case end:
		p.reset()
		return ask{}, false, nil
	}
	r.note(p, a)
	next, more = r.pager.next(&r.w, a)
	if !more {
		return next, false, nil
	}
	if r.empty > maxEmpty {
		return ask{}, false, faultf(reconcile.CauseSchema, "%s: %d pages without an item in a row, and no end; check list.items and list.paging", where, r.empty)
	}
	if next.token != "" {
		sum := xxhash.Sum64String(next.token)
		if first, seen := r.tokens[sum]; seen {
			r.poll.Repeated = fmt.Sprintf("%s leads back to %s", r.place(number), r.place(first))
			return ask{}, false, faultf(reconcile.CauseRepeated, "%s leads back to where %s led, without an end; check list.paging (%s)", where, r.place(first), r.pager.names())
		}
		r.tokens[sum] = number
	}
	return next, true, nil
}

// maxEmpty ends a list that goes on for ever without holding anything.
const maxEmpty = 100

// pastTheEnd recognises the 404 that some systems give for the page after a
// short last one, where they declare no total.
func (r *run) pastTheEnd(f *Fault) bool {
	_, pages := r.pager.(pagePager)
	return f.status == http.StatusNotFound && pages && r.w.total < 0 && r.w.pages > 0 && r.w.hasNext == nil && !r.w.lastFull
}

// readable wants a list of items in the reply. An absent list is an empty page
// only where the reply gives another sign of it: a list that ends because a
// reply lacked it would make every dossier behind it vanish.
func (r *run) readable(p *page) *Fault {
	path := r.cfg.List.Items
	hasNext := p.meta[metaHasNext].text
	switch {
	case p.found == foundOther:
		return faultf(reconcile.CauseSchema, "what stands at %q is not a list; correct list.items", path)
	case p.found == foundItems && r.cfg.List.Total != "" && r.w.pages == 0 && len(p.items) > 0 && !p.meta[metaTotal].present:
		return faultf(reconcile.CauseSchema, "no total at %q; correct list.total, or leave it out", r.cfg.List.Total)
	case p.found == foundItems,
		p.total >= 0 && r.w.rows >= p.total,
		hasNext == "false",
		p.found == foundNull && r.cfg.List.OK != nil:
		return nil
	}
	return faultf(reconcile.CauseSchema, "no list at %q; correct list.items, or give list.total or list.ok, by which an empty page can be told from an error", path)
}

// repeats finds a page that came before in this window. end says that the
// source merely gives its last page for any number behind it.
func (r *run) repeats(p *page, a ask, number int) (end bool, f *Fault) {
	if len(p.items) == 0 {
		return false, nil
	}
	first, seen := r.hashes[p.hash]
	if !seen {
		// The rests of a short strip overlap by nature, and may hold the same few.
		if a.count >= r.w.size {
			r.hashes[p.hash] = number
		}
		return false, nil
	}
	_, pages := r.pager.(pagePager)
	if pages && first == number-1 && r.w.total < 0 && r.w.hasNext == nil && r.w.last < r.w.largest {
		return true, nil
	}
	r.poll.Repeated = fmt.Sprintf("%s is %s again", r.place(number), r.place(first))
	return false, faultf(reconcile.CauseRepeated, "%s of %s is %s again; does the source heed its paging parameter (%s)? correct list.paging",
		r.place(number), r.list, r.place(first), r.pager.names())
}

// note counts a page.
func (r *run) note(p *page, a ask) {
	n := len(p.items)
	w := &r.w
	r.poll.Pages++
	w.pages++
	w.rows += r.fresh(p, a)
	w.last, w.largest, w.lastFull = n, max(w.largest, n), n >= a.count
	w.total = max(w.total, p.total)
	r.said = r.said || p.total >= 0
	if r.empty++; n > 0 {
		r.empty = 0
	}
	w.hasNext = nil
	switch p.meta[metaHasNext].text {
	case "true", "1":
		yes := true
		w.hasNext = &yes
	case "false", "0":
		no := false
		w.hasNext = &no
	}
	w.next = p.meta[metaNext].text
	if r.cfg.List.Paging.Link != nil {
		w.next = p.link
	}
	r.bytes += p.bytes
}

// fresh tells how many of a page's rows are new. The rests of a strip overlap
// where a source drops rows after cutting: counting those twice would reach the
// declared total before the end.
func (r *run) fresh(p *page, a ask) int {
	if a.count >= r.w.size { // a whole strip, or another way of paging
		r.strip = nil
		if len(p.items) >= a.count || r.w.size == 0 {
			return len(p.items)
		}
		r.strip = make(map[uint64]struct{}, len(p.items))
	}
	n := 0
	for _, it := range p.items {
		if _, before := r.strip[it.fingerprint]; !before && r.strip != nil {
			r.strip[it.fingerprint] = struct{}{}
			n++
		}
	}
	return n
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
		r.req.Progress(reconcile.Progress{Pages: r.poll.Pages, Rows: r.rows, TotalRows: max(r.declaredTotal(), 0), Bytes: r.bytes})
	}
	return nil
}

// finish adds up what the window that is done declared. One that held nothing
// and said nothing declared nothing.
func (r *run) finish() {
	r.undeclared = r.undeclared || r.w.total < 0 && r.w.rows > 0
	r.declared += max(r.w.total, 0)
	r.w.total = 0
}

// declaredTotal is what the source said it has, over all windows, less the rows
// that two of them held; -1 where it did not say.
func (r *run) declaredTotal() int {
	if !r.said || r.undeclared {
		return -1
	}
	return max(r.declared+max(r.w.total, 0)-r.twice, 0)
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
