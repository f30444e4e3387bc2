package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/doisoat/doisoat/cmd/internal/output"
)

// outputFlags choose where a result goes, and how it is written.
type outputFlags struct {
	Format string `help:"${formats}; as --output ends if left out, else table." placeholder:"FORMAT"`
	Output string `help:"Write to this file instead of standard output. It is replaced in one step, or not at all." type:"path" placeholder:"FILE" short:"o"`
}

// resolve settles the format, one of known, the first being the default.
func (f *outputFlags) resolve(stdout *outlet, known ...string) error {
	if f.Format == "" {
		f.Format = known[0]
		if ending := strings.TrimPrefix(strings.ToLower(filepath.Ext(f.Output)), "."); slices.Contains(known, ending) {
			f.Format = ending
		}
	}
	if !slices.Contains(known, f.Format) {
		return &exitError{exitUsage, fmt.Errorf("--format must be one of %s, but is %q", strings.Join(known, ", "), f.Format)}
	}
	if slices.Contains([]string{"xlsx", "docx", "pdf"}, f.Format) && f.Output == "" && output.Terminal(stdout) {
		return &exitError{exitUsage, fmt.Errorf("--format %[1]s would fill the terminal with a binary file; name a file with --output FILE.%[1]s", f.Format)}
	}
	return nil
}

// result is where a result is written: standard output, or a file that is there
// whole or not at all.
type result struct {
	io.Writer
	temporary *os.File
	path      string
}

// begin opens what --output names before the work starts, so that an hour of it
// is not lost to a missing folder.
func (f *outputFlags) begin(stdout io.Writer) (*result, error) {
	if f.Output == "" {
		return &result{Writer: stdout}, nil
	}
	path, mode := f.Output, os.FileMode(0o666) // what the umask leaves of it
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if info, err := os.Stat(path); err == nil {
		switch {
		case info.IsDir():
			return nil, &exitError{exitUsage, fmt.Errorf("--output %s is a folder; name a file", relative(f.Output))}
		case !info.Mode().IsRegular(): // a device or a pipe is written to, never replaced
			file, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				return nil, fmt.Errorf("output: %w", err)
			}
			return &result{Writer: file, temporary: file}, nil
		}
		mode = info.Mode().Perm()
	}
	name := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+rand.Text()[:8])
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, fmt.Errorf("output: cannot write in the folder of %s: %w", relative(f.Output), errors.Unwrap(err))
	}
	return &result{Writer: file, temporary: file, path: path}, nil
}

// write runs do and puts the file in its place. It is undone if do fails.
func (r *result) write(do func(io.Writer) error) error {
	err := do(r)
	if r.temporary == nil {
		return err
	}
	if r.path == "" {
		return errors.Join(err, r.temporary.Close())
	}
	if err = cmp.Or(err, r.temporary.Sync()); err != nil {
		return errors.Join(err, r.drop())
	}
	if err := r.temporary.Close(); err != nil {
		return errors.Join(fmt.Errorf("output: %w", err), r.drop())
	}
	if err := os.Rename(r.temporary.Name(), r.path); err != nil {
		return errors.Join(fmt.Errorf("output: %w", err), r.drop())
	}
	r.temporary = nil
	return nil
}

// drop removes what was begun and is not wanted; what is in place stays.
func (r *result) drop() error {
	if r.temporary == nil {
		return nil
	}
	name := r.temporary.Name()
	err := r.temporary.Close()
	if errors.Is(err, os.ErrClosed) {
		err = nil
	}
	if r.path != "" {
		err = errors.Join(err, os.Remove(name))
	}
	r.temporary = nil
	return err
}
