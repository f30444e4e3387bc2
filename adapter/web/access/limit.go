package access

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxRemembered bounds what is kept in memory of those who try: addresses, names.
const maxRemembered = 10_000

// limiter lets each key through so often.
type limiter struct {
	every time.Duration // one more after each
	burst int
	mu    sync.Mutex
	keys  map[string]*rate.Limiter
}

func newLimiter(every time.Duration, burst int) *limiter {
	return &limiter{every: every, burst: burst, keys: map[string]*rate.Limiter{}}
}

// take counts an attempt. It is 0 where it may go on, else how long to wait; then it
// was not counted.
func (l *limiter) take(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.keys[key]
	if one == nil {
		l.makeRoom(now)
		one = rate.NewLimiter(rate.Every(l.every), l.burst)
		l.keys[key] = one
	}
	reserved := one.ReserveN(now, 1)
	wait := reserved.DelayFrom(now)
	if wait > 0 {
		reserved.CancelAt(now)
	}
	return wait
}

// makeRoom forgets those who did not try for long, for they start anew as they would
// have; where that is not enough, any. A tenth at a time: a flood of addresses must
// not make each of them cost a look at all.
func (l *limiter) makeRoom(now time.Time) {
	if len(l.keys) < maxRemembered {
		return
	}
	for key, one := range l.keys {
		if one.TokensAt(now) >= float64(l.burst) {
			delete(l.keys, key)
		}
	}
	few := maxRemembered - maxRemembered/10
	for key := range l.keys {
		if len(l.keys) <= few {
			return
		}
		delete(l.keys, key)
	}
}
