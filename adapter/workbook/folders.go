package workbook

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fsnotify/fsnotify"
	"golang.org/x/text/unicode/norm"
)

// mostFolders bounds the notifications asked for; what lies beyond is seen when
// the files are next looked at.
const mostFolders = 512

// folders are those whose notifications tell of the matched files: the ones
// they lie in, the ones above as far as the pattern decides which these are, and
// those that links lead to.
type folders struct {
	notifier *fsnotify.Watcher // nil: none can be had
	watched  map[string]bool
	wanted   map[string]bool
	names    []string // patterns of the names that matter, in any of the folders
}

// locks are the names beside a book that say that it is open.
var locks = []string{"~$*", ".~lock.*#"}

// renew asks for notifications of all folders there are now. It goes from the
// top down, each folder before its list is read, so that none can appear unseen.
func (f *folders) renew(cfg Config) {
	if f.notifier == nil {
		return
	}
	f.wanted = map[string]bool{}
	pattern, err := filepath.Abs(cfg.pattern())
	if err != nil {
		return
	}
	f.names = append(slices.Clone(locks), norm.NFC.String(filepath.Base(pattern)))
	top, rest := split(filepath.Dir(pattern))
	for above := filepath.Dir(top); above != filepath.Dir(above); above = filepath.Dir(above) {
		f.follow(above)
	}
	level := []string{top}
	f.add(top)
	for _, step := range rest {
		f.name(step)
		var below []string
		for _, folder := range level {
			for _, child := range children(folder, step) {
				f.add(child)
				below = append(below, child)
			}
		}
		level = below
	}
	f.drop()
}

// drop gives up the folders that are no longer wanted. Two paths to one folder
// share their notifications, so that the others have to be asked for again.
func (f *folders) drop() {
	dropped := false
	for path := range f.watched {
		if !f.wanted[path] {
			_ = f.notifier.Remove(path) // it may be gone with its folder
			delete(f.watched, path)
			dropped = true
		}
	}
	for path := range f.watched {
		if dropped && f.notifier.Add(path) != nil {
			delete(f.watched, path)
		}
	}
}

// split cuts a folder's path, which may be a pattern, where watching begins: at
// the parent of its last fixed folder, or above that if it is not there.
func split(folder string) (top string, rest []string) {
	steps := strings.Split(filepath.ToSlash(folder), "/")
	fixed := len(steps)
	for i, step := range steps {
		if strings.ContainsAny(step, "*?[") {
			fixed = i
			break
		}
	}
	at := func(n int) string {
		return filepath.Clean(filepath.FromSlash(strings.Join(steps[:n], "/") + "/"))
	}
	n := max(fixed-1, 1)
	for n > 1 && !isFolder(at(n)) {
		n--
	}
	return at(n), steps[n:]
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// children are the folders within a folder whose names match.
func children(folder, pattern string) []string {
	if child := filepath.Join(folder, pattern); isFolder(child) {
		return []string{child}
	}
	if !strings.ContainsAny(pattern, "*?[") {
		return nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		if ok, _ := filepath.Match(pattern, e.Name()); ok && isFolder(filepath.Join(folder, e.Name())) {
			found = append(found, filepath.Join(folder, e.Name()))
		}
	}
	return found
}

// add asks for a folder's notifications, again where they are asked for: it may
// be another folder by now. Where it is a link, so is the folder that holds it.
func (f *folders) add(folder string) {
	f.follow(folder)
	f.ask(folder)
}

func (f *folders) ask(folder string) {
	if f.wanted[folder] || len(f.wanted) >= mostFolders {
		return
	}
	f.wanted[folder] = true
	if f.notifier.Add(folder) != nil { // it is gone, may not be read, or there are too many
		delete(f.watched, folder)
		return
	}
	if f.watched == nil {
		f.watched = map[string]bool{}
	}
	f.watched[folder] = true
}

// follow watches where links lead: a change there is one here. Links in the
// middle of a path are followed from the folder they stand in.
func (f *folders) follow(path string) {
	if f.notifier == nil {
		return
	}
	for range 16 { // as many as one path may lead over
		target, err := os.Readlink(path)
		if err != nil {
			return
		}
		f.name(filepath.Base(path))
		f.ask(filepath.Dir(path))
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
		f.name(filepath.Base(path))
		f.ask(filepath.Dir(path))
	}
}

func (f *folders) name(pattern string) {
	if pattern = norm.NFC.String(pattern); !slices.Contains(f.names, pattern) {
		f.names = append(f.names, pattern)
	}
}

// concerns reports whether an event may be about a matched file.
func (f *folders) concerns(path string) bool {
	base := norm.NFC.String(filepath.Base(path))
	return slices.ContainsFunc(f.names, func(pattern string) bool {
		ok, _ := filepath.Match(pattern, base)
		return ok || pattern == base
	})
}
