package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"
)

// ErrNotFound is returned by Get methods for what is not there.
var ErrNotFound = errors.New("not found")

// ErrNotHeld is returned where nothing waits for somebody to let it through.
var ErrNotHeld = errors.New("not held")

// Store is doisoat's own state. It is safe for concurrent use; writing calls wait
// for each other, those of other processes too.
type Store struct {
	writer  *sqlx.DB
	reader  *sqlx.DB
	dialect dialect
	seed    uint64
	tempDir string // for what does not fit in memory; "" is the system's
	queue   Queue
	locks   locks
	// writing lets one writer of this process in at a time, so that those who wait
	// for a run to end do not hold the connections that readers need.
	writing chan struct{}
	// checkpoints is nil where the database sees to them.
	checkpoints *checkpoints
}

// Options are settings of Open.
type Options struct {
	// TempDir holds what a large poll sets aside while it is sorted.
	TempDir string
	// Migrate brings the schema up to date. Without it, an old schema is an error
	// that names the remedy.
	Migrate bool
}

// Open connects to the store that url names (sqlite:PATH or postgres://…). A
// database newer than this program is refused.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	writer, reader, d, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	s := &Store{writer: writer, reader: reader, dialect: d, tempDir: o.TempDir, writing: make(chan struct{}, 1)}
	if d.name == postgres.name {
		s.locks.url = url
	} else {
		s.checkpoints = startCheckpoints(reader)
	}
	if err := s.prepare(ctx, o.Migrate); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close closes the connections.
func (s *Store) Close() error {
	s.checkpoints.close()
	err := errors.Join(s.writer.Close(), s.locks.close())
	if s.reader != s.writer {
		err = errors.Join(err, s.reader.Close())
	}
	return err
}

func (s *Store) prepare(ctx context.Context, migrate bool) error {
	current, newest, err := s.SchemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case current > newest:
		return fmt.Errorf("store: its schema is version %d, newer than this program's %d; use the newer program", current, newest)
	case current < newest && !migrate:
		return fmt.Errorf("store: its schema is version %d, this program needs %d; run: doisoat migrate", current, newest)
	case current < newest:
		if err := s.migrate(ctx); err != nil {
			return err
		}
	}
	return s.readSeed(ctx)
}

// SchemaVersion tells the schema's version and the newest this program knows.
func (s *Store) SchemaVersion(ctx context.Context) (current, newest int64, err error) {
	p, err := s.dialect.provider(s.writer)
	if err != nil {
		return 0, 0, fmt.Errorf("store: migrations: %w", err)
	}
	current, newest, err = p.GetVersions(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("store: schema version: %w", err)
	}
	return current, newest, nil
}

// migrate brings the schema up to date. SQLite has no lock for that: where
// another program does the same, one of them fails, and finds it done.
func (s *Store) migrate(ctx context.Context) error {
	for try := 0; ; try++ {
		p, err := s.dialect.provider(s.writer)
		if err != nil {
			return fmt.Errorf("store: migrations: %w", err)
		}
		if _, err = p.Up(ctx); err == nil {
			return nil
		}
		if current, newest, versionErr := s.SchemaVersion(ctx); versionErr == nil && current == newest {
			return nil
		}
		if try == 3 || ctx.Err() != nil {
			return fmt.Errorf("store: migrate: %w", err)
		}
	}
}

// Kind is "sqlite" or "postgres".
func (s *Store) Kind() string { return s.dialect.name }

// Seed starts every row fingerprint; it is drawn at random for each store, so
// that nobody can craft rows that look alike.
func (s *Store) Seed() uint64 { return s.seed }

func (s *Store) readSeed(ctx context.Context) error {
	var draw [8]byte
	if _, err := rand.Read(draw[:]); err != nil {
		return fmt.Errorf("store: seed: %w", err)
	}
	text, err := s.settingOr(ctx, "fingerprint_seed", strconv.FormatUint(binary.LittleEndian.Uint64(draw[:]), 16))
	if err != nil {
		return err
	}
	if s.seed, err = strconv.ParseUint(text, 16, 64); err != nil {
		return fmt.Errorf("store: setting fingerprint_seed: %w", err)
	}
	return nil
}

