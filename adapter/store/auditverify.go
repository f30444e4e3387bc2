package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
)

// AuditVerdict is whether the audit trail is as it was written.
type AuditVerdict struct {
	Entries int64  // that are there
	Head    string // hash of the last of them, to be noted elsewhere
	// BrokenAt is the first entry that is not as it was written, or not there; 0
	// where all are. Why says what is wrong with it.
	BrokenAt int64
	Why      string
}

// VerifyAudit reads the audit trail from its beginning, one entry at a time. Whoever
// may write the whole store can also make a new trail of the same length that fits:
// that shows only by a Head that was noted elsewhere.
func (s *Store) VerifyAudit(ctx context.Context) (*AuditVerdict, error) {
	var v AuditVerdict
	err := s.read(ctx, "audit trail", func(tx *sqlx.Tx) error {
		last, head, err := s.auditHead(ctx, tx)
		if err != nil && !errors.Is(err, ErrAuditBroken) {
			return err
		}
		unreadable := err != nil
		if err := s.walkAudit(ctx, tx, &v); err != nil {
			return err
		}
		switch {
		case v.BrokenAt > 0: // what is wrong first is told
		case unreadable, last == 0 && v.Entries > 0:
			v.BrokenAt, v.Why = max(1, v.Entries), "the note that it is the last one is gone"
		case v.Entries < last:
			v.BrokenAt, v.Why = v.Entries+1, fmt.Sprintf("there were %d entries; those after the %dth are gone", last, v.Entries)
		case v.Entries > last:
			v.BrokenAt, v.Why = last+1, "it was not added by this program"
		case v.Head != head:
			v.BrokenAt, v.Why = last, "it is not the last entry that was noted"
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// walkAudit counts the entries and checks each against the one before it, up to the
// first that does not fit.
func (s *Store) walkAudit(ctx context.Context, tx *sqlx.Tx, v *AuditVerdict) error {
	rows, err := tx.QueryxContext(ctx, auditQuery+`ORDER BY id`)
	if err != nil {
		return err
	}
	defer rows.Close() // rows.Err tells
	for rows.Next() {
		var row auditRow
		if err := rows.StructScan(&row); err != nil {
			return err
		}
		v.Entries++
		entry, before := row.entry(), v.Head
		v.Head = row.Hash
		if v.BrokenAt > 0 {
			continue
		}
		switch {
		case entry.ID < v.Entries: // they are in order, so it is below 1
			v.BrokenAt, v.Why = v.Entries, fmt.Sprintf("there is one before it, with the number %d", entry.ID)
		case entry.ID != v.Entries:
			v.BrokenAt, v.Why = v.Entries, "it is gone"
		case entry.sum(before) != entry.Hash:
			v.BrokenAt, v.Why = entry.ID, "it is not as it was written, or the one before it is another"
		}
	}
	return rows.Err()
}
