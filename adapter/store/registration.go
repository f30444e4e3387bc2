package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// NewLetter is a letter to be registered.
type NewLetter struct {
	Department string
	Day        string // yyyy-MM-dd
	Year       int    // that its number is of
	MadeAt     time.Time
	MadeBy     string
	AnswerBy   time.Time
	ListDigest string
	// Items are what it reminds of, in its order. Those that another letter of the day
	// reminded of are left out.
	Items []NewItem
	// Label writes the number down.
	Label func(number int) string
	// Document is what is kept of what the letter tells. It is given the letter as it
	// will be, with numbers, times and items; others wait for it, so it must be quick.
	Document func(*Letter) ([]byte, error)
	// Deliveries are the channels that it goes to.
	Deliveries []NewDelivery
}

// NewItem is a discrepancy to remind of.
type NewItem struct {
	DiscrepancyID string
	Code          string
	Kind          reconcile.Kind
	Effect        reconcile.Effect
}

// NewDelivery is a channel that a letter goes to.
type NewDelivery struct {
	Channel   string
	MessageID func(letterID int64) string // of its own, and the same for the same letter
	NotBefore time.Time
}

// RegisterLetter keeps a letter, its reminders and its deliveries, all of it or
// nothing, and queues the deliveries. Where the department has a letter of that day
// already, that one is returned, created is false, and nothing changes. ErrHeld while
// a run is held, ErrNothingToRemind where no item is left.
func (s *Store) RegisterLetter(ctx context.Context, n NewLetter) (l *Letter, created bool, err error) {
	n.Department = cleanText(n.Department)
	what := fmt.Sprintf("letter to %s of %s", n.Department, n.Day)
	err = s.writeBeside(ctx, what, lockLetters, func(tx *sqlx.Tx) error {
		there, err := s.selectLetters(ctx, tx, `WHERE department = ? AND day = ?`, n.Department, n.Day)
		if err != nil {
			return err
		}
		if len(there) > 0 {
			l = &there[0]
			return s.fillLetter(ctx, tx, l)
		}
		if held, err := anyHeld(ctx, tx); err != nil || held {
			return errors.Join(err, heldError(held))
		}
		created = true
		l, err = s.register(ctx, tx, &n)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	return l, created, nil
}

func heldError(held bool) error {
	if held {
		return ErrHeld
	}
	return nil
}

// notHeld is the condition that the breaker holds no run.
const notHeld = `NOT EXISTS (SELECT 1 FROM runs WHERE held = 1)`

func anyHeld(ctx context.Context, tx *sqlx.Tx) (bool, error) {
	var free []int
	err := tx.SelectContext(ctx, &free, `SELECT 1 WHERE `+notHeld)
	return len(free) == 0, err
}

func (s *Store) register(ctx context.Context, tx *sqlx.Tx, n *NewLetter) (*Letter, error) {
	l := &Letter{Year: n.Year, Department: n.Department, Day: n.Day, MadeAt: fromMillis(millis(n.MadeAt)), MadeBy: cleanText(n.MadeBy),
		AnswerBy: fromMillis(millis(n.AnswerBy)), ListDigest: cleanText(n.ListDigest)}
	var err error
	if l.Items, err = s.itemsToRemind(ctx, tx, n); err != nil {
		return nil, err
	}
	if l.Count = len(l.Items); l.Count == 0 {
		return nil, ErrNothingToRemind
	}
	for _, item := range l.Items {
		l.Times = max(l.Times, item.Times)
	}
	if err := tx.GetContext(ctx, &l.Number, s.bind(`SELECT COALESCE(MAX(number), 0) + 1 FROM letters WHERE year = ?`), l.Year); err != nil {
		return nil, err
	}
	l.Label = cleanText(n.Label(l.Number))
	if l.ID, err = s.insertID(ctx, tx, `INSERT INTO letters (year, number, label, department, day, times, made_at, made_by, answer_by, list_digest, items, document)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, l.Year, l.Number, l.Label, l.Department, l.Day, l.Times, millis(l.MadeAt), l.MadeBy,
		millis(l.AnswerBy), l.ListDigest, l.Count, []byte{}); err != nil {
		return nil, err
	}
	if err := s.keepItems(ctx, tx, l); err != nil {
		return nil, err
	}
	if l.Document, err = n.Document(l); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	if l.Document == nil {
		l.Document = []byte{}
	}
	if _, err := tx.ExecContext(ctx, s.bind(`UPDATE letters SET document = ? WHERE id = ?`), l.Document, l.ID); err != nil {
		return nil, err
	}
	if err := s.addDeliveries(ctx, tx, l, n.Deliveries); err != nil {
		return nil, err
	}
	return l, s.touch(ctx, tx)
}

// itemsToRemind are the items with their counts, but for those that were reminded of
// on that day.
func (s *Store) itemsToRemind(ctx context.Context, tx *sqlx.Tx, n *NewLetter) ([]LetterItem, error) {
	ids := make([]string, len(n.Items))
	seen := make(map[string]bool, len(n.Items))
	for i, item := range n.Items {
		if seen[item.DiscrepancyID] {
			return nil, fmt.Errorf("discrepancy %s: it is given twice", item.DiscrepancyID)
		}
		ids[i], seen[item.DiscrepancyID] = item.DiscrepancyID, true
	}
	before, err := s.reminded(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	items := make([]LetterItem, 0, len(n.Items))
	for _, item := range n.Items {
		r := before[item.DiscrepancyID]
		if r.days[n.Day] {
			continue
		}
		items = append(items, LetterItem{cleanText(item.DiscrepancyID), cleanText(item.Code), item.Kind, item.Effect, 1 + len(r.days)})
	}
	return items, nil
}

func (s *Store) keepItems(ctx context.Context, tx *sqlx.Tx, l *Letter) error {
	items := s.bulk(tx, "letter_items", "", "letter_id", "position", "discrepancy_id", "code", "kind", "deadline_effect", "times")
	reminders := s.bulk(tx, "reminders", "", "discrepancy_id", "day", "times", "letter_id")
	for i, item := range l.Items {
		if err := items.add(ctx, l.ID, i+1, item.DiscrepancyID, item.Code, string(item.Kind), string(item.Effect), item.Times); err != nil {
			return err
		}
		if err := reminders.add(ctx, item.DiscrepancyID, l.Day, item.Times, l.ID); err != nil {
			return err
		}
	}
	return errors.Join(items.flush(ctx), reminders.flush(ctx))
}
