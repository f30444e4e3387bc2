package daemontest

import (
	"errors"
	"testing"
	"time"
)

// look is how often something is looked at that is waited for.
const look = 20 * time.Millisecond

// hopeless ends a wait at once.
type hopeless struct{ error }

// stop marks an error after which waiting is of no use.
func stop(err error) error { return hopeless{err} }

// within waits until a condition is no error any more, for so long at most, and
// gives how long it took.
func within(t testing.TB, limit time.Duration, what string, condition func() error) time.Duration {
	t.Helper()
	began := time.Now()
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		err := condition()
		took := time.Since(began)
		if err == nil {
			return took
		}
		if errors.As(err, &hopeless{}) || took > limit {
			t.Fatalf("not so after %s: %s: %v", took.Round(time.Millisecond), what, err)
		}
		<-ticker.C
	}
}

// pause waits for a moment that must be any; it is not waiting for something.
func pause(d time.Duration) { <-time.After(d) }
