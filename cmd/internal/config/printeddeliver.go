package config

import (
	"fmt"
	"strings"

	"github.com/doisoat/doisoat/adapter/deliver/channel"
)

// printedDeliver is what may be seen of a Deliver: of a channel where it leads, and
// never what opens it.
type printedDeliver struct {
	At           string            `yaml:"at" json:"at"`
	Hours        string            `yaml:"hours" json:"hours"`
	Unchanged    bool              `yaml:"unchanged" json:"unchanged"`
	AnswerWithin string            `yaml:"answer_within" json:"answer_within"`
	Number       string            `yaml:"number" json:"number"`
	Organisation map[string]string `yaml:"organisation,omitempty" json:"organisation,omitempty"`
	Signer       map[string]string `yaml:"signer,omitempty" json:"signer,omitempty"`
	Templates    map[string]string `yaml:"templates,omitempty" json:"templates,omitempty"`
	Attempts     int               `yaml:"attempts" json:"attempts"`
	Email        map[string]string `yaml:"email,omitempty" json:"email,omitempty"`
	Folder       string            `yaml:"folder,omitempty" json:"folder,omitempty"`
	Webhook      *printedWebhook   `yaml:"webhook,omitempty" json:"webhook,omitempty"`
	SFTP         map[string]string `yaml:"sftp,omitempty" json:"sftp,omitempty"`
}

type printedWebhook struct {
	URL     Secret `yaml:"url" json:"url"`
	Secret  Secret `yaml:"secret" json:"secret"`
	Timeout string `yaml:"timeout" json:"timeout"`
}

type printedDepartment struct {
	Code    string            `yaml:"code" json:"code"`
	Name    string            `yaml:"name" json:"name"`
	Deliver *printedRecipient `yaml:"deliver,omitempty" json:"deliver,omitempty"`
}

type printedRecipient struct {
	Email   []string        `yaml:"email,omitempty" json:"email,omitempty"`
	Folder  string          `yaml:"folder,omitempty" json:"folder,omitempty"`
	Webhook *printedWebhook `yaml:"webhook,omitempty" json:"webhook,omitempty"`
	SFTP    string          `yaml:"sftp,omitempty" json:"sftp,omitempty"`
}

type printedWeb struct {
	Listen     string            `yaml:"listen" json:"listen"`
	ConfigFile string            `yaml:"config_file,omitempty" json:"config_file,omitempty"`
	Hosts      []string          `yaml:"hosts,omitempty" json:"hosts,omitempty"`
	Title      string            `yaml:"title" json:"title"`
	Operations map[string]string `yaml:"operations,omitempty" json:"operations,omitempty"`
	Access     printedAccess     `yaml:"access" json:"access"`
}

type printedAccess struct {
	Session string        `yaml:"session" json:"session"`
	Lockout string        `yaml:"lockout" json:"lockout"`
	OIDC    *printedOIDC  `yaml:"oidc,omitempty" json:"oidc,omitempty"`
	Proxy   *printedProxy `yaml:"proxy,omitempty" json:"proxy,omitempty"`
}

type printedOIDC struct {
	Issuer       string   `yaml:"issuer" json:"issuer"`
	ClientID     string   `yaml:"client_id" json:"client_id"`
	ClientSecret Secret   `yaml:"client_secret,omitempty" json:"client_secret,omitempty"`
	RedirectURL  string   `yaml:"redirect_url" json:"redirect_url"`
	Scopes       []string `yaml:"scopes" json:"scopes"`
	Claim        string   `yaml:"claim" json:"claim"`
	Roles        []string `yaml:"roles" json:"roles"`
	Name         string   `yaml:"name" json:"name"`
}

type printedProxy struct {
	From         []string `yaml:"from" json:"from"`
	UserHeader   string   `yaml:"user_header" json:"user_header"`
	GroupsHeader string   `yaml:"groups_header" json:"groups_header"`
	Separator    string   `yaml:"separator" json:"separator"`
	Roles        []string `yaml:"roles" json:"roles"`
}

