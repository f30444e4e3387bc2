package config

import (
	"crypto/x509"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/doisoat/doisoat/adapter/deliver/channel"
)

// Default time limits of one attempt over a channel.
const (
	defaultMailTimeout    = time.Minute
	defaultSFTPTimeout    = time.Minute
	defaultWebhookTimeout = 30 * time.Second
)

// email is the mail server; nil where the key is left out.
func (v value) email() *channel.EmailConfig {
	s := v.section("write {host: mail.example.vn, from: …}")
	if s == nil {
		return nil
	}
	const fromRemedy = `give the sender's address, such as "Trung tâm Hành chính công <tthcc@example.vn>"`
	words := make([]string, len(channel.Securities))
	for i, way := range channel.Securities {
		words[i] = string(way)
	}
	e := &channel.EmailConfig{
		Host:    s.need("host", "give the mail server's name, such as mail.example.vn").host(),
		TLS:     channel.Security(s.get("tls").choice(string(channel.StartTLS), words...)),
		CAFile:  s.get("ca_file").certificates(),
		From:    s.need("from", fromRemedy).mailAddress(fromRemedy),
		ReplyTo: s.get("reply_to").mailAddress("give the address that answers are to go to"),
		Hello:   s.get("hello").host(),
		Timeout: s.get("timeout").duration(defaultMailTimeout, time.Second, "write how long one message may take, such as 60s"),
	}
	e.Port = s.get("port").port(e.TLS.UsualPort())
	username := s.get("username")
	e.Username = username.oneLine("give the name to log in with")
	password, withPassword := s.secret("password")
	e.Password = password.Reveal()
	switch {
	case username.given() && !withPassword:
		s.get("password").fault("is missing", "give password, or name a file that holds it in password_file; or remove username")
	case withPassword && !username.given():
		username.fault("is missing", "give the name to log in with, or remove the password")
	}
	if ca := s.get("ca_file"); ca.given() && e.TLS == channel.NoTLS {
		ca.fault("is of no use without TLS", "write tls: starttls, or remove ca_file")
	}
	if e.TLS == channel.NoTLS && withPassword && e.Host != "" && !loopback(e.Host) {
		s.get("tls").fault("would send the password in the clear", "write tls: starttls or tls: tls; none with a password is for this machine itself")
	}
	s.done()
	return e
}

// host is a host's name or address without port.
func (v value) host() string {
	const remedy = "write the name alone, such as mail.example.vn"
	text := v.text(remedy)
	if text == "" {
		return ""
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return text
	}
	if len(text) > 253 || strings.ContainsAny(text, ":/@[]?#%\\") || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' }) {
		v.fault("is no host name", remedy)
		return ""
	}
	return text
}

// loopback reports whether a host is this machine by its very name.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || strings.EqualFold(host, "localhost")
}

func (v value) port(usual int) int {
	return v.integer(usual, 1, 65535, "write the number of a port")
}

// certificates is a PEM file with at least one certificate.
func (v value) certificates() string {
	file := v.existing("name the PEM file of the authority that signed the server's certificate")
	if file == "" {
		return ""
	}
	if pem, err := os.ReadFile(file); err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
		v.fault("holds no certificate", "name a PEM file with BEGIN CERTIFICATE in it")
		return ""
	}
	return file
}

// mailAddress is one address, a display name allowed.
func (v value) mailAddress(remedy string) string {
	text := v.text(remedy)
	if text == "" {
		return ""
	}
	if _, err := mail.ParseAddress(text); err != nil || hasControl(text) {
		v.fault("is no mail address", remedy)
		return ""
	}
	return text
}

// folder is a folder or share. Whether it is there is not asked here: a share may be
// away for an hour without the configuration being wrong.
func (v value) folder() *channel.FolderConfig {
	s := v.section("write {path: /srv/doisoat/lists}")
	if s == nil {
		return nil
	}
	const remedy = "name the folder that lists are written to"
	f := &channel.FolderConfig{Path: s.need("path", remedy).filePath(remedy)}
	s.done()
	return f
}

// webhook is an address that takes messages. above is the one that stands for all
// departments, whose secret and time limit serve where a department's own is silent.
func (v value) webhook(above *channel.WebhookConfig) *channel.WebhookConfig {
	v.hidden = true // an address often holds a key
	s := v.section("write {url_file: …, secret_file: …}")
	if s == nil {
		return nil
	}
	timeout := defaultWebhookTimeout
	if above != nil {
		timeout = above.Timeout
	}
	w := &channel.WebhookConfig{Timeout: s.get("timeout").shown().duration(timeout, time.Second, "write how long one message may take, such as 30s")}
	w.URL = s.webhookURL()
	if secret, given := s.secret("secret"); given {
		w.Secret = secret.Reveal()
	} else if above != nil {
		w.Secret = above.Secret
	} else {
		s.get("secret").fault("is missing", "give secret, or name a file that holds it in secret_file")
	}
	s.done()
	return w
}

