package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
)

// pageUser is somebody who is signed in at the daemon.
type pageUser struct {
	name, role string
	department string // "" for whoever sees all
	base       string
	client     *http.Client
	cookie     string
}

// signIn makes an account on the command line, signs it in, and changes its first
// password, as its owner would.
func signIn(ctx context.Context, m machine, program, config, address, name, role, department string) (*pageUser, error) {
	args := []string{"user", "add", "--config", config, "--format", "json", "--role", role}
	if department != "" {
		args = append(args, "--department", department)
	}
	_, out, err := m.run(ctx, filepath.Dir(config), program, append(args, name)...)
	if err != nil {
		return nil, err
	}
	var account struct {
		Password string `json:"password"`
	}
	if err := json.Unmarshal(out, &account); err != nil {
		return nil, fmt.Errorf("account %s: %w", name, err)
	}
	u := &pageUser{
		name: name, role: role, department: department, base: "http://" + address,
		client: &http.Client{
			// Whoever waits must not keep others waiting.
			Transport:     &http.Transport{MaxIdleConnsPerHost: 1000},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if err := u.post(ctx, "/login", url.Values{"name": {name}, "password": {account.Password}}); err != nil {
		return nil, err
	}
	const chosen = "một câu thật dài chỉ để đo tốc độ 93"
	return u, u.post(ctx, "/password", url.Values{"old": {account.Password}, "new": {chosen}, "again": {chosen}})
}

// post sends a form that is answered by leading on, and keeps the session's cookie.
func (u *pageUser) post(ctx context.Context, path string, form url.Values) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Origin", u.base) // as browsers do
	response, body, err := u.do(request)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusSeeOther {
		return fmt.Errorf("%s for %s: status %d: %s", path, u.name, response.StatusCode, tail(body))
	}
	for _, c := range response.Cookies() {
		if strings.HasPrefix(c.Name, "__Host-") {
			u.cookie = c.Name + "=" + c.Value
		}
	}
	if u.cookie == "" {
		return fmt.Errorf("%s for %s: no session began", path, u.name)
	}
	return nil
}

func (u *pageUser) do(request *http.Request) (*http.Response, string, error) {
	if u.cookie != "" { // not by a jar: it would keep a cookie that is Secure from plain HTTP
		request.Header.Set("Cookie", u.cookie)
	}
	response, err := u.client.Do(request)
	if err != nil {
		return nil, "", err
	}
	body, err := io.ReadAll(response.Body)
	return response, string(body), errors.Join(err, response.Body.Close())
}

// visit asks for one page and checks that it is the one that was meant.
func (u *pageUser) visit(ctx context.Context, v visited) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.base+v.path, nil)
	if err != nil {
		return "", err
	}
	response, body, err := u.do(request)
	if err != nil {
		return "", err
	}
	if v.leads != "" {
		if to := response.Header.Get("Location"); response.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, v.leads) {
			return "", fmt.Errorf("%s for %s: status %d, leads to %q, not to %q", v.path, u.name, response.StatusCode, to, v.leads)
		}
		return body, nil
	}
	if response.StatusCode != http.StatusOK || !strings.Contains(body, v.marker) || !strings.HasSuffix(strings.TrimSpace(body), "</html>") {
		return "", fmt.Errorf("%s for %s: status %d, and no %q in it: %s", v.path, u.name, response.StatusCode, v.marker, tail(body))
	}
	return body, nil
}

var (
	codeLink = regexp.MustCompile(`href="/dossiers/([^"]+)"`)
	nextLink = regexp.MustCompile(`href="([^"]+)" rel="next"`)
)

// walk follows a list page by page, and gives the addresses of all but the first, and
// the codes that stand there.
func (u *pageUser) walk(ctx context.Context, path string, pages int) (later, codes []string, err error) {
	for range pages {
		body, err := u.visit(ctx, visited{path: path, marker: listMarker})
		if err != nil {
			return nil, nil, err
		}
		for _, match := range codeLink.FindAllStringSubmatch(body, -1) {
			codes = append(codes, match[1])
		}
		next := nextLink.FindStringSubmatch(body)
		if next == nil {
			break
		}
		path = strings.ReplaceAll(next[1], "&amp;", "&")
		later = append(later, path)
	}
	if len(later) == 0 {
		return nil, nil, fmt.Errorf("%s for %s: there is no second page", path, u.name)
	}
	return later[:len(later)-1], codes, nil
}
