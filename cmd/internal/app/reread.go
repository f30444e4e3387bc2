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

// rereadBatch is how many dossiers are looked at again together.
const rereadBatch = 200

// reread is the job that reads by themselves the dossiers of which something
// would open by the passing of time alone, on both sides, and decides on what it
// then sees (RULES.md §5).
func (d *Daemon) reread(ctx context.Context) error {
	app, done := d.current.take()
	defer done()
	for {
		keys, err := d.store.LookKeys(ctx, rereadBatch)
		if err != nil || len(keys) == 0 {
			return err
		}
		seen, err := d.lookAt(ctx, app, keys)
		if err != nil {
			return err
		}
		if err := d.compare(ctx, app, Comparison{Kind: store.RunIncremental, looks: seen}, time.Time{}); err != nil {
			return err
		}
	}
}

// lookAt asks every source that can be asked for each of the dossiers it may hold,
// and tells which answered when.
func (d *Daemon) lookAt(ctx context.Context, app *App, keys []store.Key) (looks, error) {
	asks, err := app.whomToAsk(ctx, keys)
	if err != nil {
		return nil, err
	}
	seen := looks{}
	for _, key := range keys { // those that nobody answers for are done with, too
		seen[key] = map[string]time.Time{}
	}
	var lock sync.Mutex
	var group sync.WaitGroup
	errs := make([]error, len(app.sources))
	for i, src := range app.sources {
		if len(asks[src.Name]) == 0 {
			continue
		}
		group.Go(func() {
			errs[i] = d.lookAtSource(ctx, app, src, asks[src.Name], func(key store.Key, at time.Time) {
				lock.Lock()
				defer lock.Unlock()
				if seen[key] == nil {
					seen[key] = map[string]time.Time{}
				}
				seen[key][src.Name] = at
			})
		})
	}
	group.Wait()
	return seen, errors.Join(errs...)
}

// asked is a dossier's code with the key under which its look is kept.
type asked struct {
	code string
	key  store.Key
}

// whomToAsk lists, for each source that can be asked, the codes to ask it for: the
// platform for all, an office for those that it holds or whose department it keeps.
func (a *App) whomToAsk(ctx context.Context, keys []store.Key) (map[string][]asked, error) {
	reader, err := a.Store.NewReader(ctx)
	if err != nil {
		return nil, err
	}
	pairs, err := a.Store.Aliases(ctx)
	if err != nil {
		return nil, err
	}
	joined := joinAliases(pairs)
	dossiers, err := reader.ReadKeys(ctx, joined.expand(slices.Clone(keys)), joined.joins)
	if err != nil {
		return nil, err
	}
	asks := map[string][]asked{}
	for i := range dossiers {
		s := &dossiers[i]
		departments := map[string]bool{}
		for _, k := range s.Discrepancies {
			departments[k.Department] = departments[k.Department] || k.Standing()
		}
		for _, src := range a.sources {
			if src.again && (src.Side == reconcile.Platform || src.holds(s) || src.keeps(departments)) {
				asks[src.Name] = append(asks[src.Name], asked{s.Code, s.Key})
			}
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

// lookAtSource reads the dossiers from one source and takes in what came. A source
// that is being polled is left alone: the poll will tell.
func (d *Daemon) lookAtSource(ctx context.Context, app *App, src *source, ask []asked, saw func(store.Key, time.Time)) (err error) {
	unlock, ok, err := d.store.TryLockSource(ctx, src.Name)
	if err != nil || !ok {
		return err
	}
	defer unlock()
	in, err := app.begin(ctx, src, reconcile.Reread)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	codes, keys := make([]string, len(ask)), make(map[string]store.Key, len(ask))
	for i, one := range ask {
		codes[i], keys[one.code] = one.code, one.key
	}
	limited, cancel := context.WithTimeout(ctx, src.Poll.Every)
	defer cancel()
	var answered []string
	taking := &intake{table: src.table, in: in, now: now()}
	poll, err := src.reader.(reconcile.BatchSource).Reread(limited, codes, in.Seed(), taking, func(code string, err error) error {
		if err == nil {
			answered = append(answered, code)
		}
		return nil // what did not answer is looked at later
	})
	if err != nil {
		if limited.Err() != nil && ctx.Err() == nil {
			d.log.WithField("source", src.Name).Warn("reading dossiers again took too long; tried again later")
			return nil
		}
		return err
	}
	d.metrics.RereadEnded(src.Name, poll.Answers)
	log := d.log.WithFields(map[string]any{"source": src.Name, "asked": len(codes), "answered": len(answered)})
	if len(answered) == 0 {
		log.WithFields(map[string]any{"cause": poll.Cause, "reason": poll.Reason}).Warn("read again")
		return nil
	}
	// What answered did so in full; the others are not among what came.
	poll.Mode, poll.EndReached, poll.DeclaredTotal, poll.Cause, poll.Reason = reconcile.Reread, true, -1, "", ""
	if _, err := in.Finish(ctx, poll, reconcile.Limits(app.Config.Rules.Shrink)); err != nil {
		if errors.Is(err, store.ErrOverrun) {
			log.Info("read again: a poll came between; tried again later")
			return nil
		}
		return err
	}
	log.Info("read again")
	for _, code := range answered {
		saw(keys[code], poll.StartedAt)
	}
	return nil
}
