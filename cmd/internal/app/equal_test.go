package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

// history plays a town in which things change, sources fail, and time goes by, and
// in which the daemon does its work in an order of chance.
type history struct {
	*rig
	t      *testing.T
	random *rand.Rand
	codes  []string
	told   []string // what happened, for whoever reads a failure
}

func (h *history) tell(format string, args ...any) {
	h.told = append(h.told, h.now().In(vietnam).Format("Mon 15:04:05 ")+fmt.Sprintf(format, args...))
}

func (h *history) chance(percent int) bool { return h.random.IntN(100) < percent }

func (h *history) source() string {
	return []string{"dvc", "dvc", "kt-book", "kt-book2", "tp-book"}[h.random.IntN(5)]
}

// statuses that a dossier may get; the common ones more often.
var lively = []reconcile.Status{
	reconcile.Processing, reconcile.Processing, reconcile.Processing, reconcile.Received, reconcile.Registered, reconcile.Supplement,
	reconcile.Payment, reconcile.Resolved, reconcile.Resolved, reconcile.Resolved, reconcile.Returned, reconcile.Refused, reconcile.Withdrawn,
}

// rewrite gives a row other content, as somebody at work would.
func (h *history) rewrite(r *row) {
	now := h.now()
	switch h.random.IntN(12) {
	case 0:
		r.due = now.Add(time.Duration(h.random.IntN(96)-24) * time.Hour).Truncate(time.Minute)
	case 1:
		r.extended = now.Add(time.Duration(h.random.IntN(96)) * time.Hour).Truncate(time.Minute)
	case 2:
		r.department = []string{"KT", "TP", "NV"}[h.random.IntN(3)] // NV has no office
	case 3:
		r.loose = !r.loose
	case 4:
		r.unreadable = !r.unreadable
	case 5:
		r.doubled = !r.doubled
	default:
		r.status, r.completed = lively[h.random.IntN(len(lively))], time.Time{}
		if reconcile.DefaultGroup(r.status).Ended() && h.chance(95) {
			r.completed = now.Add(-time.Duration(h.random.IntN(80)) * time.Hour).Truncate(time.Second)
		}
	}
}

// town changes something somewhere.
func (h *history) town() {
	code := h.codes[h.random.IntN(len(h.codes))]
	name := h.source()
	b := h.books[name]
	switch h.random.IntN(10) {
	case 0:
		b.remove(code)
		h.tell("%s: %s is removed", name, code)
	case 1, 2: // both sides hear of it at once
		x := openRow(code, map[string]string{"dvc": "KT", "kt-book": "KT", "kt-book2": "KT", "tp-book": "TP"}[name])
		x.received = h.now().Add(-time.Duration(h.random.IntN(100)) * time.Hour).Truncate(time.Second)
		h.rewrite(&x)
		x.updated = h.now()
		if name == "dvc" {
			name = "kt-book"
		}
		h.both(name, x)
		h.tell("%s and dvc: %s", name, strings.Join(b.values(&x), " "))
	case 3:
		b.alter(code, func(x *row) { // the same dossier has other codes elsewhere
			x.code, x.aliases = code, ""
			if h.chance(50) {
				x.aliases = h.codes[h.random.IntN(len(h.codes))]
			}
			h.fill(x)
			h.tell("%s: %s", name, strings.Join(b.values(x), " "))
		})
	default:
		b.alter(code, func(x *row) {
			x.code = code
			h.fill(x)
			h.rewrite(x)
			h.tell("%s: %s", name, strings.Join(b.values(x), " "))
		})
	}
}

// fill gives a row that is new what every row has.
func (h *history) fill(x *row) {
	if x.status != "" {
		return
	}
	y := openRow(x.code, "KT")
	x.department, x.status, x.due = y.department, y.status, y.due
	x.received = h.now().Add(-time.Duration(h.random.IntN(60)) * time.Hour).Truncate(time.Second)
}

// time lets some of it go by: to the next second, over an evening, over a weekend.
func (h *history) time() {
	steps := []time.Duration{time.Second, time.Minute, 7 * time.Minute, 40 * time.Minute, 3 * time.Hour, 9 * time.Hour, 30 * time.Hour}
	by := steps[h.random.IntN(len(steps))]
	h.pass(by + time.Duration(h.random.IntN(2000))*time.Millisecond)
	h.tell("%s go by", by)
}

