package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
)

// Rewriting a block for each row that an incremental poll brings would write a
// hundred times what changed. So what such a poll changes stands by itself, in
// loose_rows, in place of the rows that the blocks hold under the same keys. The
// next full poll puts it into the blocks, or an incremental one where it has become
// much.

// looseUpTo is how many keys of a source that has so many rows may be loose.
func looseUpTo(rows int) int { return max(1<<12, rows/4) }

// The ends of questions for loose rows, in the order of their keys.
const (
	looseAll     = `ORDER BY dossier_key`
	looseBetween = `AND dossier_key BETWEEN ? AND ? ORDER BY dossier_key`
)

// askedTogether is how many keys or blocks one question is about.
const askedTogether = 500

// looseRows is what a source holds under one key, where that is loose. There is
// one row at least.
type looseRows struct {
	key    Key
	layout int64
	// hides are the fingerprints of the rows that the block holds under this key.
	hides []uint64
	rows  []Row
}

// packLoose encodes what stands under one key:
//
//	uvarint layout id, uvarint number of hidden rows, their fingerprints, then
//	for each row its fingerprint and what appendRow makes of it
func packLoose(l *looseRows) []byte {
	b := binary.AppendUvarint(make([]byte, 0, 256), uint64(l.layout))
	b = binary.AppendUvarint(b, uint64(len(l.hides)))
	for _, p := range l.hides {
		b = binary.LittleEndian.AppendUint64(b, p)
	}
	for i := range l.rows {
		b = binary.LittleEndian.AppendUint64(b, l.rows[i].Fingerprint)
		b = appendRow(b, &l.rows[i])
	}
	return b
}

func unpackLoose(key Key, data []byte) (looseRows, error) {
	d := decoder{text: string(data)}
	l := looseRows{key: key, layout: int64(d.uvarint())}
	n := d.uvarint()
	if n > uint64(len(data)/8) {
		return l, errBlock
	}
	for range n {
		l.hides = append(l.hides, d.fingerprint())
	}
	for d.at < len(d.text) && !d.failed {
		row := Row{Fingerprint: d.fingerprint()}
		d.row(&row, nil)
		if row.key != key {
			return l, errBlock
		}
		l.rows = append(l.rows, row)
	}
	if d.failed || len(l.rows) == 0 {
		return l, errBlock
	}
	return l, nil
}

// eachLoose gives a source's loose rows; rest is what its question ends with.
func (s *Store) eachLoose(ctx context.Context, db sqlx.QueryerContext, source sourceRow, rest string, args []any, do func(l looseRows)) error {
	if source.Loose == 0 {
		return nil
	}
	rows, err := db.QueryContext(ctx, s.bind(`SELECT dossier_key, data FROM loose_rows WHERE source_id = ? `+rest),
		append([]any{source.ID}, args...)...)
	if err != nil {
		return fmt.Errorf("loose rows of %s: %w", source.Name, err)
	}
	defer rows.Close() // rows.Err tells
	var data []byte
	for rows.Next() {
		var key Key
		if err := rows.Scan(&key, &data); err != nil {
			return fmt.Errorf("loose rows of %s: %w", source.Name, err)
		}
		l, err := unpackLoose(key, data)
		if err != nil {
			return fmt.Errorf("loose rows of %s under key %d: %w", source.Name, key, err)
		}
		do(l)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("loose rows of %s: %w", source.Name, err)
	}
	return nil
}

