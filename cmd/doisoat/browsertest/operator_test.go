package browsertest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func operatorWorks(t *testing.T, tn *town, c *chrome) {
	b := c.tab(t)
	b.signIn("vanhanh", tn.passwords["vanhanh"])
	b.press(`.places a[href="/sources"]`, http.StatusOK)
	b.says("main", "dvc-hue", "qldt", "vpdkdd")
	b.look("nguon")
	b.press(`a[href="/sources/tp"]`, http.StatusOK)
	b.look("nguon-tp")
	before := b.polled("tp")
	b.press(`form[action="/sources/tp/poll"] button`, http.StatusOK)
	b.says(".flash", "Đã yêu cầu đọc lại")
	within(t, "the source is read again", func() error {
		if b.polled("tp") == before {
			return fmt.Errorf("read at %s, as before", before)
		}
		return nil
	})
	operatorAddsUser(t, b)
	operatorMakesToken(t, b)

	b.press(`.places a[href="/audit"]`, http.StatusOK)
	b.look("nhat-ky")
	for _, did := range []struct {
		actor, action string
		says          []string
	}{
		{"dothi", "page_acknowledge", []string{"đã làm", "chưa kịp vào sổ", "bị từ chối"}}, {"dothi", "page_answers_upload", []string{"đã làm", "bị từ chối"}},
		{"dothi", "page_login_send", []string{"bị từ chối"}}, {"dothi", "page_password_change", []string{"đã làm"}}, {"dothi", "page_logout", []string{"đã làm"}},
		{"trungtam", "page_waive", []string{"đã làm", "2018-07-20"}}, {"trungtam", "page_letter_send", []string{"đã làm", "QLDT"}},
		{"tuphap", "page_acknowledge", []string{"đã làm", "Sẽ cập nhật sổ."}},
		{"vanhanh", "page_source_poll", []string{"đã làm", "tp"}}, {"vanhanh", "page_account_add", []string{"đã làm", "kinhte"}},
		{"vanhanh", "page_token_add", []string{"đã làm", "Bảng điều hành"}}, {"vanhanh", "page_token_revoke", []string{"đã làm"}},
	} {
		b.get("/audit?actor="+did.actor+"&action="+did.action, http.StatusOK)
		b.says("main tbody", append(did.says, did.actor, did.action)...)
	}
	b.press(`button[name="verify"]`, http.StatusOK)
	b.says(".flash", "Nhật ký nguyên vẹn")
	if b.count(".alert") != 0 {
		t.Errorf("the audit trail's verdict: %s", b.text(".alert"))
	}
	b.glance("nhat-ky-kiem-tra")
	b.signOut()
}

// polled is when a source was last tried, as the API tells whoever is signed in.
func (b *tab) polled(name string) string {
	b.t.Helper()
	return ask[string](b, fmt.Sprintf(`fetch("/api/v1/sources").then((r) => r.json()).then((all) => all.sources.find((s) => s.name === %q).last_attempt.at)`, name), chromedp.EvalAwaitPromise)
}

// operatorAddsUser makes an account; its owner gets in with the password that is shown.
func operatorAddsUser(t *testing.T, b *tab) {
	t.Helper()
	b.press(`.places a[href="/accounts"]`, http.StatusOK)
	b.look("tai-khoan")
	b.write("#name", "kinhte")
	b.write("#display", "Hoàng Thị Lan")
	b.choose("#role", "department")
	b.do(chromedp.Click(chromedp.CSS(`input[name="department"][value="KT"]`)))
	b.press(`form[action="/accounts"] button[type="submit"]`, http.StatusOK)
	password := b.text("output")
	if len(password) < 12 {
		t.Fatalf("the first password shown is %q: %s", password, b.text("main"))
	}
	b.examine("mat-khau-lan-dau-1280", wide, true)
	b.get("/accounts", http.StatusOK)
	b.says("main", "kinhte", "Hoàng Thị Lan", "Phòng Kinh tế", "Chờ đổi mật khẩu lần đầu")
	b.silent("main", password)
	other := b.chrome.tab(t)
	other.signIn("kinhte", password)
	other.says(".flash", "Đã đổi mật khẩu.")
	b.press(`main a[href^="/accounts/"]`, http.StatusOK)
	b.look("mot-tai-khoan")
}

// operatorMakesToken makes a token, uses it and revokes it.
func operatorMakesToken(t *testing.T, b *tab) {
	t.Helper()
	b.get("/tokens", http.StatusOK)
	b.look("ma-truy-cap")
	b.write("#name", "Bảng điều hành")
	b.choose("#role", "auditor")
	b.press(`form[action="/tokens"] button[type="submit"]`, http.StatusOK)
	token := b.text("output")
	if !strings.HasPrefix(token, "doisoat_") {
		t.Fatalf("the token shown is %q: %s", token, b.text("main"))
	}
	answered := func() int {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.chrome.site+"/api/v1/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		return response.StatusCode
	}
	if status := answered(); status != http.StatusOK {
		t.Errorf("the API answers the token with %d", status)
	}
	b.get("/tokens", http.StatusOK)
	b.says("main", "Bảng điều hành")
	b.silent("main", token)
	b.press(`form[action$="/revoke"] button`, http.StatusOK)
	b.says(".flash", "Đã thu hồi mã truy cập.")
	if status := answered(); status != http.StatusUnauthorized {
		t.Errorf("the API answers the revoked token with %d", status)
	}
}
