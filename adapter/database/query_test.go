package database

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"github.com/sijms/go-ora/v2/network"
)

func oracleError(code int) error { return &network.OracleError{ErrCode: code, ErrMsg: "ORA"} }

func TestCheckQuery(t *testing.T) {
	pg, my, ms, or := postgres().flavour, mysqlDialect().flavour, sqlserver().flavour, oracle().flavour
	tests := []struct {
		name, query string
		flavour     flavour
		fault       string // part of the error, "" if it is let through
	}{
		{"plain", "SELECT * FROM t", pg, ""},
		{"semicolon and comment at the end", "select 1; -- done; DELETE", pg, ""},
		{"several semicolons", "SELECT 1 ;; ; ", pg, ""},
		{"with", "WITH x AS (SELECT 1) SELECT * FROM x", pg, ""},
		{"parenthesis first", "(SELECT 1) UNION (SELECT 2)", pg, ""},
		{"comment first", "/* all */ SELECT 1", pg, ""},
		{"functions", "SELECT replace(a, 'x', 'y'), TRUNCATE(b, 2), INSERT(c, 1, 2, 'z') FROM t", my, ""},
		{"column behind a dot", "SELECT t.update FROM t", my, ""},
		{"quoted columns", `SELECT "delete" FROM "drop"`, pg, ""},
		{"words in strings", "SELECT 'DELETE; DROP' FROM t", pg, ""},
		{"longer words", "SELECT updated_at, deleted, created FROM t", pg, ""},
		{"Vietnamese names", "SELECT số_hồ_sơ FROM sổ", pg, ""},
		{"dollar quotes", "SELECT $x$ ; DELETE $x$", pg, ""},
		{"nested comment", "SELECT 1 /* a /* b */ ; */", pg, ""},
		{"backslash in MySQL", `SELECT 'a\'; DELETE FROM t; -- '`, my, ""},
		{"q quote in Oracle", "SELECT q'[it's; DELETE]' FROM dual", or, ""},
		{"brackets in SQL Server", "SELECT [a;b] FROM [drop]", ms, ""},

		{"empty", " -- nothing", pg, "is empty"},
		{"update", "UPDATE t SET a = 1", pg, "neither SELECT nor WITH"},
		{"two statements", "SELECT 1; SELECT 2", pg, "more than one statement"},
		{"with delete", "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", pg, "DELETE"},
		{"select into", "SELECT * INTO u FROM t", pg, "INTO"},
		{"into outfile", "SELECT * FROM t INTO OUTFILE '/tmp/x'", my, "INTO"},
		{"for update", "SELECT * FROM t FOR UPDATE", pg, "UPDATE"},
		{"no semicolon between", "SELECT 1 EXEC sp_x", ms, "EXEC"},
		{"MySQL's comments that run", "SELECT 1 /*!50000 INTO OUTFILE 'x' */", my, "MySQL runs"},
		{"backslash is nothing in PostgreSQL", `SELECT 'a\'; DELETE FROM t; -- '`, pg, "more than one statement"},
		{"E quotes", `SELECT E'a\'; DELETE FROM t; -- '`, pg, ""},
		{"comment that needs a blank in MySQL", "SELECT 1 --1 INTO @x", my, "INTO"},
		{"not nested in MySQL", "SELECT 1 /* a /* b */ ; DELETE FROM t /* */", my, "more than one statement"},
		{"open string", "SELECT 'a", pg, "never closed"},
		{"open comment", "SELECT 1 /* a", pg, "never closed"},
		{"open dollar quote", "SELECT $$a", pg, "never closed"},
		{"open parenthesis", "SELECT (1", pg, "never closed"},
		{"closes what is not open", "SELECT 1) x UNION (SELECT 2", pg, "never opened"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := checkQuery(test.query, test.flavour)
			switch {
			case test.fault == "" && err != nil:
				t.Errorf("refused: %v", err)
			case test.fault == "" && strings.HasSuffix(strings.TrimSpace(got), ";"):
				t.Errorf("still ends in a semicolon: %q", got)
			case test.fault != "" && (err == nil || !strings.Contains(err.Error(), test.fault)):
				t.Errorf("error %v, want one with %q", err, test.fault)
			}
		})
	}
}

