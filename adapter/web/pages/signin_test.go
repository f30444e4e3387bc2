package pages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/adapter/web/webtest"
)

func TestSigningIn(t *testing.T) {
	s := open(t)
	w := s.post("", web.LoginPath, url.Values{"name": {"trung-tam"}, "password": {"sai"}, "next": {"/report"}})
	if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), "không đúng") || !strings.Contains(w.Body.String(), `value="trung-tam"`) || !strings.Contains(w.Body.String(), `value="/report"`) || strings.Contains(w.Body.String(), `"sai"`) {
		t.Errorf("a wrong password: %d\n%s", w.Code, w.Body)
	}
	for next, want := range map[string]string{"/report?by=field": "/report?by=field", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "": "/"} {
		w := s.post("", web.LoginPath, url.Values{"name": {"trung-tam"}, "password": {"đúng"}, "next": {next}})
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("next %q: %d to %q, want %q", next, w.Code, w.Header().Get("Location"), want)
		}
	}
	if w := s.post("", web.LoginPath, url.Values{"name": {"moi"}, "password": {"đúng"}}); w.Header().Get("Location") != web.PasswordPath {
		t.Errorf("a first password leads to %q", w.Header().Get("Location"))
	}
	s.door.err = fmt.Errorf("store: %w", access.ErrUnavailable)
	if w := s.post("", web.LoginPath, url.Values{"name": {"trung-tam"}, "password": {"đúng"}}); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a store that does not answer: %d, want 503", w.Code)
	}
	s.door.err = &access.Denied{Reason: access.Locked, Vi: "tạm bị khóa", En: "locked"}
	if w := s.post("", web.LoginPath, url.Values{"name": {"trung-tam"}, "password": {"đúng"}}); w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), "tạm bị khóa") {
		t.Errorf("locked: %d", w.Code)
	}
}

func TestChangingOnesPassword(t *testing.T) {
	s := open(t)
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"nothing": {url.Values{}, "Nhập mật khẩu hiện tại."}, "not the same": {url.Values{"old": {"a"}, "new": {"b"}, "again": {"c"}}, "không giống nhau"}, "no change": {url.Values{"old": {"a"}, "new": {"a"}, "again": {"a"}}, "phải khác"},
	} {
		w := s.post("moi", web.PasswordPath, c.form)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.want) || len(s.door.changed) > 0 {
			t.Errorf("%s: %d, %v", name, w.Code, s.door.changed)
		}
	}
	if w := s.post("moi", web.PasswordPath, url.Values{"old": {"cũ"}, "new": {"mới"}, "again": {"mới"}}); w.Code != http.StatusSeeOther || len(s.door.changed) != 2 {
		t.Errorf("%d, %v", w.Code, s.door.changed)
	}
}

func TestTheProviderIsOfferedOnlyWhereThereIsOne(t *testing.T) {
	s := open(t)
	if w := s.get("", "", "/oidc/begin"); w.Code != http.StatusNotFound {
		t.Errorf("begin without a provider: %d, want 404", w.Code)
	}
	s.door.oidc = true
	if w := s.get("", "", "/login?next=/report"); !strings.Contains(w.Body.String(), `href="/oidc/begin?next=%2freport"`) {
		t.Errorf("the login page does not offer it\n%s", w.Body)
	}
	if w := s.get("", "", "/oidc/begin?next=//evil.example"); w.Code != http.StatusSeeOther || s.door.next != "/" {
		t.Errorf("%d, next %q", w.Code, s.door.next)
	}
	if w := s.get("", "", "/oidc/callback?code=x"); w.Header().Get("Location") != "/" {
		t.Errorf("back to %q", w.Header().Get("Location"))
	}
}

func TestTheLanguageIsKeptAndNobodyIsLedAway(t *testing.T) {
	s := open(t)
	w := s.post("dat-dai", "/language", url.Values{"language": {"en"}, "back": {"//evil.example/x"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" || s.door.language != "en" {
		t.Errorf("%d to %q, %q", w.Code, w.Header().Get("Location"), s.door.language)
	}
	if w := s.post("dat-dai", "/language", url.Values{"language": {"<x>"}}); w.Code != http.StatusBadRequest {
		t.Errorf("another language: %d", w.Code)
	}
}

func TestAccountsAndTokens(t *testing.T) {
	s := open(t)
	w := s.post("van-hanh", "/accounts", url.Values{"name": {"Bà Lan"}, "role": {"department"}})
	for _, want := range []string{"Tên đăng nhập gồm", "Chọn ít nhất một phòng.", `value="bà lan"`} {
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), want) {
			t.Errorf("an account with faults: %d, lacks %q", w.Code, want)
		}
	}
	examine(t, s.pages.Routes(), w.Body.String())
	w = s.post("van-hanh", "/accounts", url.Values{"name": {"lan"}, "display": {"Bà <Lan>"}, "role": {"department"}, "department": {webtest.Own}})
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<output>") || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("a new account: %d\n%s", w.Code, w.Body)
	}
	w = s.post("dat-dai", "/tokens", url.Values{"name": {"bảng"}, "role": {"operator"}, "days": {"400"}})
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Từ 1 đến 366 ngày.") {
		t.Errorf("a token for too long: %d", w.Code)
	}
	w = s.post("dat-dai", "/tokens", url.Values{"name": {"bảng"}, "role": {"department"}, "department": {webtest.Own}, "days": {"30"}})
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<output>") {
		t.Errorf("a token: %d\n%s", w.Code, w.Body)
	}
	if page := s.get("dat-dai", "vi", "/tokens").Body.String(); strings.Contains(page, `value="operator"`) {
		t.Error("a department is offered a token of an operator")
	}
}
