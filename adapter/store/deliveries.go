package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// ErrNotDead is returned where a delivery is to be put back that was not given up.
var ErrNotDead = errors.New("the delivery is not dead")

// DeliveryState is how far a delivery got.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryPending DeliveryState = "pending" // waits, for the first or another attempt
	DeliverySent    DeliveryState = "sent"
	DeliveryDead    DeliveryState = "dead" // given up
)

// DeliveryStates lists them.
var DeliveryStates = []DeliveryState{DeliveryPending, DeliverySent, DeliveryDead}

// Delivery is a letter on its way over one channel.
type Delivery struct {
	ID         int64
	LetterID   int64
	Label      string // of the letter
	Department string
	Channel    string
	MessageID  string
	State      DeliveryState
	Attempts   int // begun, since it was last put into the queue
	CreatedAt  time.Time
	NextAt     time.Time // of what is pending
	LeaseUntil time.Time // somebody is at it until then
	EndedAt    time.Time // when it was sent, or given up
	LastError  string
}

type deliveryRow struct {
	ID         int64  `db:"id"`
	LetterID   int64  `db:"letter_id"`
	Label      string `db:"label"`
	Department string `db:"department"`
	Channel    string `db:"channel"`
	MessageID  string `db:"message_id"`
	State      string `db:"state"`
	Attempts   int    `db:"attempts"`
	CreatedAt  int64  `db:"created_at"`
	NextAt     int64  `db:"next_at"`
	LeaseUntil int64  `db:"lease_until"`
	EndedAt    int64  `db:"ended_at"`
	LastError  string `db:"last_error"`
}

func (s *Store) addDeliveries(ctx context.Context, tx *sqlx.Tx, l *Letter, list []NewDelivery) error {
	for _, n := range list {
		next := n.NotBefore
		if next.Before(l.MadeAt) {
			next = l.MadeAt
		}
		if _, err := tx.ExecContext(ctx, s.bind(`INSERT INTO deliveries (letter_id, department, channel, message_id, state, attempts, created_at, next_at,
			lease_until, ended_at, last_error) VALUES (?, ?, ?, ?, ?, 0, ?, ?, 0, 0, '')`), l.ID, l.Department, cleanText(n.Channel), cleanText(n.MessageID(l.ID)),
			string(DeliveryPending), millis(l.MadeAt), millis(next)); err != nil {
			return fmt.Errorf("delivery by %s: %w", n.Channel, err)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return s.queueDeliver(ctx, tx)
}

func (s *Store) queueDeliver(ctx context.Context, tx *sqlx.Tx) error {
	if s.queue == nil {
		return nil
	}
	return s.queue.Deliver(ctx, tx.Tx)
}

func (s *Store) selectDeliveries(ctx context.Context, db sqlx.QueryerContext, where string, args ...any) ([]Delivery, error) {
	var rows []deliveryRow
	if err := sqlx.SelectContext(ctx, db, &rows, s.bind(`SELECT d.id, d.letter_id, l.label, d.department, d.channel, d.message_id, d.state, d.attempts, d.created_at,
		d.next_at, d.lease_until, d.ended_at, d.last_error FROM deliveries d JOIN letters l ON l.id = d.letter_id `+where), args...); err != nil {
		return nil, fmt.Errorf("store: deliveries: %w", err)
	}
	list := make([]Delivery, len(rows))
	for i, r := range rows {
		list[i] = Delivery{ID: r.ID, LetterID: r.LetterID, Label: r.Label, Department: r.Department, Channel: r.Channel, MessageID: r.MessageID,
			State: DeliveryState(r.State), Attempts: r.Attempts, CreatedAt: fromMillis(r.CreatedAt), EndedAt: fromMillis(r.EndedAt), LastError: r.LastError}
		if list[i].State == DeliveryPending {
			list[i].NextAt, list[i].LeaseUntil = fromMillis(r.NextAt), fromMillis(r.LeaseUntil)
		}
	}
	return list, nil
}

// DeliveryFilter chooses deliveries; empty fields choose all.
type DeliveryFilter struct {
	Departments []string // whose may be seen: nil for everybody's
	Letter      int64
	State       DeliveryState
	Before      int64 // only deliveries with a smaller ID
	Limit       int   // 0: no limit
}

// ListDeliveries is the deliveries that the filter chooses, newest first.
func (s *Store) ListDeliveries(ctx context.Context, f DeliveryFilter) ([]Delivery, error) {
	q := newQuery()
	if err := q.within(s, "d.department", f.Departments); err != nil {
		return nil, fmt.Errorf("store: deliveries: %w", err)
	}
	if f.Letter > 0 {
		q.where("d.letter_id = ?", f.Letter)
	}
	if f.State != "" {
		if f.State != DeliverySent {
			q.where("d.state <> 'sent'") // there is an index of those
		}
		q.where("d.state = ?", string(f.State))
	}
	if f.Before > 0 {
		q.where("d.id < ?", f.Before)
	}
	q.order("d.id DESC", f.Limit)
	return s.selectDeliveries(ctx, s.reader, q.String(), q.args...)
}

// GetDelivery is a delivery; ErrNotFound where there is none, or it is of none of the
// departments (nil: any).
func (s *Store) GetDelivery(ctx context.Context, departments []string, id int64) (*Delivery, error) {
	q := newQuery()
	q.where("d.id = ?", id)
	if err := q.within(s, "d.department", departments); err != nil {
		return nil, fmt.Errorf("store: delivery %d: %w", id, err)
	}
	list, err := s.selectDeliveries(ctx, s.reader, q.String(), q.args...)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("store: delivery %d: %w", id, ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

// OutboxCount is what waits to be delivered to a department, and what was given up.
type OutboxCount struct {
	Department    string
	Pending, Dead int
	OldestPending time.Time // when it was registered; zero where nothing waits
}

// OutboxCounts is every department with something that was not sent, in their order.
func (s *Store) OutboxCounts(ctx context.Context) ([]OutboxCount, error) {
	var rows []struct {
		Department string `db:"department"`
		Pending    int    `db:"pending"`
		Dead       int    `db:"dead"`
		Oldest     int64  `db:"oldest"`
	}
	if err := s.reader.SelectContext(ctx, &rows, `SELECT department, SUM(CASE WHEN state = 'pending' THEN 1 ELSE 0 END) AS pending,
		SUM(CASE WHEN state = 'dead' THEN 1 ELSE 0 END) AS dead, COALESCE(MIN(CASE WHEN state = 'pending' THEN created_at END), 0) AS oldest
		FROM deliveries WHERE state <> 'sent' GROUP BY department ORDER BY department`); err != nil {
		return nil, fmt.Errorf("store: deliveries: %w", err)
	}
	list := make([]OutboxCount, len(rows))
	for i, r := range rows {
		list[i] = OutboxCount{r.Department, r.Pending, r.Dead, fromMillis(r.Oldest)}
	}
	return list, nil
}
