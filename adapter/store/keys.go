package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"github.com/jmoiron/sqlx"
)

// ReadKeys reads the dossiers of these keys, which must be in order and differ.
//
// Each source would have to be asked for each key. But what the last comparison
// kept of a dossier says which sources held it, and what changed since is listed,
// so only those are read. joined tells the keys that aliases join: their
// dossiers are kept under one of them, so every source is asked for the others; nil
// joins none.
func (r *Reader) ReadKeys(ctx context.Context, keys []Key, joined func(Key) bool) (dossiers []Dossier, err error) {
	err = r.store.read(ctx, "dossiers", func(tx *sqlx.Tx) error {
		dossiers, err = r.readKeys(ctx, tx, keys, joined)
		return err
	})
	return dossiers, err
}

func (r *Reader) readKeys(ctx context.Context, tx *sqlx.Tx, keys []Key, joined func(Key) bool) ([]Dossier, error) {
	sources, err := r.now(ctx, tx)
	if err != nil {
		return nil, err
	}
	held, err := r.holders(ctx, tx, keys, joined)
	if err != nil {
		return nil, err
	}
	runs := make([][]StoredRow, 0, len(sources))
	for _, source := range sources {
		ask := keys
		if held != nil {
			ask = held.of(source.ID)
		}
		rows, err := r.rowsOf(ctx, tx, source, ask)
		if err != nil {
			return nil, err
		}
		runs = append(runs, rows)
	}
	dossiers := group(runs)
	for chunk := range slices.Chunk(keys, 500) {
		where, args, err := sqlx.In(`dossier_key IN (?)`, chunk)
		if err != nil {
			return nil, err
		}
		if dossiers, err = r.attach(ctx, tx, dossiers, where, args...); err != nil {
			return nil, err
		}
	}
	return dossiers, nil
}

