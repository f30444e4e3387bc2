package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// actChunk is how many discrepancies are read at a time.
const actChunk = 500

// Act sets what a person set on some discrepancies: all of it or nothing. decide is
// given each as it is at that moment, in the order of ids, while no run and no other
// person can change it; an error of decide is returned. A discrepancy that is not
// there, or belongs to none of the departments (nil: any), is ErrNotFound. It returns
// them as they are then, in the order of ids.
func (s *Store) Act(ctx context.Context, departments, ids []string, decide func(reconcile.Discrepancy) (reconcile.Change, error)) ([]reconcile.Discrepancy, error) {
	seen := make(map[string]bool, len(ids))
	for _, id := range ids {
		if seen[id] {
			return nil, fmt.Errorf("store: discrepancy %s: it is given twice", id)
		}
		seen[id] = true
	}
	var out []reconcile.Discrepancy
	err := s.write(ctx, "discrepancies", func(tx *sqlx.Tx) error {
		w := s.changeWriter(tx, 0)
		out = make([]reconcile.Discrepancy, 0, len(ids))
		for chunk := range slices.Chunk(ids, actChunk) {
			list, err := s.discrepanciesOf(ctx, tx, departments, chunk)
			if err != nil {
				return err
			}
			for _, d := range list {
				c, err := decide(d)
				if err != nil {
					return err
				}
				if c.Discrepancy.ID != d.ID {
					return fmt.Errorf("discrepancy %s: what was decided is of %s", d.ID, c.Discrepancy.ID)
				}
				if err := w.put(ctx, c); err != nil {
					return err
				}
				out = append(out, c.Discrepancy)
			}
		}
		if len(out) == 0 {
			return nil
		}
		if err := w.flush(ctx); err != nil {
			return err
		}
		return s.touch(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// discrepanciesOf reads some by their ids, in that order.
func (s *Store) discrepanciesOf(ctx context.Context, tx *sqlx.Tx, departments, ids []string) ([]reconcile.Discrepancy, error) {
	q := newQuery()
	clause, arg, err := s.anyOf("id", ids)
	if err != nil {
		return nil, err
	}
	q.where(clause, arg)
	if err := q.within(s, "department", departments); err != nil {
		return nil, err
	}
	list, err := s.selectDiscrepancies(ctx, tx, q.String(), q.args...)
	if err != nil {
		return nil, err
	}
	byID := make(map[string]reconcile.Discrepancy, len(list))
	for _, d := range list {
		byID[d.ID] = d
	}
	list = list[:0]
	for _, id := range ids {
		d, found := byID[id]
		if !found {
			return nil, fmt.Errorf("discrepancy %s: %w", id, ErrNotFound)
		}
		list = append(list, d)
	}
	return list, nil
}
