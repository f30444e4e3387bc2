package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// ErrHeld is returned where the mass-change breaker holds a run, and with it everything
// that would be sent.
var ErrHeld = errors.New("the mass-change breaker holds a run; release it first")

// ErrNothingToRemind is returned where a letter would remind of nothing that no letter
// of that day did.
var ErrNothingToRemind = errors.New("there is nothing to remind of that was not today")

// Letter is a reminder letter to a department. There is one a department a day at most.
type Letter struct {
	ID         int64
	Year       int
	Number     int    // within the year, from 1, none left out
	Label      string // the number as it is written
	Department string
	Day        string // yyyy-MM-dd
	Times      int    // lần n: the highest of its items
	MadeAt     time.Time
	MadeBy     string
	AnswerBy   time.Time
	ListDigest string // of the department's list as it was
	Count      int    // of its items
	// Items and Document, what the letter told, are left out of lists of letters.
	Items    []LetterItem
	Document []byte
}

// LetterItem is a discrepancy as the letter told it.
type LetterItem struct {
	DiscrepancyID string           `db:"discrepancy_id"`
	Code          string           `db:"code"`
	Kind          reconcile.Kind   `db:"kind"`
	Effect        reconcile.Effect `db:"deadline_effect"`
	Times         int              `db:"times"` // how often it was reminded of, with this letter
}

type letterRow struct {
	ID         int64  `db:"id"`
	Year       int    `db:"year"`
	Number     int    `db:"number"`
	Label      string `db:"label"`
	Department string `db:"department"`
	Day        string `db:"day"`
	Times      int    `db:"times"`
	MadeAt     int64  `db:"made_at"`
	MadeBy     string `db:"made_by"`
	AnswerBy   int64  `db:"answer_by"`
	ListDigest string `db:"list_digest"`
	Items      int    `db:"items"`
}

func (r *letterRow) letter() Letter {
	return Letter{ID: r.ID, Year: r.Year, Number: r.Number, Label: r.Label, Department: r.Department, Day: r.Day, Times: r.Times,
		MadeAt: fromMillis(r.MadeAt), MadeBy: r.MadeBy, AnswerBy: fromMillis(r.AnswerBy), ListDigest: r.ListDigest, Count: r.Items}
}

func (s *Store) selectLetters(ctx context.Context, db sqlx.QueryerContext, where string, args ...any) ([]Letter, error) {
	var rows []letterRow
	if err := sqlx.SelectContext(ctx, db, &rows, s.bind(`SELECT id, year, number, label, department, day, times, made_at, made_by, answer_by, list_digest, items
		FROM letters `+where), args...); err != nil {
		return nil, fmt.Errorf("letters: %w", err)
	}
	list := make([]Letter, len(rows))
	for i := range rows {
		list[i] = rows[i].letter()
	}
	return list, nil
}

// LetterFilter chooses letters; empty fields choose all.
type LetterFilter struct {
	Departments []string // whose may be seen: nil for everybody's
	Department  string
	Before      int64 // only letters with a smaller ID
	Limit       int   // 0: no limit
}

// ListLetters is the letters that the filter chooses, newest first.
func (s *Store) ListLetters(ctx context.Context, f LetterFilter) ([]Letter, error) {
	q := newQuery()
	if err := q.within(s, "department", f.Departments); err != nil {
		return nil, fmt.Errorf("store: letters: %w", err)
	}
	if f.Department != "" {
		q.where("department = ?", cleanText(f.Department))
	}
	if f.Before > 0 {
		q.where("id < ?", f.Before)
	}
	q.order("id DESC", f.Limit)
	list, err := s.selectLetters(ctx, s.reader, q.String(), q.args...)
	if err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return list, nil
}

// GetLetter is a letter with its items and its document; ErrNotFound where there is
// none, or it is of none of the departments (nil: any).
func (s *Store) GetLetter(ctx context.Context, departments []string, id int64) (*Letter, error) {
	q := newQuery()
	q.where("id = ?", id)
	if err := q.within(s, "department", departments); err != nil {
		return nil, fmt.Errorf("store: letter %d: %w", id, err)
	}
	l, err := s.wholeLetter(ctx, q.String(), q.args...)
	if err == nil && l == nil {
		err = fmt.Errorf("store: letter %d: %w", id, ErrNotFound)
	}
	return l, err
}

// LetterOf is a department's letter of a day, with its items and its document; nil
// where there is none.
func (s *Store) LetterOf(ctx context.Context, department, day string) (*Letter, error) {
	return s.wholeLetter(ctx, `WHERE department = ? AND day = ?`, cleanText(department), day)
}

// LastLetter is a department's newest letter, with its items and its document; nil
// where there is none.
func (s *Store) LastLetter(ctx context.Context, department string) (*Letter, error) {
	return s.wholeLetter(ctx, `WHERE department = ? ORDER BY day DESC LIMIT 1`, cleanText(department))
}

func (s *Store) wholeLetter(ctx context.Context, where string, args ...any) (l *Letter, err error) {
	err = s.read(ctx, "letter", func(tx *sqlx.Tx) error {
		list, err := s.selectLetters(ctx, tx, where, args...)
		if err != nil || len(list) == 0 {
			return err
		}
		l = &list[0]
		return s.fillLetter(ctx, tx, l)
	})
	return l, err
}

func (s *Store) fillLetter(ctx context.Context, tx *sqlx.Tx, l *Letter) error {
	if err := tx.SelectContext(ctx, &l.Items, s.bind(`SELECT discrepancy_id, code, kind, deadline_effect, times FROM letter_items
		WHERE letter_id = ? ORDER BY position`), l.ID); err != nil {
		return fmt.Errorf("items of letter %d: %w", l.ID, err)
	}
	if err := tx.GetContext(ctx, &l.Document, s.bind(`SELECT document FROM letters WHERE id = ?`), l.ID); err != nil {
		return fmt.Errorf("document of letter %d: %w", l.ID, err)
	}
	return nil
}
