package channel

import (
	"fmt"
	"io"
	"mime"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"unicode"

	"github.com/wneessen/go-mail"
	"golang.org/x/text/unicode/norm"
)

// composed is a mail with its envelope.
type composed struct {
	msg   *mail.Msg
	from  string
	to    []string
	ascii bool // all of the addresses
}

// compose writes the mail. Its Message-ID and Date stay the same over all attempts.
func (e *email) compose(m *Message) (*composed, error) {
	c := &composed{msg: mail.NewMsg(mail.WithNoDefaultUserAgent()), ascii: true}
	from, err := netmail.ParseAddress(e.c.From)
	if err != nil {
		return nil, temporary("mail: the sender %q is no address; see deliver.email.from in the configuration", e.c.From)
	}
	c.envelope(&c.from, from)
	c.msg.FromMailAddress(from)
	if e.c.ReplyTo != "" {
		if err := c.msg.ReplyTo(e.c.ReplyTo); err != nil {
			return nil, temporary("mail: %q is no address; see deliver.email.reply_to in the configuration", e.c.ReplyTo)
		}
	}
	if len(e.c.To) == 0 {
		return nil, temporary("mail: no address of department %s; give it one in the configuration", m.Department)
	}
	to := make([]*netmail.Address, len(e.c.To))
	c.to = make([]string, len(e.c.To))
	for i, text := range e.c.To {
		if to[i], err = netmail.ParseAddress(text); err != nil {
			return nil, temporary("mail: %q is no address; see department %s in the configuration", text, m.Department)
		}
		c.envelope(&c.to[i], to[i])
	}
	c.msg.ToMailAddress(to...)
	c.msg.Subject(oneLine(m.Subject))
	c.msg.SetMessageIDWithValue(m.ID)
	c.msg.SetDateWithValue(m.Made)
	c.msg.SetGenHeader("Auto-Submitted", "auto-generated")
	c.msg.SetGenHeader("X-Doisoat-Department", oneLine(m.Department))
	c.msg.SetBodyString(mail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		c.msg.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	}
	files := make([]*mail.File, len(m.Files))
	for i, f := range m.Files {
		files[i] = attachment(f)
	}
	c.msg.SetAttachments(files)
	return c, nil
}

func (c *composed) envelope(to *string, a *netmail.Address) {
	*to = a.Address
	c.ascii = c.ascii && !strings.ContainsFunc(a.Address, func(r rune) bool { return r > '~' })
}

// attachment names the file twice: as RFC 2231 has it, and in letters that every
// program can show.
func attachment(f File) *mail.File {
	name := oneLine(f.Name)
	header := textproto.MIMEHeader{}
	kind, params, err := mime.ParseMediaType(f.contentType())
	if err != nil {
		kind, params = "application/octet-stream", map[string]string{}
	}
	header.Set("Content-Type", mime.FormatMediaType(kind, params))
	header.Set("Content-Disposition", disposition(name))
	return &mail.File{Name: name, Header: header, Writer: func(w io.Writer) (int64, error) {
		counted := &counter{to: w}
		err := f.contents(counted)
		return counted.n, err
	}}
}

func disposition(name string) string {
	plain := plainLetters(name)
	full := fmt.Sprintf(`attachment; filename="%s"`, plain)
	// What mime writes is "attachment; filename*=utf-8''…" where there is need for it.
	if _, extended, _ := strings.Cut(mime.FormatMediaType("attachment", map[string]string{"filename": name}), "; "); strings.HasPrefix(extended, "filename*=") {
		full += "; " + extended
	}
	return full
}

// plainLetters writes Vietnamese without its marks, and _ for what else is not ASCII.
func plainLetters(s string) string {
	s = strings.NewReplacer("đ", "d", "Đ", "D").Replace(norm.NFD.String(s))
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case r < ' ' || r > '~' || r == '"' || r == '\\':
			return '_'
		}
		return r
	}, s)
}

// counter counts what is written.
type counter struct {
	to io.Writer
	n  int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}
