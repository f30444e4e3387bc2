package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Session is a session as it is kept.
type Session struct {
	TokenHash string
	Account   int64
	Data      []byte
	ExpiresAt time.Time
}

// GetSession is a session, also one that has ended; nil if there is none.
func (s *Store) GetSession(ctx context.Context, tokenHash string) (*Session, error) {
	var rows []struct {
		Account   int64  `db:"account_id"`
		Data      []byte `db:"data"`
		ExpiresAt int64  `db:"expires_at"`
	}
	if err := s.reader.SelectContext(ctx, &rows, s.bind(`SELECT account_id, data, expires_at FROM sessions WHERE token_hash = ?`), tokenHash); err != nil {
		return nil, fmt.Errorf("store: session: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return &Session{TokenHash: tokenHash, Account: rows[0].Account, Data: rows[0].Data, ExpiresAt: fromMillis(rows[0].ExpiresAt)}, nil
}

// TouchSession moves the end of a session that is there; one that was deleted
// meanwhile stays deleted.
func (s *Store) TouchSession(ctx context.Context, tokenHash string, expiry time.Time) error {
	return s.writeBeside(ctx, "session", lockNothing, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, s.bind(`UPDATE sessions SET expires_at = ? WHERE token_hash = ?`), millis(expiry), tokenHash)
		return err
	})
}
