package app

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// maxTrends is how many scopes' trends are remembered; there are about as many scopes
// as departments.
const maxTrends = 256

// trend remembers what the days of each scope ended with. A run changes nothing of
// the days before the last that was counted, so that only what came since is read:
// ninety days of many departments are tens of thousands of counts.
type trend struct {
	mu      sync.Mutex
	byScope map[string]days
}

// days are the totals of a scope from a day on, as they were after a run.
type days struct {
	run    int64
	from   string
	totals []store.DayCount // by day; never changed
}

// of is Store.DayTotals, after the run of the given number.
func (t *trend) of(ctx context.Context, from *store.Store, run int64, day string, scope access.Scope) ([]store.DayCount, error) {
	key := "all"
	if !scope.All() {
		key = "only " + strings.Join(scope.Departments(), "\x00")
	}
	t.mu.Lock()
	known := t.byScope[key]
	t.mu.Unlock()
	switch {
	case known.from == "" || known.from > day || len(known.totals) == 0:
		known = days{}
	case known.run == run:
		return since(known.totals, day), nil
	}
	kept, ask := since(known.totals, day), day
	if len(kept) > 0 {
		ask = kept[len(kept)-1].Day
		kept = kept[:len(kept)-1]
	}
	news, err := from.DayTotals(ctx, ask, scope.Departments())
	if err != nil {
		return nil, err
	}
	totals := slices.Concat(kept, news)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byScope == nil || len(t.byScope) >= maxTrends {
		t.byScope = map[string]days{}
	}
	t.byScope[key] = days{run, day, totals} // with what a later run added meanwhile, which is read again then
	return totals, nil
}

// since leaves out what lies before a day.
func since(totals []store.DayCount, day string) []store.DayCount {
	at, _ := slices.BinarySearchFunc(totals, day, func(c store.DayCount, day string) int { return strings.Compare(c.Day, day) })
	return totals[at:]
}
