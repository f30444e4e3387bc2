package main

import (
	"context"
	"fmt"
	"time"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
)

type runCmd struct {
	List    runListCmd    `cmd:"" help:"List the newest runs, and what the mass-change breaker holds."`
	Release runReleaseCmd `cmd:"" help:"Let through what the mass-change breaker holds of a run."`
}

type runListCmd struct {
	configFlag
	Limit int  `help:"How many, newest first." default:"20"`
	Held  bool `help:"Only those that are held."`
	formatFlag
}

// Help is shown by doisoat run list --help.
func (c *runListCmd) Help() string {
	return `Examples:
  doisoat run list --config doisoat.yaml
  doisoat run list --config doisoat.yaml --held`
}

func (c *runListCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		list, err := a.Store.ListRuns(ctx, c.Limit)
		if c.Held {
			list, err = a.Store.HeldRuns(ctx)
		}
		if err != nil {
			return err
		}
		if c.json() {
			return output.RunsJSON(s.out, list, a.Config.Zone)
		}
		return output.RunsTable(s.out, list, a.Config.Zone, relative(c.Config))
	})
}

type runReleaseCmd struct {
	configFlag
	ID int64  `arg:"" help:"The run's number, as run list shows it."`
	By string `help:"Who releases it; kept with the run." default:"${user}"`
	formatFlag
}

// Help is shown by doisoat run release --help.
func (c *runReleaseCmd) Help() string {
	return `When one run would open more than a tenth of all compared dossiers, a source, a department's book or a mapping is the likelier fault, so nothing is sent. Look at what is suspected first. If the discrepancies are real, release the run.

Example:
  doisoat run release --config doisoat.yaml 12`
}

func (c *runReleaseCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		run, err := a.ReleaseRun(ctx, c.ID, c.By, time.Now())
		if err != nil {
			return err
		}
		if c.json() {
			return output.RunJSON(s.out, run, a.Config.Zone)
		}
		_, err = fmt.Fprintf(s.out, "Run %d released by %s: the %d discrepancies that it opened may be sent.\n", run.ID, run.ReleasedBy, run.Summary.Opened)
		return err
	})
}
