package app

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// comparison is one run over what is stored: over every dossier, or over those
// that changed or whose time has come.
type comparison struct {
	app     *App
	rules   *reconcile.Rules
	reader  *store.Reader
	aliases aliases
	run     *store.Run
	done    atomic.Int64
	total   int
}

// verdicts is what came out of some dossiers.
type verdicts struct {
	keys     []store.Key // that were looked at; nil for a whole range
	changes  []reconcile.Change
	classes  []store.Classified
	examined int
	// unsettled: something could not be decided, and must be looked at again
	// even if nothing changes.
	unsettled bool
}

// Compare decides over what is stored at rules.AsOf, and keeps the outcome.
// started is when the run began; all forces a look at every dossier.
func (a *App) Compare(ctx context.Context, rules *reconcile.Rules, started time.Time, all bool) (*store.Run, error) {
	last, err := a.Store.LastRun(ctx)
	if err != nil {
		return nil, err
	}
	run := &store.Run{StartedAt: started, AsOf: rules.AsOf, Digest: a.digest(rules)}
	c := &comparison{app: a, rules: rules, run: run}
	before := int64(0)
	if last != nil {
		before = last.ID
	}
	all = all || last == nil || !last.Settled || last.Digest != run.Digest || rules.AsOf.Before(last.AsOf)
	err = a.Store.WriteRun(ctx, run, before, func(w *store.RunWriter) error {
		// Only now that no snapshot can be accepted beside this run is it certain
		// what changed.
		keys, err := c.begin(ctx, &all)
		if err != nil {
			return err
		}
		run.Summary.Full = all
		if all {
			err = c.everything(ctx, w)
		} else {
			run.Summary.Compared, run.Summary.NotCovered = last.Summary.Compared, last.Summary.NotCovered
			err = c.some(ctx, w, keys)
		}
		if err != nil {
			return err
		}
		run.Settled = run.Settled && allFresh(rules.Coverage)
		if last != nil {
			run.Summary.Surge = reconcile.Surge(run.Summary.Opened, run.Summary.ComparedTotal(), reconcile.Limits(a.Config.Rules.Surge))
		}
		run.EndedAt = now()
		return nil
	})
	if err != nil {
		return nil, err
	}
	a.log.WithFields(map[string]any{
		"run": run.ID, "as_of": run.AsOf, "full": all, "examined": run.Summary.Examined, "compared": run.Summary.ComparedTotal(),
		"opened": run.Summary.Opened, "resolved": run.Summary.Resolved, "seconds": run.EndedAt.Sub(run.StartedAt).Seconds(),
	}).Info("run")
	return run, nil
}

func allFresh(c reconcile.Coverage) bool {
	for _, r := range c.Sources {
		if !r.Fresh {
			return false
		}
	}
	return true
}

// begin looks up what there is to compare. It sets all where everything has to be.
func (c *comparison) begin(ctx context.Context, all *bool) (keys []store.Key, err error) {
	if c.reader, err = c.app.Store.NewReader(ctx); err != nil {
		return nil, err
	}
	pairs, err := c.app.Store.Aliases(ctx)
	if err != nil {
		return nil, err
	}
	c.aliases = joinAliases(pairs)
	keys, changedAll, err := c.dirty(ctx)
	*all = *all || changedAll
	return keys, err
}

// dirty is the keys to look at: changed since the last comparison, or due by
// time, and whatever aliases join to them.
func (c *comparison) dirty(ctx context.Context) (keys []store.Key, all bool, err error) {
	if keys, all, err = c.app.Store.ChangedKeys(ctx); err != nil || all {
		return nil, all, err
	}
	due, err := c.app.Store.DueKeys(ctx, c.rules.AsOf)
	if err != nil {
		return nil, false, err
	}
	keys = c.aliases.expand(append(keys, due...))
	return keys, len(keys) > 1<<16, nil
}

// everything compares all dossiers, range by range on all processors.
func (c *comparison) everything(ctx context.Context, w *store.RunWriter) error {
	bits := c.reader.Bits()
	c.run.Settled = true
	c.total = 1 << bits
	if err := w.BeginAll(ctx, bits); err != nil {
		return err
	}
	err := sideBySide(ctx, 1<<bits, func(ctx context.Context, n int) (verdicts, error) {
		return c.rangeOf(ctx, n, bits)
	}, func(v verdicts) error { return c.keepRange(ctx, w, v) })
	if err != nil {
		return err
	}
	return c.joined(ctx, w)
}

func (c *comparison) keepRange(ctx context.Context, w *store.RunWriter, v verdicts) error {
	for i := range v.classes {
		c.run.Summary.Count(v.classes[i].Class, 1)
	}
	if err := w.PutRange(ctx, v.classes); err != nil {
		return err
	}
	if err := c.keep(ctx, w, &v); err != nil {
		return err
	}
	c.progress(1)
	return nil
}

