package access

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Lockout is how wrong passwords close a login name: after so many in a row for so
// long, after as many again for twice as long, up to Max. A login, or a new first
// password, starts anew.
type Lockout struct {
	Failures int           // 5 where 0
	For      time.Duration // 15 minutes where 0
	Max      time.Duration // 4 hours where 0
}

func (l *Lockout) complete() {
	if l.Failures <= 0 {
		l.Failures = 5
	}
	if l.For <= 0 {
		l.For = 15 * time.Minute
	}
	if l.Max < l.For {
		l.Max = max(4*time.Hour, l.For)
	}
}

// after is how long the name is locked after so many failures in a row.
func (l *Lockout) after(failures int) time.Duration {
	if failures == 0 || failures%l.Failures != 0 {
		return 0
	}
	wait := l.For
	for range failures/l.Failures - 1 {
		if wait >= l.Max {
			break
		}
		wait *= 2
	}
	return min(wait, l.Max)
}

// tries is what is counted of a name.
type tries struct {
	failures int
	until    time.Time
}

// fail counts a failure before it is one, so that many attempts at once are not
// more than one after another. It returns a *Denied where the name is locked.
func (l *Lockout) fail(t tries, now time.Time) (tries, error) {
	if wait := t.until.Sub(now); wait > 0 {
		return t, locked(wait)
	}
	t.failures++
	if wait := l.after(t.failures); wait > 0 {
		t.until = now.Add(wait)
	}
	return t, nil
}

// shadows counts for names that no account has, so that they lock as others do.
type shadows struct {
	mu    sync.Mutex
	names map[string]tries
}

func (s *shadows) fail(l *Lockout, name string, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := l.fail(s.names[name], now)
	if err != nil {
		return err
	}
	if _, known := s.names[name]; !known && len(s.names) >= maxRemembered {
		s.makeRoom(now)
	}
	s.names[name] = t
	return nil
}

// makeRoom forgets a tenth, those first that are not locked.
func (s *shadows) makeRoom(now time.Time) {
	few := maxRemembered - maxRemembered/10
	for name, t := range s.names {
		if len(s.names) <= few {
			return
		}
		if !t.until.After(now) {
			delete(s.names, name)
		}
	}
	for name := range s.names {
		if len(s.names) <= few {
			return
		}
		delete(s.names, name)
	}
}

// countFailure counts an attempt at the account in the store, where it survives a
// restart and where replicas see it.
func (a *Access) countFailure(ctx context.Context, account *Account) error {
	now := a.now()
	if wait := account.LockedUntil.Sub(now); wait > 0 {
		return locked(wait) // without a transaction: a flood must not become one of writes
	}
	err := a.store.UpdateAccount(ctx, account.ID, func(kept *Account) error {
		t, err := a.lockout.fail(tries{kept.FailedLogins, kept.LockedUntil}, now)
		kept.FailedLogins, kept.LockedUntil = t.failures, t.until
		return err
	})
	var denied *Denied
	if err == nil || errors.As(err, &denied) {
		if denied != nil {
			return denied
		}
		return nil
	}
	return unavailable("count a login", err)
}
