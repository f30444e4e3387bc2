package app

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

const (
	// rereadAtMost is how many dossiers are looked at again before anything is
	// decided. They are decided together, since the mass-change breaker must see
	// how much opens at once.
	rereadAtMost = 1 << 18
	// rereadLimit is how long a source may take for a chunk of them; so long it is
	// kept from being polled.
	rereadLimit = time.Minute
)

// reread is the job that reads by themselves the dossiers of which something
// would open by the passing of time alone, on both sides, and decides on what it
// then sees (RULES.md §5).
func (d *Daemon) reread(ctx context.Context) error {
	app, done := d.current.take()
	defer done()
	for {
		keys, err := d.store.LookKeys(ctx, rereadAtMost)
		if err != nil || len(keys) == 0 {
			return err
		}
		r, err := d.lookAt(ctx, app, keys)
		if err != nil {
			return err
		}
		of := Comparison{Kind: store.RunIncremental, looks: r.seen, before: r.before}
		if err := d.compare(ctx, app, of, time.Time{}); err != nil {
			return err
		}
	}
}

// rereading is a second look under way.
type rereading struct {
	*Daemon
	app     *App
	aliases aliases

	mu   sync.Mutex
	seen looks
	left map[string]bool // sources that are let alone for this time

	before map[string]string // values of suspected discrepancies, by id
}

