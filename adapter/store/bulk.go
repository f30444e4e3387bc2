package store

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jmoiron/sqlx"
)

// bulk writes many rows into one table: by COPY on PostgreSQL, by a prepared
// statement on SQLite, each being the fastest there (DECISIONS.md has figures).
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

// copyIn copies straight into the table, or, where rows may be there already,
// through a temporary one.
func (b *bulk) copyIn(ctx context.Context) error {
	target, list := b.table, strings.Join(b.columns, ", ")
	if b.conflict != "" {
		if len(b.rows) < 20 { // a temporary table costs more than it saves
			return b.insert(ctx, b.table)
		}
		target = "bulk_" + b.table
		if _, err := b.tx.ExecContext(ctx, "CREATE TEMPORARY TABLE IF NOT EXISTS "+target+" (LIKE "+b.table+") ON COMMIT DROP"); err != nil {
			return err
		}
	}
	stmt, err := b.tx.PrepareContext(ctx, "COPY "+target+" ("+list+") FROM STDIN")
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
	if err := stmt.Close(); err != nil || b.conflict == "" {
		return err
	}
	if _, err := b.tx.ExecContext(ctx, "INSERT INTO "+b.table+" ("+list+") SELECT "+list+" FROM "+target+" "+b.conflict); err != nil {
		return err
	}
	_, err = b.tx.ExecContext(ctx, "TRUNCATE "+target)
	return err
}

// cleanText is a text that both databases take: PostgreSQL refuses bytes that are
// not UTF-8, and NUL, either of which a source may send.
func cleanText(s string) string {
	if utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
