package app

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/doisoat/doisoat/adapter/jobs"
	"github.com/doisoat/doisoat/cmd/internal/config"
)

// reloadState is how the last attempt to load the configuration went.
type reloadState struct {
	at  time.Time // of the configuration in force
	ok  bool
	err error
}

// connect lets an App tell what happens to it.
func (d *Daemon) connect(app *App) {
	app.clock = d.now
	app.polled = d.polled
	app.corrected = d.metrics.Corrected
}

// scheduleOf is the schedule of a configuration; it works once it is run.
func (d *Daemon) scheduleOf(app *App) (*jobs.Schedule, error) {
	return jobs.NewSchedule(planOf(app), jobs.ScheduleOptions{Queue: d.queue, LastNightly: d.lastNightly, NextDelivery: d.nextDelivery, Log: d.log, Now: d.now})
}

// Reload reads the configuration again. Whatever is wrong with it, the old one
// stays in force; so it does where the store or the address changed, which only a
// restart can follow.
func (d *Daemon) Reload(ctx context.Context) error {
	d.reloads.Lock()
	defer d.reloads.Unlock()
	err := d.reload()
	before := d.reloaded.Load()
	d.metrics.ConfigReloaded(err == nil, d.now())
	if err != nil {
		d.reloaded.Store(&reloadState{at: before.at, err: err})
		d.log.WithError(err).Error("reload: the configuration before stays in force")
		return err
	}
	d.reloaded.Store(&reloadState{at: d.now(), ok: true})
	d.log.WithField("file", d.o.ConfigFile).Info("reload")
	// What is stored is compared by the new rules and mappings at once.
	if err := d.queue.EnqueueReconcile(context.WithoutCancel(ctx), nil); err != nil {
		d.log.WithError(err).Warn("reload: the new rules count from the next run on, within a minute")
	}
	d.drawSoon()
	return nil
}

func (d *Daemon) reload() error {
	setup, err := Load(d.o.ConfigFile)
	if err != nil {
		return err
	}
	was, done := d.current.take()
	defer done()
	if was == nil {
		return errEnding
	}
	old, cfg := was.Config, setup.Config
	switch {
	case old.Store != cfg.Store:
		return errors.New("store: it cannot change while the program runs; restart it")
	case d.o.Listen == "" && old.Web.Listen != cfg.Web.Listen, old.Web.ConfigFile != cfg.Web.ConfigFile:
		return errors.New("web: address and config_file cannot change while the program runs (what stands in config_file can); restart it")
	case !reflect.DeepEqual(fixedOf(old), fixedOf(cfg)):
		return errors.New("timezone, web.title, web.hosts, web.operations, web.access.session or web.access.lockout: they cannot change while the program runs; restart it")
	}
	app, err := OpenShared(d.store, setup, d.log)
	if err != nil {
		return err
	}
	if err := d.adopt(app); err != nil {
		return errors.Join(err, app.Close())
	}
	return nil
}

// fixed is what the server was built from.
type fixed struct {
	zone       string
	title      string
	hosts      []string
	operations *config.Operations
	session    config.Session
	lockout    config.Lockout
}

func fixedOf(c *config.Config) fixed {
	return fixed{c.Zone.String(), c.Web.Title, c.Web.Hosts, c.Web.Operations, c.Web.Access.Session, c.Web.Access.Lockout}
}

// adopt puts an App in force, wholly or not at all. The schedule comes last: what
// it asks for at once must find the source.
func (d *Daemon) adopt(app *App) error {
	if _, err := d.scheduleOf(app); err != nil {
		return fmt.Errorf("poll: %w", err)
	}
	if err := d.metrics.Reconfigure(metricsConfig(app)); err != nil {
		return err
	}
	d.connect(app)
	if err := d.gate.Reconfigure(oidcConfig(app.Config.Web.Access.OIDC), proxyConfig(app.Config.Web.Access.Proxy)); err != nil {
		return err
	}
	if err := d.current.swap(app); err != nil {
		return err
	}
	d.rewatch()
	return d.schedule.SetPlan(planOf(app))
}