// lookAt asks every source that can be asked for each of the dossiers that it may
// hold. Those that nobody answers for are done with, too: they wake again.
func (d *Daemon) lookAt(ctx context.Context, app *App, keys []store.Key) (*rereading, error) {
	pairs, err := d.store.Aliases(ctx)
	if err != nil {
		return nil, err
	}
	r := &rereading{
		Daemon: d, app: app, aliases: joinAliases(pairs), seen: make(looks, len(keys)), left: map[string]bool{}, before: map[string]string{},
	}
	keys = r.aliases.expand(slices.Clone(keys))
	for _, key := range keys {
		r.seen[key] = nil
	}
	if err := r.leaveAlone(ctx); err != nil {
		return nil, err
	}
	first := true
	for chunk := range chunksOfGroups(keys, r.aliases) {
		if !first { // whoever waits for a source has its turn
			if err := wait(ctx, lockAsk+50*time.Millisecond); err != nil {
				return nil, err
			}
		}
		first = false
		if err := r.chunk(ctx, chunk); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// leaveAlone chooses the sources that are not asked: those in trouble, since
// nothing is decided on their word anyway; those of which a snapshot is held, for
// accepting a row would overtake it; and those whose rows were read with another
// mapping.
func (r *rereading) leaveAlone(ctx context.Context) error {
	_, attempted, err := r.store.Polled(ctx)
	if err != nil {
		return err
	}
	held, err := r.app.heldSources(ctx)
	if err != nil {
		return err
	}
	for _, src := range r.app.sources {
		fits, err := r.store.Fits(ctx, src.ref())
		if err != nil {
			return err
		}
		r.left[src.Name] = !src.again || !fits || held[src.Name] || attempted[src.Name].State != reconcile.SnapshotAccepted
	}
	return nil
}

func (r *rereading) chunk(ctx context.Context, keys []store.Key) error {
	asks, err := r.whomToAsk(ctx, keys)
	if err != nil {
		return err
	}
	var group sync.WaitGroup
	errs := make([]error, len(r.app.sources))
	for i, src := range r.app.sources {
		if len(asks[src.Name]) > 0 {
			group.Go(func() { errs[i] = r.ask(ctx, src, asks[src.Name]) })
		}
	}
	group.Wait()
	return errors.Join(errs...)
}

// whomToAsk lists, for each source, the codes to ask it for: the platform for
// all, an office for those that it holds or whose department it keeps.
func (r *rereading) whomToAsk(ctx context.Context, keys []store.Key) (map[string][]*asked, error) {
	reader, err := r.store.NewReader(ctx)
	if err != nil {
		return nil, err
	}
	dossiers, err := reader.ReadKeys(ctx, keys, r.aliases.joins)
	if err != nil {
		return nil, err
	}
	asks := map[string][]*asked{}
	for i := range dossiers {
		dossier := &dossiers[i]
		departments := map[string]bool{}
		for _, kept := range dossier.Discrepancies {
			if kept.Standing() {
				departments[kept.Department] = true
			}
			if kept.State == reconcile.StateSuspected {
				r.before[kept.ID] = kept.Values
			}
		}
		for _, src := range r.app.sources {
			holds := src.holds(dossier)
			if r.left[src.Name] || src.Side != reconcile.Platform && !holds && !src.keeps(departments) {
				continue
			}
			asks[src.Name] = append(asks[src.Name], &asked{code: dossier.Code, key: dossier.Key, holds: holds})
			r.seen.put(dossier.Key, src.Name, time.Time{})
		}
	}
	return asks, nil
}

func (s *source) holds(d *store.Dossier) bool {
	return slices.ContainsFunc(d.Rows, func(r store.StoredRow) bool { return r.Source == s.Name })
}

func (s *source) keeps(departments map[string]bool) bool {
	return slices.ContainsFunc(s.Departments, func(code string) bool { return departments[code] })
}

// ask asks one source for some dossiers and takes in what came. One that is being
// polled is left alone: the poll will tell.
func (r *rereading) ask(ctx context.Context, src *source, ask []*asked) error {
	unlock, ok, err := r.tryLock(ctx, src.Name, r.patience.look)
	if err != nil {
		return err
	}
	log := r.log.WithField("source", src.Name)
	if !ok {
		log.Info("read again: it is being polled; tried again later")
		r.leave(src)
		return nil
	}
	defer unlock()
	in, err := r.app.begin(ctx, src, reconcile.Reread)
	if err != nil {
		return err
	}
	answers, err := r.read(ctx, src, ask, in.Seed())
	if err != nil {
		return errors.Join(err, in.Close())
	}
	log = log.WithFields(map[string]any{"asked": len(ask), "answered": answers.answered})
	if answers.poll.Cause != reconcile.CauseNone {
		log.WithFields(map[string]any{"cause": answers.poll.Cause, "reason": answers.poll.Reason}).Warn("read again")
	} else {
		log.Info("read again")
	}
	if answers.answered == 0 {
		r.leave(src)
	}
	switch err := answers.take(ctx, r.app, in); {
	case errors.Is(err, store.ErrOverrun):
		log.Info("read again: a poll came between; tried again later")
		return nil
	case err != nil:
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range ask {
		if one.counts() {
			r.seen.put(one.key, src.Name, answers.poll.StartedAt)
		}
	}
	return nil
}

// leave lets a source alone from now on.
func (r *rereading) leave(src *source) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left[src.Name] = true
}

// read has the source read the dossiers. What does not answer in time is asked
// again when it wakes; what did counts.
func (r *rereading) read(ctx context.Context, src *source, ask []*asked, seed uint64) (*answers, error) {
	a := newAnswers(src, ask, r.now())
	limited, cancel := context.WithTimeout(ctx, r.patience.ask)
	defer cancel()
	reader, ok := src.reader.(reconcile.BatchSource)
	if !ok {
		return nil, errors.New("source " + src.Name + ": single dossiers cannot be read")
	}
	poll, err := reader.Reread(limited, a.codes(), seed, a, a.told)
	switch {
	case err == nil:
	case limited.Err() != nil && ctx.Err() == nil:
		poll.Cause, poll.Reason = reconcile.CauseTimeout, "reading single dossiers took too long; what was not read is tried again later"
	default:
		return nil, err
	}
	if poll.StartedAt.IsZero() {
		poll.StartedAt = a.began
	}
	a.poll = poll
	r.metrics.RereadEnded(src.Name, poll.Answers)
	return a, nil
}
