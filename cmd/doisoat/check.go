package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/config"
	"github.com/doisoat/doisoat/cmd/internal/output"
)

type checkCmd struct {
	configFlag
	Connect bool `help:"Also log in to every source, read one page, and show what the mapping makes of it."`
	Print   bool `help:"Print the configuration as it was understood, secrets hidden."`
	formatFlag
}

// Help is shown by doisoat check --help.
func (c *checkCmd) Help() string {
	return `Examples:
  doisoat check --config doisoat.yaml
  doisoat check --config doisoat.yaml --connect`
}

// Run checks, and connects if asked to.
func (c *checkCmd) Run(ctx context.Context, s *streams) error {
	setup, err := c.load()
	if err != nil {
		return err
	}
	cfg := setup.Config
	if c.Print {
		if _, err := fmt.Fprint(s.out, cfg.String()); err != nil {
			return err
		}
	}
	found := &output.Check{
		Config: relative(c.Config), Mappings: mappingsOf(cfg), Offices: len(cfg.Offices), Departments: len(cfg.Departments), NotCovered: setup.Uncovered(),
	}
	if year := time.Now().In(cfg.Zone).Year(); !setup.Calendar.Covers(year) {
		found.YearUnknown = year
	}
	if !c.json() {
		if err := output.CheckText(s.out, found); err != nil {
			return err
		}
	}
	var tried []*app.Connection
	if c.Connect {
		if tried, err = c.connect(ctx, s, setup); err != nil {
			return err
		}
	}
	if c.json() {
		if err := output.CheckJSON(s.out, found, tried, cfg.Zone); err != nil {
			return err
		}
	}
	return judged(tried)
}

// connect tries every source, and prints each as soon as it is known.
func (c *checkCmd) connect(ctx context.Context, s *streams, setup *app.Setup) (tried []*app.Connection, err error) {
	a, err := app.OpenSources(setup, s.log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	mappings := map[string]string{}
	for _, src := range setup.Config.Sources() {
		mappings[src.Name] = relative(src.Mapping)
	}
	return tried, a.Connect(ctx, func(found *app.Connection) error {
		tried = append(tried, found)
		if c.json() {
			return nil
		}
		return output.Connection(s.out, found, mappings[found.Source], setup.Config.Zone)
	})
}

// judged is the exit status of what the sources showed.
func judged(tried []*app.Connection) error {
	var failed []string
	for _, found := range tried {
		if !found.OK() {
			failed = append(failed, found.Source)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return &exitError{exitIncomplete, fmt.Errorf("%d of %d sources could not be read: %s", len(failed), len(tried), strings.Join(failed, ", "))}
}

// mappingsOf counts the mapping files that the sources name.
func mappingsOf(cfg *config.Config) int {
	names := map[string]bool{}
	for _, src := range cfg.Sources() {
		names[src.Mapping] = true
	}
	return len(names)
}
