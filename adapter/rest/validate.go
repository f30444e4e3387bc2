package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// check finds every fault of a configuration at once. Its texts name keys and
// never values that can be secret.
func (cfg *Config) check() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	switch u, err := url.Parse(cfg.URL); {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		bad("url: not an address; write one such as https://dvc.example.vn")
	case u.User != nil:
		bad("url: holds a user name; put it under auth.basic")
	case u.RawQuery != "" || u.Fragment != "":
		bad("url: holds a query; put it under list.query")
	}
	cfg.Auth.check(bad)
	checkHeaders("headers", cfg.Headers, bad)
	cfg.List.check(bad)
	if one := cfg.One; one != nil {
		checkCall("one", one.Method, one.Body != nil, bad)
		checkOK("one.ok", one.OK, bad)
		if !slices.ContainsFunc(append(texts(one.Body), one.Path), holdsCode) && !slices.ContainsFunc(texts(one.Query), holdsCode) {
			bad("one: {code} is nowhere in path, query or body; without it no dossier can be asked for")
		}
		checkPath("one.item", one.Item, bad)
	}
	cfg.checkPlaceholders(bad)
	return errors.Join(problems...)
}

func (a *Auth) check(bad func(string, ...any)) {
	ways := 0
	for _, given := range []bool{a.Basic != nil, a.Bearer != "", a.Header != nil, a.OAuth2 != nil, a.Login != nil} {
		if given {
			ways++
		}
	}
	if ways > 1 {
		bad("auth: %d ways to log in; give one", ways)
	}
	if a.Header != nil {
		checkHeaders("auth.header", map[string]string{a.Header.Name: a.Header.Value}, bad)
	}
	if strings.ContainsAny(a.Bearer, "\r\n") {
		bad("auth.bearer: holds a line break; is there one at the end of its file?")
	}
	if o := a.OAuth2; o != nil && (o.TokenURL == "" || o.ClientID == "") {
		bad("auth.oauth2: token_url and client_id are both needed")
	}
	if l := a.Login; l != nil {
		checkCall("auth.login", orDefault(l.Method, http.MethodPost), l.Body != nil, bad)
		checkHeaders("auth.login.headers", l.Headers, bad)
		checkOK("auth.login.ok", l.OK, bad)
		checkOK("auth.login.expired", l.Expired, bad)
		checkPath("auth.login.token", l.Token, bad)
	}
}

func (l *List) check(bad func(string, ...any)) {
	checkCall("list", l.Method, l.Body != nil, bad)
	checkOK("list.ok", l.OK, bad)
	checkPath("list.items", l.Items, bad)
	checkPath("list.total", l.Total, bad)
	checkPath("list.paging.has_next", l.Paging.HasNext, bad)
	if l.Items == "" && (l.Total != "" || l.Paging.HasNext != "" || l.OK != nil) {
		bad("list.items: missing; where the reply itself is the array, it can hold no total and no verdict")
	}
	l.Paging.check(bad)
	if w := l.Window; w != nil {
		if _, err := compileLayout(w.Layout, w.Zone); err != nil {
			bad("list.window.layout: %w", err)
		}
		if w.Max <= 0 {
			bad("list.window.max: missing; write the longest stretch the system answers for, such as 120h")
		} else if lay, err := compileLayout(w.Layout, w.Zone); err == nil && w.Max < lay.unit {
			bad("list.window.max: shorter than what the layout can tell (%s)", lay.unit)
		}
		if w.Start.IsZero() {
			bad("list.window.start: missing; write the day from which dossiers are wanted")
		}
		l.checkUsed("list.window.from", w.From, varFrom, bad)
		l.checkUsed("list.window.to", w.To, varTo, bad)
	}
	if s := l.Since; s != nil {
		if _, err := compileLayout(s.Layout, s.Zone); err != nil {
			bad("list.since.layout: %w", err)
		}
		if s.Overlap < 0 {
			bad("list.since.overlap: negative")
		}
		if l.Window == nil { // with windows, an incremental poll may just begin with a later one
			l.checkUsed("list.since.param", s.Param, varSince, bad)
		}
	}
}

// checkUsed wants a bound to go somewhere: into its parameter or a placeholder.
func (l *List) checkUsed(key, param, placeholder string, bad func(string, ...any)) {
	if param == "" && !l.uses(placeholder) {
		bad("%s: missing, and %s is not used in path, query or body", key, placeholder)
	}
}

// uses reports whether a placeholder stands anywhere in the list's request.
func (l *List) uses(placeholder string) bool {
	body, _ := normalBody(l.Body)
	return slices.Contains(placeholders(l.Path), placeholder) ||
		slices.Contains(placeholders(l.Query), placeholder) ||
		slices.Contains(placeholders(body), placeholder)
}

