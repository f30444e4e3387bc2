package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	ora "github.com/sijms/go-ora/v2"
	"github.com/sijms/go-ora/v2/network"
	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/reconcile"
)

func oracle() *dialect {
	return &dialect{
		name:    "Oracle",
		example: "oracle://user:password@host:1521/service",
		bind:    sqlx.NAMED,
		flavour: flavour{qQuote: true},
		open: func(cfg Config, _ logrus.FieldLogger) (*sqlx.DB, error) {
			// The driver parses the URL only when it connects; a mistake in it is
			// one of the configuration and has to be told at once.
			if _, err := ora.ParseConfig(cfg.URL); err != nil {
				return nil, err
			}
			return sqlx.NewDb(sql.OpenDB(ora.NewConnector(cfg.URL)), "oracle"), nil
		},
		settle: settleOracle,
		since:  "TO_DATE(:since, 'YYYY-MM-DD HH24:MI:SS')",
		kinds: map[string]kind{
			"DATE": dayOrTime, "OCIDate": clock, "TimeStampDTY": clock, "TIMESTAMP": clock,
			"TimeStampTZ_DTY": zoned, "TimeStampTZ": zoned, "TimeStampLTZ_DTY": zoned, "TimeStampeLTZ": zoned,
			"CHAR": padded, "CHARZ": padded,
		},
		classify: classifyOracle,
	}
}

// settleOracle: the driver knows no read-only transactions, the server does. It
// has no timeout for a statement that a user could set for himself; when ours
// runs out the driver sends the signal to stop.
func settleOracle(ctx context.Context, _ *sqlx.DB, tx *sqlx.Tx, cfg Config) (int, abandoner, error) {
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("ALTER SESSION SET TIME_ZONE = '%s'", offset(cfg))); err != nil {
		return 1, nil, err
	}
	_, err := tx.ExecContext(ctx, "SET TRANSACTION READ ONLY")
	return 2, nil, err
}

func classifyOracle(err error) (verdict, bool) {
	var e *network.OracleError
	if !errors.As(err, &e) {
		return verdict{}, false
	}
	switch code := e.ErrCode; {
	case code == 1017, code == 1005, code == 28000, code == 28001, code == 1045:
		return verdict{cause: reconcile.CauseAuth, remedy: "check the user and password in `url`"}, true
	case code == 1031, code == 1039:
		return verdict{cause: reconcile.CauseAuth, remedy: "grant the user SELECT on what `query` reads"}, true
	case code == 1456:
		return verdict{cause: reconcile.CauseRefused, remedy: "`query` would change data; only reading is allowed"}, true
	case code == 1013, code == 40, code == 30006:
		return verdict{cause: reconcile.CauseTimeout, remedy: slowRemedy}, true
	case code == 28, code == 1012, code == 1033, code == 1034, code == 1089, code == 1555, code == 2396,
		code >= 3113 && code <= 3136, code >= 12150 && code <= 12699:
		return verdict{cause: reconcile.CauseConnect, remedy: connectRemedy}, true
	case code >= 900 && code <= 999: // names and syntax
		return verdict{cause: reconcile.CauseSchema, remedy: schemaRemedy}, true
	default:
		return verdict{cause: reconcile.CauseSchema, remedy: schemaRemedy, instead: fmt.Sprintf("ORA-%05d", code)}, true
	}
}
