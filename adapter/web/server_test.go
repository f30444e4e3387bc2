package web

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// secured writes a web configuration with TLS and one user into a folder of its
// own, and gives the pool that trusts it.
func secured(t *testing.T, password string) (file string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "doisoat"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, text := range map[string][]byte{
		"cert.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		"key.pem":  pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}),
		"web.yml": []byte("tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\nhttp_server_config:\n  headers:\n    X-Frame-Options: sameorigin\n" +
			"basic_auth_users:\n  prometheus: " + string(hash) + "\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(cert)
	return filepath.Join(dir, "web.yml"), pool
}

func TestTLSAndPasswordsByTheWebConfigurationFile(t *testing.T) {
	file, pool := secured(t, "mật khẩu")
	s := start(t, func(o *Options, _ *memory) { o.ConfigFile = file })
	plain := s.send(t, http.MethodGet, "/") // http on a TLS port, answered by net/http itself
	if plain.status != http.StatusBadRequest {
		t.Errorf("plain HTTP: %d", plain.status)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	s.client.Transport = transport
	for name, c := range map[string]struct {
		user, password string
		in             bool
	}{
		"the right password": {"prometheus", "mật khẩu", true},
		"a wrong password":   {"prometheus", "mat khau", false},
		"another user":       {"root", "mật khẩu", false},
		"nobody":             {"", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, r := range Routes(nil) {
				path := aimed(r.Pattern)
				req, err := http.NewRequestWithContext(t.Context(), r.Methods[0], "https://"+s.Addr().String()+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				if c.user != "" {
					req.SetBasicAuth(c.user, c.password)
				}
				resp, err := s.client.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if (resp.StatusCode != http.StatusUnauthorized) != c.in || resp.ProtoMajor != 2 {
					t.Errorf("%s: %s over %s, let in: want %v over HTTP/2", path, resp.Status, resp.Proto, c.in)
				}
				if got := resp.Header.Get("X-Frame-Options"); got != "sameorigin" {
					t.Errorf("%s: X-Frame-Options %q, want the operator's own", path, got)
				}
			}
		})
	}
	if strings.Contains(s.log.String(), "mật khẩu") {
		t.Error("a password is in the log")
	}
}

func TestWhatCannotBeServedIsSaidAtOnce(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	write := func(text string) string {
		file := filepath.Join(t.TempDir(), "web.yml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	for name, c := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"an address that is taken": {func(o *Options) { o.Listen = taken.Addr().String() }, "address already in use; stop what uses the address, or choose another by web.listen"},
		"no address":               {func(o *Options) { o.Listen = "nowhere" }, "web: listen on nowhere: "},
		"no such file":             {func(o *Options) { o.ConfigFile = "/nowhere/web.yml" }, "web configuration /nowhere/web.yml: open /nowhere/web.yml: no such file"},
		"an unknown key":           {func(o *Options) { o.ConfigFile = write("tls: {}\n") }, "field tls not found"},
		"a password in plain":      {func(o *Options) { o.ConfigFile = write("basic_auth_users: {a: hunter2}\n") }, "passwords are written as bcrypt"},
		"a password out of place":  {func(o *Options) { o.ConfigFile = write("basic_auth_users: hunter2\n") }, "cannot unmarshal !!str a value into"},
		"a key without its file":   {func(o *Options) { o.ConfigFile = write("tls_server_config: {cert_file: a.pem}\n") }, "missing one of key or key_file"},
		"no backend, no logger":    {func(o *Options) { o.Backend, o.Logger = nil, nil }, "web: options lack Backend\nweb: options lack Logger"},
		"no metrics, no readiness": {func(o *Options) { o.Metrics, o.Ready = nil, nil }, "web: options lack Metrics\nweb: options lack Ready"},
	} {
		t.Run(name, func(t *testing.T) {
			o := optionsFor(full(), io.Discard)
			c.change(&o)
			s, err := New(o)
			if err == nil {
				s.Shutdown(t.Context())
				t.Fatal("it is served")
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error %q, want %q in it", err, c.want)
			}
		})
	}
}

func TestAWebConfigurationThatGoesAwayIsNotServedWithout(t *testing.T) {
	file, _ := secured(t, "a")
	o := optionsFor(full(), io.Discard)
	o.ConfigFile = file
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("serve: %v, want that the file is missing", err)
	}
	l, err := net.Listen("tcp", s.Addr().String())
	if err != nil {
		t.Fatalf("the address is still taken: %v", err)
	}
	l.Close()
}

func TestTheDefaultIsThisMachineAlone(t *testing.T) {
	o := optionsFor(full(), io.Discard)
	o.Listen = ""
	if err := o.complete(); err != nil || o.Listen != "127.0.0.1:8080" {
		t.Errorf("listen %q, %v", o.Listen, err)
	}
}

func TestTheAddressIsTakenFromNewAndFreeAfterShutdown(t *testing.T) {
	s, err := New(optionsFor(full(), io.Discard))
	if err != nil {
		t.Fatal(err)
	}
	address := s.Addr().String()
	if l, err := net.Listen("tcp", address); err == nil {
		l.Close()
		t.Error("the address is free before Shutdown")
	}
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatalf("the address is taken after Shutdown: %v", err)
	}
	l.Close()
	if err := s.Serve(t.Context()); err != nil {
		t.Errorf("served after Shutdown: %v", err)
	}
	if err := s.Serve(t.Context()); err == nil {
		t.Error("served twice")
	}
}

// patient waits as long as a test may take.
var patient = &http.Client{Timeout: time.Minute}

func TestAnswersUnderWayAreFinishedBeforeTheEnd(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	o := optionsFor(full(), io.Discard)
	o.Reload = func(context.Context) error { close(entered); <-leave; return nil }
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served, answer := make(chan error, 1), make(chan int, 1)
	go func() { served <- s.Serve(ctx) }()
	go func() {
		resp, err := patient.Post("http://"+s.Addr().String()+"/-/reload", "", nil)
		if err != nil {
			answer <- 0
			return
		}
		resp.Body.Close()
		answer <- resp.StatusCode
	}()
	<-entered
	stop()
	select {
	case err := <-served:
		t.Fatalf("Serve returned while an answer was under way: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(leave)
	if got := <-answer; got != http.StatusOK {
		t.Errorf("the answer under way: %d", got)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func TestAnswersThatDoNotEndAreCutOff(t *testing.T) {
	entered, cut := make(chan struct{}), make(chan struct{})
	o := optionsFor(full(), io.Discard)
	o.Reload = func(ctx context.Context) error { close(entered); <-ctx.Done(); close(cut); return ctx.Err() }
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(t.Context()) }()
	go patient.Post("http://"+s.Addr().String()+"/-/reload", "", nil)
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("shutdown: %v, want that answers were cut off", err)
	}
	<-cut
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// slow is a backend that never answers by itself.
type slow struct{ *memory }

func (slow) Status(ctx context.Context) (*Status, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestABackendThatDoesNotAnswerIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log lines
		o := optionsFor(slow{full()}, &log)
		if err := o.complete(); err != nil {
			t.Fatal(err)
		}
		s := &Server{options: o}
		w := &recorder{header: http.Header{}}
		begin := time.Now()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/status", nil)
		if err != nil {
			t.Fatal(err)
		}
		s.status(w, r)
		if took := time.Since(begin); took != apiTimeout || w.status != http.StatusServiceUnavailable || w.header.Get("Retry-After") == "" {
			t.Errorf("after %s: %d %s", took, w.status, w.body.String())
		}
		if !strings.Contains(log.String(), "deadline exceeded") {
			t.Errorf("the log says: %s", log.String())
		}
	})
}

// recorder keeps what is answered, without a network.
type recorder struct {
	header http.Header
	status int
	body   strings.Builder
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(p []byte) (int, error) { return r.body.Write(p) }
