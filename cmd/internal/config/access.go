package config

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/mappings"
)

// Access is who may use the pages and how they say who they are. Local accounts are
// always possible.
type Access struct {
	Session Session
	Lockout Lockout
	OIDC    *OIDC  // nil: none
	Proxy   *Proxy // nil: no header of anybody is believed
}

// Session is how long a log-in lasts.
type Session struct {
	Idle time.Duration // since the last request
	Max  time.Duration // since the log-in
}

// Lockout keeps those who try passwords waiting.
type Lockout struct {
	Failures int           // wrong passwords in a row
	For      time.Duration // how long the account is then shut
}

// OIDC is an identity provider of OpenID Connect. Printing it hides its secret.
type OIDC struct {
	Issuer       string // https, or http on this machine
	ClientID     string
	ClientSecret Secret // "" for a client without one
	RedirectURL  string // ours, as registered there
	Scopes       []string
	Claim        string // of the ID token; a text or a list of texts
	Roles        []RoleRule
	Name         string // on the button
}

// Proxy is a proxy in front that says who asks.
type Proxy struct {
	From         []netip.Prefix // addresses it comes from; at least one
	UserHeader   string
	GroupsHeader string
	Separator    string // between groups
	Roles        []RoleRule
}

// RoleRule gives whoever has a group or claim of this value a role.
type RoleRule struct {
	Value       string
	Role        access.Role
	Departments []string // codes; of access.Department, at least one
}

// Defaults of web.access.
const (
	defaultIdle         = 2 * time.Hour
	defaultSessionMax   = 12 * time.Hour
	defaultFailures     = 5
	defaultLockout      = 15 * time.Minute
	defaultClaim        = "groups"
	defaultOIDCName     = "Đăng nhập một lần"
	defaultUserHeader   = "X-Forwarded-User"
	defaultGroupsHeader = "X-Forwarded-Groups"
	defaultSeparator    = ","
)

// access reads web.access; departments are those that roles may name.
func (v value) access(departments []Department) Access {
	s := v.section("write keys such as session, oidc, proxy")
	a := Access{
		Session: s.get("session").session(),
		Lockout: s.get("lockout").lockout(),
		OIDC:    s.get("oidc").oidc(departments),
		Proxy:   s.get("proxy").proxy(departments),
	}
	s.done()
	return a
}

func (v value) session() Session {
	s := v.section("write {idle: 2h, max: 12h}")
	idle := s.get("idle")
	longest := s.get("max").duration(defaultSessionMax, time.Minute, "write how long a log-in lasts at the most, such as 12h")
	lasts := Session{Max: longest, Idle: idle.duration(min(defaultIdle, longest), time.Minute, "write how long a log-in lasts without a request, such as 2h")}
	if lasts.Idle > lasts.Max {
		idle.fault("is longer than max, "+lasts.Max.String(), "write a shorter time, or a longer max")
	}
	s.done()
	return lasts
}

func (v value) lockout() Lockout {
	s := v.section("write {failures: 5, for: 15m}")
	l := Lockout{
		Failures: s.get("failures").integer(defaultFailures, 1, 1000, "write how many wrong passwords in a row shut an account, such as 5"),
		For:      s.get("for").duration(defaultLockout, time.Second, "write how long an account is shut, such as 15m"),
	}
	s.done()
	return l
}

func (v value) oidc(departments []Department) *OIDC {
	s := v.section("write {issuer: …, client_id: …, client_secret_file: …, redirect_url: …, roles: […]}")
	if s == nil {
		return nil
	}
	const (
		issuerRemedy   = "give the provider's address, such as https://sso.example.vn/realms/hue"
		redirectRemedy = "give our own address as it is registered there, such as https://doisoat.example.vn/login/oidc"
		scopeRemedy    = "write a list of scopes with openid, such as [openid, profile, email]"
	)
	o := &OIDC{
		Issuer:      s.need("issuer", issuerRemedy).secureAddress(issuerRemedy),
		ClientID:    s.need("client_id", "give the id under which we are registered there").oneLine("give the id under which we are registered there"),
		RedirectURL: s.need("redirect_url", redirectRemedy).secureAddress(redirectRemedy),
		Claim:       s.get("claim").oneLine("name the claim that tells the groups, such as groups"),
		Roles:       s.roles(departments),
		Name:        s.get("name").oneLine("write what stands on the button"),
	}
	o.ClientSecret, _ = s.secret("client_secret")
	scopes := s.get("scopes")
	for _, item := range scopes.list(scopeRemedy) {
		scope := item.text(scopeRemedy)
		if strings.ContainsAny(scope, " \t\"\\") || hasControl(scope) {
			item.fault("is no scope", scopeRemedy)
		} else if scope != "" {
			o.Scopes = append(o.Scopes, scope)
		}
	}
	if !scopes.given() {
		o.Scopes = []string{"openid", "profile", "email"}
	} else if kindOf(scopes.node) == "a list" && !slices.Contains(o.Scopes, "openid") {
		scopes.faultShowing("", "does not ask for openid", scopeRemedy)
	}
	o.Claim, o.Name = orText(o.Claim, defaultClaim), orText(o.Name, defaultOIDCName)
	s.done()
	return o
}

func orText(text, standard string) string {
	if text == "" {
		return standard
	}
	return text
}

