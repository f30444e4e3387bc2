package database

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// holdAtMost is how long one transaction is kept for many codes: a reader's
// lock on an SQLite file keeps its own program from writing, and what is read
// in a transaction is as old as the transaction.
const holdAtMost = 2 * time.Second

// Reread reads each code by the condition `one`, one after the other on one
// connection, each within the statement timeout. A code named twice is asked
// for once.
//
// EndReached is true when every code was answered without an error. Where the
// source is plainly down the rest is not asked for: neither rows nor answered
// speak of the codes that are left. Rows of a code may have been handed over
// before answered tells of its error; they are then not all of them.
func (s *Source) Reread(ctx context.Context, codes []string, seed uint64, sink reconcile.Sink, answered func(code string, err error) error) (reconcile.Poll, error) {
	poll := reconcile.Poll{Mode: reconcile.Incremental, StartedAt: time.Now(), DeclaredTotal: -1}
	r := &rereading{reading: reading{source: s, sink: sink, seed: seed}, tell: answered, poll: &poll}
	err := r.all(ctx, codes)
	r.leave()
	r.answers.tell(&poll)
	poll.EndedAt = time.Now()
	switch {
	case r.sinkErr != nil:
		poll.Cause, poll.Reason = reconcile.CauseCancelled, "the rows could not be taken in; nothing is wrong with the source"
		return poll, r.sinkErr
	case err != nil && stopped(ctx) != nil:
		poll.Cause, poll.Reason = reconcile.CauseCancelled, "stopped from our side before the end; the next time starts anew"
		return poll, stopped(ctx)
	}
	poll.EndReached = poll.Cause == reconcile.CauseNone
	return poll, nil
}

// rereading is one Reread under way.
type rereading struct {
	reading
	poll   *reconcile.Poll
	tell   func(code string, err error) error
	failed int
	streak streak

	visit *visit // nil: none is open
	began time.Time
	hold  context.Context
	end   context.CancelCauseFunc
}

// errDown ends the rereading; the poll says why.
var errDown = errors.New("the source is down")

func (r *rereading) all(ctx context.Context, codes []string) error {
	if !r.source.HasOne() {
		r.poll.Cause, r.poll.Reason = reconcile.CauseSchema, noOne
		return errDown
	}
	codes = unique(codes)
	for done, code := range codes {
		err := r.one(ctx, code)
		if err != nil && (r.sinkErr != nil || stopped(ctx) != nil) {
			return err
		}
		down := false
		if err != nil {
			r.leave() // what a failed statement leaves behind, no other should meet
			down, err = r.note(err)
		} else {
			r.streak = streak{}
			r.poll.Pages++
		}
		if !down || !everywhere(err) {
			if r.sinkErr = r.tell(code, err); r.sinkErr != nil {
				return r.sinkErr
			}
		}
		if down {
			r.poll.Reason = fmt.Sprintf("given up after %d of %d dossiers: %s", done+1, len(codes), r.poll.Reason)
			return errDown
		}
	}
	if r.failed > 0 {
		r.poll.Reason = fmt.Sprintf("%d of %d dossiers could not be read again, the first for this: %s", r.failed, len(codes), r.poll.Reason)
	}
	return nil
}

// one puts the question for one code, entering first where that is needed.
func (r *rereading) one(ctx context.Context, code string) error {
	if strings.TrimSpace(code) == "" {
		return &codeError{reconcile.CauseSchema, "no code to ask for"}
	}
	st, err := r.source.dialect.wrapped(r.source.query, r.source.cfg.One, "code", code)
	if err != nil {
		return &entryError{err}
	}
	if r.visit != nil && time.Since(r.began) > holdAtMost {
		r.leave()
	}
	if r.visit == nil {
		if err := r.arrive(ctx, st); err != nil {
			return &entryError{err}
		}
	}
	guard, cancel := context.WithTimeout(r.hold, r.source.patience())
	defer cancel()
	r.row = 0
	err = r.ask(guard, cancel, r.visit, st.args)
	r.expired = err != nil && ctx.Err() == nil && errors.Is(guard.Err(), context.DeadlineExceeded)
	return err
}

// arrive opens a visit that outlives the time it may take to open it.
func (r *rereading) arrive(ctx context.Context, st statement) error {
	r.hold, r.end = context.WithCancelCause(ctx)
	late := time.AfterFunc(r.source.patience(), func() { r.end(context.DeadlineExceeded) })
	v, err := r.enter(r.hold, st)
	if !late.Stop() && ctx.Err() == nil {
		r.expired, err = true, errors.Join(err, context.DeadlineExceeded)
	}
	if err != nil {
		if v != nil {
			v.leave()
		}
		r.end(nil)
		return err
	}
	r.visit, r.began = v, time.Now()
	return nil
}

func (r *rereading) leave() {
	if r.visit != nil {
		r.visit.leave()
		r.end(nil)
		r.visit = nil
	}
}

// note takes note of a code's failure: whether the source is plainly down, and
// how the failure is told.
func (r *rereading) note(err error) (down bool, told error) {
	cause, reason := r.source.explain(err, r.expired, r.row > 0)
	r.expired = false
	var of *codeError
	if errors.As(err, &of) {
		cause, reason = of.cause, of.reason
	}
	e := &codeError{cause, fmt.Sprintf("database source %s: %s", r.source.cfg.Name, reason)}
	down, told = r.streak.down(cause), e
	if of == nil && concernsAll(err, cause) {
		down, told = true, &entryError{e}
	}
	if r.failed++; r.failed == 1 || down {
		r.poll.Cause, r.poll.Reason = cause, reason
	}
	return down, told
}

// codeError is what was wrong with one code. It holds no secret and no value.
type codeError struct {
	cause  reconcile.Cause
	reason string
}

func (e *codeError) Error() string { return e.reason }

// entryError is what would have been wrong with any code.
type entryError struct{ err error }

func (e *entryError) Error() string { return e.err.Error() }
func (e *entryError) Unwrap() error { return e.err }

func everywhere(err error) bool {
	var entry *entryError
	return errors.As(err, &entry)
}

// concernsAll reports a failure that any other code would meet as well.
func concernsAll(err error, cause reconcile.Cause) bool {
	var schema *schemaError
	return everywhere(err) || errors.As(err, &schema) || cause == reconcile.CauseAuth || cause == reconcile.CauseChanging
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
func (s *streak) down(cause reconcile.Cause) bool {
	s.failed++
	if cause != reconcile.CauseSchema { // which a code alone can bring about: text where there are numbers
		s.sick++
	}
	return s.sick >= mostSick || s.failed >= mostFailed
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
