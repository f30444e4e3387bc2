// Package app puts the parts together: it builds sources, mappings, calendar and
// store from a configuration, and runs the main job over them: poll, compare,
// keep. It is the only place where the adapters meet. The commands in
// cmd/doisoat call it and print what it returns; it prints nothing itself.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/cmd/internal/config"
	"github.com/doisoat/doisoat/mappings"
	"github.com/doisoat/doisoat/reconcile"
	"github.com/doisoat/doisoat/reconcile/calendar"
)

// App is the running program. Close releases what it opened.
type App struct {
	Config   *config.Config
	Calendar *calendar.Calendar
	Store    *store.Store

	sources []*source
	byName  map[string]*source
	log     logrus.FieldLogger
	closers []closer
	// Watch, if not nil, is told how the work goes.
	Watch Watcher
	// polled, if not nil, is told of every poll, with its rejected rows by cause;
	// corrected of every discrepancy that a run resolved.
	polled    func(snap *reconcile.Snapshot, rejected map[string]int)
	corrected func(kind reconcile.Kind, openFor time.Duration)
	clock     func() time.Time
	memory    memory
}

// closer is a named step of Close.
type closer struct {
	name  string
	close func() error
}

// source is one configured source with what is needed to read it.
type source struct {
	config.Source
	table  *mappings.Table
	inputs []string
	reader reconcile.Source
	again  bool // a single dossier can be read again
	since  bool // what changed since a moment can be read alone
}

// sinceReader is a source that may be asked for what changed since a moment.
type sinceReader interface{ HasSince() bool }

// Watcher is told how long work goes. Its methods may be called from several
// goroutines at once.
type Watcher interface {
	// Polling tells how far the poll of a source is; done with the snapshot's state.
	Polling(source string, p reconcile.Progress)
	Polled(snap reconcile.Snapshot)
	// Comparing tells how many of the dossiers have been compared.
	Comparing(done, total int)
}

// Setup is a configuration with the mappings and the calendar it names: all that
// can be checked without connecting to anything.
type Setup struct {
	Config   *config.Config
	Calendar *calendar.Calendar
	tables   map[string]*mappings.Table
}

// Load reads the configuration at path, and every mapping and calendar that it
// names. The error holds all faults of all files.
func Load(path string) (*Setup, error) {
	cfg, err := config.Load(path)
	if err != nil {
		return nil, err
	}
	s := &Setup{Config: cfg, tables: map[string]*mappings.Table{}}
	var faults []error
	if s.Calendar, err = loadCalendar(cfg); err != nil {
		faults = append(faults, err)
	}
	parsed := map[string]bool{}
	for _, src := range cfg.Sources() {
		table, err := loadMapping(cfg, src)
		if err != nil && !parsed[src.Mapping] { // a file that two sources share is reported once
			faults = append(faults, err)
		}
		parsed[src.Mapping] = true
		s.tables[src.Name] = table
	}
	faults = append(faults, checkTemplates(cfg.Deliver)...)
	return s, errors.Join(faults...)
}

// Uncovered are the configured departments of which no office is connected.
func (s *Setup) Uncovered() []string {
	covered := map[string]bool{}
	for _, office := range s.Config.Offices {
		for _, department := range office.Departments {
			covered[department] = true
		}
	}
	var list []string
	for _, d := range s.Config.Departments {
		if !covered[d.Code] {
			list = append(list, d.Code)
		}
	}
	return list
}

// Options are settings of Open.
type Options struct {
	Log     logrus.FieldLogger
	Migrate bool   // bring an old store up to date
	TempDir string // for what does not fit in memory; "" is the system's
	// Offline: no source is opened; for commands that only read the store.
	Offline bool
}

func newApp(setup *Setup, log logrus.FieldLogger) *App {
	return &App{Config: setup.Config, Calendar: setup.Calendar, byName: map[string]*source{}, log: log, clock: time.Now}
}

// Open opens the store and prepares every source. Nothing foreign is contacted
// before the first poll.
func Open(ctx context.Context, setup *Setup, o Options) (*App, error) {
	a := newApp(setup, o.Log)
	if err := a.open(ctx, setup, o); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// OpenShared prepares every source over a store that is somebody else's: Close
// leaves it open.
func OpenShared(kept *store.Store, setup *Setup, log logrus.FieldLogger) (*App, error) {
	a := newApp(setup, log)
	a.Store = kept
	if err := a.openSources(setup, false); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) open(ctx context.Context, setup *Setup, o Options) error {
	var err error
	if a.Store, err = store.Open(ctx, storeURL(a.Config.Store), store.Options{Migrate: o.Migrate, TempDir: o.TempDir}); err != nil {
		return err
	}
	a.closing("store", a.Store.Close)
	return a.openSources(setup, o.Offline)
}

// OpenSources prepares the sources alone, without a store: enough for Connect.
func OpenSources(setup *Setup, log logrus.FieldLogger) (*App, error) {
	a := newApp(setup, log)
	if err := a.openSources(setup, false); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

func (a *App) openSources(setup *Setup, offline bool) error {
	for _, cfg := range a.Config.Sources() {
		src := &source{Source: cfg, table: setup.tables[cfg.Name]}
		src.inputs = src.table.Inputs()
		if !offline {
			var err error
			if src.reader, err = newReader(cfg, src.inputs, a.log.WithField("source", cfg.Name)); err != nil {
				return fmt.Errorf("source %s: %w", cfg.Name, err)
			}
			if one, ok := src.reader.(reconcile.BatchSource); ok {
				src.again = one.HasOne()
			}
			if since, ok := src.reader.(sinceReader); ok {
				src.since = since.HasSince()
			}
			if c, ok := src.reader.(io.Closer); ok {
				a.closing(cfg.Name, c.Close)
			}
		}
		a.sources = append(a.sources, src)
		a.byName[cfg.Name] = src
	}
	return nil
}

func (a *App) closing(name string, close func() error) {
	a.closers = append(a.closers, closer{name, close})
}

// Close releases everything, last opened first.
func (a *App) Close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		if err := a.closers[i].close(); err != nil {
			errs = append(errs, fmt.Errorf("close %s: %w", a.closers[i].name, err))
		}
	}
	a.closers = nil
	return errors.Join(errs...)
}

func storeURL(s config.Store) string {
	if s.Driver == "sqlite" {
		return "sqlite:" + s.Path
	}
	return s.URL.Reveal()
}

// now is the moment; nothing deeper reads a clock.
func (a *App) now() time.Time { return a.clock() }
