package rest

import (
	"context"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// Asked for the changes since a moment, some systems declare how many changes
// there are, others how many dossiers they hold in all, whatever was asked for.
// Nothing in the reply tells which. Taken for the first, the second makes every
// incremental poll seem cut short; the other way round, one that was cut short
// would pass for whole. So:
//
//   - A total that the rows reach is as good as a filtered one: all came.
//   - A total beyond the rows is believed once the source is known to count what
//     was asked for; otherwise the poll declares none, and nothing about the
//     paging goes by it either.
//   - It is known from a poll whose total was reached by fewer rows than the last
//     full poll had; or by asking, when it first matters, for the changes since
//     tomorrow: of these there are none, and the total declared beside them is 0
//     or is not that of the changes.
//
// A full poll asks for everything, and one whose changes are a matter of
// windows bounds them by what a full poll bounds them by: there totals count.
type totals int32

const (
	totalsUnknown  totals = iota
	totalsFiltered        // counts what was asked for
	totalsGrand           // counts everything
	totalsUnclear         // the source was asked, and gave no clear answer
)

// believed reports whether totals count what this poll asks for.
func (r *run) believed() bool {
	return r.since == "" || totals(r.Source.totals.Load()) == totalsFiltered
}

// settleTotal is the total to go by, after the list was read with this error.
func (r *run) settleTotal(ctx context.Context, err error) int {
	total := r.declaredTotal()
	if total < 0 || r.believed() {
		return total
	}
	switch {
	case err != nil || r.limited:
		return -1
	case total > r.rows:
		if r.learn(ctx) == totalsFiltered {
			return total
		}
		return -1
	case total == r.rows && int64(total) < r.Source.rows.Load():
		r.Source.totals.Store(int32(totalsFiltered))
	}
	return total
}

// learn asks for the changes since tomorrow, unless that is settled already.
func (r *run) learn(ctx context.Context) totals {
	if known := totals(r.Source.totals.Load()); known != totalsUnknown {
		return known
	}
	a := r.pager.first()
	a.window = len(r.windows) - 1
	p := r.pages.get()
	defer r.pages.put(p)
	tomorrow := r.Source.since.format(r.poll.StartedAt.Add(24 * time.Hour))
	if err := r.fetch(ctx, r.call(a, tomorrow), p); err != nil {
		f := asFault(err)
		if f.Cause == reconcile.CauseHTTP4xx || f.Cause == reconcile.CauseRefused {
			r.Source.totals.Store(int32(totalsUnclear)) // it will not hear of tomorrow
		}
		return totalsUnknown
	}
	learned := totalsUnclear
	switch {
	case len(p.items) > 0 || p.total < 0 || p.found == foundOther:
	case p.total == 0:
		learned = totalsFiltered
	case int64(p.total) >= r.Source.rows.Load()/2: // of a full poll's rows, where one is known
		learned = totalsGrand
	}
	r.Source.totals.Store(int32(learned))
	return learned
}
