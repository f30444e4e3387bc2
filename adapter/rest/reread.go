package rest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"

	"github.com/doisoat/doisoat/reconcile"
)

// One reads the items the source holds under this code; none, or a 404, is not
// an error. Fingerprints are seeded as in the last poll. The error is a *Fault,
// the context's, or the sink's.
func (s *Source) One(ctx context.Context, code string, sink reconcile.Sink) error {
	p := s.pages.get()
	defer s.pages.put(p)
	if err := s.single(ctx, code, s.seed.Load(), p); err != nil {
		return err
	}
	h := handover{sink: sink, inputs: s.inputs.fork()}
	return h.every(p)
}

// single asks for one dossier and reads the reply into p.
func (s *Source) single(ctx context.Context, code string, seed uint64, p *page) error {
	if s.one == nil {
		return faultf(reconcile.CauseSchema, "single dossiers cannot be asked for; configure one")
	}
	if strings.TrimSpace(code) == "" {
		return faultf(reconcile.CauseSchema, "no code to ask for")
	}
	err := s.fetch(ctx, call{endpoint: s.one, shape: s.item, ok: s.cfg.One.OK, vars: vars{code: code}, seed: seed}, p)
	var f *Fault
	switch {
	case errors.As(err, &f) && f.status == http.StatusNotFound:
		p.reset()
		return nil
	case errors.As(err, &f):
		return f.at(s.one.String())
	case err != nil:
		return err
	case p.found == foundOther, p.found == foundNothing && s.cfg.One.OK == nil:
		return faultf(reconcile.CauseSchema, "%s: neither an object nor a list at %q; correct one.item", s.one, s.item.items)
	}
	return nil
}

func (h *handover) every(p *page) error {
	return h.page(p, "single dossier", func(item) bool { return true })
}

// Reread asks for each of these dossiers by its code, as many at once as a poll
// would. The answers come in whatever order the source gives them; a code named
// twice is asked for once. The items of a code reach the sink only when its
// whole reply was read and found sound, so that an error of a code means that
// none of its rows were handed over.
//
// EndReached is true when every code was answered without an error. Where the
// source is plainly down the rest is not asked for: neither rows nor answered
// speak of the codes that are left.
func (s *Source) Reread(ctx context.Context, codes []string, seed uint64, sink reconcile.Sink, answered func(code string, err error) error) (reconcile.Poll, error) {
	var m meter
	r := &rereading{
		Source: s, handover: handover{sink: sink, inputs: s.inputs.fork()}, tell: answered,
		poll: reconcile.Poll{Mode: reconcile.Incremental, StartedAt: s.clock(), DeclaredTotal: -1},
	}
	err := faultOrNil(s.one == nil, "single dossiers cannot be asked for; configure one")
	if err == nil {
		err = r.all(withMeter(ctx, &m), unique(codes), seed)
	}
	err = end(ctx, &r.poll, err, r.sinkErr)
	m.tell(&r.poll)
	r.poll.EndedAt = s.clock()
	return r.poll, err
}

func faultOrNil(wrong bool, reason string) error {
	if wrong {
		return faultf(reconcile.CauseSchema, "%s", reason)
	}
	return nil
}

// rereading is one Reread under way.
type rereading struct {
	*Source
	handover
	poll    reconcile.Poll
	tell    func(code string, err error) error
	sinkErr error // of the sink, or of answered

	first  *Fault // what was wrong with the first code that failed
	failed int
	streak streak
}

// answer is what came of one code.
type answer struct {
	code string
	page *page
	err  error
}

// all asks for the codes and takes the answers as they come.
func (r *rereading) all(ctx context.Context, codes []string, seed uint64) error {
	ctx, cancel := context.WithCancel(ctx)
	answers := make(chan answer)
	workers := r.ask(ctx, codes, seed, answers)
	defer workers.Wait()
	defer cancel()
	for done := range codes {
		var a answer
		select {
		case a = <-answers:
		case <-ctx.Done():
			return ctx.Err()
		}
		err := r.take(ctx, a)
		r.pages.put(a.page)
		var f *Fault
		if errors.As(err, &f) {
			return f.at(fmt.Sprintf("given up after %d of %d dossiers", done+1, len(codes)))
		}
		if err != nil {
			return err
		}
	}
	if r.first != nil {
		return r.first.at(fmt.Sprintf("%d of %d dossiers could not be read again, the first for this", r.failed, len(codes)))
	}
	return nil
}

// ask starts as many workers as there may be requests at once.
func (r *rereading) ask(ctx context.Context, codes []string, seed uint64, answers chan<- answer) *sync.WaitGroup {
	next := make(chan string)
	var workers sync.WaitGroup
	workers.Go(func() {
		defer close(next)
		for _, code := range codes {
			select {
			case next <- code:
			case <-ctx.Done():
				return
			}
		}
	})
	for range min(cap(r.client.places), len(codes)) {
		workers.Go(func() {
			for code := range next {
				a := answer{code: code, page: r.pages.get()}
				a.err = r.single(ctx, code, seed, a.page)
				select {
				case answers <- a:
				case <-ctx.Done():
					return
				}
			}
		})
	}
	return &workers
}

// take hands one answer on. The error is errSink, the context's, or the fault
// by which the source is found to be down.
func (r *rereading) take(ctx context.Context, a answer) error {
	if a.err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		f := asFault(a.err)
		down := r.streak.down(f)
		if down && f.everywhere() { // it says nothing of this one code
			return f
		}
		if r.failed++; r.first == nil {
			r.first = f
		}
		if err := r.tell(a.code, f); err != nil {
			r.sinkErr = err
			return errSink
		}
		if down {
			return f
		}
		return nil
	}
	r.streak = streak{}
	r.poll.Pages++
	err := r.every(a.page)
	if err == nil {
		err = r.tell(a.code, nil)
	}
	if err != nil {
		r.sinkErr = err
		return errSink
	}
	return nil
}

// streak counts the codes that have failed one after the other.
type streak struct{ sick, failed int }

// So many codes in a row that fail in a way in which a sick source fails, or in
// any way at all, and the source is let alone until the next time.
const (
	mostSick   = 3
	mostFailed = 10
)

// down takes note of a failure and reports whether the source is plainly down.
func (s *streak) down(f *Fault) bool {
	s.failed++
	switch f.Cause {
	case reconcile.CauseHTTP4xx, reconcile.CauseSchema, reconcile.CauseRefused: // it answers, and says what is wrong with this one
	default:
		s.sick++
	}
	return f.everywhere() || s.sick >= mostSick || s.failed >= mostFailed
}

// everywhere reports a fault that any other call would meet as well: nobody
// listens, the log-in is refused, or the server wants to be left in peace. A
// 403 may be meant for one dossier.
func (f *Fault) everywhere() bool {
	switch f.Cause {
	case reconcile.CauseAuth:
		return f.status != http.StatusForbidden
	case reconcile.CauseRateLimited:
		return true
	case reconcile.CauseConnect:
		var dns *net.DNSError
		var op *net.OpError
		return errors.Is(f, syscall.ECONNREFUSED) || errors.As(f.err, &dns) || certificateError(f.err) ||
			errors.As(f.err, &op) && op.Op == "dial"
	}
	return false
}

// unique drops what came before, keeping the order.
func unique(codes []string) []string {
	seen := make(map[string]struct{}, len(codes))
	kept := make([]string, 0, len(codes))
	for _, code := range codes {
		if _, before := seen[code]; !before {
			seen[code] = struct{}{}
			kept = append(kept, code)
		}
	}
	return kept
}
