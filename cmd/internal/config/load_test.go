package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/database"
	"github.com/doisoat/doisoat/adapter/rest"
	"github.com/doisoat/doisoat/adapter/workbook"
	"github.com/doisoat/doisoat/reconcile"
)

// sameZone compares locations by name: they hold caches that differ.
var sameZone = cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })

func mustLoad(t *testing.T, path string) *Config {
	t.Helper()
	cfg, err := Load(path)
	if err != nil {
		t.Fatalf("load %s:\n%v", path, err)
	}
	return cfg
}

// loadText loads a configuration written by the test into a folder of its own.
func loadText(t *testing.T, text string, files map[string]string) (*Config, error) {
	t.Helper()
	folder := t.TempDir()
	files = mergeFiles(files, map[string]string{"doisoat.yaml": text})
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Load(filepath.Join(folder, "doisoat.yaml"))
}

func mergeFiles(a, b map[string]string) map[string]string {
	all := map[string]string{}
	for _, m := range []map[string]string{a, b} {
		for k, v := range m {
			all[k] = v
		}
	}
	return all
}

// least is the least a configuration holds; %s stands within http, before list.
const least = `
departments: [{code: KT, name: Phòng Kinh tế}]
platform:
  name: dvc
  mapping: preset:dvcqg
  http:
    url: https://dvc.example.vn/
    HTTP
    list: {path: /hoso, items: data, paging: none}
`

func withHTTP(lines string) string { return strings.Replace(least, "HTTP", lines, 1) }

func TestTheSampleWorldIsResolved(t *testing.T) {
	cfg := mustLoad(t, "testdata/q2-2018/doisoat.yaml")
	folder, err := filepath.Abs("testdata/q2-2018")
	if err != nil {
		t.Fatal(err)
	}
	in := func(path string) string { return filepath.Join(folder, path) }

	if cfg.Zone.String() != "Asia/Ho_Chi_Minh" {
		t.Errorf("zone %s", cfg.Zone)
	}
	if diff := cmp.Diff(Store{Driver: "sqlite", Path: in("doisoat.db")}, cfg.Store); diff != "" {
		t.Errorf("store (-want +got):\n%s", diff)
	}
	if got := len(cfg.Departments); got != 10 || cfg.Departments[9] != (Department{Code: "VPDKDD", Name: "Chi nhánh văn phòng đăng ký đất đai"}) {
		t.Errorf("%d departments, the last %v", got, cfg.Departments[got-1])
	}
	if len(cfg.Offices) != 10 || len(cfg.Sources()) != 11 || cfg.Sources()[0].Side != reconcile.Platform || cfg.Sources()[1].Side != reconcile.Office {
		t.Errorf("%d offices, %d sources", len(cfg.Offices), len(cfg.Sources()))
	}
	want := &rest.Config{
		Name: "dvc-hue", URL: "http://127.0.0.1:18080",
		Auth: rest.Auth{Login: &rest.Login{
			Method: "POST", Path: "/api/tokens", Token: "data.token", Header: "Authorization", Prefix: "Bearer ",
			Body: map[string]any{"userName": "doisoat", "password": "dummy-platform-password"},
		}},
		List: rest.List{
			Method: "GET", Path: "/api/v1/hoso", Items: "data", Total: "totalCount",
			Paging: rest.Paging{Page: &rest.PagePaging{Param: "PageNumber", SizeParam: "PageSize", Size: 200, First: 1}},
		},
		One:    &rest.One{Method: "GET", Path: "/api/v1/hoso/{code}"},
		Limits: rest.Limits{Concurrency: 4, PerSecond: 500, Timeout: 20 * time.Second, Retries: 6, MaxPageBytes: 32 << 20},
	}
	if diff := cmp.Diff(want, cfg.Platform.REST); diff != "" {
		t.Errorf("platform (-want +got):\n%s", diff)
	}
	land := cfg.Offices[1]
	if diff := cmp.Diff(&database.Config{
		Name: "tnmt", Driver: "sqlite", URL: in("offices/tnmt.db"), Query: "SELECT * FROM HoSoDangKy", One: "SoBienNhan = :code",
		Overlap: 10 * time.Minute, StatementTimeout: 5 * time.Minute, Zone: cfg.Zone,
	}, land.Database, sameZone); diff != "" {
		t.Errorf("database (-want +got):\n%s", diff)
	}
	if land.Mapping != in("mappings/land.yaml") || land.Protocol() != "database" || land.Departments[0] != "TNMT" {
		t.Errorf("office %v", land)
	}
	if diff := cmp.Diff(&workbook.Config{
		Name: "qldt", Path: in("offices/qldt.xlsx"), Dir: folder, Sheet: "Sổ theo dõi", HeaderRow: 4,
		Settle: 2 * time.Second, WaitFor: 30 * time.Second, MaxFileBytes: 16 << 30,
	}, cfg.Offices[2].Workbook); diff != "" {
		t.Errorf("workbook (-want +got):\n%s", diff)
	}
}

