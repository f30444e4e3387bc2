package rest

import (
	"context"
	"sync"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// session holds the token that log-in or OAuth2 gave, and gets a new one when
// it has died: once per token that died, however many workers found it dead.
//
// Whoever gets a new token uses it first, alone. A token is thereby known to
// work before others use it, and one that is refused when fresh is a log-in
// failure rather than one more expiry, even where tokens live for a few calls
// only.
type session struct {
	fetch func(ctx context.Context) (token string, expires time.Time, err error)
	now   func() time.Time
	turn  chan struct{} // of capacity 1: who holds it may replace the token

	mu         sync.Mutex
	token      string
	generation int // of the token; 0 before the first
	expires    time.Time
	dead       bool
	broken     error // why the last attempt to replace the token failed
	brokenAt   time.Time
}

func newSession(fetch func(context.Context) (string, time.Time, error), now func() time.Time) *session {
	return &session{fetch: fetch, now: now, turn: make(chan struct{}, 1)}
}

// A failed log-in is not repeated by every worker that waits for it, nor by
// every single dossier that is asked for: accounts get locked.
const sulk = time.Minute

// A fresh token may die of the tries that one troubled page takes, where tokens
// live for a few calls only. It is replaced so often, and no more. Where tokens
// were good before, one that is dead at its first call is replaced once.
const freshTries = 5

// forgive lets a new poll try again at once where the last one could not log in.
func (s *session) forgive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = nil
}

// use calls do with a token, again with a new one when it was found dead.
func (s *session) use(ctx context.Context, do func(token string) error) error {
	for {
		token, generation, alive := s.current()
		if alive {
			err := do(token)
			if !expired(err) {
				return err
			}
		}
		if done, err := s.replace(ctx, generation, do); done {
			return err
		}
	}
}

func (s *session) current() (token string, generation int, alive bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// A token about to expire is replaced before it does.
	if !s.expires.IsZero() && s.now().After(s.expires.Add(-10*time.Second)) {
		s.dead = true
	}
	return s.token, s.generation, s.generation > 0 && !s.dead
}

// replace gets a new token in place of the given generation and makes do's call
// with it. done is false where another worker has replaced it meanwhile.
func (s *session) replace(ctx context.Context, generation int, do func(token string) error) (done bool, err error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return true, ctx.Err()
	}
	if outdated, err := s.begin(generation); outdated || err != nil {
		return !outdated, err
	}
	for try := range freshTries {
		var token string
		var expires time.Time
		if token, expires, err = s.fetch(ctx); err != nil {
			break
		}
		if err = do(token); !expired(err) {
			s.accept(token, expires)
			return true, err
		}
		again := wornOut(err) || (generation > 0 && try == 0)
		err = faultf(reconcile.CauseAuth, "the token that log-in has just given is refused; check auth, and the account's rights")
		if !again {
			break
		}
	}
	if ctx.Err() == nil {
		s.mu.Lock()
		s.broken, s.brokenAt = err, s.now()
		s.mu.Unlock()
	}
	return true, err
}

func (s *session) begin(generation int) (outdated bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.generation != generation {
		return true, nil
	}
	s.dead = true // nobody else need try it
	if s.broken != nil && s.now().Sub(s.brokenAt) > sulk {
		s.broken = nil
	}
	return false, s.broken
}

func (s *session) accept(token string, expires time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token, s.expires, s.dead = token, expires, false
	s.generation++
}
