package main

import (
	"context"
	"time"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
)

type explainCmd struct {
	configFlag
	Code    string `arg:"" help:"The dossier's code, as anybody writes it."`
	AsOf    moment `help:"Decide as if it were this moment (RFC 3339); the last run's if left out." placeholder:"TIME"`
	KnownAt moment `help:"Show what was stored at this past moment (RFC 3339), as the polls before it had read it." placeholder:"TIME"`
	Live    bool   `help:"Also ask the sources that are configured with one: what they say of it right now. Nothing is stored."`
	formatFlag
}

// Help is shown by doisoat explain --help.
func (c *explainCmd) Help() string {
	return `Shows both records as they came and as they are understood, each rule that was tried, since when the disagreement counts and how the grace was reckoned, which due date was used and why, the snapshots, and the history. Nothing is polled unless --live asks for it.

Examples:
  doisoat explain --config doisoat.yaml 000.00.16.H57-180611-0004
  doisoat explain --config doisoat.yaml --known-at 2026-11-20T08:00:00+07:00 000.00.16.H57-180611-0004`
}

func (c *explainCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: !c.Live}, func(a *app.App) error {
		asOf := c.AsOf.Time
		if asOf.IsZero() {
			last, err := a.Store.LastRun(ctx)
			if err != nil {
				return err
			}
			if asOf = time.Now(); last != nil {
				asOf = last.AsOf
			}
		}
		e, err := a.Explain(ctx, c.Code, asOf, c.KnownAt.Time)
		if err != nil {
			return err
		}
		if c.Live {
			if e.Live, err = a.ReadLive(ctx, e.Code); err != nil {
				return err
			}
		}
		if c.json() {
			return output.ExplainJSON(s.out, e, a.Config.Zone)
		}
		return output.Explain(s.out, e, a.Config.Zone)
	})
}
