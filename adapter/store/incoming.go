package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cespare/xxhash/v2"
	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// Layout says what the values of a source's rows are.
type Layout struct {
	// Digest changes whenever the inputs, or the way codes are read, change.
	Digest string
	Inputs []string
}

// SourceRef names a source.
type SourceRef struct {
	Name   string
	Side   reconcile.Side
	Layout Layout
}

// Incoming takes what one poll reads, until Finish decides what becomes of it.
// It is not safe for concurrent use.
type Incoming struct {
	store  *Store
	source sourceRow
	layout int64
	// previous is the last accepted full snapshot, nil for the first.
	previous *reconcile.Snapshot
	known    *known
	spill    *spill
	rejected []reconcile.Rejected
	counts   counts
	seed     uint64
	// departmentOf counts rows that are gone: it maps raw values to a department.
	departmentOf func(values []string) string
}

type counts struct{ rows, repeated, rejected, skipped int }

type sourceRow struct {
	ID         int64  `db:"id"`
	Name       string `db:"name"`
	Side       string `db:"side"`
	LayoutID   int64  `db:"layout_id"`
	BlockSpace int64  `db:"block_space"`
	BucketBits uint   `db:"bucket_bits"`
	SnapshotID int64  `db:"snapshot_id"`
	FullID     int64  `db:"full_id"`
}

const sourceColumns = `id, name, side, layout_id, block_space, bucket_bits, snapshot_id, full_id`

// Begin prepares to take in a poll of a source. departmentOf maps a stored row's
// raw values to the department it counts for.
func (s *Store) Begin(ctx context.Context, ref SourceRef, departmentOf func(values []string) string) (*Incoming, error) {
	in := &Incoming{
		store: s, spill: newSpill(s.tempDir), departmentOf: departmentOf,
		seed: s.seed ^ xxhash.Sum64String(ref.Layout.Digest),
	}
	err := s.write(ctx, "source "+ref.Name, func(tx *sqlx.Tx) error {
		var err error
		if in.source, err = s.ensureSource(ctx, tx, ref); err != nil {
			return err
		}
		in.layout, err = s.ensureLayout(ctx, tx, in.source.ID, ref.Layout)
		return err
	})
	if err != nil {
		return nil, err
	}
	if in.previous, err = s.snapshotByID(ctx, in.source.FullID); err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	if in.known, err = s.readKnown(ctx, in.source); err != nil {
		return nil, err
	}
	if in.layout == in.source.LayoutID {
		in.known.index()
	} else {
		in.known.unindexed() // another layout: every row has to be read anew
	}
	return in, nil
}

func (s *Store) ensureSource(ctx context.Context, tx *sqlx.Tx, ref SourceRef) (sourceRow, error) {
	var rows []sourceRow
	query := s.bind(`SELECT ` + sourceColumns + ` FROM sources WHERE name = ?`)
	if err := tx.SelectContext(ctx, &rows, query, ref.Name); err != nil {
		return sourceRow{}, err
	}
	if len(rows) > 0 {
		if rows[0].Side != string(ref.Side) {
			return sourceRow{}, fmt.Errorf("it was the %s before and is the %s now; give it another name", rows[0].Side, ref.Side)
		}
		return rows[0], nil
	}
	id, err := s.insertID(ctx, tx, `INSERT INTO sources (name, side) VALUES (?, ?)`, ref.Name, string(ref.Side))
	return sourceRow{ID: id, Name: ref.Name, Side: string(ref.Side)}, err
}

func (s *Store) ensureLayout(ctx context.Context, tx *sqlx.Tx, source int64, l Layout) (int64, error) {
	var ids []int64
	if err := tx.SelectContext(ctx, &ids, s.bind(`SELECT id FROM layouts WHERE source_id = ? AND digest = ?`), source, l.Digest); err != nil {
		return 0, err
	}
	if len(ids) > 0 {
		return ids[0], nil
	}
	inputs, err := json.Marshal(l.Inputs)
	if err != nil {
		return 0, err
	}
	return s.insertID(ctx, tx, `INSERT INTO layouts (source_id, digest, inputs) VALUES (?, ?, ?)`, source, l.Digest, string(inputs))
}

func (s *Store) readKnown(ctx context.Context, source sourceRow) (*known, error) {
	buckets := 1 << source.BucketBits
	k := newKnown(buckets)
	if source.BlockSpace == 0 {
		return k, nil
	}
	rows, err := s.reader.QueryContext(ctx, s.bind(`SELECT id, data FROM fingerprint_blocks WHERE id >= ? AND id < ? ORDER BY id`),
		blockID(source.BlockSpace, 0), blockID(source.BlockSpace+1, 0))
	if err != nil {
		return nil, fmt.Errorf("store: fingerprints of %s: %w", source.Name, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err tells
	for next := 0; rows.Next(); next++ {
		var id int64
		var data []byte
		if err := rows.Scan(&id, &data); err != nil {
			return nil, fmt.Errorf("store: fingerprints of %s: %w", source.Name, err)
		}
		for ; next < bucketOfBlock(id); next++ {
			k.addBucket(nil)
		}
		k.addBucket(data)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("store: fingerprints of %s: %w", source.Name, err)
	}
	for len(k.starts) <= buckets {
		k.addBucket(nil)
	}
	return k, nil
}

// Seed is what row fingerprints of this poll must start from.
func (in *Incoming) Seed() uint64 { return in.seed }

// Previous is the last accepted full snapshot; nil if there is none.
func (in *Incoming) Previous() *reconcile.Snapshot { return in.previous }

// Seen is reconcile.Sink's Seen.
func (in *Incoming) Seen(fingerprint uint64) bool {
	there, again := in.known.see(fingerprint)
	if there {
		in.counts.rows++
	}
	if again {
		in.counts.repeated++
	}
	return there
}

// Add takes a new row. It copies what it keeps.
func (in *Incoming) Add(r *Row) error {
	in.counts.rows++
	r.key = KeyOf(r.Code)
	return in.spill.add(r)
}

// maxRejected bounds what is kept of the rejected rows of one snapshot; all are counted.
const maxRejected = 10000

// Reject takes a row that cannot be used.
func (in *Incoming) Reject(r reconcile.Rejected) error {
	in.counts.rejected++
	if len(in.rejected) < maxRejected {
		in.rejected = append(in.rejected, r)
	}
	if r.Code == "" {
		return nil
	}
	return in.spill.add(&Row{Code: r.Code, Unreadable: true, key: KeyOf(r.Code)})
}

// Skip counts a row that is no record.
func (in *Incoming) Skip() { in.counts.skipped++ }

// Counts is how many rows came so far: taken in, rejected, skipped.
func (in *Incoming) Counts() (rows, rejected, skipped int) {
	return in.counts.rows, in.counts.rejected, in.counts.skipped
}

// Close releases what the poll set aside.
func (in *Incoming) Close() error { return in.spill.close() }