func (d *Deliver) printed() *printedDeliver {
	if d == nil {
		return nil
	}
	p := &printedDeliver{
		At: d.At, Hours: "working", Unchanged: d.Unchanged, AnswerWithin: d.AnswerWithin.String(), Number: d.Number, Attempts: d.Attempts,
		Organisation: said("parent", d.Organisation.Parent, "name", d.Organisation.Name, "place", d.Organisation.Place),
		Signer:       said("title", d.Signer.Title, "name", d.Signer.Name),
		Templates:    said("letter", d.Templates.Letter, "apology", d.Templates.Apology),
		Webhook:      printWebhook(d.Webhook),
	}
	if d.Always {
		p.Hours = "always"
	}
	if e := d.Email; e != nil {
		p.Email = said("server", e.String(), "tls", string(e.TLS), "ca_file", e.CAFile, "username", Secret(e.Username).String(),
			"password", Secret(e.Password).String(), "from", e.From, "reply_to", e.ReplyTo, "hello", e.Hello, "timeout", e.Timeout.String())
	}
	if d.Folder != nil {
		p.Folder = d.Folder.Path
	}
	if c := d.SFTP; c != nil {
		p.SFTP = said("server", c.String(), "username", Secret(c.User).String(), "password", Secret(c.Password).String(),
			"key_file", c.KeyFile, "passphrase", Secret(c.Passphrase).String(), "known_hosts", c.KnownHosts, "timeout", c.Timeout.String())
	}
	return p
}

// said is a map of those keys that have a value.
func said(pairs ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			m[pairs[i]] = pairs[i+1]
		}
	}
	return m
}

func printWebhook(w *channel.WebhookConfig) *printedWebhook {
	if w == nil {
		return nil
	}
	return &printedWebhook{URL: Secret(w.URL), Secret: Secret(w.Secret), Timeout: w.Timeout.String()}
}

func (d Department) printed() printedDepartment {
	p := printedDepartment{Code: d.Code, Name: d.Name}
	if r := d.Deliver; r != nil {
		p.Deliver = &printedRecipient{Email: r.Email, Folder: r.Folder, Webhook: printWebhook(r.Webhook), SFTP: r.SFTP}
	}
	return p
}

func (w Web) printed() printedWeb {
	p := printedWeb{
		Listen: w.Listen, ConfigFile: w.ConfigFile, Hosts: w.Hosts, Title: w.Title,
		Access: printedAccess{
			Session: w.Access.Session.Idle.String() + " idle, " + w.Access.Session.Max.String() + " at most",
			Lockout: fmt.Sprintf("%s after %d failures", w.Access.Lockout.For, w.Access.Lockout.Failures),
		},
	}
	if o := w.Operations; o != nil {
		p.Operations = said("listen", o.Listen, "config_file", o.ConfigFile)
	}
	if o := w.Access.OIDC; o != nil {
		p.Access.OIDC = &printedOIDC{
			Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: o.ClientSecret, RedirectURL: o.RedirectURL,
			Scopes: o.Scopes, Claim: o.Claim, Roles: printRoles(o.Roles), Name: o.Name,
		}
	}
	if x := w.Access.Proxy; x != nil {
		p.Access.Proxy = &printedProxy{UserHeader: x.UserHeader, GroupsHeader: x.GroupsHeader, Separator: x.Separator, Roles: printRoles(x.Roles)}
		for _, prefix := range x.From {
			p.Access.Proxy.From = append(p.Access.Proxy.From, prefix.String())
		}
	}
	return p
}

func printRoles(rules []RoleRule) []string {
	shown := make([]string, len(rules))
	for i, r := range rules {
		shown[i] = strings.TrimSpace(r.Value + ": " + string(r.Role) + " " + strings.Join(r.Departments, ", "))
	}
	return shown
}
