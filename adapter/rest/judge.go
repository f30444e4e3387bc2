package rest

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/cespare/xxhash/v2"

	"github.com/doisoat/doisoat/reconcile"
)

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
	// Shorter than the others, or than was asked for: the changes are few, and a
	// source that ignored its paging would have been found out by a full poll.
	short := r.w.last < r.w.largest || r.since != "" && !r.w.lastFull
	if pages && first == number-1 && r.w.total < 0 && r.w.hasNext == nil && short {
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
	w.claimed = max(w.claimed, p.total)
	if w.total = w.claimed; w.claimed > w.rows && !r.believed() {
		w.total = -1
	}
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
