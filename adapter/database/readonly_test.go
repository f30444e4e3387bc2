package database

import (
	"strings"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

// A function that writes is nothing that the text of a query could give away:
// only the transaction stops it.
func TestWritingIsRefusedByTheDatabase(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.fill(t, 3)
		query := "SELECT spoil() AS code"
		switch p.driver {
		case "postgres":
			p.exec(t, "CREATE FUNCTION spoil() RETURNS text LANGUAGE sql AS $$ DELETE FROM dossiers; SELECT 'x' $$")
		case "mysql":
			p.exec(t, "CREATE FUNCTION spoil() RETURNS TEXT MODIFIES SQL DATA BEGIN DELETE FROM dossiers; RETURN 'x'; END")
		default:
			t.Skip("SQLite has no functions of its own; its file is opened for reading only")
		}
		pollFails(t, newSource(t, p.config(query), "code"), reconcile.CauseRefused)
		var n int
		if err := p.db.Get(&n, "SELECT count(*) FROM dossiers"); err != nil || n != 3 {
			t.Errorf("%d rows are left, error %v", n, err)
		}
	})
}

// Even a statement that got past the check of New changes nothing.
func TestStatementsThatSlipThroughChangeNothing(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		p.fill(t, 3)
		for _, text := range []string{
			"DELETE FROM dossiers",
			"SELECT 1 AS code; DELETE FROM dossiers",
			"SELECT 1 AS code; COMMIT; DELETE FROM dossiers",
			"COMMIT; DELETE FROM dossiers",
		} {
			s := newSource(t, p.config("SELECT 1 AS code"), "code")
			s.query = text
			var got sink
			if result, err := s.Poll(t.Context(), reconcile.PollRequest{}, &got); err != nil || result.EndReached && p.driver != "sqlite" {
				t.Errorf("%s: %+v, error %v", text, result, err)
			}
			var n int
			if err := p.db.Get(&n, "SELECT count(*) FROM dossiers"); err != nil || n != 3 {
				t.Fatalf("%s: %d rows are left, error %v", text, n, err)
			}
		}
	})
}

func TestNewRefuses(t *testing.T) {
	base := Config{Name: "land", Driver: "postgres", URL: "postgres://u:s3cret@h/x", Query: "SELECT 1"}
	for name, test := range map[string]struct {
		change func(*Config)
		want   []string
	}{
		"driver":               {func(c *Config) { c.Driver = "mssql" }, []string{"mssql", "sqlserver"}},
		"no query":             {func(c *Config) { c.Query = " ; " }, []string{"query: is empty"}},
		"delete":               {func(c *Config) { c.Query = "DELETE FROM x" }, []string{"only reading"}},
		"since without :since": {func(c *Config) { c.Since = "a > 1" }, []string{"since: does not use :since"}},
		"one without :code":    {func(c *Config) { c.One = "a = ':code'" }, []string{"one: does not use :code"}},
		"several faults":       {func(c *Config) { c.One, c.Query = "x", "UPDATE x" }, []string{"query: ", "one: "}},
		"broken URL":           {func(c *Config) { c.URL = "postgres://u:s3/cret@h:port/x" }, []string{"url: ", "PostgreSQL", "%XX"}},
		"broken MySQL URL":     {func(c *Config) { c.Driver, c.URL = "mysql", "u:s3cret@h" }, []string{"url: ", "tcp("}},
		"broken MSSQL URL":     {func(c *Config) { c.Driver, c.URL = "sqlserver", "sqlserver://u:s3cret@h:x" }, []string{"url: "}},
		"broken Oracle URL":    {func(c *Config) { c.Driver, c.URL = "oracle", "oracle://u:s3/cret@h:x" }, []string{"url: "}},
		"no SQLite file":       {func(c *Config) { c.Driver, c.URL = "sqlite", ":memory:" }, []string{"url: ", "names no file"}},
		"WITH on SQL Server": {func(c *Config) {
			c.Driver, c.URL, c.Query, c.One = "sqlserver", "sqlserver://u:s3cret@h", "WITH x AS (SELECT 1 a) SELECT * FROM x", "a = :code"
		}, []string{"query: begins with WITH", "view"}},
		"negative timeout": {func(c *Config) { c.StatementTimeout = -1 }, []string{"limits: "}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := base
			test.change(&cfg)
			s, err := New(cfg, []string{"code"}, nil)
			if err == nil {
				_ = s.Close()
				t.Fatal("is taken")
			}
			for _, part := range test.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error lacks %q: %v", part, err)
				}
			}
			if strings.Contains(err.Error(), "s3") {
				t.Errorf("error tells the password: %v", err)
			}
		})
	}
}
