package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

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
	// previous is the last accepted snapshot, nil for the first; fullAt the start
	// of the last accepted full one, 0 if there is none.
	previous *reconcile.Snapshot
	fullAt   int64
	// known is what the source holds; nil for an incremental poll, which finds out
	// where its rows are merged.
	known    *known
	spill    *spill
	rejected []reconcile.Rejected
	counts   counts
	seed     uint64
	some     bool  // not a full poll
	newest   int64 // latest moment of change that a row told; UTC milliseconds
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
	Loose      int    `db:"loose"` // keys in loose_rows
}

const sourceColumns = `id, name, side, layout_id, block_space, bucket_bits, snapshot_id, full_id, loose`

// Begin prepares to take in a poll of a source. departmentOf maps a stored row's
// raw values to the department it counts for.
func (s *Store) Begin(ctx context.Context, ref SourceRef, departmentOf func(values []string) string) (*Incoming, error) {
	return s.begin(ctx, ref, departmentOf, false)
}

// BeginIncremental is Begin for a poll of some rows, however many the source
// holds: what is held is looked up for those rows only. Finish takes every mode
// but full then, and Seen reports false for rows that are held, too.
func (s *Store) BeginIncremental(ctx context.Context, ref SourceRef, departmentOf func(values []string) string) (*Incoming, error) {
	return s.begin(ctx, ref, departmentOf, true)
}

func (s *Store) begin(ctx context.Context, ref SourceRef, departmentOf func(values []string) string, some bool) (*Incoming, error) {
	in := &Incoming{
		store: s, spill: newSpill(s.tempDir), departmentOf: departmentOf,
		seed: s.seed ^ xxhash.Sum64String(ref.Layout.Digest), some: some,
	}
	what := "source " + ref.Name
	err := s.read(ctx, what, func(tx *sqlx.Tx) error { return in.load(ctx, tx, ref) })
	if errors.Is(err, errNew) {
		// Only what is new is written, so that a poll need not wait for a writer.
		err = s.write(ctx, what, func(tx *sqlx.Tx) error { return s.introduce(ctx, tx, ref) })
		if err == nil {
			err = s.read(ctx, what, func(tx *sqlx.Tx) error { return in.load(ctx, tx, ref) })
		}
	}
	if err != nil {
		return nil, err
	}
	return in, nil
}

// errNew says that a source or its layout is not known yet.
var errNew = errors.New("new")

// load reads what the source holds, all as of one moment.
func (in *Incoming) load(ctx context.Context, tx *sqlx.Tx, ref SourceRef) error {
	s := in.store
	sources, layouts, err := s.findSource(ctx, tx, ref)
	switch {
	case err != nil:
		return err
	case len(sources) == 0 || len(layouts) == 0:
		return errNew
	}
	in.source, in.layout = sources[0], layouts[0]
	if err := in.loadPrevious(ctx, tx); err != nil {
		return err
	}
	if in.some {
		return nil
	}
	// In another layout every row has to be read anew.
	in.known, err = s.readKnown(ctx, tx, in.source, in.heldRows(), in.layout == in.source.LayoutID)
	if err == nil && in.previous != nil && in.known.holds() != in.previous.Records {
		err = fmt.Errorf("%d rows stand in its blocks, %d when snapshot %d was accepted: %w",
			in.known.holds(), in.previous.Records, in.previous.ID, errBlock)
	}
	return err
}

func (in *Incoming) loadPrevious(ctx context.Context, tx *sqlx.Tx) error {
	for _, id := range []int64{in.source.FullID, in.source.SnapshotID} {
		if id == 0 {
			continue
		}
		snap, err := in.store.snapshotByID(ctx, tx, id)
		if err != nil {
			return err
		}
		in.previous = snap
		if id == in.source.FullID {
			in.fullAt = millis(snap.StartedAt)
		}
	}
	return nil
}

// findSource looks a source up, and its layout; each is empty where it is new.
func (s *Store) findSource(ctx context.Context, tx *sqlx.Tx, ref SourceRef) (sources []sourceRow, layouts []int64, err error) {
	if err := tx.SelectContext(ctx, &sources, s.bind(`SELECT `+sourceColumns+` FROM sources WHERE name = ?`), ref.Name); err != nil || len(sources) == 0 {
		return nil, nil, err
	}
	if sources[0].Side != string(ref.Side) {
		return nil, nil, fmt.Errorf("it was the %s before and is the %s now; give it another name", sources[0].Side, ref.Side)
	}
	err = tx.SelectContext(ctx, &layouts, s.bind(`SELECT id FROM layouts WHERE source_id = ? AND digest = ?`), sources[0].ID, ref.Layout.Digest)
	return sources, layouts, err
}

