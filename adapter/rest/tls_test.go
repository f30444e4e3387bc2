package rest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// authority is a certificate authority of its own, as government networks have.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	dir  string
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.cert, a.key = a.sign(t, "ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// sign issues a certificate and writes name.pem and name.key.
func (a *authority) sign(t *testing.T, name string, template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.Subject = pkix.Name{CommonName: name}
	template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, parentKey := a.cert, a.key
	if parent == nil {
		parent, parentKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	must(t, err)
	cert, err := x509.ParseCertificate(der)
	must(t, err)
	private, err := x509.MarshalECPrivateKey(key)
	must(t, err)
	must(t, os.WriteFile(a.file(name+".pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	must(t, os.WriteFile(a.file(name+".key"), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}), 0o600))
	return cert, key
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOwnAuthorityAndClientCertificate(t *testing.T) {
	a := newAuthority(t)
	a.sign(t, "server", &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"dvc.test"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	a.sign(t, "client", &x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	other := newAuthority(t)

	pair, err := tls.LoadX509KeyPair(a.file("server.pem"), a.file("server.key"))
	must(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name := r.TLS.PeerCertificates[0].Subject.CommonName; name != "client" {
			t.Errorf("client is %q", name)
		}
		reply(w, dossiers(0, 3))
	}))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)

	cases := []struct {
		name  string
		tls   TLS
		cause reconcile.Cause
		most  int // requests
	}{
		{"both", TLS{CAFile: a.file("ca.pem"), CertFile: a.file("client.pem"), KeyFile: a.file("client.key")}, reconcile.CauseNone, 1},
		{"a name of its own", TLS{CAFile: a.file("ca.pem"), CertFile: a.file("client.pem"), KeyFile: a.file("client.key"), ServerName: "dvc.test"}, reconcile.CauseNone, 1},
		{"another name", TLS{CAFile: a.file("ca.pem"), CertFile: a.file("client.pem"), KeyFile: a.file("client.key"), ServerName: "other.test"}, reconcile.CauseConnect, 1},
		{"another authority", TLS{CAFile: other.file("ca.pem"), CertFile: a.file("client.pem"), KeyFile: a.file("client.key")}, reconcile.CauseConnect, 1},
		{"the system's authorities", TLS{CertFile: a.file("client.pem"), KeyFile: a.file("client.key")}, reconcile.CauseConnect, 1},
		{"no client certificate", TLS{CAFile: a.file("ca.pem")}, reconcile.CauseConnect, 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, g := poll(t, source(t, Config{URL: srv.URL, TLS: c.tls, Limits: Limits{Retries: 2}}), reconcile.PollRequest{})
			same(t, "cause", p.Cause, c.cause)
			if p.Requests > c.most {
				t.Errorf("%d requests for a certificate that will not get better", p.Requests)
			}
			if c.cause == reconcile.CauseNone {
				same(t, "rows", g.codes(), codesUpTo(3))
			}
		})
	}
}
