package channel

import (
	"crypto/tls"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// office is a mail server: what it took, and how it behaves.
type office struct {
	password string
	rcpt     func(to string) error
	data     func() error

	mu    sync.Mutex
	mails []received
}

type received struct {
	from string
	to   []string
	as   string // who logged in
	text []byte
}

func (o *office) NewSession(*smtp.Conn) (smtp.Session, error) { return &visit{o: o}, nil }

func (o *office) taken() []received {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.mails
}

type visit struct {
	o *office
	m received
}

func (v *visit) Reset()        { v.m = received{as: v.m.as} }
func (v *visit) Logout() error { return nil }
func (v *visit) AuthMechanisms() []string {
	if v.o.password == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != "doisoat" || password != v.o.password {
			return smtp.ErrAuthFailed
		}
		v.m.as = username
		return nil
	}), nil
}

func (v *visit) Mail(from string, options *smtp.MailOptions) error {
	if options.UTF8 {
		return errors.New("asks for SMTPUTF8 without need")
	}
	v.m.from = from
	return nil
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	if v.o.rcpt != nil {
		if err := v.o.rcpt(to); err != nil {
			return err
		}
	}
	v.m.to = append(v.m.to, to)
	return nil
}

func (v *visit) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if v.o.data != nil {
		if err := v.o.data(); err != nil {
			return err
		}
	}
	v.m.text = text
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	v.o.mails = append(v.o.mails, v.m)
	return nil
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// open runs the server on loopback; config is how to reach it.
func (o *office) open(t testing.TB, way Security) (config EmailConfig) {
	t.Helper()
	caFile, cert := authority(t, "127.0.0.1")
	server := smtp.NewServer(o)
	server.Domain = "mail.example.vn"
	server.EnableSMTPUTF8 = true
	server.ErrorLog = quiet{}
	l := listen(t)
	serving := l
	switch way {
	case StartTLS:
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	case TLS:
		serving = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	case NoTLS:
		server.AllowInsecureAuth = true
	}
	go func() { _ = server.Serve(serving) }()
	t.Cleanup(func() { server.Close() })
	return EmailConfig{
		Host: "127.0.0.1", Port: portOf(l), TLS: way, CAFile: caFile, Username: "doisoat", Password: o.password,
		From: "Trung tâm Hành chính công <tthcc@example.vn>", ReplyTo: "mot-cua@example.vn",
		To: []string{"kt@example.vn", "Lãnh đạo phòng <lanhdao@example.vn>"}, Timeout: 10 * time.Second,
	}
}
