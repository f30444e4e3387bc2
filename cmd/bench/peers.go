package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
)

// Where .ci/servers tells its commands to find the two servers.
const (
	postgresVariable = "DOISOAT_TEST_POSTGRES"
	mariaVariable    = "DOISOAT_TEST_MARIADB"
)

// peer is a database of our own on one of the servers, or a file.
type peer struct {
	url   string
	db    *sqlx.DB
	close func() error // drops it
}

func openSQLite(ctx context.Context, s *sample) (opened, error) {
	path := filepath.Join(s.dir, "office.db")
	db, err := sqlx.ConnectContext(ctx, "sqlite", path)
	if err != nil {
		return opened{}, err
	}
	p := &peer{path, db, db.Close}
	if err := p.fill(ctx, s, "TEXT"); err != nil {
		return opened{}, errors.Join(err, p.close())
	}
	return openDatabase("sqlite", p, s)
}

func openPostgres(ctx context.Context, s *sample) (opened, error) {
	p, err := postgresPeer(ctx)
	if err != nil {
		return opened{}, err
	}
	if err := p.fill(ctx, s, "TIMESTAMP"); err != nil {
		return opened{}, errors.Join(err, p.close())
	}
	return openDatabase("postgres", p, s)
}

func openMariaDB(ctx context.Context, s *sample) (opened, error) {
	p, err := mariaPeer(ctx)
	if err != nil {
		return opened{}, err
	}
	if err := p.fill(ctx, s, "DATETIME"); err != nil {
		return opened{}, errors.Join(err, p.close())
	}
	return openDatabase("mysql", p, s)
}

// postgresPeer makes a database of its own on the server; close drops it.
func postgresPeer(ctx context.Context) (*peer, error) {
	server, err := serverURL(postgresVariable)
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(server)
	if err != nil {
		return nil, errors.New(postgresVariable + " is no URL") // its text holds a password
	}
	name := randomName()
	u.Path = "/" + name
	return newPeer(ctx, "postgres", server, u.String(), "CREATE DATABASE "+name, "DROP DATABASE "+name+" WITH (FORCE)")
}

// mariaPeer makes a database of its own on the server; close drops it.
func mariaPeer(ctx context.Context) (*peer, error) {
	server, err := serverURL(mariaVariable)
	if err != nil {
		return nil, err
	}
	c, err := mysql.ParseDSN(server)
	if err != nil {
		return nil, errors.New(mariaVariable + " is no connection string")
	}
	c.DBName = randomName()
	return newPeer(ctx, "mysql", server, c.FormatDSN(), "CREATE DATABASE "+c.DBName+" CHARACTER SET utf8mb4", "DROP DATABASE "+c.DBName)
}

func newPeer(ctx context.Context, driver, server, own, create, drop string) (*peer, error) {
	admin, err := sqlx.ConnectContext(ctx, driver, server)
	if err != nil {
		return nil, fmt.Errorf("connect to the %s server: %w", driver, err)
	}
	if _, err := admin.ExecContext(ctx, create); err != nil {
		return nil, errors.Join(err, admin.Close())
	}
	end := func() error {
		_, err := admin.Exec(drop) // also after an interruption
		return errors.Join(err, admin.Close())
	}
	db, err := sqlx.ConnectContext(ctx, driver, own)
	if err != nil {
		return nil, errors.Join(err, end())
	}
	return &peer{own, db, func() error { return errors.Join(db.Close(), end()) }}, nil
}

func serverURL(variable string) (string, error) {
	if value := os.Getenv(variable); value != "" {
		return value, nil
	}
	return "", fmt.Errorf("%w: %s is not set; run the bench by make bench, or under .ci/servers", errAbsent, variable)
}

func randomName() string { return "doisoat_bench_" + strings.ToLower(rand.Text()) }

// fill makes the table dossiers of the sample, with moments of the given type.
func (p *peer) fill(ctx context.Context, s *sample, momentType string) error {
	columns := make([]string, len(s.columns))
	for i, name := range s.columns {
		columns[i] = name + " VARCHAR(60)"
		if i >= firstDate {
			columns[i] = name + " " + momentType
		}
	}
	tx, err := p.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	if _, err := tx.ExecContext(ctx, "CREATE TABLE dossiers ("+strings.Join(columns, ", ")+")"); err != nil {
		return err
	}
	marks := "(" + strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",") + ")"
	for rows := range slices.Chunk(s.rows, 500) {
		var args []any
		for _, row := range rows {
			for i, text := range row {
				if i >= firstDate && text == "" {
					args = append(args, nil)
				} else {
					args = append(args, text)
				}
			}
		}
		query := "INSERT INTO dossiers VALUES " + strings.TrimSuffix(strings.Repeat(marks+",", len(rows)), ",")
		if _, err := tx.ExecContext(ctx, sqlx.Rebind(bindType(p.db), query), args...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// bindType is how the driver writes parameters.
func bindType(db *sqlx.DB) int {
	if db.DriverName() == "postgres" {
		return sqlx.DOLLAR
	}
	return sqlx.QUESTION
}
