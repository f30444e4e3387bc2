package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the postgres driver
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the sqlite driver
)

//go:embed migrations
var migrations embed.FS

// dialect is everything in which the two databases differ.
type dialect struct {
	name  string // also the folder of its migrations
	goose goose.Dialect
}

var (
	sqlite   = dialect{name: "sqlite", goose: goose.DialectSQLite3}
	postgres = dialect{name: "postgres", goose: goose.DialectPostgres}
)

// connect opens the database that a store URL names: sqlite:PATH or postgres://….
func connect(ctx context.Context, storeURL string) (writer, reader *sqlx.DB, d dialect, err error) {
	switch {
	case strings.HasPrefix(storeURL, "sqlite:"):
		return connectSQLite(ctx, strings.TrimPrefix(storeURL, "sqlite:"))
	case strings.HasPrefix(storeURL, "postgres://"), strings.HasPrefix(storeURL, "postgresql://"):
		return connectPostgres(ctx, storeURL)
	}
	scheme, _, _ := strings.Cut(storeURL, ":")
	return nil, nil, dialect{}, fmt.Errorf("store %q: unknown kind; give sqlite:FILE or postgres://USER@HOST/DATABASE?sslmode=…", scheme)
}

// connectSQLite keeps one connection for writing, since SQLite has one writer,
// and several for reading beside it (write-ahead log).
func connectSQLite(ctx context.Context, path string) (*sqlx.DB, *sqlx.DB, dialect, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, sqlite, fmt.Errorf("store %s: %w", path, err)
	}
	pragmas := url.Values{"_pragma": {
		"busy_timeout(10000)", "page_size(8192)", "journal_mode(WAL)", "synchronous(NORMAL)",
		"foreign_keys(ON)", "cache_size(-16000)", "temp_store(FILE)",
	}}
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: abs}).EscapedPath()}).String() + "?" + pragmas.Encode()
	sqlx.BindDriver("sqlite", sqlx.QUESTION)
	writer, err := sqlx.ConnectContext(ctx, "sqlite", dsn+"&_txlock=immediate")
	if err != nil {
		return nil, nil, sqlite, fmt.Errorf("store %s: %w; the folder must exist and be writable", path, err)
	}
	writer.SetMaxOpenConns(1)
	reader, err := sqlx.ConnectContext(ctx, "sqlite", dsn+"&_pragma=query_only(1)")
	if err != nil {
		return nil, nil, sqlite, errors.Join(fmt.Errorf("store %s: %w", path, err), writer.Close())
	}
	return writer, reader, sqlite, nil
}

func connectPostgres(ctx context.Context, storeURL string) (*sqlx.DB, *sqlx.DB, dialect, error) {
	db, err := sqlx.ConnectContext(ctx, "postgres", storeURL)
	if err != nil {
		return nil, nil, postgres, fmt.Errorf("store postgres: %s; check address, database, user and sslmode of the store", hideSecrets(err.Error(), storeURL))
	}
	db.SetMaxOpenConns(12)
	return db, db, postgres, nil
}

// hideSecrets removes the connection string and its password from a driver's message.
func hideSecrets(message, storeURL string) string {
	message = strings.ReplaceAll(message, storeURL, "postgres://…")
	if u, err := url.Parse(storeURL); err == nil {
		if password, ok := u.User.Password(); ok && password != "" {
			message = strings.ReplaceAll(message, password, "…")
		}
	}
	return message
}

// provider gives the migrations of this dialect. PostgreSQL is locked while they
// run, so that replicas that start together do not run them twice.
func (d dialect) provider(db *sqlx.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations/"+d.name)
	if err != nil {
		return nil, err
	}
	var options []goose.ProviderOption
	if d.name == postgres.name {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60))
		if err != nil {
			return nil, err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	return goose.NewProvider(d.goose, db.DB, dir, options...)
}
