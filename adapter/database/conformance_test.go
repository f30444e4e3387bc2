package database

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

// Land registers of the same content in three databases: the same rows in, the
// same values out.
func landRegister(t testing.TB, p *peer) {
	p.exec(t,
		"CREATE TABLE HoSoDangKy (SoBienNhan VARCHAR(50), ChuHoSo VARCHAR(200), TrangThai INTEGER, PhiDaNop DECIMAL(12,2), ToaDo "+p.pick("DOUBLE PRECISION", "DOUBLE", "REAL")+
			", NgayNhan "+p.pick("TIMESTAMP", "DATETIME", "TEXT")+", NgayCapNhat "+p.pick("TIMESTAMPTZ", "TIMESTAMP NULL", "TEXT")+", GhiChu TEXT)",
	)
	insert := "INSERT INTO HoSoDangKy VALUES "
	p.setZone(t)
	for _, row := range []string{
		"('000.00.16.H57-180611-0001', 'Trần Thị Ngọc Ánh', 4, 1500.5, 107.25, '2018-06-11 08:30:00', '2018-06-20 16:05:09', 'Đã trả, kết quả: \"đủ\"')",
		"('000.00.16.H57-180611-0002', 'Lê Văn Đức', -1, 0, 4, '2018-06-11 00:00:00', '2018-06-21 07:00:00', '')",
		"('000.00.16.H57-180611-0003', NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
	} {
		p.exec(t, insert+row)
	}
}

func TestSameRowsGiveSameValues(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		landRegister(t, p)
		// SQLite has no real dates: there they stay text, written as stored.
		when := func(text string, zoned bool) string {
			if p.driver == "sqlite" || text == "" {
				return text
			}
			text = "date:" + strings.Replace(text, " ", "T", 1)
			if zoned {
				text += "+07:00"
			}
			return text
		}
		decimal := p.pick("1500.50", "1500.50", "1500.5")
		zero := p.pick("0.00", "0.00", "0")
		s := newSource(t, p.config("SELECT * FROM HoSoDangKy ORDER BY SoBienNhan; -- tất cả"),
			"sobiennhan", "TrangThai", "PHIDANOP", "ToaDo", "NgayNhan", "NgayCapNhat", "GhiChu")
		got := poll(t, s, reconcile.PollRequest{Mode: reconcile.Full, Seed: 7})
		want := [][]string{
			{"000.00.16.H57-180611-0001", "4", decimal, "107.25", when("2018-06-11 08:30:00", false), when("2018-06-20 16:05:09", true), `Đã trả, kết quả: "đủ"`},
			{"000.00.16.H57-180611-0002", "-1", zero, "4", when("2018-06-11 00:00:00", false), when("2018-06-21 07:00:00", true), ""},
			{"000.00.16.H57-180611-0003", "", "", "", "", "", ""},
		}
		if diff := cmp.Diff(want, got.values()); diff != "" {
			t.Error(diff)
		}
		if want := (reconcile.Position{Place: "query", Row: 3}); got.rows[2].Position != want {
			t.Errorf("position %v, want %v", got.rows[2].Position, want)
		}
	})
}

func TestColumns(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.exec(t, p.pick(`CREATE TABLE so ("Mã  Hồ Sơ" TEXT, "Ngày trả" TEXT)`, "CREATE TABLE so (`Mã  Hồ Sơ` TEXT, `Ngày trả` TEXT)", `CREATE TABLE so ("Mã  Hồ Sơ" TEXT, "Ngày trả" TEXT)`),
			"INSERT INTO so VALUES ('1', '2')")
		t.Run("another case, blanks and Unicode form", func(t *testing.T) {
			got := poll(t, newSource(t, p.config("SELECT * FROM so"), norm.NFD.String("mã hồ sơ"), "NGÀY TRẢ"), reconcile.PollRequest{})
			if diff := cmp.Diff([][]string{{"1", "2"}}, got.values()); diff != "" {
				t.Error(diff)
			}
		})
		t.Run("missing", func(t *testing.T) {
			p, _ := pollFails(t, newSource(t, p.config("SELECT * FROM so"), "mã hồ sơ", "SoBienNhan"), reconcile.CauseSchema)
			for _, part := range []string{"SoBienNhan", "Mã  Hồ Sơ", "Ngày trả"} {
				if !strings.Contains(p.Reason, part) {
					t.Errorf("reason lacks %q: %s", part, p.Reason)
				}
			}
		})
		t.Run("twice", func(t *testing.T) {
			pollFails(t, newSource(t, p.config("SELECT 1 AS code, 2 AS code FROM so"), "code"), reconcile.CauseSchema)
		})
		t.Run("no such table", func(t *testing.T) {
			p, _ := pollFails(t, newSource(t, p.config("SELECT * FROM khong_co"), "code"), reconcile.CauseSchema)
			if !strings.Contains(p.Reason, "khong_co") {
				t.Errorf("reason does not name the table: %s", p.Reason)
			}
		})
	})
}

