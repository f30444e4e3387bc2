package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
)

type deliveryCmd struct {
	List  deliveryListCmd  `cmd:"" help:"List the newest deliveries of letters, and how far they got."`
	Retry deliveryRetryCmd `cmd:"" help:"Put deliveries back into the queue that were given up."`
}

type deliveryListCmd struct {
	configFlag
	State string `help:"Only those in this state." enum:",pending,sent,dead" default:"" placeholder:"STATE"`
	Limit int    `help:"How many, newest first." default:"50"`
	formatFlag
}

// Help is shown by doisoat delivery list --help.
func (c *deliveryListCmd) Help() string {
	return `Examples:
  doisoat delivery list --config doisoat.yaml
  doisoat delivery list --config doisoat.yaml --state dead`
}

func (c *deliveryListCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		list, err := a.Store.ListDeliveries(ctx, store.DeliveryFilter{State: store.DeliveryState(c.State), Limit: c.Limit})
		if err != nil {
			return err
		}
		deliveries := make([]web.Delivery, len(list))
		for i := range list {
			deliveries[i] = app.WireDelivery(&list[i], a.Config.Zone)
		}
		if c.json() {
			return output.DeliveriesJSON(s.out, deliveries)
		}
		return output.DeliveriesTable(s.out, deliveries, a.Config.Zone, relative(c.Config))
	})
}

type deliveryRetryCmd struct {
	configFlag
	ID  []int64 `arg:"" optional:"" help:"The deliveries' numbers, as delivery list shows them."`
	All bool    `help:"All that were given up."`
}

// Help is shown by doisoat delivery retry --help.
func (c *deliveryRetryCmd) Help() string {
	return `doisoat serve sends them again, with all of their attempts, under the same message id. Put right first why they were given up: doisoat delivery list --state dead.

Examples:
  doisoat delivery retry --config doisoat.yaml 12
  doisoat delivery retry --config doisoat.yaml --all`
}

func (c *deliveryRetryCmd) Run(ctx context.Context, s *streams) error {
	if c.All == (len(c.ID) > 0) {
		return &exitError{exitUsage, errors.New("name the deliveries, or give --all")}
	}
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		ids := c.ID
		if c.All {
			list, err := a.Store.ListDeliveries(ctx, store.DeliveryFilter{State: store.DeliveryDead})
			if err != nil {
				return err
			}
			for i := range list {
				ids = append(ids, list[i].ID)
			}
		}
		return audited(ctx, a, "delivery_retry", fmt.Sprint(ids), func() error {
			for _, id := range ids {
				d, err := a.Store.RetryDelivery(ctx, id, time.Now())
				if err != nil {
					return fmt.Errorf("%w; see: doisoat delivery list --config %s", err, relative(c.Config))
				}
				if _, err := fmt.Fprintf(s.out, "Delivery %d: letter %s to %s by %s waits to be sent again.\n", d.ID, d.Label, d.Department, d.Channel); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
