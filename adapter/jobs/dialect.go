package jobs

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	driver "modernc.org/sqlite"
	sqlitelib "modernc.org/sqlite/lib"
)

// The kinds of databases.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// dialect is everything in which the two databases differ.
type dialect struct {
	name   string
	driver func(*sql.DB) riverdriver.Driver[*sql.Tx]
	now    string
	// seconds is a moment some seconds from now, as a format.
	seconds string
	// skipLocked keeps an UPDATE from waiting for rows that a transaction holds.
	skipLocked string
	// json is a parameter for River's JSON columns.
	json func([]byte) any
}

func dialectOf(kind string) (dialect, error) {
	switch kind {
	case SQLite:
		return dialect{
			name:   SQLite,
			driver: func(db *sql.DB) riverdriver.Driver[*sql.Tx] { return riversqlite.New(db) },
			now:    `datetime('now', 'subsec')`, seconds: `datetime('now', 'subsec', '%+.3f seconds')`,
			json: func(b []byte) any { return b },
		}, nil
	case Postgres:
		return dialect{
			name:   Postgres,
			driver: func(db *sql.DB) riverdriver.Driver[*sql.Tx] { return riverdatabasesql.New(db) },
			now:    `now()`, seconds: `now() + interval '%+.3f seconds'`, skipLocked: ` FOR UPDATE SKIP LOCKED`,
			json: func(b []byte) any { return string(b) },
		}, nil
	}
	return dialect{}, fmt.Errorf("jobs: unknown kind of database %q; sqlite or postgres", kind)
}

// moment matches {now}, {now-40s} and {now+2m} in a statement.
var moment = regexp.MustCompile(`\{now([+-][0-9a-z.]+)?\}`)

// sql writes a statement for the database: ? becomes its placeholder, {now±d} its
// clock, {skip locked} what it says for that.
func (d dialect) sql(text string) string {
	text = moment.ReplaceAllStringFunc(text, func(m string) string {
		offset, err := time.ParseDuration(strings.TrimSuffix(strings.TrimPrefix(m, "{now"), "}"))
		if err != nil {
			return d.now
		}
		return fmt.Sprintf(d.seconds, offset.Seconds())
	})
	text = strings.ReplaceAll(text, "{skip locked}", d.skipLocked)
	if d.name != Postgres {
		return text
	}
	var b strings.Builder
	for n := 1; ; n++ {
		before, after, found := strings.Cut(text, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteString("$" + strconv.Itoa(n))
		text = after
	}
}

// busy tells that another connection holds SQLite's file.
func busy(err error) bool {
	var e *driver.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff
	return code == sqlitelib.SQLITE_BUSY || code == sqlitelib.SQLITE_LOCKED
}