// settingOr reads a setting, after writing value where it was not there.
func (s *Store) settingOr(ctx context.Context, name, value string) (string, error) {
	var got []string
	if err := s.writer.SelectContext(ctx, &got, s.bind(`SELECT value FROM settings WHERE name = ?`), name); err != nil {
		return "", fmt.Errorf("store: setting %s: %w", name, err)
	}
	if len(got) > 0 {
		return got[0], nil
	}
	if _, err := s.writer.ExecContext(ctx, s.bind(`INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING`), name, value); err != nil {
		return "", fmt.Errorf("store: setting %s: %w", name, err)
	}
	if err := s.writer.GetContext(ctx, &value, s.bind(`SELECT value FROM settings WHERE name = ?`), name); err != nil {
		return "", fmt.Errorf("store: setting %s: %w", name, err)
	}
	return value, nil
}

// write runs do in one transaction: all of it is kept, or nothing. Writers wait
// for each other, on both databases, until ctx ends: a run must not miss what a
// snapshot changes while it compares.
func (s *Store) write(ctx context.Context, what string, do func(*sqlx.Tx) error) error {
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-ctx.Done():
		return fmt.Errorf("store: %s: wait for another writer: %w", what, ctx.Err())
	}
	defer s.checkpoints.begin()()
	return transact(ctx, s.writer, nil, what, func(tx *sqlx.Tx) error {
		if s.dialect.lockWriters != "" {
			if _, err := tx.ExecContext(ctx, s.dialect.lockWriters+"; "+s.dialect.byIndex); err != nil {
				return fmt.Errorf("wait for another writer: %w", err)
			}
		}
		return do(tx)
	})
}

// read runs do in a transaction that sees the store as it is at one moment.
func (s *Store) read(ctx context.Context, what string, do func(*sqlx.Tx) error) error {
	return transact(ctx, s.reader, &sql.TxOptions{Isolation: s.dialect.readLevel, ReadOnly: true}, what, func(tx *sqlx.Tx) error {
		if s.dialect.byIndex != "" {
			if _, err := tx.ExecContext(ctx, s.dialect.byIndex); err != nil {
				return err
			}
		}
		return do(tx)
	})
}

func transact(ctx context.Context, db *sqlx.DB, o *sql.TxOptions, what string, do func(*sqlx.Tx) error) (err error) {
	tx, err := db.BeginTxx(ctx, o)
	if err != nil {
		return fmt.Errorf("store: %s: %w", what, err)
	}
	done := false
	defer func() { // also where do panics: the only writer must not stay taken
		if done {
			return
		}
		if rollbackErr := tx.Rollback(); rollbackErr != nil && !errors.Is(rollbackErr, sql.ErrTxDone) {
			err = errors.Join(err, rollbackErr)
		}
	}()
	if err := do(tx); err != nil {
		return fmt.Errorf("store: %s: %w", what, err)
	}
	done = true
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: %s: %w", what, err)
	}
	return nil
}

func (s *Store) bind(query string) string { return s.writer.Rebind(query) }

// insertID runs an INSERT … RETURNING id.
func (s *Store) insertID(ctx context.Context, tx *sqlx.Tx, query string, args ...any) (int64, error) {
	var id int64
	err := tx.GetContext(ctx, &id, s.bind(query+" RETURNING id"), args...)
	return id, err
}

// millis is a moment as it is stored: UTC milliseconds, 0 where unknown.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func (s *Store) set(ctx context.Context, tx *sqlx.Tx, name, value string) error {
	_, err := tx.ExecContext(ctx, s.bind(`INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`), name, value)
	return err
}
