package workbook

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// lockPoll is how often a lock file beside a book is looked for while waiting.
const lockPoll = 500 * time.Millisecond

// settled waits until f is at rest: no lock file beside it, and unchanged for
// cfg.Settle. It gives up at the deadline with CauseChanging.
func settled(ctx context.Context, cfg Config, f file, deadline time.Time) error {
	var last fs.FileInfo
	var since time.Time // when last was first seen as it is
	for {
		info, err := os.Stat(f.path)
		if err != nil {
			return faultf(reconcile.CauseConnect, "%s: cannot be read: %v; check that it is there and may be read", f.show, bare(err))
		}
		now := time.Now()
		if last == nil || changed(last, info) {
			last, since = info, now
		}
		lock := lockBeside(f.path)
		// A share's clock may run ahead of ours: then only watching helps.
		rest := max(now.Sub(info.ModTime()), now.Sub(since))
		if lock == "" && rest >= cfg.Settle {
			return nil
		}
		wait := cfg.Settle - rest
		if lock != "" {
			wait = lockPoll
		}
		if !now.Add(wait).Before(deadline) && wait > 0 && now.Before(deadline) {
			wait = deadline.Sub(now)
		} else if !now.Before(deadline) {
			return unsettled(f, lock)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
	}
}

func unsettled(f file, lock string) error {
	if lock != "" {
		return faultf(reconcile.CauseChanging, "%s is open in another program (%s lies beside it); save and close it, "+
			"or delete %[2]s if nobody has the book open", f.show, lock)
	}
	return changing(f)
}

func changing(f file) *fault {
	return &fault{reconcile.CauseChanging, f.show + " is still being written; it is read at the next poll, " +
		"let the export write to another name and rename it when it is done"}
}

func changed(a, b fs.FileInfo) bool {
	return a.Size() != b.Size() || !a.ModTime().Equal(b.ModTime())
}

// lockBeside names the lock file beside path, "" if there is none.
func lockBeside(path string) string {
	dir, name := filepath.Split(path)
	for _, lock := range []string{"~$" + name, ".~lock." + name + "#"} {
		if _, err := os.Lstat(filepath.Join(dir, lock)); err == nil {
			return lock
		}
	}
	return ""
}
