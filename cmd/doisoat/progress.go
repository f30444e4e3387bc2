package main

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"

	"github.com/doisoat/doisoat/cmd/internal/output"
	"github.com/doisoat/doisoat/reconcile"
)

// bars shows how long work goes: a bar a source while it is polled, one for the
// comparison. It writes only to a terminal.
type bars struct {
	writer progress.Writer
	mu     sync.Mutex
	polls  map[string]*progress.Tracker
	compar *progress.Tracker
}

// newProgress returns bars that draw on w if it is a terminal, and do nothing
// otherwise.
func newProgress(w io.Writer) *bars {
	b := &bars{polls: map[string]*progress.Tracker{}}
	if !output.Terminal(w) {
		return b
	}
	b.writer = progress.NewWriter()
	b.writer.SetOutputWriter(w)
	b.writer.SetTrackerLength(24)
	b.writer.SetMessageLength(28)
	b.writer.SetUpdateFrequency(100 * time.Millisecond)
	b.writer.Style().Visibility.Speed = true
	go b.writer.Render()
	return b
}

func (b *bars) Polling(source string, p reconcile.Progress) {
	if b.writer == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.polls[source]
	if t == nil {
		t = &progress.Tracker{Message: source, Units: progress.UnitsDefault}
		b.polls[source] = t
		b.writer.AppendTracker(t)
	}
	value, total := int64(p.Rows), int64(p.TotalRows)
	if p.TotalBytes > 0 {
		t.Units, value, total = progress.UnitsBytes, p.Bytes, p.TotalBytes
	}
	t.UpdateTotal(total)
	t.SetValue(value)
}

func (b *bars) Polled(snap reconcile.Snapshot) {
	if b.writer == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.polls[snap.Source]
	if t == nil {
		return
	}
	t.UpdateMessage(fmt.Sprintf("%s: %s, %d rows", snap.Source, snap.State, snap.Rows))
	if snap.State == reconcile.SnapshotAccepted {
		t.MarkAsDone()
	} else {
		t.MarkAsErrored()
	}
}

func (b *bars) Comparing(done, total int) {
	if b.writer == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.compar == nil {
		b.compar = &progress.Tracker{Message: "comparing", Total: int64(total)}
		b.writer.AppendTracker(b.compar)
	}
	b.compar.SetValue(int64(done))
	if done >= total {
		b.compar.MarkAsDone()
	}
}

// stop leaves the terminal as it should be.
func (b *bars) stop() {
	if b.writer == nil {
		return
	}
	b.writer.Stop()
	for range 50 { // the writer draws its last state in its own time
		if !b.writer.IsRenderInProgress() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}
