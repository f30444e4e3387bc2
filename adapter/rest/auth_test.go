package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

// tokens is a platform whose tokens die after so many calls.
type tokens struct {
	pages
	lives  int // calls a token is good for; 0 for ever
	asHTTP bool
	mu     sync.Mutex
	logins int
	left   int
	token  string
	login  map[string]any
}

func (p *tokens) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	if r.URL.Path == "/api/tokens" {
		defer p.mu.Unlock()
		p.login = map[string]any{}
		_ = json.NewDecoder(r.Body).Decode(&p.login)
		p.logins++
		p.token, p.left = fmt.Sprintf("token-%d", p.logins), p.lives
		if p.login["password"] != "mật khẩu" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		reply(w, map[string]any{"data": map[string]any{"token": p.token}})
		return
	}
	good := r.Header.Get("Authorization") == "Bearer "+p.token && p.token != ""
	if good && p.lives > 0 {
		good = p.left > 0
		p.left--
	}
	p.mu.Unlock()
	switch {
	case good:
		p.pages.ServeHTTP(w, r)
	case p.asHTTP:
		w.WriteHeader(http.StatusUnauthorized)
	default:
		reply(w, map[string]any{"error_code": "TOKEN_EXPIRED", "data": nil})
	}
}

func loginConfig(url string) Config {
	cfg := pageConfig(url, 20)
	cfg.Limits.Concurrency = 8
	cfg.Auth.Login = &Login{
		Path: "/api/tokens", Body: map[string]any{"userName": "doisoat", "password": "mật khẩu"},
		Token: "data.token", Header: "Authorization", Prefix: "Bearer ",
		Expired: &OK{Path: "error_code", In: []string{"TOKEN_EXPIRED"}},
	}
	return cfg
}

func TestTokensThatDieMidwayAreRenewedOncePerExpiry(t *testing.T) {
	const pagesInAll = 50
	for _, lives := range []int{1, 7, 13, 1000} {
		for _, asHTTP := range []bool{true, false} {
			t.Run(fmt.Sprintf("after %d calls, as 401 %t", lives, asHTTP), func(t *testing.T) {
				srv := &tokens{pages: pages{n: 20 * pagesInAll}, lives: lives, asHTTP: asHTTP}
				s := source(t, loginConfig(serve(t, srv.ServeHTTP)))
				p, g := poll(t, s, reconcile.PollRequest{})
				complete(t, p, g, codesUpTo(20*pagesInAll))
				// Each token serves all of its calls before it is replaced.
				same(t, "log-ins", srv.logins, (pagesInAll+lives-1)/lives)
				if srv.calls != pagesInAll {
					t.Errorf("%d good calls, want %d", srv.calls, pagesInAll)
				}
			})
		}
	}
}

func TestTokenOutlivesThePoll(t *testing.T) {
	srv := &tokens{pages: pages{n: 50}, asHTTP: true}
	s := source(t, loginConfig(serve(t, srv.ServeHTTP)))
	for range 3 {
		p, g := poll(t, s, reconcile.PollRequest{})
		complete(t, p, g, codesUpTo(50))
	}
	same(t, "log-ins", srv.logins, 1)
}

func TestRefusedLogInIsTriedOnceAPoll(t *testing.T) {
	srv := &tokens{pages: pages{n: 500}, asHTTP: true}
	cfg := loginConfig(serve(t, srv.ServeHTTP))
	cfg.Auth.Login.Body = map[string]any{"userName": "doisoat", "password": "sai-mật-khẩu"}
	s := source(t, cfg)
	p, _ := poll(t, s, reconcile.PollRequest{})
	same(t, "cause", p.Cause, reconcile.CauseAuth)
	same(t, "log-ins", srv.logins, 1)
	silent(t, "reason", p.Reason, "sai-mật-khẩu")
	if err := s.One(context.Background(), "x", &gathered{}); err == nil {
		t.Error("one without a configuration succeeded")
	}
	var f *Fault
	if err := s.Try(context.Background()); !errors.As(err, &f) || f.Cause != reconcile.CauseAuth {
		t.Errorf("try: %v", err)
	}
	same(t, "log-ins", srv.logins, 2)
}

func TestFreshTokenThatIsRefusedIsNoLoop(t *testing.T) {
	logins := 0
	var mu sync.Mutex
	for _, good := range []int{0, 30} {
		t.Run(fmt.Sprintf("after %d good calls", good), func(t *testing.T) {
			logins = 0
			left := good
			inner := &pages{n: 2000}
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				switch {
				case r.URL.Path == "/api/tokens":
					logins++
					reply(w, map[string]any{"data": map[string]any{"token": fmt.Sprint("t", logins)}})
				case left > 0:
					left--
					inner.ServeHTTP(w, r)
				default:
					w.WriteHeader(http.StatusUnauthorized)
				}
			})
			p, _ := poll(t, source(t, loginConfig(url)), reconcile.PollRequest{})
			same(t, "cause", p.Cause, reconcile.CauseAuth)
			want := 1
			if good > 0 {
				want = 3 // one that was good, one that was not, and one more try
			}
			same(t, "log-ins", logins, want)
		})
	}
}

