package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

type snapshotRow struct {
	ID            int64  `db:"id"`
	SourceID      int64  `db:"source_id"`
	Source        string `db:"source"`
	Side          string `db:"side"`
	Mode          string `db:"mode"`
	State         string `db:"state"`
	StartedAt     int64  `db:"started_at"`
	EndedAt       int64  `db:"ended_at"`
	EndReached    int    `db:"end_reached"`
	Repeated      string `db:"repeated"`
	Cause         string `db:"cause"`
	Reason        string `db:"reason"`
	Pages         int    `db:"pages"`
	Requests      int    `db:"requests"`
	Rows          int    `db:"rows_read"`
	Distinct      int    `db:"rows_distinct"`
	Skipped       int    `db:"rows_skipped"`
	Rejected      int    `db:"rows_rejected"`
	Records       int    `db:"records"`
	DeclaredTotal int    `db:"declared_total"`
	Departments   string `db:"departments"`
	LayoutID      int64  `db:"layout_id"`
	Based         int64  `db:"based_on"`
	AcceptedBy    string `db:"accepted_by"`
	AcceptedAt    int64  `db:"accepted_at"`
}

const snapshotQuery = `SELECT p.id, p.source_id, s.name AS source, s.side, p.mode, p.state, p.started_at, p.ended_at, p.end_reached,
	p.repeated, p.cause, p.reason, p.pages, p.requests, p.rows_read, p.rows_distinct, p.rows_skipped, p.rows_rejected, p.records,
	p.declared_total, p.departments, p.layout_id, p.based_on, p.accepted_by, p.accepted_at
	FROM snapshots p JOIN sources s ON s.id = p.source_id `

func (r *snapshotRow) snapshot() (reconcile.Snapshot, error) {
	snap := reconcile.Snapshot{
		ID: r.ID, Source: r.Source, Side: reconcile.Side(r.Side),
		Poll: reconcile.Poll{
			Mode: reconcile.Mode(r.Mode), StartedAt: fromMillis(r.StartedAt), EndedAt: fromMillis(r.EndedAt),
			EndReached: r.EndReached != 0, Repeated: r.Repeated, DeclaredTotal: r.DeclaredTotal, Pages: r.Pages, Requests: r.Requests,
			Cause: reconcile.Cause(r.Cause), Reason: r.Reason,
		},
		State: reconcile.SnapshotState(r.State), Rows: r.Rows, Distinct: r.Distinct, Skipped: r.Skipped, Rejected: r.Rejected,
		Records: r.Records, Based: r.Based, AcceptedBy: r.AcceptedBy, AcceptedAt: fromMillis(r.AcceptedAt),
	}
	if err := json.Unmarshal([]byte(r.Departments), &snap.Departments); err != nil {
		return snap, fmt.Errorf("store: snapshot %d: departments: %w", r.ID, err)
	}
	return snap, nil
}

func (s *Store) snapshotByID(ctx context.Context, db sqlx.QueryerContext, id int64) (*reconcile.Snapshot, error) {
	rows, err := s.selectSnapshots(ctx, db, `WHERE p.id = ?`, id)
	switch {
	case err != nil:
		return nil, err
	case len(rows) == 0:
		return nil, fmt.Errorf("store: snapshot %d: %w", id, ErrNotFound)
	}
	return &rows[0], nil
}

// GetSnapshot is one snapshot; ErrNotFound if there is none with this id.
func (s *Store) GetSnapshot(ctx context.Context, id int64) (*reconcile.Snapshot, error) {
	return s.snapshotByID(ctx, s.reader, id)
}

// ListSnapshots is the newest snapshots, newest first; of one source, or of all
// where source is "".
func (s *Store) ListSnapshots(ctx context.Context, source string, limit int) ([]reconcile.Snapshot, error) {
	if source == "" {
		return s.selectSnapshots(ctx, s.reader, `ORDER BY p.id DESC LIMIT ?`, limit)
	}
	return s.selectSnapshots(ctx, s.reader, `WHERE s.name = ? ORDER BY p.id DESC LIMIT ?`, source, limit)
}

