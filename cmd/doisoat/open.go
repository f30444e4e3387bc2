package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/doisoat/doisoat/cmd/internal/app"
)

// configFlag is the flag that every command with a configuration has.
type configFlag struct {
	Config string `help:"Configuration file." required:"" type:"path" placeholder:"FILE" short:"c"`
}

// load reads the configuration and all it names. Any fault is a matter of exit
// status 2.
func (f configFlag) load() (*app.Setup, error) {
	setup, err := app.Load(relative(f.Config))
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	return setup, nil
}

// relative is the path as the user is likely to have typed it; messages show it.
func relative(path string) string {
	if wd, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(wd, path); err == nil && filepath.IsLocal(rel) {
			return rel
		}
	}
	return path
}

// with opens the program for one command and closes it afterwards.
func (f configFlag) with(ctx context.Context, o app.Options, do func(*app.App) error) error {
	setup, err := f.load()
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, setup, o)
	if err != nil {
		return err
	}
	return errors.Join(do(a), a.Close())
}

// moment is a flag's RFC 3339 value; the zero Time where it was not given.
type moment struct{ time.Time }

// UnmarshalText reads RFC 3339.
func (m *moment) UnmarshalText(text []byte) error {
	t, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("%q is no moment; write it as 2018-07-02T08:00:00+07:00", text)
	}
	m.Time = t
	return nil
}

// day is a flag's date.
type day struct{ text string }

// UnmarshalText reads yyyy-MM-dd.
func (d *day) UnmarshalText(text []byte) error {
	if _, err := time.Parse(time.DateOnly, string(text)); err != nil {
		return fmt.Errorf("%q is no day; write it as 2018-04-01", text)
	}
	d.text = string(text)
	return nil
}

// in is the day's beginning in a zone.
func (d day) in(zone *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, d.text, zone)
	if err != nil {
		return time.Time{} // UnmarshalText let it through
	}
	return t
}

// writeTo opens the file that --output names; standard output where it is empty.
// The file is there whole or not at all.
func writeTo(path string, stdout io.Writer, write func(io.Writer) error) error {
	if path == "" {
		return write(stdout)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("output: %w", err)
	}
	err = write(f)
	if err == nil {
		err = f.Chmod(0o644)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("output: %w", err)
	}
	return nil
}
