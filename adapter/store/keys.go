package store

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
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

// ReadRows is ReadKeys without versions and discrepancies: only dossiers that a source
// holds now are there.
func (r *Reader) ReadRows(ctx context.Context, keys []Key, joined func(Key) bool) (dossiers []Dossier, err error) {
	err = r.store.read(ctx, "dossiers", func(tx *sqlx.Tx) error {
		dossiers, err = r.readRows(ctx, tx, keys, joined)
		return err
	})
	return dossiers, err
}

func (r *Reader) readKeys(ctx context.Context, tx *sqlx.Tx, keys []Key, joined func(Key) bool) ([]Dossier, error) {
	dossiers, err := r.readRows(ctx, tx, keys, joined)
	if err != nil {
		return nil, err
	}
	for chunk := range slices.Chunk(keys, askedTogether) {
		where, args := r.store.oneOf("dossier_key", chunk)
		if dossiers, err = r.attach(ctx, tx, dossiers, where, args...); err != nil {
			return nil, err
		}
	}
	return dossiers, nil
}

func (r *Reader) readRows(ctx context.Context, tx *sqlx.Tx, keys []Key, joined func(Key) bool) ([]Dossier, error) {
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
	return group(runs), nil
}

// rowsOf reads the rows of a source under the given keys.
func (r *Reader) rowsOf(ctx context.Context, tx *sqlx.Tx, source sourceRow, keys []Key) ([]StoredRow, error) {
	loose, err := r.store.looseOf(ctx, tx, source, keys)
	if err != nil {
		return nil, err
	}
	var rows []StoredRow
	packed := keys
	if len(loose) > 0 {
		packed = make([]Key, 0, len(keys))
		for _, key := range keys {
			l, ok := loose[key]
			if !ok {
				packed = append(packed, key)
			}
			for _, row := range l.rows {
				rows = append(rows, StoredRow{Row: row, Source: source.Name, SourceID: source.ID, Layout: l.layout})
			}
		}
	}
	var scratch []byte
	for len(packed) > 0 {
		ids, n := blocksOf(source, packed, askedTogether)
		wanted := packed[:n]
		packed = packed[n:]
		where, args := r.store.oneOf("id", ids)
		err := eachBlock(ctx, tx, source, r.store.bind(`SELECT id, data FROM record_blocks WHERE `+where), args, func(_ int64, data []byte) (err error) {
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
	kept, err := r.store.classesOf(ctx, tx, keys, bits)
	if err != nil {
		return nil, err
	}
	r.lookedUp(keys, kept)
	for _, key := range keys {
		classes := kept[key]
		if len(classes) == 0 || joined != nil && joined(key) {
			h.everywhere = append(h.everywhere, key)
			continue
		}
		for _, class := range classes { // two codes may have one key
			for _, row := range class.held() {
				list := h.bySource[row.SourceID]
				if len(list) == 0 || list[len(list)-1] != key {
					h.bySource[row.SourceID] = append(list, key)
				}
			}
		}
	}
	for chunk := range slices.Chunk(keys, askedTogether) {
		where, args := r.store.oneOf("dossier_key", chunk)
		var changed []struct {
			Key    Key   `db:"dossier_key"`
			Source int64 `db:"source_id"`
		}
		if err := tx.SelectContext(ctx, &changed, r.store.bind(`SELECT dossier_key, source_id FROM changed_dossiers WHERE `+where), args...); err != nil {
			return nil, fmt.Errorf("changed dossiers: %w", err)
		}
		for _, c := range changed {
			h.bySource[c.Source] = append(h.bySource[c.Source], c.Key)
		}
	}
	return h, nil
}

// lookedUp remembers what dossiers counted as, for a run that asked for it.
func (r *Reader) lookedUp(keys []Key, classes map[Key][]Class) {
	if !r.followed.Load() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.classes == nil {
		r.classes = map[Key][]Class{}
	}
	for _, key := range keys {
		r.classes[key] = classes[key]
	}
}

// classesOnce gives what is remembered of keys, if it is of all, and forgets it.
func (r *Reader) classesOnce(keys []Key) (map[Key][]Class, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found, all := make(map[Key][]Class, len(keys)), true
	for _, key := range keys {
		classes, ok := r.classes[key]
		found[key], all = classes, all && ok
		delete(r.classes, key)
	}
	return found, all
}

// holdersOf packs the rows that make up a dossier, as Class keeps them.
func holdersOf(rows []Held) string {
	slices.SortFunc(rows, func(a, b Held) int {
		return cmp.Or(cmp.Compare(a.SourceID, b.SourceID), cmp.Compare(a.Status, b.Status))
	})
	b := make([]byte, 0, 16)
	for _, row := range rows {
		b = binary.AppendUvarint(b, uint64(row.SourceID))
		b = binary.AppendUvarint(b, uint64(slices.Index(reconcile.Statuses, row.Status)+1))
	}
	return string(b)
}

// held is the rows that made up the dossier.
func (c Class) held() []Held {
	rows := make([]Held, 0, 2)
	d := decoder{text: c.Holders}
	for d.at < len(d.text) && !d.failed {
		row := Held{SourceID: int64(d.uvarint())}
		if n := int(d.uvarint()); n > 0 && n <= len(reconcile.Statuses) {
			row.Status = reconcile.Statuses[n-1]
		}
		rows = append(rows, row)
	}
	return rows
}
