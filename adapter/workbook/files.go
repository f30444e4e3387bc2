package workbook

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

// file is one matched file.
type file struct {
	path string // to open
	show string // for people: relative to the configuration's folder
}

// dataExtensions are the endings a glob may pick up. .xls is among them so that
// a book in the old format is reported instead of silently left out.
var dataExtensions = []string{".xlsx", ".xlsm", ".csv", ".tsv", ".txt", ".xls"}

// findFiles lists the files Path means, sorted by name. None is a fault.
func findFiles(cfg Config) ([]file, error) {
	pattern := cfg.pattern()
	// A name that exists is meant literally, even one with brackets in it.
	if info, err := os.Stat(pattern); err == nil && !info.IsDir() {
		return []file{{pattern, shown(cfg, pattern)}}, nil
	} else if err == nil {
		return nil, faultf(reconcile.CauseConnect, "%s is a folder; write %s to read the books in it",
			shown(cfg, pattern), filepath.ToSlash(filepath.Join(cfg.Path, "*.xlsx")))
	}
	folders := []string{filepath.Dir(pattern)}
	if strings.ContainsAny(folders[0], "*?[") {
		folders, _ = filepath.Glob(folders[0]) // the pattern was checked in New
	}
	var found []file
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, faultf(reconcile.CauseConnect, "%s: the folder cannot be read: %v; check that it exists and may be read",
				shown(cfg, folder), bare(err))
		}
		for _, entry := range entries {
			if matches(filepath.Base(pattern), entry) {
				path := filepath.Join(folder, entry.Name())
				found = append(found, file{path, shown(cfg, path)})
			}
		}
	}
	if len(found) == 0 {
		return nil, faultf(reconcile.CauseConnect, "no file matches %s; check the path, or that the share is connected",
			filepath.ToSlash(cfg.Path))
	}
	slices.SortFunc(found, func(a, b file) int { return strings.Compare(a.show, b.show) })
	return found, nil
}

// pattern is Path from where it starts.
func (c Config) pattern() string {
	if filepath.IsAbs(c.Path) {
		return c.Path
	}
	return filepath.Join(c.Dir, c.Path)
}

// matches compares in one Unicode form: a Mac writes "Sổ.xlsx" in another one
// than the configuration's editor.
func matches(pattern string, entry fs.DirEntry) bool {
	name := entry.Name()
	if entry.IsDir() || isLock(name) {
		return false
	}
	if ok, _ := filepath.Match(norm.NFC.String(pattern), norm.NFC.String(name)); !ok {
		return false
	}
	if !strings.ContainsAny(pattern, "*?[") {
		return true
	}
	return slices.Contains(dataExtensions, strings.ToLower(filepath.Ext(name)))
}

// isLock tells the files that Excel and LibreOffice put beside an open book.
func isLock(name string) bool {
	return strings.HasPrefix(name, "~$") || strings.HasPrefix(name, ".~lock.")
}

// shown is the path as the configuration's author knows it. Of a path outside
// its folder only the last folder and the name are shown.
func shown(cfg Config, path string) string {
	dir := cfg.Dir
	if dir == "" {
		dir = "."
	}
	if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(filepath.Join(filepath.Base(filepath.Dir(path)), filepath.Base(path)))
}
