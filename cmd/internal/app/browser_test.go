package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
)

// browser is somebody who asks over HTTP. Its cookies go over plain HTTP on loopback,
// as browsers let them.
type browser struct {
	r       *rig
	t       *testing.T
	cookies map[string]*http.Cookie
	token   string
}

func (r *rig) browser(t *testing.T) *browser {
	return &browser{r: r, t: t, cookies: map[string]*http.Cookie{}}
}

// bearing is a program with a token.
func (r *rig) bearing(t *testing.T, token string) *browser {
	return &browser{r: r, t: t, cookies: map[string]*http.Cookie{}, token: token}
}

// reply is what came back; redirects are not followed.
type reply struct {
	status   int
	location string
	body     string
	header   http.Header
}

func (b *browser) do(method, path, contentType string, body io.Reader) reply {
	b.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, "http://"+b.r.Addr()+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if b.token != "" {
		request.Header.Set("Authorization", "Bearer "+b.token)
	} else {
		request.Header.Set("Sec-Fetch-Site", "same-origin")
		request.Header.Set("Origin", "http://"+b.r.Addr())
	}
	for _, c := range b.cookies {
		request.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	client := http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	for _, c := range answer.Cookies() {
		if !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || !strings.HasPrefix(c.Name, "__Host-") {
			b.t.Errorf("cookie %s: %+v", c.Name, c)
		}
		b.cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header.Get("Location"), string(text), answer.Header}
}

func (b *browser) get(path string) reply {
	b.t.Helper()
	return b.do(http.MethodGet, path, "", http.NoBody)
}

// gets wants a status.
func (b *browser) gets(status int, path string) string {
	b.t.Helper()
	answer := b.get(path)
	if answer.status != status {
		b.t.Errorf("GET %s: %d, want %d\n%.300s", path, answer.status, status, answer.body)
	}
	return answer.body
}

func (b *browser) form(path string, fields ...string) reply {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// sends posts JSON and wants a status.
func (b *browser) sends(status int, method, path string, body any) string {
	b.t.Helper()
	text := []byte{}
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			b.t.Fatal(err)
		}
	}
	answer := b.do(method, path, "application/json", bytes.NewReader(text))
	if answer.status != status {
		b.t.Errorf("%s %s: %d, want %d\n%.300s", method, path, answer.status, status, answer.body)
	}
	return answer.body
}

// signsIn goes through the login page, and through the change of a first password.
func (r *rig) signsIn(t *testing.T, name, password string) *browser {
	t.Helper()
	b := r.browser(t)
	answer := b.form(web.LoginPath, web.LoginField, name, "password", password)
	if answer.status != http.StatusSeeOther || answer.location != web.PasswordPath {
		t.Fatalf("%s signs in: %d to %q\n%.500s", name, answer.status, answer.location, answer.body)
	}
	chosen := chosenPassword(name)
	if answer = b.form(web.PasswordPath, "old", password, "new", chosen, "again", chosen); answer.status != http.StatusSeeOther {
		t.Fatalf("%s changes the password: %d\n%.500s", name, answer.status, answer.body)
	}
	if answer = b.get("/api/v1/discrepancies"); answer.status == http.StatusOK {
		return b
	}
	return r.comesBack(t, name) // it has to sign in again
}

func chosenPassword(name string) string { return "một câu dài dễ nhớ của " + name }

// comesBack signs in with the password that was chosen.
func (r *rig) comesBack(t *testing.T, name string) *browser {
	t.Helper()
	b := r.browser(t)
	answer := b.form(web.LoginPath, web.LoginField, name, "password", chosenPassword(name))
	if answer.status != http.StatusSeeOther || answer.location == web.PasswordPath {
		t.Fatalf("%s signs in again: %d to %q", name, answer.status, answer.location)
	}
	return b
}

// userAdd is what `doisoat user add` does.
func (r *rig) userAdd(t *testing.T, name, role string, departments ...string) (id int64, password string) {
	t.Helper()
	app, done := r.current.take()
	defer done()
	err := app.Audited(context.Background(), "an", "user_add", name, r.now, func() error {
		account, first, err := app.AddAccount(context.Background(), web.NewAccount{Name: name, Role: role, Departments: departments}, r.now())
		if err == nil {
			id, password = account.ID, first
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id, password
}