// Accepted is the last accepted snapshot of each source by name, and the last
// accepted full one.
func (s *Store) Accepted(ctx context.Context) (last, full map[string]reconcile.Snapshot, err error) {
	last, full = map[string]reconcile.Snapshot{}, map[string]reconcile.Snapshot{}
	for column, into := range map[string]map[string]reconcile.Snapshot{"snapshot_id": last, "full_id": full} {
		rows, err := s.selectSnapshots(ctx, s.reader, `WHERE p.id = s.`+column)
		if err != nil {
			return nil, nil, err
		}
		for _, snap := range rows {
			into[snap.Source] = snap
		}
	}
	return last, full, nil
}

// Attempted is the newest snapshot of each source, whatever became of it, by name.
func (s *Store) Attempted(ctx context.Context) (map[string]reconcile.Snapshot, error) {
	rows, err := s.selectSnapshots(ctx, s.reader, `WHERE p.id = (SELECT MAX(q.id) FROM snapshots q WHERE q.source_id = s.id)`)
	if err != nil {
		return nil, err
	}
	newest := make(map[string]reconcile.Snapshot, len(rows))
	for _, snap := range rows {
		newest[snap.Source] = snap
	}
	return newest, nil
}

// HeldSnapshots are the snapshots that wait for somebody to accept them.
func (s *Store) HeldSnapshots(ctx context.Context) ([]reconcile.Snapshot, error) {
	return s.selectSnapshots(ctx, s.reader, `WHERE p.state = 'held' AND p.based_on = s.snapshot_id
		AND EXISTS (SELECT 1 FROM held_changes h WHERE h.snapshot_id = p.id) ORDER BY p.id`)
}

