package database

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// endless is a query that a server works at for minutes.
func (p *peer) endless() string {
	return p.pick(
		"SELECT count(*) AS code FROM generate_series(1, 2000000000) a, generate_series(1, 1000) b",
		"SELECT COUNT(*) AS code FROM seq_1_to_100000000 a, seq_1_to_100000 b WHERE a.seq % 7 = b.seq % 11",
		"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s) SELECT count(*) AS code FROM s")
}

// running counts the statements of the sources on the server.
func (p *peer) running(t *testing.T) int {
	t.Helper()
	if p.driver == "sqlite" {
		return 0 // it has no server
	}
	var n int
	query := p.pick(
		"SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%generate_series%' AND pid <> pg_backend_pid()",
		"SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND command <> 'Sleep' AND id <> CONNECTION_ID()", "")
	if err := p.db.Get(&n, query); err != nil {
		t.Fatal(err)
	}
	return n
}

// eventually asks until the answer is yes; a server needs a moment to end a statement.
func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !yes() {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestStatementTimeoutEndsTheStatementOnTheServer(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		cfg := p.config(p.endless())
		cfg.StatementTimeout = 300 * time.Millisecond
		s := newSource(t, cfg, "code")
		begin := time.Now()
		result, _ := pollFails(t, s, reconcile.CauseTimeout)
		if took := time.Since(begin); took > 8*time.Second {
			t.Errorf("took %v", took)
		}
		if !strings.Contains(result.Reason, "limits.timeout") {
			t.Errorf("reason names no remedy: %s", result.Reason)
		}
		eventually(t, "nothing runs on the server", func() bool { return p.running(t) == 0 })
	})
}

func TestCancellingEndsTheStatementOnTheServer(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		s := newSource(t, p.config(p.endless()), "code")
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		done := make(chan error, 1)
		go func() {
			_, err := s.Poll(ctx, reconcile.PollRequest{}, &sink{})
			done <- err
		}()
		if p.driver != "sqlite" {
			eventually(t, "the statement runs", func() bool { return p.running(t) > 0 })
		}
		cancel()
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Fatal("still runs")
		}
		eventually(t, "nothing runs on the server", func() bool { return p.running(t) == 0 })
	})
}

// A cancellation that comes at any moment, also between two statements.
func TestCancellingAtAnyMoment(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		s := newSource(t, p.config(p.endless()), "code")
		for wait := time.Duration(0); wait < 12*time.Millisecond; wait += 400 * time.Microsecond {
			ctx, cancel := context.WithTimeout(context.Background(), wait)
			begin := time.Now()
			_, err := s.Poll(ctx, reconcile.PollRequest{}, &sink{})
			cancel()
			if err == nil || time.Since(begin) > 8*time.Second {
				t.Errorf("cancelled after %v: took %v, error %v", wait, time.Since(begin), err)
			}
		}
		eventually(t, "nothing runs on the server", func() bool { return p.running(t) == 0 })
	})
}

// kill ends all other connections to the database.
func (p *peer) kill(t *testing.T) {
	t.Helper()
	if p.driver == "postgres" {
		p.exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		return
	}
	var ids []int64
	if err := p.db.Select(&ids, "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		_, _ = p.db.Exec("KILL ?", id)
	}
}

func TestConnectionKilledInMidStreamIsNoEnd(t *testing.T) {
	for _, name := range []string{"postgres", "mysql"} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, name)
			p.db.SetMaxOpenConns(1)
			p.fill(t, 200000) // more than fits into the buffers between
			s := newSource(t, p.config("SELECT * FROM dossiers"), "code")
			got := sink{onRow: func(n int) error {
				if n == 100 {
					p.kill(t)
				}
				return nil
			}}
			result, err := s.Poll(context.Background(), reconcile.PollRequest{}, &got)
			if err != nil || result.EndReached || result.Cause != reconcile.CauseConnect {
				t.Fatalf("after %d rows: error %v, %+v", len(got.rows), err, result)
			}
			if len(got.rows) == 200000 {
				t.Error("was killed too late to show anything")
			}
			if got := poll(t, s, reconcile.PollRequest{}); len(got.rows) != 200000 {
				t.Errorf("the next poll read %d rows", len(got.rows))
			}
		})
	}
}

func TestIdleConnectionThatDiedIsReplaced(t *testing.T) {
	for _, name := range []string{"postgres", "mysql"} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, name)
			p.db.SetMaxOpenConns(1)
			p.fill(t, 3)
			s := newSource(t, p.config("SELECT * FROM dossiers"), "code")
			poll(t, s, reconcile.PollRequest{})
			p.kill(t)
			if got := poll(t, s, reconcile.PollRequest{}); len(got.rows) != 3 {
				t.Errorf("%d rows", len(got.rows))
			}
		})
	}
}

// A network that closes the connection politely after so many bytes.
func cutAfter(t *testing.T, target string, limit int64) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); conns.Wait() })
	conns.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close()
				return
			}
			conns.Go(func() { _, _ = io.Copy(server, client); _ = server.Close() })
			conns.Go(func() { _, _ = io.CopyN(client, server, limit); _ = client.Close(); _ = server.Close() })
		}
	})
	return l.Addr().String()
}

