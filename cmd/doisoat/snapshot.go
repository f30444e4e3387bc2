package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
	"github.com/doisoat/doisoat/reconcile"
)

type snapshotCmd struct {
	List   snapshotListCmd   `cmd:"" help:"List the newest snapshots of every source."`
	Accept snapshotAcceptCmd `cmd:"" help:"Let a held snapshot through."`
}

type snapshotListCmd struct {
	configFlag
	Source   string `help:"Only this source." placeholder:"NAME"`
	Limit    int    `help:"How many, newest first." default:"30"`
	Rejected bool   `help:"Show the rows of each source's newest snapshot that could not be taken in."`
	formatFlag
}

// Help is shown by doisoat snapshot list --help.
func (c *snapshotListCmd) Help() string {
	return `Examples:
  doisoat snapshot list --config doisoat.yaml
  doisoat snapshot list --config doisoat.yaml --source justice-book --rejected`
}

func (c *snapshotListCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		list, err := a.Store.ListSnapshots(ctx, c.Source, c.Limit)
		if err != nil {
			return err
		}
		rejected := map[int64][]reconcile.Rejected{}
		if c.Rejected {
			for _, snap := range list {
				if rejected[snap.ID], err = a.Store.ListRejected(ctx, snap.ID); err != nil {
					return err
				}
			}
		}
		for i := range list {
			list[i].Reason = strings.TrimSpace(reasonOf(&list[i]) + " " + commandOf(&list[i], relative(c.Config)))
		}
		if c.json() {
			return output.SnapshotsJSON(s.out, list, rejected, a.Config.Zone)
		}
		return output.SnapshotsTable(s.out, list, rejected, a.Config.Zone)
	})
}

type snapshotAcceptCmd struct {
	configFlag
	ID int64  `arg:"" help:"The snapshot's number, as snapshot list shows it."`
	By string `help:"Who accepts it; kept with the snapshot." default:"${user}"`
	formatFlag
}

// Help is shown by doisoat snapshot accept --help.
func (c *snapshotAcceptCmd) Help() string {
	return `A snapshot is held when the source suddenly has far fewer dossiers than before, or none. Look at the source first. If it is right, accept that one snapshot; what it says counts from the next run on.

Example:
  doisoat snapshot accept --config doisoat.yaml 12`
}

func (c *snapshotAcceptCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		snap, err := a.AcceptSnapshot(ctx, c.ID, c.By, time.Now())
		if err != nil {
			return err
		}
		if c.json() {
			return output.SnapshotJSON(s.out, snap, a.Config.Zone)
		}
		_, err = fmt.Fprintf(s.out, "Snapshot %d of %s accepted: it holds %d dossiers now. The next run compares with it:\n  doisoat reconcile --config %s\n",
			snap.ID, snap.Source, snap.Records, relative(c.Config))
		return err
	})
}
