package web_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/adapter/web/webtest"
)

func withPages(o *web.Options) { o.Pages = pages{} }

func TestEveryRouteNeedsAPermissionThereIs(t *testing.T) {
	for _, r := range web.Routes(pages{}) {
		if !slices.Contains(access.Permissions, r.Needs) {
			t.Errorf("%s needs %q", r.Pattern, r.Needs)
		}
		if r.Needs != access.Anybody && r.Always && r.Name != "reload" {
			t.Errorf("%s asks who it is before there is a store that knows", r.Pattern)
		}
		changes := slices.ContainsFunc(r.Methods, func(m string) bool { return m != http.MethodGet })
		if changes && strings.HasPrefix(r.Pattern, root) && !r.Needs.Changes() && r.Needs != access.SignedIn {
			t.Errorf("%s changes something by the permission %s, which is one to read", r.Pattern, r.Needs)
		}
	}
}

func TestWithoutAnIdentityOnlyWhatIsForAnybodyIsAnswered(t *testing.T) {
	s := serve(t, withPages)
	for _, r := range s.Routes() {
		for _, method := range r.Methods {
			shot := shots()[r.Name]
			if shot.Path == "" {
				shot.Path = strings.NewReplacer("{$}", "", "{code}", "A", "{name}", "a.css").Replace(r.Pattern)
			}
			w := s.ask(t, method, shot.Path, shot.Body, "Content-Type", shot.Type, "Sec-Fetch-Site", "same-origin")
			switch {
			case r.Needs == access.Anybody, r.Name == "reload":
				if w.Code == http.StatusForbidden || w.Code == http.StatusSeeOther {
					t.Errorf("%s %s: %d", method, shot.Path, w.Code)
				}
			case r.Page && method == http.MethodGet:
				if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/login?next=%2F") || w.Header().Get("Cache-Control") != "no-store" {
					t.Errorf("%s %s: %d %v", method, shot.Path, w.Code, w.Header())
				}
			case r.Page:
				if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "đăng nhập lại") {
					t.Errorf("%s %s: %d %s", method, shot.Path, w.Code, w.Body)
				}
			default:
				if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") != `Bearer realm="doisoat"` || !strings.Contains(w.Body.String(), "doisoat token add") {
					t.Errorf("%s %s: %d %v %s", method, shot.Path, w.Code, w.Header(), w.Body)
				}
			}
		}
	}
	if calls := s.backend.Calls(); len(calls) > 0 {
		t.Errorf("the backend was asked: %v", calls)
	}
}

func TestTheWayBackIsOfThisSiteAlone(t *testing.T) {
	s := serve(t, withPages)
	for path, want := range map[string]string{
		"/audit":                   "/login?next=%2Faudit",
		"/dossiers/A?from=/list#x": "/login?next=%2Fdossiers%2FA%3Ffrom%3D%2Flist",
		"/dossiers/%2F%2Fevil":     "/login?next=%2Fdossiers%2F%252F%252Fevil",
	} {
		if got := s.ask(t, http.MethodGet, strings.TrimSuffix(path, "#x"), "").Header().Get("Location"); got != want {
			t.Errorf("%s leads to %q, want %q", path, got, want)
		}
	}
}

func TestEachRoleMayWhatItsPermissionsSay(t *testing.T) {
	s := serve(t, nil)
	for _, r := range web.Routes(nil) {
		if !strings.HasPrefix(r.Pattern, root) {
			continue
		}
		shot := shots()[r.Name]
		for name, who := range webtest.Principals() {
			if who.MustChange {
				continue
			}
			w := s.ask(t, r.Methods[0], shot.Path, shot.Body, append(token(name), "Content-Type", shot.Type)...)
			may := who.May(r.Needs) && (!who.ReadOnly || r.Methods[0] == http.MethodGet)
			if (w.Code != http.StatusForbidden) != may {
				t.Errorf("%s as %s: %d, may: %v: %s", r.Name, name, w.Code, may, w.Body)
			}
		}
	}
}

