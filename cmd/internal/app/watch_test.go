package app

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

func TestSavedWorkbookIsPolledAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{realClock: true, every: time.Hour, patience: usual})
	r.both("kt-book", openRow("A-01", "KT"))
	r.both("tp-book", openRow("B-01", "TP"))
	r.save(t)
	r.unplug(t)
	stop := r.runs(t)
	eventually(t, "the nightly run", func() bool { return len(r.nightlies(t)) == 1 })
	before := r.newest(t, "tp-book")
	r.books["tp-book"].put(openRow("B-02", "TP"))
	began := time.Now()
	r.books["tp-book"].save(t, filepath.Join(r.dir, "tp-book.csv"))
	eventually(t, "a poll of the saved book", func() bool {
		snap := r.newest(t, "tp-book")
		return snap.ID > before.ID && snap.State == reconcile.SnapshotAccepted && snap.Records == 2
	})
	t.Logf("from saving to the poll: %s, polled every hour otherwise", time.Since(began).Round(time.Millisecond))
	if _, err := stop(); err != nil {
		t.Error(err)
	}
}

// unplug has the daemon read the files that the configuration names.
func (r *rig) unplug(t *testing.T) {
	t.Helper()
	if err := r.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
}
