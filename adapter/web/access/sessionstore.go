package access

import (
	"context"
	"errors"
	"time"
)

// sessionStore is a Store as scs wants it, with the cache before it.
type sessionStore struct {
	store Store
	cache *cache
	now   func() time.Time
}

// FindCtx finds a session that has not ended, and leaves its row with the request.
func (s *sessionStore) FindCtx(ctx context.Context, key string) ([]byte, bool, error) {
	now := s.now()
	row, err := through(s.cache, s.cache.ofSessions, key, now, func() (*StoredSession, error) { return s.store.FindSession(ctx, key) })
	if err != nil || row == nil || !now.Before(row.ExpiresAt) {
		return nil, false, err
	}
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		v.row = row
	}
	return row.Data, true, nil
}

// CommitCtx keeps a session that was begun. It is never called for one that goes on.
func (s *sessionStore) CommitCtx(ctx context.Context, key string, data []byte, expires time.Time) error {
	_, values, err := sessionCodec{}.Decode(data)
	if err != nil {
		return err
	}
	kept, ok := values[sessionKey].(*session)
	if !ok {
		return errors.New("a session of nobody is not kept")
	}
	return s.store.AddSession(ctx, StoredSession{Key: key, Account: kept.Account, Data: data, ExpiresAt: expires})
}

// DeleteCtx ends a session, here at once.
func (s *sessionStore) DeleteCtx(ctx context.Context, key string) error {
	err := s.store.DeleteSession(ctx, key)
	s.cache.forget()
	return err
}

// The methods without a context complete scs.Store; scs calls the others.

// Find is FindCtx.
func (s *sessionStore) Find(key string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), key)
}

// Commit is CommitCtx.
func (s *sessionStore) Commit(key string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), key, data, expires)
}

// Delete is DeleteCtx.
func (s *sessionStore) Delete(key string) error { return s.DeleteCtx(context.Background(), key) }
