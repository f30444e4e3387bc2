package database

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	mssql "github.com/microsoft/go-mssqldb"

	"github.com/doisoat/doisoat/reconcile"
)

// What each database's own types look like as text; the server makes them.
func TestValuesOfEachType(t *testing.T) {
	tests := map[string][]struct{ expression, want string }{
		"postgres": {
			{"true", "true"}, {"false", "false"}, {"NULL::boolean", ""},
			{"9007199254740993", "9007199254740993"}, {"4.10::numeric", "4.10"}, {"4::float8", "4"}, {"0.1::float4", "0.1"}, {"1e30::float8", "1e+30"},
			{"'abc  '::char(5)", "abc"}, {"'abc  '::text", "abc  "}, {"'Đã trả'::bytea", "Đã trả"}, {"convert_to('Ử', 'UTF8')", "Ử"},
			{"DATE '2018-06-11'", "date:2018-06-11"}, {"DATE 'infinity'", "infinity"},
			{"TIMESTAMP '2018-06-11 23:59:59.120'", "date:2018-06-11T23:59:59.12"},
			{"TIMESTAMPTZ '2018-06-11 23:30:00Z'", "date:2018-06-12T06:30:00+07:00"},
			{"TIMESTAMP '0001-01-01 00:00:00'", ""},
			{"TIME '07:30'", "07:30:00"},
			{"ARRAY['H57-1', 'H57-2']", "H57-1\nH57-2"}, {"ARRAY[]::text[]", ""}, {"ARRAY[1, 2]", "{1,2}"},
			{"'6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
			{"'{\"a\": \"Huế\"}'::jsonb", `{"a": "Huế"}`},
			{"'{\"a\": 1}'::jsonb ? 'a'", "true"}, {"'12:30:45'::text", "12:30:45"}, {"$$a;b:c?$$", "a;b:c?"},
		},
		"mysql": {
			{"TRUE", "1"}, {"18446744073709551615", "18446744073709551615"}, {"4.10", "4.10"}, {"CAST(4 AS DOUBLE)", "4"},
			{"CAST('Đã trả' AS BINARY)", "Đã trả"}, {"b'101'", "\x05"},
			{"DATE '2018-06-11'", "date:2018-06-11"},
			{"TIMESTAMP '2018-06-11 23:59:59.120'", "date:2018-06-11T23:59:59.12"},
			{"CAST('2018-06-11 00:00:00' AS DATETIME)", "date:2018-06-11T00:00:00"},
			{"TIME '07:30:00'", "07:30:00"}, {"'it\\'s; DELETE'", "it's; DELETE"}, {"\"a -- b\"", "a -- b"}, {"NULL", ""},
		},
		"sqlite": {
			{"1", "1"}, {"4.0", "4"}, {"4.5", "4.5"}, {"NULL", ""}, {"'Đã trả'", "Đã trả"}, {"CAST('Huế' AS BLOB)", "Huế"},
			{"DATE('2018-06-11')", "2018-06-11"}, {"'it''s; [x'", "it's; [x"},
		},
	}
	for driver, values := range tests {
		t.Run(driver, func(t *testing.T) {
			p := newPeer(t, driver)
			var columns, inputs, want []string
			for i, v := range values {
				name := "v" + string(rune('a'+i%26)) + string(rune('a'+i/26))
				columns, inputs, want = append(columns, v.expression+" AS "+name), append(inputs, name), append(want, v.want)
			}
			got := poll(t, newSource(t, p.config("SELECT "+strings.Join(columns, ", ")), inputs...), reconcile.PollRequest{})
			if diff := cmp.Diff([][]string{want}, got.values()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMySQLColumns(t *testing.T) {
	p := newPeer(t, "mysql")
	p.setZone(t)
	p.exec(t, "SET SESSION sql_mode = ''",
		"CREATE TABLE so (code CHAR(10), a DATETIME, b DATE, c TIMESTAMP NULL, d BIT(9), e TINYINT(1), f FLOAT, g ENUM('đang', 'đã'), h DATETIME(6))",
		"INSERT INTO so VALUES ('1', '0000-00-00 00:00:00', '0000-00-00', '0000-00-00 00:00:00', b'100000001', 1, 0.1, 'đã', '2018-06-11 08:00:00.123456')",
		"INSERT INTO so VALUES ('2', '2018-00-00 00:00:00', '2018-06-11', '2018-06-11 08:00:00', NULL, 0, 4, NULL, '2018-06-11 08:00:00')",
	)
	cfg := p.config("SELECT * FROM so ORDER BY code")
	cfg.One = "code = :code"
	s := newSource(t, cfg, "code", "a", "b", "c", "d", "e", "f", "g", "h")
	want := [][]string{
		{"1", "", "", "", "257", "1", "0.1", "đã", "date:2018-06-11T08:00:00.123"},
		{"2", "2018-00-00 00:00:00", "date:2018-06-11", "date:2018-06-11T08:00:00+07:00", "", "0", "4", "", "date:2018-06-11T08:00:00"},
	}
	got := poll(t, s, reconcile.PollRequest{})
	if diff := cmp.Diff(want, got.values()); diff != "" {
		t.Error(diff)
	}
	var one sink
	if err := s.One(t.Context(), "2", &one); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want[1:], one.values()); diff != "" {
		t.Errorf("one row: %s", diff)
	}
}

func TestURLCannotChangeHowMySQLIsRead(t *testing.T) {
	p := newPeer(t, "mysql")
	cfg := p.config("SELECT CAST('2018-06-11 08:00:00' AS DATETIME) AS a")
	cfg.URL += "?parseTime=true&loc=Local&multiStatements=true&interpolateParams=false"
	got := poll(t, newSource(t, cfg, "a"), reconcile.PollRequest{})
	if diff := cmp.Diff([][]string{{"date:2018-06-11T08:00:00"}}, got.values()); diff != "" {
		t.Error(diff)
	}
}

func TestPostgresConnectionStringOfWords(t *testing.T) {
	p := newPeer(t, "postgres")
	cfg := p.config("SELECT 'x' AS code")
	u := strings.TrimPrefix(p.url, "postgres://")
	user, password := between(":"+u, ":", ":"), between(u, ":", "@")
	host, port := between(u, "@", ":"), between(u[strings.Index(u, "@"):], ":", "/")
	cfg.URL = "host=" + host + " port=" + port + " user=" + user + " password='" + password + "' dbname=" + between(u, "/", "?") + " sslmode=disable"
	if got := poll(t, newSource(t, cfg, "code"), reconcile.PollRequest{}); len(got.rows) != 1 {
		t.Errorf("%d rows", len(got.rows))
	}
	cfg.URL = strings.Replace(cfg.URL, password, "it s secret", 1)
	result, _ := pollFails(t, newSource(t, cfg, "code"), reconcile.CauseAuth)
	if strings.Contains(result.Reason, "secret") {
		t.Errorf("tells the password: %s", result.Reason)
	}
}

func TestBytesThatAreNoTextAreRejected(t *testing.T) {
	onEveryPeer(t, func(t *testing.T, p *peer) {
		bytes := p.pick("'\\xff00'::bytea", "UNHEX('FF00')", "X'FF00'")
		got := poll(t, newSource(t, p.config("SELECT 'a' AS code, "+bytes+" AS scan UNION ALL SELECT 'b', NULL"), "code", "scan"), reconcile.PollRequest{})
		if len(got.rejected) != 1 || len(got.rows) != 1 || got.rejected[0].Cause != "encoding" || !strings.Contains(got.rejected[0].Reason, "scan") {
			t.Errorf("rejected %+v, rows %+v", got.rejected, got.rows)
		}
		unmapped := poll(t, newSource(t, p.config("SELECT 'a' AS code, "+bytes+" AS scan"), "code"), reconcile.PollRequest{})
		if len(unmapped.rejected) != 0 || len(unmapped.rows) != 1 {
			t.Errorf("a column that is not wanted: rejected %+v", unmapped.rejected)
		}
	})
}

// Values as the drivers of databases give them that no test can reach.
func TestCell(t *testing.T) {
	local := time.Date(2018, 6, 11, 8, 0, 0, 0, vietnam)
	midnight := time.Date(2018, 6, 11, 0, 0, 0, 0, time.UTC)
	id := mssql.UniqueIdentifier{0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF}
	raw, err := id.Value()
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		dialect *dialect
		column  string
		src     any
		want    string
	}{
		"SQL Server datetime":         {sqlserver(), "DATETIME", time.Date(2018, 6, 11, 8, 0, 0, 0, time.UTC), "date:2018-06-11T08:00:00"},
		"SQL Server date":             {sqlserver(), "DATE", midnight, "date:2018-06-11"},
		"SQL Server datetimeoffset":   {sqlserver(), "DATETIMEOFFSET", local, "date:2018-06-11T08:00:00+07:00"},
		"SQL Server nchar":            {sqlserver(), "NCHAR", "H57   ", "H57"},
		"SQL Server nvarchar":         {sqlserver(), "NVARCHAR", "H57   ", "H57   "},
		"SQL Server decimal":          {sqlserver(), "DECIMAL", []byte("4.50"), "4.50"},
		"SQL Server bit":              {sqlserver(), "BIT", true, "true"},
		"SQL Server uniqueidentifier": {sqlserver(), "UNIQUEIDENTIFIER", raw, "01234567-89AB-CDEF-0123-456789ABCDEF"},
		"Oracle date with a time":     {oracle(), "DATE", time.Date(2018, 6, 11, 8, 0, 0, 0, time.UTC), "date:2018-06-11T08:00:00"},
		"Oracle date alone":           {oracle(), "DATE", midnight, "date:2018-06-11"},
		"Oracle timestamp":            {oracle(), "TimeStampDTY", midnight, "date:2018-06-11T00:00:00"},
		"Oracle timestamp with zone":  {oracle(), "TimeStampTZ_DTY", local, "date:2018-06-11T08:00:00+07:00"},
		"Oracle empty text":           {oracle(), "NCHAR", nil, ""},
		"Oracle number":               {oracle(), "NUMBER", "12", "12"},
		"a whole float":               {oracle(), "IBDouble", float64(10), "10"},
		"a date never set":            {sqlserver(), "DATETIME2", time.Time{}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := cell{kind: test.dialect.kinds[test.column], text: []byte("left over")}
			if err := c.Scan(test.src); err != nil {
				t.Fatal(err)
			}
			if got := string(c.appendText(nil)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	var c cell
	if err := c.Scan(json.Number("1")); err == nil || !strings.Contains(err.Error(), "cast the column") {
		t.Errorf("an unknown type: error %v", err)
	}
}

func TestEqualValuesHashAlike(t *testing.T) {
	moment := time.Date(2018, 6, 11, 1, 0, 0, 0, time.UTC)
	hash := func(k kind, src any) string {
		c := cell{kind: k}
		if err := c.Scan(src); err != nil {
			t.Fatal(err)
		}
		return string(c.appendHashed(nil))
	}
	if hash(zoned, moment) != hash(zoned, moment.In(vietnam)) {
		t.Error("one moment in two zones differs")
	}
	if hash(clock, moment) == hash(clock, moment.In(vietnam)) {
		t.Error("two clock readings are the same")
	}
	if hash(clock, moment) != hash(clock, time.Date(2018, 6, 11, 1, 0, 0, 0, vietnam)) {
		t.Error("one clock reading differs by a zone that means nothing")
	}
	if hash(plain, nil) == hash(plain, "") {
		t.Error("nothing and empty text are the same to the fingerprint")
	}
}

func TestClassify(t *testing.T) {
	for name, test := range map[string]struct {
		dialect *dialect
		err     error
		want    reconcile.Cause
	}{
		"SQL Server login":        {sqlserver(), mssql.Error{Number: 18456, Message: "Login failed"}, reconcile.CauseAuth},
		"SQL Server permission":   {sqlserver(), mssql.Error{Number: 229}, reconcile.CauseAuth},
		"SQL Server lock timeout": {sqlserver(), mssql.Error{Number: 1222}, reconcile.CauseTimeout},
		"SQL Server column":       {sqlserver(), mssql.Error{Number: 207, Message: "Invalid column name 'x'."}, reconcile.CauseSchema},
		"SQL Server killed":       {sqlserver(), mssql.Error{Number: 596}, reconcile.CauseConnect},
		"Oracle login":            {oracle(), oracleError(1017), reconcile.CauseAuth},
		"Oracle no table":         {oracle(), oracleError(942), reconcile.CauseSchema},
		"Oracle gone":             {oracle(), oracleError(3113), reconcile.CauseConnect},
		"Oracle listener":         {oracle(), oracleError(12514), reconcile.CauseConnect},
		"Oracle writes":           {oracle(), oracleError(1456), reconcile.CauseRefused},
		"Oracle cancelled":        {oracle(), oracleError(1013), reconcile.CauseTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Source{dialect: test.dialect}
			if cause, reason := s.explain(errors.Join(errors.New("outer"), test.err), false, true); cause != test.want || reason == "" {
				t.Errorf("cause %q, reason %q", cause, reason)
			}
		})
	}
	t.Run("a conversion that quotes a value", func(t *testing.T) {
		s := &Source{dialect: sqlserver()}
		_, reason := s.explain(mssql.Error{Number: 245, Message: "Conversion failed when converting the varchar value 'Nguyễn'"}, false, false)
		if strings.Contains(reason, "Nguyễn") || !strings.Contains(reason, "245") {
			t.Error(reason)
		}
	})
}
