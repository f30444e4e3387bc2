package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/adapter/jobs"
	"github.com/doisoat/doisoat/adapter/metrics"
	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/cmd/internal/config"
)

// Daemon is the program that runs unattended: it polls by schedule, compares what
// changed, makes the nightly run, and shows how it all stands. NewDaemon opens
// everything, Run works until its context ends, Close releases.
type Daemon struct {
	o         DaemonOptions
	log       logrus.FieldLogger
	startedAt time.Time
	instance  string

	store    *store.Store
	queue    *jobs.Queue
	schedule *jobs.Schedule
	metrics  *metrics.Metrics
	gate     *access.Access
	web      *web.Server
	closers  []closer

	current  tenancy // the configuration in force
	reloads  sync.Mutex
	reloaded atomic.Pointer[reloadState]
	watching watching
	patience patience

	picture   atomic.Pointer[picture]
	trend     trend
	stale     chan struct{} // the picture is to be drawn anew
	ready     atomic.Bool
	nightlyOn atomic.Int64 // since when a nightly run is under way here; UTC milliseconds, 0 if none
	runOn     atomic.Int64 // likewise of an incremental one
}

// DaemonOptions are settings of NewDaemon.
type DaemonOptions struct {
	ConfigFile        string
	Listen            string // in place of the configuration's; "" is the configuration's
	Migrate           bool   // bring an old store up to date
	Version, Revision string
	Log               *logrus.Logger
	TempDir           string
	// Demo signs in whoever asks from this machine itself, and the pages say so.
	Demo bool
	// AsOf is the moment at which decisions are made; nil for the present. Polls,
	// and whether a source is fresh, go by the clock whatever it says.
	AsOf func() time.Time

	clock    func() time.Time // in place of the system's
	patience patience         // in place of usual
}

// patience is how long the daemon waits for what may never come.
type patience struct {
	stop    time.Duration // the work under way, once it is told to end; it is cancelled then
	last    time.Duration // everything else that ends then, and what still reads a source
	nightly time.Duration // full polls of a nightly run
	look    time.Duration // a source that is being polled, before a second look
	ask     time.Duration // the answers to a chunk of second looks
}

// usual patience lets Run and Close end within thirty seconds.
var usual = patience{stop: 15 * time.Second, last: 2 * time.Second, nightly: nightlyWait, look: 10 * time.Second, ask: rereadLimit}

