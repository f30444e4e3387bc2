package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// StoredRow is a row with where it came from. Its values are in the order of the
// inputs of its layout.
type StoredRow struct {
	Row
	Source   string
	SourceID int64
	Layout   int64
}

// StoredVersion is a row as it once was.
type StoredVersion struct {
	StoredRow
	SeenUntil int64
	Gone      bool
}

// Dossier is everything kept under one code.
type Dossier struct {
	Key           Key
	Code          string
	Rows          []StoredRow
	Versions      []StoredVersion // oldest first
	Discrepancies []reconcile.Discrepancy
}

// Reader reads dossiers as they stand at each call, all sources at one moment. It
// is safe for concurrent use; it need not be closed.
//
// A source that came later is left out, and one that was read with another mapping
// since is an error: Layouts would not tell what its values are.
type Reader struct {
	store   *Store
	sources []sourceRow
	names   map[int64]string
	// Layouts gives the inputs of each layout, by its id.
	Layouts map[int64][]string
	rows    int

	followed atomic.Bool // by a RunWriter
	mu       sync.Mutex
	classes  map[Key][]Class // that ReadKeys looked up and Replace did not need yet
}

// NewReader looks up what there is to read.
func (s *Store) NewReader(ctx context.Context) (*Reader, error) {
	r := &Reader{store: s, names: map[int64]string{}}
	if err := s.reader.SelectContext(ctx, &r.sources, `SELECT `+sourceColumns+` FROM sources ORDER BY id`); err != nil {
		return nil, fmt.Errorf("store: sources: %w", err)
	}
	for _, source := range r.sources {
		r.names[source.ID] = source.Name
		r.rows += targetRows << source.BucketBits
	}
	var err error
	r.Layouts, err = s.layoutInputs(ctx, s.reader, 0)
	return r, err
}

// layoutInputs is the inputs of every layout of a source, or of all where source is 0.
func (s *Store) layoutInputs(ctx context.Context, db sqlx.QueryerContext, source int64) (map[int64][]string, error) {
	var rows []struct {
		ID     int64  `db:"id"`
		Inputs string `db:"inputs"`
	}
	if err := sqlx.SelectContext(ctx, db, &rows, s.bind(`SELECT id, inputs FROM layouts WHERE source_id = ? OR ? = 0`), source, source); err != nil {
		return nil, fmt.Errorf("store: layouts: %w", err)
	}
	layouts := make(map[int64][]string, len(rows))
	for _, row := range rows {
		var inputs []string
		if err := json.Unmarshal([]byte(row.Inputs), &inputs); err != nil {
			return nil, fmt.Errorf("store: layout %d: %w", row.ID, err)
		}
		layouts[row.ID] = inputs
	}
	return layouts, nil
}

// rangeRows is how many rows a range is meant to hold: what is in memory at once.
const rangeRows = 1 << 14

// Bits is how finely the key space should be cut, so that each of the 2^bits
// ranges fits comfortably in memory.
func (r *Reader) Bits() uint {
	bits := uint(0)
	for bits < maxBits && r.rows>>bits > rangeRows {
		bits++
	}
	return bits
}

// ReadRange reads all dossiers of range n of 2^bits, by key and code.
func (r *Reader) ReadRange(ctx context.Context, n int, bits uint) (dossiers []Dossier, err error) {
	err = r.store.read(ctx, "dossiers", func(tx *sqlx.Tx) error {
		dossiers, err = r.readRange(ctx, tx, n, bits)
		return err
	})
	return dossiers, err
}

func (r *Reader) readRange(ctx context.Context, tx *sqlx.Tx, n int, bits uint) ([]Dossier, error) {
	sources, err := r.now(ctx, tx)
	if err != nil {
		return nil, err
	}
	lo := firstKey(n, bits)
	// The last range's end is the largest key there is; BETWEEN includes it.
	hi := lo + (1<<(keyBits-bits) - 1)
	runs := make([][]StoredRow, 0, len(sources))
	for _, source := range sources {
		var first, last int // buckets
		if source.BucketBits >= bits {
			shift := source.BucketBits - bits
			first, last = n<<shift, (n+1)<<shift-1
		} else {
			first = n >> (bits - source.BucketBits)
			last = first
		}
		rows, err := r.blocks(ctx, tx, source, first, last)
		if err != nil {
			return nil, err
		}
		if source.BucketBits < bits {
			rows = slices.DeleteFunc(rows, func(row StoredRow) bool { return bucketOf(row.key, bits) != n })
		}
		if rows, err = r.withLoose(ctx, tx, source, rows, lo, hi); err != nil {
			return nil, err
		}
		runs = append(runs, rows)
	}
	dossiers := group(runs)
	return r.attach(ctx, tx, dossiers, `dossier_key BETWEEN ? AND ?`, lo, hi)
}

