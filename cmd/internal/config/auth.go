package config

import (
	"strings"

	"github.com/doisoat/doisoat/adapter/rest"
)

// authWays are the ways to authenticate, by their keys.
var authWays = []string{"basic", "bearer", "bearer_file", "header", "oauth2", "login", "none"}

const authRemedy = "write one of basic, bearer, header, oauth2, login, none"

// auth is at most one way to authenticate. Nothing below this key is ever
// quoted in a fault, apart from names of files and paths.
func (v value) auth() rest.Auth {
	v.hidden = true
	if v.scalar() && resolve(v.node).Value == "none" {
		return rest.Auth{}
	}
	s := v.section(authRemedy)
	if s == nil {
		return rest.Auth{}
	}
	given := s.variants(authWays...)
	if len(given) == 0 && !s.misspelt(authWays...) {
		s.fault("names no way to authenticate", authRemedy+", or leave auth out")
	}
	if len(given) > 1 && strings.Join(given, " ") != "bearer bearer_file" {
		s.fault("has several ways to authenticate: "+strings.Join(given, ", "), "keep one")
	}
	a := rest.Auth{
		Basic:  s.get("basic").basic(),
		Header: s.get("header").headerAuth(),
		OAuth2: s.get("oauth2").oauth2(),
		Login:  s.get("login").login(),
	}
	bearer, _ := s.secret("bearer")
	a.Bearer = bearer.Reveal()
	s.get("none").empty()
	s.done()
	return a
}

func (v value) basic() *rest.Basic {
	s := v.section("write {username: …, password_file: …}")
	if s == nil {
		return nil
	}
	b := &rest.Basic{
		Username: s.need("username", "give the user's name").text("give the user's name"),
		Password: s.needSecret("password").Reveal(),
	}
	s.done()
	return b
}

func (v value) headerAuth() *rest.HeaderAuth {
	s := v.section("write {name: X-API-Key, value_file: …}")
	if s == nil {
		return nil
	}
	h := &rest.HeaderAuth{
		Name:  s.need("name", "give the header's name, such as X-API-Key").headerNamed("give the header's name, such as X-API-Key"),
		Value: s.needSecret("value").Reveal(),
	}
	s.done()
	return h
}

// headerNamed is the name of a header.
func (v value) headerNamed(remedy string) string {
	name := v.text(remedy)
	if name != "" && !headerName(name) {
		v.fault("is not the name of a header", remedy)
		return ""
	}
	return name
}

func (v value) oauth2() *rest.OAuth2 {
	const remedy = "give the whole address of the token endpoint, such as https://lgsp.example.vn/token"
	s := v.section("write {token_url: …, client_id: …, client_secret_file: …}")
	if s == nil {
		return nil
	}
	o := &rest.OAuth2{ClientID: s.need("client_id", "give the client's id").text("give the client's id")}
	token := s.need("token_url", remedy)
	token.hidden = false
	if u := token.address(remedy); u != nil {
		o.TokenURL = u.String()
	}
	o.ClientSecret = s.needSecret("client_secret").Reveal()
	for _, scope := range s.get("scopes").list("write a list of scopes") {
		o.Scopes = append(o.Scopes, scope.text("write a scope"))
	}
	o.Params = s.get("params").texts("write parameter names and values")
	s.done()
	return o
}

const tokenRemedy = "give the path to the token in the reply, such as data.token"

func (v value) login() *rest.Login {
	s := v.section("write {path: …, body: {…}, token: …, header: Authorization, prefix: \"Bearer \"}")
	if s == nil {
		return nil
	}
	l := &rest.Login{
		Method:  s.get("method").shown().choice("POST", "POST", "GET"),
		Path:    s.need("path", "give the path of the log-in call, such as /api/tokens").shown().urlPath("give the path of the log-in call, such as /api/tokens"),
		Headers: s.get("headers").headers(),
		Body:    s.get("body").body(),
		OK:      s.get("ok").shown().verdict(),
		Token:   s.need("token", tokenRemedy).shown().jsonPath(tokenRemedy),
		Header:  s.get("header").shown().headerNamed("give the name of the header that carries the token, such as Authorization"),
		Prefix:  s.get("prefix").textOrEmpty("give what stands before the token, such as \"Bearer \""),
		Expired: s.get("expired").shown().verdict(),
	}
	if method := s.get("method").shown(); l.Method == "GET" && l.Body != nil {
		method.fault("has a body, which GET does not carry", "write method: POST")
	}
	if l.Prefix != "" && l.Header == "" {
		s.get("prefix").fault("is given without header", "name the header that carries the token, such as Authorization")
	}
	s.done()
	return l
}

// shown lifts hiding from a value that is no secret although its section holds some.
func (v value) shown() value {
	v.hidden = false
	return v
}

// empty reports anything written under a key that takes nothing: `none:`, `none: {}`.
func (v value) empty() {
	if !v.given() {
		return
	}
	switch n := resolve(v.node); {
	case n.Tag == "!!null":
	case v.scalar():
		v.fault("takes no value", "write {}")
	default:
		v.section("write {}").done()
	}
}

// verdict is the reply's own verdict: {path: error_code, in: ["0", "00"]}.
func (v value) verdict() *rest.OK {
	const remedy = `write {path: error_code, in: ["0", "00"]}`
	s := v.section(remedy)
	if s == nil {
		return nil
	}
	const pathRemedy = "give the path to the verdict in the reply, such as error_code"
	ok := &rest.OK{Path: s.need("path", pathRemedy).jsonPath(pathRemedy)}
	in := s.need("in", "list the values that count")
	items := in.list("list the values that count, such as [\"0\", \"00\"]")
	if in.given() && kindOf(in.node) == "a list" && len(items) == 0 {
		in.faultShowing("", "is empty", "list the values that count, such as [\"0\", \"00\"]")
	}
	for _, item := range items {
		ok.In = append(ok.In, item.textOrEmpty("write a number or a text"))
	}
	s.done()
	return ok
}