func TestConnectionCutAnywhereIsNoEnd(t *testing.T) {
	for _, name := range []string{"postgres", "mysql"} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, name)
			p.fill(t, 1000)
			address := between(p.url, p.pick("@", "tcp(", ""), p.pick("/", ")", ""))
			for _, limit := range []int64{0, 1, 60, 300, 900, 2000, 5000, 20000, 100000, 150000} {
				cfg := p.config("SELECT * FROM dossiers")
				cfg.StatementTimeout = 10 * time.Second
				cfg.URL = strings.Replace(p.url, address, cutAfter(t, address, limit), 1)
				begin := time.Now()
				_, got := pollFails(t, newSource(t, cfg, "code"), reconcile.CauseConnect)
				if took := time.Since(begin); took > 5*time.Second {
					t.Errorf("cut after %d bytes: noticed only after %v", limit, took)
				}
				if len(got.rows) >= 1000 {
					t.Errorf("cut after %d bytes, %d rows came", limit, len(got.rows))
				}
			}
		})
	}
}

// between returns what stands between two marks.
func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, _ = strings.Cut(s, after)
	return s
}

func TestNobodyListens(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for driver, url := range map[string]string{
		"postgres":  "postgres://doisoat:p%40ss%2Fword@" + address + "/x?sslmode=disable",
		"mysql":     "doisoat:p@ss/word@tcp(" + address + ")/x",
		"sqlserver": "sqlserver://doisoat:p%40ss%2Fword@" + address + "?database=x&dial+timeout=2",
		"oracle":    "oracle://doisoat:p%40ss%2Fword@" + address + "/x",
	} {
		t.Run(driver, func(t *testing.T) {
			s := newSource(t, Config{Name: "x", Driver: driver, URL: url, Query: "SELECT 1", Zone: vietnam, StatementTimeout: 5 * time.Second}, "code")
			result, _ := pollFails(t, s, reconcile.CauseConnect)
			for _, secret := range []string{"p@ss", "p%40ss", "word@", url} {
				if strings.Contains(result.Reason, secret) {
					t.Errorf("reason tells %q: %s", secret, result.Reason)
				}
			}
		})
	}
}

func TestSecretsStaySecret(t *testing.T) {
	for _, name := range []string{"postgres", "mysql"} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, name)
			password := between(strings.TrimPrefix(p.url, "postgres://"), ":", "@")
			cfg := p.config("SELECT 1 AS code")
			cfg.One = "code = :code"
			cfg.URL = strings.Replace(p.url, password, "s3cret-wrong", 1)
			s := newSource(t, cfg, "code")
			result, _ := pollFails(t, s, reconcile.CauseAuth)
			err := s.One(context.Background(), "x", &sink{})
			if err == nil {
				t.Fatal("a wrong password was taken")
			}
			for _, text := range []string{result.Reason, err.Error()} {
				if strings.Contains(text, "s3cret") || !strings.Contains(text, "password in `url`") {
					t.Errorf("tells a secret or no remedy: %s", text)
				}
			}

			t.Run("repeated by the server", func(t *testing.T) {
				cfg := p.config(p.pick(`SELECT "`+password+`" AS code`, "SELECT `"+password+"` AS code", ""))
				result, _ := pollFails(t, newSource(t, cfg, "code"), reconcile.CauseSchema)
				if strings.Contains(result.Reason, password) {
					t.Errorf("tells the password: %s", result.Reason)
				}
			})
		})
	}
}

func TestValuesOfRowsStayOutOfReasons(t *testing.T) {
	for name, query := range map[string]string{
		"postgres": "SELECT citizen::integer AS code FROM dossiers",
		"mysql":    "SELECT CAST(JSON_VALUE(citizen, 1) AS INTEGER) + ST_GeomFromText(citizen) AS code FROM dossiers",
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, name)
			p.fill(t, 3)
			result, _ := pollFails(t, newSource(t, p.config(query), "code"), reconcile.CauseSchema)
			if strings.Contains(result.Reason, "Nguyễn") {
				t.Errorf("tells a citizen's name: %s", result.Reason)
			}
		})
	}
}

func TestPermissionDenied(t *testing.T) {
	for _, name := range []string{"postgres", "mysql"} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, name)
			p.fill(t, 1)
			user := randomName(t)
			address := between(p.url, p.pick("@", "tcp(", ""), p.pick("/", ")", ""))
			database, rest, _ := strings.Cut(p.url[strings.LastIndex(p.url, "/")+1:], "?")
			p.exec(t, p.pick("CREATE ROLE "+user+" LOGIN PASSWORD 'pw'", "CREATE USER "+user+"@'127.0.0.1' IDENTIFIED BY 'pw'", ""))
			t.Cleanup(func() {
				p.exec(t, p.pick("DROP OWNED BY "+user+"; DROP ROLE "+user, "DROP USER "+user+"@'127.0.0.1'", ""))
			})
			p.exec(t, p.pick("GRANT USAGE ON SCHEMA "+rest[strings.LastIndex(rest, "=")+1:]+" TO "+user, "GRANT CREATE ON "+database+".* TO "+user+"@'127.0.0.1'", ""))
			cfg := p.config("SELECT * FROM dossiers")
			cfg.URL = p.pick("postgres://"+user+":pw@"+address+"/"+database+"?"+rest, user+":pw@tcp("+address+")/"+database, "")
			result, _ := pollFails(t, newSource(t, cfg, "code"), reconcile.CauseAuth)
			if !strings.Contains(result.Reason, "grant the user SELECT") {
				t.Errorf("reason names no remedy: %s", result.Reason)
			}
		})
	}
}
