package access

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ProxyConfig is a proxy that has people sign in, and says who they are.
type ProxyConfig struct {
	// From are the addresses that the proxy connects from. The headers of anybody
	// else are not read.
	From []netip.Prefix
	// UserHeader says who asks. "": the proxy is trusted for addresses
	// (X-Forwarded-For) only.
	UserHeader string
	// GroupsHeader lists the groups, with GroupsSeparator ("," where "") between.
	GroupsHeader    string
	GroupsSeparator string
	Rules           []Rule
}

// Check tells everything that is wrong with it.
func (c *ProxyConfig) Check() error {
	var errs []error
	if len(c.From) == 0 {
		errs = append(errs, errors.New("from lists no address; name those the proxy connects from"))
	}
	for _, from := range c.From {
		if !from.IsValid() || from.Bits() == 0 {
			errs = append(errs, fmt.Errorf("from %s: anybody could say who they are; name the proxy's own addresses", from))
		}
	}
	if c.UserHeader != "" {
		if c.GroupsHeader == "" {
			errs = append(errs, errors.New("a user header needs a groups header, else nobody gets a role"))
		}
		if http.CanonicalHeaderKey(c.UserHeader) == http.CanonicalHeaderKey(c.GroupsHeader) {
			errs = append(errs, errors.New("user and groups are the same header"))
		}
		errs = append(errs, checkRules(c.Rules))
	}
	return errors.Join(errs...)
}

// proxy is a ProxyConfig in force.
type proxy struct {
	from         []netip.Prefix
	user, groups string // canonical
	separator    string
	rules        []Rule
}

func newProxy(c *ProxyConfig) (*proxy, error) {
	if c == nil {
		return nil, nil
	}
	if err := c.Check(); err != nil {
		return nil, fmt.Errorf("trusted proxy: %w", err)
	}
	p := &proxy{rules: slices.Clone(c.Rules), separator: c.GroupsSeparator}
	for _, from := range c.From {
		// An IPv4 address may be written over IPv6, and is compared without.
		if addr := from.Addr(); addr.Is4In6() && from.Bits() >= 96 {
			from = netip.PrefixFrom(addr.Unmap(), from.Bits()-96)
		}
		p.from = append(p.from, from.Masked())
	}
	if c.UserHeader != "" {
		p.user, p.groups = http.CanonicalHeaderKey(c.UserHeader), http.CanonicalHeaderKey(c.GroupsHeader)
	}
	if p.separator == "" {
		p.separator = ","
	}
	return p, nil
}

func (p *proxy) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(p.from, func(from netip.Prefix) bool { return from.Contains(addr) })
}

func wrongHeader(format string, args ...any) *Denied {
	return &Denied{
		Reason: WrongHeader,
		Vi:     "Thông tin đăng nhập do máy chủ trung gian gửi không hợp lệ. Đề nghị người quản trị kiểm tra cấu hình máy chủ trung gian.",
		En:     "What the proxy said about who you are does not hold; ask the operator to look at the proxy's configuration.",
		Err:    fmt.Errorf(format, args...),
	}
}

// identify is whoever the proxy says; nil where it says nobody, or is not the proxy.
func (p *proxy) identify(r *http.Request) (*Principal, error) {
	if p == nil || p.user == "" || len(r.Header[p.user]) == 0 || !p.trusts(peerOf(r)) {
		return nil, nil
	}
	// A proxy that adds its header to the client's gives both: the first could be
	// anybody's word.
	if len(r.Header[p.user]) > 1 || len(r.Header[p.groups]) > 1 {
		return nil, wrongHeader("%s or %s came more than once; the proxy must replace what clients send", p.user, p.groups)
	}
	name := strings.TrimSpace(r.Header.Get(p.user))
	if name == "" {
		return nil, nil
	}
	if err := foreignName(name); err != nil {
		return nil, wrongHeader("%s: %w", p.user, err)
	}
	var groups []string
	for group := range strings.SplitSeq(r.Header.Get(p.groups), p.separator) {
		if group = strings.TrimSpace(group); group != "" {
			groups = append(groups, group)
		}
	}
	role, departments := roleBy(p.rules, groups)
	if role == "" {
		return nil, noRole(name)
	}
	return &Principal{Name: "proxy:" + name, Display: name, Role: role, Departments: departments, Via: ViaProxy}, nil
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