// secureAddress is an https address; http only where it never leaves the machine.
func (v value) secureAddress(remedy string) string {
	u := v.address(remedy)
	switch {
	case u == nil:
		return ""
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		v.fault("has a query or a fragment", remedy)
		return ""
	case u.Scheme == "http" && !loopback(u.Hostname()):
		v.fault("is not https://", "write https://; http:// is for this machine itself")
		return ""
	}
	return u.String()
}

func (v value) proxy(departments []Department) *Proxy {
	s := v.section("write {from: [127.0.0.1/32], roles: […]}")
	if s == nil {
		return nil
	}
	const (
		fromRemedy   = "list the proxy's addresses, such as [127.0.0.1/32]"
		headerRemedy = "give the header's name, such as X-Forwarded-User"
	)
	p := &Proxy{
		From:         s.need("from", fromRemedy).prefixes(fromRemedy),
		UserHeader:   orText(s.get("user_header").headerNamed(headerRemedy), defaultUserHeader),
		GroupsHeader: orText(s.get("groups_header").headerNamed(headerRemedy), defaultGroupsHeader),
		Separator:    orText(s.get("separator").text(`write what stands between groups, such as ","`), defaultSeparator),
		Roles:        s.roles(departments),
	}
	if strings.EqualFold(p.UserHeader, p.GroupsHeader) {
		s.get("groups_header").fault("is the header of the user, too", "name two headers")
	}
	s.done()
	return p
}

// prefixes are addresses, or ranges of them. Everybody is none: whoever may send
// the header could be anyone.
func (v value) prefixes(remedy string) []netip.Prefix {
	items := v.list(remedy)
	if v.given() && kindOf(v.node) == "a list" && len(items) == 0 {
		v.faultShowing("", "is empty", remedy)
	}
	var all []netip.Prefix
	for _, item := range items {
		text := item.text(remedy)
		if text == "" {
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if addr, addrErr := netip.ParseAddr(text); err != nil && addrErr == nil && addr.Zone() == "" {
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		switch {
		case err != nil:
			item.fault("is no address or range", remedy)
		case prefix.Bits() == 0:
			item.fault("is everybody: whoever writes the header would be believed", remedy)
		case prefix.Addr().Is4In6():
			item.fault("is an IPv4 address in IPv6's form", "write it as IPv4, such as 127.0.0.1/32")
		default:
			all = append(all, prefix.Masked())
		}
	}
	return all
}

// roles says which role goes with which group. Of somebody with several groups it
// is for adapter/web/access to choose.
func (s *section) roles(departments []Department) []RoleRule {
	const remedy = "write a list such as - {value: doisoat-centre, role: centre}"
	v := s.need("roles", remedy)
	items := v.list(remedy)
	if v.given() && kindOf(v.node) == "a list" && len(items) == 0 {
		v.faultShowing("", "is empty: nobody could do anything", remedy)
	}
	var rules []RoleRule
	for _, item := range items {
		if r := item.section(remedy); r != nil {
			rules = append(rules, r.roleRule(departments))
		}
	}
	return rules
}

func (s *section) roleRule(departments []Department) RoleRule {
	words := make([]string, len(access.Roles))
	for i, role := range access.Roles {
		words[i] = string(role)
	}
	roleRemedy := "write one of " + strings.Join(words, ", ")
	const deptRemedy = "list the codes of the departments, such as [KT]"
	rule := RoleRule{
		Value: s.need("value", "give the group's name as it comes").text("give the group's name as it comes"),
		Role:  access.Role(s.need("role", roleRemedy).choice("", words...)),
	}
	named := s.get("departments")
	for _, item := range named.list(deptRemedy) {
		if code := item.departmentIn(departments, deptRemedy); code != "" {
			rule.Departments = append(rule.Departments, code)
		}
	}
	switch {
	case rule.Role == access.Department && !named.given():
		named.fault("is missing", deptRemedy)
	case rule.Role == access.Department && kindOf(named.node) == "a list" && len(resolve(named.node).Content) == 0:
		named.faultShowing("", "is empty", deptRemedy)
	case rule.Role != "" && rule.Role != access.Department && named.given():
		named.faultShowing("", "is of no use with the role "+string(rule.Role)+", which sees all departments", "remove it, or write role: department")
	}
	s.done()
	return rule
}

// departmentIn is the code of a department that the configuration names.
func (v value) departmentIn(departments []Department, remedy string) string {
	code := v.text(remedy)
	all := make([]string, len(departments))
	for i, d := range departments {
		all[i] = d.Code
	}
	if code == "" || slices.Contains(all, code) {
		return code
	}
	fix := "add it there, or use one of its codes"
	if near := mappings.Nearest(code, all); near != "" {
		fix = "did you mean " + near + "?"
	}
	v.fault("is not in the list departments", fix)
	return ""
}

// defaultOperations is reachable from the machine itself only.
const defaultOperations = "127.0.0.1:9108"

// operations is an address of its own for metrics, health and reload.
func (v value) operations(pages string) *Operations {
	s := v.section("write {listen: " + defaultOperations + "}")
	if s == nil {
		return nil
	}
	at := s.get("listen")
	o := &Operations{
		Listen: at.listen(defaultOperations),
		ConfigFile: s.get("config_file").existing(
			"name a web configuration file with tls_server_config or basic_auth_users, or leave the key out"),
	}
	if _, port, err := net.SplitHostPort(o.Listen); err == nil && port != "0" && o.Listen == pages {
		at.fault("is the address of the pages, too", "write another port, or leave operations out")
	}
	s.done()
	return o
}
