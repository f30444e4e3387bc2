package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
	"github.com/klauspost/compress/s2"

	"github.com/doisoat/doisoat/reconcile"
)

// Class is what a dossier counts as: a department's, compared or not, under a
// department without a connected office or not.
type Class struct {
	Department string
	Compared   bool
	NotCovered bool
	// Holders are the sources that held it, and how often with which status: ids
	// and places in reconcile.Statuses (counted from 1, 0 being unmapped), in
	// pairs of uvarints.
	Holders string
}

// Held is one row that made up a dossier: its source and its status, "" where
// the mapping does not know it or the row could not be read.
type Held struct {
	SourceID int64
	Status   reconcile.Status
}

// Classified is one dossier's class, kept so that a run that looks at a thousand
// of a million dossiers knows what they counted as before.
type Classified struct {
	Key   Key
	Class Class
}

// ClassOf is the class of an outcome and of the rows that it comes from. It sorts
// them.
func ClassOf(out *reconcile.Outcome, rows []Held) Class {
	return Class{Department: out.Department, Compared: out.Compared, NotCovered: out.NotCovered, Holders: holdersOf(rows)}
}

// packOutcomes encodes classified dossiers, which must be in key order: the
// classes that occur, then for each dossier its key's distance from the one
// before and the number of its class.
func packOutcomes(list []Classified) []byte {
	var classes []Class
	numbers := make([]int, len(list))
	for i := range list {
		at := slices.Index(classes, list[i].Class)
		if at < 0 {
			at = len(classes)
			classes = append(classes, list[i].Class)
		}
		numbers[i] = at
	}
	raw := binary.AppendUvarint(nil, uint64(len(classes)))
	for _, c := range classes {
		raw = append(raw, byte(boolInt(c.Compared)|boolInt(c.NotCovered)<<1))
		raw = appendText(raw, c.Department)
		raw = appendText(raw, c.Holders)
	}
	var before Key
	for i := range list {
		raw = binary.AppendUvarint(raw, uint64(list[i].Key-before))
		raw = binary.AppendUvarint(raw, uint64(numbers[i]))
		before = list[i].Key
	}
	return s2.Encode(nil, raw)
}

func unpackOutcomes(data []byte) ([]Classified, error) {
	var list []Classified
	_, err := unpackSomeOutcomes(data, nil, func(Key) bool { return true }, func(c Classified) { list = append(list, c) })
	return list, err
}

// unpackSomeOutcomes gives the dossiers of a block that wanted lets through.
// scratch is memory to work in; it is returned for the next call.
func unpackSomeOutcomes(data, scratch []byte, wanted func(Key) bool, take func(Classified)) ([]byte, error) {
	if n, err := s2.DecodedLen(data); err != nil || n > maxBlock {
		return scratch, errBlock
	}
	raw, err := s2.Decode(scratch[:cap(scratch)], data)
	if err != nil {
		return scratch, fmt.Errorf("%w: %w", errBlock, err)
	}
	d := skimmer{raw: raw}
	type class struct {
		flags            byte
		department, held []byte
	}
	var few [64]class
	classes := few[:0]
	for n := d.uvarint(); n > 0 && !d.failed; n-- {
		classes = append(classes, class{d.byte(), d.text(), d.text()})
	}
	var key Key
	for !d.failed && d.at < len(raw) {
		before := key
		key += Key(d.uvarint())
		number := d.uvarint()
		if d.failed || key < before || number >= uint64(len(classes)) {
			return raw, errBlock
		}
		if wanted(key) {
			c := &classes[number]
			take(Classified{Key: key, Class: Class{Compared: c.flags&1 != 0, NotCovered: c.flags&2 != 0, Department: string(c.department), Holders: string(c.held)}})
		}
	}
	if d.failed {
		return raw, errBlock
	}
	return raw, nil
}

// settingOutcomeBits says how finely the outcome blocks cut the key space.
const settingOutcomeBits = "outcome_bits"

// packClasses encodes what is loose under one key: classes, one after the other;
// none where the dossier is gone.
func packClasses(list []Class) []byte {
	b := make([]byte, 0, 64)
	for _, c := range list {
		b = append(b, byte(boolInt(c.Compared)|boolInt(c.NotCovered)<<1))
		b = appendText(b, c.Department)
		b = appendText(b, c.Holders)
	}
	return b
}

