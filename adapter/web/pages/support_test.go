package pages_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/adapter/web/pages"
	"github.com/doisoat/doisoat/adapter/web/webtest"
)

// morning is the present of every test: Monday 2 July 2018, 8:00, in Huế.
var morning = time.Date(2018, 7, 2, 8, 0, 0, 0, webtest.Vietnam)

// doorman signs people in without proof, and remembers what it was asked.
type doorman struct {
	oidc     bool
	err      error
	language string
	changed  []string
	out      int
	next     string
}

func (d *doorman) Login(_ context.Context, _ *http.Request, name, password string) (*access.Principal, error) {
	if who := webtest.Principals()[name]; d.err == nil && who != nil && password == "đúng" {
		return who, nil
	}
	if d.err != nil {
		return nil, d.err
	}
	return nil, &access.Denied{Reason: access.WrongPassword, Vi: "Tên đăng nhập hoặc mật khẩu không đúng.", En: "The login name or the password is wrong."}
}

func (d *doorman) Logout(context.Context, *http.Request) error { d.out++; return d.err }

func (d *doorman) ChangePassword(_ context.Context, _ *http.Request, old, next string) error {
	d.changed = append(d.changed, old, next)
	return d.err
}

func (d *doorman) SetLanguage(_ context.Context, _ *http.Request, language string) error {
	d.language = language
	return d.err
}

func (d *doorman) OIDC() bool { return d.oidc }

func (d *doorman) BeginOIDC(w http.ResponseWriter, r *http.Request, returnTo string) error {
	if d.err == nil {
		d.next = returnTo
		http.Redirect(w, r, "https://id.example.vn/authorize", http.StatusSeeOther)
	}
	return d.err
}

func (d *doorman) FinishOIDC(http.ResponseWriter, *http.Request) (*access.Principal, string, error) {
	return webtest.Principals()["trung-tam"], d.next, d.err
}

// site is a whole server with pages over a backend in memory.
type site struct {
	handler http.Handler
	backend *webtest.Backend
	door    *doorman
	pages   *pages.Pages
	log     *bytes.Buffer
}

// open makes a site. Everybody is who their cookie says, in the language of the
// cookie "l".
func open(t testing.TB, change ...func(*pages.Options)) *site {
	t.Helper()
	s := &site{backend: webtest.New(), door: &doorman{}, log: &bytes.Buffer{}}
	o := pages.Options{
		Backend: s.backend, SignIn: s.door, Zone: webtest.Vietnam, Version: "v0-test", Organisation: "Trung tâm Hành chính công thị xã Hương Trà",
		Clock: func() time.Time { return morning }, Logger: slog.New(slog.NewTextHandler(s.log, nil)),
	}
	for _, c := range change {
		c(&o)
	}
	var err error
	if s.pages, err = pages.New(o); err != nil {
		t.Fatal(err)
	}
	server, err := web.New(web.Options{
		Listen: "127.0.0.1:0", Backend: s.backend, Gate: &gate{}, Pages: s.pages, Metrics: http.NotFoundHandler(),
		Ready: func(context.Context) error { return nil }, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Shutdown(context.Background()) })
	s.handler = server.Handler()
	return s
}

// gate is webtest's, with the language that the cookie "l" names.
type gate struct{ webtest.Gate }

func (g *gate) Identify(r *http.Request) (*access.Principal, error) {
	who, err := g.Gate.Identify(r)
	if l, none := r.Cookie("l"); none == nil && who != nil {
		who.Language = l.Value
	}
	return who, err
}

// people are those that pages are shown to, by role.
var people = []string{"van-hanh", "trung-tam", "dat-dai", "thanh-tra"}

// get asks for a page as somebody ("" is nobody).
func (s *site) get(who, language, path string) *httptest.ResponseRecorder {
	return s.serve(who, language, httptest.NewRequest(http.MethodGet, path, nil))
}

// post sends a form.
func (s *site) post(who, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.serve(who, "vi", r)
}

func (s *site) serve(who, language string, r *http.Request) *httptest.ResponseRecorder {
	r.Host = "127.0.0.1"
	if r.Method != http.MethodGet {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if who != "" {
		r.AddCookie(&http.Cookie{Name: webtest.CookieName, Value: who})
	}
	if language != "" {
		r.AddCookie(&http.Cookie{Name: "l", Value: language})
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}