// NewDaemon checks everything that can be checked, opens the store and binds the
// address; nothing is polled yet. Errors name the place and the remedy.
func NewDaemon(ctx context.Context, setup *Setup, o DaemonOptions) (*Daemon, error) {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	if o.clock == nil {
		o.clock = time.Now
	}
	if o.patience == (patience{}) {
		o.patience = usual
	}
	d := &Daemon{
		o: o, log: o.Log, startedAt: o.clock(), patience: o.patience, stale: make(chan struct{}, 1),
		instance: fmt.Sprintf("%s-%d-%s", host, os.Getpid(), time.Now().UTC().Format("20060102T150405.000")),
	}
	if err := d.open(ctx, setup); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func (d *Daemon) open(ctx context.Context, setup *Setup) error {
	cfg := setup.Config
	var err error
	if d.store, err = store.Open(ctx, storeURL(cfg.Store), store.Options{Migrate: d.o.Migrate, TempDir: d.o.TempDir}); err != nil {
		return err
	}
	d.closing("store", d.store.Close)
	if d.store.Kind() == jobs.SQLite {
		release, err := onlyOne(cfg.Store.Path)
		if err != nil {
			return err
		}
		d.closing("lock", release)
	}
	app, err := OpenShared(d.store, setup, d.log)
	if err != nil {
		return err
	}
	d.closing("sources", func() error { return d.current.end(d.patience.last) })
	if err := d.current.swap(app); err != nil {
		return err
	}
	if err := d.openQueue(ctx, setup); err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	if d.metrics, err = metrics.New(registry, metrics.Options{
		Version: d.o.Version, Revision: d.o.Revision, Config: metricsConfig(app), ConfigLoadedAt: d.startedAt,
	}); err != nil {
		return err
	}
	d.connect(app)
	if d.schedule, err = d.scheduleOf(app); err != nil {
		return err
	}
	d.reloaded.Store(&reloadState{at: d.startedAt, ok: true})
	if err := d.openWeb(cfg); err != nil {
		return err
	}
	d.closing("web", func() error { return d.web.Shutdown(context.Background()) })
	return nil
}

// queueDB opens the store's own database for the work queue.
func queueDB(kept *store.Store, cfg *config.Config) (*sql.DB, error) {
	if kept.Kind() == jobs.SQLite {
		return jobs.OpenSQLite(cfg.Store.Path)
	}
	return kept.OpenQueueDB()
}

// MigrateQueue brings the work queue's tables up to date.
func (a *App) MigrateQueue(ctx context.Context) error {
	db, err := queueDB(a.Store, a.Config)
	if err != nil {
		return err
	}
	return errors.Join(jobs.Migrate(ctx, db, a.Store.Kind()), db.Close())
}

// openQueue prepares the work queue, in the store's own database.
func (d *Daemon) openQueue(ctx context.Context, setup *Setup) error {
	kind := d.store.Kind()
	db, err := queueDB(d.store, setup.Config)
	if err != nil {
		return err
	}
	d.closing("queue's database", db.Close)
	if d.o.Migrate {
		err = jobs.Migrate(ctx, db, kind)
	} else {
		var current bool
		if current, err = jobs.Migrated(ctx, db, kind); err == nil && !current {
			err = errors.New("the work queue's tables are missing or old; run: doisoat migrate")
		}
	}
	if err != nil {
		return err
	}
	d.queue, err = jobs.New(ctx, jobs.Options{
		DB: db, Kind: kind, Instance: d.instance, Log: d.log, PollWorkers: pollers,
		Work: jobs.Work{Poll: d.poll, Reconcile: d.reconcile, Reread: d.reread, Nightly: d.nightly, Letters: d.letters, Deliver: d.deliver},
	})
	if err != nil {
		return err
	}
	d.store.UseQueue(followUps{d.queue})
	return nil
}

// followUps puts what follows from a change into the queue, in its transaction.
type followUps struct{ queue *jobs.Queue }

func (f followUps) Reconcile(ctx context.Context, tx *sql.Tx) error {
	return f.queue.EnqueueReconcile(ctx, tx)
}

func (f followUps) Look(ctx context.Context, tx *sql.Tx) error { return f.queue.EnqueueReread(ctx, tx) }

func (f followUps) Deliver(ctx context.Context, tx *sql.Tx) error {
	return f.queue.EnqueueDeliver(ctx, tx)
}

func (d *Daemon) closing(name string, close func() error) {
	d.closers = append(d.closers, closer{name, close})
}

// Addr is where the daemon answers.
func (d *Daemon) Addr() string { return d.web.Addr().String() }

// Run works until ctx ends, then finishes what is under way, thirty seconds at
// the most.
func (d *Daemon) Run(ctx context.Context) error {
	running, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var group sync.WaitGroup
	start := func(name string, do func(context.Context) error) {
		group.Go(func() {
			if err := do(running); err != nil && running.Err() == nil {
				cancel(fmt.Errorf("%s: %w", name, err))
			}
		})
	}
	start("web", d.web.Serve)
	if err := d.draw(running); err != nil {
		cancel(err)
		group.Wait()
		return err
	}
	start("picture", d.keepPicture)
	if err := d.queue.Start(running); err != nil {
		cancel(err)
		group.Wait()
		return err
	}
	d.ready.Store(true)
	d.log.WithFields(map[string]any{"address": d.Addr(), "instance": d.instance, "store": d.store.Kind(), "version": d.o.Version}).Info("ready")
	d.startWatching(running)
	start("sessions", d.sweepSessions)
	start("schedule", func(ctx context.Context) error {
		d.schedule.Run(ctx)
		return nil
	})
	<-running.Done()
	d.ready.Store(false)
	d.log.Info("stopping")
	ending, done := context.WithTimeout(context.WithoutCancel(ctx), d.patience.stop)
	defer done()
	err := errors.Join(d.queue.Stop(ending), d.stopWatching(), within(d.patience.last, "web, picture or schedule", &group))
	d.log.Info("stopped")
	if cause := context.Cause(running); ctx.Err() == nil {
		err = errors.Join(cause, err)
	}
	return err
}

// Close releases everything, last opened first.
func (d *Daemon) Close() error {
	var errs []error
	for i := len(d.closers) - 1; i >= 0; i-- {
		if err := d.closers[i].close(); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", d.closers[i].name, err))
		}
	}
	d.closers = nil
	return errors.Join(errs...)
}

// now is the moment.
func (d *Daemon) now() time.Time { return d.o.clock() }

// asOf is the moment at which decisions are made.
func (d *Daemon) asOf() time.Time {
	if d.o.AsOf != nil {
		return d.o.AsOf()
	}
	return d.now()
}

// within waits for a group, but not for ever.
func within(limit time.Duration, what string, group *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() {
		group.Wait()
		close(done)
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
		return fmt.Errorf("%s: does not end; left behind after %s", what, limit)
	}
}

// onceLoaded keeps the metrics back until the last known state is in them: counters
// that begin at zero and then leap would pass for as many events.
func (d *Daemon) onceLoaded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d.picture.Load() == nil {
			http.Error(w, "the last known state is being loaded", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// readyNow says in words why the daemon cannot answer yet, or any longer.
func (d *Daemon) readyNow(ctx context.Context) error {
	if !d.ready.Load() {
		return errors.New("the last known state is being loaded, or the process is about to end")
	}
	return d.store.Ping(ctx)
}
