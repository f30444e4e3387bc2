package app

import (
	"context"
	"fmt"
	"slices"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// everything compares all dossiers, range by range on all processors.
func (c *comparison) everything(ctx context.Context, w *store.RunWriter) error {
	bits := c.reader.Bits()
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
	if dossier.Looks = c.looks.of(stored); dossier.Looks != nil {
		kept = asBefore(kept, c.before)
	}
	out := c.rules.Compare(dossier)
	v.examined++
	if out.Code == "" { // no configured source holds it any more
		out.Code = stored[0].Code
		if len(kept) > 0 {
			out.Department = kept[0].Department
		}
	} else {
		v.classes = append(v.classes, store.Classified{Key: store.KeyOf(out.Code), Class: store.ClassOf(&out, t.held)})
	}
	if len(out.Findings) > 0 || len(kept) > 0 || out.Undecided {
		v.changes = append(v.changes, c.rules.Advance(&out, kept)...)
	}
	if out.Undecided || out.Unsettled || (len(out.Findings) > 0 || len(kept) > 0) && (c.rules.Unverified(&out) || unreadable(&out)) {
		v.waiting = appendKeys(v.waiting, stored)
	}
	if out.Look {
		v.look = appendKeys(v.look, stored)
	}
}

// unreadable: a row of it was rejected, so nothing is concluded from what is kept
// of it, however late it gets.
func unreadable(out *reconcile.Outcome) bool {
	return out.Pair.UnreadablePlatform || out.Pair.UnreadableOffice
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
	c.total = len(keys)
	w.Follow(c.reader)
	chunks := slices.Collect(chunksOfGroups(keys, c.aliases))
	return sideBySide(ctx, len(chunks), func(ctx context.Context, n int) (verdicts, error) {
		return c.keysOf(ctx, chunks[n])
	}, func(v verdicts) error {
		if err := w.Replace(ctx, v.keys, v.classes); err != nil {
			return err
		}
		if err := w.Compared(ctx, v.keys, false); err != nil {
			return err
		}
		c.progress(len(v.keys))
		return c.keep(ctx, w, &v)
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
	for _, change := range v.changes {
		if change.Resolved() {
			summary.Resolved++
			if change.Event.From != reconcile.StateSuspected { // that one was never open, this time
				c.corrected = append(c.corrected, change.Discrepancy)
			}
		}
		if change.Reopened() {
			summary.Reopened++
		}
		if change.Opened() {
			summary.Opened++
			c.opened.Count(&change.Discrepancy)
		}
		if err := w.Put(ctx, change); err != nil {
			return fmt.Errorf("discrepancy %s of %s: %w", change.Discrepancy.Kind, change.Discrepancy.Code, err)
		}
	}
	if err := w.Wait(ctx, v.waiting); err != nil {
		return err
	}
	// Whoever did not answer this time is asked again when the dossier wakes.
	return w.Look(ctx, slices.DeleteFunc(v.look, func(k store.Key) bool {
		_, looked := c.looks[k]
		return looked
	}))
}

func appendKeys(keys []store.Key, stored []*store.Dossier) []store.Key {
	for _, d := range stored {
		keys = append(keys, d.Key)
	}
	return keys
}
