package app

import (
	"context"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// Result is one whole run: what every source said, and what follows.
type Result struct {
	Run       *store.Run
	Rules     *reconcile.Rules
	Snapshots []reconcile.Snapshot // in the order of the configuration
}

// Incomplete reports whether a source was partial, held or failed.
func (r *Result) Incomplete() bool {
	for i := range r.Snapshots {
		if r.Snapshots[i].State != reconcile.SnapshotAccepted {
			return true
		}
	}
	return false
}

// Reconcile polls every source once and compares. A zero asOf is the present.
func (a *App) Reconcile(ctx context.Context, asOf time.Time, all bool) (*Result, error) {
	started := a.now()
	snapshots, err := a.Poll(ctx)
	if err != nil {
		return nil, err
	}
	fresh := map[string]bool{}
	for i := range snapshots {
		fresh[snapshots[i].Source] = snapshots[i].State == reconcile.SnapshotAccepted
	}
	if asOf.IsZero() {
		asOf = a.now()
	}
	rules, err := a.Rules(ctx, asOf, trustThese(fresh))
	if err != nil {
		return nil, err
	}
	run, err := a.Compare(ctx, rules, Comparison{Kind: store.RunManual, Started: started, Polled: a.now(), All: all})
	if err != nil {
		return nil, err
	}
	return &Result{Run: run, Rules: rules, Snapshots: snapshots}, nil
}
