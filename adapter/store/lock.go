package store

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"

	"github.com/jmoiron/sqlx"
)

// locks keep two readings of one source apart. On SQLite, which one process
// serves, they are the process's own; on PostgreSQL the database holds them, and
// lets go of them when the process is gone.
type locks struct {
	mu    sync.Mutex
	held  map[string]bool
	url   string // of PostgreSQL
	once  sync.Once
	conns *sqlx.DB // their own, so that those who hold one never starve the others
	err   error
}

// maxLocks is how many sources one process reads at a time, at most.
const maxLocks = 16

// TryLockSource takes the source for one reading; unlock must be called then. ok
// is false where somebody else has it.
func (s *Store) TryLockSource(ctx context.Context, name string) (unlock func(), ok bool, err error) {
	l := &s.locks
	l.mu.Lock()
	taken := l.held[name]
	if !taken {
		if l.held == nil {
			l.held = map[string]bool{}
		}
		l.held[name] = true
	}
	l.mu.Unlock()
	if taken {
		return nil, false, nil
	}
	release := func() {
		l.mu.Lock()
		delete(l.held, name)
		l.mu.Unlock()
	}
	if l.url == "" {
		return release, true, nil
	}
	unlockThere, ok, err := l.inDatabase(ctx, name)
	if !ok {
		release()
		return nil, false, err
	}
	return func() { unlockThere(); release() }, true, nil
}

// sourceLocks is the class of the advisory locks on sources; any number that
// nobody else uses.
const sourceLocks = 731003512

func (l *locks) inDatabase(ctx context.Context, name string) (unlock func(), ok bool, err error) {
	l.once.Do(func() {
		if l.conns, l.err = sqlx.Open("postgres", l.url); l.err == nil {
			l.conns.SetMaxOpenConns(maxLocks)
			l.conns.SetMaxIdleConns(2)
		}
	})
	if l.err != nil {
		return nil, false, fmt.Errorf("store: lock of source %s: %s", name, hideSecrets(l.err.Error(), l.url))
	}
	conn, err := l.conns.Connx(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("store: lock of source %s: %s", name, hideSecrets(err.Error(), l.url))
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // a hash takes what it is given
	key := int32(h.Sum32())      // any 32 bits will do
	if err = conn.GetContext(ctx, &ok, `SELECT pg_try_advisory_lock($1, $2)`, sourceLocks, key); err != nil || !ok {
		_ = conn.Close() // back into the pool
		if err != nil {
			err = fmt.Errorf("store: lock of source %s: %w", name, err)
		}
		return nil, false, err
	}
	return func() {
		// Also after ctx has ended. A connection that broke holds nothing any more.
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1, $2)`, sourceLocks, key)
		_ = conn.Close()
	}, true, nil
}

func (l *locks) close() error {
	if l.conns == nil {
		return nil
	}
	return l.conns.Close()
}
