package app

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// row is what a book holds of a dossier.
type row struct {
	code, aliases, department  string
	status                     reconcile.Status
	received, due, extended    time.Time
	completed, updated         time.Time
	unreadable, doubled, loose bool // a date that is none; a second row that differs; an unknown status
}

// book is a source that the test writes in and the daemon reads. It has the
// clock of the test, and goes wrong when told to.
type book struct {
	name   string
	inputs []string
	clock  func() time.Time
	random *rand.Rand // order of the rows; nil for that of their codes

	mu    sync.Mutex
	rows  map[string]row
	fault bookFault
	polls []reconcile.PollRequest
	asked []string
	// looked is called at each look at a dossier, before it is answered.
	looked func(code string)
}

// bookFault is what goes wrong with a book.
type bookFault struct {
	cause    reconcile.Cause // it fails at once
	partial  bool            // it fails half way
	empty    bool            // it answers with nothing
	hangs    bool            // it does not answer before the caller gives up
	gate     chan struct{}   // it does not answer before this is closed
	entered  chan struct{}   // takes one value when a poll has begun, if there is room
	oneFails map[string]bool // codes that cannot be asked for
	onesDown bool            // none can
	half     map[string]bool // codes of which a row is handed over before the answer fails
}

func (b *book) HasSince() bool { return true }
func (b *book) HasOne() bool   { return true }

// change alters what the book holds.
func (b *book) change(do func(rows map[string]row)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	do(b.rows)
}

// put writes rows down.
func (b *book) put(rows ...row) {
	b.change(func(held map[string]row) {
		for _, r := range rows {
			if r.updated.IsZero() {
				r.updated = b.clock()
			}
			held[r.code] = r
		}
	})
}

// alter changes one row.
func (b *book) alter(code string, do func(*row)) {
	b.change(func(rows map[string]row) {
		r := rows[code]
		do(&r)
		r.updated = b.clock()
		rows[code] = r
	})
}

func (b *book) remove(code string) { b.change(func(rows map[string]row) { delete(rows, code) }) }

func (b *book) breaks(f bookFault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = f
}

func (b *book) log() (polls []reconcile.PollRequest, asked []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.polls), slices.Clone(b.asked)
}

// overlap is by how much an incremental poll reads back.
const overlap = 10 * time.Minute

// Poll implements reconcile.Source.
func (b *book) Poll(ctx context.Context, req reconcile.PollRequest, sink reconcile.Sink) (reconcile.Poll, error) {
	b.mu.Lock()
	b.polls = append(b.polls, req)
	fault := b.fault
	rows := slices.SortedFunc(maps.Values(b.rows), func(x, y row) int { return strings.Compare(x.code, y.code) })
	if b.random != nil {
		b.random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	}
	b.mu.Unlock()
	poll := reconcile.Poll{Mode: req.Mode, StartedAt: b.clock(), DeclaredTotal: -1, Pages: 1, Requests: 1, Answers: map[string]int{"ok": 1}}
	if fault.entered != nil {
		select {
		case fault.entered <- struct{}{}:
		default:
		}
	}
	switch {
	case fault.hangs:
		<-ctx.Done()
		return poll, ctx.Err()
	case fault.gate != nil:
		select {
		case <-fault.gate:
		case <-ctx.Done():
			return poll, ctx.Err()
		}
	}
	poll.EndedAt = b.clock()
	if fault.cause != "" {
		poll.Cause, poll.Reason = fault.cause, "told to fail"
		return poll, nil
	}
	if fault.empty {
		rows = nil
	}
	for i, r := range rows {
		if fault.partial && i >= len(rows)/2 {
			poll.Cause, poll.Reason = reconcile.CauseHTTP5xx, "told to fail half way"
			return poll, nil
		}
		if req.Mode == reconcile.Incremental && r.updated.Before(req.Since.Add(-overlap)) {
			continue
		}
		if err := b.hand(r, req.Seed, sink); err != nil {
			return poll, err
		}
	}
	poll.EndReached = true
	return poll, nil
}

// Reread implements reconcile.BatchSource.
func (b *book) Reread(ctx context.Context, codes []string, seed uint64, sink reconcile.Sink, answered func(string, error) error) (reconcile.Poll, error) {
	poll := reconcile.Poll{Mode: reconcile.Incremental, StartedAt: b.clock(), DeclaredTotal: -1, Answers: map[string]int{"ok": len(codes)}}
	for _, code := range codes {
		b.mu.Lock()
		b.asked = append(b.asked, code)
		fault, looked := b.fault, b.looked
		b.mu.Unlock()
		if looked != nil {
			looked(code)
		}
		if fault.hangs {
			<-ctx.Done()
			return poll, ctx.Err()
		}
		if fault.onesDown {
			poll.Cause, poll.Reason = reconcile.CauseConnect, "told to fail"
			return poll, nil
		}
		b.mu.Lock()
		r, held := b.rows[code]
		b.mu.Unlock()
		var err error
		if fault.oneFails[code] || fault.half[code] {
			err = fmt.Errorf("dossier %s: told to fail", code)
		}
		if held && (err == nil || fault.half[code]) {
			if err := b.hand(r, seed, sink); err != nil {
				return poll, err
			}
		}
		if err := answered(code, err); err != nil {
			return poll, err
		}
	}
	poll.EndReached, poll.EndedAt = true, b.clock()
	return poll, nil
}

// hand gives a row, or both where it is doubled.
func (b *book) hand(r row, seed uint64, sink reconcile.Sink) error {
	list := []row{r}
	if r.doubled {
		other := r
		other.status, other.due = reconcile.Supplement, r.due.Add(48*time.Hour)
		list = append(list, other)
	}
	for _, r := range list {
		values := b.values(&r)
		h := fnv.New64a()
		fmt.Fprint(h, seed, values, r.updated)
		if sink.Seen(h.Sum64()) {
			continue
		}
		if err := sink.Row(reconcile.Row{Fingerprint: h.Sum64(), Position: reconcile.Position{Place: b.name}, Values: values}); err != nil {
			return err
		}
	}
	return nil
}

// values writes a row as the mapping reads it.
func (b *book) values(r *row) []string {
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(vietnam).Format("20060102150405")
	}
	text := map[string]string{
		"code": r.code, "aliases": r.aliases, "department": r.department, "status": string(r.status), "received": stamp(r.received),
		"due": stamp(r.due), "extended": stamp(r.extended), "completed": stamp(r.completed), "updated": stamp(r.updated),
	}
	if r.unreadable {
		text["due"] = "soon"
	}
	if r.loose {
		text["status"] = "lost"
	}
	values := make([]string, len(b.inputs))
	for i, input := range b.inputs {
		values[i] = text[input]
	}
	return values
}

var vietnam = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)
