package access

import (
	"sync"
	"time"
)

// staleFor is how long what was read may be used again: a session ended, an account
// disabled or a token revoked elsewhere (another replica, the command line) is
// noticed after five seconds at most; here, at once.
const staleFor = 5 * time.Second

// maxCached bounds each kind of what is cached.
const maxCached = 4096

// cache remembers for seconds what was found in the store, so that a page of twenty
// requests asks once. What was not found is not remembered: whoever invents cookies
// fills nothing.
type cache struct {
	mu sync.Mutex
	// age goes up with forget: what was read before is not remembered after.
	age      int
	accounts map[int64]cached[*Account]
	sessions map[string]cached[*StoredSession]
	tokens   map[string]cached[*StoredToken]
}

type cached[T any] struct {
	value T
	at    time.Time
}

func newCache() *cache {
	c := &cache{}
	c.forget()
	return c
}

// forget drops everything.
func (c *cache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.age++
	c.accounts, c.sessions, c.tokens = map[int64]cached[*Account]{}, map[string]cached[*StoredSession]{}, map[string]cached[*StoredToken]{}
}

// through reads one value by way of one of the cache's maps. Values are shared: who
// wants to change one copies it.
func through[K comparable, T any](c *cache, in func() map[K]cached[*T], key K, now time.Time, read func() (*T, error)) (*T, error) {
	c.mu.Lock()
	known, ok := in()[key]
	age := c.age
	c.mu.Unlock()
	// A clock that was set back must not keep an entry for ever.
	if since := now.Sub(known.at); ok && since >= 0 && since < staleFor {
		return known.value, nil
	}
	value, err := read()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.age != age {
		return value, nil
	}
	m := in()
	if value == nil {
		delete(m, key)
		return nil, nil
	}
	if len(m) >= maxCached {
		clear(m)
	}
	m[key] = cached[*T]{value, now}
	return value, nil
}

// replace puts what was just changed in the place of what is remembered, if it is.
func replace[K comparable, T any](c *cache, in func() map[K]cached[*T], key K, value *T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := in()[key]; ok {
		in()[key] = cached[*T]{value, known.at}
	}
}

func (c *cache) ofAccounts() map[int64]cached[*Account]        { return c.accounts }
func (c *cache) ofSessions() map[string]cached[*StoredSession] { return c.sessions }
func (c *cache) ofTokens() map[string]cached[*StoredToken]     { return c.tokens }