func TestAFirstPasswordHasToBeChangedBeforeAnythingElse(t *testing.T) {
	s := serve(t, withPages)
	for _, c := range []struct {
		method, path string
		want         int
		says         string
	}{
		{http.MethodGet, "/", http.StatusSeeOther, ""}, {http.MethodGet, "/audit", http.StatusSeeOther, ""},
		{http.MethodPost, "/letters", http.StatusForbidden, "Cần đổi mật khẩu lần đầu"},
		{http.MethodGet, "/password", http.StatusOK, "moi"}, {http.MethodPost, "/password", http.StatusOK, "moi"}, {http.MethodPost, "/logout", http.StatusOK, "moi"},
		{http.MethodGet, "/static/a.css", http.StatusOK, ""}, {http.MethodGet, "/login", http.StatusOK, "moi"},
		{http.MethodGet, root + "status", http.StatusForbidden, "the first password has to be changed"}, {http.MethodGet, root + "me", http.StatusForbidden, "/login"},
		{http.MethodGet, root + "openapi.yaml", http.StatusOK, "openapi: 3.1"},
	} {
		w := s.ask(t, c.method, c.path, "", "Cookie", webtest.CookieName+"=moi", "Origin", "http://localhost")
		if w.Code != c.want || !strings.Contains(w.Body.String(), c.says) || w.Code == http.StatusSeeOther && w.Header().Get("Location") != "/password" {
			t.Errorf("%s %s: %d %v %s", c.method, c.path, w.Code, w.Header(), w.Body)
		}
	}
}

func TestOtherSitesCannotUseAReadersSession(t *testing.T) {
	for name, c := range map[string]struct {
		method  string
		headers []string
		want    int
	}{
		"our own page":                         {http.MethodPost, []string{"Cookie", "webtest=trung-tam", "Sec-Fetch-Site", "same-origin"}, http.StatusCreated},
		"our own page, another browser":        {http.MethodPost, []string{"Cookie", "webtest=trung-tam", "Origin", "http://localhost"}, http.StatusCreated},
		"another site":                         {http.MethodPost, []string{"Cookie", "webtest=trung-tam", "Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		"a neighbour under the same domain":    {http.MethodPost, []string{"Cookie", "webtest=trung-tam", "Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		"another site, by its origin":          {http.MethodPost, []string{"Cookie", "webtest=trung-tam", "Origin", "https://evil.example"}, http.StatusForbidden},
		"a sandboxed frame":                    {http.MethodPost, []string{"Cookie", "webtest=trung-tam", "Origin", "null"}, http.StatusForbidden},
		"a browser that says nothing":          {http.MethodPost, []string{"Cookie", "webtest=trung-tam"}, http.StatusForbidden},
		"a program with a token":               {http.MethodPost, []string{"Authorization", "Bearer trung-tam"}, http.StatusCreated},
		"a program with a token and a cookie":  {http.MethodPost, []string{"Authorization", "Bearer trung-tam", "Cookie", "webtest=trung-tam"}, http.StatusCreated},
		"reading, by a browser of any age":     {http.MethodGet, []string{"Cookie", "webtest=trung-tam"}, http.StatusOK},
		"reading from a link on another site":  {http.MethodGet, []string{"Cookie", "webtest=trung-tam", "Sec-Fetch-Site", "cross-site"}, http.StatusOK},
		"a form's method that says it changes": {"PATCH", []string{"Cookie", "webtest=trung-tam"}, http.StatusMethodNotAllowed},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, nil)
			release(s.backend)
			w := s.ask(t, c.method, root+"letters", `{"department":"TP"}`, append(c.headers, "Content-Type", asJSON)...)
			if made := len(s.backend.LetterIDs(webtest.Third)) == 3; w.Code != c.want || made != (w.Code == http.StatusCreated) {
				t.Errorf("%d, made: %v: %s", w.Code, made, w.Body)
			}
		})
	}
	for _, via := range []access.Via{access.ViaPassword, access.ViaOIDC, access.ViaDemo, access.ViaProxy, access.ViaToken} {
		s := serve(t, nil)
		s.gate.Default = &access.Principal{Name: "lan", Role: access.Operator, Via: via}
		if w := s.ask(t, http.MethodPost, root+"sources/dvc-hue/poll", ""); (w.Code == http.StatusForbidden) != (via != access.ViaToken) {
			t.Errorf("without a word which page asks, via %s: %d", via, w.Code)
		}
	}
}

