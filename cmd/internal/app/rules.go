package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// rulesVersion is part of every run's digest: a program whose rules decide
// differently must look at every dossier again.
const rulesVersion = "rules/2"

// Trust says how far each source's word counts in a run: given its last accepted
// poll and its last accepted full one, whether it is fresh, and whether the full poll is the run's own.
type Trust func(source string, last, full reconcile.Snapshot) (fresh, thisRun bool)

// trustThese trusts the sources that were read in full in this run.
func trustThese(fresh map[string]bool) Trust {
	return func(source string, last, full reconcile.Snapshot) (bool, bool) {
		return fresh[source], fresh[source] && last.ID == full.ID
	}
}

// TrustNobody trusts what is stored no further than it goes.
func TrustNobody(string, reconcile.Snapshot, reconcile.Snapshot) (bool, bool) { return false, false }

// Rules are the rules as configured, over what is stored, at asOf.
func (a *App) Rules(ctx context.Context, asOf time.Time, trust Trust) (*reconcile.Rules, error) {
	_, full, err := a.Store.Accepted(ctx)
	if err != nil {
		return nil, err
	}
	last, _, err := a.Store.Polled(ctx) // a look at single dossiers says nothing of the others
	if err != nil {
		return nil, err
	}
	return a.rulesOf(last, full, asOf, trust), nil
}

// rulesNow are the rules for whoever looks: as of asOf, with sources believed as at
// the clock's at.
func (a *App) rulesNow(r *recalled, asOf, at time.Time) *reconcile.Rules {
	return a.rulesOf(r.polled, r.full, asOf, a.trusting(r.attempt, r.held, at, time.Time{}))
}

// rulesOf is Rules where the last accepted polls and the last full ones are known.
func (a *App) rulesOf(last, full map[string]reconcile.Snapshot, asOf time.Time, trust Trust) *reconcile.Rules {
	coverage := reconcile.Coverage{Offices: map[string][]reconcile.Reading{}, Sources: map[string]reconcile.Reading{}}
	for _, src := range a.sources {
		_, complete := full[src.Name]
		reading := reconcile.Reading{
			Source: src.Name, Complete: complete, ReadAt: last[src.Name].StartedAt, FullAt: full[src.Name].StartedAt, Again: src.again,
		}
		reading.Fresh, reading.ThisRun = trust(src.Name, last[src.Name], full[src.Name])
		coverage.Sources[src.Name] = reading
		if src.Side == reconcile.Platform {
			coverage.Platform = reading
		}
		for _, department := range src.Departments {
			coverage.Offices[department] = append(coverage.Offices[department], reading)
		}
	}
	return &reconcile.Rules{
		Calendar: a.Calendar, Grace: a.Config.Rules.Grace, CompareBy: a.Config.Rules.Compare, Coverage: coverage,
		AsOf: asOf.Truncate(time.Millisecond), // as the store keeps it, so that the same moment is the same tomorrow
	}
}

// digest is of everything but the data and the moment that decisions rest on.
func (a *App) digest(rules *reconcile.Rules) string {
	h := sha256.New()
	fmt.Fprintln(h, rulesVersion, rules.CompareBy, a.Calendar.Digest())
	for _, kind := range reconcile.Kinds {
		fmt.Fprintln(h, kind, rules.GraceOf(kind))
	}
	for _, src := range a.sources {
		departments := slices.Clone(src.Departments)
		slices.Sort(departments)
		fmt.Fprintln(h, src.Name, src.Side, departments, src.table.Digest(), rules.Coverage.Sources[src.Name].Complete)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
