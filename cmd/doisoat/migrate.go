package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
)

type migrateCmd struct {
	configFlag
	formatFlag
}

// Help is shown by doisoat migrate --help.
func (c *migrateCmd) Help() string {
	return `doisoat reconcile and serve do the same by themselves. Run it by hand before several replicas start, or to see that it works. A store newer than this program is refused.

Example:
  doisoat migrate --config doisoat.yaml`
}

func (c *migrateCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true, Migrate: true}, func(a *app.App) error {
		if err := a.MigrateQueue(ctx); err != nil {
			return err
		}
		current, _, err := a.Store.SchemaVersion(ctx)
		if err != nil {
			return err
		}
		if c.json() {
			return output.JSONValue(s.out, map[string]any{"store": a.Store.Kind(), "schema_version": current})
		}
		_, err = fmt.Fprintf(s.out, "The %s store has schema version %d, the newest there is.\n", a.Store.Kind(), current)
		return err
	})
}

// version is set by the build: -ldflags "-X main.version=…".
var version = "dev"

type versionCmd struct{}

func (c *versionCmd) Run(s *streams) error {
	_, err := fmt.Fprintf(s.out, "doisoat %s (revision %s, %s %s/%s)\n", version, revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
