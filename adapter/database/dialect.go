package database

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/reconcile"
)

// dialect is all in which one database differs from the others.
type dialect struct {
	name    string
	example string // what `url` looks like
	bind    int    // how parameters are numbered, by sqlx's constants
	flavour flavour
	tx      sql.TxOptions
	// prepare sends the statement by the protocol that takes one statement only.
	prepare bool
	// withIsNoTable: a query that begins with WITH cannot become a derived table.
	withIsNoTable bool

	// open makes the pool without connecting. Its errors may hold the URL, so that
	// nothing of them is shown but example.
	open func(Config, logrus.FieldLogger) (*sqlx.DB, error)
	// settle makes the open transaction read-only and bounded in time on the
	// server's side too. It returns how many statements that took, and what ends
	// the statement on the server where the driver alone does not surely do so;
	// that is called when the reading is given up, and left is closed once the
	// driver has let go of the connection.
	settle func(context.Context, *sqlx.DB, *sqlx.Tx, Config) (requests int, abandon abandoner, err error)
	// since writes the parameter :since so that the text bound to it, a clock
	// reading in the configured zone, compares as a moment. "" leaves :since.
	since string
	// kinds by the driver's name of a column's type.
	kinds map[string]kind
	// rewrite, if not nil, changes the statement so that values arrive as
	// stored; it takes one statement to find out.
	rewrite func(context.Context, *sqlx.Tx, statement) (statement, error)
	// endsOnServer: the server ends a statement whose time has run out, so that
	// the client waits a little longer and hears of it in the server's words.
	endsOnServer bool
	// classify says what an error of the driver means.
	classify func(error) (verdict, bool)
}

type abandoner func(left <-chan struct{})

// verdict is what became of a reading: its cause, and what a person can do.
type verdict struct {
	cause  reconcile.Cause
	remedy string
	// instead replaces the driver's words where these may quote a row's values:
	// they could be a citizen's.
	instead string
}

// findDialect returns the dialect of a driver of Drivers.
func findDialect(driver string) (*dialect, error) {
	switch driver {
	case "postgres":
		return postgres(), nil
	case "sqlite":
		return sqlite(), nil
	case "mysql":
		return mysqlDialect(), nil
	case "sqlserver":
		return sqlserver(), nil
	case "oracle":
		return oracle(), nil
	}
	return nil, fmt.Errorf("driver: %q is unknown: use one of %s", driver, strings.Join(Drivers, ", "))
}

func (d *dialect) paramText(name string) string {
	if name == "since" && d.since != "" {
		return d.since
	}
	return ":" + name
}

// sinceText is the moment as a clock reading in the configured zone, down to
// the second: rows of that second are read again rather than missed.
func sinceText(t time.Time, cfg Config) string {
	return t.Add(-cfg.Overlap).In(cfg.Zone).Format("2006-01-02 15:04:05")
}

// offset writes the configured zone's present distance from UTC as +07:00. The
// servers' own zone tables may lack a name; the offset is all that is needed to
// compare with :since.
func offset(cfg Config) string { return time.Now().In(cfg.Zone).Format("-07:00") }

// sessionZone is the zone that a server told offset answers in.
func sessionZone(cfg Config) *time.Location {
	_, seconds := time.Now().In(cfg.Zone).Zone()
	return time.FixedZone("", seconds)
}

// millis is the statement timeout for a server, at least one: zero would mean none.
func millis(cfg Config) int64 { return max(1, cfg.StatementTimeout.Milliseconds()) }