func (p *Paging) check(bad func(string, ...any)) {
	ways := 0
	positive := func(key string, size int) {
		if size <= 0 {
			bad("list.paging.%s: missing; write how many items a page has, such as 500", key)
		}
	}
	needed := func(key, name string) {
		if name == "" {
			bad("list.paging.%s: missing; write the parameter's name", key)
		}
	}
	if p.Page != nil {
		ways++
		needed("page.param", p.Page.Param)
		positive("page.size", p.Page.Size)
	}
	if p.Range != nil {
		ways++
		needed("range.start", p.Range.Start)
		needed("range.end", p.Range.End)
		positive("range.size", p.Range.Size)
	}
	if p.Offset != nil {
		ways++
		needed("offset.offset", p.Offset.Offset)
		positive("offset.size", p.Offset.Size)
	}
	if p.Cursor != nil {
		ways++
		needed("cursor.param", p.Cursor.Param)
		if p.Cursor.Next == "" {
			bad("list.paging.cursor.next: missing; write the path to the next cursor in the reply")
		}
		checkPath("list.paging.cursor.next", p.Cursor.Next, bad)
	}
	if p.Link != nil {
		ways++
	}
	if ways > 1 {
		bad("list.paging: %d ways of paging; give one", ways)
	}
}

func checkCall(key, method string, body bool, bad func(string, ...any)) {
	switch method {
	case "", http.MethodGet:
		if body {
			bad("%s.body: a GET has none; write method: POST", key)
		}
	case http.MethodPost:
	default:
		bad("%s.method: %q; write GET or POST", key, method)
	}
}

func checkOK(key string, ok *OK, bad func(string, ...any)) {
	if ok == nil {
		return
	}
	if ok.Path == "" || len(ok.In) == 0 {
		bad("%s: path and in are both needed, as in {path: error_code, in: [\"0\"]}", key)
	}
	checkPath(key+".path", ok.Path, bad)
}

func checkPath(key, path string, bad func(string, ...any)) {
	if _, err := splitPath(path); err != nil {
		bad("%s: %q: %w", key, path, err)
	}
}

func checkHeaders(key string, headers map[string]string, bad func(string, ...any)) {
	for name, value := range headers {
		switch {
		case name == "" || strings.ContainsAny(name, " \t\r\n:"):
			bad("%s: %q is no name of a header", key, name)
		case strings.ContainsAny(value, "\r\n"):
			bad("%s.%s: holds a line break; is there one at the end of its file?", key, name)
		}
	}
}

// checkPlaceholders finds ${…} that nothing would fill in.
func (cfg *Config) checkPlaceholders(bad func(string, ...any)) {
	known := map[string]string{varSession: "", varFrom: "", varTo: "", varSince: ""}
	if cfg.Auth.Login == nil && cfg.Auth.OAuth2 == nil {
		known[varSession] = "needs auth.login or auth.oauth2"
	}
	if cfg.List.Window == nil {
		known[varFrom], known[varTo] = "needs list.window", "needs list.window"
	}
	if cfg.List.Since == nil {
		known[varSince] = "needs list.since"
	}
	places := map[string]any{"list.path": cfg.List.Path, "list.query": cfg.List.Query, "list.body": cfg.List.Body, "headers": cfg.Headers}
	if cfg.One != nil {
		places["one.path"], places["one.query"], places["one.body"] = cfg.One.Path, cfg.One.Query, cfg.One.Body
	}
	for _, place := range []string{"headers", "list.path", "list.query", "list.body", "one.path", "one.query", "one.body"} {
		body, err := normalBody(places[place])
		if err != nil {
			bad("%s: %w", place, err)
			continue
		}
		for _, p := range placeholders(body) {
			switch why, ok := known[p]; {
			case !ok:
				bad("%s: %s is not known; known are ${session}, ${from}, ${to} and ${since}", place, p)
			case why != "":
				bad("%s: %s %s", place, p, why)
			}
		}
	}
}

func holdsCode(s string) bool { return strings.Contains(s, varCode) }

// texts lists all texts in a body or a query.
func texts(body any) []string {
	var all []string
	switch b := body.(type) {
	case string:
		return []string{b}
	case map[string]string:
		for _, x := range b {
			all = append(all, x)
		}
	case map[string]any:
		for _, x := range b {
			all = append(all, texts(x)...)
		}
	case map[any]any:
		for _, x := range b {
			all = append(all, texts(x)...)
		}
	case []any:
		for _, x := range b {
			all = append(all, texts(x)...)
		}
	}
	return all
}
