package workbook

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"
)

// watcher is a Watch under way, by notifications alone or by looking alone.
type watcher struct {
	t    *testing.T
	told chan struct{}
	n    atomic.Int32
}

const (
	settleForTests = 30 * time.Millisecond
	pauseForTests  = 10 * time.Millisecond
	soonEnough     = 20 * time.Second       // a loaded machine
	quiet          = 200 * time.Millisecond // longer than any change takes to be told
)

var errNone = errors.New("no notifications here")

func noNotifications() (*fsnotify.Watcher, error) { return nil, errNone }

// watchFiles starts a Watch and waits for its first word.
func watchFiles(t *testing.T, cfg Config, notify func() (*fsnotify.Watcher, error)) *watcher {
	t.Helper()
	if cfg.Settle == 0 {
		cfg.Settle = settleForTests
	}
	every := time.Hour // so that only a notification can be what tells
	if notify == nil {
		notify, every = noNotifications, 20*time.Millisecond
	}
	src, err := New(cfg, []string{"Mã hồ sơ"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &watcher{t: t, told: make(chan struct{}, 1000)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- src.watch(ctx, every, pauseForTests, func() { w.n.Add(1); w.told <- struct{}{} }, notify)
	}()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("ended with %v", err)
			}
		case <-time.After(soonEnough):
			t.Error("does not end")
		}
	})
	w.hears("the first look")
	return w
}

func (w *watcher) hears(what string) {
	w.t.Helper()
	select {
	case <-w.told:
	case <-time.After(soonEnough):
		w.t.Fatalf("not told: %s", what)
	}
	// Several files that come to rest one after the other are told several times.
	for {
		select {
		case <-w.told:
		case <-time.After(quiet):
			return
		}
	}
}

