package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// What is delivered is delivered at least once: whoever delivers takes a lease first,
// tells afterwards how it went, and where it never does, the next one may when the
// lease has ended. While the mass-change breaker holds a run nothing is due.

// DueDeliveries is what may be delivered at now, the longest due first.
func (s *Store) DueDeliveries(ctx context.Context, now time.Time, limit int) ([]Delivery, error) {
	return s.selectDeliveries(ctx, s.reader, `WHERE d.state = 'pending' AND d.next_at <= ? AND d.lease_until <= ? AND `+notHeld+`
		ORDER BY d.next_at, d.id LIMIT ?`, millis(now), millis(now), limit)
}

// NextDelivery is when the next delivery is due, which may be past; zero where none
// is, or the breaker holds. ReleaseRun queues what waited for it.
func (s *Store) NextDelivery(ctx context.Context) (time.Time, error) {
	var next int64
	if err := s.reader.GetContext(ctx, &next, `SELECT COALESCE(MIN(CASE WHEN lease_until > next_at THEN lease_until ELSE next_at END), 0)
		FROM deliveries WHERE state = 'pending' AND `+notHeld); err != nil {
		return time.Time{}, fmt.Errorf("store: deliveries: %w", err)
	}
	return fromMillis(next), nil
}

// ClaimDelivery begins an attempt, with which nobody else may deliver it before until.
// It returns nil where it is not due any more: somebody else has it, it ended, or the
// breaker holds.
func (s *Store) ClaimDelivery(ctx context.Context, id int64, now, until time.Time) (*Delivery, error) {
	var d *Delivery
	err := s.writeBeside(ctx, fmt.Sprintf("delivery %d", id), lockNothing, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, s.bind(`UPDATE deliveries SET lease_until = ?, attempts = attempts + 1
			WHERE id = ? AND state = 'pending' AND next_at <= ? AND lease_until <= ? AND `+notHeld), millis(until), id, millis(now), millis(now))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		list, err := s.selectDeliveries(ctx, tx, `WHERE d.id = ?`, id)
		if err == nil && len(list) > 0 {
			d = &list[0]
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// DeliverySent keeps that a delivery arrived, also one whose lease has ended meanwhile:
// it did arrive. One that was kept as sent stays as it was.
func (s *Store) DeliverySent(ctx context.Context, id int64, at time.Time) error {
	return s.setDelivery(ctx, id, `state = 'sent', ended_at = ?, last_error = ''`, `state <> 'sent'`, millis(at))
}

// DeliveryFailed keeps how an attempt of ClaimDelivery failed: dead gives the delivery
// up, else the next attempt is at next. Where somebody else claimed it since, or it
// has ended, nothing changes.
func (s *Store) DeliveryFailed(ctx context.Context, claimed *Delivery, at, next time.Time, dead bool, reason string) error {
	const stillOurs = `state = 'pending' AND attempts = ? AND lease_until = ?`
	if dead {
		return s.setDelivery(ctx, claimed.ID, `state = 'dead', lease_until = 0, ended_at = ?, last_error = ?`, stillOurs,
			millis(at), cleanText(reason), claimed.Attempts, millis(claimed.LeaseUntil))
	}
	return s.setDelivery(ctx, claimed.ID, `lease_until = 0, next_at = ?, last_error = ?`, stillOurs,
		millis(next), cleanText(reason), claimed.Attempts, millis(claimed.LeaseUntil))
}

func (s *Store) setDelivery(ctx context.Context, id int64, set, where string, args ...any) error {
	return s.writeBeside(ctx, fmt.Sprintf("delivery %d", id), lockNothing, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, s.bind(`UPDATE deliveries SET `+set+` WHERE `+where+` AND id = ?`), append(args, id)...)
		return err
	})
}

// RetryDelivery puts a dead delivery back into the queue, with all of its attempts;
// ErrNotDead where it is not dead, ErrNotFound where there is none.
func (s *Store) RetryDelivery(ctx context.Context, id int64, at time.Time) (*Delivery, error) {
	var d *Delivery
	err := s.writeBeside(ctx, fmt.Sprintf("delivery %d", id), lockNothing, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, s.bind(`UPDATE deliveries SET state = 'pending', attempts = 0, next_at = ?, lease_until = 0, ended_at = 0
			WHERE id = ? AND state = 'dead'`), millis(at), id)
		if err != nil {
			return err
		}
		changed, err := result.RowsAffected()
		if err != nil {
			return err
		}
		list, err := s.selectDeliveries(ctx, tx, `WHERE d.id = ?`, id)
		switch {
		case err != nil:
			return err
		case len(list) == 0:
			return ErrNotFound
		case changed == 0:
			return fmt.Errorf("it is %s: %w", list[0].State, ErrNotDead)
		}
		d = &list[0]
		return s.queueDeliver(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// queueWaiting queues what waited for the breaker, if anything did.
func (s *Store) queueWaiting(ctx context.Context, tx *sqlx.Tx) error {
	var waiting []int64
	if err := tx.SelectContext(ctx, &waiting, `SELECT id FROM deliveries WHERE state = 'pending' LIMIT 1`); err != nil || len(waiting) == 0 {
		return err
	}
	return s.queueDeliver(ctx, tx)
}
