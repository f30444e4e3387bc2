package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxFileBytes bounds a configuration file; the largest sensible one, with a
// source for each of a province's two hundred departments, is far below.
const maxFileBytes = 4 << 20

// Load reads and checks the configuration file at path. The error is of type
// Faults and holds every fault of the file.
func Load(path string) (*Config, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, Faults{{File: path, Problem: problemOf(err), Remedy: "name a readable YAML file of at most 4 MiB"}}
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, Faults{{File: path, Problem: problemOf(err), Remedy: "give an absolute path"}}
	}
	return parse(path, filepath.Dir(abs), data)
}

// parse is Load on bytes; relative paths in them start from folder, which must
// be absolute.
func parse(file, folder string, data []byte) (*Config, error) {
	r := &reader{file: file, folder: folder}
	c := &Config{File: file}
	if root, ok := r.document(data); ok {
		r.root(root, c)
	}
	if len(r.faults) > 0 {
		return nil, r.faults.ordered()
	}
	return c, nil
}

func readFile(path string) ([]byte, error) {
	f, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFileBytes {
		return nil, errTooLarge
	}
	return data, nil
}

var (
	errTooLarge   = errors.New("is larger than any configuration")
	errNotRegular = errors.New("is not a regular file")
)

// openRegular opens a file, but no folder, pipe or device: reading one of those
// might never end.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	return os.Open(path)
}

// problemOf says why a file cannot be used without repeating its path, which the
// fault names already.
func problemOf(err error) string {
	var path *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "must not be read by this user"
	case errors.As(err, &path):
		return "cannot be read: " + path.Err.Error()
	}
	return err.Error()
}
