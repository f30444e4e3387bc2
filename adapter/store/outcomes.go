package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/klauspost/compress/s2"

	"github.com/doisoat/doisoat/reconcile"
)

// Class is what a dossier counts as: a department's, compared or not, under a
// department without a connected office or not.
type Class struct {
	Department string
	Compared   bool
	NotCovered bool
	// Holders are the ids of the sources that held it, as uvarints.
	Holders string
}

// Classified is one dossier's class, kept so that a run that looks at a thousand
// of a million dossiers knows what they counted as before.
type Classified struct {
	Key   Key
	Class Class
}

// ClassOf is the class of an outcome of what was stored.
func ClassOf(out *reconcile.Outcome, stored []*Dossier) Class {
	return Class{Department: out.Department, Compared: out.Compared, NotCovered: out.NotCovered, Holders: holdersOf(stored)}
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
	raw, err := decompress(data)
	if err != nil {
		return nil, err
	}
	d := decoder{text: string(raw)}
	var classes []Class
	for range d.uvarint() {
		flags, department, held := d.cut(1), d.string(), d.string()
		if d.failed {
			return nil, errBlock
		}
		classes = append(classes, Class{
			Compared: flags[0]&1 != 0, NotCovered: flags[0]&2 != 0, Department: strings.Clone(department), Holders: strings.Clone(held),
		})
	}
	if d.failed {
		return nil, errBlock
	}
	var list []Classified
	var key Key
	for d.at < len(d.text) {
		before := key
		key += Key(d.uvarint())
		number := d.uvarint()
		if d.failed || key < before || number >= uint64(len(classes)) {
			return nil, errBlock
		}
		list = append(list, Classified{Key: key, Class: classes[number]})
	}
	return list, nil
}

// settingOutcomeBits says how finely the outcome blocks cut the key space.
const settingOutcomeBits = "outcome_bits"

// replaceClasses puts what dossiers count as now in place of what the given keys
// counted as before, and tells what they counted as. keys and now must be in
// key order.
func (w *RunWriter) replaceClasses(ctx context.Context, bits uint, keys []Key, now []Classified) (before []Classified, err error) {
	if w.blocks != nil {
		if err := w.blocks.flush(ctx); err != nil {
			return nil, err
		}
	}
	blocks := w.store.bulk(w.tx, "outcome_blocks", "ON CONFLICT (id) DO UPDATE SET data = excluded.data", "id", "data")
	for len(keys) > 0 || len(now) > 0 {
		bucket := 1 << 62
		if len(keys) > 0 {
			bucket = bucketOf(keys[0], bits)
		}
		if len(now) > 0 {
			bucket = min(bucket, bucketOf(now[0].Key, bits))
		}
		in := func(k Key) bool { return bucketOf(k, bits) == bucket }
		k, n := 0, 0
		for k < len(keys) && in(keys[k]) {
			k++
		}
		for n < len(now) && in(now[n].Key) {
			n++
		}
		held, err := w.classes(ctx, bucket)
		if err != nil {
			return nil, err
		}
		kept := make([]Classified, 0, len(held)+n)
		for _, c := range held {
			if _, replaced := slices.BinarySearch(keys[:k], c.Key); replaced {
				before = append(before, c)
			} else {
				kept = append(kept, c)
			}
		}
		kept = append(kept, now[:n]...)
		slices.SortStableFunc(kept, func(a, b Classified) int {
			switch {
			case a.Key < b.Key:
				return -1
			case a.Key > b.Key:
				return 1
			}
			return 0
		})
		if !slices.Equal(kept, held) {
			if err := blocks.add(ctx, int64(bucket), packOutcomes(kept)); err != nil {
				return nil, err
			}
		}
		keys, now = keys[k:], now[n:]
	}
	return before, blocks.flush(ctx)
}

func (w *RunWriter) classes(ctx context.Context, bucket int) ([]Classified, error) {
	if w.readClasses == nil { // it goes with the transaction
		var err error
		if w.readClasses, err = w.tx.PreparexContext(ctx, w.store.bind(`SELECT data FROM outcome_blocks WHERE id = ?`)); err != nil {
			return nil, err
		}
	}
	var data [][]byte
	if err := w.readClasses.SelectContext(ctx, &data, bucket); err != nil {
		return nil, err
	}
	if len(data) == 0 {
		return nil, nil
	}
	list, err := unpackOutcomes(data[0])
	if err != nil {
		return nil, fmt.Errorf("outcome block %d: %w", bucket, err)
	}
	return list, nil
}
