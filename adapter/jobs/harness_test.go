package jobs

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/lib/pq" // the postgres driver
	"github.com/sirupsen/logrus"
	logtest "github.com/sirupsen/logrus/hooks/test"
)

// database is one that a suite runs on, with the queue's tables.
type database struct {
	kind  string
	store *sql.DB // as the store has it
	dsn   string  // for another process: a path or a URL
}

// pool is what a queue is given.
func (d database) pool(t testing.TB) *sql.DB {
	t.Helper()
	db, err := openPool(d.kind, d.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func openPool(kind, dsn string) (*sql.DB, error) {
	if kind == SQLite {
		return OpenSQLite(dsn)
	}
	db, err := sql.Open("postgres", dsn)
	if err == nil {
		db.SetMaxOpenConns(10)
	}
	return db, err
}

// server is the PostgreSQL that tests may make databases on.
func server(t testing.TB) *url.URL {
	t.Helper()
	text := os.Getenv("DOISOAT_TEST_POSTGRES")
	if text == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("DOISOAT_TEST_POSTGRES is not set; run: .ci/servers go test ./adapter/jobs/")
		}
		t.Skip("no PostgreSQL to test on: DOISOAT_TEST_POSTGRES is not set; run: .ci/servers go test ./adapter/jobs/")
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal("DOISOAT_TEST_POSTGRES is no URL")
	}
	return u
}

// emptyPostgres makes a database, and drops it when the test ends.
func emptyPostgres(t testing.TB) database {
	t.Helper()
	u := server(t)
	admin, err := sql.Open("postgres", u.String())
	if err != nil {
		t.Fatal(err)
	}
	name := "doisoat_" + strings.ToLower(rand.Text())
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		admin.Close()
	})
	u.Path = "/" + name
	store, err := sql.Open("postgres", u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return database{kind: Postgres, store: store, dsn: u.String()}
}

func emptySQLite(t testing.TB) database {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kho đối soát 100%?#.db")
	store, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=busy_timeout(600000)&_pragma=journal_mode(WAL)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	store.SetMaxOpenConns(1)
	t.Cleanup(func() { store.Close() })
	return database{kind: SQLite, store: store, dsn: path}
}

// onBoth runs a test on both databases.
func onBoth(t *testing.T, test func(t *testing.T, d database)) {
	t.Helper()
	for kind, empty := range map[string]func(testing.TB) database{SQLite: emptySQLite, Postgres: emptyPostgres} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, migrated(t, empty(t)))
		})
	}
}

// onPostgres runs a test of what only PostgreSQL can.
func onPostgres(t *testing.T, test func(t *testing.T, d database)) {
	t.Helper()
	test(t, migrated(t, emptyPostgres(t)))
}

func migrated(t testing.TB, d database) database {
	t.Helper()
	if err := Migrate(context.Background(), d.pool(t), d.kind); err != nil {
		t.Fatal(err)
	}
	if _, err := d.store.Exec(`CREATE TABLE changes (n integer)`); err != nil {
		t.Fatal(err)
	}
	return d
}

// work is what a test's jobs do; what is nil does nothing.
type work struct {
	poll      func(context.Context, PollJob) error
	reconcile func(context.Context) error
	reread    func(context.Context) error
	nightly   func(context.Context, string) error
	letters   func(context.Context, string) error
	deliver   func(context.Context) error
}

func (w work) full() Work {
	return Work{
		Poll: func(ctx context.Context, job PollJob) error {
			if w.poll == nil {
				return nil
			}
			return w.poll(ctx, job)
		},
		Reconcile: func(ctx context.Context) error { return call(ctx, w.reconcile) },
		Reread:    func(ctx context.Context) error { return call(ctx, w.reread) },
		Nightly:   func(ctx context.Context, day string) error { return callDay(ctx, w.nightly, day) },
		Letters:   func(ctx context.Context, day string) error { return callDay(ctx, w.letters, day) },
		Deliver:   func(ctx context.Context) error { return call(ctx, w.deliver) },
	}
}

func call(ctx context.Context, f func(context.Context) error) error {
	if f == nil {
		return nil
	}
	return f(ctx)
}

func callDay(ctx context.Context, f func(context.Context, string) error, day string) error {
	if f == nil {
		return nil
	}
	return f(ctx, day)
}

// queue makes a queue, and gives what it logs from warnings on.
func (d database) queue(t testing.TB, w work, change ...func(*Options)) (*Queue, *logtest.Hook) {
	t.Helper()
	log, hook := logtest.NewNullLogger()
	o := Options{DB: d.pool(t), Kind: d.kind, Work: w.full(), Log: log, FetchEvery: 50 * time.Millisecond, Heartbeat: time.Second}
	for _, c := range change {
		c(&o)
	}
	q, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return q, hook
}

// start starts a queue until the test ends.
func start(t testing.TB, q *Queue) {
	t.Helper()
	if err := q.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q) })
}

func stop(t testing.TB, q *Queue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := q.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// warnings are the messages that an operator would be shown.
func warnings(hook *logtest.Hook) (list []string) {
	for _, e := range hook.AllEntries() {
		if e.Level <= logrus.WarnLevel {
			text, _ := e.String()
			list = append(list, strings.TrimSpace(text))
		}
	}
	return list
}

// within waits until ready holds.
func within(t testing.TB, limit time.Duration, what string, ready func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !ready(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}

// idle tells whether nothing waits or runs.
func (d database) idle(t testing.TB) bool {
	t.Helper()
	return d.count(t, `state IN ('available', 'scheduled', 'retryable', 'running')`) == 0
}

func (d database) count(t testing.TB, condition string) (n int) {
	t.Helper()
	if err := d.store.QueryRow(`SELECT count(*) FROM river_job WHERE ` + condition).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// tally counts things that many jobs do.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
	now    map[string]int
	most   map[string]int
}

// enter notes that something began, until the function it gives is called.
func (c *tally) enter(what string) (leave func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counts == nil {
		c.counts, c.now, c.most = map[string]int{}, map[string]int{}, map[string]int{}
	}
	c.counts[what]++
	c.now[what]++
	c.most[what] = max(c.most[what], c.now[what])
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.now[what]--
	}
}

func (c *tally) of(what string) (count, most int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.counts[what], c.most[what]
}
