package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"
	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/reconcile"
)

// sqlserver has no read-only transactions: what a function in the query might
// write is rolled back. Give the user db_datareader and nothing else.
//
// With `since` or `one` the query must not contain ORDER BY (without TOP), which
// SQL Server refuses in a derived table, nor begin with WITH.
func sqlserver() *dialect {
	return &dialect{
		name:          "SQL Server",
		example:       "sqlserver://user:password@host:1433?database=name",
		bind:          sqlx.AT,
		flavour:       flavour{brackets: true, nested: true},
		withIsNoTable: true,
		open: func(cfg Config, _ logrus.FieldLogger) (*sqlx.DB, error) {
			c, err := msdsn.Parse(cfg.URL)
			if err != nil {
				return nil, err
			}
			c.AppName = "doisoat"
			if c.DialTimeout == 0 {
				c.DialTimeout = connectTimeout
			}
			return sqlx.NewDb(sql.OpenDB(mssql.NewConnectorConfig(c)), "sqlserver"), nil
		},
		settle: func(ctx context.Context, _ *sqlx.DB, tx *sqlx.Tx, cfg Config) (int, abandoner, error) {
			// The server has no timeout for a statement but for its waiting; when
			// ours runs out the driver sends it the signal to stop.
			_, err := tx.ExecContext(ctx, fmt.Sprintf("SET LOCK_TIMEOUT %d", millis(cfg)))
			return 1, nil, err
		},
		since: "CONVERT(datetime2, :since, 120)", // without it the server's language decides about day and month
		kinds: map[string]kind{
			"DATE": date, "DATETIME": clock, "DATETIME2": clock, "SMALLDATETIME": clock, "DATETIMEOFFSET": zoned,
			"TIME": timeOfDay, "CHAR": padded, "NCHAR": padded, "UNIQUEIDENTIFIER": guid,
		},
		classify: classifySQLServer,
	}
}

func classifySQLServer(err error) (verdict, bool) {
	var e mssql.Error
	if !errors.As(err, &e) {
		return verdict{}, false
	}
	switch e.Number {
	case 18456, 18452, 18470, 18486, 18487, 18488, 4060:
		return verdict{cause: reconcile.CauseAuth, remedy: "check the user, password and database in `url`"}, true
	case 229, 230, 262, 300, 916:
		return verdict{cause: reconcile.CauseAuth, remedy: "grant the user SELECT on what `query` reads"}, true
	case 3906:
		return verdict{cause: reconcile.CauseRefused, remedy: "`query` would change data; only reading is allowed"}, true
	case 1222:
		return verdict{cause: reconcile.CauseTimeout, remedy: slowRemedy}, true
	case 596, 1205, 3960, 6005, 10928, 10929, 40197, 40501, 40613, 49918:
		return verdict{cause: reconcile.CauseConnect, remedy: connectRemedy}, true
	case 102, 156, 207, 208, 209, 1033, 2812, 4104, 8156: // names and syntax
		return verdict{cause: reconcile.CauseSchema, remedy: schemaRemedy}, true
	default:
		return verdict{cause: reconcile.CauseSchema, remedy: schemaRemedy, instead: fmt.Sprintf("error %d", e.Number)}, true
	}
}