func TestWrapped(t *testing.T) {
	tests := []struct {
		name                   string
		dialect                *dialect
		query, condition, want string
		args                   int
	}{
		{"casts and strings", postgres(), "SELECT a::text, '12:30 :code' FROM t", "a = :code::text OR b = ':code' OR c = :code",
			"SELECT * FROM (\nSELECT a::text, '12:30 :code' FROM t) doisoat_rows WHERE (\na = $1 ::text OR b = ':code' OR c = $2 \n)", 2},
		{"question marks", postgres(), "SELECT a ? 'x' FROM t", "a ?| :code",
			"SELECT * FROM (\nSELECT a ? 'x' FROM t) doisoat_rows WHERE (\na ?| $1 \n)", 1},
		{"another parameter is none of ours", sqlite(), "SELECT 1", "a = :code AND b = :codes",
			"SELECT * FROM (\nSELECT 1) doisoat_rows WHERE (\na = ?  AND b = :codes\n)", 1},
		{"SQL Server", sqlserver(), "SELECT 1", "a = :code", "SELECT * FROM (\nSELECT 1) doisoat_rows WHERE (\na = @p1 \n)", 1},
		{"Oracle", oracle(), "SELECT 1", "a = :code", "SELECT * FROM (\nSELECT 1) doisoat_rows WHERE (\na = :code \n)", 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.dialect.wrapped(test.query, test.condition, "code", "H57")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got.text); diff != "" || len(got.args) != test.args {
				t.Errorf("%d arguments, %s", len(got.args), diff)
			}
		})
	}
	for name, want := range map[string]string{
		"sqlserver": "CONVERT(datetime2, @p1 , 120)",
		"oracle":    "TO_DATE(:since , 'YYYY-MM-DD HH24:MI:SS')",
	} {
		d, err := findDialect(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.wrapped("SELECT 1", "a >= :since", "since", "2018-06-11 08:00:00")
		if err != nil || !strings.Contains(got.text, want) {
			t.Errorf("%s: %q, error %v", name, got.text, err)
		}
	}
}

func FuzzQuery(f *testing.F) {
	for _, seed := range []string{
		"SELECT 1", "SELECT 'a''b', $$x$$, $1, E'\\'' -- c\n", "WITH x AS (SELECT [a] FROM `b`) SELECT q'{a}' /* /* */ */", ":code::text = ':code'", "é:x:", "$", "q'", "'", "::::a",
	} {
		for i := range Drivers {
			f.Add(seed, i)
		}
	}
	f.Fuzz(func(t *testing.T, text string, driver int) {
		if driver < 0 || driver >= len(Drivers) {
			return
		}
		d, err := findDialect(Drivers[driver])
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := lex(text, d.flavour)
		if err != nil {
			return
		}
		last := 0
		for _, token := range tokens {
			if token.start < last || token.end <= token.start || token.end > len(text) {
				t.Fatalf("token %+v after %d of %q", token, last, text)
			}
			last = token.end
		}
		if query, err := checkQuery(text, d.flavour); err == nil {
			if again, err := checkQuery(query, d.flavour); err != nil || again != query {
				t.Fatalf("%q is let through, but not %q: %v", text, query, err)
			}
		}
		// Whatever is not the parameter survives the way through sqlx.
		if checkCondition(text, "code", d.flavour) == nil {
			return
		}
		bound, _, err := sqlx.BindNamed(d.bind, d.escapeParams(text, "code"), map[string]any{"code": "x"})
		if err == nil && !hasParam(text, tokens) && bound != text {
			t.Fatalf("%q became %q", text, bound)
		}
	})
}

func hasParam(text string, tokens []token) bool {
	for _, token := range tokens {
		if text[token.start:token.end] == ":code" {
			return true
		}
	}
	return false
}

func TestSecretsAreFound(t *testing.T) {
	for url, want := range map[string][]string{
		"postgres://u:p%40ss@h/x":                        {"p%40ss", "p@ss"},
		"postgres://u:p@ss@h/x":                          {"p@ss"},
		"host=h password='a b' user=u":                   {"a b"},
		"u:a:b@tcp(h)/x":                                 {"a:b"},
		"server=h;user id=sa;password=Thật&Mật;database": {"Thật"},
		"server=h;pwd={a;b}":                             {"a;b"},
		"postgres://h/x?user=u&password=p%40ss":          {"p@ss", "p%40ss"},
	} {
		s := findSecrets(Config{Driver: "postgres", URL: url})
		for _, secret := range append(want, url) {
			if got := s.scrub("before " + secret + " after"); strings.Contains(got, secret) {
				t.Errorf("%s: %q is not removed: %s", url, secret, got)
			}
		}
	}
}
