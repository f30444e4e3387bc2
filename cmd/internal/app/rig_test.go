package app

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/adapter/jobs"
	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// rig is a daemon whose clock and sources the test has in hand. Its jobs are
// called one by one; nothing runs by itself, unless the test calls Run.
type rig struct {
	*Daemon
	dir   string
	books map[string]*book
	ms    *atomic.Int64 // of the clock
	log   *logText
	o     rigOptions
}

type rigOptions struct {
	store       string // "" for SQLite
	departments []string
	offices     map[string]string // name to department
	rules       string            // YAML of the key
	every       time.Duration     // 15m
	noSince     []string          // sources that are always read in full
	noOne       []string          // sources of which single dossiers cannot be read
	fullAt      map[string]string // cron expressions of their own
	patience    patience
	world       map[string]*book // of another rig, read by this one too
	at          time.Time        // Monday 2018-06-04 09:00
	realClock   bool
	deliver     string            // YAML of the key, with {dir} for the rig's folder
	to          map[string]string // department to YAML of its own deliver
	asOf        func() time.Time  // the moment of decisions, where it is another than the clock's
}

// monday is a working day of which the shipped calendar knows everything around.
var monday = time.Date(2018, 6, 4, 9, 0, 0, 0, vietnam)

const rigMapping = `time: {zone: Asia/Ho_Chi_Minh, layouts: ["yyyyMMddHHmmss"], missing: [""]}
fields: {code: code, aliases: aliases, department: department, status: status, received_at: received, due_at: due,
  extended_due_at: extended, completed_at: completed, updated_at: updated}
statuses: {registered: registered, received: received, refused: refused, processing: processing, supplement: supplement,
  payment: payment, withdrawn: withdrawn, stopped: stopped, resolved: resolved, returned: returned}
`

func newRig(t *testing.T, o rigOptions) *rig {
	t.Helper()
	if o.departments == nil {
		o.departments = []string{"KT", "TP"}
		o.offices = map[string]string{"kt-book": "KT", "tp-book": "TP"}
	}
	o.every = cmp.Or(o.every, 15*time.Minute)
	if o.at.IsZero() {
		o.at = monday
	}
	if o.patience == (patience{}) {
		o.patience = patience{stop: 2 * time.Second, last: 5 * time.Second, nightly: time.Minute, look: time.Millisecond, ask: 5 * time.Second}
	}
	r := &rig{dir: t.TempDir(), books: o.world, ms: &atomic.Int64{}, log: &logText{}, o: o}
	r.ms.Store(o.at.UnixMilli())
	if r.books == nil {
		r.books = map[string]*book{}
	}
	r.write(t, "mapping.yaml", rigMapping)
	r.write(t, "doisoat.yaml", r.config())
	if o.store == "" {
		empty, err := emptyStore()
		if err != nil {
			t.Fatal(err)
		}
		r.write(t, "doisoat.db", string(empty))
	}
	r.open(t)
	return r
}

func (r *rig) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) config() string {
	var b strings.Builder
	kept := cmp.Or(r.o.store, "sqlite:doisoat.db")
	fmt.Fprintf(&b, "timezone: Asia/Ho_Chi_Minh\nstore: %q\nweb: {listen: \"127.0.0.1:0\"}\ndepartments:\n", kept)
	for _, code := range r.o.departments {
		to := ""
		if deliver := r.o.to[code]; deliver != "" {
			to = ", deliver: " + deliver
		}
		fmt.Fprintf(&b, "  - {code: %s, name: Phòng %s%s}\n", code, code, to)
	}
	source := func(name string) {
		full := ""
		if at := r.o.fullAt[name]; at != "" {
			full = fmt.Sprintf(", full: %q", at)
		}
		fmt.Fprintf(&b, "name: %s\n    mapping: mapping.yaml\n    poll: {every: %s%s}\n    workbook: {path: %s.csv}\n", name, r.o.every, full, name)
	}
	b.WriteString("platform:\n    ")
	source("dvc")
	b.WriteString("offices:\n")
	for _, name := range sortedKeys(r.o.offices) {
		b.WriteString("  - ")
		source(name)
		fmt.Fprintf(&b, "    departments: [%s]\n", r.o.offices[name])
	}
	if r.o.rules != "" {
		fmt.Fprintf(&b, "rules: %s\n", r.o.rules)
	}
	if r.o.deliver != "" {
		fmt.Fprintf(&b, "deliver: %s\n", strings.ReplaceAll(r.o.deliver, "{dir}", r.dir))
	}
	return b.String()
}

// open starts a daemon over the folder.
func (r *rig) open(t *testing.T) {
	t.Helper()
	d := r.start(t)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
}

func (r *rig) start(t *testing.T) *Daemon {
	t.Helper()
	file := filepath.Join(r.dir, "doisoat.yaml")
	setup, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	log := logrus.New()
	log.SetOutput(r.log)
	log.SetLevel(logrus.DebugLevel)
	o := DaemonOptions{ConfigFile: file, Migrate: true, Version: "test", Log: log, TempDir: t.TempDir(), AsOf: r.o.asOf, patience: r.o.patience}
	if !r.o.realClock {
		o.clock = func() time.Time { return time.UnixMilli(r.ms.Load()) }
	}
	if r.Daemon, err = NewDaemon(context.Background(), setup, o); err != nil {
		t.Fatal(err)
	}
	r.plug()
	if err := r.draw(context.Background()); err != nil {
		t.Fatal(err)
	}
	return r.Daemon
}