func TestNobodyIsSignedInByAnotherSite(t *testing.T) {
	s := serve(t, withPages)
	form := "name=ke-gian&password=mật+khẩu"
	for want, headers := range map[int][]string{
		http.StatusSeeOther: {"Sec-Fetch-Site", "same-origin"}, http.StatusForbidden: nil,
	} {
		if w := s.ask(t, http.MethodPost, "/login", form, append(headers, "Content-Type", "application/x-www-form-urlencoded")...); w.Code != want {
			t.Errorf("with %v: %d, want %d", headers, w.Code, want)
		}
	}
}

// rejecting is a gate that takes nobody, or does not know.
type rejecting struct{ err error }

func (rejecting) Wrap(next http.Handler) http.Handler                 { return next }
func (r rejecting) Identify(*http.Request) (*access.Principal, error) { return nil, r.err }
func (rejecting) RemoteOf(*http.Request) string                       { return "198.51.100.9" }

func TestWhoIsNotAcceptedIsToldSo(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		want  int
		says  string
		after string
	}{
		"a token that ended":    {&access.Denied{Reason: access.WrongToken, Vi: "Mã truy cập đã hết hạn.", En: "The token has expired."}, http.StatusUnauthorized, "expired", ""},
		"too many attempts":     {&access.Denied{Reason: access.Limited, Wait: 90*time.Second + 1, Vi: "Chờ.", En: "Wait."}, http.StatusUnauthorized, "Wait", "91"},
		"a header, no sentence": {access.ErrRejected, http.StatusUnauthorized, "not accepted", ""},
		"the store is away":     {errors.Join(access.ErrUnavailable, errOurs), http.StatusServiceUnavailable, "try again", "5"},
		"something else":        {errOurs, http.StatusInternalServerError, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, func(o *web.Options) { o.Gate, o.Pages = rejecting{c.err}, pages{} })
			for _, path := range []string{root + "status", root + "openapi.yaml", "/", "/login"} {
				w := s.ask(t, http.MethodGet, path, "")
				if w.Code != c.want || !strings.Contains(w.Body.String(), c.says) || strings.Contains(w.Body.String(), "disk") || w.Header().Get("Retry-After") != c.after {
					t.Errorf("%s: %d %v %s", path, w.Code, w.Header(), w.Body)
				}
				if challenge := w.Header().Get("WWW-Authenticate"); (challenge != "") != (c.want == http.StatusUnauthorized) {
					t.Errorf("%s: challenge %q", path, challenge)
				}
			}
			for _, path := range []string{"/metrics", "/-/healthy", "/-/ready"} { // supervisors are not asked who they are
				if w := s.ask(t, http.MethodGet, path, ""); w.Code != http.StatusOK {
					t.Errorf("%s: %d", path, w.Code)
				}
			}
		})
	}
}

