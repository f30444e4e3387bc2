package main

import (
	"context"
	"io"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
	"github.com/doisoat/doisoat/reconcile"
)

type reconcileCmd struct {
	configFlag
	AsOf   moment `help:"Decide as if it were this moment (RFC 3339). The sources are read now all the same." placeholder:"TIME"`
	Format string `help:"table, json, csv or xlsx." enum:"table,json,csv,xlsx" default:"table"`
	Output string `help:"Write to this file instead of standard output." type:"path" placeholder:"FILE" short:"o"`
	FailOn string `help:"Exit with status 4 if there are open (or suspected or open) discrepancies." enum:"open,suspected,none" default:"none"`
	All    bool   `help:"Print resolved discrepancies too."`
	Limit  int    `help:"How many discrepancies the table shows; 0 shows all." default:"20"`
	Full   bool   `help:"Compare every dossier again, not only those that changed."`
}

// Help is shown by doisoat reconcile --help.
func (c *reconcileCmd) Help() string {
	return `Examples:
  doisoat reconcile --config doisoat.yaml
  doisoat reconcile --config doisoat.yaml --format xlsx --output sai-lech.xlsx
  doisoat reconcile --config doisoat.yaml --format json | jq '.summary'
  doisoat reconcile --config doisoat.yaml --as-of 2018-07-02T08:00:00+07:00 --fail-on open`
}

// Run polls, compares and prints.
func (c *reconcileCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Migrate: true}, func(a *app.App) error {
		return c.run(ctx, s, a)
	})
}

func (c *reconcileCmd) run(ctx context.Context, s *streams, a *app.App) error {
	bar := newProgress(s.err)
	a.Watch = bar
	result, err := a.Reconcile(ctx, c.AsOf.Time, c.Full)
	bar.stop()
	if err != nil {
		return err
	}
	shown, err := runOf(ctx, a, result)
	if err != nil {
		return err
	}
	each := func(do func(*app.Listed) error) error {
		return a.EachListed(ctx, result.Rules, store.Filter{All: c.All}, do)
	}
	err = writeTo(c.Output, s.out, func(w io.Writer) error { return c.print(w, shown, each) })
	if err != nil {
		return err
	}
	switch {
	case c.found(shown):
		return &exitError{status: exitFound}
	case result.Incomplete():
		return &exitError{status: exitIncomplete}
	}
	return nil
}

func (c *reconcileCmd) print(w io.Writer, r *output.Run, each output.Each) error {
	switch c.Format {
	case "json":
		return output.JSON(w, r, each)
	case "csv":
		return output.CSV(w, r.Zone, each)
	case "xlsx":
		return output.XLSX(w, r.Zone, each)
	}
	return output.Table(w, r, each, c.Limit)
}

// found reports whether --fail-on has something to fail on.
func (c *reconcileCmd) found(r *output.Run) bool {
	for _, s := range r.Summary {
		if c.FailOn != "none" && s.State == reconcile.StateOpen || c.FailOn == "suspected" && s.State == reconcile.StateSuspected {
			return true
		}
	}
	return false
}

// runOf gathers what a run has to tell.
func runOf(ctx context.Context, a *app.App, result *app.Result) (*output.Run, error) {
	r := &output.Run{
		ID: result.Run.ID, AsOf: result.Run.AsOf, Zone: a.Config.Zone, Surge: result.Run.Summary.Surge,
		Compared: result.Run.Summary.ComparedTotal(), NotCovered: result.Run.Summary.NotCoveredTotal(),
	}
	for _, d := range a.Config.Departments {
		r.Departments = append(r.Departments, d.Code)
	}
	last, _, err := a.Store.Accepted(ctx)
	if err != nil {
		return nil, err
	}
	for i := range result.Snapshots {
		snap := &result.Snapshots[i]
		held := last[snap.Source]
		r.Sources = append(r.Sources, output.Source{
			Name: snap.Source, Side: snap.Side, State: snap.State, Complete: snap.EndReached && snap.State != reconcile.SnapshotPartial,
			Snapshot: snap.ID, Records: held.Records, Rejected: snap.Rejected, DataAsOf: held.StartedAt, Reason: remedy(snap),
		})
	}
	summary, err := a.Store.Summarize(ctx)
	if err != nil {
		return nil, err
	}
	for _, row := range summary {
		if row.State != reconcile.StateResolved {
			r.Summary = append(r.Summary, row)
		}
	}
	return r, nil
}
