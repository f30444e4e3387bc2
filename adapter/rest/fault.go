package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"

	"github.com/doisoat/doisoat/reconcile"
)

// Fault is why a call did not give what it should have. Its text is fit for a
// person and holds no secret, no query string and nothing of a body.
type Fault struct {
	Cause  reconcile.Cause
	Reason string // what is wrong, and the remedy where there is one
	err    error  // for errors.Is; never printed, since it may name the whole URL

	transient bool // the same call may succeed in a moment
	expired   bool // the token died; log in again
	worn      bool // it died of the tries that this one call took
	status    int  // HTTP status, where that is what was wrong
}

func (f *Fault) Error() string { return f.Reason }

// Unwrap gives the underlying error, whose own text may hold what Reason leaves out.
func (f *Fault) Unwrap() error { return f.err }

func faultf(cause reconcile.Cause, format string, args ...any) *Fault {
	return &Fault{Cause: cause, Reason: fmt.Sprintf(format, args...)}
}

func transientf(cause reconcile.Cause, format string, args ...any) *Fault {
	f := faultf(cause, format, args...)
	f.transient = true
	return f
}

// at says on which call a fault arose, keeping everything else about it.
func (f *Fault) at(what string) *Fault {
	g := *f
	g.Reason = what + ": " + f.Reason
	return &g
}

// wornOut reports whether a token was good and died of one troubled call.
func wornOut(err error) bool {
	var f *Fault
	return errors.As(err, &f) && f.worn
}

// expired reports whether the token was refused, and a new one is worth a try.
func expired(err error) bool {
	var f *Fault
	return errors.As(err, &f) && f.expired
}

// asFault classifies what came back from a call. A *url.Error is opened first:
// its own text holds the URL, and with it session ids.
func asFault(err error) *Fault {
	var f *Fault
	if errors.As(err, &f) {
		return f
	}
	var outer *url.Error
	timeout := errors.Is(err, context.DeadlineExceeded)
	if errors.As(err, &outer) {
		timeout = timeout || outer.Timeout()
		err = outer.Err
	}
	var netErr net.Error
	timeout = timeout || errors.As(err, &netErr) && netErr.Timeout()
	switch {
	case errors.Is(err, context.Canceled):
		f = faultf(reconcile.CauseCancelled, "stopped")
	case timeout:
		f = transientf(reconcile.CauseTimeout, "no answer in time; raise limits.timeout, or ask for smaller pages")
	case certificateError(err):
		f = faultf(reconcile.CauseConnect, "the server's certificate is not trusted: %v; name its authority in tls.ca_file", err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		f = transientf(reconcile.CauseDecode, "the reply was cut short")
	case errors.Is(err, syscall.ECONNREFUSED):
		f = transientf(reconcile.CauseConnect, "connection refused; is the address right and the system running?")
	case errors.Is(err, io.EOF):
		f = transientf(reconcile.CauseConnect, "the connection was closed before an answer came")
	default:
		f = transientf(reconcile.CauseConnect, "no connection, or it broke%s", plain(err))
	}
	f.err = err
	return f
}

// plain shows the text of errors known to hold nothing but addresses; others
// may quote what the server sent.
func plain(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	var alert tls.AlertError
	switch {
	case errors.As(err, &dns):
		return ": the name " + dns.Name + " is not known; check url"
	case errors.As(err, &alert):
		return ": " + alert.Error() + "; does the server ask for tls.cert_file and tls.key_file?"
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return ": the server speaks plain HTTP; is url meant to begin with http://?"
	case errors.As(err, &op):
		return ": " + op.Error()
	}
	return ""
}

func certificateError(err error) bool {
	var verify *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &verify) || errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid)
}

// statusFault says what an HTTP status other than 2xx means for a person.
func statusFault(status int, text string) *Fault {
	f := statusReason(status, text)
	f.status = status
	return f
}

func statusReason(status int, text string) *Fault {
	switch {
	case status == 401:
		return &Fault{Cause: reconcile.CauseAuth, Reason: "log-in refused (401); check auth", expired: true}
	case status == 403:
		return faultf(reconcile.CauseAuth, "forbidden (403); the account lacks the right to read this")
	case status == 404:
		return faultf(reconcile.CauseHTTP4xx, "not found (404); check url and path")
	case status == 429:
		return faultf(reconcile.CauseRateLimited, "too many requests (429), also after waiting; lower limits.per_second and limits.concurrency")
	case status >= 300 && status < 400:
		return faultf(reconcile.CauseSchema, "redirected (%d) without a usable address; give the final one as url", status)
	case status >= 500:
		return faultf(reconcile.CauseHTTP5xx, "the server failed (%d %s); try again later, or ask its operators about this page", status, text)
	}
	return faultf(reconcile.CauseHTTP4xx, "the server refused the request (%d %s); check path, query and body", status, text)
}
