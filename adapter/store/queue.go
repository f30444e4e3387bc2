package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
)

// Queue puts work into a queue within the transaction that makes it necessary,
// so that it is neither lost nor done for nothing.
type Queue interface {
	// Reconcile: dossiers changed, or a source's word changed.
	Reconcile(ctx context.Context, tx *sql.Tx) error
	// Look: dossiers are to be read again by themselves.
	Look(ctx context.Context, tx *sql.Tx) error
	// Deliver: a letter is to be delivered, now or later (see NextDelivery).
	Deliver(ctx context.Context, tx *sql.Tx) error
}

// OpenQueueDB opens a pool of connections to the store's PostgreSQL for the queue,
// apart from those of the store, so that neither starves the other.
func (s *Store) OpenQueueDB() (*sql.DB, error) {
	db, err := sql.Open("postgres", s.locks.url)
	if err != nil {
		return nil, fmt.Errorf("store: %s", hideSecrets(err.Error(), s.locks.url))
	}
	db.SetMaxOpenConns(10)
	db.SetMaxIdleConns(4)
	return db, nil
}

// UseQueue makes every later writing call put what follows from it into q. It must
// be called before the store is used.
func (s *Store) UseQueue(q Queue) { s.queue = q }

func (s *Store) queueReconcile(ctx context.Context, tx *sqlx.Tx) error {
	if s.queue == nil {
		return nil
	}
	return s.queue.Reconcile(ctx, tx.Tx)
}

// settingTouched counts changes that show in no number of their own.
const settingTouched = "touched"

func (s *Store) touch(ctx context.Context, tx *sqlx.Tx) error {
	return s.set(ctx, tx, settingTouched, strconv.FormatInt(time.Now().UnixNano(), 36))
}

// Revision is a word that changes with everything that is kept. Asking for it
// costs little however much that is.
func (s *Store) Revision(ctx context.Context) (string, error) {
	var parts []string
	if err := s.reader.SelectContext(ctx, &parts, s.bind(`SELECT CAST(COALESCE(MAX(id), 0) AS TEXT) FROM runs
		UNION ALL SELECT CAST(COALESCE(MAX(id), 0) AS TEXT) FROM snapshots
		UNION ALL SELECT CAST(COALESCE(MAX(id), 0) AS TEXT) FROM discrepancy_events
		UNION ALL SELECT value FROM settings WHERE name = ?`), settingTouched); err != nil {
		return "", fmt.Errorf("store: revision: %w", err)
	}
	text := ""
	for _, part := range parts {
		text += part + "."
	}
	return text, nil
}

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	if err := s.reader.GetContext(ctx, &one, `SELECT 1`); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// ReleaseRun lets what a run would have sent go, on a person's word.
func (s *Store) ReleaseRun(ctx context.Context, id int64, by string, at time.Time) (*Run, error) {
	err := s.write(ctx, fmt.Sprintf("release run %d", id), func(tx *sqlx.Tx) error {
		var held []int
		if err := tx.SelectContext(ctx, &held, s.bind(`SELECT held FROM runs WHERE id = ?`), id); err != nil {
			return err
		}
		switch {
		case len(held) == 0:
			return fmt.Errorf("%w; see: doisoat run list", ErrNotFound)
		case held[0] == 0:
			return fmt.Errorf("%w; there is nothing to release", ErrNotHeld)
		}
		if _, err := tx.ExecContext(ctx, s.bind(`UPDATE runs SET held = 0, released_by = ?, released_at = ? WHERE id = ?`), by, millis(at), id); err != nil {
			return err
		}
		if err := s.queueWaiting(ctx, tx); err != nil {
			return err
		}
		return s.touch(ctx, tx)
	})
	if err != nil {
		return nil, err
	}
	runs, err := s.selectRuns(ctx, `WHERE id = ?`, id)
	if err != nil {
		return nil, err
	}
	return &runs[0], nil
}

// Prune forgets snapshots and runs that began before a moment: incremental and
// failed polls with what they said, and incremental runs. What data stands on,
// what is held, nightly runs and every event stay.
func (s *Store) Prune(ctx context.Context, before time.Time) error {
	return s.write(ctx, "forget old polls", func(tx *sqlx.Tx) error {
		old := `SELECT p.id FROM snapshots p JOIN sources s ON s.id = p.source_id
			WHERE p.started_at < ? AND p.id NOT IN (s.snapshot_id, s.full_id) AND p.state <> 'held'`
		for _, query := range []string{
			`DELETE FROM rejected_rows WHERE snapshot_id IN (` + old + `)`,
			`DELETE FROM held_changes WHERE snapshot_id IN (` + old + `)`,
			`DELETE FROM snapshots WHERE id IN (` + old + `)`,
			`DELETE FROM runs WHERE started_at < ? AND kind = 'incremental' AND held = 0 AND id <> (SELECT MAX(id) FROM runs)`,
		} {
			if _, err := tx.ExecContext(ctx, s.bind(query), millis(before)); err != nil {
				return err
			}
		}
		return nil
	})
}

// DataAt is the newest moment of change that each source's rows told, by name.
func (s *Store) DataAt(ctx context.Context) (map[string]time.Time, error) {
	var rows []struct {
		Name string `db:"name"`
		At   int64  `db:"data_at"`
	}
	if err := s.reader.SelectContext(ctx, &rows, `SELECT name, data_at FROM sources WHERE data_at > 0`); err != nil {
		return nil, fmt.Errorf("store: sources: %w", err)
	}
	at := make(map[string]time.Time, len(rows))
	for _, row := range rows {
		at[row.Name] = fromMillis(row.At)
	}
	return at, nil
}