// withLoose puts the loose rows of a source in place of what its blocks hold.
func (r *Reader) withLoose(ctx context.Context, tx *sqlx.Tx, source sourceRow, rows []StoredRow, lo, hi Key) ([]StoredRow, error) {
	var loose []StoredRow
	err := r.store.eachLoose(ctx, tx, source, looseBetween, []any{lo, hi}, func(l looseRows) {
		for _, row := range l.rows {
			loose = append(loose, StoredRow{Row: row, Source: source.Name, SourceID: source.ID, Layout: l.layout})
		}
	})
	if err != nil || len(loose) == 0 {
		return rows, err
	}
	out := make([]StoredRow, 0, len(rows)+len(loose))
	for i, j := 0, 0; i < len(rows) || j < len(loose); {
		switch {
		case j == len(loose) || i < len(rows) && rows[i].key < loose[j].key:
			out = append(out, rows[i])
			i++
		default:
			key := loose[j].key
			for ; j < len(loose) && loose[j].key == key; j++ {
				out = append(out, loose[j])
			}
			for i < len(rows) && rows[i].key == key {
				i++
			}
		}
	}
	return out, nil
}

// now is where the reader's sources have their rows: each snapshot may move them.
func (r *Reader) now(ctx context.Context, tx *sqlx.Tx) ([]sourceRow, error) {
	var sources []sourceRow
	if err := tx.SelectContext(ctx, &sources, `SELECT `+sourceColumns+` FROM sources ORDER BY id`); err != nil {
		return nil, err
	}
	sources = slices.DeleteFunc(sources, func(s sourceRow) bool { return r.names[s.ID] == "" || s.BlockSpace == 0 })
	for _, s := range sources {
		if _, ok := r.Layouts[s.LayoutID]; !ok {
			return nil, fmt.Errorf("source %s was read with another mapping in the meantime; run again", s.Name)
		}
	}
	return sources, nil
}

func (r *Reader) blocks(ctx context.Context, tx *sqlx.Tx, source sourceRow, first, last int) ([]StoredRow, error) {
	return r.query(ctx, tx, source, `SELECT id, data FROM record_blocks WHERE id BETWEEN ? AND ? ORDER BY id`,
		blockID(source.BlockSpace, first), blockID(source.BlockSpace, last))
}

// query reads whole blocks.
func (r *Reader) query(ctx context.Context, tx *sqlx.Tx, source sourceRow, query string, args ...any) (list []StoredRow, err error) {
	err = eachBlock(ctx, tx, source, r.store.bind(query), args, func(_ int64, data []byte) error {
		layout, unpacked, err := unpackBlock(data)
		if err != nil {
			return err
		}
		list = slices.Grow(list, len(unpacked))
		for i := range unpacked {
			list = append(list, StoredRow{Row: unpacked[i], Source: source.Name, SourceID: source.ID, Layout: layout})
		}
		return nil
	})
	return list, err
}

// eachBlock gives the blocks of a source that a query finds; what it hands over is
// valid until do returns.
func eachBlock(ctx context.Context, tx *sqlx.Tx, source sourceRow, query string, args []any, do func(id int64, data []byte) error) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("rows of %s: %w", source.Name, err)
	}
	defer rows.Close() // rows.Err tells
	var data sql.RawBytes
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id, &data); err != nil {
			return fmt.Errorf("rows of %s: %w", source.Name, err)
		}
		if err := do(id, data); err != nil {
			return fmt.Errorf("bucket %d of %s: %w", bucketOfBlock(id), source.Name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("rows of %s: %w", source.Name, err)
	}
	return nil
}

func compareRows(a, b *Row) int {
	switch {
	case a.key < b.key:
		return -1
	case a.key > b.key:
		return 1
	}
	return strings.Compare(a.Code, b.Code)
}

