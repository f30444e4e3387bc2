package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// Polled is the newest accepted poll of each source and its newest one whatever
// became of it, by name. Single dossiers that were read again are no poll: the
// next incremental one must not go on from there, nor a source count as up.
func (s *Store) Polled(ctx context.Context) (accepted, attempted map[string]reconcile.Snapshot, err error) {
	newest := func(state string) (map[string]reconcile.Snapshot, error) {
		rows, err := s.selectSnapshots(ctx, s.reader, `WHERE p.id = (SELECT MAX(q.id) FROM snapshots q
			WHERE q.source_id = s.id AND q.mode <> ?`+state+`)`, string(reconcile.Reread))
		if err != nil {
			return nil, err
		}
		by := make(map[string]reconcile.Snapshot, len(rows))
		for _, snap := range rows {
			by[snap.Source] = snap
		}
		return by, nil
	}
	if attempted, err = newest(""); err != nil {
		return nil, nil, err
	}
	accepted, err = newest(` AND q.state = 'accepted'`)
	return accepted, attempted, err
}

// FullTried is when the newest full poll of each source began, whatever became of
// it, by name.
func (s *Store) FullTried(ctx context.Context) (map[string]time.Time, error) {
	var rows []struct {
		Name string `db:"name"`
		At   int64  `db:"at"`
	}
	if err := s.reader.SelectContext(ctx, &rows, s.bind(`SELECT s.name, p.started_at AS at FROM sources s JOIN snapshots p
		ON p.id = (SELECT MAX(q.id) FROM snapshots q WHERE q.source_id = s.id AND q.mode = ?)`), string(reconcile.Full)); err != nil {
		return nil, fmt.Errorf("store: full polls: %w", err)
	}
	at := make(map[string]time.Time, len(rows))
	for _, row := range rows {
		at[row.Name] = fromMillis(row.At)
	}
	return at, nil
}

// ErrOvertaken is returned where another run finished since the caller looked up
// the last one.
var ErrOvertaken = errors.New("another run finished in the meantime; run again")

// Fits reports whether what is held of a source was read with the mapping's inputs
// of today, so that an incremental poll can go on from it.
func (s *Store) Fits(ctx context.Context, ref SourceRef) (bool, error) {
	var n int
	if err := s.reader.GetContext(ctx, &n, s.bind(`SELECT COUNT(*) FROM sources s JOIN layouts l ON l.id = s.layout_id
		WHERE s.name = ? AND l.digest = ? AND s.full_id > 0`), ref.Name, ref.Layout.Digest); err != nil {
		return false, fmt.Errorf("store: source %s: %w", ref.Name, err)
	}
	return n > 0, nil
}
