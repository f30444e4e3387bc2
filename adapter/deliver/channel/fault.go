package channel

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"unicode"
)

// Fault is why a message was not delivered.
type Fault struct {
	// Permanent: no other attempt with this message will do better. What lies in the
	// configuration or on the way (a password, a certificate, a server that is down)
	// is not: it is put right without the message being touched.
	Permanent bool
	Reason    string // one line, to be shown; without secrets
}

// Error is the reason.
func (f *Fault) Error() string { return f.Reason }

// Permanent reports whether err says that no other attempt will do better.
func Permanent(err error) bool {
	var f *Fault
	return errors.As(err, &f) && f.Permanent
}

func permanent(format string, args ...any) error {
	return &Fault{Permanent: true, Reason: oneLine(fmt.Sprintf(format, args...))}
}

func temporary(format string, args ...any) error {
	return &Fault{Reason: oneLine(fmt.Sprintf(format, args...))}
}

// because says why in words, without what must not be seen: foreign texts are cut
// and stripped of the secrets given, in the forms in which they are sent.
func because(ctx context.Context, err error, secrets ...string) string {
	var timeout net.Error
	switch {
	case err == nil:
		return ""
	case codeOf(err) != 0: // what was answered says more than that time ran out afterwards
		return said(err.Error(), secrets...)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "no answer in time"
	case ctx.Err() != nil:
		return "interrupted"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // its text holds the address
	}
	return said(err.Error(), secrets...)
}

// maxSaid is how much is kept of what another program says.
const maxSaid = 300

func said(text string, secrets ...string) string {
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		for _, form := range []string{
			secret, base64.StdEncoding.EncodeToString([]byte(secret)), base64.URLEncoding.EncodeToString([]byte(secret)),
			url.QueryEscape(secret), url.PathEscape(secret),
		} {
			text = strings.ReplaceAll(text, form, "<secret>")
		}
	}
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if short := cut(text, maxSaid); short != text {
		text = short + "…"
	}
	return text
}
