package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Owner is who an API token was made by.
type Owner struct {
	Account int64  // 0 for somebody without a local account
	Name    string // login name
}

// Token lets a program use the API. Of its text only a hash is kept.
type Token struct {
	ID          int64
	Hash        string
	Name        string // what it is for
	Owner       Owner
	Role        string
	Departments []string
	ReadOnly    bool
	CreatedAt   time.Time
	ExpiresAt   time.Time
	LastUsedAt  time.Time // to a minute; zero if never
	RevokedAt   time.Time // zero while it holds
}

type tokenRow struct {
	ID          int64  `db:"id"`
	Hash        string `db:"token_hash"`
	Name        string `db:"name"`
	OwnerID     int64  `db:"owner_id"`
	Owner       string `db:"owner"`
	Role        string `db:"role"`
	Departments string `db:"departments"`
	ReadOnly    int    `db:"read_only"`
	CreatedAt   int64  `db:"created_at"`
	ExpiresAt   int64  `db:"expires_at"`
	LastUsedAt  int64  `db:"last_used_at"`
	RevokedAt   int64  `db:"revoked_at"`
}

// AddToken adds a token and gives it its ID; ErrExists where its hash is there.
func (s *Store) AddToken(ctx context.Context, t *Token) error {
	if t.Hash == "" {
		return errors.New("store: token: it needs a hash")
	}
	departments, err := departmentsJSON(t.Departments)
	if err != nil {
		return fmt.Errorf("store: token: %w", err)
	}
	return s.writeBeside(ctx, "token", lockNothing, func(tx *sqlx.Tx) error {
		var err error
		t.ID, err = s.insertID(ctx, tx, `INSERT INTO api_tokens (token_hash, name, owner_id, owner, role, departments, read_only, created_at, expires_at,
			last_used_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, t.Hash, cleanText(t.Name), t.Owner.Account, cleanText(t.Owner.Name),
			cleanText(t.Role), departments, boolInt(t.ReadOnly), millis(t.CreatedAt), millis(t.ExpiresAt), millis(t.LastUsedAt), millis(t.RevokedAt))
		if taken(err) {
			return ErrExists
		}
		return err
	})
}

// FindToken is a token by its hash, also one that has expired or was revoked; nil if
// there is none.
func (s *Store) FindToken(ctx context.Context, hash string) (*Token, error) {
	list, err := s.selectTokens(ctx, `WHERE token_hash = ?`, hash)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// ListTokens is the tokens of an owner, of everybody where that is nil; newest first.
func (s *Store) ListTokens(ctx context.Context, owner *Owner) ([]Token, error) {
	where, args := owner.clause()
	return s.selectTokens(ctx, `WHERE `+where+` ORDER BY id DESC`, args...)
}

// clause chooses the owner's. Two people may have the same name, one known here and
// one to an identity provider.
func (o *Owner) clause() (where string, args []any) {
	switch {
	case o == nil:
		return "1 = 1", nil
	case o.Account != 0:
		return "owner_id = ?", []any{o.Account}
	}
	return "owner_id = 0 AND owner = ?", []any{cleanText(o.Name)}
}

func (s *Store) selectTokens(ctx context.Context, where string, args ...any) ([]Token, error) {
	var rows []tokenRow
	if err := s.reader.SelectContext(ctx, &rows, s.bind(`SELECT id, token_hash, name, owner_id, owner, role, departments, read_only, created_at, expires_at,
		last_used_at, revoked_at FROM api_tokens `+where), args...); err != nil {
		return nil, fmt.Errorf("store: tokens: %w", err)
	}
	list := make([]Token, len(rows))
	for i, r := range rows {
		list[i] = Token{ID: r.ID, Hash: r.Hash, Name: r.Name, Owner: Owner{r.OwnerID, r.Owner}, Role: r.Role, ReadOnly: r.ReadOnly != 0,
			CreatedAt: fromMillis(r.CreatedAt), ExpiresAt: fromMillis(r.ExpiresAt), LastUsedAt: fromMillis(r.LastUsedAt), RevokedAt: fromMillis(r.RevokedAt)}
		if err := json.Unmarshal([]byte(r.Departments), &list[i].Departments); err != nil {
			return nil, fmt.Errorf("store: departments of token %d: %w", r.ID, err)
		}
	}
	return list, nil
}

// RevokeToken ends a token of the owner, of anybody where that is nil; ErrNotFound
// where it is not theirs. One that was revoked stays as it was.
func (s *Store) RevokeToken(ctx context.Context, id int64, owner *Owner, at time.Time) error {
	where, args := owner.clause()
	return s.writeBeside(ctx, fmt.Sprintf("token %d", id), lockNothing, func(tx *sqlx.Tx) error {
		return changedOne(tx.ExecContext(ctx, s.bind(`UPDATE api_tokens SET revoked_at = CASE WHEN revoked_at = 0 THEN ? ELSE revoked_at END
			WHERE id = ? AND `+where), append([]any{millis(at), id}, args...)...))
	})
}

// touchEvery is how often it is written down that a token was used.
const touchEvery = time.Minute

// TouchToken keeps that a token was used, once a minute at most.
func (s *Store) TouchToken(ctx context.Context, id int64, at time.Time) error {
	before := millis(at.Add(-touchEvery))
	var stale []int64
	if err := s.reader.SelectContext(ctx, &stale, s.bind(`SELECT id FROM api_tokens WHERE id = ? AND last_used_at <= ?`), id, before); err != nil {
		return fmt.Errorf("store: token %d: %w", id, err)
	}
	if len(stale) == 0 {
		return nil
	}
	return s.writeBeside(ctx, fmt.Sprintf("token %d", id), lockNothing, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, s.bind(`UPDATE api_tokens SET last_used_at = ? WHERE id = ? AND last_used_at <= ?`), millis(at), id, before)
		return err
	})
}
