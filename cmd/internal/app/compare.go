package app

import (
	"context"
	"fmt"
	"maps"
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
	looks   looks
	run     *store.Run
	opened  reconcile.OpenedBy
	// corrected were resolved in this run.
	corrected []reconcile.Discrepancy
	done      atomic.Int64
	total     int
}

// verdicts is what came out of some dossiers.
type verdicts struct {
	keys     []store.Key // that were looked at; nil for a whole range
	changes  []reconcile.Change
	classes  []store.Classified
	examined int
	// waiting could not be decided, or not for good, and must be looked at again
	// though nothing of them may change; look are to be read again by themselves.
	waiting, look []store.Key
}

// Comparison is what a run of comparing is about.
type Comparison struct {
	Kind    store.RunKind
	Day     string    // of a nightly one
	Started time.Time // when the run began, polls included
	Polled  time.Time // when its polls were done; zero where it has none
	All     bool      // look at every dossier
	// OnlyIfDue makes no run where nothing changed and nothing is due.
	OnlyIfDue bool

	looks looks
}

// looks are the moments at which sources were asked for single dossiers, by key
// and source, in this run.
type looks map[store.Key]map[string]time.Time

func (l looks) keys() []store.Key {
	return slices.Sorted(maps.Keys(l))
}

// Compare decides over what is stored at rules.AsOf, and keeps the outcome. It
// returns nil where there was nothing to do and of.OnlyIfDue.
func (a *App) Compare(ctx context.Context, rules *reconcile.Rules, of Comparison) (*store.Run, error) {
	last, err := a.Store.LastRun(ctx)
	if err != nil {
		return nil, err
	}
	run := &store.Run{Kind: of.Kind, Day: of.Day, StartedAt: of.Started, AsOf: rules.AsOf, Digest: a.digest(rules), Fresh: freshOf(rules.Coverage)}
	c := &comparison{app: a, rules: rules, run: run, looks: of.looks}
	before := int64(0)
	if last != nil {
		before = last.ID
	}
	all := of.All || last == nil || last.Digest != run.Digest || rules.AsOf.Before(last.AsOf)
	if of.OnlyIfDue && !all {
		keys, everything, err := c.dirty(ctx)
		if err != nil || len(keys) == 0 && !everything {
			return nil, err
		}
	}
	began := now()
	if !of.Polled.IsZero() {
		run.Summary.PollSeconds = of.Polled.Sub(of.Started).Seconds()
	}
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
		if last != nil {
			run.Summary.Surge = a.surge(c)
			run.Held = run.Summary.Surge != ""
		}
		run.Summary.Skipped = a.skipped(rules)
		if err := w.Looked(ctx, of.looks.keys()); err != nil {
			return err
		}
		run.EndedAt = now()
		run.Summary.CompareSeconds = run.EndedAt.Sub(began).Seconds()
		return nil
	})
	if err != nil {
		return nil, err
	}
	log := a.log.WithFields(map[string]any{
		"run": run.ID, "kind": run.Kind, "as_of": run.AsOf.In(a.Config.Zone).Format(time.RFC3339), "full": all, "examined": run.Summary.Examined, "compared": run.Summary.ComparedTotal(),
		"opened": run.Summary.Opened, "resolved": run.Summary.Resolved, "reopened": run.Summary.Reopened,
		"skipped": len(run.Summary.Skipped), "poll_seconds": run.Summary.PollSeconds, "seconds": run.EndedAt.Sub(run.StartedAt).Seconds(),
	})
	if run.Held {
		log.WithField("reason", run.Summary.Surge).WithField("remedy", fmt.Sprintf("look into it, then: doisoat run release %d", run.ID)).Warn("run")
	} else {
		log.Info("run")
	}
	c.tellCorrected()
	return run, nil
}

// tellCorrected tells, now that it is kept, how long what was resolved had been open.
func (c *comparison) tellCorrected() {
	if c.app.corrected == nil {
		return
	}
	for i := range c.corrected {
		if d := &c.corrected[i]; !d.OpenedAt.IsZero() {
			c.app.corrected(d.Kind, c.app.Calendar.Working(d.OpenedAt, d.ResolvedAt))
		}
	}
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

// dirty is the keys to look at: changed since the last comparison, due by time,
// read again by themselves, or waiting for a source that can be believed again;
// and whatever aliases join to them.
func (c *comparison) dirty(ctx context.Context) (keys []store.Key, all bool, err error) {
	if keys, all, err = c.app.Store.ChangedKeys(ctx); err != nil || all {
		return nil, all, err
	}
	due, err := c.app.Store.DueKeys(ctx, c.rules.AsOf)
	if err != nil {
		return nil, false, err
	}
	keys = append(append(keys, due...), c.looks.keys()...)
	before, err := c.app.Store.LastFresh(ctx)
	if err != nil {
		return nil, false, err
	}
	if moreIsKnown(before, freshOf(c.rules.Coverage)) {
		waiting, everything, err := c.app.Store.WaitingKeys(ctx)
		if err != nil || everything {
			return nil, everything, err
		}
		keys = append(keys, waiting...)
	}
	keys = c.aliases.expand(keys)
	return keys, len(keys) > 1<<16, nil
}

// freshOf is what can be believed, with the start of each source's last accepted
// full poll.
func freshOf(coverage reconcile.Coverage) map[string]time.Time {
	fresh := map[string]time.Time{}
	for name, r := range coverage.Sources {
		if r.Fresh {
			fresh[name] = r.FullAt
		}
	}
	return fresh
}

// moreIsKnown reports whether a source can be believed that could not be before,
// or was read in full since.
func moreIsKnown(before, now map[string]time.Time) bool {
	for name, fullAt := range now {
		was, ok := before[name]
		if !ok || fullAt.UnixMilli() > was.UnixMilli() {
			return true
		}
	}
	return false
}

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
	dossier.Looks = c.looks.of(stored)
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
	if out.Undecided || out.Unsettled || (len(out.Findings) > 0 || len(kept) > 0) && c.rules.Unverified(&out) {
		v.waiting = appendKeys(v.waiting, stored)
	}
	if out.Look {
		v.look = appendKeys(v.look, stored)
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
	c.total = len(keys)
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
			c.corrected = append(c.corrected, change.Discrepancy)
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
	return w.Look(ctx, slices.DeleteFunc(v.look, func(k store.Key) bool { return c.looks[k] != nil }))
}

// of is when the sources were asked for this dossier alone.
func (l looks) of(stored []*store.Dossier) map[string]time.Time {
	var all map[string]time.Time
	for _, d := range stored {
		at := l[d.Key]
		if len(stored) == 1 {
			return at
		}
		for source, moment := range at { // of codes that aliases join
			if all == nil {
				all = map[string]time.Time{}
			}
			all[source] = moment
		}
	}
	return all
}

func appendKeys(keys []store.Key, stored []*store.Dossier) []store.Key {
	for _, d := range stored {
		keys = append(keys, d.Key)
	}
	return keys
}
