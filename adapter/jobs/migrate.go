package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/riverqueue/river/rivermigrate"
)

// lockMigrate is a PostgreSQL advisory lock: any number that nobody else uses.
const lockMigrate = 7310035121

// Migrate brings the queue's own tables (river_…) up to date. Processes that start
// together wait for each other. Tables newer than this program are an error.
func Migrate(ctx context.Context, db *sql.DB, kind string) (err error) {
	d, err := dialectOf(kind)
	if err != nil {
		return err
	}
	if done, err := Migrated(ctx, db, kind); err != nil || done {
		return err
	}
	m, err := migrator(db, d)
	if err != nil {
		return err
	}
	if d.name == SQLite {
		if err := migrateSQLite(ctx, db, m); err != nil {
			return fmt.Errorf("jobs: migrate the queue: %w", err)
		}
		return nil
	}
	if db.Stats().MaxOpenConnections == 1 {
		return errors.New("jobs: migrate the queue: needs two connections, and the pool has one")
	}
	// Held by a transaction, which also works through a connection pooler.
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("jobs: migrate the queue: %w", err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, lockMigrate); err != nil {
		return fmt.Errorf("jobs: migrate the queue: wait for another process: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("jobs: migrate the queue: %w", err)
	}
	return nil
}

// migrateSQLite has no lock to wait for: where another program does the same at the
// same time, one of them fails at each step, until it finds everything done.
func migrateSQLite(ctx context.Context, db *sql.DB, m *rivermigrate.Migrator[*sql.Tx]) error {
	for try := 1; ; try++ {
		err := untilFree(ctx, time.Minute, func(ctx context.Context) error {
			_, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil)
			return err
		})
		if err == nil {
			return nil
		}
		if done, againErr := Migrated(ctx, db, SQLite); againErr == nil && done {
			return nil
		}
		if try == 30 {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Migrated tells whether the queue's own tables are those that this program needs.
// Tables newer than this program are an error.
func Migrated(ctx context.Context, db *sql.DB, kind string) (bool, error) {
	d, err := dialectOf(kind)
	if err != nil {
		return false, err
	}
	m, err := migrator(db, d)
	if err != nil {
		return false, err
	}
	newest := last(m.AllVersions())
	existing, err := m.ExistingVersions(ctx)
	if err != nil {
		// Versions that it does not know are an error to River, which does not say so.
		var current int
		if db.QueryRowContext(ctx, `SELECT max(version) FROM river_migration`).Scan(&current) == nil && current > newest {
			return false, fmt.Errorf("jobs: the queue's schema is version %d, newer than this program's %d; use the newer program", current, newest)
		}
		return false, fmt.Errorf("jobs: the queue's schema version: %w", err)
	}
	return last(existing) == newest, nil
}

func migrator(db *sql.DB, d dialect) (*rivermigrate.Migrator[*sql.Tx], error) {
	m, err := rivermigrate.New(d.driver(db), &rivermigrate.Config{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return nil, fmt.Errorf("jobs: the queue's migrations: %w", err)
	}
	return m, nil
}

func last(versions []rivermigrate.Migration) (version int) {
	for _, v := range versions {
		version = max(version, v.Version)
	}
	return version
}
