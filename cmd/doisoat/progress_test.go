package main

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

func TestProgressLines(t *testing.T) {
	b := &bars{}
	b.Polling("dvc-hue", reconcile.Progress{Pages: 2, Rows: 500, TotalRows: 2000})
	b.Polling("kt", reconcile.Progress{Rows: 30, Bytes: 1_500_000, TotalBytes: 1_000_000})
	b.Polling("tp", reconcile.Progress{Rows: 7})
	b.Polling("văn-phòng-đăng-ký-đất-đai-hương-trà", reconcile.Progress{Rows: 3, TotalRows: 1})
	b.Polled(reconcile.Snapshot{Source: "tp", State: reconcile.SnapshotPartial, Rows: 9})
	b.Comparing(1, 3)
	var got []string
	for _, l := range b.lines {
		got = append(got, l.String())
	}
	want := []string{
		"dvc-hue                   [######..................]  25 %  500",
		"kt                        [########################] 100 %  1.5 MB, 30 rows",
		"tp                        partial, 9 rows",
		"văn-phòng-đăng-ký-đất-đa  [########################] 100 %  3",
		"comparing dossiers        [########................]  33 %  1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is drawn is taken away by as many lines as were drawn.
func TestFramesAreDrawnOverEachOtherAndTakenAway(t *testing.T) {
	b := &bars{}
	var screen bytes.Buffer
	b.draw(&screen)
	if screen.Len() != 0 {
		t.Errorf("nothing is going on, but %q was drawn", &screen)
	}
	b.clear(&screen)
	if screen.Len() != 0 {
		t.Errorf("nothing is drawn, but %q was written to take it away", &screen)
	}
	b.Polling("a", reconcile.Progress{Rows: 1})
	b.Polling("b", reconcile.Progress{Rows: 1})
	b.draw(&screen)
	if got := screen.String(); strings.Contains(got, "\x1b[2A") || strings.Count(got, "\n") != 2 {
		t.Errorf("first frame %q", got)
	}
	screen.Reset()
	b.Polling("c", reconcile.Progress{Rows: 1})
	b.draw(&screen)
	if got := screen.String(); !strings.HasPrefix(got, "\x1b[2A") || strings.Count(got, "\n") != 3 {
		t.Errorf("second frame %q", got)
	}
	screen.Reset()
	b.clear(&screen)
	if got := screen.String(); got != "\x1b[3A\x1b[J" {
		t.Errorf("taken away by %q", got)
	}
}

// More sources than the screen has rows: what scrolled away could not be erased.
func TestAFrameIsNeverHigherThanTheScreen(t *testing.T) {
	b := &bars{}
	for i := range 100 {
		b.Polling(strings.Repeat("x", i+1), reconcile.Progress{Rows: i})
	}
	var screen bytes.Buffer
	b.draw(&screen)
	if n := strings.Count(screen.String(), "\n"); n != 22 || b.drawn != n {
		t.Errorf("%d lines on a screen of 24 rows, %d kept in mind", n, b.drawn)
	}
	for _, line := range strings.Split(screen.String(), "\n") {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\x1b[K")); n > 79 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
}

// Logs come above the bars, whole, from any goroutine.
func TestWhatIsWrittenMakesTheBarsStepAside(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "screen")
	if err != nil {
		t.Fatal(err)
	}
	out := &outlet{file: file}
	b := &bars{out: out}
	b.Polling("a", reconcile.Progress{Rows: 1})
	out.clear, out.draw = b.clear, b.draw
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if _, err := out.Write([]byte("a line of the log\n")); err != nil {
				t.Error(err)
			}
			b.Polling("a", reconcile.Progress{Rows: 2})
		})
	}
	wait.Wait()
	out.mu.Lock()
	b.clear(file)
	out.mu.Unlock()
	text, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "a line of the log\n"); n != 20 {
		t.Errorf("%d lines", n)
	}
	if up, drawn := strings.Count(string(text), "\x1b[1A"), strings.Count(string(text), "\x1b[K\n"); up != drawn {
		t.Errorf("%d bars drawn, %d taken away", drawn, up)
	}
}

func TestAReaderThatHasGoneIsNoFailure(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	out := &outlet{file: w}
	for range 3 {
		if n, err := out.Write([]byte("text")); n != 4 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if !out.gone {
		t.Error("it goes on writing into nothing")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	out = &outlet{file: w}
	if _, err := out.Write([]byte("text")); err == nil {
		t.Error("any other failure has to be told")
	}
}
