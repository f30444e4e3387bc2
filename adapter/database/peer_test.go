package database

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/reconcile"
)

var vietnam = time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)

// peer is a real database that a test has to itself.
type peer struct {
	driver string
	url    string
	db     *sqlx.DB // writes, as the office's own program would
}

var peerNames = []string{"postgres", "mysql", "sqlite"}

// onEveryPeer runs a test against each database.
func onEveryPeer(t *testing.T, run func(t *testing.T, p *peer)) {
	for _, name := range peerNames {
		t.Run(name, func(t *testing.T) { run(t, newPeer(t, name)) })
	}
}

func newPeer(t testing.TB, driver string) *peer {
	t.Helper()
	switch driver {
	case "postgres":
		return postgresPeer(t)
	case "mysql":
		return mariaPeer(t)
	}
	path := filepath.Join(t.TempDir(), "sổ đăng ký #1.db")
	return &peer{"sqlite", path, connectPeer(t, "sqlite", path)}
}

// TestMain drops what the tests shared.
func TestMain(m *testing.M) {
	status := m.Run()
	if dropPostgres != nil {
		dropPostgres()
	}
	os.Exit(status)
}

// dropPostgres drops the database that all tests of this process share: each
// has a schema of its own there, which is made in no time.
var dropPostgres func()

func postgresPeer(t testing.TB) *peer {
	t.Helper()
	u, err := url.Parse(serverURL(t, "DOISOAT_TEST_POSTGRES"))
	if err != nil {
		t.Fatal("DOISOAT_TEST_POSTGRES is no URL")
	}
	if dropPostgres == nil {
		admin, err := sqlx.Connect("postgres", u.String())
		if err != nil {
			t.Fatal(err)
		}
		postgresDatabase = randomName(t)
		admin.MustExec("CREATE DATABASE " + postgresDatabase)
		dropPostgres = func() { admin.MustExec("DROP DATABASE " + postgresDatabase + " WITH (FORCE)") }
	}
	u.Path = "/" + postgresDatabase
	schema := randomName(t)
	admin := connectPeer(t, "postgres", u.String())
	admin.MustExec("CREATE SCHEMA " + schema)
	t.Cleanup(func() { admin.MustExec("DROP SCHEMA " + schema + " CASCADE") })
	u.RawQuery += "&search_path=" + schema
	return &peer{"postgres", u.String(), connectPeer(t, "postgres", u.String())}
}

var postgresDatabase string

func mariaPeer(t testing.TB) *peer {
	server := serverURL(t, "DOISOAT_TEST_MARIADB")
	name := randomName(t)
	admin := connectPeer(t, "mysql", server)
	admin.MustExec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4")
	t.Cleanup(func() { admin.MustExec("DROP DATABASE " + name) })
	c, err := mysql.ParseDSN(server)
	if err != nil {
		t.Fatal("DOISOAT_TEST_MARIADB is no connection string")
	}
	c.DBName = name
	return &peer{"mysql", c.FormatDSN(), connectPeer(t, "mysql", c.FormatDSN()+"?multiStatements=true&sql_mode=''")}
}

// serverURL skips where a person runs the tests without the servers, and fails
// where a machine does: a suite that vanished must not look like one that passed.
func serverURL(t testing.TB, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	switch {
	case value != "":
		return value
	case os.Getenv("CI") != "":
		t.Fatalf("%s is not set: run the tests by `make test`, which starts the servers", variable)
	}
	t.Skipf("%s is not set: run `make test`, or `.ci/servers go test ./adapter/database/`", variable)
	return ""
}