func (w *watcher) hearsNothing(what string) {
	w.t.Helper()
	select {
	case <-w.told:
		w.t.Errorf("told without a change: %s", what)
	case <-time.After(quiet):
	}
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// bothWays runs a test by notifications, then by looking now and then.
func bothWays(t *testing.T, run func(t *testing.T, notify func() (*fsnotify.Watcher, error))) {
	t.Parallel()
	t.Run("notified", func(t *testing.T) { t.Parallel(); run(t, fsnotify.NewWatcher) })
	t.Run("looking", func(t *testing.T) { t.Parallel(); run(t, nil) })
}

func TestWatchTellsOfChanges(t *testing.T) {
	bothWays(t, func(t *testing.T, notify func() (*fsnotify.Watcher, error)) {
		dir := folder(t, "so/a.csv", "so/note.pdf")
		a := filepath.Join(dir, "so", "a.csv")
		w := watchFiles(t, Config{Path: "so/*.csv", Dir: dir}, notify)
		w.hearsNothing("at rest")

		put(t, a, small+"A2\n")
		w.hears("written in place")

		put(t, a, small+"A3\n")
		w.hears("written in place, of the same size")

		// As Excel saves: to a file of another name, the old one out of the way,
		// the new one in its place.
		temp := filepath.Join(dir, "so", "A1B2C300")
		put(t, temp, small+"A4\n")
		do(t, os.Rename(a, filepath.Join(dir, "so", "A1B2C3.tmp")))
		do(t, os.Rename(temp, a))
		do(t, os.Remove(filepath.Join(dir, "so", "A1B2C3.tmp")))
		w.hears("saved by renaming")

		put(t, filepath.Join(dir, "so", "note.pdf"), "x")
		put(t, filepath.Join(dir, "so", "~$b.csv"), "x")
		put(t, filepath.Join(dir, "so", ".~lock.b.csv#"), "x")
		w.hearsNothing("files that do not match, and locks")

		put(t, filepath.Join(dir, "so", "b.csv.part"), small)
		do(t, os.Remove(filepath.Join(dir, "so", "~$b.csv")))
		do(t, os.Remove(filepath.Join(dir, "so", ".~lock.b.csv#")))
		do(t, os.Rename(filepath.Join(dir, "so", "b.csv.part"), filepath.Join(dir, "so", "b.csv")))
		w.hears("a new file")

		do(t, os.Remove(a))
		w.hears("a file that is gone")
	})
}

func TestWatchWaitsUntilABookIsClosed(t *testing.T) {
	bothWays(t, func(t *testing.T, notify func() (*fsnotify.Watcher, error)) {
		dir := folder(t, "a.csv", "b.csv")
		w := watchFiles(t, Config{Path: "*.csv", Dir: dir}, notify)
		lock := filepath.Join(dir, "~$a.csv")
		put(t, lock, "x")
		put(t, filepath.Join(dir, "a.csv"), small+"A2\n")
		w.hearsNothing("the book is open")
		put(t, filepath.Join(dir, "b.csv"), small+"B2\n")
		w.hears("another book")
		do(t, os.Remove(lock))
		w.hears("the book is closed")
		w.hearsNothing("once is enough")
	})
}

func TestWatchWaitsUntilAFileIsWhole(t *testing.T) {
	bothWays(t, func(t *testing.T, notify func() (*fsnotify.Watcher, error)) {
		dir := folder(t, "a.csv")
		w := watchFiles(t, Config{Path: "a.csv", Dir: dir, Settle: 400 * time.Millisecond}, notify)
		before := w.n.Load()
		out, err := os.OpenFile(filepath.Join(dir, "a.csv"), os.O_APPEND|os.O_WRONLY, 0)
		do(t, err)
		begin := time.Now()
		last := begin
		for time.Since(begin) < time.Second {
			if time.Since(last) > 300*time.Millisecond {
				t.Skip("this machine is too busy to write without a pause")
			}
			if n := w.n.Load(); n > before {
				t.Fatal("told while the file was being written")
			}
			_, err = out.WriteString("A\n")
			do(t, err)
			last = time.Now()
			time.Sleep(20 * time.Millisecond)
		}
		do(t, out.Close())
		w.hears("written to its end")
	})
}

func TestWatchFoldersThatComeAndGo(t *testing.T) {
	bothWays(t, func(t *testing.T, notify func() (*fsnotify.Watcher, error)) {
		dir := folder(t, "nam/2018/quy2/tp.csv")
		year := filepath.Join(dir, "nam", "2018")
		w := watchFiles(t, Config{Path: "nam/20*/quy?/*.csv", Dir: dir}, notify)

		do(t, os.MkdirAll(filepath.Join(dir, "nam", "2019", "quy1"), 0o700))
		put(t, filepath.Join(dir, "nam", "2019", "quy1", "tp.csv"), small)
		w.hears("a file in a new folder of a new folder")

		do(t, os.RemoveAll(year))
		w.hears("a folder that is gone")

		do(t, os.MkdirAll(filepath.Join(year, "quy2"), 0o700))
		w.hearsNothing("an empty folder")
		put(t, filepath.Join(year, "quy2", "tp.csv"), small)
		w.hears("a folder made anew")

		// A copy prepared elsewhere takes the folder's place.
		do(t, os.Rename(year, filepath.Join(dir, "cu")))
		do(t, os.MkdirAll(filepath.Join(dir, "moi", "quy2"), 0o700))
		put(t, filepath.Join(dir, "moi", "quy2", "tp.csv"), small+"M\n")
		do(t, os.Rename(filepath.Join(dir, "moi"), year))
		w.hears("a folder replaced by another")
		put(t, filepath.Join(year, "quy2", "tp.csv"), small+"MM\n")
		w.hears("a file in the folder that took the place")
		put(t, filepath.Join(dir, "cu", "quy2", "tp.csv"), small+"MMM\n")
		w.hearsNothing("the folder that was moved away")
	})
}

func TestWatchAPlainPathWhoseFolderIsNotThereYet(t *testing.T) {
	bothWays(t, func(t *testing.T, notify func() (*fsnotify.Watcher, error)) {
		dir := t.TempDir()
		w := watchFiles(t, Config{Path: "chia/se/tp.csv", Dir: dir}, notify)
		do(t, os.MkdirAll(filepath.Join(dir, "chia", "se"), 0o700))
		put(t, filepath.Join(dir, "chia", "se", "tp.csv"), small)
		w.hears("the share is connected")
		put(t, filepath.Join(dir, "chia", "se", "tp.csv"), small+"A2\n")
		w.hears("a change there")
		do(t, os.RemoveAll(filepath.Join(dir, "chia")))
		w.hears("the share is gone")
		do(t, os.MkdirAll(filepath.Join(dir, "chia", "se"), 0o700))
		put(t, filepath.Join(dir, "chia", "se", "tp.csv"), small+"A2\n")
		w.hears("and back")
	})
}

func TestWatchFollowsLinks(t *testing.T) {
	bothWays(t, func(t *testing.T, notify func() (*fsnotify.Watcher, error)) {
		dir := folder(t, "v1/sub/x/a.csv", "v2/sub/x/a.csv", "kho/that.csv", "so/c.csv")
		put(t, filepath.Join(dir, "v2", "sub", "x", "a.csv"), small+"V2\n")
		do(t, os.Symlink("v1", filepath.Join(dir, "hientai")))
		t.Run("a folder above", func(t *testing.T) {
			w := watchFiles(t, Config{Path: "hientai/sub/x/*.csv", Dir: dir}, notify)
			put(t, filepath.Join(dir, "v1", "sub", "x", "a.csv"), small+"V1\n")
			w.hears("a change behind the link")
			do(t, os.Symlink("v2", filepath.Join(dir, "moi")))
			do(t, os.Rename(filepath.Join(dir, "moi"), filepath.Join(dir, "hientai")))
			w.hears("the link leads elsewhere")
			put(t, filepath.Join(dir, "v2", "sub", "x", "a.csv"), small+"V22\n")
			w.hears("a change there")
		})
		t.Run("a file", func(t *testing.T) {
			do(t, os.Symlink(filepath.Join("..", "kho", "that.csv"), filepath.Join(dir, "so", "a.csv")))
			w := watchFiles(t, Config{Path: "so/a.csv", Dir: dir}, notify)
			put(t, filepath.Join(dir, "kho", "that.csv"), small+"K\n")
			w.hears("a change behind the link")
			put(t, filepath.Join(dir, "kho", "moi.csv"), small+"KK\n")
			do(t, os.Rename(filepath.Join(dir, "kho", "moi.csv"), filepath.Join(dir, "kho", "that.csv")))
			w.hears("saved by renaming behind the link")
		})
	})
}

// Whatever happens and however fast, after the last of it there is a word.
func TestWatchMissesNothing(t *testing.T) {
	bothWays(t, func(t *testing.T, notify func() (*fsnotify.Watcher, error)) {
		dir := folder(t, "a/x.csv", "b/x.csv")
		w := watchFiles(t, Config{Path: "[ab]/*.csv", Dir: dir}, notify)
		random := rand.New(rand.NewPCG(1, 2))
		for round := range 4 {
			for step := range 30 {
				sub := filepath.Join(dir, []string{"a", "b"}[random.IntN(2)])
				file := filepath.Join(sub, fmt.Sprintf("%d.csv", random.IntN(3)))
				switch random.IntN(5) {
				case 0:
					do(t, os.RemoveAll(sub))
				case 1:
					_ = os.Remove(file)
				case 2:
					time.Sleep(time.Duration(random.IntN(int(3 * pauseForTests))))
				default:
					do(t, os.MkdirAll(sub, 0o700))
					put(t, file+"~", fmt.Sprint(small, round, step))
					do(t, os.Rename(file+"~", file))
				}
			}
			for len(w.told) > 0 {
				<-w.told
			}
			do(t, os.MkdirAll(filepath.Join(dir, "a"), 0o700))
			put(t, filepath.Join(dir, "a", "last.csv"), fmt.Sprint(small, round))
			w.hears("the last change")
		}
	})
}

func TestWatchIsIdleWhereNothingHappens(t *testing.T) {
	dir := folder(t, "so/a.csv")
	w := watchFiles(t, Config{Path: "so/*.csv", Dir: dir}, nil)
	before := w.n.Load()
	time.Sleep(200 * time.Millisecond) // ten looks
	if n := w.n.Load(); n != before {
		t.Errorf("told %d times", n-before)
	}
}

// A flood of events makes no flood of looks.
func TestWatchLooksAtMostOncePerDebounce(t *testing.T) {
	dir := folder(t, "so/a.csv")
	src, err := New(Config{Path: "so/*.csv", Dir: dir, Settle: time.Nanosecond}, []string{"Mã hồ sơ"}, nil)
	do(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	n := 0
	done := make(chan error, 1)
	go func() { done <- src.Watch(ctx, time.Hour, func() { n++ }) }()
	for i := 0; ctx.Err() == nil; i++ {
		put(t, filepath.Join(dir, "so", "a.csv"), fmt.Sprint(small, i))
	}
	if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ended with %v", err)
	}
	if most := int(time.Second/debounce) + 2; n < 1 || n > most {
		t.Errorf("told %d times in a second, want at most %d", n, most)
	}
}