// introduce keeps a source, or a layout, that was not known before.
func (s *Store) introduce(ctx context.Context, tx *sqlx.Tx, ref SourceRef) error {
	sources, layouts, err := s.findSource(ctx, tx, ref)
	if err != nil || len(layouts) > 0 {
		return err
	}
	var id int64
	if len(sources) > 0 {
		id = sources[0].ID
	} else if id, err = s.insertID(ctx, tx, `INSERT INTO sources (name, side) VALUES (?, ?)`, ref.Name, string(ref.Side)); err != nil {
		return err
	}
	inputs, err := json.Marshal(ref.Layout.Inputs)
	if err != nil {
		return err
	}
	_, err = s.insertID(ctx, tx, `INSERT INTO layouts (source_id, digest, inputs) VALUES (?, ?, ?)`, id, ref.Layout.Digest, string(inputs))
	return err
}

// readKnown reads the fingerprints of a source; about is how many there should
// be, known whether rows that come with them need not be read again.
func (s *Store) readKnown(ctx context.Context, db sqlx.QueryerContext, source sourceRow, about int, known bool) (*known, error) {
	buckets := 1 << source.BucketBits
	k := newKnown(buckets, about)
	var loose []Key
	var prints []byte
	hidden := map[int][]int{}
	n := 0
	err := s.eachLoose(ctx, db, source, looseAll, nil, func(l looseRows) {
		n++
		bucket := bucketOf(l.key, source.BucketBits)
		hidden[bucket] = append(hidden[bucket], l.hides...)
		for range l.rows {
			loose = append(loose, l.key)
		}
		prints = append(prints, packFingerprints(l.rows)...)
	})
	if err == nil && n != source.Loose {
		err = fmt.Errorf("%d keys are loose, not %d: %w", n, source.Loose, errBlock)
	}
	if err != nil {
		return nil, err
	}
	next := 0
	err = s.eachPrints(ctx, db, source, func(bucket int, data []byte) {
		for ; next < bucket; next++ {
			k.addBucket(nil, known)
		}
		k.hide(hidden[bucket])
		k.addBucket(data, known)
		next++
	})
	for ; next < buckets; next++ {
		k.addBucket(nil, known)
	}
	k.addLoose(loose, prints, known)
	return k, err
}

// eachPrints gives the fingerprints of a source's buckets, in order; empty
// buckets may be left out. What it hands over is valid until do returns.
func (s *Store) eachPrints(ctx context.Context, db sqlx.QueryerContext, source sourceRow, do func(bucket int, data []byte)) error {
	if source.BlockSpace == 0 {
		return nil
	}
	rows, err := db.QueryContext(ctx, s.bind(`SELECT id, data FROM fingerprint_blocks WHERE id >= ? AND id < ? ORDER BY id`),
		blockID(source.BlockSpace, 0), blockID(source.BlockSpace+1, 0))
	if err != nil {
		return fmt.Errorf("fingerprints: %w", err)
	}
	defer rows.Close() // rows.Err tells
	var data sql.RawBytes
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id, &data); err != nil {
			return fmt.Errorf("fingerprints: %w", err)
		}
		if len(data)%8 != 0 {
			return fmt.Errorf("fingerprints of bucket %d of %s: %w", bucketOfBlock(id), source.Name, errBlock)
		}
		do(bucketOfBlock(id), data)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("fingerprints: %w", err)
	}
	return nil
}

// heldRows is about how many rows the source holds.
func (in *Incoming) heldRows() int {
	if in.previous == nil {
		return 0
	}
	return in.previous.Records
}

// Changed tells when a row was changed last, by its own account. What lies in the
// future is left out of account: nobody can have changed it then.
func (in *Incoming) Changed(at, now time.Time) {
	if ms := millis(at); ms > in.newest && !at.After(now) {
		in.newest = ms
	}
}

// Seed is what row fingerprints of this poll must start from.
func (in *Incoming) Seed() uint64 { return in.seed }

// Previous is the last accepted snapshot; nil if there is none.
func (in *Incoming) Previous() *reconcile.Snapshot { return in.previous }

// Seen is reconcile.Sink's Seen.
func (in *Incoming) Seen(fingerprint uint64) bool {
	if in.known == nil {
		return false
	}
	there, again := in.known.see(fingerprint)
	if there {
		in.counts.rows++
	}
	if again {
		in.counts.repeated++
	}
	return there
}

// Add takes a new row. It copies what it keeps. A row whose code is no text is
// rejected: it could not be found again in either database.
func (in *Incoming) Add(r *Row) error {
	if cleanText(r.Code) != r.Code {
		return in.Reject(reconcile.Rejected{Cause: "code", Reason: fmt.Sprintf("the code %q holds a NUL character or bytes that are not UTF-8", r.Code)})
	}
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
	if r.Code == "" || cleanText(r.Code) != r.Code {
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