func TestWaysToAuthenticate(t *testing.T) {
	want := map[string]string{}
	tokenCalls := 0
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth/token" {
			tokenCalls++
			user, pass, _ := r.BasicAuth()
			if user != "khach" || pass != "bi-mat" || r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "hoso.read" || r.FormValue("audience") != "lgsp" {
				w.WriteHeader(http.StatusUnauthorized)
				fmt.Fprint(w, `{"error":"invalid_client","error_description":"bí mật"}`)
				return
			}
			reply(w, map[string]any{"access_token": fmt.Sprint("lgsp-", tokenCalls), "token_type": "Bearer", "expires_in": 3600})
			return
		}
		for name, value := range want {
			if r.Header.Get(name) != value {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
		}
		reply(w, dossiers(0, 3))
	})
	grant := &OAuth2{TokenURL: url + "/oauth/token", ClientID: "khach", ClientSecret: "bi-mat", Scopes: []string{"hoso.read"}, Params: map[string]string{"audience": "lgsp"}}
	wrong := *grant
	wrong.ClientSecret, wrong.TokenURL = "lộ-ra", "/oauth/token"
	cases := []struct {
		name  string
		auth  Auth
		want  map[string]string
		cause reconcile.Cause
	}{
		{"none", Auth{}, nil, reconcile.CauseNone},
		{"basic", Auth{Basic: &Basic{"u", "p"}}, map[string]string{"Authorization": "Basic dTpw"}, reconcile.CauseNone},
		{"bearer", Auth{Bearer: "abc"}, map[string]string{"Authorization": "Bearer abc"}, reconcile.CauseNone},
		{"header", Auth{Header: &HeaderAuth{"X-Api-Key", "k"}}, map[string]string{"X-Api-Key": "k"}, reconcile.CauseNone},
		{"wrong header", Auth{Header: &HeaderAuth{"X-Api-Key", "lộ-ra"}}, map[string]string{"X-Api-Key": "k"}, reconcile.CauseAuth},
		{"client credentials", Auth{OAuth2: grant}, map[string]string{"Authorization": "Bearer lgsp-1"}, reconcile.CauseNone},
		{"wrong client secret", Auth{OAuth2: &wrong}, nil, reconcile.CauseAuth},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			want = c.want
			cfg := Config{URL: url, Auth: c.auth}
			p, g := poll(t, source(t, cfg), reconcile.PollRequest{})
			same(t, "cause", p.Cause, c.cause)
			silent(t, "reason", p.Reason, "lộ-ra", "bí mật", "bi-mat")
			if c.cause == reconcile.CauseNone {
				same(t, "rows", g.codes(), codesUpTo(3))
			}
		})
	}
}

func TestOAuth2TokenIsRenewedWhenRefused(t *testing.T) {
	issued, calls := 0, 0
	var mu sync.Mutex
	inner := &pages{n: 200}
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.URL.Path == "/token" {
			issued++
			if issued == 2 { // a hiccup of the token's server is no refusal
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			reply(w, map[string]any{"access_token": fmt.Sprint("a", issued), "token_type": "bearer"})
			return
		}
		if calls++; calls == 4 || r.Header.Get("Authorization") == "Bearer a1" && calls > 4 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		inner.ServeHTTP(w, r)
	})
	cfg := pageConfig(url, 20)
	cfg.Auth.OAuth2 = &OAuth2{TokenURL: "token", ClientID: "c", ClientSecret: "s"}
	p, g := poll(t, source(t, cfg), reconcile.PollRequest{})
	complete(t, p, g, codesUpTo(200))
	same(t, "tokens asked for", issued, 3)
}

