package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
)

// reminders is on which days a discrepancy was reminded of.
type reminders struct{ days map[string]bool }

// reminderChunk is how many discrepancies are asked for at a time.
const reminderChunk = 5000

func (s *Store) reminded(ctx context.Context, tx *sqlx.Tx, ids []string) (map[string]reminders, error) {
	by := make(map[string]reminders, len(ids))
	for chunk := range slices.Chunk(ids, reminderChunk) {
		clause, arg, err := s.anyOf("discrepancy_id", chunk)
		if err != nil {
			return nil, err
		}
		var rows []struct {
			ID  string `db:"discrepancy_id"`
			Day string `db:"day"`
		}
		if err := tx.SelectContext(ctx, &rows, s.bind(`SELECT discrepancy_id, day FROM reminders WHERE `+clause), arg); err != nil {
			return nil, fmt.Errorf("reminders: %w", err)
		}
		for _, row := range rows {
			if by[row.ID].days == nil {
				by[row.ID] = reminders{map[string]bool{}}
			}
			by[row.ID].days[row.Day] = true
		}
	}
	return by, nil
}

// ReminderTimes is how often each of some discrepancies was reminded of; those that
// never were are left out.
func (s *Store) ReminderTimes(ctx context.Context, ids []string) (map[string]int, error) {
	times := make(map[string]int)
	err := s.read(ctx, "reminders", func(tx *sqlx.Tx) error {
		by, err := s.reminded(ctx, tx, ids)
		for id, r := range by {
			times[id] = len(r.days)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return times, nil
}
