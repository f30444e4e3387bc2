package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/reconcile"
)

func postgres() *dialect {
	return &dialect{
		name:    "PostgreSQL",
		example: "postgres://user:password@host:5432/database?sslmode=require",
		bind:    sqlx.DOLLAR,
		flavour: flavour{escapes: true, dollar: true, nested: true},
		tx:      sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead},
		prepare: true,
		open: func(cfg Config, _ logrus.FieldLogger) (*sqlx.DB, error) {
			connector, err := pq.NewConnector(cfg.URL)
			if err != nil {
				return nil, err
			}
			return sqlx.NewDb(sql.OpenDB(connector), "postgres"), nil
		},
		settle: settlePostgres,
		kinds: map[string]kind{
			"DATE": date, "TIMESTAMP": clock, "TIMESTAMPTZ": zoned, "TIME": timeOfDay, "TIMETZ": timeOfDay,
			"BPCHAR": padded, "_TEXT": list, "_VARCHAR": list, "_BPCHAR": list,
		},
		endsOnServer: true,
		classify:     classifyPostgres,
	}
}

// settlePostgres sets what holds for this transaction alone. The zone lets the
// text of :since compare with columns with a zone, without one, and of text.
func settlePostgres(ctx context.Context, db *sqlx.DB, tx *sqlx.Tx, cfg Config) (int, abandoner, error) {
	zone := offset(cfg)
	// POSIX counts zones westward.
	posix := "<" + zone + ">" + strings.NewReplacer("+", "-", "-", "+").Replace(zone)
	timeout := strconv.FormatInt(millis(cfg), 10)
	var pid int
	var set [5]string
	err := tx.QueryRowxContext(ctx, `SELECT pg_backend_pid(), set_config('statement_timeout', $1, true), set_config('lock_timeout', $1, true),
		set_config('TimeZone', $2, true), set_config('DateStyle', 'ISO', true), set_config('application_name', 'doisoat', true)`, timeout, posix).
		Scan(&pid, &set[0], &set[1], &set[2], &set[3], &set[4])
	return 1, func(left <-chan struct{}) { cancelBackend(db, pid, left) }, err
}

// cancelBackend asks the server to stop until the driver got its answer. The
// driver asks once, which a server that is between two statements forgets.
func cancelBackend(db *sqlx.DB, pid int, left <-chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), clientGrace)
	defer cancel()
	for {
		select {
		case <-left:
			return
		case <-ctx.Done():
			return
		case <-time.After(200 * time.Millisecond):
			// Without an answer the server's own timeout has to do.
			_, _ = db.ExecContext(ctx, "SELECT pg_cancel_backend($1)", pid)
		}
	}
}

func classifyPostgres(err error) (verdict, bool) {
	var e *pq.Error
	if !errors.As(err, &e) {
		return verdict{}, false
	}
	switch code := string(e.Code); {
	case strings.HasPrefix(code, "28"):
		return verdict{cause: reconcile.CauseAuth, remedy: "check the user and password in `url`, and the server's pg_hba.conf"}, true
	case code == "42501":
		return verdict{cause: reconcile.CauseAuth, remedy: "grant the user SELECT on what `query` reads"}, true
	case code == "25006":
		return verdict{cause: reconcile.CauseRefused, remedy: "`query` would change data; only reading is allowed"}, true
	case code == "57014" && strings.Contains(e.Message, "user request"):
		return verdict{cause: reconcile.CauseConnect, remedy: "somebody cancelled it on the server; the next poll tries again"}, true
	case code == "57014", code == "55P03":
		return verdict{cause: reconcile.CauseTimeout, remedy: slowRemedy}, true
	case code == "3D000":
		return verdict{cause: reconcile.CauseSchema, remedy: "check the database's name in `url`"}, true
	case strings.HasPrefix(code, "08"), strings.HasPrefix(code, "53"), strings.HasPrefix(code, "57"), strings.HasPrefix(code, "58"), strings.HasPrefix(code, "40"):
		return verdict{cause: reconcile.CauseConnect, remedy: connectRemedy}, true
	case strings.HasPrefix(code, "42"): // the statement does not fit the tables
		return verdict{cause: reconcile.CauseSchema, remedy: schemaRemedy}, true
	default: // 22, above all: it does not fit the data
		return verdict{cause: reconcile.CauseSchema, remedy: schemaRemedy, instead: fmt.Sprintf("error %s", code)}, true
	}
}
