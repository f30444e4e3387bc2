package database

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

// told is what answered was called with.
type told struct {
	sink
	order []string
	errs  map[string]string
	rows  map[string]int // handed over before answered
	seen  int
}

func reread(t testing.TB, s *Source, codes ...string) (reconcile.Poll, *told) {
	t.Helper()
	x := &told{errs: map[string]string{}, rows: map[string]int{}}
	p, err := s.Reread(context.Background(), codes, 1, x, func(code string, err error) error {
		x.order = append(x.order, code)
		if err != nil {
			x.errs[code] = err.Error()
		}
		x.rows[code] = len(x.fingerprints) - x.seen
		x.seen = len(x.fingerprints)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if p.EndReached != (p.Cause == "") || p.EndReached != (p.Reason == "") || p.Mode != reconcile.Incremental || p.DeclaredTotal != -1 {
		t.Errorf("%+v", p)
	}
	sum := 0
	for _, n := range p.Answers {
		sum += n
	}
	if sum != p.Requests {
		t.Errorf("%d requests, but answers %v", p.Requests, p.Answers)
	}
	return p, x
}

func codeList(from, to int) []string {
	var codes []string
	for i := from; i <= to; i++ {
		codes = append(codes, fmt.Sprintf("H57-%d", i))
	}
	return codes
}

func TestReread(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.fill(t, 50)
		p.exec(t, "INSERT INTO dossiers VALUES ('H57-7', 'twice', 9, NULL)", "INSERT INTO dossiers VALUES ('it''s', '', 1, NULL)")
		cfg := p.config("SELECT * FROM dossiers ORDER BY code")
		cfg.One = "code = :code"
		s := newSource(t, cfg, "code", "status")
		all := poll(t, s, reconcile.PollRequest{Seed: 1})
		result, x := reread(t, s, append(codeList(5, 34), "H57-99", "it's", "H57-9", "' OR '1' = '1")...)
		if !result.EndReached || result.Pages != 33 || result.EndedAt.Before(result.StartedAt) {
			t.Errorf("%+v", result)
		}
		if diff := cmp.Diff(append(codeList(5, 34), "H57-99", "it's", "' OR '1' = '1"), x.order); diff != "" {
			t.Error(diff)
		}
		for code, n := range map[string]int{"H57-5": 1, "H57-7": 2, "H57-99": 0, "it's": 1, "' OR '1' = '1": 0} {
			if x.rows[code] != n {
				t.Errorf("%s: %d rows, want %d", code, x.rows[code], n)
			}
		}
		for _, f := range x.fingerprints {
			if !slices.Contains(all.fingerprints, f) {
				t.Error("a row has another fingerprint than in the poll")
			}
		}
		if result.Answers["ok"] != result.Requests || result.Requests > 33+5 {
			t.Errorf("%d requests, answers %v: is there one connection for all?", result.Requests, result.Answers)
		}
		// One sees the same, with the seed of the last poll.
		var one sink
		if err := s.One(context.Background(), "H57-5", &one); err != nil || one.fingerprints[0] != x.fingerprints[0] {
			t.Errorf("one: %v, fingerprints %v and %v", err, one.fingerprints, x.fingerprints[:1])
		}
	})
}

// What a register writes meanwhile is seen, once the transaction is renewed, and
// a reading under way keeps nobody from writing for long.
func TestRereadSeesWhatIsWrittenMeanwhile(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.fill(t, 3)
		cfg := p.config("SELECT * FROM dossiers")
		cfg.One = "code = :code"
		s := newSource(t, cfg, "code", "status")
		p.exec(t, "UPDATE dossiers SET status = 77 WHERE code = 'H57-2'")
		_, x := reread(t, s, "H57-2")
		p.exec(t, "UPDATE dossiers SET status = 78 WHERE code = 'H57-2'")
		_, y := reread(t, s, "H57-2")
		if x.values()[0][1] != "77" || y.values()[0][1] != "78" {
			t.Errorf("%v then %v", x.values(), y.values())
		}
	})
}