func unpackClasses(data []byte) ([]Class, error) {
	var list []Class
	d := decoder{text: string(data)}
	for d.at < len(d.text) {
		flags, department, held := d.cut(1), d.string(), d.string()
		if d.failed {
			return nil, errBlock
		}
		list = append(list, Class{Compared: flags[0]&1 != 0, NotCovered: flags[0]&2 != 0, Department: department, Holders: held})
	}
	return list, nil
}

// classesOf is what the keys, which must be in order, counted as when they were
// last compared.
func (s *Store) classesOf(ctx context.Context, tx *sqlx.Tx, keys []Key, bits uint) (map[Key][]Class, error) {
	found := make(map[Key][]Class, len(keys))
	for chunk := range slices.Chunk(keys, askedTogether) {
		if err := s.looseClasses(ctx, tx, chunk, found); err != nil {
			return nil, err
		}
		var ids []int64
		for _, key := range chunk {
			if _, loose := found[key]; loose {
				continue
			}
			if id := int64(bucketOf(key, bits)); len(ids) == 0 || ids[len(ids)-1] != id {
				ids = append(ids, id)
			}
		}
		if err := s.packedClasses(ctx, tx, ids, chunk, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (s *Store) looseClasses(ctx context.Context, tx *sqlx.Tx, keys []Key, found map[Key][]Class) error {
	where, args := s.oneOf("dossier_key", keys)
	rows, err := tx.QueryContext(ctx, s.bind(`SELECT dossier_key, data FROM loose_outcomes WHERE `+where), args...)
	if err != nil {
		return fmt.Errorf("outcomes: %w", err)
	}
	defer rows.Close() // rows.Err tells
	for rows.Next() {
		var key Key
		var data sql.RawBytes
		if err := rows.Scan(&key, &data); err != nil {
			return fmt.Errorf("outcomes: %w", err)
		}
		if found[key], err = unpackClasses(data); err != nil {
			return fmt.Errorf("outcome of key %d: %w", key, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("outcomes: %w", err)
	}
	return nil
}

// packedClasses adds what the blocks say of the keys that nothing was found of.
func (s *Store) packedClasses(ctx context.Context, tx *sqlx.Tx, ids []int64, keys []Key, found map[Key][]Class) error {
	if len(ids) == 0 {
		return nil
	}
	where, args := s.oneOf("id", ids)
	rows, err := tx.QueryContext(ctx, s.bind(`SELECT id, data FROM outcome_blocks WHERE `+where), args...)
	if err != nil {
		return fmt.Errorf("outcomes: %w", err)
	}
	defer rows.Close() // rows.Err tells
	packed := map[Key][]Class{}
	var data sql.RawBytes
	var scratch []byte
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id, &data); err != nil {
			return fmt.Errorf("outcomes: %w", err)
		}
		scratch, err = unpackSomeOutcomes(data, scratch, func(k Key) bool {
			_, wanted := slices.BinarySearch(keys, k)
			return wanted
		}, func(c Classified) { packed[c.Key] = append(packed[c.Key], c.Class) })
		if err != nil {
			return fmt.Errorf("outcome block %d: %w", id, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("outcomes: %w", err)
	}
	for key, classes := range packed {
		if _, loose := found[key]; !loose {
			found[key] = classes
		}
	}
	return nil
}

// replaceClasses puts what dossiers count as now in place of what the given keys
// counted as before, and tells what they counted as. keys and now must be in
// key order.
func (w *RunWriter) replaceClasses(ctx context.Context, bits uint, keys []Key, now []Classified) (before []Class, err error) {
	if w.blocks != nil {
		if err := w.blocks.flush(ctx); err != nil {
			return nil, err
		}
	}
	all := slices.Clone(keys)
	for i := range now {
		all = append(all, now[i].Key)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	var held map[Key][]Class
	known := false
	if w.reader != nil && w.blocks == nil {
		held, known = w.reader.classesOnce(all)
	}
	if !known {
		if held, err = w.store.classesOf(ctx, w.tx, all, bits); err != nil {
			return nil, err
		}
	}
	loose := w.store.bulk(w.tx, "loose_outcomes", "ON CONFLICT (dossier_key) DO UPDATE SET data = excluded.data", "dossier_key", "data")
	for _, key := range all {
		var after []Class
		if _, looked := slices.BinarySearch(keys, key); looked {
			before = append(before, held[key]...)
		} else {
			after = slices.Clone(held[key])
		}
		for len(now) > 0 && now[0].Key == key {
			after = append(after, now[0].Class)
			now = now[1:]
		}
		if slices.Equal(after, held[key]) {
			continue
		}
		if err := loose.add(ctx, key, packClasses(after)); err != nil {
			return nil, err
		}
	}
	return before, loose.flush(ctx)
}
