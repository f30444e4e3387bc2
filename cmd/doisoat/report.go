package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
	"github.com/doisoat/doisoat/reconcile"
)

type reportCmd struct {
	configFlag
	From        day    `help:"First day of the period (yyyy-MM-dd)." required:"" placeholder:"DAY"`
	To          day    `help:"Last day of the period." required:"" placeholder:"DAY"`
	AsOf        moment `help:"Count as things stood at this moment (RFC 3339); now if left out." placeholder:"TIME"`
	By          string `help:"What the rows are: department or field." enum:"department,field" default:"department"`
	outputFlags `set:"formats=table, json, docx, xlsx or pdf"`
}

// Help is shown by doisoat report --help.
func (c *reportCmd) Help() string {
	return `A dossier belongs to the period in which it was received. Nothing is polled: the table is counted from what the last runs stored.

Examples:
  doisoat report --config doisoat.yaml --from 2018-04-01 --to 2018-06-30 --as-of 2018-07-02T08:00:00+07:00
  doisoat report --config doisoat.yaml --from 2026-10-01 --to 2026-12-31 --output quy-4.docx`
}

// Run counts and prints.
func (c *reportCmd) Run(ctx context.Context, s *streams) error {
	if err := c.resolve(s.out, "table", "json", "docx", "xlsx", "pdf"); err != nil {
		return err
	}
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		from, to := c.From.in(a.Config.Zone), c.To.in(a.Config.Zone)
		if to.Before(from) {
			return &exitError{exitUsage, errors.New("--to lies before --from")}
		}
		asOf := c.AsOf.Time
		if asOf.IsZero() {
			asOf = time.Now()
		}
		r, err := a.Report(ctx, app.ReportOptions{
			From: from, To: to, AsOf: asOf, By: reconcile.By(c.By), Differing: c.Format != "table" && c.Format != "json",
		})
		if err != nil {
			return err
		}
		if c.Format != "table" && len(r.Unread) > 0 { // the table says it itself
			s.log.WithField("sources", r.Unread).Warn("never read; their dossiers are not counted")
		}
		file, err := c.begin(s.out)
		if err != nil {
			return err
		}
		return file.write(func(w io.Writer) error {
			switch c.Format {
			case "json":
				return output.ReportJSON(w, r.Wire(a))
			case "docx", "xlsx", "pdf":
				return a.WriteReport(w, r, c.Format)
			}
			return output.ReportTable(w, r, a.Config.Zone)
		})
	})
}
