package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// departmentList is what a department is told of at a moment.
type departmentList struct {
	Department string
	AsOf       time.Time // of the last run
	Rules      *reconcile.Rules
	Items      []listItem
}

// listItem is one discrepancy of it, with copies of the records as they are now.
type listItem struct {
	reconcile.Discrepancy
	Platform, Office *reconcile.Record
	Times            int // how often it was reminded of
	NotVerifiedSince time.Time
}

// Reminded reports whether a letter speaks of the item: it is open, both sides have
// been read lately, and it is the department's to put right.
func (i *listItem) Reminded() bool {
	return i.State == reconcile.StateOpen && !i.Unstable && i.NotVerifiedSince.IsZero() && i.Kind.Reminded()
}

// listOf gathers what is open or acknowledged of a department. Suspected, waived and
// unstable discrepancies are never sent (RULES.md §5, §7).
func (a *App) listOf(ctx context.Context, department string, rules *reconcile.Rules) (*departmentList, error) {
	l := &departmentList{Department: department, AsOf: rules.AsOf, Rules: rules}
	run, err := a.Store.LastRun(ctx)
	if err != nil {
		return nil, err
	}
	if run != nil {
		l.AsOf = run.AsOf
	}
	filter := store.Filter{
		Departments: []string{department}, States: []reconcile.State{reconcile.StateOpen, reconcile.StateAcknowledged},
	}
	err = a.EachListed(ctx, rules, filter, func(item *Listed) error {
		if item.Unstable {
			return nil
		}
		l.Items = append(l.Items, listItem{
			Discrepancy: item.Discrepancy, Platform: copied(item.Platform), Office: copied(item.Office),
			NotVerifiedSince: notVerifiedSince(rules, &item.Discrepancy),
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(l.Items))
	for i := range l.Items {
		ids[i] = l.Items[i].ID
	}
	times, err := a.Store.ReminderTimes(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range l.Items {
		l.Items[i].Times = times[l.Items[i].ID]
	}
	return l, nil
}

func copied(rec *reconcile.Record) *reconcile.Record {
	if rec == nil {
		return nil
	}
	own := *rec
	return &own
}

// Digest is the same for two lists that tell the department the same.
func (l *departmentList) Digest() string {
	h := sha256.New()
	for i := range l.Items {
		item := &l.Items[i]
		fmt.Fprintln(h, item.ID, item.Values, item.State, item.Effect, item.Reminded(), item.Note)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// listTrust believes what the last polls said for a day: a list is a daily affair,
// and where doisoat is run from a timer nothing is polled in between.
const listTrust = 26 * time.Hour

// trustLately is the trust of lists and letters: a source's word counts while its
// newest poll was accepted, within three of its intervals or a day.
func (a *App) trustLately(ctx context.Context, at time.Time) (Trust, error) {
	_, attempted, err := a.Store.Polled(ctx)
	if err != nil {
		return nil, err
	}
	held, err := a.heldSources(ctx)
	if err != nil {
		return nil, err
	}
	return func(source string, _, _ reconcile.Snapshot) (fresh, thisRun bool) {
		src, last := a.byName[source], attempted[source]
		lately := at.Sub(last.EndedAt) <= max(listTrust, staleAfter*src.Poll.Every)
		return !held[source] && last.State == reconcile.SnapshotAccepted && lately, false
	}, nil
}

// listRules are the rules by which lists and letters are made: as of asOf, with
// sources believed as at the clock's at.
func (a *App) listRules(ctx context.Context, asOf, at time.Time) (*reconcile.Rules, error) {
	trust, err := a.trustLately(ctx, at)
	if err != nil {
		return nil, err
	}
	return a.Rules(ctx, asOf, trust)
}
