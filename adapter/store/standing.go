package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// MaxMatching is how far CountMatching counts.
const MaxMatching = 10_001

// CountMatching counts what the filter chooses, without its Limit, Order and After: up to
// MaxMatching, which means that and more.
func (s *Store) CountMatching(ctx context.Context, f Filter) (int, error) {
	departments, some := f.scope()
	if !some {
		return 0, nil
	}
	l := listing{store: s, f: &f, departments: departments}
	q, from, err := l.all()
	if err != nil {
		return 0, fmt.Errorf("store: discrepancies: %w", err)
	}
	var n int
	err = s.read(ctx, "discrepancies", func(tx *sqlx.Tx) error {
		return tx.GetContext(ctx, &n, s.bind(`SELECT COUNT(*) FROM (SELECT 1 AS one FROM discrepancies `+from+q.String()+` LIMIT ?) AS chosen`), append(q.args, MaxMatching)...)
	})
	return n, err
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
	rows, err := s.countEffects(ctx, s.reader)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return rows, nil
}

func (s *Store) countEffects(ctx context.Context, db sqlx.QueryerContext) ([]EffectCount, error) {
	var rows []EffectCount
	index := "" // one that has the codes, so that no row is looked up
	if s.dialect.name == sqlite.name {
		index = "INDEXED BY discrepancies_by_place"
	}
	err := sqlx.SelectContext(ctx, db, &rows, `SELECT deadline_effect, department, COUNT(DISTINCT code) AS dossiers FROM discrepancies `+index+`
		WHERE state <> 'resolved' AND state IN ('open', 'acknowledged') AND deadline_effect <> 'none' GROUP BY deadline_effect, department`)
	if err != nil {
		return nil, fmt.Errorf("deadline effects: %w", err)
	}
	return rows, nil
}