func (s *Store) selectSnapshots(ctx context.Context, db sqlx.QueryerContext, where string, args ...any) ([]reconcile.Snapshot, error) {
	var rows []snapshotRow
	if err := sqlx.SelectContext(ctx, db, &rows, s.bind(snapshotQuery+where), args...); err != nil {
		return nil, fmt.Errorf("store: snapshots: %w", err)
	}
	list := make([]reconcile.Snapshot, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].snapshot(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// ListRejected is the rows of a snapshot that could not be taken in. They are
// kept for the newest snapshot of each source and for the last accepted ones (any
// and full) only, and 10,000 of each at most.
func (s *Store) ListRejected(ctx context.Context, snapshot int64) ([]reconcile.Rejected, error) {
	return s.selectRejected(ctx, `snapshot_id = ?`, snapshot)
}

// ListRejectedOf is those of them that have a dossier's canonical code.
func (s *Store) ListRejectedOf(ctx context.Context, snapshot int64, code string) ([]reconcile.Rejected, error) {
	return s.selectRejected(ctx, `snapshot_id = ? AND code = ?`, snapshot, cleanText(code))
}

func (s *Store) selectRejected(ctx context.Context, where string, args ...any) ([]reconcile.Rejected, error) {
	var rows []struct {
		Place  string `db:"place"`
		Row    int    `db:"row_number"`
		Cause  string `db:"cause"`
		Reason string `db:"reason"`
		Code   string `db:"code"`
	}
	if err := s.reader.SelectContext(ctx, &rows, s.bind(`SELECT place, row_number, cause, reason, code FROM rejected_rows WHERE `+where+`
		ORDER BY place, row_number`), args...); err != nil {
		return nil, fmt.Errorf("store: rejected rows: %w", err)
	}
	list := make([]reconcile.Rejected, len(rows))
	for i, r := range rows {
		list[i] = reconcile.Rejected{Position: reconcile.Position{Place: r.Place, Row: r.Row}, Cause: r.Cause, Reason: r.Reason, Code: r.Code}
	}
	return list, nil
}

// AcceptSnapshot lets a held snapshot through on a person's word: it becomes
// what the source holds. departmentOf maps stored raw values to a department.
func (s *Store) AcceptSnapshot(ctx context.Context, id int64, by string, at time.Time, departmentOf func(source string, values []string) string) (*reconcile.Snapshot, error) {
	snap, err := s.snapshotByID(ctx, s.reader, id)
	if err != nil {
		return nil, err
	}
	distinct := snap.Distinct
	if snap.State != reconcile.SnapshotHeld {
		return nil, fmt.Errorf("snapshot %d of %s is %s: %w; there is nothing to accept", id, snap.Source, snap.State, ErrNotHeld)
	}
	in, err := s.reopen(ctx, snap, func(values []string) string { return departmentOf(snap.Source, values) })
	if err != nil {
		return nil, err
	}
	defer in.Close() // nothing is written to it any more
	err = s.write(ctx, fmt.Sprintf("accept snapshot %d", id), func(tx *sqlx.Tx) error {
		if err := in.take(ctx, tx, snap, func() error {
			snap.State, snap.AcceptedBy = reconcile.SnapshotAccepted, by
			return nil
		}); err != nil {
			return err
		}
		snap.AcceptedAt, snap.Distinct = at, distinct // the rows were counted when they came
		departments, err := json.Marshal(snap.Departments)
		if err != nil {
			return err
		}
		if err := s.touch(ctx, tx); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, s.bind(`UPDATE snapshots SET state = ?, accepted_by = ?, accepted_at = ?, records = ?, departments = ? WHERE id = ?`),
			string(snap.State), by, millis(at), snap.Records, string(departments), id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return snap, nil
}

// reopen rebuilds the poll of a held snapshot from what was set aside.
func (s *Store) reopen(ctx context.Context, snap *reconcile.Snapshot, departmentOf func([]string) string) (*Incoming, error) {
	in := &Incoming{store: s, spill: newSpill(s.tempDir), departmentOf: departmentOf}
	return in, s.read(ctx, fmt.Sprintf("held snapshot %d", snap.ID), func(tx *sqlx.Tx) error {
		if err := tx.GetContext(ctx, &in.layout, s.bind(`SELECT layout_id FROM snapshots WHERE id = ?`), snap.ID); err != nil {
			return err
		}
		if err := tx.GetContext(ctx, &in.source, s.bind(`SELECT `+sourceColumns+` FROM sources WHERE name = ?`), snap.Source); err != nil {
			return err
		}
		if err := in.loadPrevious(ctx, tx); err != nil {
			return err
		}
		var err error
		if in.known, err = s.readKnown(ctx, tx, in.source, in.heldRows(), false); err != nil {
			return err
		}
		return in.loadHeld(ctx, tx, snap)
	})
}

// loadHeld reads what a held snapshot would change.
func (in *Incoming) loadHeld(ctx context.Context, tx *sqlx.Tx, snap *reconcile.Snapshot) error {
	var parts []struct {
		Part int    `db:"part"`
		Data []byte `db:"data"`
	}
	if err := tx.SelectContext(ctx, &parts, in.store.bind(`SELECT part, data FROM held_changes WHERE snapshot_id = ? ORDER BY part`), snap.ID); err != nil {
		return err
	}
	if len(parts) == 0 || in.source.SnapshotID != snap.Based {
		return fmt.Errorf("it was overtaken by a later snapshot of %s; see: doisoat snapshot list", snap.Source)
	}
	var header heldHeader
	if err := json.Unmarshal(parts[0].Data, &header); err != nil || len(header.Seen) != (in.known.rows+63)/64 {
		return fmt.Errorf("it does not fit what is stored of %s; poll again", snap.Source)
	}
	in.known.seen, in.spill.rows = header.Seen, header.Rows
	for _, p := range parts[1:] {
		if p.Part < 0 || p.Part >= spillParts {
			return fmt.Errorf("part %d of it is damaged; poll again", p.Part)
		}
		in.spill.parts[p.Part].buffer = p.Data
	}
	return nil
}