// looseOf is the loose rows under the given keys.
func (s *Store) looseOf(ctx context.Context, db sqlx.QueryerContext, source sourceRow, keys []Key) (map[Key]looseRows, error) {
	found := map[Key]looseRows{}
	if source.Loose == 0 {
		return found, nil
	}
	for chunk := range slices.Chunk(keys, askedTogether) {
		where, args := s.oneOf("dossier_key", chunk)
		if err := s.eachLoose(ctx, db, source, "AND "+where, args, func(l looseRows) { found[l.key] = l }); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// inPlace puts loose rows in place of what a block holds under their keys; both in
// key order. It tells the place of each row in rows, or, of loose ones, minus one
// minus its place among the loose ones; and how many rows are hidden.
func inPlace(rows []Row, loose []looseRows) (out []Row, places []int, hidden int, err error) {
	out, places = make([]Row, 0, len(rows)+len(loose)), make([]int, 0, len(rows)+len(loose))
	i, n := 0, 0
	for _, l := range loose {
		for ; i < len(rows) && rows[i].key < l.key; i++ {
			out, places = append(out, rows[i]), append(places, i)
		}
		start := i
		for i < len(rows) && rows[i].key == l.key {
			i++
		}
		if i-start != len(l.hides) {
			return nil, nil, 0, errBlock
		}
		hidden += i - start
		for _, row := range l.rows {
			n++
			out, places = append(out, row), append(places, -n)
		}
	}
	for ; i < len(rows); i++ {
		out, places = append(out, rows[i]), append(places, i)
	}
	return out, places, hidden, nil
}

// oneByOne merges the dossiers that a poll brings something of, and keeps what
// changed loose.
func (a *application) oneByOne(ctx context.Context) error {
	fresh, err := a.in.spill.take(0, spillParts)
	if err != nil {
		return err
	}
	for len(fresh) > 0 {
		var keys []Key
		n := 0
		for ; n < len(fresh); n++ {
			if len(keys) > 0 && keys[len(keys)-1] == fresh[n].key {
				continue
			}
			if len(keys) == askedTogether {
				break
			}
			keys = append(keys, fresh[n].key)
		}
		if err := a.some(ctx, keys, fresh[:n]); err != nil {
			return err
		}
		fresh = fresh[n:]
	}
	return nil
}

// some merges the dossiers of some keys, each of which something fresh came for.
func (a *application) some(ctx context.Context, keys []Key, fresh []Row) error {
	held, err := a.store.looseOf(ctx, a.tx, a.in.source, keys)
	if err != nil {
		return err
	}
	var packed []Key
	for _, key := range keys {
		if _, loose := held[key]; !loose {
			packed = append(packed, key)
		}
	}
	if err := a.packedRows(ctx, packed, held); err != nil {
		return err
	}
	for _, key := range keys {
		n := 0
		for n < len(fresh) && fresh[n].key == key {
			n++
		}
		l := held[key]
		out := a.merger.bucket(l.rows, nil, fresh[:n])
		fresh = fresh[n:]
		a.records += len(out.rows) - len(l.rows)
		a.repeated += out.repeated
		if out.same {
			continue
		}
		if !l.loose() {
			for i := range l.rows {
				l.hides = append(l.hides, l.rows[i].Fingerprint)
			}
			a.loose++
		}
		l.layout, l.rows = a.in.layout, out.rows
		if err := a.looseRows.add(ctx, key, a.in.source.ID, packLoose(&l)); err != nil {
			return err
		}
		if err := a.account(ctx, &out); err != nil {
			return err
		}
	}
	return nil
}

// loose reports whether the rows stand by themselves already; layout is 0 of
// what packedRows found.
func (l *looseRows) loose() bool { return l.layout != 0 }

// packedRows adds what the blocks hold under the given keys.
func (a *application) packedRows(ctx context.Context, keys []Key, held map[Key]looseRows) error {
	var scratch []byte
	for len(keys) > 0 {
		ids, n := blocksOf(a.in.source, keys, askedTogether)
		asked := keys[:n]
		keys = keys[n:]
		err := a.eachHeld(ctx, ids, func(id int64, data, prints []byte) error {
			count := 0
			raw, err := unpackSome(data, scratch, func(k Key) bool {
				count++
				_, wanted := slices.BinarySearch(asked, k)
				return wanted
			}, func(_ int64, row Row) {
				if 8*count <= len(prints) {
					row.Fingerprint = binary.LittleEndian.Uint64(prints[8*(count-1):])
				}
				l := held[row.key]
				l.rows = append(l.rows, row)
				held[row.key] = l
			})
			scratch = raw
			if err == nil && len(prints) != 8*count {
				err = errBlock
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// blocksOf is the blocks that some keys are in, in order, at most so many, and how
// many of the keys that covers.
func blocksOf(source sourceRow, keys []Key, limit int) (ids []int64, n int) {
	for ; n < len(keys); n++ {
		id := blockID(source.BlockSpace, bucketOf(keys[n], source.BucketBits))
		if len(ids) > 0 && ids[len(ids)-1] == id {
			continue
		}
		if len(ids) == limit {
			break
		}
		ids = append(ids, id)
	}
	return ids, n
}