func (c *comparison) progress(n int) {
	done := c.done.Add(int64(n))
	if c.app.Watch != nil {
		c.app.Watch.Comparing(int(done), c.total)
	}
}

// rangeOf compares the dossiers of one range, but for those that aliases join.
func (c *comparison) rangeOf(ctx context.Context, n int, bits uint) (verdicts, error) {
	dossiers, err := c.reader.ReadRange(ctx, n, bits)
	if err != nil {
		return verdicts{}, err
	}
	v := verdicts{classes: make([]store.Classified, 0, len(dossiers))}
	t := c.app.translator(&c.rules.Coverage, c.reader.Layouts)
	for i := range dossiers {
		if !c.aliases.joins(dossiers[i].Key) {
			c.decide(t, &v, dossiers[i].Discrepancies, &dossiers[i])
		}
	}
	return v, nil
}

// decide compares one dossier, held under one code or several.
func (c *comparison) decide(t *translator, v *verdicts, kept []reconcile.Discrepancy, stored ...*store.Dossier) {
	dossier := t.dossierOf(stored...)
	out := c.rules.Compare(dossier)
	v.examined++
	if out.Code == "" { // no configured source holds it any more
		out.Code = stored[0].Code
		if len(kept) > 0 {
			out.Department = kept[0].Department
		}
	} else {
		v.classes = append(v.classes, store.Classified{Key: store.KeyOf(out.Code), Class: store.ClassOf(&out, stored)})
	}
	if len(out.Findings) > 0 || len(kept) > 0 || out.Undecided {
		v.changes = append(v.changes, c.rules.Advance(&out, kept)...)
		v.unsettled = v.unsettled || c.rules.Unverified(&out)
	}
}

// joined compares the dossiers that aliases join.
func (c *comparison) joined(ctx context.Context, w *store.RunWriter) error {
	for groups := range slices.Chunk(c.aliases.groups, 200) {
		var keys []store.Key
		for _, group := range groups {
			keys = append(keys, group...)
		}
		slices.Sort(keys)
		v, err := c.keysOf(ctx, keys)
		if err != nil {
			return err
		}
		if err := w.Replace(ctx, keys, v.classes); err != nil {
			return err
		}
		if err := c.keep(ctx, w, &v); err != nil {
			return err
		}
	}
	return nil
}

// some compares the dossiers of these keys only.
func (c *comparison) some(ctx context.Context, w *store.RunWriter, keys []store.Key) error {
	c.run.Settled = true
	c.total = len(keys)
	chunks := slices.Collect(chunksOfGroups(keys, c.aliases))
	return sideBySide(ctx, len(chunks), func(ctx context.Context, n int) (verdicts, error) {
		return c.keysOf(ctx, chunks[n])
	}, func(v verdicts) error {
		if err := w.Replace(ctx, v.keys, v.classes); err != nil {
			return err
		}
		if err := c.keep(ctx, w, &v); err != nil {
			return err
		}
		c.progress(len(v.keys))
		return w.Compared(ctx, v.keys, false)
	})
}

// keysOf compares the dossiers of these keys, which hold every group whole.
func (c *comparison) keysOf(ctx context.Context, keys []store.Key) (verdicts, error) {
	dossiers, err := c.reader.ReadKeys(ctx, keys, c.aliases.joins)
	if err != nil {
		return verdicts{}, err
	}
	v := verdicts{keys: keys}
	t := c.app.translator(&c.rules.Coverage, c.reader.Layouts)
	groups := map[int][]*store.Dossier{}
	for i := range dossiers {
		d := &dossiers[i]
		group, joined := c.aliases.of[d.Key]
		if !joined {
			c.decide(t, &v, d.Discrepancies, d)
			continue
		}
		groups[group] = append(groups[group], d)
	}
	for _, stored := range groups {
		var kept []reconcile.Discrepancy
		for _, d := range stored {
			kept = append(kept, d.Discrepancies...)
		}
		c.decide(t, &v, kept, stored...)
	}
	slices.SortFunc(v.classes, func(a, b store.Classified) int {
		switch {
		case a.Key < b.Key:
			return -1
		case a.Key > b.Key:
			return 1
		}
		return 0
	})
	return v, nil
}

// keep writes what changed and counts it.
func (c *comparison) keep(ctx context.Context, w *store.RunWriter, v *verdicts) error {
	summary := &c.run.Summary
	summary.Examined += v.examined
	c.run.Settled = c.run.Settled && !v.unsettled
	for _, change := range v.changes {
		e := &change.Event
		switch {
		case e.To == "" || e.From == e.To:
		case e.To == reconcile.StateResolved:
			summary.Resolved++
		case e.From == reconcile.StateResolved:
			summary.Reopened++
		}
		if e.To == reconcile.StateOpen && e.From != reconcile.StateOpen {
			summary.Opened++
		}
		if err := w.Put(ctx, change); err != nil {
			return fmt.Errorf("discrepancy %s of %s: %w", change.Discrepancy.Kind, change.Discrepancy.Code, err)
		}
	}
	return nil
}