func TestRereadTroubleOfOneCode(t *testing.T) {
	for _, name := range []string{"postgres", "mysql"} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, name)
			p.fill(t, 50)
			cfg := p.config("SELECT * FROM dossiers")
			// A subquery of several rows is an error of this one code.
			cfg.One = "code = :code AND 1 = (SELECT 1 FROM dossiers d WHERE d.code = 'H57-1' OR :code = 'H57-6')"
			s := newSource(t, cfg, "code")
			result, x := reread(t, s, codeList(1, 20)...)
			if result.EndReached || result.Cause != reconcile.CauseSchema || !strings.Contains(result.Reason, "1 of 20 dossiers could not be read again") {
				t.Errorf("%+v", result)
			}
			if len(x.order) != 20 || len(x.rows) != 20 || len(x.errs) != 1 || x.errs["H57-6"] == "" || x.rows["H57-20"] != 1 {
				t.Errorf("order %v, errors %v", x.order, x.errs)
			}
			if result.Answers["error"] != 1 {
				t.Errorf("answers %v", result.Answers)
			}
		})
	}
	p := newPeer(t, "sqlite")
	cfg := p.config("SELECT 'A' AS code")
	cfg.One = "code = :code"
	result, x := reread(t, newSource(t, cfg, "code"), " ", "A")
	if result.EndReached || x.errs[" "] == "" || x.rows["A"] != 1 {
		t.Errorf("a blank code: %+v, %v", result, x.errs)
	}
}

func TestRereadEndsEarlyWhereTheSourceIsDown(t *testing.T) {
	t.Run("nobody listens", func(t *testing.T) {
		cfg := Config{Name: "a", Driver: "postgres", URL: "postgres://u:sesam@127.0.0.1:1/x?sslmode=disable", Query: "SELECT 1 AS code", One: "code = :code"}
		result, x := reread(t, newSource(t, cfg, "code"), codeList(1, 9)...)
		if result.Cause != reconcile.CauseConnect || len(x.order) != 0 || result.Answers["error"] != 1 || strings.Contains(result.Reason, "sesam") {
			t.Errorf("%+v, told %v", result, x.order)
		}
		if !strings.Contains(result.Reason, "given up after 1 of 9 dossiers") {
			t.Error(result.Reason)
		}
	})
	t.Run("a file that is not there", func(t *testing.T) {
		p := newPeer(t, "sqlite")
		p.fill(t, 1)
		cfg := p.config("SELECT * FROM dossiers")
		cfg.One = "code = :code"
		s := newSource(t, cfg, "code")
		if err := p.db.Close(); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(p.url); err != nil {
			t.Fatal(err)
		}
		result, x := reread(t, s, codeList(1, 9)...)
		if result.Cause != reconcile.CauseConnect || len(x.order) != 0 {
			t.Errorf("%+v, told %v", result, x.order)
		}
	})
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.fill(t, 5)
		t.Run("no such column", func(t *testing.T) {
			cfg := p.config("SELECT * FROM dossiers")
			cfg.One = "khong_co = :code"
			result, x := reread(t, newSource(t, cfg, "code"), codeList(1, 30)...)
			if result.Cause != reconcile.CauseSchema || len(x.order) > mostFailed {
				t.Errorf("%+v, told %v", result, x.order)
			}
		})
		t.Run("the mapping's column is missing", func(t *testing.T) {
			cfg := p.config("SELECT * FROM dossiers")
			cfg.One = "code = :code"
			result, x := reread(t, newSource(t, cfg, "khong_co"), codeList(1, 30)...)
			if result.Cause != reconcile.CauseSchema || len(x.order) != 0 {
				t.Errorf("%+v, told %v", result, x.order)
			}
		})
		t.Run("too slow", func(t *testing.T) {
			cfg := p.config("SELECT 'x' AS code, x.code AS n FROM (" + p.endless() + ") x")
			cfg.One, cfg.StatementTimeout = "code <> :code AND n <> 1", 100*time.Millisecond
			result, x := reread(t, newSource(t, cfg, "code"), "a", "b", "c", "d", "e")
			if result.Cause != reconcile.CauseTimeout || len(x.order) > mostSick {
				t.Errorf("%+v, told %v", result, x.order)
			}
			eventually(t, "nothing runs on the server", func() bool { return p.running(t) == 0 })
		})
	})
}

