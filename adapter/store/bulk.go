package store

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// bulk writes many rows into one table: by COPY or by arrays on PostgreSQL, by a
// prepared statement on SQLite, each being the fastest there (DECISIONS.md has
// figures).
// Rows are kept until flush, or until there are many.
type bulk struct {
	store    *Store
	tx       *sqlx.Tx
	table    string
	columns  []string
	conflict string // "" or an ON CONFLICT clause
	rows     [][]any
	size     int
	// replaces: a row stands in place of an earlier one with the same first
	// column; waiting are those columns of rows. PostgreSQL does not replace a
	// row twice in one statement.
	replaces bool
	waiting  map[any]bool
}

// bulkRows and bulkBytes bound what is kept.
const (
	bulkRows  = 2000
	bulkBytes = 4 << 20
)

func (s *Store) bulk(tx *sqlx.Tx, table, conflict string, columns ...string) *bulk {
	return &bulk{store: s, tx: tx, table: table, columns: columns, conflict: conflict,
		replaces: strings.Contains(conflict, "DO UPDATE"), waiting: map[any]bool{}}
}

func (b *bulk) add(ctx context.Context, values ...any) error {
	if b.replaces {
		if b.waiting[values[0]] {
			if err := b.flush(ctx); err != nil {
				return err
			}
		}
		b.waiting[values[0]] = true
	}
	b.rows = append(b.rows, values)
	for i, v := range values {
		switch v := v.(type) {
		case []byte:
			b.size += len(v)
		case string:
			values[i] = cleanText(v)
		}
	}
	if len(b.rows) < bulkRows && b.size < bulkBytes {
		return nil
	}
	return b.flush(ctx)
}

func (b *bulk) flush(ctx context.Context) error {
	if len(b.rows) == 0 {
		return nil
	}
	var err error
	if b.store.dialect.name == postgres.name {
		err = b.copyIn(ctx)
	} else {
		err = b.insert(ctx, b.table)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", b.table, err)
	}
	b.rows, b.size = b.rows[:0], 0
	clear(b.waiting)
	return nil
}

func (b *bulk) insert(ctx context.Context, table string) error {
	marks := strings.TrimSuffix(strings.Repeat("?,", len(b.columns)), ",")
	stmt, err := b.tx.PreparexContext(ctx, b.store.bind(
		"INSERT INTO "+table+" ("+strings.Join(b.columns, ", ")+") VALUES ("+marks+") "+b.conflict))
	if err != nil {
		return err
	}
	defer stmt.Close() // the transaction's end closes it too
	for _, row := range b.rows {
		if _, err := stmt.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	return nil
}

// copyIn copies into the table, or inserts, where rows are few or may be there.
func (b *bulk) copyIn(ctx context.Context) error {
	if b.conflict != "" || len(b.rows) < 100 {
		return b.insertArrays(ctx)
	}
	list := strings.Join(b.columns, ", ")
	stmt, err := b.tx.PrepareContext(ctx, "COPY "+b.table+" ("+list+") FROM STDIN")
	if err != nil {
		return err
	}
	for _, row := range b.rows {
		if _, err := stmt.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	if _, err := stmt.ExecContext(ctx); err != nil {
		return err
	}
	return stmt.Close()
}

// insertArrays gives each column as one array: one statement, which does not
// leave the traces in the catalogue that a temporary table would.
func (b *bulk) insertArrays(ctx context.Context) error {
	columns, casts := make([]any, len(b.columns)), make([]string, len(b.columns))
	for i := range b.columns {
		columns[i], casts[i] = column(b.rows, i)
	}
	list := strings.Join(b.columns, ", ")
	_, err := b.tx.ExecContext(ctx, b.store.bind("INSERT INTO "+b.table+" ("+list+") SELECT * FROM unnest("+strings.Join(casts, ", ")+") "+b.conflict), columns...)
	return err
}

// column is a column of rows as an array of PostgreSQL, and the mark for it.
func column(rows [][]any, i int) (array any, mark string) {
	switch rows[0][i].(type) {
	case []byte:
		list := make(pq.ByteaArray, len(rows))
		for n := range rows {
			list[n] = rows[n][i].([]byte)
		}
		return list, "?::bytea[]"
	case string:
		list := make(pq.StringArray, len(rows))
		for n := range rows {
			list[n] = rows[n][i].(string)
		}
		return list, "?::text[]"
	}
	list := make(pq.Int64Array, len(rows))
	for n := range rows {
		switch v := rows[n][i].(type) {
		case int64:
			list[n] = v
		case int:
			list[n] = int64(v)
		}
	}
	return list, "?::bigint[]"
}

// cleanText is a text that both databases take: PostgreSQL refuses bytes that are
// not UTF-8, and NUL, either of which a source may send.
func cleanText(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
