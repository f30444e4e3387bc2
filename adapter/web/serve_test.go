package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/webtest"
)

var errOurs = errors.New("disk on fire at /var/lib/secret")

// lines is a log.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// site is a server over webtest, asked without a network.
type site struct {
	*web.Server
	backend *webtest.Backend
	gate    *webtest.Gate
	log     *lines
}

func options(b web.Backend, log io.Writer) web.Options {
	return web.Options{
		Listen: "127.0.0.1:0", Version: "0.3.0", Backend: b, Gate: &webtest.Gate{},
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
			_, _ = io.WriteString(w, "doisoat_build_info 1\n")
		}),
		Ready: func(context.Context) error { return nil }, Reload: func(context.Context) error { return nil },
		Logger: slog.New(slog.NewTextHandler(log, nil)),
	}
}

func serve(t testing.TB, change func(*web.Options)) *site {
	t.Helper()
	s := &site{backend: webtest.New(), gate: &webtest.Gate{}, log: &lines{}}
	o := options(s.backend, s.log)
	o.Gate = s.gate
	if change != nil {
		change(&o)
	}
	var err error
	if s.Server, err = web.New(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// fresh is for webtest.Trespass.
func fresh(pages web.Pages) func() (*webtest.Target, error) {
	return func() (*webtest.Target, error) {
		b := webtest.New()
		o := options(b, io.Discard)
		o.Pages = pages
		s, err := web.New(o)
		if err != nil {
			return nil, err
		}
		return &webtest.Target{Handler: s.Handler(), Backend: b, Close: func() { _ = s.Shutdown(context.Background()) }}, nil
	}
}

// token is the header by which Gate knows somebody.
func token(name string) []string { return []string{"Authorization", "Bearer " + name} }

// ask sends a request without checking the answer against the document; headers are
// name, value, name, value.
func (s *site) ask(t testing.TB, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Host = "localhost"
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// api is ask for a path of the API, in somebody's name, with a body of JSON if there
// is one. The answer is held against the OpenAPI document.
func (s *site) api(t testing.TB, name, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	if body != "" {
		headers = append([]string{"Content-Type", asJSON}, headers...)
	}
	w := s.ask(t, method, root+path, body, append(token(name), headers...)...)
	bare, _, _ := strings.Cut(path, "?")
	if err := web.CheckAnswer(t, method, root+bare, w.Code, w.Header(), w.Body.String()); err != nil {
		t.Errorf("%s %s: the answer is not what openapi.yaml says: %v\n%s", method, path, err, w.Body)
	}
	return w
}
