package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// Filter chooses discrepancies; empty fields choose all.
type Filter struct {
	States     []reconcile.State // none: all but resolved
	All        bool              // resolved ones too
	Department string
	Kind       reconcile.Kind
	Effect     reconcile.Effect
	Code       string // canonical
	Unstable   bool   // only those that change at every look
	Limit      int    // 0: no limit
	// After leaves out everything up to and with this place in the order.
	After *Place
}

// Place is where a discrepancy stands in the order of EachDiscrepancy.
type Place struct {
	Kind             reconcile.Kind
	Department, Code string
	Side             reconcile.Side
}

// errEnough ends a listing at its limit.
var errEnough = errors.New("enough")

// EachDiscrepancy gives the discrepancies that the filter chooses, in the order
// of kind (as reconcile.Kinds), department, code (by letter, the same on both
// databases) and side.
func (s *Store) EachDiscrepancy(ctx context.Context, f Filter, do func(reconcile.Discrepancy) error) error {
	left := f.Limit
	counted := func(d reconcile.Discrepancy) error {
		if err := do(d); err != nil {
			return err
		}
		if left--; f.Limit > 0 && left == 0 {
			return errEnough
		}
		return nil
	}
	after := f.After
	for _, kind := range reconcile.Kinds { // each by its index, so that no list is sorted as a whole
		if f.Kind != "" && kind != f.Kind {
			continue
		}
		if after != nil && after.Kind != kind {
			if slices.Index(reconcile.Kinds, kind) < slices.Index(reconcile.Kinds, after.Kind) {
				continue
			}
			after = nil
		}
		where, args := f.clauses(kind, after)
		query := "WHERE " + strings.Join(where, " AND ") + " ORDER BY kind, department, code, side"
		if f.Limit > 0 {
			query += " LIMIT ?"
			args = append(args, left)
		}
		if err := s.eachDiscrepancy(ctx, s.reader, query, args, counted); err != nil {
			if errors.Is(err, errEnough) {
				return nil
			}
			return err
		}
	}
	return nil
}

// clauses are the conditions for one kind.
func (f *Filter) clauses(kind reconcile.Kind, after *Place) (where []string, args []any) {
	add := func(clause string, values ...any) { where, args = append(where, clause), append(args, values...) }
	add("kind = ?", string(kind))
	switch {
	case len(f.States) > 0:
		marks := strings.TrimSuffix(strings.Repeat("?,", len(f.States)), ",")
		states := make([]any, len(f.States))
		for i, state := range f.States {
			states[i] = string(state)
		}
		add("state IN ("+marks+")", states...)
	case !f.All:
		add("state <> 'resolved'") // in these letters: the index of what stands is for it
	}
	if f.Department != "" {
		add("department = ?", f.Department)
	}
	if f.Effect != "" {
		add("deadline_effect = ?", string(f.Effect))
	}
	if f.Unstable {
		add("unstable = 1")
	}
	if f.Code != "" {
		add("dossier_key = ?", KeyOf(f.Code))
		add("code = ?", f.Code)
	}
	if after != nil {
		add("(department, code, side) > (?, ?, ?)", after.Department, after.Code, string(after.Side))
	}
	return where, args
}

// Standing counts the discrepancies that are not resolved.
type Standing struct {
	Kind       reconcile.Kind   `db:"kind"`
	Department string           `db:"department"`
	State      reconcile.State  `db:"state"`
	Effect     reconcile.Effect `db:"deadline_effect"`
	Unstable   bool             `db:"unstable"`
	Count      int              `db:"count"`
	Past       int              `db:"past"`  // opened at the given moment or before
	Oldest     int64            `db:"since"` // the earliest since, UTC milliseconds
}

// CountStanding counts what is not resolved; openedBy is the moment for Past.
func (s *Store) CountStanding(ctx context.Context, openedBy time.Time) ([]Standing, error) {
	var rows []Standing
	err := s.reader.SelectContext(ctx, &rows, s.bind(`SELECT kind, department, state, deadline_effect, unstable, COUNT(*) AS count,
		SUM(CASE WHEN opened_at > 0 AND opened_at <= ? THEN 1 ELSE 0 END) AS past, MIN(since_at) AS since FROM discrepancies WHERE state <> 'resolved'
		GROUP BY kind, department, state, deadline_effect, unstable`), millis(openedBy))
	if err != nil {
		return nil, fmt.Errorf("store: standing discrepancies: %w", err)
	}
	return rows, nil
}

// EffectCount is how many dossiers have a standing discrepancy with an effect on
// the deadline, by department.
type EffectCount struct {
	Effect     reconcile.Effect `db:"deadline_effect"`
	Department string           `db:"department"`
	Dossiers   int              `db:"dossiers"`
}

// CountEffects counts dossiers whose deadline what is open or acknowledged makes
// look better or worse than it is.
func (s *Store) CountEffects(ctx context.Context) ([]EffectCount, error) {
	var rows []EffectCount
	err := s.reader.SelectContext(ctx, &rows, `SELECT deadline_effect, department, COUNT(DISTINCT code) AS dossiers FROM discrepancies
		WHERE state <> 'resolved' AND state IN ('open', 'acknowledged') AND deadline_effect <> 'none' GROUP BY deadline_effect, department`)
	if err != nil {
		return nil, fmt.Errorf("store: deadline effects: %w", err)
	}
	return rows, nil
}
