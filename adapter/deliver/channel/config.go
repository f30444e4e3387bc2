package channel

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"time"
)

// Security is how a connection to a mail server is protected.
type Security string

// The ways. STARTTLS is never optional: a server that does not offer it is sent
// nothing.
const (
	StartTLS Security = "starttls" // begins in the clear and turns to TLS; port 587
	TLS      Security = "tls"      // TLS from the first byte; port 465
	NoTLS    Security = "none"     // in the clear; no password leaves the machine by it
)

// Securities lists them.
var Securities = []Security{StartTLS, TLS, NoTLS}

// EmailConfig is how messages go out by e-mail. Printing it hides the password.
type EmailConfig struct {
	Host               string
	Port               int      // 0 is the usual one of TLS
	TLS                Security // "" is StartTLS
	CAFile             string   // PEM; "" is the system's authorities
	Username, Password string   // both or neither
	From, ReplyTo      string   // RFC 5322 addresses, a display name allowed; ReplyTo may be ""
	To                 []string // at least one
	Hello              string   // the name given in EHLO; "" is the machine's
	Timeout            time.Duration
}

// FolderConfig is a folder, or a share that is mounted there.
type FolderConfig struct {
	Path string // absolute; must exist
	Into string // the folder below it; "" is the message's department
}

// WebhookConfig is a URL that takes messages. Printing it hides the URL, which may
// hold a key, and the secret.
type WebhookConfig struct {
	URL     string // http or https
	Secret  string // of the signature; see Sign
	Timeout time.Duration
}

// SFTPConfig is a folder on an SSH server. Printing it hides what opens it.
type SFTPConfig struct {
	Host       string
	Port       int // 0 is 22
	User       string
	Password   string // or KeyFile; with both the key is offered first
	KeyFile    string // a private key in PEM or OpenSSH's form
	Passphrase string // of the key; "" if it has none
	KnownHosts string // file in the form of OpenSSH; the server's key must be in it
	Path       string // folder on the server; must exist
	Into       string // the folder below it; "" is the message's department
	Timeout    time.Duration
}

// UsualPort is the port that goes with a way of protection.
func (s Security) UsualPort() int {
	switch s {
	case TLS:
		return 465
	case NoTLS:
		return 25
	}
	return 587
}

func (c EmailConfig) address() string { return address(c.Host, c.Port, c.TLS.UsualPort()) }

func (c SFTPConfig) address() string { return address(c.Host, c.Port, 22) }

func address(host string, port, usual int) string {
	if port == 0 {
		port = usual
	}
	return net.JoinHostPort(host, strconv.Itoa(port))
}

// String shows where it leads.
func (c EmailConfig) String() string { return "smtp://" + c.address() }

// String shows the scheme and host alone.
func (c WebhookConfig) String() string {
	u, err := url.Parse(c.URL)
	if err != nil {
		return "webhook"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host}).String() + "/…"
}

// String shows where it leads.
func (c SFTPConfig) String() string { return "sftp://" + c.address() + c.Path }

// Format writes String under every verb, so that no %+v shows a secret.
func (c EmailConfig) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// Format writes String under every verb.
func (c WebhookConfig) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// Format writes String under every verb.
func (c SFTPConfig) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// MarshalText hides the password in JSON and the like.
func (c EmailConfig) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// MarshalText hides the secrets in JSON and the like.
func (c WebhookConfig) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// MarshalText hides the secrets in JSON and the like.
func (c SFTPConfig) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
