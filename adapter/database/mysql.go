package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/reconcile"
)

func mysqlDialect() *dialect {
	return &dialect{
		name:    "MySQL",
		example: "user:password@tcp(host:3306)/database",
		bind:    sqlx.QUESTION,
		flavour: flavour{backslash: true, hash: true, backtick: true, dashSpace: true},
		tx:      sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead},
		open:    openMySQL,
		settle:  settleMySQL,
		kinds: map[string]kind{
			"DATE": date, "DATETIME": clock, "TIMESTAMP": zoned, "CHAR": padded, "BIT": bits,
		},
		endsOnServer: true,
		classify:     classifyMySQL,
	}
}

// openMySQL overrides what of the URL would change how values arrive, or would
// let more than one statement through.
func openMySQL(cfg Config, log logrus.FieldLogger) (*sqlx.DB, error) {
	c, err := mysql.ParseDSN(cfg.URL)
	if err != nil {
		return nil, err
	}
	c.ParseTime = false // zero dates are none that Go could hold
	c.MultiStatements = false
	c.AllowAllFiles = false
	c.InterpolateParams = true // parameters or none, values arrive written alike
	if c.Collation == "" && c.Params["charset"] == "" {
		c.Collation = "utf8mb4_general_ci"
	}
	if c.Timeout == 0 {
		c.Timeout = connectTimeout
	}
	if c.ReadTimeout == 0 {
		c.ReadTimeout = cfg.StatementTimeout + clientGrace
	}
	if c.ConnectionAttributes == "" {
		c.ConnectionAttributes = "program_name:doisoat"
	}
	// The driver speaks of broken connections by itself; Poll tells of them too.
	c.Logger = quietLogger{log}
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	return sqlx.NewDb(sql.OpenDB(connector), "mysql"), nil
}

// quietLogger takes the driver's own remarks. They hold addresses at most.
type quietLogger struct{ log logrus.FieldLogger }

func (l quietLogger) Print(v ...any) {
	l.log.WithField("remark", fmt.Sprint(v...)).Debug("mysql driver")
}

// settleMySQL bounds the statement on the server, by the name that MySQL or
// MariaDB has for it, and learns the connection's number: a server goes on with
// a query whose client has left, unless it is told to stop.
func settleMySQL(ctx context.Context, db *sqlx.DB, tx *sqlx.Tx, cfg Config) (int, abandoner, error) {
	var id int64
	var version string
	if err := tx.QueryRowxContext(ctx, "SELECT CONNECTION_ID(), VERSION()").Scan(&id, &version); err != nil {
		return 1, nil, err
	}
	timeout := fmt.Sprintf("max_execution_time = %d", millis(cfg))
	if strings.Contains(strings.ToLower(version), "mariadb") {
		timeout = fmt.Sprintf("max_statement_time = %.3f", float64(millis(cfg))/1000)
	}
	lock := max(1, millis(cfg)/1000)
	_, err := tx.ExecContext(ctx, fmt.Sprintf("SET SESSION %s, innodb_lock_wait_timeout = %d, lock_wait_timeout = %d, time_zone = '%s'", timeout, lock, lock, offset(cfg)))
	abandon := func(<-chan struct{}) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		// It may have ended by itself, which is as good.
		_, _ = db.ExecContext(ctx, fmt.Sprintf("KILL %d", id))
	}
	return 2, abandon, err
}

func classifyMySQL(err error) (verdict, bool) {
	if errors.Is(err, mysql.ErrInvalidConn) {
		return verdict{cause: reconcile.CauseConnect, remedy: connectRemedy}, true
	}
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return verdict{}, false
	}
	switch e.Number {
	case 1045, 1130, 1251, 1524, 1698, 1820, 1862, 3118, 4151:
		return verdict{cause: reconcile.CauseAuth, remedy: "check the user and password in `url`, and from where that user may log in"}, true
	case 1044, 1142, 1143, 1227, 1370:
		return verdict{cause: reconcile.CauseAuth, remedy: "grant the user SELECT on what `query` reads"}, true
	case 1792, 1290:
		return verdict{cause: reconcile.CauseRefused, remedy: "`query` would change data; only reading is allowed"}, true
	case 1205, 1969, 3024, 1907:
		return verdict{cause: reconcile.CauseTimeout, remedy: slowRemedy}, true
	case 1049:
		return verdict{cause: reconcile.CauseSchema, remedy: "check the database's name in `url`"}, true
	case 1040, 1053, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1213, 1226, 1317, 1927, 2006, 2013, 3169:
		return verdict{cause: reconcile.CauseConnect, remedy: connectRemedy}, true
	case 1052, 1054, 1060, 1064, 1109, 1146, 1222, 1248, 1305: // names and syntax
		return verdict{cause: reconcile.CauseSchema, remedy: schemaRemedy}, true
	default:
		return verdict{cause: reconcile.CauseSchema, remedy: schemaRemedy, instead: fmt.Sprintf("error %d", e.Number)}, true
	}
}