// plug puts the books in place of what the configuration names.
func (r *rig) plug() {
	app, done := r.current.take()
	defer done()
	for _, src := range app.sources {
		b := r.books[src.Name]
		if b == nil {
			b = &book{name: src.Name, rows: map[string]row{}, inputs: src.inputs, clock: r.now}
			r.books[src.Name] = b
		}
		src.reader = b
		src.since, src.again = !slices.Contains(r.o.noSince, src.Name), !slices.Contains(r.o.noOne, src.Name)
	}
}

// restart ends the daemon and starts it anew over the same store.
func (r *rig) restart(t *testing.T) {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	r.open(t)
}

func (r *rig) now() time.Time { return r.Daemon.now() }

// pass lets time go by.
func (r *rig) pass(by time.Duration) { r.ms.Add(by.Milliseconds()) }

// at is the moment some working hours before or after now, as the calendar has it.
func (r *rig) workingHours(n int) time.Time {
	app, done := r.current.take()
	defer done()
	if n < 0 {
		return app.Calendar.Back(r.now(), time.Duration(-n)*time.Hour)
	}
	return app.Calendar.Add(r.now(), time.Duration(n)*time.Hour)
}

// read polls sources, all where none is named, as their next tick would.
func (r *rig) read(t *testing.T, names ...string) {
	t.Helper()
	r.polled(t, false, names)
}

// readAll polls sources in full.
func (r *rig) readAll(t *testing.T, names ...string) {
	t.Helper()
	r.polled(t, true, names)
}

func (r *rig) polled(t *testing.T, full bool, names []string) {
	t.Helper()
	if len(names) == 0 {
		names = sortedKeys(r.books)
	}
	for _, name := range names {
		r.pass(time.Second)
		if err := r.poll(context.Background(), jobs.PollJob{Source: name, Full: full, Slot: r.now(), Attempt: 1}); err != nil {
			t.Fatal(err)
		}
	}
}

// newest is the newest poll of a source.
func (r *rig) newest(t *testing.T, name string) reconcile.Snapshot {
	t.Helper()
	_, attempted, err := r.store.Polled(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return attempted[name]
}

// compared makes the incremental run that is due, and tells which it was; nil where
// none was.
func (r *rig) compared(t *testing.T) *store.Run {
	t.Helper()
	before := r.lastRun(t)
	if err := r.reconcile(context.Background()); err != nil {
		t.Fatal(err)
	}
	after := r.lastRun(t)
	if before != nil && after.ID == before.ID {
		return nil
	}
	return after
}

func (r *rig) lastRun(t *testing.T) *store.Run {
	t.Helper()
	run, err := r.store.LastRun(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// looked makes the second looks that are asked for.
func (r *rig) looked(t *testing.T) {
	t.Helper()
	if err := r.reread(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// nightlyRun reads every source in full and compares everything.
func (r *rig) nightlyRun(t *testing.T) *store.Run {
	t.Helper()
	r.pass(time.Second)
	began := r.now()
	r.readAll(t)
	if err := r.conclude(context.Background(), r.today(), began); err != nil {
		t.Fatal(err)
	}
	return r.lastRun(t)
}

// standing is what is not resolved, in order.
func (r *rig) standing(t *testing.T) []reconcile.Discrepancy {
	t.Helper()
	return r.listed(t, store.Filter{})
}

func (r *rig) listed(t *testing.T, f store.Filter) []reconcile.Discrepancy {
	t.Helper()
	list := []reconcile.Discrepancy{}
	if err := r.store.EachDiscrepancy(context.Background(), f, func(d reconcile.Discrepancy) error {
		list = append(list, d)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return list
}

// states tells what stands of a dossier: kind to state, "unstable" for that.
func (r *rig) states(t *testing.T, code string) map[reconcile.Kind]string {
	t.Helper()
	states := map[reconcile.Kind]string{}
	for _, d := range r.listed(t, store.Filter{Code: code}) {
		states[d.Kind] = string(d.State)
		if d.Unstable {
			states[d.Kind] = "unstable"
		}
	}
	return states
}

// life is the states a discrepancy has been in.
func (r *rig) life(t *testing.T, kind reconcile.Kind, code string) []reconcile.State {
	t.Helper()
	events, err := r.store.ListEvents(context.Background(), reconcile.DiscrepancyID(kind, code, ""))
	if err != nil {
		t.Fatal(err)
	}
	var states []reconcile.State
	for _, e := range events {
		if len(states) == 0 || states[len(states)-1] != e.To {
			states = append(states, e.To)
		}
	}
	return states
}

// both writes the same dossier down on the platform and in an office.
func (r *rig) both(office string, rows ...row) {
	for _, x := range rows {
		r.books["dvc"].put(x)
		r.books[office].put(x)
	}
}

// openRow is a dossier that is being worked on since long, written down now.
func openRow(code, department string) row {
	return row{
		code: code, department: department, status: reconcile.Processing, received: monday.AddDate(0, 0, -14), due: monday.AddDate(0, 1, 0),
	}
}

// closed is the row, resolved at a moment and written down now.
func (r row) closed(at time.Time) row {
	r.status, r.completed, r.updated = reconcile.Resolved, at, time.Time{}
	return r
}

// logText is what the daemon logged.
type logText struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// storeAll chooses every discrepancy.
var storeAll = store.Filter{All: true}

// stores runs a test on SQLite and on PostgreSQL.
func stores(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, "")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, postgresStore(t))
	})
}
