package channel

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

const (
	mailTimeout = time.Minute
	leaveTime   = 2 * time.Second
)

// Email sends each message as a mail to all of the addresses. It is taken for sent
// when the server has taken it for every one of them; a recipient that is refused is
// named, and nobody is sent anything.
func Email(c EmailConfig) Channel {
	if c.TLS == "" {
		c.TLS = StartTLS
	}
	if c.Timeout <= 0 {
		c.Timeout = mailTimeout
	}
	return &email{c}
}

type email struct{ c EmailConfig }

func (*email) Close() error { return nil }

func (e *email) Send(ctx context.Context, m *Message) error {
	if err := m.check(); err != nil {
		return err
	}
	mail, err := e.compose(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, e.c.Timeout)
	defer cancel()
	s := &session{email: e, ctx: ctx}
	if err := s.open(); err != nil {
		return err
	}
	defer s.close()
	if err := s.transfer(mail); err != nil {
		return err
	}
	// It has the mail: how the leave-taking goes changes nothing.
	_ = s.conn.SetDeadline(time.Now().Add(leaveTime))
	_ = s.client.Quit()
	return nil
}

// session is one conversation with the server.
type session struct {
	*email
	ctx    context.Context // it lives as long as this one message
	conn   net.Conn
	client *smtp.Client
	unhook func() bool
}

// fault tells what failed, and whether it is for good: only an answer of 5xx to what
// concerns the message itself is.
func (s *session) fault(final bool, err error, what string, args ...any) error {
	what = fmt.Sprintf("mail server %s: "+what, append([]any{s.c.address()}, args...)...)
	reason := what + ": " + because(s.ctx, err, s.c.Password, "\x00"+s.c.Username+"\x00"+s.c.Password)
	if code := codeOf(err); final && code >= 500 && code < 600 {
		return permanent("%s", reason)
	}
	return temporary("%s", reason)
}

// codeOf is the code of a server's refusal; 0 if it did not come to one.
func codeOf(err error) int {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return answer.Code
	}
	return 0
}

// open connects, encrypts and logs in.
func (s *session) open() (err error) {
	config, err := s.tlsConfig()
	if err != nil {
		return err
	}
	if s.conn, err = (&net.Dialer{}).DialContext(s.ctx, "tcp", s.c.address()); err != nil {
		return s.fault(false, err, "connect")
	}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	// Whatever it waits for then ends with an error.
	s.unhook = context.AfterFunc(s.ctx, func() { _ = s.conn.Close() })
	conn := s.conn
	if s.c.TLS == TLS {
		secured := tls.Client(conn, config)
		if err := secured.HandshakeContext(s.ctx); err != nil {
			return s.fault(false, err, "TLS")
		}
		conn = secured
	}
	if s.client, err = smtp.NewClient(conn, s.c.Host); err != nil {
		return s.fault(false, err, "greeting")
	}
	if err := s.client.Hello(s.hello()); err != nil {
		return s.fault(false, err, "EHLO")
	}
	if s.c.TLS == StartTLS {
		if offered, _ := s.client.Extension("STARTTLS"); !offered {
			return temporary("mail server %s: does not offer STARTTLS, and nothing is sent in the clear; use tls: tls with its port, if it has one", s.c.address())
		}
		if err := s.client.StartTLS(config); err != nil {
			return s.fault(false, err, "STARTTLS")
		}
	}
	return s.login()
}

func (s *session) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{ServerName: s.c.Host, MinVersion: tls.VersionTLS12}
	if s.c.CAFile == "" || s.c.TLS == NoTLS {
		return config, nil
	}
	pem, err := os.ReadFile(s.c.CAFile)
	if err != nil {
		return nil, temporary("mail server %s: certificates of %s: %s", s.c.address(), s.c.CAFile, because(s.ctx, reason(err)))
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, temporary("mail server %s: %s holds no certificate", s.c.address(), s.c.CAFile)
	}
	return config, nil
}

// hello is the name to give in EHLO.
func (s *session) hello() string {
	name := s.c.Hello
	if name == "" {
		name, _ = os.Hostname()
	}
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "localhost"
	}
	return name
}

// login gives the password, but never in the clear to another machine.
func (s *session) login() error {
	if s.c.Username == "" && s.c.Password == "" {
		return nil
	}
	clear := s.c.TLS == NoTLS
	if clear && !isLoopback(s.conn.RemoteAddr()) {
		return temporary("mail server %s: the password is not sent in the clear to another machine; write tls: starttls in the configuration", s.c.address())
	}
	_, offered := s.client.Extension("AUTH")
	ways := strings.Fields(strings.ToUpper(offered))
	var auth smtp.Auth
	switch {
	case slices.Contains(ways, "SCRAM-SHA-256"):
		auth = smtp.ScramSHA256Auth(s.c.Username, s.c.Password)
	case slices.Contains(ways, "PLAIN"):
		auth = smtp.PlainAuth("", s.c.Username, s.c.Password, s.c.Host, clear)
	case slices.Contains(ways, "LOGIN"):
		auth = smtp.LoginAuth(s.c.Username, s.c.Password, s.c.Host, clear)
	case slices.Contains(ways, "CRAM-MD5"):
		auth = smtp.CRAMMD5Auth(s.c.Username, s.c.Password)
	default:
		return temporary("mail server %s: offers no way to log in that is known here (%s); leave username and password out if it needs none", s.c.address(), said(offered))
	}
	if err := s.client.Auth(auth); err != nil {
		return s.fault(false, err, "log in as %s", s.c.Username)
	}
	return nil
}

func isLoopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// transfer hands the mail over. Until the server has said yes to all of it, it has
// not taken it.
func (s *session) transfer(mail *composed) error {
	// Without need it would bind every server on the way to carry such addresses.
	s.client.SkipSMTPUTF8(mail.ascii)
	if err := s.client.Mail("<" + mail.from + ">"); err != nil {
		return s.fault(true, err, "sender %s", mail.from)
	}
	var refused []string
	final := false
	for _, to := range mail.to {
		err := s.client.Rcpt("<" + to + ">")
		if err == nil {
			continue
		}
		code := codeOf(err)
		if code == 0 { // it does not speak any longer
			return s.fault(false, err, "recipient %s", to)
		}
		final = final || code >= 500
		refused = append(refused, to+": "+because(s.ctx, err, s.c.Password))
	}
	if len(refused) > 0 {
		const text = "mail server %s: refuses %s; nobody was sent it"
		if final {
			return permanent(text, s.c.address(), strings.Join(refused, "; "))
		}
		return temporary(text, s.c.address(), strings.Join(refused, "; "))
	}
	data, err := s.client.Data()
	if err != nil {
		return s.fault(true, err, "message")
	}
	if _, err := mail.msg.WriteTo(data); err != nil {
		// The connection is cut before the last line, so that no half a mail arrives.
		return s.fault(false, err, "hand the message over")
	}
	if err := data.Close(); err != nil {
		return s.fault(true, err, "message")
	}
	return nil
}

// close ends the connection, whatever the other side does.
func (s *session) close() {
	if s.unhook != nil {
		s.unhook()
	}
	_ = s.conn.Close()
}
