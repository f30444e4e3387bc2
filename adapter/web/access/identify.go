package access

import (
	"context"
	"errors"
	"net/http"
)

// Identify is who asks; nil where nobody said so. The first of these that says
// anything counts: an API token, a trusted proxy's headers, a session, the demo, and
// that there is nobody yet to sign in (package doc). An error is a *Denied, which
// wraps ErrRejected, or wraps ErrUnavailable. A session that ended is nobody's.
func (a *Access) Identify(r *http.Request) (*Principal, error) {
	p, err := a.identify(r)
	if p != nil && p.Language == "" {
		p.Language = languageCookie(r)
	}
	return p, err
}

func (a *Access) identify(r *http.Request) (*Principal, error) {
	if text, ok, err := bearer(r); err != nil {
		return nil, err
	} else if ok {
		return a.byToken(r.Context(), text)
	}
	set := a.settings.Load()
	if p, err := set.proxy.identify(r); p != nil || err != nil {
		return p, err
	}
	if p, err := a.bySession(r, set); p != nil || err != nil {
		return p, err
	}
	if a.demo != nil && onMachine(r) {
		demo := *a.demo
		return &demo, nil
	}
	return a.open(r, set)
}

// bySession is whose session it is.
func (a *Access) bySession(r *http.Request, set *settings) (*Principal, error) {
	v, s, err := a.current(r)
	if s == nil || err != nil {
		return nil, err
	}
	var p *Principal
	switch s.Via {
	case ViaPassword:
		p, err = a.ofAccount(r.Context(), s)
	case ViaOIDC:
		p = set.oidc.ofSession(s)
	}
	if p == nil || err != nil {
		return nil, err
	}
	a.touch(r.Context(), v, s)
	return p, nil
}

// ofAccount is the session's account, as long as it may be used and the epoch is that
// of the session.
func (a *Access) ofAccount(ctx context.Context, s *session) (*Principal, error) {
	account, err := a.account(ctx, s.Account)
	if err != nil {
		return nil, err
	}
	if account != nil && account.SessionEpoch < s.Epoch {
		// Another replica began the session after this one read the account.
		a.cache.forget()
		if account, err = a.account(ctx, s.Account); err != nil {
			return nil, err
		}
	}
	if account == nil || account.Disabled || account.SessionEpoch != s.Epoch {
		return nil, nil
	}
	return account.principal(ViaPassword), nil
}

// account reads one by way of the cache; nil where there is none.
func (a *Access) account(ctx context.Context, id int64) (*Account, error) {
	account, err := through(a.cache, a.cache.ofAccounts, id, a.now(), func() (*Account, error) { return a.store.GetAccount(ctx, id) })
	if errors.Is(err, ErrNoAccount) {
		return nil, nil
	}
	if err != nil {
		return nil, unavailable("read an account", err)
	}
	return account, nil
}

// open is whoever asks on the machine itself while there is nobody to sign in.
func (a *Access) open(r *http.Request, set *settings) (*Principal, error) {
	if a.accounted.Load() || set.oidc != nil || set.proxy != nil || !a.loopback || !onMachine(r) {
		return nil, nil
	}
	n, err := a.store.CountAccounts(r.Context())
	if err != nil {
		return nil, unavailable("count accounts", err)
	}
	if n > 0 {
		a.accounted.Store(true)
		return nil, nil
	}
	return &Principal{Name: "local", Display: "local", Role: Operator, ReadOnly: true, Via: ViaOpen}, nil
}
