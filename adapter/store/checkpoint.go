package store

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
)

// checkpoints copies what SQLite's log holds into the database file when nobody has
// written for a moment. Left to the transaction that fills the log, it would make
// every so many polls wait for the disk; beside writing transactions it would only
// take time from them.
type checkpoints struct {
	writing atomic.Int64 // transactions
	wake    chan struct{}
	stop    context.CancelFunc
	done    chan struct{}
}

// checkpointAfter is how long nobody must have written: what follows a poll at once
// goes with it.
const checkpointAfter = 300 * time.Millisecond

func startCheckpoints(db *sqlx.DB) *checkpoints {
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpoints{wake: make(chan struct{}, 1), stop: stop, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		var quiet <-chan time.Time // nil while nothing was written
		for {
			select {
			case <-ctx.Done():
				return
			case <-c.wake:
				quiet = time.After(checkpointAfter)
			case <-quiet:
				quiet = nil
				if c.writing.Load() > 0 {
					continue // its end wakes this again
				}
				// It waits for nobody, and what it cannot do now is done after the
				// next transaction; a disk that fails shows there.
				_, _ = db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
			}
		}
	}()
	return c
}

// begin says that a transaction begins to write; end must be called at its end.
func (c *checkpoints) begin() (end func()) {
	if c == nil {
		return func() {}
	}
	c.writing.Add(1)
	return func() {
		c.writing.Add(-1)
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

func (c *checkpoints) close() {
	if c == nil {
		return
	}
	c.stop()
	<-c.done
}