// service makes the daemon do one of the things it does.
func (h *history) service() {
	ctx := context.Background()
	switch h.random.IntN(12) {
	case 10, 11: // all is well for once
		h.read(h.t)
		run := h.compared(h.t)
		h.looked(h.t)
		h.tell("all sources are polled, run %v", run)
	case 0, 1, 2, 3:
		name := h.source()
		h.trouble(name)
		if h.chance(15) {
			h.readAll(h.t, name)
		} else {
			h.read(h.t, name)
		}
		h.tell("%s is polled: %s %s", name, h.newest(h.t, name).Mode, h.newest(h.t, name).State)
		h.books[name].breaks(bookFault{})
	case 4, 5, 6:
		run := h.compared(h.t)
		if run != nil {
			h.tell("run %d: %+v", run.ID, run.Summary)
		}
	case 7, 8:
		name := h.source()
		if h.chance(30) {
			h.books[name].breaks(bookFault{oneFails: map[string]bool{h.codes[h.random.IntN(len(h.codes))]: true}})
		}
		h.looked(h.t)
		h.books[name].breaks(bookFault{})
		h.tell("second looks")
	case 9:
		if h.chance(30) {
			name := h.source()
			h.trouble(name)
			run := h.nightlyRun(h.t)
			h.books[name].breaks(bookFault{})
			h.tell("nightly run: %+v", run.Summary)
			return
		}
		h.person(ctx)
	}
}

// trouble has a source fail now and then.
func (h *history) trouble(name string) {
	switch h.random.IntN(8) {
	case 0:
		h.books[name].breaks(bookFault{cause: reconcile.CauseConnect})
	case 1:
		h.books[name].breaks(bookFault{partial: true})
	}
}

// person acknowledges or waives something that is open.
func (h *history) person(ctx context.Context) {
	list := h.standing(h.t)
	if len(list) == 0 {
		return
	}
	d := list[h.random.IntN(len(list))]
	change, err := d.Waive("an", "it is right so", h.now().Add(time.Duration(1+h.random.IntN(50))*time.Hour), h.now())
	if h.chance(30) {
		change, err = d.Acknowledge("an", "seen to", h.now())
	}
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.store.SaveChanges(ctx, []reconcile.Change{change}); err != nil {
		h.t.Fatal(err)
	}
	h.tell("%s of %s is %s", d.Kind, d.Code, change.Discrepancy.State)
}

// rest lets everything come to rest: all sources answer, every row can be read (of
// one that cannot the last that could is kept, which is history), everything that
// waits for a look is looked at, nothing changes any more.
func (h *history) rest() {
	for _, name := range sortedKeys(h.books) {
		for _, code := range sortedKeys(h.books[name].rows) {
			if h.books[name].rows[code].unreadable {
				h.books[name].alter(code, func(x *row) { x.unreadable = false })
				h.tell("%s: %s can be read", name, code)
			}
		}
	}
	for range 4 {
		h.pass(32 * time.Minute) // beyond the pauses between looks
		h.readAll(h.t)
		h.readAll(h.t) // whoever was read first has not seen what came with the others
		for range 3 {
			h.compared(h.t)
			h.looked(h.t)
		}
	}
}

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
	histories := 12
	if testing.Short() {
		histories = 4
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
	for seed := range histories / 4 {
		t.Run(fmt.Sprint("postgres ", seed), func(t *testing.T) {
			t.Parallel()
			playHistory(t, uint64(1000+seed), postgresStore(t))
		})
	}
}

// newHistory begins one.
func newHistory(t *testing.T, seed uint64, url, rules string) *history {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 5))
	o := rigOptions{
		store: url, departments: []string{"KT", "TP", "NV"}, offices: map[string]string{"kt-book": "KT", "kt-book2": "KT", "tp-book": "TP"},
		rules: rules,
	}
	if random.IntN(2) == 0 {
		o.noSince = []string{"tp-book"}
	}
	if random.IntN(2) == 0 {
		o.noOne = []string{[]string{"dvc", "kt-book", "tp-book"}[random.IntN(3)]}
	}
	h := &history{rig: newRig(t, o), t: t, random: random}
	for i := range 4 + random.IntN(12) {
		h.codes = append(h.codes, fmt.Sprintf("H-%02d", i))
	}
	for _, b := range h.books {
		b.random = rand.New(rand.NewPCG(seed, 7))
		b.put(openRow("Z-"+strings.ToUpper(b.name), "TP")) // no source is ever empty
	}
	for range 10 {
		h.town()
	}
	h.nightlyRun(t)
	return h
}

// play lets so many things happen.
func (h *history) play(n int) {
	for range n {
		switch h.random.IntN(5) {
		case 0, 1:
			h.town()
		case 2:
			h.time()
		default:
			h.service()
		}
	}
}

func playHistory(t *testing.T, seed uint64, url string) {
	h := newHistory(t, seed, url, "{shrink: {percent: 100, count: 1000}, surge: {percent: 100, count: 1000}}")
	h.play(60 + h.random.IntN(120))
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
