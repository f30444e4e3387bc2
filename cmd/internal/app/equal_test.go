package app

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

// seenAs is what of a discrepancy must not depend on how one came to know it.
type seenAs struct {
	Kind       reconcile.Kind
	Code       string
	Side       reconcile.Side
	Department string
	State      reconcile.State
	Effect     reconcile.Effect
	Since      string
	Reason     string
}

// outlived are kinds that need a history, which a new store does not have.
func outlived(k reconcile.Kind) bool {
	return k == reconcile.Reopened || k == reconcile.BackdatedClose
}

func showAll(list []reconcile.Discrepancy, history bool) []seenAs {
	all := []seenAs{}
	for _, d := range list {
		if outlived(d.Kind) && !history {
			continue
		}
		s := seenAs{d.Kind, d.Code, d.Side, d.Department, d.State, d.Effect, d.Since.In(vietnam).Format(time.DateTime), d.Reason}
		if strings.HasPrefix(d.SinceFrom, "the first detection") {
			s.Since = "first detection"
		}
		all = append(all, s)
	}
	return all
}

// TestNightlyRunEqualsTheIncrements plays histories of chance. In the end, with
// every source read, the nightly run must find nothing to change, and a new store
// that sees the last state alone must come to the same.
//
// DOISOAT_TEST_HISTORIES is how many are played, where that is to be more.
func TestNightlyRunEqualsTheIncrements(t *testing.T) {
	histories := 3
	if testing.Short() {
		histories = 1
	}
	if n, err := strconv.Atoi(os.Getenv("DOISOAT_TEST_HISTORIES")); err == nil {
		histories = n
	}
	for seed := range histories {
		t.Run(fmt.Sprint("sqlite ", seed), func(t *testing.T) {
			t.Parallel()
			playHistory(t, uint64(seed), "")
		})
	}
	for seed := range histories / 3 {
		t.Run(fmt.Sprint("postgres ", seed), func(t *testing.T) {
			t.Parallel()
			playHistory(t, uint64(1000+seed), postgresStore(t))
		})
	}
}

func playHistory(t *testing.T, seed uint64, url string) {
	h := newHistory(t, seed, url, "{shrink: {percent: 100, count: 1000}, surge: {percent: 100, count: 1000}}")
	h.play(50 + h.random.IntN(70))
	defer func() {
		if t.Failed() {
			t.Log("what happened:\n" + strings.Join(h.told, "\n"))
		}
	}()
	h.rest()
	before := h.standing(t)
	run := h.nightlyRun(t)
	if s := run.Summary; s.Resolved != 0 || s.Opened != 0 || s.Reopened != 0 || len(s.Skipped) != 0 {
		t.Errorf("the nightly run changed something: %+v", s)
	}
	after := h.standing(t)
	if diff := gocmp.Diff(showAll(before, true), showAll(after, true)); diff != "" {
		t.Errorf("the nightly run is not what the increments made (-increments +nightly):\n%s", diff)
	}
	if diff := gocmp.Diff(h.counted(t), h.countedAnew(t)); diff != "" {
		t.Errorf("what is counted (-carried on +counted anew):\n%s", diff)
	}
	h.equalsNewStore(after)
	h.writesNothing()
}

// counted is what the last run counted.
func (h *history) counted(t *testing.T) [2]map[string]int {
	s := h.lastRun(t).Summary
	return [2]map[string]int{s.Compared, s.NotCovered}
}

// countedAnew makes an incremental run, and then one over everything.
func (h *history) countedAnew(t *testing.T) [2]map[string]int {
	app, done := h.current.take()
	defer done()
	if err := h.compare(context.Background(), app, Comparison{Kind: "incremental"}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	carried := h.counted(t)
	if err := h.compare(context.Background(), app, Comparison{Kind: "incremental", All: true}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(carried, h.counted(t)); diff != "" {
		t.Errorf("an incremental run counts (-carried on +counted anew):\n%s", diff)
	}
	return h.counted(t)
}

// equalsNewStore reads the last state into a new store, once.
func (h *history) equalsNewStore(after []reconcile.Discrepancy) {
	o := h.o
	o.world, o.at, o.store = map[string]*book{}, h.now(), ""
	for name, b := range h.books {
		copied := &book{name: b.name, inputs: b.inputs, rows: map[string]row{}}
		for code, r := range b.rows {
			copied.rows[code] = r
		}
		o.world[name] = copied
	}
	fresh := newRig(h.t, o)
	for _, b := range fresh.books {
		b.clock = fresh.now
	}
	fresh.nightlyRun(h.t)
	anew := fresh.standing(h.t)
	// What people said, and what changes at every look, is history.
	ours, theirs := showAll(after, false), showAll(anew, false)
	said := map[string]bool{}
	for i := range after {
		if d := &after[i]; d.State == reconcile.StateAcknowledged || d.State == reconcile.StateWaived || d.Unstable {
			said[string(d.Kind)+d.Code+string(d.Side)] = true
		}
	}
	for _, list := range [][]seenAs{ours, theirs} {
		for i := range list {
			if said[string(list[i].Kind)+list[i].Code+string(list[i].Side)] {
				list[i].State = ""
			}
		}
		slices.SortStableFunc(list, func(a, b seenAs) int {
			return strings.Compare(string(a.Kind)+a.Code+string(a.Side), string(b.Kind)+b.Code+string(b.Side))
		})
	}
	if diff := gocmp.Diff(theirs, ours); diff != "" {
		h.t.Errorf("a new store that sees the last state alone (-new +this one):\n%s", diff)
	}
}

// writesNothing polls again what did not change: nothing follows.
func (h *history) writesNothing() {
	h.read(h.t)
	h.compared(h.t)
	h.looked(h.t)
	before, at := h.events(), h.standing(h.t)
	for range 3 {
		h.read(h.t)
		h.compared(h.t)
	}
	if diff := gocmp.Diff(before, h.events()); diff != "" {
		h.t.Errorf("the same input again made events:\n%s", diff)
	}
	ignore := gocmp.FilterPath(func(p gocmp.Path) bool { return p.Last().String() == ".WakeAt" }, gocmp.Ignore())
	if diff := gocmp.Diff(at, h.standing(h.t), ignore); diff != "" {
		h.t.Errorf("the same input again changed discrepancies:\n%s", diff)
	}
}

// events is how many there are of each discrepancy.
func (h *history) events() map[string]int {
	counts := map[string]int{}
	for _, d := range h.listed(h.t, storeAll) {
		events, err := h.store.ListEvents(context.Background(), d.ID)
		if err != nil {
			h.t.Fatal(err)
		}
		counts[d.ID] = len(events)
	}
	return counts
}
