package config

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/rest"
)

// Defaults of limits: what a shared system bears without being asked first.
const (
	defaultConcurrency  = 4
	defaultPerSecond    = 20
	defaultTimeout      = 30 * time.Second
	defaultRetries      = 5
	defaultMaxPageBytes = 32 << 20
)

// http is a source that answers in JSON over HTTP; nil where the key is left out.
func (v value) http(name string) *rest.Config {
	s := v.section("write url, list and what else the interface needs")
	if s == nil {
		return nil
	}
	const urlRemedy = "give the base address, such as https://dvc.example.vn"
	cfg := &rest.Config{Name: name}
	cfg.URL = s.need("url", urlRemedy).baseURL(urlRemedy)
	cfg.Headers = s.get("headers").headers()
	cfg.Auth = s.get("auth").auth()
	list := s.need("list", "describe the call that lists all dossiers: path, items, paging")
	cfg.List = list.restList(v.r.zone)
	one := s.get("one")
	cfg.One = one.restOne()
	cfg.TLS = s.get("tls").tls(cfg.URL)
	cfg.Limits = s.get("limits").limits()
	s.placeholders(cfg)
	s.done()
	return cfg
}

// baseURL is an http or https address without credentials, query or fragment.
func (v value) baseURL(remedy string) string {
	u := v.address(remedy)
	switch {
	case u == nil:
		return ""
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		v.hidden = true // queries often carry keys
		v.fault("has a query or a fragment", "write the address alone; parameters belong in list.query")
		return ""
	}
	return strings.TrimSuffix(u.String(), "/")
}

// address is an absolute http or https URL; nil where there is none or it is faulty.
func (v value) address(remedy string) *url.URL {
	text := v.text(remedy)
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	switch {
	case strings.Contains(text, "@"):
		// Whatever stands before the @ is a password to someone.
		v.hidden = true
		v.fault("holds a user name or password", "write it without the part before @, and the rest under auth")
	case err != nil:
		v.fault("is no URL", remedy)
	case u.Scheme != "http" && u.Scheme != "https":
		v.fault("is neither http:// nor https://", remedy)
	case u.Hostname() == "":
		v.fault("names no host", remedy)
	default:
		return u
	}
	return nil
}

// urlPath is a path below the base address.
func (v value) urlPath(remedy string) string {
	text := v.text(remedy)
	switch {
	case text == "":
	case strings.Contains(text, "://"):
		v.fault("is a whole address", "write the path below url, such as /api/v1/hoso")
	case !strings.HasPrefix(text, "/"):
		v.fault("does not begin with /", "write the path below url, such as /api/v1/hoso")
	case strings.ContainsAny(text, "?#"):
		v.hidden = true
		v.fault("holds a query", "write the path alone; parameters belong in query")
	case strings.ContainsAny(text, " \t\r\n"):
		v.fault("holds a blank", "write %20 for a blank in a path")
	default:
		return text
	}
	return ""
}

// method is GET or POST; where the key is left out, POST if there is a body.
func (s *section) method(hasBody bool) string {
	v := s.get("method")
	fallback := "GET"
	if hasBody {
		fallback = "POST"
	}
	method := v.choice(fallback, "GET", "POST")
	if method == "GET" && hasBody {
		v.fault("has a body, which GET does not carry", "write method: POST, or use query")
	}
	return method
}

// tls reads the files once to see that they are what they should be.
func (v value) tls(base string) rest.TLS {
	s := v.section("write ca_file, cert_file and key_file")
	if s == nil {
		return rest.TLS{}
	}
	ca, cert, key := s.get("ca_file"), s.get("cert_file"), s.get("key_file")
	t := rest.TLS{
		CAFile:     ca.existing("name the PEM file of the authority that signed the server's certificate"),
		CertFile:   cert.existing("name the PEM file of our own certificate"),
		KeyFile:    key.existing("name the PEM file of our own certificate's key"),
		ServerName: s.get("server_name").text("give the name in the server's certificate"),
	}
	s.done()
	if t.CAFile != "" {
		if pem, err := os.ReadFile(t.CAFile); err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
			ca.fault("holds no certificate", "name a PEM file with BEGIN CERTIFICATE in it")
		}
	}
	switch {
	case cert.given() && !key.given():
		cert.fault("is given without key_file", "name the key's file too")
	case key.given() && !cert.given():
		key.fault("is given without cert_file", "name the certificate's file too")
	case t.CertFile != "" && t.KeyFile != "":
		if _, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile); err != nil {
			cert.fault("is no pair with key_file", "name the PEM files of one certificate and its unencrypted key")
		}
	}
	if strings.HasPrefix(base, "http://") {
		s.faultShowing("", "is of no use with an http:// address", "write https:// in url, or remove tls")
	}
	return t
}

func (v value) limits() rest.Limits {
	s := v.section("write keys such as concurrency, per_second, timeout")
	l := rest.Limits{
		Concurrency:  s.get("concurrency").integer(defaultConcurrency, 1, 64, "write how many pages to ask for at once, such as 4"),
		PerSecond:    s.get("per_second").number(defaultPerSecond, 0, 100_000, "write how many requests a second to send at most, such as 20; 0 is no limit"),
		Timeout:      s.get("timeout").duration(defaultTimeout, time.Millisecond, "write how long one request may take, such as 30s"),
		Retries:      s.get("retries").integer(defaultRetries, 0, 100, "write how often to try again, such as 5; 0 is never"),
		MaxPageBytes: int64(s.get("max_page_bytes").integer(defaultMaxPageBytes, 1024, 1<<30, "write a number of bytes, such as 33554432")),
	}
	if l.Retries == 0 {
		l.Retries = -1 // 0 is rest's sign for its default
	}
	s.done()
	return l
}
