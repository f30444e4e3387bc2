package app

import (
	"context"
	"errors"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/cmd/internal/config"
)

// accessStore is the store as package access wants it.
type accessStore struct{ *store.Store }

// FindAccount implements access.Store.
func (s accessStore) FindAccount(ctx context.Context, name string) (*access.Account, error) {
	account, err := s.Store.FindAccount(ctx, name)
	if err != nil || account == nil {
		return nil, err
	}
	return accessAccount(account), nil
}

// GetAccount implements access.Store.
func (s accessStore) GetAccount(ctx context.Context, id int64) (*access.Account, error) {
	account, err := s.Store.GetAccount(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, access.ErrNoAccount
	}
	if err != nil {
		return nil, err
	}
	return accessAccount(account), nil
}

// UpdateAccount implements access.Store.
func (s accessStore) UpdateAccount(ctx context.Context, id int64, change func(*access.Account) error) error {
	_, err := s.Store.UpdateAccount(ctx, id, func(kept *store.Account) error {
		account := accessAccount(kept)
		if err := change(account); err != nil {
			return err
		}
		kept.Display, kept.Role, kept.Departments = account.Display, string(account.Role), account.Departments
		kept.PasswordHash, kept.Disabled, kept.MustChange = account.PasswordHash, account.Disabled, account.MustChange
		kept.FailedLogins, kept.LockedUntil, kept.LastLoginAt = account.FailedLogins, account.LockedUntil, account.LastLoginAt
		kept.SessionEpoch, kept.Language = account.SessionEpoch, account.Language
		return nil
	})
	if errors.Is(err, store.ErrNotFound) {
		return access.ErrNoAccount
	}
	return err
}

func accessAccount(a *store.Account) *access.Account {
	return &access.Account{
		ID: a.ID, Name: a.Name, Display: a.Display, Role: access.Role(a.Role), Departments: a.Departments, PasswordHash: a.PasswordHash,
		Disabled: a.Disabled, MustChange: a.MustChange, FailedLogins: a.FailedLogins, LockedUntil: a.LockedUntil, LastLoginAt: a.LastLoginAt,
		SessionEpoch: a.SessionEpoch, Language: a.Language,
	}
}

// FindSession implements access.Store.
func (s accessStore) FindSession(ctx context.Context, key string) (*access.StoredSession, error) {
	kept, err := s.GetSession(ctx, key)
	if err != nil || kept == nil {
		return nil, err
	}
	return &access.StoredSession{Key: key, Account: kept.Account, Data: kept.Data, ExpiresAt: kept.ExpiresAt}, nil
}

// AddSession implements access.Store.
func (s accessStore) AddSession(ctx context.Context, session access.StoredSession) error {
	return s.CommitSession(ctx, session.Key, session.Account, session.Data, session.ExpiresAt)
}

// touchWait bounds how long it may take to note that a session or token was used. On
// SQLite a full run writes for a while; nobody's page waits for that.
const touchWait = 200 * time.Millisecond

// TouchSession implements access.Store.
func (s accessStore) TouchSession(ctx context.Context, key string, expiresAt time.Time) error {
	return soon(ctx, func(ctx context.Context) error { return s.Store.TouchSession(ctx, key, expiresAt) })
}

// TouchToken implements access.Store.
func (s accessStore) TouchToken(ctx context.Context, id int64, usedAt time.Time) error {
	return soon(ctx, func(ctx context.Context) error { return s.Store.TouchToken(ctx, id, usedAt) })
}

// soon does what may as well be left undone this time.
func soon(ctx context.Context, do func(context.Context) error) error {
	short, cancel := context.WithTimeout(ctx, touchWait)
	defer cancel()
	if err := do(short); short.Err() == nil {
		return err
	}
	return ctx.Err()
}

// DeleteSessionsBefore implements access.Store.
func (s accessStore) DeleteSessionsBefore(ctx context.Context, then time.Time) error {
	return s.PruneSessions(ctx, then)
}

// FindToken implements access.Store.
func (s accessStore) FindToken(ctx context.Context, hash string) (*access.StoredToken, error) {
	t, err := s.Store.FindToken(ctx, hash)
	if err != nil || t == nil {
		return nil, err
	}
	return &access.StoredToken{
		ID: t.ID, Hash: t.Hash, Name: t.Name, Account: t.Owner.Account, Role: access.Role(t.Role), Departments: t.Departments, ReadOnly: t.ReadOnly,
		ExpiresAt: t.ExpiresAt, RevokedAt: t.RevokedAt, LastUsedAt: t.LastUsedAt,
	}, nil
}

// oidcConfig is the configuration's identity provider as package access wants it.
func oidcConfig(c *config.OIDC) *access.OIDCConfig {
	if c == nil {
		return nil
	}
	return &access.OIDCConfig{
		Issuer: c.Issuer, ClientID: c.ClientID, ClientSecret: c.ClientSecret.Reveal(), RedirectURL: c.RedirectURL, Scopes: c.Scopes,
		Claim: c.Claim, Rules: accessRules(c.Roles),
	}
}

// proxyConfig likewise.
func proxyConfig(c *config.Proxy) *access.ProxyConfig {
	if c == nil {
		return nil
	}
	return &access.ProxyConfig{
		From: c.From, UserHeader: c.UserHeader, GroupsHeader: c.GroupsHeader, GroupsSeparator: c.Separator, Rules: accessRules(c.Roles),
	}
}

func accessRules(rules []config.RoleRule) []access.Rule {
	list := make([]access.Rule, 0, len(rules))
	for _, r := range rules {
		list = append(list, access.Rule{Value: r.Value, Role: r.Role, Departments: r.Departments})
	}
	return list
}
