package app

import (
	"context"
	"fmt"
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
	before  map[string]string
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

	// looks are the second looks it rests on; before is the values that suspected
	// discrepancies had before them, by id.
	looks  looks
	before map[string]string
}

// clockSlack is by how much the clocks of processes that share a store may differ.
const clockSlack = 2 * time.Minute

// Compare decides over what is stored at rules.AsOf, and keeps the outcome. It
// returns nil where there was nothing to do and of.OnlyIfDue. Where the last run
// was made by a clock that is a little ahead, a run of the daemon is made as of the
// same moment: time does not go back.
func (a *App) Compare(ctx context.Context, rules *reconcile.Rules, of Comparison) (*store.Run, error) {
	last, err := a.Store.LastRun(ctx)
	if err != nil {
		return nil, err
	}
	if last != nil && of.Kind != store.RunManual {
		if ahead := last.AsOf.Sub(rules.AsOf); ahead > 0 && ahead <= clockSlack {
			moved := *rules
			moved.AsOf = last.AsOf
			rules = &moved
		}
	}
	run := &store.Run{Kind: of.Kind, Day: of.Day, StartedAt: of.Started, AsOf: rules.AsOf, LocalDay: rules.AsOf.In(a.Config.Zone).Format(time.DateOnly), Digest: a.digest(rules), Fresh: freshOf(rules.Coverage)}
	c := &comparison{app: a, rules: rules, run: run, looks: of.looks, before: of.before}
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
	began := a.now()
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
		// A first run has nothing to be compared with, nor has one after runs for
		// which there were no two sides yet.
		if last != nil && last.Summary.ComparedTotal() > 0 {
			run.Summary.Surge = a.surge(c)
			run.Held = run.Summary.Surge != ""
		}
		run.Summary.Skipped = a.skipped(rules)
		if err := w.Looked(ctx, of.looks.keys()); err != nil {
			return err
		}
		run.EndedAt = a.now()
		run.Summary.CompareSeconds = run.EndedAt.Sub(began).Seconds()
		return nil
	})
	if err != nil {
		return nil, err
	}
	a.logRun(run)
	c.tellCorrected()
	return run, nil
}

// logRun writes the one line that tells all of a run.
func (a *App) logRun(run *store.Run) {
	log := a.log.WithFields(map[string]any{
		"run": run.ID, "kind": run.Kind, "as_of": run.AsOf.In(a.Config.Zone).Format(time.RFC3339), "full": run.Summary.Full, "examined": run.Summary.Examined,
		"compared": run.Summary.ComparedTotal(),
		"opened":   run.Summary.Opened, "resolved": run.Summary.Resolved, "reopened": run.Summary.Reopened,
		"skipped": len(run.Summary.Skipped), "poll_seconds": run.Summary.PollSeconds, "seconds": run.EndedAt.Sub(run.StartedAt).Seconds(),
	})
	if run.Held {
		log.WithField("reason", run.Summary.Surge).WithField("remedy", fmt.Sprintf("look into it, then: doisoat run release %d", run.ID)).Warn("run")
		return
	}
	log.Info("run")
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