func (s *section) webhookURL() string {
	at := s.secretly("url")
	if !at.given() {
		at = s.get("url_file")
		at.hidden = true
	}
	raw := s.needSecret("url").Reveal()
	if raw == "" {
		return ""
	}
	const remedy = "give the whole address, such as https://hooks.example.vn/doisoat"
	switch u, err := url.Parse(raw); {
	case err != nil:
		at.fault("is no URL", remedy)
	case u.Scheme != "http" && u.Scheme != "https":
		at.fault("is neither http:// nor https://", remedy)
	case u.Hostname() == "":
		at.fault("names no host", remedy)
	default:
		return raw
	}
	return ""
}

// sftp is a folder on an SSH server; nil where the key is left out.
func (v value) sftp() *channel.SFTPConfig {
	s := v.section("write {host: …, username: …, key_file: …, known_hosts: …, path: …}")
	if s == nil {
		return nil
	}
	const pathRemedy = "name the folder on the server that lists are written to, such as /lists"
	c := &channel.SFTPConfig{
		Host:    s.need("host", "give the server's name, such as files.example.vn").host(),
		Port:    s.get("port").port(22),
		User:    s.need("username", "give the name to log in with").oneLine("give the name to log in with"),
		Path:    s.need("path", pathRemedy).serverPath(pathRemedy),
		Timeout: s.get("timeout").duration(defaultSFTPTimeout, time.Second, "write how long one message may take, such as 60s"),
	}
	c.KnownHosts = s.need("known_hosts", "name a file with the server's key, as ssh-keyscan writes it; compare the key with the server's before").knownHosts()
	s.sshAuth(c)
	s.done()
	return c
}

// serverPath is a path in the form of a server of any kind.
func (v value) serverPath(remedy string) string {
	text := v.text(remedy)
	if text == "" {
		return ""
	}
	if hasControl(text) || strings.Contains(text, `\`) {
		v.fault("is no path of an SFTP server", remedy)
		return ""
	}
	return path.Clean(text)
}

func (v value) knownHosts() string {
	const remedy = "name a file with the server's key, as ssh-keyscan writes it"
	file := v.existing(remedy)
	if file == "" {
		return ""
	}
	if _, err := knownhosts.New(file); err != nil {
		v.fault("is no known_hosts file", remedy)
		return ""
	}
	return file
}

// sshAuth is a password, or a key with its passphrase if it has one.
func (s *section) sshAuth(c *channel.SFTPConfig) {
	const remedy = "give key_file or password_file"
	key := s.get("key_file")
	password, withPassword := s.secret("password")
	passphrase, withPassphrase := s.secret("passphrase")
	c.Password, c.Passphrase = password.Reveal(), passphrase.Reveal()
	c.KeyFile = key.existing("name the file of our private key")
	switch {
	case key.given() && withPassword:
		key.fault("is given beside password", "keep one of the two, best the key")
	case !key.given() && !withPassword:
		s.faultShowing("", "names neither key nor password", remedy)
	case withPassphrase && !key.given():
		s.secretly("passphrase").fault("is given without key_file", "name the key's file too, or remove the passphrase")
	case c.KeyFile != "":
		key.sshKey(c.KeyFile, passphrase)
	}
}

// sshKey tries to open a private key, so that it does not fail in the first night.
func (v value) sshKey(file string, passphrase Secret) {
	pem, err := os.ReadFile(file)
	if err != nil {
		v.fault(problemOf(err), "name the file of our private key")
		return
	}
	if passphrase != "" {
		_, err = ssh.ParsePrivateKeyWithPassphrase(pem, []byte(passphrase.Reveal()))
	} else {
		_, err = ssh.ParsePrivateKey(pem)
	}
	_, locked := err.(*ssh.PassphraseMissingError) //nolint:errorlint // it comes as it is
	switch {
	case locked:
		v.fault("is locked by a passphrase", "give passphrase_file, or a key without one")
	case err != nil && passphrase != "":
		v.fault("is no private key, or does not open with this passphrase", "name the file of our private key, not the .pub beside it")
	case err != nil:
		v.fault("is no private key", "name the file of our private key, not the .pub beside it")
	}
}
