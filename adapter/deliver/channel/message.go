package channel

import (
	"context"
	"fmt"
	"io"
	"mime"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Message is what is sent to one department.
type Message struct {
	// ID is the same for every attempt, and for no other message, in the form of an
	// address ("letter-12-email@doisoat.example.vn"). It is the Message-ID of a mail,
	// the header Doisoat-Id of a webhook's call, and part of every name of a file.
	ID         string
	Department string // its code
	Subject    string // one line
	Text       string // plain text
	HTML       string // the same as HTML; "" for none
	Made       time.Time
	Files      []File
}

// File is one file of a message.
type File struct {
	Name        string // with its ending; any script
	ContentType string // "" is told from the ending
	// Write writes the content, as often as it is called, and the same each time.
	Write func(io.Writer) error
}

// Channel carries messages one way. It is safe for concurrent use.
type Channel interface {
	// Send makes one attempt, and returns once the other side has taken the whole
	// message, or with a *Fault. It ends soon after ctx does.
	Send(ctx context.Context, m *Message) error
	// Close lets go of what is kept between messages.
	Close() error
}

// check refuses what could not be carried by any attempt.
func (m *Message) check() error {
	local, host, ok := strings.Cut(m.ID, "@")
	switch {
	case !ok || !dotAtom(local) || !dotAtom(host) || len(m.ID) > 120:
		return permanent("message: its id %q is none; letters, digits, . _ and - around one @, 120 at most", m.ID)
	case m.Made.IsZero():
		return permanent("message %s: no moment at which it was made", m.ID)
	}
	for i, f := range m.Files {
		if f.Name == "" || f.Write == nil {
			return permanent("message %s: file %d has no name or no content", m.ID, i+1)
		}
	}
	return nil
}

func dotAtom(s string) bool {
	return s != "" && !strings.HasPrefix(s, ".") && !strings.HasSuffix(s, ".") && !strings.Contains(s, "..") &&
		!strings.ContainsFunc(s, func(r rune) bool {
			return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._-", r))
		})
}

// files are those to be put into a folder: the message's own, or its text where it
// has none.
func (m *Message) files() []File {
	if len(m.Files) > 0 {
		return m.Files
	}
	return []File{{Name: m.Subject + ".txt", Write: func(w io.Writer) error {
		_, err := io.WriteString(w, m.Subject+"\n\n"+m.Text)
		return err
	}}}
}

func (f File) contentType() string {
	if f.ContentType != "" {
		return f.ContentType
	}
	if kind := mime.TypeByExtension(filepath.Ext(f.Name)); kind != "" {
		return kind
	}
	return "application/octet-stream"
}

// fileName is the name of a message's file in a folder: its own with the message's
// ID before the ending, so that a second delivery replaces it.
func (m *Message) fileName(f File) string {
	ending := filepath.Ext(f.Name)
	stem := safeName(strings.TrimSuffix(f.Name, ending))
	ending = safeName(ending)
	if len(ending) > 10 {
		ending = ""
	} else if ending != "" {
		ending = "." + strings.TrimPrefix(ending, ".")
	}
	// 255 bytes are what file systems take; some for the name of what is not done yet.
	stem = cut(stem, 240-len(m.ID)-len(ending)-len("--"))
	if stem == "" {
		return m.ID + ending
	}
	return stem + "--" + m.ID + ending
}

// safeName makes a name that is one step of a path on Windows as well as here, and
// is neither hidden nor an option of a command.
func safeName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError || strings.ContainsRune(`/\:*?"<>|`, r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return '_'
		}
		return r
	}, s)
	return strings.TrimLeft(strings.Trim(s, " ."), "-~ .")
}

// cut shortens a text to so many bytes at most, between letters.
func cut(s string, bytes int) string {
	for len(s) > max(bytes, 0) {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return strings.TrimRight(s, " .")
}

// subfolder is the folder of the department below the channel's own.
func (m *Message) subfolder(into string) (string, error) {
	if into == "" {
		into = m.Department
	}
	name := safeName(into)
	if name == "" || name != into {
		return "", permanent("message %s: %q is no name of a folder; give the department one in the configuration", m.ID, into)
	}
	return name, nil
}

// oneLine keeps a header's value on its line.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s))
}

// contents runs a file's Write; its panics and errors are of the file, not of the
// other side.
func (f File) contents(w io.Writer) error {
	if err := f.Write(w); err != nil {
		return fmt.Errorf("file %s: %w", f.Name, err)
	}
	return nil
}
