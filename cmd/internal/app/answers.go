package app

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// asked is one code that a source is asked for, and how it answered.
type asked struct {
	code  string
	key   store.Key // under which its look is kept
	holds bool      // rows of it are held from this source

	answered bool
	own      int // rows of this very code that can be read
	rejected int
}

// counts reports whether the answer is the source's word on what is held of the
// dossier. It is not where the row could not be read, nor where there is none any
// more: that a dossier is absent only a full poll can say (RULES.md §6), and what
// is held of it must not pass for what was seen at this look.
func (a *asked) counts() bool {
	return a.answered && a.rejected == 0 && (a.own > 0 || !a.holds)
}

// answers is the sink of a second look. A source may hand over some rows of a code
// and then fail; so the rows of a code are put by until it is told that they are
// all.
type answers struct {
	source *source
	byCode map[string]*asked
	began  time.Time
	poll   reconcile.Poll

	answered int
	rows     []reconcile.Row // of codes that were answered
	rejects  []reconcile.Rejected
	pending  struct { // of the code that is being read
		rows    []reconcile.Row
		rejects []reconcile.Rejected
	}
}

func newAnswers(src *source, ask []*asked, began time.Time) *answers {
	a := &answers{source: src, byCode: make(map[string]*asked, len(ask)), began: began}
	for _, one := range ask {
		a.byCode[one.code] = one
	}
	return a
}

func (a *answers) codes() []string { return sortedKeys(a.byCode) }

func (a *answers) Seen(uint64) bool { return false }

func (a *answers) Skip(string) {}

func (a *answers) Row(r reconcile.Row) error {
	r.Values = slices.Clone(r.Values)
	a.pending.rows = append(a.pending.rows, r)
	return nil
}

func (a *answers) Reject(r reconcile.Rejected) error {
	a.pending.rejects = append(a.pending.rejects, r)
	return nil
}

// told is called after the rows of a code.
func (a *answers) told(code string, err error) error {
	rows, rejects := a.pending.rows, a.pending.rejects
	a.pending.rows, a.pending.rejects = nil, nil
	one := a.byCode[code]
	if err != nil || one == nil {
		return nil //nolint:nilerr // what did not answer is looked at later
	}
	a.answered++
	one.answered, one.rejected = true, len(rejects)
	for _, row := range rows {
		if a.source.table.Skip(row.Values) {
			continue
		}
		var rec reconcile.Record
		switch err := a.source.table.Record(slices.Clone(row.Values), &rec); {
		case err != nil:
			one.rejected++
		case rec.Code == code:
			one.own++
		}
		a.rows = append(a.rows, row)
	}
	a.rejects = append(a.rejects, rejects...)
	return nil
}

// take takes in what came. in is closed.
func (a *answers) take(ctx context.Context, app *App, in *store.Incoming) (err error) {
	defer func() { err = errors.Join(err, in.Close()) }()
	if len(a.rows) == 0 && len(a.rejects) == 0 {
		return nil
	}
	taking := &intake{table: a.source.table, in: in, now: a.began}
	for _, row := range a.rows {
		if err := taking.Row(row); err != nil {
			return err
		}
	}
	for _, r := range a.rejects {
		if err := taking.Reject(r); err != nil {
			return err
		}
	}
	// What answered did so in full; the others are not among what came.
	poll := a.poll
	poll.Mode, poll.EndReached, poll.DeclaredTotal, poll.Cause, poll.Reason = reconcile.Reread, true, -1, reconcile.CauseNone, ""
	_, err = in.Finish(ctx, poll, reconcile.Limits(app.Config.Rules.Shrink))
	return err
}
