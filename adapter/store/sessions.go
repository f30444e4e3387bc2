package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Sessions are kept by a hash of their token, so that whoever reads the store cannot
// take one over. What is in data is the caller's.

// FindSession is a session that has not ended by now.
func (s *Store) FindSession(ctx context.Context, tokenHash string, now time.Time) (data []byte, found bool, err error) {
	var rows [][]byte
	if err := s.reader.SelectContext(ctx, &rows, s.bind(`SELECT data FROM sessions WHERE token_hash = ? AND expires_at > ?`), tokenHash, millis(now)); err != nil {
		return nil, false, fmt.Errorf("store: session: %w", err)
	}
	if len(rows) == 0 {
		return nil, false, nil
	}
	return rows[0], true, nil
}

// CommitSession keeps a session until expiry, in place of what was kept of it.
// account is 0 for somebody without a local account.
func (s *Store) CommitSession(ctx context.Context, tokenHash string, account int64, data []byte, expiry time.Time) error {
	if data == nil {
		data = []byte{}
	}
	return s.writeBeside(ctx, "session", lockNothing, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, s.bind(`INSERT INTO sessions (token_hash, account_id, data, expires_at) VALUES (?, ?, ?, ?)
			ON CONFLICT (token_hash) DO UPDATE SET account_id = excluded.account_id, data = excluded.data, expires_at = excluded.expires_at`),
			tokenHash, account, data, millis(expiry))
		return err
	})
}

// DeleteSession forgets a session; it is no error where there is none.
func (s *Store) DeleteSession(ctx context.Context, tokenHash string) error {
	return s.forgetSessions(ctx, `token_hash = ?`, tokenHash)
}

// DeleteSessionsOf forgets every session of a local account. A request that is under
// way may still keep its own once more: Account.SessionEpoch is what ends those.
func (s *Store) DeleteSessionsOf(ctx context.Context, account int64) error {
	return s.forgetSessions(ctx, `account_id = ? AND account_id > 0`, account)
}

// PruneSessions forgets those that have ended by now.
func (s *Store) PruneSessions(ctx context.Context, now time.Time) error {
	return s.forgetSessions(ctx, `expires_at <= ?`, millis(now))
}

func (s *Store) forgetSessions(ctx context.Context, where string, arg any) error {
	return s.writeBeside(ctx, "sessions", lockNothing, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, s.bind(`DELETE FROM sessions WHERE `+where), arg)
		return err
	})
}
