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
	// hides are the places in the block of the rows that it holds under this key.
	hides []int
	rows  []Row
}

// packLoose encodes what stands under one key:
//
//	uvarint layout id, uvarint number of hidden rows, uvarint place of each, then
//	for each row its fingerprint and what appendRow makes of it
func packLoose(l *looseRows) []byte {
	b := binary.AppendUvarint(make([]byte, 0, 256), uint64(l.layout))
	b = binary.AppendUvarint(b, uint64(len(l.hides)))
	for _, at := range l.hides {
		b = binary.AppendUvarint(b, uint64(at))
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
	if n > uint64(len(data)) {
		return l, errBlock
	}
	for range n {
		at := d.uvarint()
		if at > maxBlock {
			return l, errBlock
		}
		l.hides = append(l.hides, int(at))
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
		if i-start != len(l.hides) || i > start && l.hides[0] != start {
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
	came := make(map[Key][]Row, len(keys))
	var packed []Key
	for _, key := range keys {
		n := 0
		for n < len(fresh) && fresh[n].key == key {
			n++
		}
		came[key], fresh = fresh[:n], fresh[n:]
		if _, loose := held[key]; !loose {
			packed = append(packed, key)
		}
	}
	if err := a.packedRows(ctx, packed, held); err != nil {
		return err
	}
	var several []Key
	for _, key := range packed {
		if n := len(held[key].rows); n > 1 || n == 1 && len(came[key]) > 1 {
			several = append(several, key)
		}
	}
	if err := a.packedPrints(ctx, several, held); err != nil {
		return err
	}
	for _, key := range keys {
		if err := a.keepLoose(ctx, held[key], key, came[key]); err != nil {
			return err
		}
	}
	return nil
}

// keepLoose merges what came under one key into what is held there.
func (a *application) keepLoose(ctx context.Context, l looseRows, key Key, came []Row) error {
	if len(came) == 1 && len(l.rows) == 1 && a.merger.unchanged(&l.rows[0], &came[0]) {
		return nil
	}
	out := a.merger.bucket(l.rows, nil, came)
	a.records += len(out.rows) - len(l.rows)
	a.repeated += out.repeated
	if out.same {
		return nil
	}
	if l.layout == 0 { // it was in the block so far
		a.loose++
	}
	l.layout, l.rows = a.in.layout, out.rows
	if err := a.looseRows.add(ctx, key, a.in.source.ID, packLoose(&l)); err != nil {
		return err
	}
	return a.account(ctx, &out)
}

// unchanged reports whether a row came again, by what the mapping reads of it. If
// something else changed in it, the next full poll takes that in.
func (m *merger) unchanged(old, now *Row) bool {
	return old.Code == now.Code && old.seenUntil == 0 && !old.Unreadable && m.equal(old, now)
}

// packedRows adds what the blocks hold under the given keys, without fingerprints:
// they stand elsewhere, and hardly any is needed.
func (a *application) packedRows(ctx context.Context, keys []Key, held map[Key]looseRows) error {
	var scratch []byte
	for len(keys) > 0 {
		ids, n := blocksOf(a.in.source, keys, askedTogether)
		asked := keys[:n]
		keys = keys[n:]
		err := a.eachOf(ctx, `SELECT id, data FROM record_blocks WHERE `, ids, func(data []byte) (err error) {
			place := -1
			scratch, err = unpackSome(data, scratch, func(k Key) bool {
				place++
				_, wanted := slices.BinarySearch(asked, k)
				return wanted
			}, func(_ int64, row Row) {
				l := held[row.key]
				l.rows, l.hides = append(l.rows, row), append(l.hides, place)
				held[row.key] = l
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// packedPrints adds their fingerprints to what packedRows found under some keys.
func (a *application) packedPrints(ctx context.Context, keys []Key, held map[Key]looseRows) error {
	for len(keys) > 0 {
		ids, n := blocksOf(a.in.source, keys, askedTogether)
		prints := make(map[int64][]byte, len(ids))
		if err := a.eachPrint(ctx, ids, prints); err != nil {
			return err
		}
		for _, key := range keys[:n] {
			l := held[key]
			data := prints[blockID(a.in.source.BlockSpace, bucketOf(key, a.in.source.BucketBits))]
			for i, at := range l.hides {
				if 8*at+8 > len(data) {
					return fmt.Errorf("fingerprints of bucket %d of %s: %w", bucketOf(key, a.in.source.BucketBits), a.in.source.Name, errBlock)
				}
				l.rows[i].Fingerprint = binary.LittleEndian.Uint64(data[8*at:])
			}
		}
		keys = keys[n:]
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
