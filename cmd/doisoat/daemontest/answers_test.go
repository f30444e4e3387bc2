package daemontest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/doisoat/doisoat/deploy/prometheus/monitortest"
)

// What a daemon at work shows at /metrics satisfies Prometheus's own linter, in the
// text format and in OpenMetrics, whichever is asked for.
func TestMetricsOfADaemonAtWork(t *testing.T) {
	t.Parallel()
	tn := newTown(t, plan{dossiers: 600, every: time.Second})
	p := start(t, tn.config)
	awaitNight(t, p)
	tn.change("TNMT", tn.inProgress("TNMT")[0], resolve(time.Now()))
	within(t, 15*time.Second, "the change is told", func() error { return p.has(1, "doisoat_discrepancies", `department="TNMT"`, `state="open"`) })

	check := exec.CommandContext(t.Context(), monitortest.Tool(t, "promtool"), "check", "metrics")
	page := string(p.mustGet("/metrics"))
	check.Stdin = strings.NewReader(page)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
	for _, code := range tn.inProgress("TNMT")[:1] {
		if strings.Contains(page, code) {
			t.Error("a dossier's code stands in the metrics")
		}
	}

	for _, test := range []struct{ accept, want string }{
		{"", "text/plain; version=0.0.4"},
		{"application/openmetrics-text; version=1.0.0; charset=utf-8", "application/openmetrics-text; version=1.0.0"},
		// What Prometheus 2.42 sends, and 2.50 with native histograms.
		{"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "application/openmetrics-text; version=1.0.0"},
		{"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.8,text/plain;version=0.0.4;q=0.5", "application/vnd.google.protobuf"},
	} {
		a, err := p.ask(http.MethodGet, "/metrics", func(r *http.Request) {
			if test.accept != "" {
				r.Header.Set("Accept", test.accept)
			}
		})
		if err != nil || a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), test.want) {
			t.Errorf("asked for %q: %d %s, %v", test.accept, a.status, a.header.Get("Content-Type"), err)
		}
		if ends := strings.HasSuffix(string(a.body), "# EOF\n"); ends != strings.Contains(test.want, "openmetrics") {
			t.Errorf("asked for %q: ends with # EOF: %v", test.accept, ends)
		}
	}
}

// Without web.listen nobody but the machine itself can reach the daemon.
func TestByDefaultOnlyTheMachineItselfIsAnswered(t *testing.T) {
	t.Parallel()
	tn := newTown(t, plan{dossiers: 300})
	tn.rewrite(func(text string) string { return regexp.MustCompile(`(?m)^web: .*\n`).ReplaceAllString(text, "") })
	p := launch(t, tn.config)
	// Whether the port is free here or not, the daemon names the address it wants.
	within(t, 20*time.Second, "it names its address", func() error {
		switch {
		case p.base() != "":
			return nil
		case p.hasEnded() && len(p.said("127.0.0.1:8080", "web.listen")) > 0:
			t.Skip("somebody else has port 8080 here; that the daemon wanted it on 127.0.0.1 was seen")
		case p.hasEnded():
			return stop(os.ErrProcessDone)
		}
		return os.ErrNotExist
	})
	if p.base() != "http://127.0.0.1:8080" {
		t.Fatalf("it listens at %s", p.base())
	}
	p.awaitReady()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		ip, ok := a.(*net.IPNet)
		if !ok || ip.IP.IsLoopback() || ip.IP.IsLinkLocalUnicast() {
			continue
		}
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(ip.IP.String(), "8080"), time.Second)
		if err == nil {
			conn.Close()
			t.Errorf("it answers at %s", ip.IP)
		}
	}
}

// The web configuration of Prometheus' exporters gives the port TLS and a password.
func TestTLSAndPassword(t *testing.T) {
	t.Parallel()
	tn := newTown(t, plan{dossiers: 300})
	pool := selfSigned(t, tn.dir)
	const (
		user, password = "prometheus", "chỉ-để-thử"
		passwordHash   = "$2a$04$q73NSgwmfjHrJIvmO3uqsOy6bFn5UnuLpToEVt1kBc5YNe4l6crC2" // bcrypt, of cost 4
	)
	web := "tls_server_config: {cert_file: cert.pem, key_file: key.pem}\nbasic_auth_users:\n  " + user + ": " + passwordHash + "\n"
	if err := os.WriteFile(filepath.Join(tn.dir, "web.yml"), []byte(web), 0o600); err != nil {
		t.Fatal(err)
	}
	tn.rewrite(func(text string) string {
		return strings.Replace(text, `web: {listen: "127.0.0.1:0"}`, `web: {listen: "127.0.0.1:0", config_file: web.yml}`, 1)
	})
	p := launch(t, tn.config)
	p.scheme = "https"
	p.client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	auth := func(password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, password) }
	}
	within(t, 30*time.Second, "it is ready", func() error {
		a, err := p.ask(http.MethodGet, "/-/ready", auth(password))
		if err == nil && a.status != http.StatusOK {
			return os.ErrDeadlineExceeded
		}
		return err
	})
	for _, test := range []struct {
		name   string
		change func(*http.Request)
		want   int
	}{
		{"no password", nil, http.StatusUnauthorized},
		{"a wrong one", auth("sai"), http.StatusUnauthorized},
		{"the right one", auth(password), http.StatusOK},
	} {
		for _, path := range []string{"/metrics", "/api/v1/status", "/api/v1/discrepancies"} {
			if a, err := p.ask(http.MethodGet, path, test.change); err != nil || a.status != test.want {
				t.Errorf("%s: %s: %d, %v", test.name, path, a.status, err)
			}
		}
	}
	p.scheme = "http"
	if a, err := p.ask(http.MethodGet, "/metrics", auth(password)); err == nil && a.status == http.StatusOK {
		t.Error("it answers without TLS, too")
	}
}

// selfSigned writes cert.pem and key.pem for 127.0.0.1 into a folder, and gives
// what trusts them.
func selfSigned(t testing.TB, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{"cert.pem": {Type: "CERTIFICATE", Bytes: der}, "key.pem": {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(cert)
	return pool
}
