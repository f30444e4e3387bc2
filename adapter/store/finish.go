package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// errNotAccepted undoes what was written of a snapshot that is not accepted.
var errNotAccepted = errors.New("not accepted")

// ErrOverrun is returned where another run accepted a snapshot of the same
// source in the meantime.
var ErrOverrun = errors.New("another run accepted a newer snapshot of this source; run again")

// Finish judges the poll and keeps it: rows, verdict and rejected rows in one
// transaction where it is accepted, the verdict and the rejected rows alone
// where it is not. A held snapshot's changes are set aside for AcceptSnapshot.
func (in *Incoming) Finish(ctx context.Context, poll reconcile.Poll, shrink reconcile.Limits) (reconcile.Snapshot, error) {
	if in.some && poll.Mode == reconcile.Full {
		return reconcile.Snapshot{}, fmt.Errorf("store: snapshot of %s: a full poll begins with Begin, not BeginIncremental", in.source.Name)
	}
	snap := in.snapshot(poll)
	if poll.EndReached && poll.Repeated == "" {
		err := in.store.write(ctx, "snapshot of "+in.source.Name, func(tx *sqlx.Tx) error {
			return in.take(ctx, tx, &snap, func() error {
				snap.Judge(in.previous, shrink)
				if snap.State != reconcile.SnapshotAccepted {
					return errNotAccepted
				}
				return nil
			})
		})
		if !errors.Is(err, errNotAccepted) {
			return snap, err
		}
	} else {
		snap.Judge(in.previous, shrink)
	}
	err := in.store.write(ctx, "snapshot of "+in.source.Name, func(tx *sqlx.Tx) error {
		if err := in.store.saveSnapshot(ctx, tx, in.source.ID, in.layout, &snap, in.rejected); err != nil {
			return err
		}
		if snap.State == reconcile.SnapshotHeld {
			return in.hold(ctx, tx, snap.ID)
		}
		return nil
	})
	return snap, err
}

func (in *Incoming) snapshot(poll reconcile.Poll) reconcile.Snapshot {
	return reconcile.Snapshot{
		Source: in.source.Name, Side: reconcile.Side(in.source.Side), Poll: poll,
		Rows: in.counts.rows, Rejected: in.counts.rejected, Skipped: in.counts.skipped,
		Distinct: in.counts.rows - in.counts.repeated + in.counts.rejected + in.counts.skipped,
		Based:    in.source.SnapshotID, Departments: map[string]int{},
	}
}

// take merges the poll into what is held, asks judge whether it is accepted, and
// if so writes the verdict too. All of it happens in tx.
func (in *Incoming) take(ctx context.Context, tx *sqlx.Tx, snap *reconcile.Snapshot, judge func() error) error {
	s := in.store
	if err := in.checkBase(ctx, tx); err != nil {
		return err
	}
	a := newApplication(tx, in, snap.Mode, snap.StartedAt)
	if err := a.run(ctx); err != nil {
		return err
	}
	snap.Distinct -= a.repeated
	snap.Records = a.records
	snap.Departments = a.departmentCounts()
	if err := judge(); err != nil {
		return err
	}
	snap.AcceptedAt = snap.EndedAt
	if snap.AcceptedBy == "" {
		snap.AcceptedBy = reconcile.ServiceActor
	}
	if snap.ID == 0 {
		if err := s.saveSnapshot(ctx, tx, in.source.ID, in.layout, snap, in.rejected); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, s.bind(`DELETE FROM held_changes WHERE snapshot_id IN (SELECT id FROM snapshots WHERE source_id = ?)`), in.source.ID); err != nil {
		return err
	}
	full := in.source.FullID
	if snap.Mode == reconcile.Full {
		full = snap.ID
	}
	if _, err := tx.ExecContext(ctx, s.bind(`UPDATE sources SET layout_id = ?, block_space = ?, bucket_bits = ?, snapshot_id = ?, full_id = ?, loose = ?,
		data_at = CASE WHEN data_at < ? THEN ? ELSE data_at END WHERE id = ?`),
		in.layout, a.space, a.bits, snap.ID, full, a.loose, in.newest, in.newest, in.source.ID); err != nil {
		return err
	}
	return s.queueReconcile(ctx, tx)
}

// checkBase makes sure that the poll is merged into what it was compared with.
func (in *Incoming) checkBase(ctx context.Context, tx *sqlx.Tx) error {
	var now int64
	if err := tx.GetContext(ctx, &now, in.store.bind(`SELECT snapshot_id FROM sources WHERE id = ?`), in.source.ID); err != nil {
		return err
	}
	if now != in.source.SnapshotID {
		return ErrOverrun
	}
	return nil
}

