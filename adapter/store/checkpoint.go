package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"
)

// checkpoints copies what SQLite's log holds into the database file soon after each
// transaction, beside the next ones. Left to the transaction that fills the log, it
// would make every so many polls wait for the disk.
type checkpoints struct {
	wake chan struct{}
	stop context.CancelFunc
	done chan struct{}
}

// checkpointAfter is how long a transaction's pages wait: what follows a poll at
// once goes with it.
const checkpointAfter = 300 * time.Millisecond

func startCheckpoints(db *sqlx.DB) *checkpoints {
	ctx, stop := context.WithCancel(context.Background())
	c := &checkpoints{wake: make(chan struct{}, 1), stop: stop, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-c.wake:
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(checkpointAfter):
			}
			// It waits for nobody, and what it cannot do now is done after the next
			// transaction; a disk that fails shows there.
			_, _ = db.ExecContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)")
		}
	}()
	return c
}

// written says that a transaction was committed.
func (c *checkpoints) written() {
	if c == nil {
		return
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *checkpoints) close() {
	if c == nil {
		return
	}
	c.stop()
	<-c.done
}
