package config

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// Every secret in this file's fixtures holds this word.
const secretWord = "hunter"

// printings are the ways by which a value reaches a log, a page or a terminal.
func printings(v any) map[string]string {
	asJSON, _ := json.Marshal(v)
	indented, _ := json.MarshalIndent(v, "", " ")
	asYAML, _ := yaml.Dump(v)
	classic, _ := yaml.Marshal(v)
	all := map[string]string{"json": string(asJSON), "json indented": string(indented), "yaml": string(asYAML), "yaml classic": string(classic)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10v", "% x"} {
		all[verb] = fmt.Sprintf(verb, v)
	}
	all["error"] = fmt.Errorf("config: %v", v).Error()
	all["in a list"] = fmt.Sprintf("%+v %#v", []any{v}, []any{v})
	return all
}

func TestASecretHidesInEveryPrinting(t *testing.T) {
	s := Secret("hunter2")
	type holder struct {
		A Secret
		B *Secret
		M map[string]Secret
	}
	for name, v := range map[string]any{"itself": s, "pointer": &s, "struct": holder{s, &s, map[string]Secret{"a": s}}, "pointer to struct": &holder{A: s}} {
		for way, text := range printings(v) {
			if strings.Contains(text, secretWord) || strings.Contains(strings.ToLower(strings.ReplaceAll(text, " ", "")), fmt.Sprintf("%x", secretWord)) {
				t.Errorf("%s, %s: %s", name, way, text)
			}
		}
	}
	if text, err := xml.Marshal(s); err != nil || strings.Contains(string(text), secretWord) {
		t.Errorf("xml: %s %v", text, err)
	}
	for got, want := range map[string]string{
		fmt.Sprint(s): "<secret>", fmt.Sprintf("%q", s): `"<secret>"`, fmt.Sprintf("%#v", s): `"<secret>"`, fmt.Sprint(Secret("")): "", s.Reveal(): "hunter2",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

const manySecrets = `
store: postgres://u:hunter1@h/d?sslmode=disable
departments: [{code: KT, name: Phòng Kinh tế, deliver: {email: [kt@example.vn], webhook: {url: "http://b/hunter17", secret: hunter18}}}]
deliver:
  email: {host: mail.example.vn, from: a@example.vn, username: hunter19, password: hunter20}
  webhook: {url: "http://b/?k=hunter21", secret: hunter22}
  sftp: {host: f.example.vn, username: hunter23, password: hunter24, known_hosts: known_hosts, path: /l}
web: {access: {oidc: {issuer: "http://localhost/", client_id: a, client_secret: hunter25, redirect_url: "http://localhost/r", roles: [{value: a, role: auditor}]}}}
platform:
  name: a
  mapping: preset:dvcqg
  http:
    url: https://a.example.vn
    headers: {X-Key: hunter2}
    auth: {login: {path: /l, body: {p: hunter3, q: {file: s}}, headers: {X: hunter4}, token: t, header: A}}
    list: {path: /l, items: d, paging: none, query: {apikey: hunter5}, body: {key: [hunter6]}}
offices:
  - {name: b, departments: [KT], mapping: preset:dvcqg, http: {url: http://b, auth: {basic: {username: hunter7, password: hunter8}}, list: {path: /l, items: d, paging: none}}}
  - {name: c, departments: [KT], mapping: preset:dvcqg, http: {url: http://b, auth: {bearer: hunter9}, list: {path: /l, items: d, paging: none}}}
  - {name: d, departments: [KT], mapping: preset:dvcqg, http: {url: http://b, auth: {header: {name: X, value: hunter10}}, list: {path: /l, items: d, paging: none}}}
  - {name: e, departments: [KT], mapping: preset:dvcqg, http: {url: http://b, auth: {oauth2: {token_url: http://b/t, client_id: hunter11, client_secret: hunter12, params: {k: hunter13}}}, list: {path: /l, items: d, paging: none}, one: {path: "/o", query: {c: "{code}", k: hunter14}}}}
  - {name: f, departments: [KT], mapping: preset:dvcqg, database: {driver: mysql, url: "u:hunter15@tcp(h)/d", query: SELECT 1}}
`

func TestAConfigurationHidesItsSecretsInEveryPrinting(t *testing.T) {
	cfg, err := loadText(t, manySecrets, map[string]string{"s": "hunter16\n", "known_hosts": testFile(t, "ssh/known_hosts")})
	if err != nil {
		t.Fatal(err)
	}
	type holder struct{ C *Config }
	for name, v := range map[string]any{
		"pointer": cfg, "value": *cfg, "held": holder{cfg}, "source": cfg.Platform, "pointer to source": &cfg.Offices[4],
		"sources": cfg.Sources(), "store": cfg.Store, "deliver": cfg.Deliver, "deliver's value": *cfg.Deliver,
		"department": cfg.Departments[0], "webhook": cfg.Departments[0].Deliver, "oidc": cfg.Web.Access.OIDC, "web": cfg.Web, "redacted": cfg.Redacted(), "string": cfg.String(),
	} {
		for way, text := range printings(v) {
			if strings.Contains(text, secretWord) {
				t.Errorf("%s, %s:\n%s", name, way, text)
			}
		}
	}
	for _, want := range []string{"<secret>", "https://a.example.vn", "Phòng Kinh tế", "login <secret> at /l", "resolved_not_closed: 8h0m0s"} {
		if !strings.Contains(cfg.Redacted(), want) {
			t.Errorf("redacted does not show %q:\n%s", want, cfg.Redacted())
		}
	}
	var shown map[string]any
	if text, err := json.Marshal(cfg); err != nil || json.Unmarshal(text, &shown) != nil || shown["timezone"] != "Asia/Ho_Chi_Minh" {
		t.Errorf("json: %v %s", err, text)
	}
}

// A slip at any secret's place must not bring the secret into a message: each
// line of the file is broken in turn, in several ways.
func TestNoFaultQuotesASecret(t *testing.T) {
	lines := strings.SplitAfter(manySecrets, "\n")
	for i := range lines {
		for name, spoil := range map[string]func(string) string{
			"key misspelt":  func(s string) string { return strings.Replace(s, "password:", "pasword:", 1) },
			"list for text": func(s string) string { return strings.ReplaceAll(s, ": hunter", ": [hunter, hunter]") },
			"map for text":  func(s string) string { return strings.ReplaceAll(s, ": hunter", ": !x hunter") },
			"alias":         func(s string) string { return strings.ReplaceAll(s, ": hunter", ": *hunter") },
			"at sign":       func(s string) string { return strings.ReplaceAll(s, ": hunter", ": @hunter") },
			"quote":         func(s string) string { return strings.ReplaceAll(s, ": hunter", ": \"hunter") },
			"colon":         func(s string) string { return strings.ReplaceAll(s, ": hunter", ": hunter: hunter") },
			"as url":        func(s string) string { return strings.ReplaceAll(s, "http://b", "http://u:hunter@b") },
			"as a file":     func(s string) string { return strings.ReplaceAll(s, "url: \"u:", "url_file: \"mysql://u:") },
			"placeholder":   func(s string) string { return strings.ReplaceAll(s, ": hunter", ": ${hunter}") },
			"line break":    func(s string) string { return strings.ReplaceAll(s, "hunter2", "\"hunter\\nx\"") },
			"twice": func(s string) string {
				return strings.ReplaceAll(s, "password: hunter8", "password: hunter8, password: hunter8")
			},
			"number": func(s string) string { return strings.ReplaceAll(s, ": hunter3", ": 0777") },
		} {
			spoilt := spoil(lines[i])
			if spoilt == lines[i] {
				continue
			}
			text := strings.Join(lines[:i], "") + spoilt + strings.Join(lines[i+1:], "")
			_, err := loadText(t, text, map[string]string{"s": "hunter16\n", "known_hosts": testFile(t, "ssh/known_hosts")})
			if err != nil && (strings.Contains(err.Error(), secretWord) || strings.Contains(err.Error(), "0777")) {
				t.Errorf("line %d, %s: %v", i+1, name, err)
			}
		}
	}
}
