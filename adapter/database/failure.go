package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/doisoat/doisoat/reconcile"
)

// What a person can do about the commonest failures.
const (
	connectRemedy = "check that the server runs and can be reached from here, and the host and port in `url`"
	slowRemedy    = "let `query` read less, give the table an index for it, or allow more time by `limits.timeout`"
	schemaRemedy  = "run `query` by hand as the same user and correct it"
)

// valueError says that a row holds what cannot be read. It quotes no value.
type valueError struct{ err error }

func (e *valueError) Error() string { return e.err.Error() }
func (e *valueError) Unwrap() error { return e.err }

// changedError says that a file was written to while it was read.
type changedError struct{ path string }

func (e *changedError) Error() string { return "file " + e.path + " was changed while it was read" }

// explain turns an error of the source's side into a cause and a sentence.
// expired says that our own time for the statement ran out; streaming, that
// rows were being read, so that a driver's words may quote their values.
func (s *Source) explain(err error, expired, streaming bool) (reconcile.Cause, string) {
	v, known := s.judge(err, expired)
	message := err.Error()
	switch {
	case v.instead != "":
		message = v.instead
	case expired:
		message = "no answer within " + s.cfg.StatementTimeout.String()
	case !known && streaming:
		message = "a row could not be read"
	}
	return v.cause, s.dialect.name + ": " + s.secrets.scrub(message) + "; " + v.remedy
}

func (s *Source) judge(err error, expired bool) (v verdict, known bool) {
	var schema *schemaError
	var value *valueError
	var changed *changedError
	switch {
	case errors.As(err, &schema):
		return verdict{cause: reconcile.CauseSchema, remedy: "nothing was read"}, true
	case errors.As(err, &value):
		return verdict{cause: reconcile.CauseDecode, remedy: "what was read before is not taken for the whole"}, true
	case errors.As(err, &changed):
		return verdict{cause: reconcile.CauseChanging, remedy: "the next poll reads it again"}, true
	case expired:
		return verdict{cause: reconcile.CauseTimeout, remedy: slowRemedy}, true
	}
	if v, ok := s.dialect.classify(err); ok {
		return v, true
	}
	var network net.Error
	isNetwork := errors.As(err, &network)
	switch {
	case isNetwork && network.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return verdict{cause: reconcile.CauseTimeout, remedy: connectRemedy}, true
	case isNetwork, errors.Is(err, driver.ErrBadConn), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return verdict{cause: reconcile.CauseConnect, remedy: connectRemedy}, true
	case s.dialect.refusesLogin(err):
		return verdict{cause: reconcile.CauseAuth, remedy: "check the user, password and encryption settings in `url`"}, true
	}
	return verdict{cause: reconcile.CauseConnect, remedy: connectRemedy}, false
}

// refusesLogin knows the log-in errors that drivers tell by words alone.
func (d *dialect) refusesLogin(err error) bool {
	return errors.Is(err, mysql.ErrNativePassword) || errors.Is(err, mysql.ErrCleartextPassword) ||
		errors.Is(err, mysql.ErrUnknownPlugin) || errors.Is(err, mysql.ErrOldPassword) || errors.Is(err, mysql.ErrNoTLS) ||
		strings.Contains(strings.ToLower(err.Error()), "login error") || strings.Contains(err.Error(), "SSL is not enabled on the server")
}

// secrets are the texts that must not get out, the longest first.
type secrets []string

var passwordPatterns = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(?:password|passwd|pwd)\s*=\s*'((?:[^'\\]|\\.)*)'`),
	regexp.MustCompile(`(?i)(?:password|passwd|pwd)\s*=\s*\{([^}]*)\}`),
	regexp.MustCompile(`(?i)(?:password|passwd|pwd)\s*=\s*([^\s;&]+)`),
	regexp.MustCompile(`^(?:[A-Za-z0-9]+://)?[^:@/]*:(.*)@`),
}

// findSecrets takes the connection string as a whole and whatever in it may be
// the password, written and decoded. For SQLite it is a path, and no secret.
func findSecrets(cfg Config) secrets {
	if cfg.Driver == "sqlite" {
		return nil
	}
	found := secrets{cfg.URL}
	for _, pattern := range passwordPatterns {
		for _, match := range pattern.FindAllStringSubmatch(cfg.URL, -1) {
			found = append(found, match[1])
			if plain, err := url.PathUnescape(match[1]); err == nil {
				found = append(found, plain, url.PathEscape(plain), url.QueryEscape(plain))
			}
		}
	}
	found = slices.DeleteFunc(found, func(s string) bool { return s == "" })
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(found)
}

func (s secrets) scrub(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, "<secret>")
	}
	return text
}
