package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/doisoat/doisoat/adapter/deliver/letter"
)

type templatesCmd struct {
	Output string `help:"Folder to write to; made if it is not there." required:"" type:"path" placeholder:"DIR"`
}

// Help is shown by doisoat templates --help.
func (c *templatesCmd) Help() string {
	return `Writes the Word templates of the reminder letter and of the apology, to be edited in Word and named under deliver.templates in the configuration. What stands in {{double braces}} is filled in; doisoat check names what it does not know. Files that are there already stay as they are.

Example:
  doisoat templates --output ./mau`
}

// Run writes the templates.
func (c *templatesCmd) Run(s *streams) error {
	if err := os.MkdirAll(c.Output, 0o750); err != nil {
		return fmt.Errorf("%w; name another folder with --output", err)
	}
	shipped := letter.Shipped()
	for _, name := range slices.Sorted(maps.Keys(shipped)) {
		path := filepath.Join(c.Output, name)
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("%s is there already and may have been edited; name another folder with --output", path)
		}
		if err != nil {
			return err
		}
		if _, err = file.Write(shipped[name]); err != nil {
			err = errors.Join(err, file.Close(), os.Remove(path))
		} else {
			err = file.Close()
		}
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(s.out, path); err != nil {
			return err
		}
	}
	return nil
}