func TestFingerprints(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.fill(t, 3)
		all := newSource(t, p.config("SELECT * FROM dossiers ORDER BY code"), "code", "status")
		first := poll(t, all, reconcile.PollRequest{Seed: 1})
		again := poll(t, all, reconcile.PollRequest{Seed: 1})
		if diff := cmp.Diff(first.fingerprints, again.fingerprints); diff != "" {
			t.Errorf("the same rows have other fingerprints: %s", diff)
		}
		distinct := map[uint64]bool{}
		for _, other := range []struct {
			what string
			got  *sink
		}{
			{"the first poll", first},
			{"another seed", poll(t, all, reconcile.PollRequest{Seed: 2})},
			{"other columns", poll(t, newSource(t, p.config("SELECT code, citizen, status, changed AS c FROM dossiers ORDER BY code"), "code"), reconcile.PollRequest{Seed: 1})},
		} {
			for _, f := range other.got.fingerprints {
				if distinct[f] {
					t.Errorf("%s: fingerprint %x came before", other.what, f)
				}
				distinct[f] = true
			}
		}

		t.Run("a change of an unmapped column", func(t *testing.T) {
			p.exec(t, "UPDATE dossiers SET citizen = 'Hồ Văn Tám' WHERE code = 'H57-2'")
			held := map[uint64]bool{}
			for _, f := range first.fingerprints {
				held[f] = true
			}
			got := sink{held: held}
			if _, err := all.Poll(context.Background(), reconcile.PollRequest{Seed: 1}, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([][]string{{"H57-2", "2"}}, got.values()); diff != "" || len(got.fingerprints) != 3 {
				t.Errorf("%d rows read, handed over: %s", len(got.fingerprints), diff)
			}
		})
		t.Run("one row by its code", func(t *testing.T) {
			cfg := p.config("SELECT * FROM dossiers ORDER BY code")
			cfg.One = "code = :code"
			s := newSource(t, cfg, "code")
			polled := poll(t, s, reconcile.PollRequest{Seed: 5})
			var one sink
			if err := s.One(context.Background(), "H57-3", &one); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(polled.fingerprints[2:], one.fingerprints); diff != "" {
				t.Error(diff)
			}
		})
	})
}