// saveSnapshot inserts the verdict and the rejected rows. Those of the source's
// other snapshots go, but for the last accepted ones, whose data is still shown.
func (s *Store) saveSnapshot(ctx context.Context, tx *sqlx.Tx, source, layout int64, snap *reconcile.Snapshot, rejected []reconcile.Rejected) error {
	departments, err := json.Marshal(snap.Departments)
	if err != nil {
		return err
	}
	snap.ID, err = s.insertID(ctx, tx, `INSERT INTO snapshots (source_id, mode, state, started_at, ended_at, end_reached, repeated,
		cause, reason, pages, requests, rows_read, rows_distinct, rows_skipped, rows_rejected, records, declared_total, departments,
		layout_id, based_on, accepted_by, accepted_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		source, string(snap.Mode), string(snap.State), millis(snap.StartedAt), millis(snap.EndedAt), boolInt(snap.EndReached), cleanText(snap.Repeated),
		string(snap.Cause), cleanText(snap.Reason), snap.Pages, snap.Requests, snap.Rows, snap.Distinct, snap.Skipped, snap.Rejected, snap.Records,
		snap.DeclaredTotal, string(departments), layout, snap.Based, snap.AcceptedBy, millis(snap.AcceptedAt))
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, s.bind(`DELETE FROM rejected_rows WHERE snapshot_id IN (SELECT r.snapshot_id FROM rejected_rows r
		JOIN snapshots p ON p.id = r.snapshot_id JOIN sources s ON s.id = p.source_id WHERE s.id = ? AND p.id NOT IN (s.snapshot_id, s.full_id))`), source); err != nil {
		return err
	}
	rows := s.bulk(tx, "rejected_rows", "", "snapshot_id", "place", "row_number", "cause", "reason", "code")
	for _, r := range rejected {
		if err := rows.add(ctx, snap.ID, r.Position.Place, r.Position.Row, r.Cause, r.Reason, r.Code); err != nil {
			return err
		}
	}
	return rows.flush(ctx)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// application merges a poll into a source's blocks.
type application struct {
	in     *Incoming
	store  *Store
	tx     *sqlx.Tx
	merger merger
	// space and bits say where the blocks stand from now on. rewrite: they stand
	// elsewhere than before, so every bucket is written.
	space   int64
	bits    uint
	rewrite bool
	// remap turns rows of an older layout into the current one; keyed by layout id.
	remap map[int64][]int

	blocks, prints, versions, changed, aliases, looseRows *bulk
	scratch                                               []byte
	held                                                  map[int]heldBlock // last fetched, by bucket
	unpacked                                              unpacked          // of held
	loose                                                 int               // keys in loose_rows

	records, repeated int
	unseen            int            // rows of merged buckets that did not come
	done              []bool         // buckets that were merged
	lost, won         map[string]int // rows by department
	changes           int
}

func newApplication(tx *sqlx.Tx, in *Incoming, mode reconcile.Mode, startedAt time.Time) *application {
	s := in.store
	a := &application{
		records: in.heldRows(), in: in, store: s, tx: tx, space: in.source.BlockSpace, bits: in.source.BucketBits,
		lost: map[string]int{}, won: map[string]int{}, remap: map[int64][]int{}, held: map[int]heldBlock{},
		merger: merger{full: mode == reconcile.Full, match: in.known == nil, startedAt: millis(startedAt), seenUntil: in.fullAt},
	}
	want := bitsFor(max(in.spill.rows, a.records))
	if a.space == 0 || want > a.bits+1 || in.layout != in.source.LayoutID {
		// Each source has two block spaces and moves from one to the other.
		a.space, a.bits, a.rewrite = 2*in.source.ID, max(want, a.bits), true
		if a.space == in.source.BlockSpace {
			a.space++
		}
	}
	conflict := "ON CONFLICT (id) DO UPDATE SET data = excluded.data"
	if a.rewrite {
		conflict = ""
	}
	a.blocks = s.bulk(tx, "record_blocks", conflict, "id", "data")
	a.prints = s.bulk(tx, "fingerprint_blocks", conflict, "id", "data")
	a.looseRows = s.bulk(tx, "loose_rows", "ON CONFLICT (dossier_key, source_id) DO UPDATE SET data = excluded.data", "dossier_key", "source_id", "data")
	a.versions = s.bulk(tx, "row_versions", "", "dossier_key", "source_id", "code", "layout_id", "fields", "seen_from", "seen_until", "gone")
	a.changed = s.bulk(tx, "changed_dossiers", "ON CONFLICT (dossier_key, source_id) DO NOTHING", "dossier_key", "source_id")
	a.aliases = s.bulk(tx, "aliases", "ON CONFLICT (source_id, dossier_key, alias_key) DO NOTHING", "source_id", "dossier_key", "alias_key")
	return a
}
