package main

import (
	"context"
	"fmt"
	"time"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
)

type checkCmd struct {
	configFlag
	Connect bool `help:"Also log in to every source, read one page, and show what the mapping makes of it."`
	Print   bool `help:"Print the configuration as it was understood, secrets hidden."`
}

// Help is shown by doisoat check --help.
func (c *checkCmd) Help() string {
	return `Examples:
  doisoat check --config doisoat.yaml
  doisoat check --config doisoat.yaml --connect`
}

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
	if _, err := fmt.Fprintf(s.out, "%s: configuration, %d mappings and calendar are without fault: 1 platform, %d offices, %d departments.\n",
		relative(c.Config), len(cfg.Sources()), len(cfg.Offices), len(cfg.Departments)); err != nil {
		return err
	}
	if year := time.Now().In(cfg.Zone).Year(); !setup.Calendar.Covers(year) {
		if _, err := fmt.Fprintf(s.out, "! the calendar does not know the holidays of %d; working time counts them as working days. Add the year to the calendar file.\n", year); err != nil {
			return err
		}
	}
	if uncovered := setup.Uncovered(); len(uncovered) > 0 {
		if _, err := fmt.Fprintf(s.out, "Not covered by any office: %v. Their dossiers are counted, never flagged missing.\n", uncovered); err != nil {
			return err
		}
	}
	if !c.Connect {
		return nil
	}
	return c.connect(ctx, s, setup)
}

func (c *checkCmd) connect(ctx context.Context, s *streams, setup *app.Setup) error {
	failed := 0
	a, err := app.OpenSources(setup, s.log)
	if err != nil {
		return err
	}
	defer a.Close() //nolint:errcheck // nothing was written
	err = a.Connect(ctx, func(found *app.Connection) error {
		if !found.OK() {
			failed++
		}
		return output.Connection(s.out, found, setup.Config.Zone)
	})
	if err != nil {
		return err
	}
	if failed > 0 {
		return &exitError{exitIncomplete, fmt.Errorf("%d of %d sources could not be read", failed, len(setup.Config.Sources()))}
	}
	return nil
}
