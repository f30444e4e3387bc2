package config

import (
	"regexp"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/database"
)

const defaultStatementTimeout = 5 * time.Minute

// database is a source read by SQL; nil where the key is left out.
func (v value) database(name string) *database.Config {
	s := v.section("write driver, url_file and query")
	if s == nil {
		return nil
	}
	const queryRemedy = "give the SELECT that reads all rows"
	d := &database.Config{
		Name:    name,
		Driver:  s.need("driver", "write one of "+strings.Join(database.Drivers, ", ")).choice("", database.Drivers...),
		Zone:    s.get("zone").zone(v.r.zone),
		Overlap: s.get("overlap").duration(defaultOverlap, 0, "write how far to look back behind the last poll, such as 10m"),
	}
	d.URL = s.databaseURL(d.Driver)
	query, since := s.need("query", queryRemedy), s.get("since")
	d.Query = query.selects(queryRemedy)
	d.Since = since.condition(":since", `write a condition such as "NgayCapNhat >= :since"`)
	d.One = s.get("one").condition(":code", `write a condition such as "SoBienNhan = :code"`)
	d.StatementTimeout = s.get("timeout").duration(defaultStatementTimeout, time.Second, "write how long one statement may take, such as 5m")
	if s.get("overlap").given() && !since.given() {
		s.get("overlap").fault("is given without since", "add the condition that finds changed rows, or remove overlap")
	}
	s.done()
	return d
}

// databaseURL checks as much of a connection string as can be told without the
// driver; it is a secret as a whole.
func (s *section) databaseURL(driver string) string {
	at := s.secretly("url")
	if !at.given() {
		at = s.get("url_file")
		at.hidden = true
	}
	raw := s.needSecret("url").Reveal()
	if raw == "" {
		return ""
	}
	scheme, _, hasScheme := strings.Cut(raw, "://")
	scheme = strings.ToLower(scheme)
	switch {
	case driver == "sqlite":
		if hasScheme || strings.HasPrefix(raw, "file:") || strings.HasPrefix(raw, "sqlite:") || strings.HasPrefix(raw, ":memory:") || strings.ContainsAny(raw, "?\x00") {
			at.fault("is no path of a SQLite file", "write the file's path alone, without file:, sqlite: or parameters")
			return ""
		}
		return s.r.absolute(raw)
	case driver == "postgres" && !(scheme == "postgres" || scheme == "postgresql" || !hasScheme && strings.Contains(raw, "=")):
		at.fault("is no PostgreSQL connection string", "write postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=…")
	case driver == "sqlserver" && hasScheme && scheme != "sqlserver":
		at.fault("is no SQL Server connection string", "write sqlserver://USER:PASSWORD@HOST:1433?database=…")
	case driver == "oracle" && scheme != "oracle":
		at.fault("is no Oracle connection string", "write oracle://USER:PASSWORD@HOST:1521/SERVICE")
	case driver == "mysql" && (scheme == "mysql" || scheme == "mariadb" || scheme == "jdbc:mysql" || !strings.Contains(raw, "/")):
		at.fault("is no MySQL connection string", "write USER:PASSWORD@tcp(HOST:3306)/DATABASE")
	}
	return raw
}

var reading = regexp.MustCompile(`(?is)^(\s|\(|--[^\n]*\n|/\*.*?\*/)*(select|with)\b`)

// selects is a query that reads. The read-only transaction is what protects the
// other system; this only tells a slip of the pen early.
func (v value) selects(remedy string) string {
	text := strings.TrimSpace(v.text(remedy))
	text = strings.TrimSpace(strings.TrimSuffix(text, ";"))
	switch {
	case text == "":
		return ""
	case !reading.MatchString(text):
		v.faultShowing("", "does not begin with SELECT or WITH", remedy+"; doisoat only ever reads")
		return ""
	}
	return text
}

// condition is a piece of SQL that holds the named parameter.
func (v value) condition(parameter, remedy string) string {
	text := strings.TrimSpace(v.text(remedy))
	if text != "" && !regexp.MustCompile(regexp.QuoteMeta(parameter)+`\b`).MatchString(text) {
		v.fault("does not use "+parameter, remedy)
		return ""
	}
	return text
}
