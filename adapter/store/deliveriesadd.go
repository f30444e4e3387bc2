package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jmoiron/sqlx"
)

// AddDeliveries hands a letter that is registered to channels at the moment at, all of
// them or none, and queues that. Channels over which the letter goes or went already
// are left out: over each it goes once. It returns how many were added; ErrNotFound
// where there is no such letter. While the breaker holds a run they wait.
func (s *Store) AddDeliveries(ctx context.Context, letter int64, at time.Time, list []NewDelivery) (added int, err error) {
	err = s.writeBeside(ctx, fmt.Sprintf("deliveries of letter %d", letter), lockLetters, func(tx *sqlx.Tx) error {
		letters, err := s.selectLetters(ctx, tx, `WHERE id = ?`, letter)
		if err != nil {
			return err
		}
		if len(letters) == 0 {
			return ErrNotFound
		}
		there, err := s.selectDeliveries(ctx, tx, `WHERE d.letter_id = ?`, letter)
		if err != nil {
			return err
		}
		missing := slices.DeleteFunc(slices.Clone(list), func(n NewDelivery) bool {
			return slices.ContainsFunc(there, func(d Delivery) bool { return d.Channel == cleanText(n.Channel) })
		})
		if added = len(missing); added == 0 {
			return nil
		}
		// How long a delivery has been waiting is counted from when it was asked for.
		l := letters[0]
		l.MadeAt = at
		if err := s.addDeliveries(ctx, tx, &l, missing); err != nil {
			return err
		}
		return s.touch(ctx, tx)
	})
	if err != nil {
		return 0, err
	}
	return added, nil
}
