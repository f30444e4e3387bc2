package store

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// What could not be decided for want of a source's word waits, apart from what
// changed: it is looked at again when a source can be believed that could not
// be before, or was read in full since; not in every run.

// listWaitingUpTo: where more dossiers wait than this they are not listed, and
// the run that may decide them is a full one.
const listWaitingUpTo = 100000

// settingWaitingAll, while it is "yes", says that too many wait to be listed.
const settingWaitingAll = "waiting_all"

// Wait keeps dossiers that could not be decided. Those of this run that were
// decided no longer wait (Compared).
func (w *RunWriter) Wait(ctx context.Context, keys []Key) error {
	if w.waiting += len(keys); w.waiting > listWaitingUpTo {
		return w.store.set(ctx, w.tx, settingWaitingAll, "yes")
	}
	return w.remember(ctx, "waiting_dossiers", keys)
}

func (w *RunWriter) forgetWaiting(ctx context.Context) error {
	if _, err := w.tx.ExecContext(ctx, `DELETE FROM waiting_dossiers`); err != nil {
		return err
	}
	return w.store.set(ctx, w.tx, settingWaitingAll, "no")
}

// WaitingKeys are the dossiers that could not be decided. all says that there are
// too many to list.
func (s *Store) WaitingKeys(ctx context.Context) (keys []Key, all bool, err error) {
	var setting []string
	if err := s.reader.SelectContext(ctx, &setting, s.bind(`SELECT value FROM settings WHERE name = ?`), settingWaitingAll); err != nil {
		return nil, false, fmt.Errorf("store: waiting dossiers: %w", err)
	}
	if len(setting) > 0 && setting[0] == "yes" {
		return nil, true, nil
	}
	if err := s.reader.SelectContext(ctx, &keys, `SELECT dossier_key FROM waiting_dossiers`); err != nil {
		return nil, false, fmt.Errorf("store: waiting dossiers: %w", err)
	}
	return keys, false, nil
}

// Look keeps dossiers that are to be read again by themselves.
func (w *RunWriter) Look(ctx context.Context, keys []Key) error {
	w.looks = w.looks || len(keys) > 0
	return w.remember(ctx, "looks", keys)
}

// Looked forgets that these dossiers were to be read again.
func (w *RunWriter) Looked(ctx context.Context, keys []Key) error {
	return w.forget(ctx, "looks", keys)
}

// LookKeys are dossiers to be read again by themselves, limit of them at most.
func (s *Store) LookKeys(ctx context.Context, limit int) (keys []Key, err error) {
	if err := s.reader.SelectContext(ctx, &keys, s.bind(`SELECT dossier_key FROM looks ORDER BY dossier_key LIMIT ?`), limit); err != nil {
		return nil, fmt.Errorf("store: looks: %w", err)
	}
	return keys, nil
}

// DueKeys are the keys of dossiers whose discrepancies may change by time alone
// up to the moment t, but for those that wait for a source's word anyway.
func (s *Store) DueKeys(ctx context.Context, t time.Time) ([]Key, error) {
	var keys []Key
	if err := s.reader.SelectContext(ctx, &keys, s.bind(`SELECT DISTINCT dossier_key FROM discrepancies WHERE wake_at > 0 AND wake_at <= ?
		AND dossier_key NOT IN (SELECT dossier_key FROM waiting_dossiers)`), millis(t)); err != nil {
		return nil, fmt.Errorf("store: due discrepancies: %w", err)
	}
	return keys, nil
}

func (w *RunWriter) remember(ctx context.Context, table string, keys []Key) error {
	rows := w.store.bulk(w.tx, table, "ON CONFLICT (dossier_key) DO NOTHING", "dossier_key")
	for _, key := range keys {
		if err := rows.add(ctx, key); err != nil {
			return err
		}
	}
	return rows.flush(ctx)
}

// forget deletes keys from a table of dossiers.
func (w *RunWriter) forget(ctx context.Context, table string, keys []Key) error {
	for chunk := range slices.Chunk(keys, askedTogether) {
		where, args := w.store.oneOf("dossier_key", chunk)
		if _, err := w.tx.ExecContext(ctx, w.store.bind(`DELETE FROM `+table+` WHERE `+where), args...); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

// decided forgets that these dossiers changed, or waited.
func (w *RunWriter) decided(ctx context.Context, keys []Key) error {
	if err := w.forget(ctx, "changed_dossiers", keys); err != nil {
		return err
	}
	return w.forget(ctx, "waiting_dossiers", keys)
}