func TestIncremental(t *testing.T) {
	columns := []struct{ name, postgres, mysql, sqlite string }{
		{"a clock reading", "TIMESTAMP", "DATETIME", "DATETIME"},
		{"a moment", "TIMESTAMPTZ", "TIMESTAMP NULL", "TEXT"},
		{"text", "TEXT", "VARCHAR(40)", "VARCHAR(40)"},
	}
	for _, column := range columns {
		t.Run(column.name, func(t *testing.T) {
			onEveryPeer(t, func(t *testing.T, p *peer) {
				p.setZone(t)
				p.exec(t, "CREATE TABLE so (code VARCHAR(20), changed "+p.pick(column.postgres, column.mysql, column.sqlite)+")",
					"INSERT INTO so VALUES ('before', '2018-06-30 07:49:59'), ('exactly', '2018-06-30 07:50:00'), ('after', '2018-07-01 00:00:00')")
				cfg := p.config("SELECT * FROM so ORDER BY changed;")
				cfg.Since, cfg.Overlap = "changed >= :since AND '12:30' <> ':x' -- :since", 10*time.Minute
				s := newSource(t, cfg, "code")
				var got sink
				// 08:00 in Huế, asked for by a clock elsewhere.
				since := time.Date(2018, 6, 30, 1, 0, 0, 999, time.UTC)
				result, err := s.Poll(context.Background(), reconcile.PollRequest{Mode: reconcile.Incremental, Since: since}, &got)
				if err != nil || result.Mode != reconcile.Incremental || !result.EndReached {
					t.Fatalf("poll: %+v, error %v", result, err)
				}
				if diff := cmp.Diff([][]string{{"exactly"}, {"after"}}, got.values()); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestIncrementalWithoutSinceIsFull(t *testing.T) {
	p := newPeer(t, "sqlite")
	p.fill(t, 2)
	result, err := newSource(t, p.config("SELECT * FROM dossiers"), "code").
		Poll(context.Background(), reconcile.PollRequest{Mode: reconcile.Incremental, Since: time.Now()}, &sink{})
	if err != nil || result.Mode != reconcile.Full {
		t.Errorf("mode %q, error %v", result.Mode, err)
	}
}

func TestOne(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.exec(t, "CREATE TABLE so (code VARCHAR(40), alias VARCHAR(40))",
			"INSERT INTO so VALUES ('A-1', 'old'), ('A''2', 'A-1'), ('A:3', 'x')")
		cfg := p.config("WITH x AS (SELECT * FROM so) SELECT code, alias, '?:code' AS note FROM x ORDER BY code;")
		cfg.One = p.pick("code = :code::text OR alias = :code", "code = :code OR alias = :code", "code = :code OR alias = :code")
		s := newSource(t, cfg, "code", "note")
		if !s.HasOne() || s.HasSince() {
			t.Error("says wrongly what it can do")
		}
		for code, want := range map[string][][]string{
			"A-1":            {{"A'2", "?:code"}, {"A-1", "?:code"}},
			"A'2":            {{"A'2", "?:code"}},
			"A:3":            {{"A:3", "?:code"}},
			`\' OR 1=1 -- `:  nil,
			"' OR '1' = '1":  nil,
			"x') OR ('1'='1": nil,
		} {
			var got sink
			if err := s.One(context.Background(), code, &got); err != nil {
				t.Fatalf("%s: %v", code, err)
			}
			less := func(v [][]string) map[string]bool {
				m := map[string]bool{}
				for _, row := range v {
					m[strings.Join(row, "|")] = true
				}
				return m
			}
			if diff := cmp.Diff(less(want), less(got.values())); diff != "" {
				t.Errorf("%s: %s", code, diff)
			}
		}
	})
}

func TestOneWithoutCondition(t *testing.T) {
	p := newPeer(t, "sqlite")
	s := newSource(t, p.config("SELECT 1 AS code"), "code")
	if err := s.One(context.Background(), "x", &sink{}); err == nil || !strings.Contains(err.Error(), "`one`") {
		t.Errorf("error %v names no remedy", err)
	}
}

func TestLimitEndsEarly(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.fill(t, 20000)
		s := newSource(t, p.config("SELECT * FROM dossiers"), "code")
		var progress []reconcile.Progress
		got := poll(t, s, reconcile.PollRequest{Limit: 5, Progress: func(p reconcile.Progress) { progress = append(progress, p) }})
		if len(got.rows) != 5 {
			t.Errorf("%d rows", len(got.rows))
		}
		if diff := cmp.Diff([]reconcile.Progress{{Pages: 1, Rows: 5}}, progress); diff != "" {
			t.Error(diff)
		}
		// The next poll must not stumble over what the last one left behind.
		if got := poll(t, s, reconcile.PollRequest{}); len(got.rows) != 20000 {
			t.Errorf("%d rows after a limited poll", len(got.rows))
		}
	})
}

func TestErrorsOfOurOwnSide(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.fill(t, 5000)
		s := newSource(t, p.config("SELECT * FROM dossiers"), "code")
		t.Run("the sink's", func(t *testing.T) {
			full := errors.New("disk full")
			got := sink{onRow: func(n int) error {
				if n == 10 {
					return full
				}
				return nil
			}}
			result, err := s.Poll(context.Background(), reconcile.PollRequest{}, &got)
			if !errors.Is(err, full) || result.EndReached || len(got.rows) != 10 {
				t.Errorf("error %v, end reached %v, %d rows", err, result.EndReached, len(got.rows))
			}
		})
		t.Run("a cancelled context", func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			got := sink{onRow: func(n int) error {
				if n == 10 {
					cancel()
				}
				return nil
			}}
			result, err := s.Poll(ctx, reconcile.PollRequest{}, &got)
			if !errors.Is(err, context.Canceled) || result.EndReached || result.Cause != reconcile.CauseCancelled {
				t.Errorf("error %v, %+v", err, result)
			}
		})
	})
}

func TestPollCountsAndStamps(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.fill(t, 1)
		result, err := newSource(t, p.config("SELECT * FROM dossiers"), "code").Poll(context.Background(), reconcile.PollRequest{Mode: reconcile.Full}, &sink{})
		if err != nil {
			t.Fatal(err)
		}
		if result.DeclaredTotal != -1 || result.Pages != 1 || result.Requests < 2 || result.Requests > 4 || result.EndedAt.Before(result.StartedAt) || result.StartedAt.IsZero() {
			t.Errorf("%+v", result)
		}
	})
}

func TestEmptyResultIsAnEnd(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.fill(t, 1)
		got := poll(t, newSource(t, p.config("SELECT * FROM dossiers WHERE 1 = 0"), "code"), reconcile.PollRequest{})
		if fmt.Sprint(got.rows) != "[]" {
			t.Errorf("rows %v", got.rows)
		}
	})
}