// rowsOf reads the rows of a source under the given keys.
func (r *Reader) rowsOf(ctx context.Context, tx *sqlx.Tx, source sourceRow, keys []Key) ([]StoredRow, error) {
	var rows []StoredRow
	var scratch []byte
	for i := 0; i < len(keys); {
		var ids []int64
		start := i
		for ; i < len(keys) && len(ids) < 200; i++ {
			id := blockID(source.BlockSpace, bucketOf(keys[i], source.BucketBits))
			if len(ids) == 0 || ids[len(ids)-1] != id {
				ids = append(ids, id)
			}
		}
		query, args, err := sqlx.In(`SELECT id, data FROM record_blocks WHERE id IN (?) ORDER BY id`, ids)
		if err != nil {
			return nil, fmt.Errorf("rows of %s: %w", source.Name, err)
		}
		wanted := keys[start:i]
		err = r.eachBlock(ctx, tx, source, query, args, func(data []byte) (err error) {
			scratch, err = unpackSome(data, scratch, func(k Key) bool {
				_, ok := slices.BinarySearch(wanted, k)
				return ok
			}, func(layout int64, row Row) {
				rows = append(rows, StoredRow{Row: row, Source: source.Name, SourceID: source.ID, Layout: layout})
			})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(rows, func(a, b StoredRow) int { return compareRows(&a.Row, &b.Row) })
	return rows, nil
}

// holders tells which sources may hold which keys.
type holders struct {
	bySource   map[int64][]Key // in order
	everywhere []Key           // nothing is known of these; in order
}

// of is the keys to ask a source for, in order.
func (h *holders) of(source int64) []Key {
	keys := append(slices.Clone(h.everywhere), h.bySource[source]...)
	slices.Sort(keys)
	return slices.Compact(keys)
}

// holders looks up who may hold the keys. It returns nil where that is not known
// of any: nothing was compared yet, or too much changed since to be listed.
func (r *Reader) holders(ctx context.Context, tx *sqlx.Tx, keys []Key, joined func(Key) bool) (*holders, error) {
	settings := map[string]string{}
	rows, err := tx.QueryxContext(ctx, r.store.bind(`SELECT name, value FROM settings WHERE name IN (?, ?)`), settingCompareAll, settingOutcomeBits)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	defer rows.Close() // rows.Err tells
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, fmt.Errorf("settings: %w", err)
		}
		settings[name] = value
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	if settings[settingCompareAll] == "yes" || settings[settingOutcomeBits] == "" {
		return nil, nil
	}
	bits, err := strconv.ParseUint(settings[settingOutcomeBits], 10, 8)
	if err != nil {
		return nil, fmt.Errorf("setting %s: %w", settingOutcomeBits, err)
	}
	return r.lookUpHolders(ctx, tx, keys, uint(bits), joined)
}

func (r *Reader) lookUpHolders(ctx context.Context, tx *sqlx.Tx, keys []Key, bits uint, joined func(Key) bool) (*holders, error) {
	h := &holders{bySource: map[int64][]Key{}}
	kept, err := r.classesOf(ctx, tx, keys, bits)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		class, ok := kept[key]
		if !ok || joined != nil && joined(key) {
			h.everywhere = append(h.everywhere, key)
			continue
		}
		for _, source := range class.sources() {
			h.bySource[source] = append(h.bySource[source], key)
		}
	}
	for chunk := range slices.Chunk(keys, 500) {
		query, args, err := sqlx.In(`SELECT dossier_key, source_id FROM changed_dossiers WHERE dossier_key IN (?)`, chunk)
		if err != nil {
			return nil, err
		}
		var changed []struct {
			Key    Key   `db:"dossier_key"`
			Source int64 `db:"source_id"`
		}
		if err := tx.SelectContext(ctx, &changed, r.store.bind(query), args...); err != nil {
			return nil, fmt.Errorf("changed dossiers: %w", err)
		}
		for _, c := range changed {
			h.bySource[c.Source] = append(h.bySource[c.Source], c.Key)
		}
	}
	return h, nil
}

// classesOf is what the keys counted as when they were last compared.
func (r *Reader) classesOf(ctx context.Context, tx *sqlx.Tx, keys []Key, bits uint) (map[Key]Class, error) {
	found := make(map[Key]Class, len(keys))
	for chunk := range slices.Chunk(keys, 500) {
		var ids []int64
		for _, key := range chunk {
			if id := int64(bucketOf(key, bits)); len(ids) == 0 || ids[len(ids)-1] != id {
				ids = append(ids, id)
			}
		}
		query, args, err := sqlx.In(`SELECT data FROM outcome_blocks WHERE id IN (?)`, ids)
		if err != nil {
			return nil, err
		}
		var blocks [][]byte
		if err := tx.SelectContext(ctx, &blocks, r.store.bind(query), args...); err != nil {
			return nil, fmt.Errorf("outcomes: %w", err)
		}
		for _, data := range blocks {
			list, err := unpackOutcomes(data)
			if err != nil {
				return nil, err
			}
			for _, c := range list {
				if _, wanted := slices.BinarySearch(chunk, c.Key); wanted {
					class := c.Class
					class.Holders += found[c.Key].Holders // two codes may have one key
					found[c.Key] = class
				}
			}
		}
	}
	return found, nil
}

// holdersOf lists the sources whose rows make up a dossier, as Class keeps them.
func holdersOf(stored []*Dossier) string {
	var ids []int64
	for _, d := range stored {
		for i := range d.Rows {
			if id := d.Rows[i].SourceID; !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	slices.Sort(ids)
	var b []byte
	for _, id := range ids {
		b = binary.AppendUvarint(b, uint64(id))
	}
	return string(b)
}

// sources is the sources that held the dossier.
func (c Class) sources() []int64 {
	var ids []int64
	d := decoder{text: c.Holders}
	for d.at < len(d.text) && !d.failed {
		ids = append(ids, int64(d.uvarint()))
	}
	return ids
}
