package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
	"github.com/doisoat/doisoat/reconcile"
)

type reconcileCmd struct {
	configFlag
	AsOf        moment `help:"Decide as if it were this moment (RFC 3339). The sources are read now all the same." placeholder:"TIME"`
	outputFlags `set:"formats=table, json, csv or xlsx"`
	FailOn      string `help:"Exit with status 4 if there are open (or suspected or open) discrepancies." enum:"open,suspected,none" default:"none"`
	All         bool   `help:"Print resolved discrepancies too."`
	Limit       int    `help:"How many discrepancies the table shows; 0 shows all." default:"20"`
	Full        bool   `help:"Compare every dossier again, not only those that changed."`
}

// Help is shown by doisoat reconcile --help.
func (c *reconcileCmd) Help() string {
	return `Examples:
  doisoat reconcile --config doisoat.yaml
  doisoat reconcile --config doisoat.yaml --output sai-lech.xlsx
  doisoat reconcile --config doisoat.yaml --format json | jq '.summary'
  doisoat reconcile --config doisoat.yaml --as-of 2018-07-02T08:00:00+07:00 --fail-on open`
}

// Run polls, compares and prints.
func (c *reconcileCmd) Run(ctx context.Context, s *streams) error {
	if err := c.resolve(s.out, "table", "json", "csv", "xlsx"); err != nil {
		return err
	}
	return c.with(ctx, app.Options{Log: s.log, Migrate: true}, func(a *app.App) (err error) {
		to, err := c.begin(s.out)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, to.drop()) }()
		return c.run(ctx, s, a, to, relative(c.Config))
	})
}

// run does it; config is the file that hints name, "" for none.
func (c *reconcileCmd) run(ctx context.Context, s *streams, a *app.App, to *result, config string) error {
	bar := newProgress(s.err)
	a.Watch = bar
	done, err := a.Reconcile(ctx, c.AsOf.Time, c.Full)
	bar.stop()
	if err != nil {
		return err
	}
	shown, err := runOf(ctx, a, done, config)
	if err != nil {
		return err
	}
	each := lister(ctx, a, done.Rules, store.Filter{All: c.All}, c.Format, c.Limit)
	if err := to.write(func(w io.Writer) error { return c.print(w, shown, each) }); err != nil {
		return err
	}
	switch {
	case c.found(shown):
		return &exitError{status: exitFound}
	case done.Incomplete():
		if c.Format == "table" && c.Output == "" {
			return &exitError{status: exitIncomplete} // the table says why
		}
		return &exitError{status: exitIncomplete, err: incomplete(shown)}
	}
	return nil
}

// lister gives discrepancies to a format. A table shows no records and ends after
// limit of them (0: all), so that no more than that is read for it.
func lister(ctx context.Context, a *app.App, rules *reconcile.Rules, filter store.Filter, format string, limit int) output.Each {
	if format != "table" {
		return func(do func(*app.Listed) error) error { return a.EachListed(ctx, rules, filter, do) }
	}
	if limit > 0 {
		filter.Limit = limit + 1 // one more tells that there are more
	}
	return func(do func(*app.Listed) error) error {
		return a.Store.EachDiscrepancy(ctx, filter, func(d reconcile.Discrepancy) error { return do(&app.Listed{Discrepancy: d}) })
	}
}

// incomplete is what standard error says where nobody sees the table.
func incomplete(r *output.Run) error {
	var errs []error
	for _, s := range r.Sources {
		if s.Reason != "" {
			errs = append(errs, fmt.Errorf("%s is %s: %s", s.Name, s.State, strings.TrimSpace(s.Reason+" "+s.Command)))
		}
	}
	return errors.Join(errs...)
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
func runOf(ctx context.Context, a *app.App, done *app.Result, config string) (*output.Run, error) {
	r := &output.Run{
		Config: config, ID: done.Run.ID, AsOf: done.Run.AsOf, Zone: a.Config.Zone, Surge: done.Run.Summary.Surge,
		Compared: done.Run.Summary.ComparedTotal(), NotCovered: done.Run.Summary.NotCoveredTotal(),
	}
	for _, d := range a.Config.Departments {
		r.Departments = append(r.Departments, d.Code)
	}
	last, _, err := a.Store.Accepted(ctx)
	if err != nil {
		return nil, err
	}
	for i := range done.Snapshots {
		snap := &done.Snapshots[i]
		held := last[snap.Source] // the zero snapshot if none ever was
		r.Sources = append(r.Sources, output.Source{
			Name: snap.Source, Side: snap.Side, State: snap.State, Complete: snap.EndReached && snap.State != reconcile.SnapshotPartial,
			Snapshot: snap.ID, Records: held.Records, Rejected: snap.Rejected, DataAsOf: held.StartedAt, Reason: reasonOf(snap), Command: commandOf(snap, config),
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
