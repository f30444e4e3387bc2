package alertmanager

import (
	"net"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
)

const placeholder = "{department}"

// receiver adds one that is told in English.
func (w *writer) receiver(who, name string, r Receiver) {
	made := receiver{Name: text(name)}
	if r.Webhook != "" {
		w.checkURL(who, r.Webhook)
		hook := webhook{URL: text(r.Webhook), SendResolved: name != watchdogReceiver}
		if r.CredentialsFile != "" {
			hook.HTTP = &httpConfig{authorization{text(r.CredentialsFile)}}
		}
		made.Webhook = []webhook{hook}
	}
	if r.CredentialsFile != "" && r.Webhook == "" {
		w.fault("%s: has a credentials file and no webhook; give the webhook it is for", who)
	}
	if r.Mail != "" {
		w.checkMail(who, r.Mail)
		made.Email = []email{{To: text(r.Mail), SendResolved: name != watchdogReceiver}}
	}
	w.receivers = append(w.receivers, made)
}

// departmentMail adds a receiver that reads Vietnamese.
func (w *writer) departmentMail(who, name, address string, d Department) {
	w.checkMail(who, address)
	title := strings.Join(strings.Fields(d.Name), " ")
	if title == "" {
		title = strings.Join(strings.Fields(d.Code), " ")
	}
	none := text("")
	w.receivers = append(w.receivers, receiver{Name: text(name), Email: []email{{
		To: text(address), SendResolved: true, HTML: &none, Text: `{{ template "doisoat.text" . }}`,
		Headers: &emailHeaders{text("[Đối soát] " + literal(title) + `: {{ template "doisoat.subject" . }}`)},
	}}})
}

// literal writes a text for a Go template, which Alertmanager takes a subject for:
// a name in braces must not become an instruction.
func literal(s string) string {
	return strings.ReplaceAll(s, "{", `{{"{"}}`)
}

func (w *writer) global() *global {
	s := w.options.SMTP
	if s.Smarthost == "" {
		w.fault("SMTP: has no server, and somebody gets mail; give its host:port")
	} else if host, port, err := net.SplitHostPort(s.Smarthost); err != nil || host == "" || port == "" {
		w.fault("SMTP: %s: is no server; write host:port", s.Smarthost)
	}
	if s.From == "" {
		w.fault("SMTP: has no sender, and somebody gets mail; give the address mails come from")
	} else {
		w.checkMail("SMTP: sender", s.From)
	}
	if (s.Username == "") != (s.PasswordFile == "") {
		w.fault("SMTP: has only one of user name and password file; give both or neither")
	}
	return &global{Smarthost: text(s.Smarthost), From: text(s.From), Username: text(s.Username), PasswordFile: text(s.PasswordFile), RequireTLS: !s.Plain}
}

// fillURL puts the code into an address, for any place in its path or query.
func (w *writer) fillURL(who, template, code string) string {
	if !strings.Contains(template, placeholder) {
		return template
	}
	if code == "." || code == ".." {
		w.fault("%s: its code means another place in an address; give it a webhook of its own", who)
		return ""
	}
	return strings.ReplaceAll(template, placeholder, strings.ReplaceAll(url.QueryEscape(code), "+", "%20"))
}

var localPart = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)

// fillMail puts the code into an address: many servers take none but these letters
// in one.
func (w *writer) fillMail(who, template, code string) string {
	if !strings.Contains(template, placeholder) {
		return template
	}
	if !localPart.MatchString(code) {
		w.fault("%s: its code cannot stand in a mail address; give it a mail address of its own", who)
		return ""
	}
	return strings.ReplaceAll(template, placeholder, code)
}

// checkURL tells what Alertmanager would refuse, misread as a template, or show to
// everybody who may see its pages. An address with a fault is told without its
// query, which may hold a key.
func (w *writer) checkURL(who, address string) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		w.fault("%s: its webhook is no address; write http:// or https://, a host and a path", who)
	case u.User != nil:
		w.fault("%s: its webhook %s://%s has a user or password in it; put a bearer token into the credentials file", who, u.Scheme, u.Host)
	case strings.ContainsAny(address, "{}"):
		w.fault("%s: its webhook %s://%s%s has braces; {department}, in the departments' common webhook, is the only word in braces there is", who, u.Scheme, u.Host, u.Path)
	}
}

func (w *writer) checkMail(who, address string) {
	w.mail = true
	a, err := mail.ParseAddress(address)
	if err != nil || a.Address != address || strings.ContainsAny(address, "{}") ||
		strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		w.fault("%s: %q: is no mail address; write one, in plain letters, such as kt@example.vn", who, address)
	}
}
