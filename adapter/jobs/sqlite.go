package jobs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"
)

// OpenSQLite opens the file at path, the store's, for the queue: a connection of
// its own, so that the queue never waits inside this process for the store's
// long transactions. It waits for them in SQLite, five seconds at a time; what
// takes longer is tried again. Close it after Stop.
func OpenSQLite(path string) (*sql.DB, error) {
	if path == "" {
		return nil, errors.New("jobs sqlite: no file named")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("jobs sqlite %s: %w", path, err)
	}
	options := url.Values{
		"_pragma": {"busy_timeout(5000)", "page_size(8192)", "journal_mode(WAL)", "synchronous(NORMAL)", "cache_size(-1000)", "wal_autocheckpoint(8000)"},
		// Begun as a writer: one that reads first and writes later may find that it can not.
		"_txlock": {"immediate"},
	}
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: abs}).EscapedPath()}).String() + "?" + options.Encode()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, fmt.Errorf("jobs sqlite %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	// While a new file's journal is set up SQLite does not wait by itself.
	err = untilFree(context.Background(), 10*time.Second, func(ctx context.Context) error { return db.PingContext(ctx) })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("jobs sqlite %s: %w; its folder must exist, and both be writable", path, err), db.Close())
	}
	return db, nil
}

// untilFree repeats do while SQLite's file is held by another connection, until
// ctx ends or patience is over.
func untilFree(ctx context.Context, patience time.Duration, do func(context.Context) error) error {
	deadline := time.Now().Add(patience)
	for {
		err := do(ctx)
		if err == nil || !busy(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
