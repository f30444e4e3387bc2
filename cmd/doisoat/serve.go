package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/cmd/internal/app"
)

type serveCmd struct {
	configFlag
	Listen    string `help:"Listen here instead of the configuration's web.listen; port 0 chooses a free one." placeholder:"HOST:PORT"`
	NoMigrate bool   `help:"Refuse a store whose schema is old, instead of bringing it up to date."`
}

// Help is shown by doisoat serve --help.
func (c *serveCmd) Help() string {
	return `The daemon: reads every source by schedule, compares what changed at once and everything every night, and answers HTTP: /metrics for Prometheus, /-/healthy, /-/ready, /api/v1/. SIGHUP, or POST /-/reload, reads the configuration again; SIGTERM or Ctrl-C ends it within thirty seconds.

Examples:
  doisoat check --config doisoat.yaml --connect     # first
  doisoat serve --config doisoat.yaml
  doisoat serve --config doisoat.yaml --log-format json`
}

// Run works until it is told to end.
func (c *serveCmd) Run(ctx context.Context, s *streams) error {
	setup, err := c.load()
	if err != nil {
		return err
	}
	log, ok := s.log.(*logrus.Logger)
	if !ok {
		return errors.New("serve: no log")
	}
	d, err := app.NewDaemon(ctx, setup, app.DaemonOptions{
		ConfigFile: relative(c.Config), Listen: c.Listen, Migrate: !c.NoMigrate, Version: version, Revision: revision(), Log: log,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(s.err, "doisoat listens at %s\n", d.Addr())
	defer reloadOnHangUp(d)()
	return errors.Join(d.Run(ctx), d.Close())
}

// reloadOnHangUp reads the configuration again at each SIGHUP, until stopped.
func reloadOnHangUp(d *app.Daemon) (stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGHUP)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range signals {
			_ = d.Reload(context.Background()) // it is logged and counted
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
		<-done
	}
}

// revision is the commit that the program was built from; "unknown" where the
// build did not say.
func revision() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				return setting.Value
			}
		}
	}
	return "unknown"
}
