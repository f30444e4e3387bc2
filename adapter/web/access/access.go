package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"
)

// Options is what an Access is built from. Store is needed.
type Options struct {
	Store  Store
	Clock  func() time.Time // time.Now where nil
	Logger *slog.Logger     // says nothing where nil
	// Loopback: the server listens on this machine only.
	Loopback bool
	// OIDC and Proxy may be changed later by Reconfigure.
	OIDC  *OIDCConfig
	Proxy *ProxyConfig
	// Demo is whom everybody is taken for who asks on this machine itself, unless
	// they are signed in as somebody else. Only the demo sets it.
	Demo *Principal

	SessionIdle time.Duration // after which a session ends that is not used; 2 hours where 0
	SessionMax  time.Duration // after which it ends however used; 12 hours where 0
	Lockout     Lockout
	// HashesAtATime bounds how many passwords are verified at once, at 19 MiB and one
	// processor each; 2 where 0.
	HashesAtATime int
}

// How often somebody may try a password: a burst, then one every so often. What is
// wrong closes the name long before (Lockout); this bounds what trying costs us, and
// one password tried on many names.
const (
	addressBurst = 30 // a whole office comes from one address
	addressEvery = 3 * time.Second
	nameBurst    = 10
	nameEvery    = 6 * time.Second
)

// Access tells who asks. It is a web.Gate. Its methods may be called from several
// goroutines at once.
type Access struct {
	store    Store
	now      func() time.Time
	log      *slog.Logger
	loopback bool
	demo     *Principal

	sessionIdle, sessionMax time.Duration

	lockout   Lockout
	shadows   shadows
	byAddress *limiter
	byName    *limiter
	hasher    *hasher

	cache    *cache
	sessions *scs.SessionManager
	// accounted: there is an account. Accounts are disabled, never deleted.
	accounted atomic.Bool
	settings  atomic.Pointer[settings]
}

// settings is what may change while the server runs.
type settings struct {
	oidc  *provider
	proxy *proxy
}

// New checks the options. It asks nobody yet: neither the store nor a provider.
func New(o Options) (*Access, error) {
	if o.Store == nil {
		return nil, errors.New("access: options lack Store")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.SessionIdle <= 0 {
		o.SessionIdle = 2 * time.Hour
	}
	if o.SessionMax <= 0 {
		o.SessionMax = 12 * time.Hour
	}
	if o.HashesAtATime <= 0 {
		o.HashesAtATime = 2
	}
	o.Lockout.complete()
	a := &Access{
		store: o.Store, now: o.Clock, log: o.Logger, loopback: o.Loopback,
		sessionIdle: o.SessionIdle, sessionMax: o.SessionMax,
		lockout: o.Lockout, shadows: shadows{names: map[string]tries{}},
		byAddress: newLimiter(addressEvery, addressBurst), byName: newLimiter(nameEvery, nameBurst),
		hasher: newHasher(fullCost, o.HashesAtATime), cache: newCache(),
	}
	if o.Demo != nil {
		demo := *o.Demo
		demo.Via = ViaDemo
		a.demo = &demo
	}
	a.sessions = newSessions(&sessionStore{store: o.Store, cache: a.cache, now: o.Clock}, o.SessionMax)
	a.settings.Store(&settings{})
	if err := a.Reconfigure(o.OIDC, o.Proxy); err != nil {
		return nil, err
	}
	return a, nil
}

// Reconfigure puts a provider and a proxy in the place of those before, all or, on an
// error, none. Sessions go on: what somebody may do follows from the new rules.
func (a *Access) Reconfigure(oidc *OIDCConfig, proxy *ProxyConfig) error {
	before := a.settings.Load()
	next := &settings{}
	var errs [2]error
	next.oidc, errs[0] = newProvider(oidc, before.oidc, a.now, a.log)
	next.proxy, errs[1] = newProxy(proxy)
	if err := errors.Join(errs[:]...); err != nil {
		return fmt.Errorf("access: %w", err)
	}
	a.settings.Store(next)
	return nil
}

// Forget drops what was read of accounts, sessions and tokens, so that what was
// changed in the store holds at once and not within five seconds. It must be called
// after the change.
func (a *Access) Forget() { a.cache.forget() }

// EndSessions ends all sessions of an account.
func (a *Access) EndSessions(ctx context.Context, account int64) error {
	defer a.cache.forget()
	if err := a.store.UpdateAccount(ctx, account, func(kept *Account) error { kept.SessionEpoch++; return nil }); err != nil {
		return fmt.Errorf("end sessions of account %d: %w", account, err)
	}
	// The epoch has ended them; this only frees their rows.
	if err := a.store.DeleteSessionsOf(ctx, account); err != nil {
		return fmt.Errorf("delete sessions of account %d: %w", account, err)
	}
	return nil
}

// Sweep deletes sessions that have ended; to be called every hour or so.
func (a *Access) Sweep(ctx context.Context) error {
	if err := a.store.DeleteSessionsBefore(ctx, a.now()); err != nil {
		return fmt.Errorf("delete sessions that have ended: %w", err)
	}
	return nil
}

// HashPassword is the function of that name, waiting for its turn: few are computed
// at a time.
func (a *Access) HashPassword(ctx context.Context, password string) (string, error) {
	return a.hasher.hash(ctx, password)
}
