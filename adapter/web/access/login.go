package access

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"
)

// Login begins a session with a local account. A *Denied tells why not: one text for
// an unknown name, a wrong password and a disabled account, another, with the time to
// wait, where there were too many attempts. Any other error wraps ErrUnavailable, or
// is the context's.
//
// The session's cookie is set at once: it must be called before the answer begins.
func (a *Access) Login(ctx context.Context, r *http.Request, name, password string) (*Principal, error) {
	v := visitOf(r)
	if v == nil {
		return nil, errNoVisit
	}
	now := a.now()
	if wait := a.byAddress.take(a.limitKey(r), now); wait > 0 {
		return nil, limited(wait)
	}
	name = NormalName(name)
	account, err := a.verified(ctx, name, password)
	if err != nil {
		return nil, err
	}
	if err := a.begin(r, v, session{Account: account.ID, Epoch: account.SessionEpoch, Via: ViaPassword}); err != nil {
		return nil, err
	}
	a.log.InfoContext(ctx, "signed in", "account", account.Name, "via", ViaPassword, "remote", a.RemoteOf(r))
	return account.principal(ViaPassword), nil
}

// verified is the account of that name, where the password is its own. Every attempt
// that is not refused beforehand costs one hash, whether or not there is such an
// account.
func (a *Access) verified(ctx context.Context, name, password string) (*Account, error) {
	if wait := a.byName.take(nameKey(name), a.now()); wait > 0 {
		return nil, limited(wait)
	}
	var account *Account
	if CheckName(name) == nil {
		var err error
		if account, err = a.store.FindAccount(ctx, name); err != nil {
			return nil, unavailable("find an account", err)
		}
	}
	if account == nil {
		if err := a.shadows.fail(&a.lockout, nameKey(name), a.now()); err != nil {
			return nil, err
		}
		if _, _, err := a.hasher.verify(ctx, password, ""); err != nil {
			return nil, err
		}
		return nil, wrongPassword()
	}
	if err := a.countFailure(ctx, account); err != nil {
		return nil, err
	}
	right, better, err := a.hasher.verify(ctx, password, account.PasswordHash)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, wrongPassword()
	}
	return a.succeeded(ctx, account, better)
}

// succeeded takes back what was counted. The account may have changed while the hash
// was computed: what it is now counts.
func (a *Access) succeeded(ctx context.Context, account *Account, better string) (*Account, error) {
	var now *Account
	err := a.store.UpdateAccount(ctx, account.ID, func(kept *Account) error {
		if kept.Disabled || kept.PasswordHash != account.PasswordHash {
			return wrongPassword()
		}
		kept.FailedLogins, kept.LockedUntil, kept.LastLoginAt = 0, time.Time{}, a.now()
		if better != "" {
			kept.PasswordHash = better
		}
		copied := *kept
		now = &copied
		return nil
	})
	var denied *Denied
	switch {
	case errors.As(err, &denied):
		return nil, denied
	case errors.Is(err, ErrNoAccount):
		return nil, wrongPassword()
	case err != nil:
		return nil, unavailable("keep a login", err)
	}
	a.cache.forget()
	return now, nil
}

// nameKey bounds what is remembered of a name that somebody made up.
func nameKey(name string) string {
	if len(name) <= 64 {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}
