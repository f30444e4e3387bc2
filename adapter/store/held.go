package store

import (
	"context"
	"encoding/json"

	"github.com/jmoiron/sqlx"
)

// hold keeps what a held snapshot would change, in place of what an earlier held
// one of this source would have.
func (in *Incoming) hold(ctx context.Context, db *sqlx.Tx, snapshot int64) error {
	s := in.store
	if _, err := db.ExecContext(ctx, s.bind(`DELETE FROM held_changes WHERE snapshot_id IN (SELECT id FROM snapshots WHERE source_id = ?)`), in.source.ID); err != nil {
		return err
	}
	if err := in.settle(ctx, db); err != nil {
		return err
	}
	seen, err := json.Marshal(heldHeader{Seen: in.known.bitset(), Rows: in.spill.rows})
	if err != nil {
		return err
	}
	insert := s.bind(`INSERT INTO held_changes (snapshot_id, part, data) VALUES (?, ?, ?)`)
	if _, err := db.ExecContext(ctx, insert, snapshot, heldHeaderPart, seen); err != nil {
		return err
	}
	for part := range spillParts {
		data, err := in.spill.bytes(part)
		if err != nil {
			return err
		}
		if len(data) == 0 {
			continue
		}
		if _, err := db.ExecContext(ctx, insert, snapshot, part, data); err != nil {
			return err
		}
	}
	return nil
}

// heldHeader is the part of a held snapshot that says which of the rows held
// came again.
type heldHeader struct {
	Seen []uint64 `json:"seen"`
	Rows int      `json:"rows"`
}

const heldHeaderPart = -1