// The national portal: everything is a POST to one path, the session travels in
// the JSON body, the verdict is 0, "0" or "00", and it dies with a verdict too.
func TestNationalPortal(t *testing.T) {
	var mu sync.Mutex
	logins, calls := 0, 0
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		var in map[string]any
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("body: %v", err)
		}
		if in["username"] != nil {
			if r.Header.Get("dstcode") != "VN:GOV:000.00.00.G22:vpcpdvcproxy" {
				t.Errorf("headers: %v", r.Header)
			}
			logins++
			reply(w, map[string]any{"error_code": "0", "session": fmt.Sprint("phiên-", logins)})
			return
		}
		if calls++; in["session"] != fmt.Sprint("phiên-", logins) || calls == 3 {
			reply(w, map[string]any{"error_code": "-1", "message": "session hết hạn"})
			return
		}
		filter, _ := in["loc"].(map[string]any)
		if in["service"] != "DongBoHoSo" || filter["madonvi"] != "000.00.16.H57" || filter["tuNgay"] != "" {
			t.Errorf("body: %v", in)
		}
		page := int(in["trang"].(float64))
		from := (page - 1) * 10
		reply(w, map[string]any{
			"error_code": []any{0, "0", "00"}[calls%3], "message": "OK",
			"result": dossiers(min(from, 45), min(from+10, 45)), "tong": "45", "co": fmt.Sprint(filter["soLuong"]),
		})
	})
	ok := &OK{Path: "error_code", In: []string{"0", "00"}}
	cfg := Config{
		Name: "dvcqg", URL: url,
		Auth: Auth{Login: &Login{
			Path: "/VXPAdapter/RestService", Headers: map[string]string{"dstcode": "VN:GOV:000.00.00.G22:vpcpdvcproxy"},
			Body: map[any]any{"username": "u", "password": "p"}, Token: "session", OK: ok,
			Expired: &OK{Path: "error_code", In: []string{"-1"}},
		}},
		List: List{
			Method: "POST", Path: "/VXPAdapter/RestService",
			Body: map[string]any{
				"session": "${session}", "service": "DongBoHoSo",
				"loc": map[string]any{"madonvi": "000.00.16.H57", "tuNgay": "${since}", "soLuong": "10"},
			},
			Items: "result", Total: "tong", OK: ok,
			Paging: Paging{Page: &PagePaging{Param: "trang", SizeParam: "loc.soLuong", Size: 10, First: 1}},
			Since:  &Since{Layout: "yyyyMMddHHmmss"},
		},
		One: &One{
			Method: "POST", Path: "/VXPAdapter/RestService", OK: ok, Item: "result",
			Body: map[string]any{"session": "${session}", "service": "DongBoHoSo", "trang": 2, "loc": map[string]any{"madonvi": "000.00.16.H57", "tuNgay": "", "ma": "{code}"}},
		},
	}
	s := source(t, cfg)
	p, g := poll(t, s, reconcile.PollRequest{})
	complete(t, p, g, codesUpTo(45))
	same(t, "declared", p.DeclaredTotal, 45)
	same(t, "log-ins", logins, 2)
	g = &gathered{}
	if err := s.One(context.Background(), "H57-1", g); err != nil {
		t.Fatal(err)
	}
	same(t, "rows of one", g.codes(), codesUpTo(20)[10:])
}

// OpenCPS: Basic, a groupId header, a range whose empty end would give all.
func TestOpenCPS(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		user, pass, _ := r.BasicAuth()
		q := r.URL.Query()
		start, end := number(r, "start"), number(r, "end")
		switch {
		case user != "a@b.vn" || pass != "p" || r.Header.Get("groupId") != "20143":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/o/rest/v2/dossiers/KHÔNG CÓ":
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/o/rest/v2/dossiers/a/b?c":
			reply(w, dossier(7))
		case r.URL.Path != "/o/rest/v2/dossiers" || !q.Has("end") || end <= start:
			t.Errorf("asked for %s", r.URL)
		default:
			reply(w, map[string]any{"total": 333, "data": dossiers(start, min(end, 333))})
		}
	})
	s := source(t, Config{
		URL: url + "/o/", Headers: map[string]string{"groupId": "20143"}, Auth: Auth{Basic: &Basic{"a@b.vn", "p"}},
		List: List{Path: "/rest/v2/dossiers", Items: "data", Total: "total", Paging: Paging{Range: &RangePaging{Start: "start", End: "end", Size: 50}}},
		One:  &One{Path: "rest/v2/dossiers/{code}"},
	}, "MaHoSo", "TrangThai")
	p, g := poll(t, s, reconcile.PollRequest{})
	complete(t, p, g, codesUpTo(333))
	same(t, "requests", p.Requests, 7)
	same(t, "position", g.at[120], "page 3, row 21")

	g = &gathered{}
	for _, code := range []string{"KHÔNG CÓ", "a/b?c"} {
		if err := s.One(context.Background(), code, g); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "one", g.values, [][]string{{code(7), "7"}})
	if !s.HasOne() {
		t.Error("no one")
	}
}

func TestSessionInPathAndQueryNeverShows(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/login":
			reply(w, "phiên kín/1")
		case r.URL.Path != "/s/phiên kín/1/list" || r.URL.Query().Get("sid") != "phiên kín/1" || r.Header.Get("X-Sid") != "phiên kín/1":
			t.Errorf("asked for %s", r.URL)
		case !strings.Contains(r.URL.RawPath, "%2F"):
			t.Errorf("the slash of the session is one of the path: %s", r.URL.RawPath)
		default:
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	p, _ := poll(t, source(t, Config{
		URL: url, Auth: Auth{Login: &Login{Path: "login"}}, Limits: Limits{Retries: 1},
		Headers: map[string]string{"X-Sid": "${session}"},
		List:    List{Path: "s/${session}/list", Query: map[string]string{"sid": "${session}"}},
	}), reconcile.PollRequest{})
	same(t, "cause", p.Cause, reconcile.CauseHTTP5xx)
	silent(t, "reason", p.Reason, "phi", "sid")
}
