package access

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// OIDCConfig is an identity provider (OpenID Connect), as of which this service is a
// confidential client with code flow and PKCE.
type OIDCConfig struct {
	// Issuer is the provider's, letter by letter as it names itself.
	Issuer       string
	ClientID     string
	ClientSecret string // "" for a public client
	// RedirectURL is where the provider sends people back to: the address of the page
	// that calls FinishOIDC, as browsers see it.
	RedirectURL string
	// Scopes are asked for besides openid, profile and email.
	Scopes []string
	// Claim holds the groups: "groups" where "". Dots lead into objects
	// ("realm_access.roles"), unless a claim has that very name.
	Claim string
	Rules []Rule
	// HTTPClient asks the provider; one with time limits where nil.
	HTTPClient *http.Client
}

// String leaves the secret out, as does GoString.
func (c *OIDCConfig) String() string { return "provider " + c.Issuer + " for " + c.ClientID }

// GoString is String.
func (c *OIDCConfig) GoString() string { return c.String() }

// LogValue is String.
func (c *OIDCConfig) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Check tells everything that is wrong with it. The provider is not asked.
func (c *OIDCConfig) Check() error {
	errs := []error{secureURL("issuer", c.Issuer), secureURL("redirect_url", c.RedirectURL)}
	if c.ClientID == "" {
		errs = append(errs, errors.New("client_id is missing"))
	}
	return errors.Join(append(errs, checkRules(c.Rules))...)
}

// secureURL refuses addresses over which passwords of a whole office would go
// readable for everybody in between.
func secureURL(what, text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return fmt.Errorf("%s %q: must be an https address", what, text)
	case u.Scheme == "https", u.Scheme == "http" && onLoopback(u.Hostname()):
		return nil
	}
	return fmt.Errorf("%s %q: must begin with https:// (http:// on this machine only)", what, text)
}

// provider is an OIDCConfig in force.
type provider struct {
	config    OIDCConfig
	discovery *discovery
	now       func() time.Time
	log       *slog.Logger
}

// newProvider keeps what was discovered before of the same provider.
func newProvider(c *OIDCConfig, before *provider, now func() time.Time, log *slog.Logger) (*provider, error) {
	if c == nil {
		return nil, nil
	}
	if err := c.Check(); err != nil {
		return nil, fmt.Errorf("identity provider: %w", err)
	}
	p := &provider{config: *c, now: now, log: log}
	p.config.Rules, p.config.Scopes = slices.Clone(c.Rules), slices.Clone(c.Scopes)
	if p.config.Claim == "" {
		p.config.Claim = "groups"
	}
	if before != nil && before.config.Issuer == c.Issuer && before.config.HTTPClient == c.HTTPClient {
		p.discovery = before.discovery
	} else {
		p.discovery = newDiscovery(c.Issuer, c.HTTPClient, now, log)
	}
	return p, nil
}

// ofSession is whose session it is by the rules in force; nil where they give no role
// any more, or the provider is another.
func (p *provider) ofSession(s *session) *Principal {
	if p == nil || s.Issuer != p.config.Issuer {
		return nil
	}
	role, departments := roleBy(p.config.Rules, s.Groups)
	if role == "" {
		return nil
	}
	return &Principal{Name: s.Name, Display: s.Display, Role: role, Departments: departments, Via: ViaOIDC}
}

// OIDC reports whether people can sign in at a provider.
func (a *Access) OIDC() bool { return a.settings.Load().oidc != nil }

func noProvider(err error) *Denied {
	return &Denied{
		Reason: NoProvider,
		Vi:     "Máy chủ đăng nhập tập trung không trả lời. Thử lại sau, hoặc đăng nhập bằng tài khoản của hệ thống này.",
		En:     "The identity provider does not answer; try again later, or sign in with an account of this service.",
		Err:    err,
	}
}

func staleLogin(why string) *Denied {
	return &Denied{
		Reason: StaleLogin,
		Vi:     "Lần đăng nhập này đã hết hiệu lực hoặc không bắt đầu từ trình duyệt này. Hãy đăng nhập lại.",
		En:     "This login has expired, or was not begun in this browser; sign in again.",
		Err:    errors.New(why),
	}
}

func refusedLogin(err error) *Denied {
	return &Denied{
		Reason: RefusedLogin,
		Vi:     "Máy chủ đăng nhập tập trung trả lời không hợp lệ hoặc từ chối. Hãy đăng nhập lại; nếu vẫn vậy, báo người quản trị.",
		En:     "The identity provider refused, or its answer does not hold; sign in again, and tell the operator if that does not help.",
		Err:    err,
	}
}