// group merges the sources' rows, each in key order, into dossiers.
func group(runs [][]StoredRow) []Dossier {
	total := 0
	for _, run := range runs {
		total = max(total, len(run))
	}
	dossiers := make([]Dossier, 0, total+total/16)
	for {
		var head *Row
		for _, run := range runs {
			if len(run) > 0 && (head == nil || compareRows(&run[0].Row, head) < 0) {
				head = &run[0].Row
			}
		}
		if head == nil {
			return dossiers
		}
		d := Dossier{Key: head.key, Code: head.Code, Rows: make([]StoredRow, 0, 2)}
		for i, run := range runs {
			for len(run) > 0 && run[0].key == d.Key && run[0].Code == d.Code {
				d.Rows = append(d.Rows, run[0])
				run = run[1:]
			}
			runs[i] = run
		}
		dossiers = append(dossiers, d)
	}
}

// attach adds versions and discrepancies to their dossiers; a discrepancy of a
// dossier that no source holds any more makes one of its own.
func (r *Reader) attach(ctx context.Context, tx *sqlx.Tx, dossiers []Dossier, where string, args ...any) ([]Dossier, error) {
	find := func(key Key, code string) *Dossier {
		at, found := slices.BinarySearchFunc(dossiers, code, func(d Dossier, code string) int {
			return compareRows(&Row{key: d.Key, Code: d.Code}, &Row{key: key, Code: code})
		})
		if !found {
			dossiers = slices.Insert(dossiers, at, Dossier{Key: key, Code: code})
		}
		return &dossiers[at]
	}
	versions, err := r.versions(ctx, tx, where, args...)
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		d := find(v.key, v.Code)
		d.Versions = append(d.Versions, v)
	}
	discrepancies, err := r.store.selectDiscrepancies(ctx, tx, `WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(discrepancies, func(a, b reconcile.Discrepancy) int { return cmp.Compare(a.ID, b.ID) })
	for _, x := range discrepancies {
		d := find(KeyOf(x.Code), x.Code)
		d.Discrepancies = append(d.Discrepancies, x)
	}
	return dossiers, nil
}

type versionRow struct {
	ID        int64  `db:"id"`
	Key       int64  `db:"dossier_key"`
	Source    int64  `db:"source_id"`
	Code      string `db:"code"`
	Layout    int64  `db:"layout_id"`
	Fields    []byte `db:"fields"`
	SeenFrom  int64  `db:"seen_from"`
	SeenUntil int64  `db:"seen_until"`
	Gone      int    `db:"gone"`
}

func (r *Reader) versions(ctx context.Context, tx *sqlx.Tx, where string, args ...any) ([]StoredVersion, error) {
	var rows []versionRow
	query := `SELECT id, dossier_key, source_id, code, layout_id, fields, seen_from, seen_until, gone FROM row_versions WHERE ` + where
	if err := tx.SelectContext(ctx, &rows, r.store.bind(query), args...); err != nil {
		return nil, fmt.Errorf("versions: %w", err)
	}
	// Not by the database: it might go through all versions to have them in order.
	slices.SortFunc(rows, func(a, b versionRow) int { return cmp.Compare(a.ID, b.ID) })
	list := make([]StoredVersion, len(rows))
	for i, row := range rows {
		d := decoder{text: string(row.Fields)}
		values, _ := d.texts(nil)
		if d.failed || d.at != len(d.text) {
			return nil, fmt.Errorf("version of %s: %w", row.Code, errBlock)
		}
		list[i] = StoredVersion{
			StoredRow: StoredRow{Row: Row{Code: row.Code, Values: values, SeenFrom: row.SeenFrom, key: row.Key}, Source: r.names[row.Source], Layout: row.Layout},
			SeenUntil: row.SeenUntil, Gone: row.Gone != 0,
		}
	}
	return list, nil
}

// Aliases is every pair of a dossier's key and the key of another code of it.
func (s *Store) Aliases(ctx context.Context) ([][2]Key, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT DISTINCT dossier_key, alias_key FROM aliases`)
	if err != nil {
		return nil, fmt.Errorf("store: aliases: %w", err)
	}
	defer rows.Close() // rows.Err tells
	var pairs [][2]Key
	for rows.Next() {
		var pair [2]Key
		if err := rows.Scan(&pair[0], &pair[1]); err != nil {
			return nil, fmt.Errorf("store: aliases: %w", err)
		}
		pairs = append(pairs, pair)
	}
	return pairs, rows.Err()
}
