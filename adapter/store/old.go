package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
)

// What a source held in the buckets that a poll changes is read some blocks at a
// time: on PostgreSQL a question each would cost more than all the rest.

// heldBlocks is how many blocks are read together.
const heldBlocks = 256

// heldBlock is a block as it is stored, and the loose rows of its bucket.
type heldBlock struct {
	data, prints []byte
	loose        []looseRows
}

// unpacked is a block without what is hidden, with the loose rows in place.
type unpacked struct {
	bucket int
	rows   []Row
	place  func(i int) int // the number that known gives to a row
	loose  bool            // some were loose
}

// fetch reads what the given buckets, which must be in order, come from.
func (a *application) fetch(ctx context.Context, todo []piece) error {
	clear(a.held)
	a.unpacked = unpacked{}
	if a.in.source.BlockSpace == 0 {
		return nil
	}
	first, last := a.oldBucket(todo[0].bucket), a.oldBucket(todo[len(todo)-1].bucket)
	var ids []int64
	for _, p := range todo {
		bucket := a.oldBucket(p.bucket)
		if a.in.known != nil {
			if from, to := a.in.known.bucket(bucket); from == to {
				continue
			}
		}
		if id := blockID(a.in.source.BlockSpace, bucket); len(ids) == 0 || ids[len(ids)-1] != id {
			ids = append(ids, id)
		}
	}
	err := a.eachHeld(ctx, ids, func(id int64, data, prints []byte) error {
		a.held[bucketOfBlock(id)] = heldBlock{data: slices.Clone(data), prints: slices.Clone(prints)}
		return nil
	})
	if err != nil {
		return err
	}
	bits := a.in.source.BucketBits
	return a.store.eachLoose(ctx, a.tx, a.in.source, looseBetween,
		[]any{firstKey(first, bits), firstKey(last, bits) + (1<<(keyBits-bits) - 1)}, func(l looseRows) {
			bucket := bucketOf(l.key, bits)
			block := a.held[bucket]
			block.loose = append(block.loose, l)
			a.held[bucket] = block
		})
}

// eachHeld gives blocks with their fingerprints, in any order. What it hands over
// is valid until do returns.
func (a *application) eachHeld(ctx context.Context, ids []int64, do func(id int64, data, prints []byte) error) error {
	if len(ids) == 0 {
		return nil
	}
	where, args := a.store.oneOf("r.id", ids)
	rows, err := a.tx.QueryContext(ctx, a.store.bind(`SELECT r.id, r.data, f.data FROM record_blocks r
		LEFT JOIN fingerprint_blocks f ON f.id = r.id WHERE `+where), args...)
	if err != nil {
		return fmt.Errorf("rows of %s: %w", a.in.source.Name, err)
	}
	defer rows.Close() // rows.Err tells
	var data, prints sql.RawBytes
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id, &data, &prints); err != nil {
			return fmt.Errorf("rows of %s: %w", a.in.source.Name, err)
		}
		if err := do(id, data, prints); err != nil {
			return fmt.Errorf("bucket %d of %s: %w", bucketOfBlock(id), a.in.source.Name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("rows of %s: %w", a.in.source.Name, err)
	}
	return nil
}

// eachOf gives the blocks that a question finds; what it hands over is valid until
// do returns.
func (a *application) eachOf(ctx context.Context, question string, ids []int64, do func(data []byte) error) error {
	where, args := a.store.oneOf("id", ids)
	return eachBlock(ctx, a.tx, a.in.source, a.store.bind(question+where), args, func(_ int64, data []byte) error { return do(data) })
}

// eachPrint collects fingerprints by block.
func (a *application) eachPrint(ctx context.Context, ids []int64, into map[int64][]byte) error {
	where, args := a.store.oneOf("id", ids)
	return eachBlock(ctx, a.tx, a.in.source, a.store.bind(`SELECT id, data FROM fingerprint_blocks WHERE `+where), args, func(id int64, data []byte) error {
		into[id] = slices.Clone(data)
		return nil
	})
}

// oldRows is what stood in a bucket, in today's layout, and the number that known
// gives to each row. What it returns is valid until it is asked for another bucket.
func (a *application) oldRows(ctx context.Context, bucket int) ([]Row, func(i int) int, error) {
	if a.unpacked.bucket != bucket || a.unpacked.place == nil {
		if err := a.unpack(ctx, bucket); err != nil {
			return nil, nil, fmt.Errorf("bucket %d of %s: %w", bucket, a.in.source.Name, err)
		}
	}
	return a.unpacked.rows, a.unpacked.place, nil
}

func (a *application) unpack(ctx context.Context, bucket int) error {
	block := a.held[bucket]
	var rows []Row
	layout := a.in.source.LayoutID
	if block.data != nil {
		var err error
		if layout, rows, err = unpackBlock(block.data); err != nil {
			return err
		}
		if err := unpackFingerprints(block.prints, rows); err != nil {
			return err
		}
	}
	from := 0
	if a.in.known != nil {
		var to int
		if from, to = a.in.known.bucket(bucket); len(rows) != to-from {
			return errBlock
		}
	}
	place := func(i int) int { return from + i }
	if len(block.loose) > 0 {
		all, places, hidden, err := inPlace(rows, block.loose)
		if err != nil {
			return err
		}
		rows = all
		if a.in.known != nil {
			a.unseen += hidden
			loose := a.in.known.placeOfLoose(block.loose[0].key)
			place = func(i int) int {
				if places[i] < 0 {
					return loose - 1 - places[i]
				}
				return from + places[i]
			}
		}
	}
	a.unpacked = unpacked{bucket, rows, place, len(block.loose) > 0}
	return a.relayout(ctx, layout, rows)
}

// relayout brings rows of a layout into today's. Their fingerprints are of what was
// read in that layout, and that is lost in part: when it is back, they must be read
// anew.
func (a *application) relayout(ctx context.Context, layout int64, rows []Row) error {
	if layout == a.in.layout {
		a.merger.common = nil
		return nil
	}
	positions, err := a.positions(ctx, layout)
	if err != nil {
		return err
	}
	a.merger.common = make([]int, 0, len(positions))
	for now, was := range positions {
		if was >= 0 {
			a.merger.common = append(a.merger.common, now)
		}
	}
	for i := range rows {
		rows[i].Fingerprint = noPrint
		if !rows[i].Unreadable {
			rows[i].Values = remapped(rows[i].Values, positions)
		}
	}
	return nil
}

// positions tells, for each input of today's layout, where it stood in another.
func (a *application) positions(ctx context.Context, layout int64) ([]int, error) {
	if p, ok := a.remap[layout]; ok {
		return p, nil
	}
	layouts, err := a.store.layoutInputs(ctx, a.tx, a.in.source.ID)
	if err != nil {
		return nil, err
	}
	p := inputPositions(layouts[layout], layouts[a.in.layout])
	a.remap[layout] = p
	return p, nil
}

func inputPositions(was, now []string) []int {
	positions := make([]int, len(now))
	for i, name := range now {
		positions[i] = -1
		for j, old := range was {
			if old == name {
				positions[i] = j
			}
		}
	}
	return positions
}

func remapped(values []string, positions []int) []string {
	out := make([]string, len(positions))
	for i, at := range positions {
		if at >= 0 && at < len(values) {
			out[i] = values[at]
		}
	}
	return out
}
