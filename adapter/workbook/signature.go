package workbook

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// Signature names the state of all matched files (names, sizes, times of
// change, inodes) and of the configuration by which they are read, without
// opening one. Two that are equal mean that a poll would read the same bytes
// twice in the same way.
//
// It is given only for files at rest: where one was changed within the last
// Settle, or lies open in another program, a later change could bear the same
// time, and an error says that nothing can be vouched for. So do missing files
// and folders. A poll may be skipped where the signature is that from before
// the last accepted poll, was the same after it, and neither the mapping's
// fields nor the program have changed since.
func (s *Source) Signature(ctx context.Context) (string, error) {
	files, err := findFiles(s.cfg)
	if err != nil {
		return "", err
	}
	now := time.Now()
	state := map[string]string{}
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		info, err := os.Stat(f.path)
		if err != nil {
			return "", faultf(reconcile.CauseConnect, "%s: cannot be read: %v; check that it is there and may be read", f.show, bare(err))
		}
		if lock := lockBeside(f.path); lock != "" || now.Sub(info.ModTime()) < s.cfg.Settle {
			return "", unsettled(f, lock)
		}
		state[f.path] = stamp(info)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %d %q %q %d\n", s.cfg.Path, s.cfg.Sheet, s.cfg.HeaderRow, s.cfg.Delimiter, s.cfg.Encoding, s.cfg.MaxFileBytes)
	fmt.Fprintf(h, "%q %v\n", s.want.inputs, s.want.required)
	for _, path := range slices.Sorted(maps.Keys(state)) {
		fmt.Fprintf(h, "%q %s\n", path, state[path])
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// stamp is what changes when a file does.
func stamp(info fs.FileInfo) string {
	return fmt.Sprintf("%d %d %s", info.Size(), info.ModTime().UnixNano(), identity(info))
}
