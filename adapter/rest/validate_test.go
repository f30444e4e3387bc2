package rest

import (
	"strings"
	"testing"
	"time"
)

func TestFaultyConfigurations(t *testing.T) {
	page := &PagePaging{Param: "p", Size: 10}
	login := Auth{Login: &Login{Path: "login", Token: "t"}}
	window := Window{From: "f", To: "t", Layout: "yyyyMMdd", Max: day, Start: time.Unix(0, 0)}
	with := func(change func(*Window)) List {
		w := window
		change(&w)
		return List{Window: &w}
	}
	cases := []struct {
		name string
		cfg  Config
		want string
	}{
		{"no address", Config{}, "url: not an address"},
		{"another scheme", Config{URL: "ftp://x"}, "url: not an address"},
		{"a password in the address", Config{URL: "https://u:k%C3%ADn@x"}, "auth.basic"},
		{"a query in the address", Config{URL: "https://x?key=kín"}, "list.query"},
		{"two ways to log in", Config{Auth: Auth{Bearer: "kín", Basic: &Basic{}}}, "auth: 2 ways"},
		{"line break in a token", Config{Auth: Auth{Bearer: "kín\n"}}, "auth.bearer: holds a line break"},
		{"line break in a header", Config{Headers: map[string]string{"X": "kín\r\n"}}, "headers.X: holds a line break"},
		{"no name of a header", Config{Auth: Auth{Header: &HeaderAuth{"a b", "kín"}}}, "no name of a header"},
		{"OAuth2 without an address", Config{Auth: Auth{OAuth2: &OAuth2{ClientID: "x", ClientSecret: "kín"}}}, "token_url"},
		{"method", Config{List: List{Method: "DELETE"}}, `list.method: "DELETE"`},
		{"a GET with a body", Config{List: List{Body: map[string]any{}}}, "write method: POST"},
		{"two ways of paging", Config{List: List{Paging: Paging{Page: page, Link: &LinkPaging{}}}}, "2 ways of paging"},
		{"no page size", Config{List: List{Paging: Paging{Page: &PagePaging{Param: "p"}}}}, "list.paging.page.size: missing"},
		{"no range end", Config{List: List{Paging: Paging{Range: &RangePaging{Start: "s", Size: 1}}}}, "range.end: missing"},
		{"no next cursor", Config{List: List{Paging: Paging{Cursor: &CursorPaging{Param: "c"}}}}, "cursor.next: missing"},
		{"total of a bare list", Config{List: List{Total: "total"}}, "list.items: missing"},
		{"verdict without values", Config{List: List{Items: "d", OK: &OK{Path: "x"}}}, "list.ok: path and in"},
		{"path", Config{List: List{Items: "a..b"}}, `list.items: "a..b"`},
		{"window layout", Config{List: with(func(w *Window) { w.Layout = "yyyy-MM-dd hh:mm" })}, "write HH"},
		{"window without max", Config{List: with(func(w *Window) { w.Max = 0 })}, "window.max: missing"},
		{"window shorter than its layout", Config{List: with(func(w *Window) { w.Max = time.Hour })}, "window.max: shorter"},
		{"window without start", Config{List: with(func(w *Window) { w.Start = time.Time{} })}, "window.start: missing"},
		{"window that goes nowhere", Config{List: with(func(w *Window) { w.From = "" })}, "${from} is not used"},
		{"since that goes nowhere", Config{List: List{Since: &Since{Layout: "epoch"}}}, "list.since.param: missing"},
		{"unknown placeholder", Config{List: List{Query: map[string]string{"a": "${form}"}}}, "${form} is not known"},
		{"session without a log-in", Config{List: List{Path: "${session}"}}, "needs auth.login"},
		{"from without a window", Config{Auth: login, List: List{Method: "POST", Body: map[string]any{"a": []any{"${from}"}}}}, "list.body: ${from} needs list.window"},
		{"one without a code", Config{One: &One{Path: "x"}}, "one: {code} is nowhere"},
		{"a body of something else", Config{List: List{Method: "POST", Body: map[string]any{"a": time.Now()}}}, "list.body: a body holds"},
		{"half a certificate", Config{TLS: TLS{CertFile: "x"}}, "give both or neither"},
		{"a CA that is not there", Config{TLS: TLS{CAFile: "nowhere.pem"}}, "tls.ca_file: open nowhere.pem"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.cfg.URL == "" && c.name != "no address" {
				c.cfg.URL = "https://dvc.example.vn"
			}
			_, err := New(c.cfg, []string{"a"}, nil)
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q does not say %q", err, c.want)
			}
			silent(t, "error", err.Error(), "kín")
			if n := strings.Count(err.Error(), "\n"); n > 0 {
				t.Errorf("%d more faults than there are: %v", n, err)
			}
		})
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	_, err := New(Config{URL: "x", List: List{Method: "PUT", Items: "["}, One: &One{}}, nil, nil)
	for _, want := range []string{"url:", "list.method", "list.items", "one: {code}"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
}
