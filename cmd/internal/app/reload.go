package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// tenancy hands out the App of the configuration in force, and closes one that
// was replaced when its last user is done.
type tenancy struct {
	mu  sync.Mutex
	app *App
	use *sync.WaitGroup
}

// take gives the App in force; done must be called when it is no longer used.
func (t *tenancy) take() (app *App, done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	use := t.use
	use.Add(1)
	return t.app, use.Done
}

// swap puts app in force. The one before is closed once nobody uses it; where app
// is nil that is waited for.
func (t *tenancy) swap(app *App) error {
	t.mu.Lock()
	was, use := t.app, t.use
	t.app, t.use = app, &sync.WaitGroup{}
	t.mu.Unlock()
	if was == nil {
		return nil
	}
	if app == nil {
		use.Wait()
		return was.Close()
	}
	go func() {
		use.Wait()
		if err := was.Close(); err != nil {
			was.log.WithError(err).Warn("close the sources of the configuration before")
		}
	}()
	return nil
}

// reloadState is how the last attempt to load the configuration went.
type reloadState struct {
	at  time.Time // of the configuration in force
	ok  bool
	err error
}

// takeOver puts an App in force and lets it tell what happens to it.
func (d *Daemon) takeOver(app *App) {
	app.polled = d.polled
	app.corrected = d.metrics.Corrected
	_ = d.current.swap(app) // only the last one can fail
}

// Reload reads the configuration again. Whatever is wrong with it, the old one
// stays in force; so it does where the store or the address changed, which only a
// restart can follow.
func (d *Daemon) Reload(context.Context) error {
	d.reloads.Lock()
	defer d.reloads.Unlock()
	err := d.reload()
	before := d.reloaded.Load()
	d.metrics.ConfigReloaded(err == nil, now())
	if err != nil {
		d.reloaded.Store(&reloadState{at: before.at, err: err})
		d.log.WithError(err).Error("reload: the configuration before stays in force")
		return err
	}
	d.reloaded.Store(&reloadState{at: now(), ok: true})
	d.log.WithField("file", d.o.ConfigFile).Info("reload")
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
	old, cfg := was.Config, setup.Config
	switch {
	case old.Store != cfg.Store:
		return errors.New("store: it cannot change while the program runs; restart it")
	case d.o.Listen == "" && old.Web.Listen != cfg.Web.Listen, old.Web.ConfigFile != cfg.Web.ConfigFile:
		return errors.New("web: address and config_file cannot change while the program runs (what stands in config_file can); restart it")
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

func (d *Daemon) adopt(app *App) error {
	if err := d.schedule.SetPlan(planOf(app)); err != nil {
		return fmt.Errorf("poll: %w", err)
	}
	if err := d.metrics.Reconfigure(metricsConfig(app)); err != nil {
		return err
	}
	d.takeOver(app)
	d.rewatch()
	return nil
}
