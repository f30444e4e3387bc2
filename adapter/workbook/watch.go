package workbook

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// debounce is the least time between two looks, however many events come.
	debounce = 100 * time.Millisecond
	// defaultWatchEvery is how often files are looked at where nothing is said.
	defaultWatchEvery = time.Minute
)

// Watch calls changed whenever matched files have come, gone or changed, once
// they are at rest: unchanged for Settle, and not open in another program. It
// goes by the system's notifications, and every so often (a minute if zero) by
// a look of its own, since network shares give none; each look costs a listing
// of the folders and no reading. What counts is the state of the files at each
// look, not the events, so that none can get lost between two looks; the first
// look counts as a change, since nobody knows what happened before.
//
// changed is called from Watch's own goroutine and should return at once. Watch
// returns when ctx ends, with its error.
func (s *Source) Watch(ctx context.Context, every time.Duration, changed func()) error {
	return s.watch(ctx, every, debounce, changed, fsnotify.NewWatcher)
}

func (s *Source) watch(ctx context.Context, every, pause time.Duration, changed func(), notify func() (*fsnotify.Watcher, error)) error {
	if every <= 0 {
		every = defaultWatchEvery
	}
	w := &watch{cfg: s.cfg, told: map[string]string{}, fresh: map[string]sighting{}}
	var events chan fsnotify.Event
	var faults chan error
	if notifier, err := notify(); err == nil {
		defer notifier.Close()
		w.folders.notifier, events, faults = notifier, notifier.Events, notifier.Errors
	} else {
		s.log.WithField("source", s.cfg.Name).WithError(err).Debug("no notifications of changed files; they are looked at now and then")
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	next := time.NewTimer(0)
	defer next.Stop()
	waiting := true // next is running
	soon := func(wait time.Duration) {
		if !waiting {
			waiting = true
			next.Reset(wait)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case e := <-events:
			if w.folders.concerns(e.Name) {
				soon(pause)
			}
			continue
		case err := <-faults: // events were lost, or a folder is gone
			if !errors.Is(err, fsnotify.ErrClosed) {
				soon(pause)
			}
			continue
		case <-ticker.C:
			if waiting {
				continue
			}
		case <-next.C:
			waiting = false
		}
		ready, wait := w.look(time.Now())
		if wait > 0 {
			soon(max(wait, pause))
		}
		if ready {
			changed()
		}
	}
}

// watch is what Watch knows of the files.
type watch struct {
	cfg     Config
	folders folders
	told    map[string]string   // stamp of each file when changed was last called for it
	fresh   map[string]sighting // what differs from told
}

// sighting is a state of a file, "" if it is gone, and when it was first seen.
type sighting struct {
	stamp string
	since time.Time
}

// look compares the files with what was told of them. ready says that changes
// have come to rest; wait is when to look again for those that have not, 0 if
// there are none.
func (w *watch) look(now time.Time) (ready bool, wait time.Duration) {
	w.folders.renew(w.cfg) // first, so that what changes during the look is notified
	state, infos := w.state()
	for path := range w.told {
		if _, there := state[path]; !there {
			state[path] = ""
		}
	}
	for path := range w.fresh {
		if _, there := state[path]; !there {
			state[path] = ""
		}
	}
	for path, stamp := range state {
		if stamp == w.told[path] {
			delete(w.fresh, path)
			continue
		}
		seen, before := w.fresh[path]
		if !before || seen.stamp != stamp {
			seen = sighting{stamp, now}
			w.fresh[path] = seen
		}
		rest := now.Sub(seen.since)
		if info := infos[path]; info != nil {
			if lockBeside(path) != "" {
				continue // its going is an event, and seen at the next look at the latest
			}
			rest = max(rest, now.Sub(info.ModTime()))
		}
		if rest < w.cfg.Settle {
			if left := w.cfg.Settle - rest; wait == 0 || left < wait {
				wait = left
			}
			continue
		}
		ready = true
		delete(w.fresh, path)
		if stamp == "" {
			delete(w.told, path)
		} else {
			w.told[path] = stamp
		}
	}
	return ready, wait
}

// state stamps all matched files. What keeps them from being found is stamped
// under the empty name.
func (w *watch) state() (map[string]string, map[string]os.FileInfo) {
	state, infos := map[string]string{}, map[string]os.FileInfo{}
	files, err := findFiles(w.cfg)
	if err != nil {
		state[""] = err.Error()
		return state, infos
	}
	for _, f := range files {
		info, err := os.Stat(f.path)
		if err != nil {
			state[f.path] = bare(err).Error()
			continue
		}
		state[f.path], infos[f.path] = stamp(info), info
		w.folders.follow(f.path)
	}
	return state, infos
}
