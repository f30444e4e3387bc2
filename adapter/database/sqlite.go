package database

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/sirupsen/logrus"
	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/doisoat/doisoat/reconcile"
)

func sqlite() *dialect {
	return &dialect{
		name:    "SQLite",
		example: "offices/land-register.db",
		bind:    sqlx.QUESTION,
		flavour: flavour{brackets: true, backtick: true},
		open: func(cfg Config, _ logrus.FieldLogger) (*sqlx.DB, error) {
			dsn, err := sqliteDSN(cfg)
			if err != nil {
				return nil, err
			}
			return sqlx.Open("sqlite", dsn)
		},
		settle:   func(context.Context, *sqlx.DB, *sqlx.Tx, Config) (int, abandoner, error) { return 0, nil, nil },
		rewrite:  keepStoredText,
		classify: classifySQLite,
	}
}

// sqliteDSN opens the file for reading only, without ever creating one.
func sqliteDSN(cfg Config) (string, error) {
	path := strings.TrimPrefix(cfg.URL, "file:")
	if path == "" || strings.HasPrefix(path, ":memory:") {
		return "", &fileError{path, errors.New("names no file: give the path of an SQLite file")}
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", &fileError{path, err}
	}
	slashed := filepath.ToSlash(absolute)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/… on Windows
	}
	dsn := "file:" + (&url.URL{Path: slashed}).EscapedPath() + "?mode=ro&_query_only=1&_busy_timeout=10000"
	if immutable(absolute) {
		dsn += "&immutable=1"
	}
	return dsn, nil
}

// immutable reports whether a file in write-ahead mode lies in a folder where
// SQLite could not make the index that it needs even for reading, and nothing
// is left in the log. It can then be read as it is; checkFile makes sure that
// nobody changed it meanwhile.
func immutable(path string) bool {
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return false
	}
	if _, err := os.Stat(path + "-shm"); err == nil {
		return false
	}
	return walMode(path) && !writable(filepath.Dir(path))
}

// walMode reads the format's write version, byte 18 of the header: 2 is write-ahead.
func walMode(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var header [20]byte
	n, _ := f.ReadAt(header[:], 0)
	return n == len(header) && header[18] == 2
}

// fileState tells whether a file was changed between two looks.
type fileState struct {
	size, log int64
	changed   time.Time
	immutable bool // nobody but us was to touch it
}

// checkFile says what is wrong with the file in words better than SQLite's.
func checkFile(path string) (fileState, error) {
	path = strings.TrimPrefix(path, "file:")
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fileState{}, &fileError{path, errors.New("there is no such file")}
	case err != nil:
		return fileState{}, &fileError{path, errors.Unwrap(err)}
	case !info.Mode().IsRegular():
		return fileState{}, &fileError{path, errors.New("is a folder or device, not a file")}
	}
	state := fileState{size: info.Size(), changed: info.ModTime(), immutable: immutable(path)}
	if log, err := os.Stat(path + "-wal"); err == nil {
		state.log = log.Size()
	}
	return state, nil
}

type fileError struct {
	path string
	err  error
}

func (e *fileError) Error() string { return fmt.Sprintf("file %s: %v", e.path, e.err) }
func (e *fileError) Unwrap() error { return e.err }

var doubled = regexp.MustCompile(`:\d+$`)

// keepStoredText: the driver turns text of columns declared as dates into
// times, after which nobody can tell how it was written, or that 00:00 was not.
// An expression has no declared type; a plus before a column changes nothing else.
func keepStoredText(ctx context.Context, tx *sqlx.Tx, st statement) (statement, error) {
	rows, err := tx.QueryxContext(ctx, "SELECT * FROM (\n"+st.text+"\n) LIMIT 0", st.args...)
	if err != nil {
		return st, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return st, err
	}
	dated := false
	columns, expressions := make([]string, len(types)), make([]string, len(types))
	for i, t := range types {
		switch t.DatabaseTypeName() {
		case "DATE", "DATETIME", "TIMESTAMP":
			dated = true
		}
		columns[i] = fmt.Sprintf("c%d", i)
		// SQLite numbers equal names of a derived table: code, code:1.
		name := doubled.ReplaceAllString(t.Name(), "")
		expressions[i] = fmt.Sprintf("+c%d AS \"%s\"", i, strings.ReplaceAll(name, `"`, `""`))
	}
	if err := rows.Err(); err != nil || !dated {
		return st, err
	}
	st.text = "WITH doisoat_stored(" + strings.Join(columns, ", ") + ") AS (\n" + st.text + "\n) SELECT " + strings.Join(expressions, ", ") + " FROM doisoat_stored"
	return st, nil
}

func classifySQLite(err error) (verdict, bool) {
	var file *fileError
	if errors.As(err, &file) {
		return verdict{cause: reconcile.CauseConnect, remedy: "check the path in `url`, and that the share it lies on is mounted"}, true
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		return verdict{}, false
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return verdict{cause: reconcile.CauseTimeout, remedy: "another program holds the file locked; the next poll tries again"}, true
	case lib.SQLITE_INTERRUPT:
		return verdict{cause: reconcile.CauseTimeout, remedy: slowRemedy}, true
	case lib.SQLITE_READONLY, lib.SQLITE_AUTH:
		return verdict{cause: reconcile.CauseRefused, remedy: "only reading is allowed; if the file has a -journal or -wal beside it, its own program must open it once to finish what it was writing"}, true
	case lib.SQLITE_CANTOPEN, lib.SQLITE_PERM:
		return verdict{cause: reconcile.CauseConnect, remedy: "let the service's user read the file and its folder (and the -wal and -shm files beside it)"}, true
	case lib.SQLITE_IOERR, lib.SQLITE_PROTOCOL:
		return verdict{cause: reconcile.CauseConnect, remedy: "check the disk or network share the file lies on"}, true
	case lib.SQLITE_NOTADB, lib.SQLITE_CORRUPT, lib.SQLITE_FORMAT:
		return verdict{cause: reconcile.CauseDecode, remedy: "the file is no SQLite database, encrypted or damaged: have it checked with PRAGMA integrity_check"}, true
	default:
		return verdict{cause: reconcile.CauseSchema, remedy: schemaRemedy}, true
	}
}
