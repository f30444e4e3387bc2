package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/doisoat/doisoat/cmd/internal/output"
	"github.com/doisoat/doisoat/reconcile"
)

// frameEvery is how often the bars are drawn anew; the first time they are drawn
// after one such time too, so that quick work shows none.
const frameEvery = 100 * time.Millisecond

// barLength is a bar's length in columns.
const barLength = 24

// bars shows how long work goes: a line a source while it is polled, one for the
// comparison. It draws only on a terminal, and leaves nothing there.
type bars struct {
	out  *outlet
	done chan struct{}
	over sync.WaitGroup

	mu    sync.Mutex
	lines []*barLine // in the order in which they began
	drawn int        // lines on the screen now; guarded by out.mu
}

// barLine is the progress of one thing.
type barLine struct {
	name        string
	done, total int64 // total 0: unknown
	bytes       bool
	rows        int
	finished    string // what became of it, once it ended
}

// newProgress starts drawing on out if it is a terminal. stop has to be called.
func newProgress(out *outlet) *bars {
	b := &bars{out: out}
	if !output.Draws(out) {
		return b
	}
	b.done = make(chan struct{})
	out.mu.Lock()
	out.clear, out.draw = b.clear, b.draw
	out.mu.Unlock()
	b.over.Go(func() {
		ticker := time.NewTicker(frameEvery)
		defer ticker.Stop()
		for {
			select {
			case <-b.done:
				return
			case <-ticker.C:
				out.mu.Lock()
				b.draw(out.file)
				out.mu.Unlock()
			}
		}
	})
	return b
}

// stop takes the bars from the screen.
func (b *bars) stop() {
	if b.done == nil {
		return
	}
	close(b.done)
	b.over.Wait()
	b.out.mu.Lock()
	defer b.out.mu.Unlock()
	b.clear(b.out.file)
	b.out.clear, b.out.draw = nil, nil
}

// clear removes what is drawn. The cursor stands behind it, at a line's begin.
func (b *bars) clear(w io.Writer) {
	if b.drawn > 0 {
		fmt.Fprintf(w, "\x1b[%dA\x1b[J", b.drawn)
		b.drawn = 0
	}
}

// draw writes the bars over those of the last time: one write, no blank screen
// in between.
func (b *bars) draw(w io.Writer) {
	columns, rows := size(w)
	b.mu.Lock()
	var frame strings.Builder
	if b.drawn > 0 {
		fmt.Fprintf(&frame, "\x1b[%dA", b.drawn)
	}
	// Lines that do not fit on the screen could not be taken away again.
	shown := b.lines[max(0, len(b.lines)-max(1, rows-2)):]
	for _, line := range shown {
		frame.WriteString(cut(line.String(), columns-1) + "\x1b[K\n")
	}
	frame.WriteString("\x1b[J")
	b.mu.Unlock()
	if len(shown) == 0 && b.drawn == 0 {
		return
	}
	b.drawn = len(shown)
	_, _ = io.WriteString(w, frame.String()) // a terminal that is gone needs no bars
}

func size(w io.Writer) (columns, rows int) {
	if f, ok := w.(*os.File); ok {
		if columns, rows, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 && rows > 0 {
			return columns, rows
		}
	}
	return 80, 24
}

// cut shortens a line to so many columns.
func cut(s string, columns int) string {
	if utf8.RuneCountInString(s) <= columns {
		return s
	}
	return string([]rune(s)[:max(columns, 0)])
}

func (l *barLine) String() string {
	name := fmt.Sprintf("%-24s", cut(l.name, 24))
	if l.finished != "" {
		return name + "  " + l.finished
	}
	amount := strconv.FormatInt(l.done, 10)
	if l.bytes {
		amount = fmt.Sprintf("%.1f MB, %d rows", float64(l.done)/1e6, l.rows)
	}
	if l.total <= 0 {
		return name + "  " + amount
	}
	full := int(min(l.done, l.total) * barLength / l.total)
	return fmt.Sprintf("%s  [%s%s] %3d %%  %s", name, strings.Repeat("#", full), strings.Repeat(".", barLength-full),
		min(l.done, l.total)*100/l.total, amount)
}

// line finds or begins the line of this name.
func (b *bars) line(name string) *barLine {
	for _, l := range b.lines {
		if l.name == name {
			return l
		}
	}
	l := &barLine{name: name}
	b.lines = append(b.lines, l)
	return l
}

// Polling is told how far the poll of a source is.
func (b *bars) Polling(source string, p reconcile.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.line(source)
	l.done, l.total, l.rows = int64(p.Rows), int64(p.TotalRows), p.Rows
	if l.bytes = p.TotalBytes > 0; l.bytes {
		l.done, l.total = p.Bytes, p.TotalBytes
	}
}

// Polled is told what became of the poll of a source.
func (b *bars) Polled(snap reconcile.Snapshot) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.line(snap.Source).finished = fmt.Sprintf("%s, %d rows", snap.State, snap.Rows)
}

// comparing is the name of the comparison's line; no source can be called so,
// with its blank.
const comparing = "comparing dossiers"

// Comparing is told how much of the comparison is done.
func (b *bars) Comparing(done, total int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := b.line(comparing)
	l.done, l.total = int64(done), int64(total)
}
