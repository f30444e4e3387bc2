package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/doisoat/doisoat/adapter/world"
)

const (
	changedDossiers = 1000 // in how many dossiers the changed world differs
	worldSeed       = 1
	worldFiles      = 11 // the platform's and those of ten offices
	// bytesADossier is what one takes on disk: its rows in both worlds, the
	// store, and the store's log beside it.
	bytesADossier = 1000
)

// dayWorld is a generated world as it is on one day and on the next, and a
// folder in which doisoat sees either.
type dayWorld struct {
	dir   string
	Truth map[string]world.BenchTruth // of today and changed
	// Generator is a hash of a small world of the same program: another one must
	// be generated anew.
	Generator string
}

// The two worlds; names of folders too.
const (
	today   = "today"
	changed = "changed"
)

// newWorld generates a world of n dossiers a side below dir, unless it is there
// from before.
func newWorld(dir string, n int, progress io.Writer) (*dayWorld, error) {
	w := &dayWorld{dir: filepath.Join(dir, "world-"+strconv.Itoa(n))}
	generator, err := generatorHash()
	if err != nil {
		return nil, err
	}
	mark := filepath.Join(w.dir, "truth.json") // written last
	data, err := os.ReadFile(mark)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("world: %w", err)
	}
	if err == nil && json.Unmarshal(data, w) == nil && w.Generator == generator {
		return w, nil
	}
	if err := os.RemoveAll(w.dir); err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	if err := roomFor(w.dir, int64(n)*bytesADossier); err != nil {
		return nil, err
	}
	fmt.Fprintf(progress, "bench: generating %s dossiers a side in %s\n", count(int64(n)), w.dir)
	w.Generator, w.Truth = generator, map[string]world.BenchTruth{}
	for name, difference := range map[string]int{today: 0, changed: changedDossiers} {
		if w.Truth[name], err = world.WriteBenchCSV(filepath.Join(w.dir, name), n, worldSeed, world.BenchOptions{Changed: difference}); err != nil {
			return nil, err
		}
	}
	if data, err = json.Marshal(w); err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	if err := os.WriteFile(mark, data, 0o644); err != nil {
		return nil, fmt.Errorf("world: %w", err)
	}
	return w, nil
}

func generatorHash() (string, error) {
	dir, err := os.MkdirTemp("", "doisoat-bench-*")
	if err != nil {
		return "", fmt.Errorf("world: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	truth, err := world.WriteBenchCSV(dir, 2*changedDossiers, worldSeed, world.BenchOptions{Changed: changedDossiers})
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintln(h, truth)
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		fmt.Fprintln(h, len(data))
		h.Write(data)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("world: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// roomFor makes sure of so many free bytes before anything is written.
func roomFor(dir string, need int64) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return fmt.Errorf("world: free space of %s: %w", dir, err)
	}
	if free := int64(fs.Bavail) * int64(fs.Bsize); free < need {
		return fmt.Errorf("world: %s has %s MB free, and %s MB are needed; give another folder by -dir", dir, megabytes(free), megabytes(need))
	}
	return nil
}

// work is the folder doisoat runs in.
func (w *dayWorld) work() string { return filepath.Join(w.dir, "work") }

// files are the paths of a world's exports, from its folder.
func files(dir string) ([]string, error) {
	offices, err := filepath.Glob(filepath.Join(dir, "offices", "*.csv"))
	if err != nil {
		return nil, err
	}
	list := []string{"platform.csv"}
	for _, path := range offices {
		list = append(list, filepath.Join("offices", filepath.Base(path)))
	}
	return list, nil
}

// show makes the working folder show one of the two worlds. The exports are
// linked, not copied: they cost no time, no room, and stay in the page cache.
func (w *dayWorld) show(name string) error {
	if err := w.link(name); err != nil {
		return fmt.Errorf("world: show %s: %w", name, err)
	}
	return nil
}

func (w *dayWorld) link(name string) error {
	from, to := filepath.Join(w.dir, name), w.work()
	list, err := files(from)
	if err != nil {
		return err
	}
	for _, sub := range []string{"offices", "mappings"} {
		if err := os.MkdirAll(filepath.Join(to, sub), 0o755); err != nil {
			return err
		}
	}
	// A file younger than two seconds is waited for; and an export of the next
	// day is younger than that of today.
	at := time.Now().Add(-2 * time.Hour).Truncate(time.Hour)
	if name == changed {
		at = at.Add(time.Hour)
	}
	for _, path := range list {
		source, target := filepath.Join(from, path), filepath.Join(to, path)
		if err := os.Remove(target); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := os.Chtimes(source, at, at); err != nil {
			return err
		}
		if err := os.Link(source, target); err != nil {
			return err
		}
	}
	for _, path := range []string{"platform.yaml", "office.yaml"} {
		path = filepath.Join("mappings", path)
		data, err := os.ReadFile(filepath.Join(from, path))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, path), data, 0o644); err != nil {
			return err
		}
	}
	config, err := os.ReadFile(filepath.Join(from, "doisoat.yaml"))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(to, "doisoat.yaml"), []byte(unlimited(string(config))), 0o644)
}

// unlimited lifts the limit on a file's size, which ten million dossiers exceed.
func unlimited(config string) string {
	return strings.ReplaceAll(config, ".csv}", ".csv, max_file_bytes: 1099511627776}")
}

// forget removes the store, so that the next run is the first.
func (w *dayWorld) forget() error {
	for _, name := range []string{"doisoat.db", "doisoat.db-wal", "doisoat.db-shm"} {
		if err := os.Remove(filepath.Join(w.work(), name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("world: %w", err)
		}
	}
	return nil
}

// storeBytes is the size of the store.
func (w *dayWorld) storeBytes() (int64, error) {
	info, err := os.Stat(filepath.Join(w.work(), "doisoat.db"))
	if err != nil {
		return 0, fmt.Errorf("world: %w", err)
	}
	return info.Size(), nil
}
