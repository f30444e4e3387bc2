package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// bookkeeping are the tables in which every run writes, whatever it finds.
var bookkeeping = []string{"runs", "snapshots", "sources", "rejected_rows", "settings", "goose_db_version", "sqlite_sequence"}

// cmdTables writes every row of a SQLite store's tables to a file: of those
// named, or of all but the bookkeeping.
func cmdTables(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: tables store file [table …]")
	}
	db := openStore(ts, args[0])
	defer db.Close()
	names := args[2:]
	var all strings.Builder
	if len(names) == 0 {
		var list strings.Builder
		ts.Check(query(db, &list, `SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`))
		for _, name := range strings.Fields(list.String()) {
			if !slices.Contains(bookkeeping, name) {
				names = append(names, name)
			}
		}
	}
	for _, name := range names {
		fmt.Fprintf(&all, "== %s\n", name)
		ts.Check(query(db, &all, `SELECT * FROM "`+name+`" ORDER BY 1`))
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(all.String()), 0o644))
}

// cmdSQL prints what a query gives: a line a row, values separated by blanks.
func cmdSQL(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql file query")
	}
	db := openStore(ts, args[0])
	defer db.Close()
	ts.Check(query(db, ts.Stdout(), args[1]))
}

func openStore(ts *testscript.TestScript, file string) *sql.DB {
	db, err := sql.Open("sqlite", ts.MkAbs(file))
	ts.Check(err)
	return db
}

func query(db *sql.DB, w io.Writer, text string) error {
	rows, err := db.QueryContext(context.Background(), text)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	values, into := make([]any, len(names)), make([]any, len(names))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, v := range values {
			if b, ok := v.([]byte); ok {
				v = fmt.Sprintf("%x", b)
			}
			if i > 0 {
				fmt.Fprint(w, " ")
			}
			fmt.Fprint(w, v)
		}
		fmt.Fprintln(w)
	}
	return rows.Err()
}
