package app

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// mailOffice is a real mail server on loopback: STARTTLS, a password, and moods.
type mailOffice struct {
	addr    string
	caFile  string
	server  *smtp.Server
	timeout string // that its clients are told to have

	mu    sync.Mutex
	mood  mailMood
	asked int // messages begun
	mails []takenMail
}

// mailMood is how it treats the next messages.
type mailMood struct {
	refuse  *smtp.SMTPError // what it says to a recipient
	hangs   bool            // it takes the message and never answers
	drops   bool            // it hangs up in the middle of the message
	entered chan struct{}   // takes one value when a message begins
	gate    chan struct{}   // it answers when this is closed
}

type takenMail struct {
	to, as string
	text   []byte
}

func (o *mailOffice) feels(m mailMood) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.mood = m
}

func (o *mailOffice) taken() []takenMail {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]takenMail{}, o.mails...)
}

// begun counts the messages that somebody began to hand over.
func (o *mailOffice) begun() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked
}

const mailPassword = "mật-khẩu-thư"

// newMailOffice runs one until the test ends.
func newMailOffice(t *testing.T) *mailOffice {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	o := &mailOffice{caFile: filepath.Join(t.TempDir(), "ca.pem"), timeout: "1m"}
	if err := os.WriteFile(o.caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	o.server = smtp.NewServer(o)
	o.server.Domain = "mail.example.vn"
	o.server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	o.server.ErrorLog = noLog{}
	o.open(t, "127.0.0.1:0")
	t.Cleanup(func() { _ = o.server.Close() })
	return o
}

func (o *mailOffice) open(t *testing.T, at string) {
	t.Helper()
	l, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	o.addr = l.Addr().String()
	go func() { _ = o.server.Serve(l) }()
}

// config is the key deliver that leads to it.
func (o *mailOffice) config(more string) string {
	_, port, _ := net.SplitHostPort(o.addr)
	return fmt.Sprintf(`{%s email: {host: 127.0.0.1, port: %s, tls: starttls, ca_file: %q, username: doisoat, password: %s,
  from: "Trung tâm Hành chính công <tthcc@example.vn>", timeout: %s}}`, more, port, o.caFile, mailPassword, o.timeout)
}

type noLog struct{}

func (noLog) Printf(string, ...any) {}
func (noLog) Println(...any)        {}

// NewSession implements smtp.Backend.
func (o *mailOffice) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &mailVisit{o: o, conn: c}, nil
}

type mailVisit struct {
	o    *mailOffice
	conn *smtp.Conn
	m    takenMail
}

func (v *mailVisit) Reset()                   { v.m = takenMail{as: v.m.as} }
func (v *mailVisit) Logout() error            { return nil }
func (v *mailVisit) AuthMechanisms() []string { return []string{sasl.Plain} }

func (v *mailVisit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != "doisoat" || password != mailPassword {
			return smtp.ErrAuthFailed
		}
		v.m.as = username
		return nil
	}), nil
}

func (v *mailVisit) Mail(string, *smtp.MailOptions) error {
	if _, encrypted := v.conn.TLSConnectionState(); !encrypted || v.m.as == "" {
		return &smtp.SMTPError{Code: 530, Message: "say who you are, over TLS"}
	}
	return nil
}

func (v *mailVisit) mood() mailMood {
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	return v.o.mood
}

func (v *mailVisit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.o.mu.Lock()
	v.o.asked++
	v.o.mu.Unlock()
	if refuse := v.mood().refuse; refuse != nil {
		return refuse
	}
	v.m.to = to
	return nil
}

func (v *mailVisit) Data(r io.Reader) error {
	mood := v.mood()
	if mood.entered != nil {
		mood.entered <- struct{}{}
	}
	if mood.drops {
		_, _ = io.CopyN(io.Discard, r, 1000)
		return v.conn.Close()
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if mood.hangs {
		_, _ = v.conn.Conn().Read(make([]byte, 1)) // until the client goes
		return io.EOF
	}
	if mood.gate != nil {
		<-mood.gate
	}
	v.m.text = text
	v.o.mu.Lock()
	defer v.o.mu.Unlock()
	v.o.mails = append(v.o.mails, v.m)
	return nil
}

// opened is a mail as a mail program shows it.
type openedMail struct {
	id, subject, text string
	files             map[string][]byte
}

func openMail(t *testing.T, text []byte) openedMail {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	o := openedMail{id: m.Header.Get("Message-Id"), subject: subject, files: map[string][]byte{}}
	o.parts(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), "", m.Body)
	return o
}

func (o *openedMail) parts(t *testing.T, kind, encoding, disposition string, body io.Reader) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		for parts := multipart.NewReader(body, params["boundary"]); ; {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return
			} else if err != nil {
				t.Fatal(err)
			}
			o.parts(t, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part.Header.Get("Content-Disposition"), part)
		}
	}
	switch strings.ToLower(encoding) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	if _, params, err := mime.ParseMediaType(disposition); err == nil && params["filename"] != "" {
		o.files[params["filename"]] = text
	} else if kind == "text/plain" {
		o.text = string(text)
	}
}