func connectPeer(t testing.TB, driver, url string) *sqlx.DB {
	t.Helper()
	db, err := sqlx.Connect(driver, url)
	if err != nil {
		t.Fatalf("connect to %s: %v", driver, err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func randomName(t testing.TB) string {
	t.Helper()
	var b [6]byte
	if _, err := rand.Read(b[:]); err != nil {
		t.Fatal(err)
	}
	return "doisoat_" + hex.EncodeToString(b[:])
}

func (p *peer) exec(t testing.TB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := p.db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// setZone lets what the test writes be meant in Vietnam's time.
func (p *peer) setZone(t testing.TB) {
	t.Helper()
	p.db.SetMaxOpenConns(1) // the zone is that of the one connection
	p.exec(t, p.pick("SET TIME ZONE INTERVAL '+07:00' HOUR TO MINUTE", "SET time_zone = '+07:00'", "SELECT 1"))
}

// pick returns the value for this peer's database.
func (p *peer) pick(postgres, mysql, sqlite string) string {
	return map[string]string{"postgres": postgres, "mysql": mysql, "sqlite": sqlite}[p.driver]
}

// config of a source on this peer.
func (p *peer) config(query string) Config {
	return Config{Name: "land-register", Driver: p.driver, URL: p.url, Query: query, Zone: vietnam, StatementTimeout: 30 * time.Second}
}

func newSource(t testing.TB, cfg Config, inputs ...string) *Source {
	t.Helper()
	log := logrus.New()
	log.SetOutput(testWriter{t})
	s, err := New(cfg, inputs, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// sink keeps what a source hands over.
type sink struct {
	held         map[uint64]bool // fingerprints of the last snapshot
	fingerprints []uint64
	rows         []reconcile.Row
	rejected     []reconcile.Rejected
	onRow        func(n int) error
}

func (s *sink) Seen(fingerprint uint64) bool {
	s.fingerprints = append(s.fingerprints, fingerprint)
	return s.held[fingerprint]
}

func (s *sink) Row(row reconcile.Row) error {
	row.Values = slices.Clone(row.Values)
	s.rows = append(s.rows, row)
	if s.onRow != nil {
		return s.onRow(len(s.rows))
	}
	return nil
}

func (s *sink) Reject(r reconcile.Rejected) error {
	s.rejected = append(s.rejected, r)
	return nil
}

func (s *sink) Skip(string) {}

func (s *sink) values() [][]string {
	var values [][]string
	for _, row := range s.rows {
		values = append(values, row.Values)
	}
	return values
}

// poll reads the source and fails the test unless it reads to the end.
func poll(t testing.TB, s *Source, req reconcile.PollRequest) *sink {
	t.Helper()
	var got sink
	p, err := s.Poll(context.Background(), req, &got)
	if err != nil || !p.EndReached {
		t.Fatalf("poll: end reached %v, cause %q, reason %q, error %v", p.EndReached, p.Cause, p.Reason, err)
	}
	return &got
}

// pollFails reads the source and fails the test if it reads to the end.
func pollFails(t testing.TB, s *Source, cause reconcile.Cause) (reconcile.Poll, *sink) {
	t.Helper()
	var got sink
	p, err := s.Poll(context.Background(), reconcile.PollRequest{Mode: reconcile.Full}, &got)
	if err != nil {
		t.Fatalf("a fault of the source came as an error: %v", err)
	}
	if p.EndReached || p.Cause != cause || p.Reason == "" {
		t.Fatalf("poll: end reached %v, cause %q, reason %q; want cause %q", p.EndReached, p.Cause, p.Reason, cause)
	}
	return p, &got
}

// fill makes a table `dossiers` of n rows, the nth with code H57-n.
func (p *peer) fill(t testing.TB, n int) {
	t.Helper()
	p.exec(t, "CREATE TABLE dossiers (code VARCHAR(40), citizen VARCHAR(200), status INTEGER, changed "+p.pick("TIMESTAMP", "DATETIME", "TEXT")+")")
	series := p.pick(
		fmt.Sprintf("SELECT i FROM generate_series(1, %d) i", n),
		fmt.Sprintf("SELECT seq AS i FROM seq_1_to_%d", n),
		fmt.Sprintf("WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d) SELECT i FROM s", n))
	code := p.pick("'H57-' || i", "CONCAT('H57-', i)", "'H57-' || i")
	filler := p.pick("repeat('Nguyễn ', 20)", "REPEAT('Nguyễn ', 20)", "replace(hex(zeroblob(10)), '00', 'Nguyễn ')")
	p.exec(t, "INSERT INTO dossiers SELECT "+code+", "+filler+", i % 10, '2018-06-11 08:00:00' FROM ("+series+") x")
}
