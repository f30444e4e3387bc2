package app

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

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
