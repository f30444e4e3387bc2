package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
	"github.com/doisoat/doisoat/mappings"
	"github.com/doisoat/doisoat/reconcile"
)

type discrepancyCmd struct {
	List  discrepancyListCmd  `cmd:"" help:"List discrepancies from what is stored."`
	Ack   discrepancyAckCmd   `cmd:"" help:"Acknowledge discrepancies: somebody knows and sees to it."`
	Waive discrepancyWaiveCmd `cmd:"" help:"Waive discrepancies until a day: they are right as they are for now."`
}

type discrepancyListCmd struct {
	configFlag
	State       []string `help:"Only these states: suspected, open, acknowledged, waived, resolved." enum:"suspected,open,acknowledged,waived,resolved" sep:","`
	All         bool     `help:"Resolved ones too."`
	Department  string   `help:"Only this department's." placeholder:"CODE"`
	Kind        string   `help:"Only this kind." placeholder:"KIND"`
	Dossier     string   `help:"Only this dossier's." placeholder:"CODE"`
	Limit       int      `help:"How many the table shows; 0 shows all." default:"50"`
	outputFlags `set:"formats=table, json, csv or xlsx"`
}

// Help is shown by doisoat discrepancy list --help.
func (c *discrepancyListCmd) Help() string {
	return `Examples:
  doisoat discrepancy list --config doisoat.yaml --department TP
  doisoat discrepancy list --config doisoat.yaml --kind resolved_not_closed --state open --output danh-sach.csv`
}

func (c *discrepancyListCmd) Run(ctx context.Context, s *streams) error {
	if err := c.resolve(s.out, "table", "json", "csv", "xlsx"); err != nil {
		return err
	}
	filter := store.Filter{All: c.All, Department: c.Department, Kind: reconcile.Kind(c.Kind), Code: mappings.CanonicalCode(c.Dossier)}
	for _, state := range c.State {
		filter.States = append(filter.States, reconcile.State(state))
	}
	if c.Kind != "" && reconcile.KindLabels[filter.Kind] == "" {
		return &exitError{exitUsage, fmt.Errorf("--kind %q is no kind of discrepancy; the kinds are %s", c.Kind, kindNames())}
	}
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		rules, err := a.Rules(ctx, time.Now(), app.TrustNobody)
		if err != nil {
			return err
		}
		each := lister(ctx, a, rules, filter, c.Format, c.Limit)
		file, err := c.begin(s.out)
		if err != nil {
			return err
		}
		return file.write(func(w io.Writer) error {
			switch c.Format {
			case "json":
				return output.ListJSON(w, a.Config.Zone, each)
			case "csv":
				return output.CSV(w, a.Config.Zone, each)
			case "xlsx":
				return output.XLSX(w, a.Config.Zone, each)
			}
			return output.ListTable(w, a.Config.Zone, each, c.Limit)
		})
	})
}

func kindNames() string {
	names := make([]string, len(reconcile.Kinds))
	for i, kind := range reconcile.Kinds {
		names[i] = string(kind)
	}
	return strings.Join(names, ", ")
}

// target names discrepancies on the command line.
type target struct {
	ID   []string `arg:"" name:"id" help:"Discrepancies, by the id that the lists show."`
	By   string   `help:"Who says so; kept with it." default:"${user}"`
	Note string   `help:"Why; shown wherever the discrepancy is." required:"" placeholder:"TEXT"`
	formatFlag
}

type discrepancyAckCmd struct {
	configFlag
	target
}

// Help is shown by doisoat discrepancy ack --help.
func (c *discrepancyAckCmd) Help() string {
	return `Example:
  doisoat discrepancy ack --config doisoat.yaml --note "Phòng đang cập nhật sổ" 3f2a9c0d11e45b67`
}

func (c *discrepancyAckCmd) Run(ctx context.Context, s *streams) error {
	return c.set(ctx, s, c.configFlag, func(d *reconcile.Discrepancy, at time.Time) (reconcile.Change, error) {
		return d.Acknowledge(c.By, c.Note, at)
	})
}

type discrepancyWaiveCmd struct {
	configFlag
	target
	Until day `help:"Last day on which it holds (yyyy-MM-dd)." required:"" placeholder:"DAY"`
}

// Help is shown by doisoat discrepancy waive --help.
func (c *discrepancyWaiveCmd) Help() string {
	return `A waiver ends after its last day, or as soon as the values it was given for change.

Example:
  doisoat discrepancy waive --config doisoat.yaml --until 2026-12-31 --note "Chờ thuế xác nhận" 3f2a9c0d11e45b67`
}

func (c *discrepancyWaiveCmd) Run(ctx context.Context, s *streams) error {
	setup, err := c.load()
	if err != nil {
		return err
	}
	until := c.Until.in(setup.Config.Zone).AddDate(0, 0, 1)
	if !until.After(time.Now()) {
		return &exitError{exitUsage, fmt.Errorf("--until %s is over; name a day to come", c.Until.text)}
	}
	return c.set(ctx, s, c.configFlag, func(d *reconcile.Discrepancy, at time.Time) (reconcile.Change, error) {
		return d.Waive(c.By, c.Note, until, at)
	})
}

// set applies what a person says to each discrepancy named: to all, or to none
// if one of them cannot take it.
func (t *target) set(ctx context.Context, s *streams, config configFlag, say func(*reconcile.Discrepancy, time.Time) (reconcile.Change, error)) error {
	if strings.TrimSpace(t.Note) == "" {
		return &exitError{exitUsage, errors.New("--note is empty; say why")}
	}
	return config.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		var changes []reconcile.Change
		for _, id := range t.ID {
			d, err := a.Store.GetDiscrepancy(ctx, id)
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("no discrepancy has the id %s; see: doisoat discrepancy list --config %s", id, relative(config.Config))
			}
			if err != nil {
				return err
			}
			change, err := say(&d, time.Now())
			if err != nil {
				return err
			}
			changes = append(changes, change)
		}
		if err := a.Store.SaveChanges(ctx, changes); err != nil {
			return err
		}
		if t.json() {
			return output.ChangesJSON(s.out, changes, a.Config.Zone)
		}
		return output.Changes(s.out, changes, a.Config.Zone)
	})
}
