package channel

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"
)

func TestEmailArrivesAsItWasWritten(t *testing.T) {
	for _, way := range Securities {
		t.Run(string(way), func(t *testing.T) {
			o := &office{password: "hunter2"}
			channel := Email(o.open(t, way))
			m := letter(t)
			for range 2 { // the second attempt of a message whose answer got lost
				if err := channel.Send(t.Context(), m); err != nil {
					t.Fatal(err)
				}
			}
			if err := channel.Close(); err != nil {
				t.Error(err)
			}
			mails := o.taken()
			if len(mails) != 2 {
				t.Fatalf("%d mails", len(mails))
			}
			for _, got := range mails {
				if diff := cmp.Diff([]string{"kt@example.vn", "lanhdao@example.vn"}, got.to); diff != "" || got.from != "tthcc@example.vn" || got.as != "doisoat" {
					t.Errorf("from %s, logged in as %q, to (-want +got):\n%s", got.from, got.as, diff)
				}
				compareMail(t, m, got.text)
			}
		})
	}
}

// compareMail reads a mail as a mail program does.
func compareMail(t *testing.T, want *Message, text []byte) {
	t.Helper()
	got, err := mail.ReadMessage(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	header := map[string]string{}
	for _, key := range []string{"Message-Id", "Auto-Submitted", "X-Doisoat-Department", "Mime-Version", "User-Agent", "X-Mailer", "Reply-To"} {
		header[key] = got.Header.Get(key)
	}
	if diff := cmp.Diff(map[string]string{
		"Message-Id": "<" + want.ID + ">", "Auto-Submitted": "auto-generated", "X-Doisoat-Department": "KT", "Mime-Version": "1.0",
		"User-Agent": "", "X-Mailer": "", "Reply-To": "<mot-cua@example.vn>",
	}, header); diff != "" {
		t.Errorf("header (-want +got):\n%s", diff)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	if err != nil || subject != want.Subject {
		t.Errorf("subject %q (%v), want %q", subject, err, want.Subject)
	}
	if date, err := got.Header.Date(); err != nil || !date.Equal(want.Made) {
		t.Errorf("date %s (%v), want %s", date, err, want.Made)
	}
	from, err := got.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Name != "Trung tâm Hành chính công" {
		t.Errorf("from %v (%v)", from, err)
	}
	to, err := got.Header.AddressList("To")
	if err != nil || len(to) != 2 || to[1].Name != "Lãnh đạo phòng" {
		t.Errorf("to %v (%v)", to, err)
	}
	for n, line := range strings.Split(string(text), "\r\n") {
		if len(line) > 998 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("line %d is not one that every server takes: %.60q", n+1, line)
		}
	}
	parts := map[string]string{}
	readParts(t, got.Header.Get("Content-Type"), got.Header.Get("Content-Transfer-Encoding"), "", got.Body, parts)
	wanted := map[string]string{
		"text/plain": strings.ReplaceAll(want.Text, "\n", "\r\n"), "text/html": want.HTML,
		want.Files[0].Name: string(contentOf(t, want.Files[0])), want.Files[1].Name: string(contentOf(t, want.Files[1])),
	}
	for name, content := range parts {
		if strings.HasPrefix(name, "text/") {
			parts[name] = strings.ReplaceAll(strings.ReplaceAll(content, "\r\n", "\n"), "\n", "\r\n")
		}
	}
	if diff := cmp.Diff(wanted, parts); diff != "" {
		t.Errorf("parts (-want +got):\n%.2000s", diff)
	}
}

// readParts gathers texts by their type and files by their name.
func readParts(t *testing.T, contentType, encoding, disposition string, body io.Reader, parts map[string]string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatalf("%s: %v", contentType, err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		reader := multipart.NewReader(body, params["boundary"])
		for {
			part, err := reader.NextRawPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			h := part.Header
			readParts(t, h.Get("Content-Type"), h.Get("Content-Transfer-Encoding"), h.Get("Content-Disposition"), part, parts)
		}
	}
	switch strings.ToLower(encoding) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	name := kind
	if disposition != "" {
		way, named, err := mime.ParseMediaType(disposition)
		if err != nil || way != "attachment" {
			t.Fatalf("%s: %v", disposition, err)
		}
		name = named["filename"]
	}
	parts[name] = string(content)
}

func TestEmailWithoutFilesAndHTML(t *testing.T) {
	o := &office{}
	c := o.open(t, NoTLS)
	c.Username = ""
	m := letter(t)
	m.Files, m.HTML = nil, ""
	m.Subject = "Kiểm tra\r\nBcc: ai-do@example.vn" // what a source wrote, perhaps
	if err := Email(c).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, err := mail.ReadMessage(bytes.NewReader(o.taken()[0].text))
	if err != nil {
		t.Fatal(err)
	}
	if got.Header.Get("Bcc") != "" || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("header %v", got.Header)
	}
}

func TestEmailThatIsRefused(t *testing.T) {
	said := func(code int, text string) error { return &smtp.SMTPError{Code: code, Message: text} }
	tests := []struct {
		name  string
		set   func(*office)
		final bool
		words []string
	}{
		{"one of two recipients, for good", func(o *office) {
			o.rcpt = func(to string) error {
				if to == "lanhdao@example.vn" {
					return said(550, "no such user")
				}
				return nil
			}
		}, true, []string{"lanhdao@example.vn: 550", "no such user", "nobody was sent it"}},
		{"one for now, one for good", func(o *office) {
			o.rcpt = func(to string) error {
				if to == "kt@example.vn" {
					return said(451, "greylisted")
				}
				return said(550, "no such user")
			}
		}, true, []string{"kt@example.vn: 451", "lanhdao@example.vn: 550"}},
		{"all for now", func(o *office) { o.rcpt = func(string) error { return said(450, "try later") } }, false, []string{"kt@example.vn: 450", "try later"}},
		{"the message for good", func(o *office) { o.data = func() error { return said(552, "too big") } }, true, []string{"552", "too big"}},
		{"the message for now", func(o *office) { o.data = func() error { return said(451, "disk is full") } }, false, []string{"451", "disk is full"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := &office{password: "hunter2"}
			test.set(o)
			err := Email(o.open(t, StartTLS)).Send(t.Context(), letter(t))
			expect(t, err, test.final, append(test.words, "mail server 127.0.0.1:")...)
			if n := len(o.taken()); n != 0 {
				t.Errorf("%d mails were taken", n)
			}
		})
	}
}