func TestRereadGoesOnWhenAConnectionBreaks(t *testing.T) {
	for _, name := range []string{"postgres", "mysql"} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t, name)
			p.fill(t, 30)
			cfg := p.config("SELECT * FROM dossiers")
			cfg.One = "code = :code"
			x := &told{}
			failed := 0
			result, err := newSource(t, cfg, "code").Reread(context.Background(), codeList(1, 30), 1, x, func(code string, err error) error {
				if err != nil {
					failed++
				}
				if code == "H57-10" {
					p.kill(t)
				}
				return nil
			})
			if err != nil || failed != 1 || len(x.sink.rows) != 29 || result.Cause != reconcile.CauseConnect || result.EndReached {
				t.Errorf("error %v, %d failed, %d rows, %+v", err, failed, len(x.sink.rows), result)
			}
		})
	}
}

func TestRereadStopsOnOurSide(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.fill(t, 30)
		cfg := p.config("SELECT * FROM dossiers")
		cfg.One = "code = :code"
		s := newSource(t, cfg, "code")
		own := errors.New("disk full")
		result, err := s.Reread(context.Background(), codeList(1, 9), 1, &sink{onRow: func(int) error { return own }}, func(string, error) error { return nil })
		if !errors.Is(err, own) || result.EndReached || result.Cause != reconcile.CauseCancelled {
			t.Errorf("the sink's: %v, %+v", err, result)
		}
		result, err = s.Reread(context.Background(), codeList(1, 9), 1, &sink{}, func(string, error) error { return own })
		if !errors.Is(err, own) || result.EndReached {
			t.Errorf("answered's: %v, %+v", err, result)
		}
		ctx, cancel := context.WithCancel(context.Background())
		result, err = s.Reread(ctx, codeList(1, 9), 1, &sink{}, func(string, error) error { cancel(); return nil })
		if !errors.Is(err, context.Canceled) || result.EndReached || result.Cause != reconcile.CauseCancelled {
			t.Errorf("the context's: %v, %+v", err, result)
		}
	})
}

func TestRereadWithoutOne(t *testing.T) {
	p := newPeer(t, "sqlite")
	result, x := reread(t, newSource(t, p.config("SELECT 1 AS code"), "code"), "1")
	if result.Cause != reconcile.CauseSchema || !strings.Contains(result.Reason, "`one`") || len(x.order) != 0 {
		t.Errorf("%+v", result)
	}
}

// A transaction is renewed after a while, so that a file's own program can write.
func TestRereadDoesNotHoldAFileForLong(t *testing.T) {
	p := newPeer(t, "sqlite") // without a write-ahead log: a reader keeps writers out
	p.fill(t, 10)
	cfg := p.config("SELECT * FROM dossiers")
	cfg.One = "code = :code"
	s := newSource(t, cfg, "code", "status")
	p.exec(t, "PRAGMA busy_timeout = 30000")
	written := make(chan error, 1)
	r, x := 0, &sink{}
	_, err := s.Reread(context.Background(), codeList(1, 10), 1, x, func(string, error) error {
		if r++; r == 1 {
			go func() {
				_, err := p.db.Exec("UPDATE dossiers SET status = 99 WHERE code = 'H57-10'")
				written <- err
			}()
		}
		time.Sleep(holdAtMost / 5) // a slow receiver
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-written; err != nil {
		t.Errorf("the register could not be written: %v", err)
	}
	if got := x.values()[9][1]; got != "99" {
		t.Errorf("status %s: what was written meanwhile is not seen", got)
	}
}
