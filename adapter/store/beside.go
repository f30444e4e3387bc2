package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	driver "modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// Numbers of advisory locks, each for what only one transaction may do at a time;
// any that nobody else uses.
const (
	lockNothing  = 0
	lockAccounts = 7310035121
	lockAudit    = 7310035122
	lockLetters  = 7310035123
)

// writeBeside runs do in one transaction that does not wait for a run that is being
// written, where the database lets it: signing in, and the audit trail, must not
// stand still for as long as a comparison of a million dossiers takes. SQLite has
// one writer, so there it waits. lock keeps transactions of the same kind apart.
func (s *Store) writeBeside(ctx context.Context, what string, lock int64, do func(*sqlx.Tx) error) error {
	defer s.checkpoints.begin()()
	return transact(ctx, s.writer, nil, what, func(tx *sqlx.Tx) error {
		if s.dialect.name == postgres.name {
			before := s.dialect.byIndex
			if lock != lockNothing {
				before = fmt.Sprintf("SELECT pg_advisory_xact_lock(%d); ", lock) + before
			}
			if _, err := tx.ExecContext(ctx, before); err != nil {
				return fmt.Errorf("wait for another writer: %w", err)
			}
		}
		return do(tx)
	})
}

// taken reports whether a statement failed because what must be there once only is
// there already.
func taken(err error) bool {
	var there *pq.Error
	if errors.As(err, &there) {
		return there.Code == "23505"
	}
	var here *driver.Error
	return errors.As(err, &here) && (here.Code() == sqlitelib.SQLITE_CONSTRAINT_UNIQUE || here.Code() == sqlitelib.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// changedOne makes ErrNotFound of a statement that changed nothing.
func changedOne(result interface{ RowsAffected() (int64, error) }, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}