func TestMailServersThatAreNotWhatTheyShouldBe(t *testing.T) {
	tests := []struct {
		name   string
		way    Security
		change func(t *testing.T, c *EmailConfig)
		words  []string
	}{
		{"wrong password", StartTLS, func(_ *testing.T, c *EmailConfig) { c.Password = "hunter3" }, []string{"log in as doisoat", "535"}},
		{"a certificate that nobody known has signed", StartTLS, func(_ *testing.T, c *EmailConfig) { c.CAFile = "" }, []string{"STARTTLS", "certificate"}},
		{"another one's certificate", TLS, func(t *testing.T, c *EmailConfig) {
			c.CAFile, _ = authority(t, "127.0.0.1")
		}, []string{"TLS", "certificate"}},
		{"a certificate for another name", StartTLS, func(_ *testing.T, c *EmailConfig) { c.Host = "localhost" }, []string{"certificate"}},
		{"no STARTTLS", NoTLS, func(_ *testing.T, c *EmailConfig) { c.TLS = StartTLS }, []string{"does not offer STARTTLS"}},
		{"TLS on a port without", NoTLS, func(_ *testing.T, c *EmailConfig) { c.TLS = TLS }, []string{"TLS"}},
		{"no file of authorities", StartTLS, func(t *testing.T, c *EmailConfig) { c.CAFile = t.TempDir() + "/none.pem" }, []string{"none.pem"}},
		{"nobody there", StartTLS, func(t *testing.T, c *EmailConfig) {
			l := listen(t)
			c.Port = portOf(l)
			l.Close()
		}, []string{"connect", "refused"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := &office{password: "hunter2"}
			c := o.open(t, test.way)
			test.change(t, &c)
			expect(t, Email(c).Send(t.Context(), letter(t)), false, test.words...)
			if n := len(o.taken()); n != 0 {
				t.Errorf("%d mails were taken", n)
			}
		})
	}
}

func TestPasswordDoesNotLeaveTheMachineInTheClear(t *testing.T) {
	if isLoopback(&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}) || isLoopback(&net.UnixAddr{}) || !isLoopback(&net.TCPAddr{IP: net.IPv6loopback}) {
		t.Error("loopback is not told from the network")
	}
	remote := session{email: &email{EmailConfig{Host: "mail", TLS: NoTLS, Username: "doisoat", Password: "hunter2"}}, conn: elsewhere{}}
	expect(t, remote.login(), false, "in the clear")
}

// elsewhere is a connection to another machine.
type elsewhere struct{ net.Conn }

func (elsewhere) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 25} }

// A file that cannot be made must not arrive as half a one.
func TestEmailWhoseFileFails(t *testing.T) {
	o := &office{password: "hunter2"}
	m := letter(t)
	m.Files[1].Write = func(w io.Writer) error {
		_, _ = w.Write([]byte("half"))
		return errors.New("font is missing")
	}
	expect(t, Email(o.open(t, StartTLS)).Send(t.Context(), m), false, "phieu-don-doc.pdf", "font is missing")
	if n := len(o.taken()); n != 0 {
		t.Errorf("%d mails were taken", n)
	}
}

func TestMailThatIsNone(t *testing.T) {
	tests := []struct {
		name   string
		change func(*EmailConfig, *Message)
		final  bool
		word   string
	}{
		{"no id", func(_ *EmailConfig, m *Message) { m.ID = "" }, true, "id"},
		{"an id with a line break", func(_ *EmailConfig, m *Message) { m.ID = "a\r\nb@c" }, true, "id"},
		{"no moment", func(_ *EmailConfig, m *Message) { m.Made = time.Time{} }, true, "moment"},
		{"a file without content", func(_ *EmailConfig, m *Message) { m.Files[0].Write = nil }, true, "file 1"},
		{"nobody to send it to", func(c *EmailConfig, _ *Message) { c.To = nil }, false, "KT"},
		{"a sender that is none", func(c *EmailConfig, _ *Message) { c.From = "Trung tâm" }, false, "sender"},
		{"a recipient that is none", func(c *EmailConfig, _ *Message) { c.To[0] = "kt" }, false, "kt"},
		{"a reply address that is none", func(c *EmailConfig, _ *Message) { c.ReplyTo = "kt" }, false, "kt"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := EmailConfig{Host: "127.0.0.1", Port: 1, From: "a@example.vn", To: []string{"b@example.vn"}}
			m := letter(t)
			test.change(&c, m)
			expect(t, Email(c).Send(t.Context(), m), test.final, test.word)
		})
	}
}

func TestNamesOfAttachments(t *testing.T) {
	for name, want := range map[string]string{
		"list.xlsx":        `attachment; filename="list.xlsx"`,
		"Đôn đốc.docx":     `attachment; filename="Don doc.docx"; filename*=utf-8''%C4%90%C3%B4n%20%C4%91%E1%BB%91c.docx`,
		"a\"b\\c\r\nd.pdf": `attachment; filename="a_b_c  d.pdf"`,
	} {
		if diff := cmp.Diff(want, disposition(oneLine(name))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
}
