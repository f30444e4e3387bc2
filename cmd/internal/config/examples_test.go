package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/rest"
	"github.com/doisoat/doisoat/reconcile"
)

const deploy = "../../../deploy"

func TestEachExampleLoads(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(deploy, "examples", "*.yaml"))
	if err != nil || len(files) < 5 {
		t.Fatalf("%d examples, error %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			cfg := mustLoad(t, file)
			for _, src := range cfg.Sources() {
				if src.Protocol() == "" || src.Mapping == "" {
					t.Errorf("source %s is not complete: %v", src.Name, src)
				}
			}
			if shown := cfg.Redacted(); strings.Contains(shown, "dummy") {
				t.Errorf("shows a secret:\n%s", shown)
			}
		})
	}
}

func TestTheNationalPortalIsExpressedByConfigurationAlone(t *testing.T) {
	c := mustLoad(t, filepath.Join(deploy, "examples", "dvcqg.yaml")).Platform.REST
	fine := &rest.OK{Path: "error_code", In: []string{"0", "0", "00"}}
	if c.Headers["dstcode"] == "" {
		t.Error("the header dstcode is not sent")
	}
	if diff := cmp.Diff(&rest.Login{
		Method: "POST", Path: "/mapi/login", Token: "session", OK: fine,
		Body:    map[string]any{"username": "doisoat", "password": "dummy-dvcqg-replace-me"},
		Expired: &rest.OK{Path: "error_code", In: []string{"-1", "401"}},
	}, c.Auth.Login); diff != "" {
		t.Errorf("log-in (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(rest.List{
		Method: "POST", Path: "/mapi/g", Items: "result", OK: fine,
		Body:   map[string]any{"session": "${session}", "madonvi": "000.00.16.H57", "service": "DanhSachHoSo", "page": int64(1), "pagesize": int64(200)},
		Paging: rest.Paging{Page: &rest.PagePaging{Param: "page", SizeParam: "pagesize", Size: 200, First: 1}},
	}, c.List); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}

func TestOpenCPSIsExpressedByConfigurationAlone(t *testing.T) {
	c := mustLoad(t, filepath.Join(deploy, "examples", "opencps.yaml")).Platform.REST
	if diff := cmp.Diff(rest.Auth{Basic: &rest.Basic{Username: "doisoat@example.vn", Password: "dummy-opencps-replace-me"}}, c.Auth); diff != "" {
		t.Errorf("auth (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(rest.List{
		Method: "GET", Path: "/o/rest/v2/dossiers", Query: map[string]string{"agency": "", "order": "true"}, Items: "data", Total: "total",
		Paging: rest.Paging{Range: &rest.RangePaging{Start: "start", End: "end", Size: 200}},
	}, c.List); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	if c.Headers["groupId"] != "20143" {
		t.Errorf("headers %v", c.Headers)
	}
}

func TestBusinessRegistrationGoesThroughWindowsOfFiveDays(t *testing.T) {
	cfg := mustLoad(t, filepath.Join(deploy, "examples", "business-registration.yaml"))
	got := cfg.Offices[0].REST.List
	want := &rest.Window{
		From: "from_date", To: "to_date", Layout: "yyyy-MM-dd", Max: 5 * 24 * time.Hour,
		Start: time.Date(2018, 1, 1, 0, 0, 0, 0, cfg.Zone), Zone: cfg.Zone,
	}
	if diff := cmp.Diff(want, got.Window, sameZone); diff != "" {
		t.Errorf("window (-want +got):\n%s", diff)
	}
	if got.Paging.Offset == nil || got.Paging.Offset.Size != 100 {
		t.Errorf("paging within the window: %+v", got.Paging)
	}
}

func TestTheAnnotatedConfigurationLoads(t *testing.T) {
	cfg := loadAnnotated(t)
	if len(cfg.Offices) != 9 || cfg.Calendar == "" || cfg.Rules.Grace[reconcile.ClosedInProgress] != 16*time.Hour {
		t.Errorf("loaded something else: %v", cfg)
	}
	if diff := cmp.Diff(rest.Limits{Concurrency: 4, PerSecond: 20, Timeout: 30 * time.Second, Retries: 5, MaxPageBytes: 32 << 20}, cfg.Platform.REST.Limits); diff != "" {
		t.Errorf("the limits shown as defaults are not (-want +got):\n%s", diff)
	}
	if cfg.Rules.Shrink != (Threshold{10, 50}) || cfg.Rules.Surge != (Threshold{10, 200}) {
		t.Errorf("the thresholds shown as defaults are not: %+v", cfg.Rules)
	}
}

// asked finds the keys that the code asks sections for.
var asked = regexp.MustCompile(`\.(?:get|need|secret|needSecret|secretly|param)\("([a-z_0-9]+)"`)

func TestTheAnnotatedConfigurationShowsEveryKey(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(deploy, "config.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{}
	for _, kind := range reconcile.Kinds {
		keys = append(keys, string(kind))
	}
	for _, file := range sources {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		for _, m := range asked.FindAllSubmatch(code, -1) {
			keys = append(keys, string(m[1]))
		}
	}
	slices.Sort(keys)
	if keys = slices.Compact(keys); len(keys) < 80 {
		t.Fatalf("found only %d keys in the code: does the test still know how they are asked for?", len(keys))
	}
	for _, key := range keys {
		if key == "none" && regexp.MustCompile(`(auth|paging): none`).Match(text) {
			continue
		}
		if !regexp.MustCompile(`\b` + key + `(_file)?:|\bor ` + key + `\b`).Match(text) {
			t.Errorf("%s is accepted, but config.example.yaml does not show it", key)
		}
	}
}

// loadAnnotated loads a copy of the annotated configuration with the files it
// names beside it.
func loadAnnotated(t *testing.T) *Config {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(deploy, "config.example.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	cert, key := certificate(t)
	files := map[string]string{
		"calendar.yaml": "", "mappings/dvc.yaml": "",
		"tls/ca.pem": cert, "tls/client.pem": cert, "tls/client-key.pem": key,
		"secrets/web.yml": "",
		"secrets/land":    "postgres://doisoat:dummy@127.0.0.1/land?sslmode=disable\n",
		"secrets/webhook": "https://hooks.example.vn/dummy\n", "secrets/tnmt-webhook": "https://tnmt.example.vn/dummy\n",
		"letters/phieu-don-doc.docx": "", "letters/phieu-xin-loi.docx": "",
		"ssh/key": testFile(t, "ssh/locked"), "ssh/known_hosts": testFile(t, "ssh/known_hosts"),
		"secrets/ssh-key": "dummy passphrase\n",
	}
	for _, name := range []string{"platform", "basic", "oauth2", "bearer", "header", "mail", "webhook-key", "tnmt-webhook-key", "oidc"} {
		files["secrets/"+name] = "dummy-" + name + "\n"
	}
	cfg, err := loadText(t, string(text), files)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func testFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// certificate makes a certificate, signed by itself, and its key.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, data []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	return block("CERTIFICATE", der), block("PRIVATE KEY", pkcs8)
}
