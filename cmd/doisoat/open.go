package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/doisoat/doisoat/cmd/internal/app"
)

// configFlag is the flag that every command with a configuration has.
type configFlag struct {
	Config string `help:"Configuration file." required:"" type:"path" placeholder:"FILE" short:"c"`
}

// formatFlag is the flag of commands that print little.
type formatFlag struct {
	Format string `help:"table or json." enum:"table,json" default:"table"`
}

func (f formatFlag) json() bool { return f.Format == "json" }

// load reads the configuration and all it names. Any fault is a matter of exit
// status 2.
func (f configFlag) load() (*app.Setup, error) {
	setup, err := app.Load(relative(f.Config))
	if err != nil {
		return nil, &exitError{exitUsage, &configFault{err}}
	}
	return setup, nil
}

// configFault marks a fault of the user's files. Its lines begin with file and
// line number, for editors to jump to.
type configFault struct{ error }

func (f *configFault) Unwrap() error { return f.error }

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