func TestWhoMayReload(t *testing.T) {
	open := &access.Principal{Name: "local", Role: access.Operator, Via: access.ViaOpen, ReadOnly: true}
	for name, c := range map[string]struct {
		listen  string
		gate    web.Gate
		headers []string
		want    int
	}{
		"nobody, on this machine":           {"127.0.0.1:0", &webtest.Gate{}, nil, http.StatusOK},
		"nobody, from the network":          {"0.0.0.0:0", &webtest.Gate{}, nil, http.StatusUnauthorized},
		"anybody, where there is no gate":   {"0.0.0.0:0", nil, nil, http.StatusOK},
		"before there are accounts":         {"127.0.0.1:0", &webtest.Gate{Default: open}, nil, http.StatusOK},
		"an operator, from the network":     {"0.0.0.0:0", &webtest.Gate{}, token("van-hanh"), http.StatusOK},
		"a clerk":                           {"127.0.0.1:0", &webtest.Gate{}, token("dat-dai"), http.StatusForbidden},
		"a token that may only read":        {"127.0.0.1:0", &webtest.Gate{}, token("chi-doc"), http.StatusForbidden},
		"a token that is none":              {"127.0.0.1:0", &webtest.Gate{}, token("wrong"), http.StatusUnauthorized},
		"an operator's browser, unasked":    {"127.0.0.1:0", &webtest.Gate{}, []string{"Cookie", "webtest=van-hanh"}, http.StatusForbidden},
		"an operator's browser, on a page":  {"127.0.0.1:0", &webtest.Gate{}, []string{"Cookie", "webtest=van-hanh", "Sec-Fetch-Site", "same-origin"}, http.StatusOK},
		"nobody, by another site's script":  {"127.0.0.1:0", &webtest.Gate{}, []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		"nobody, by a name that was rebent": {"127.0.0.1:0", &webtest.Gate{}, []string{"Host", "evil.example"}, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			reloads := 0
			s := serve(t, func(o *web.Options) {
				o.Listen, o.Gate, o.Reload = c.listen, c.gate, func(context.Context) error { reloads++; return nil }
			})
			if w := s.ask(t, http.MethodPost, "/-/reload", "", c.headers...); w.Code != c.want || (reloads == 1) != (w.Code == http.StatusOK) {
				t.Errorf("%d, %d reloads: %s", w.Code, reloads, w.Body)
			}
		})
	}
}

func TestBeforeThereAreAccountsEverythingCanBeReadAndNothingChanged(t *testing.T) {
	s := serve(t, func(o *web.Options) { o.Gate = nil })
	for _, r := range web.Routes(nil) {
		shot := shots()[r.Name]
		if !strings.HasPrefix(r.Pattern, root) {
			continue
		}
		w := s.ask(t, r.Methods[0], shot.Path, shot.Body, "Content-Type", shot.Type)
		want := http.StatusOK
		if r.Methods[0] != http.MethodGet || r.Needs.Changes() {
			want = http.StatusForbidden
		}
		if w.Code != want || want == http.StatusForbidden && !strings.Contains(w.Body.String(), "doisoat user add") {
			t.Errorf("%s: %d, want %d: %s", r.Name, w.Code, want, w.Body)
		}
	}
}

func TestAnswersAreKeptForNobodyElse(t *testing.T) {
	s := serve(t, nil)
	path := "discrepancies?order=since"
	mine := s.api(t, "dat-dai", http.MethodGet, path, "")
	for name, want := range map[string]int{"dat-dai": http.StatusNotModified, "kinh-te": http.StatusOK, "van-hanh": http.StatusOK} {
		w := s.api(t, name, http.MethodGet, path, "", "If-None-Match", mine.Header().Get("ETag"))
		if w.Code != want || w.Header().Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s with a clerk's answer at hand: %d %v", name, w.Code, w.Header())
		}
	}
}

func TestAPagesFormsSayWhichSiteTheyAreOf(t *testing.T) {
	s := serve(t, withPages)
	for path, want := range map[string]string{"/login": "same-origin", "/": "same-origin", "/nothing": "same-origin", root + "status": "no-referrer", "/metrics": "no-referrer"} {
		header := s.ask(t, http.MethodGet, path, "").Header()
		if got := header.Get("Referrer-Policy"); got != want || header.Get("Content-Security-Policy") != web.ContentPolicy {
			t.Errorf("%s: %q, want %q; %q", path, got, want, header.Get("Content-Security-Policy"))
		}
	}
	if strings.Contains(web.ContentPolicy, "unsafe") || strings.Contains(web.ContentPolicy, "http") {
		t.Errorf("policy %q", web.ContentPolicy)
	}
}