func TestTheLeastConfigurationHasAllDefaults(t *testing.T) {
	cfg, err := loadText(t, withHTTP(""), nil)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Zone.String() != "Asia/Ho_Chi_Minh" || cfg.Store.Driver != "sqlite" || filepath.Base(cfg.Store.Path) != "doisoat.db" || !filepath.IsAbs(cfg.Store.Path) || cfg.Calendar != "" || len(cfg.Offices) != 0 || cfg.Deliver != nil || cfg.Departments[0].Deliver != nil {
		t.Errorf("defaults: %v", cfg)
	}
	want := rest.Limits{Concurrency: 4, PerSecond: 20, Timeout: 30 * time.Second, Retries: 5, MaxPageBytes: 32 << 20}
	if diff := cmp.Diff(want, cfg.Platform.REST.Limits); diff != "" {
		t.Errorf("limits (-want +got):\n%s", diff)
	}
	if cfg.Platform.REST.URL != "https://dvc.example.vn" {
		t.Errorf("url %q keeps its last slash", cfg.Platform.REST.URL)
	}
	if diff := cmp.Diff(Poll{Every: 15 * time.Minute, Full: "0 1 * * *", MaxDataAge: 120 * time.Hour}, cfg.Platform.Poll); diff != "" {
		t.Errorf("poll (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Web{
		Listen: "127.0.0.1:8080", Title: "Đối soát hồ sơ",
		Access: Access{Session: Session{Idle: 2 * time.Hour, Max: 12 * time.Hour}, Lockout: Lockout{Failures: 5, For: 15 * time.Minute}},
	}, cfg.Web); diff != "" {
		t.Errorf("web (-want +got):\n%s", diff)
	}
	for _, kind := range reconcile.Kinds {
		if got := cfg.Rules.Grace[kind]; got != kind.DefaultGrace() {
			t.Errorf("grace of %s: %v", kind, got)
		}
	}
	if diff := cmp.Diff(Rules{Compare: reconcile.ByTimestamp, Shrink: Threshold{10, 50}, Surge: Threshold{10, 200}, Grace: cfg.Rules.Grace, Correction: 24 * time.Hour}, cfg.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestGraceOfAKindIsItsOwnThenTheDefault(t *testing.T) {
	cfg, err := loadText(t, withHTTP("")+"rules: {grace: {default: 4h, closed_in_progress: 16h, invalid_record: 30m}}\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[reconcile.Kind]time.Duration{
		reconcile.ResolvedNotClosed: 4 * time.Hour,
		reconcile.ClosedInProgress:  16 * time.Hour,
		reconcile.InvalidRecord:     30 * time.Minute,
		reconcile.UnmappedStatus:    0, // time alone does not make it right
		reconcile.DuplicateCode:     0,
	} {
		if got := cfg.Rules.Grace[kind]; got != want {
			t.Errorf("%s: %v, want %v", kind, got, want)
		}
	}
}

func TestSecretsComeFromFilesWithoutTheLinesEnd(t *testing.T) {
	files := map[string]string{"s/a": "mật khẩu\r\n", "s/b": "\ufeffb", "s/c": " c \n"}
	for name, c := range map[string]struct {
		http string
		got  func(*rest.Config) string
		want string
	}{
		"key_file":           {"auth: {basic: {username: u, password_file: s/a}}", func(c *rest.Config) string { return c.Auth.Basic.Password }, "mật khẩu"},
		"file map":           {"auth: {basic: {username: u, password: {file: s/a}}}", func(c *rest.Config) string { return c.Auth.Basic.Password }, "mật khẩu"},
		"byte order mark":    {"auth: {bearer_file: s/b}", func(c *rest.Config) string { return c.Auth.Bearer }, "b"},
		"blanks are kept":    {"auth: {header: {name: X-Key, value_file: s/c}}", func(c *rest.Config) string { return c.Auth.Header.Value }, " c "},
		"digits stay a text": {"auth: {bearer: 0123}", func(c *rest.Config) string { return c.Auth.Bearer }, "0123"},
		"in a header":        {"headers: {X-Key: {file: s/b}}", func(c *rest.Config) string { return c.Headers["X-Key"] }, "b"},
		"deep in a body": {"auth: {login: {path: /l, token: t, header: A, body: {a: [{p: {file: s/b}}]}}}", func(c *rest.Config) string {
			return c.Auth.Login.Body.(map[string]any)["a"].([]any)[0].(map[string]any)["p"].(string)
		}, "b"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := loadText(t, withHTTP(c.http), files)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.got(cfg.Platform.REST); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestBodiesKeepTheTypesOfJSON(t *testing.T) {
	cfg, err := loadText(t, withHTTP("")+"offices: [{name: o, departments: [KT], mapping: preset:dvcqg, http: {url: http://o, list: {path: /l, items: d, paging: none, body: {a: 1, b: \"01\", c: true, d: null, e: 1.5, f: [x, -2], g: 2018-01-01, h: no}}}}]\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"a": int64(1), "b": "01", "c": true, "d": nil, "e": 1.5, "f": []any{"x", int64(-2)}, "g": "2018-01-01", "h": "no"}
	if diff := cmp.Diff(any(want), cfg.Offices[0].REST.List.Body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if cfg.Offices[0].REST.List.Method != "POST" {
		t.Errorf("method %s: a body wants POST", cfg.Offices[0].REST.List.Method)
	}
}

func TestZeroMeansNoneAndNotTheAdaptersDefault(t *testing.T) {
	cfg, err := loadText(t, withHTTP("limits: {retries: 0, per_second: 0}")+"offices: [{name: o, departments: [KT], mapping: preset:dvcqg, workbook: {path: a.csv, settle: 0s, wait: 0s}}]\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	if l := cfg.Platform.REST.Limits; l.Retries != -1 || l.PerSecond != 0 {
		t.Errorf("limits %+v", l)
	}
	if w := cfg.Offices[0].Workbook; w.Settle <= 0 || w.Settle > time.Millisecond || w.WaitFor >= 0 {
		t.Errorf("settle %v, wait %v", w.Settle, w.WaitFor)
	}
}

func TestStoresOfBothKinds(t *testing.T) {
	const url = "postgres://doisoat:hunter2@127.0.0.1:5432/state?sslmode=disable"
	for name, c := range map[string]struct{ line, driver, want string }{
		"sqlite":           {"store: sqlite:state/a.db", "sqlite", "state/a.db"},
		"sqlite absolute":  {"store: sqlite:/var/lib/a.db", "sqlite", "/var/lib/a.db"},
		"sqlite slashes":   {"store: sqlite:///var/lib/a.db", "sqlite", "/var/lib/a.db"},
		"postgres":         {"store: " + url, "postgres", url},
		"postgres by file": {"store_file: s", "postgres", url},
		"postgres socket":  {"store: postgres:///state?host=/run/postgresql", "postgres", "postgres:///state?host=/run/postgresql"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := loadText(t, withHTTP("")+c.line+"\n", map[string]string{"s": url + "\n"})
			if err != nil {
				t.Fatal(err)
			}
			got := cfg.Store.URL.Reveal()
			if cfg.Store.Driver == "sqlite" {
				got = cfg.Store.Path
				if !filepath.IsAbs(c.want) {
					c.want = filepath.Join(filepath.Dir(cfg.File), c.want)
				}
			}
			if cfg.Store.Driver != c.driver || got != c.want {
				t.Errorf("%s %q, want %s %q", cfg.Store.Driver, got, c.driver, c.want)
			}
		})
	}
}

func TestABracketInTheFoldersNameIsNoPattern(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a[b]")
	r := &reader{folder: folder}
	if _, err := parse("doisoat.yaml", folder, []byte("x")); err == nil {
		t.Fatal("a plain word was taken for a configuration")
	}
	if err := os.MkdirAll(filepath.Join(folder, "books"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "books", "kt.csv"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, pattern := range []string{"books/*.csv", "books/kt.csv"} {
		found, err := filepath.Glob(textValue(r, pattern).glob(""))
		if pattern == "books/kt.csv" { // no pattern: the adapter takes it by its name
			_, err = os.Stat(textValue(r, pattern).glob(""))
			found = []string{""}
		}
		if err != nil || len(found) != 1 || len(r.faults) > 0 {
			t.Errorf("%s: found %v, error %v, faults %v", pattern, found, err, r.faults)
		}
	}
}

// replaceOnce replaces what stands in text exactly once.
func replaceOnce(t *testing.T, text, old, by string) string {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q stands %d times in the text", old, strings.Count(text, old))
	}
	return strings.Replace(text, old, by, 1)
}
