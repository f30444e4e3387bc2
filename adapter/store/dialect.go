package store

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	driver "modernc.org/sqlite" // registers itself too
	sqlitelib "modernc.org/sqlite/lib"
)

//go:embed migrations
var migrations embed.FS

// dialect is everything in which the two databases differ.
type dialect struct {
	name  string // also the folder of its migrations
	goose goose.Dialect
	// lockWriters makes a transaction wait for other writers; "" where the
	// database has one writer anyway.
	lockWriters string
	// byIndex makes a transaction look rows up by their indexes, also where the
	// database knows too little of a table yet, and would read it as a whole.
	byIndex string
	// unindexed before a column keeps the database from looking it up by an index.
	unindexed string
	// readLevel makes all statements of a transaction see one moment.
	readLevel sql.IsolationLevel
}

var (
	sqlite   = dialect{name: "sqlite", goose: goose.DialectSQLite3, unindexed: "+"}
	postgres = dialect{name: "postgres", goose: goose.DialectPostgres, readLevel: sql.LevelRepeatableRead,
		byIndex:     `SET LOCAL enable_seqscan = off; SET LOCAL jit = off`,
		lockWriters: `SELECT pg_advisory_xact_lock(7310035120)`} // any number that nobody else uses
)

// oneOf is the condition that a column is one of some numbers, and its arguments.
func (s *Store) oneOf(column string, list []int64) (condition string, args []any) {
	if s.dialect.name == postgres.name { // one argument, however many they are
		return column + " = ANY(?)", []any{pq.Int64Array(list)}
	}
	args = make([]any, len(list))
	for i, n := range list {
		args[i] = n
	}
	return column + " IN (" + strings.TrimSuffix(strings.Repeat("?,", len(list)), ",") + ")", args
}

// anyOf is the condition that a text column is one of some texts, and its argument.
func (s *Store) anyOf(column string, list []string) (condition string, arg any, err error) {
	clean := make([]string, len(list))
	for i, text := range list {
		clean[i] = cleanText(text)
	}
	if s.dialect.name == postgres.name {
		return column + " = ANY(?)", pq.StringArray(clean), nil
	}
	text, err := json.Marshal(clean)
	return column + " IN (SELECT value FROM json_each(?))", string(text), err
}

// connect opens the database that a store URL names: sqlite:PATH or postgres://….
func connect(ctx context.Context, storeURL string) (writer, reader *sqlx.DB, d dialect, err error) {
	switch {
	case strings.HasPrefix(storeURL, "sqlite:"):
		return connectSQLite(ctx, strings.TrimPrefix(storeURL, "sqlite:"))
	case strings.HasPrefix(storeURL, "postgres://"), strings.HasPrefix(storeURL, "postgresql://"):
		return connectPostgres(ctx, storeURL)
	}
	// Nothing is shown of what is no kind: it may be a whole connection string.
	kind, _, found := strings.Cut(storeURL, ":")
	if !found || strings.ContainsFunc(kind, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		kind = "…"
	}
	return nil, nil, dialect{}, fmt.Errorf("store %q: unknown kind; give sqlite:FILE or postgres://USER@HOST/DATABASE?sslmode=…", kind)
}

// connectSQLite keeps one connection for writing, since SQLite has one writer,
// and several for reading beside it (write-ahead log).
func connectSQLite(ctx context.Context, path string) (*sqlx.DB, *sqlx.DB, dialect, error) {
	if path == "" {
		return nil, nil, sqlite, errors.New("store sqlite: no file named; give sqlite:FILE")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, sqlite, fmt.Errorf("store %s: %w", path, err)
	}
	pragmas := url.Values{"_pragma": {
		// A first load may write for minutes; waiting ends with the context.
		"busy_timeout(600000)", "page_size(8192)", "journal_mode(WAL)", "synchronous(NORMAL)",
		"foreign_keys(ON)", "temp_store(FILE)",
	}}
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: abs}).EscapedPath()}).String() + "?" + pragmas.Encode()
	sqlx.BindDriver("sqlite", sqlx.QUESTION)
	writer, err := openSQLite(ctx, dsn+"&_txlock=immediate&_pragma=cache_size(-48000)&_pragma=wal_autocheckpoint(8000)")
	if err != nil {
		return nil, nil, sqlite, fmt.Errorf("store %s: %w; %s", path, err, remedySQLite(err))
	}
	writer.SetMaxOpenConns(1)
	reader, err := openSQLite(ctx, dsn+"&_pragma=query_only(1)&_pragma=cache_size(-2000)")
	if err != nil {
		return nil, nil, sqlite, errors.Join(fmt.Errorf("store %s: %w", path, err), writer.Close())
	}
	reader.SetMaxOpenConns(8)
	reader.SetMaxIdleConns(8) // a new connection reads the whole schema first
	return writer, reader, sqlite, nil
}

// openSQLite connects. Programs that make a new file at the same time meet where
// one of them sets its journal up, for which SQLite does not wait by itself.
func openSQLite(ctx context.Context, dsn string) (*sqlx.DB, error) {
	for try := 0; ; try++ {
		db, err := sqlx.ConnectContext(ctx, "sqlite", dsn)
		if err == nil || codeSQLite(err) != sqlitelib.SQLITE_BUSY || try == 100 {
			return db, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// codeSQLite is the primary result code of a driver's error, 0 of any other.
func codeSQLite(err error) int {
	var e *driver.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// remedySQLite is what a person can do about a file that does not open.
func remedySQLite(err error) string {
	switch codeSQLite(err) {
	case sqlitelib.SQLITE_NOTADB:
		return "name a file of its own for the store"
	case sqlitelib.SQLITE_CORRUPT:
		return "restore it from its backup"
	case sqlitelib.SQLITE_BUSY:
		return "another program holds it"
	}
	return "the folder must exist, and both it and the file be writable"
}

func connectPostgres(ctx context.Context, storeURL string) (*sqlx.DB, *sqlx.DB, dialect, error) {
	if _, err := url.Parse(storeURL); err != nil {
		// The cause quotes the URL, and its password with it.
		return nil, nil, postgres, errors.New("store postgres: its URL cannot be read; write special characters of the password as %XX (@ as %40, / as %2F), on one line")
	}
	db, err := sqlx.ConnectContext(ctx, "postgres", storeURL)
	if err != nil {
		return nil, nil, postgres, fmt.Errorf("store postgres: %s; check address, database, user and sslmode of the store", hideSecrets(err.Error(), storeURL))
	}
	db.SetMaxOpenConns(12)
	// Signing in takes longer than most of what is asked; what is idle goes all the same.
	db.SetMaxIdleConns(12)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, db, postgres, nil
}

// hideSecrets removes the connection string and its passwords from a driver's message.
func hideSecrets(message, storeURL string) string {
	message = strings.ReplaceAll(message, storeURL, "postgres://…")
	u, err := url.Parse(storeURL)
	if err != nil {
		return "its URL cannot be read"
	}
	password, _ := u.User.Password()
	escaped := strings.TrimPrefix(u.User.String(), url.User(u.User.Username()).String()+":")
	for _, secret := range []string{password, escaped, u.Query().Get("password"), u.Query().Get("sslpassword")} {
		if secret != "" {
			message = strings.ReplaceAll(message, secret, "…")
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
