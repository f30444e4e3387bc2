package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/cmd/internal/app"
)

type listsCmd struct {
	configFlag
	Output     string   `help:"Folder to write to; made if it is not there." required:"" type:"path" placeholder:"DIR"`
	Department []string `help:"Only this department's; may be repeated." placeholder:"CODE" sep:","`
	AsOf       moment   `help:"Make them as of this moment (RFC 3339); now if left out." placeholder:"TIME"`
	Draft      bool     `help:"Give the letters no number and count no reminder: for looking."`
	PDF        bool     `name:"pdf" help:"The letters as PDF, too."`
	Apology    bool     `help:"The forms of apology and new appointment, too, where dossiers are truly overdue."`
	formatFlag
}

// Help is shown by doisoat lists --help.
func (c *listsCmd) Help() string {
	return `Writes, for every department with something to correct, its list (.xlsx) and its reminder letter (.docx) from what is stored. A letter that is written counts as a reminder: it is numbered, and a discrepancy is reminded of once a working day at most. Asked again on the same day the same letter is written. Nothing is sent; doisoat serve does that.

Examples:
  doisoat lists --config doisoat.yaml --output ./danh-sach
  doisoat lists --config doisoat.yaml --output ./danh-sach --department VPDKDD --draft`
}

// Run writes the files.
func (c *listsCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		asOf := c.AsOf.Time
		if asOf.IsZero() {
			asOf = time.Now()
		}
		chosen, err := c.chosen(a)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(c.Output, 0o750); err != nil {
			return fmt.Errorf("%w; name another folder with --output", err)
		}
		write := func() error {
			for _, department := range chosen {
				if err := c.department(ctx, s, a, department, asOf); err != nil {
					return fmt.Errorf("department %s: %w", department, err)
				}
			}
			return nil
		}
		if c.Draft {
			return write()
		}
		return audited(ctx, a, "lists", "", write)
	})
}

func (c *listsCmd) chosen(a *app.App) ([]string, error) {
	var all []string
	for _, d := range a.Config.Departments {
		all = append(all, d.Code)
	}
	if len(c.Department) == 0 {
		return all, nil
	}
	for _, code := range c.Department {
		if !a.IsDepartment(code) {
			return nil, &exitError{exitUsage, fmt.Errorf("--department %s is not configured; there are %v", code, all)}
		}
	}
	return c.Department, nil
}

// department writes one department's files.
func (c *listsCmd) department(ctx context.Context, s *streams, a *app.App, code string, asOf time.Time) error {
	told, err := a.Told(ctx, app.TellOptions{Department: code, AsOf: asOf, At: time.Now(), By: userName(), Draft: c.Draft})
	if errors.Is(err, store.ErrHeld) {
		return fmt.Errorf("%w; see: doisoat run list --held --config %s", err, relative(c.Config))
	}
	if err != nil {
		return err
	}
	if told.Count == 0 && len(c.Department) == 0 {
		_, err := fmt.Fprintf(s.out, "%s: nothing to correct.\n", code)
		return err
	}
	files := []*web.File{told.List}
	if told.Letter != nil {
		files = append(files, told.Letter)
		if c.PDF {
			files = append(files, told.PDF)
		}
	}
	if c.Apology {
		forms, err := a.Apology(ctx, code, asOf)
		if err != nil {
			return err
		}
		if forms != nil {
			files = append(files, forms)
		}
	}
	for _, file := range files {
		if err := writeFile(filepath.Join(c.Output, file.Name), file); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(s.out, "%s: %s\n", code, told.Said)
	return err
}

// writeFile writes a file wholly or not at all.
func writeFile(path string, file *web.File) (err error) {
	temp, err := os.CreateTemp(filepath.Dir(path), ".doisoat-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(temp.Name()))
		}
	}()
	if err := errors.Join(file.Write(temp), temp.Chmod(0o640), temp.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.Rename(temp.Name(), path)
}
