package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"
)

// requestIDHeader carries a request's id both ways, so that a proxy's log and
// ours can be laid side by side.
const requestIDHeader = "X-Request-Id"

var requestID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

type requestIDKey struct{}

// idOf is the request's id; "" outside of this server.
func idOf(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// securityHeaders hold for every answer. Those that an operator sets in the web
// configuration file come first.
var securityHeaders = [...][2]string{
	{"Content-Security-Policy", ContentPolicy},
	{"X-Content-Type-Options", "nosniff"},
	{"X-Frame-Options", "DENY"},
	{"Referrer-Policy", "no-referrer"},
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
}

// pageReferrers is the Referrer-Policy of pages: their forms have to say which site
// they are of, which no-referrer would hide in the Origin, too.
const pageReferrers = "same-origin"

// forPages sets what is otherwise for pages, except where the operator set it.
func forPages(header http.Header) {
	const name = "Referrer-Policy"
	for _, general := range securityHeaders {
		if general[0] == name && header.Get(name) == general[1] {
			header.Set(name, pageReferrers)
		}
	}
}

// outermost gives a request its id and its answer the security headers, and tells
// the log at debug level how it went.
func (s *Server) outermost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get(requestIDHeader)
		if !requestID.MatchString(id) {
			id = rand.Text()
		}
		header := w.Header()
		header.Set(requestIDHeader, id)
		for _, h := range securityHeaders {
			if header.Get(h[0]) == "" {
				header.Set(h[0], h[1])
			}
		}
		ctx := context.WithValue(r.Context(), requestIDKey{}, id)
		if !s.options.Logger.Enabled(ctx, slog.LevelDebug) {
			next.ServeHTTP(w, r.WithContext(ctx))
			return
		}
		start, seen := time.Now(), &watched{ResponseWriter: w}
		next.ServeHTTP(seen, r.WithContext(ctx))
		// The query is left out: it is the client's text, and may be long.
		s.options.Logger.DebugContext(ctx, "request", "method", r.Method, "path", r.URL.Path, "status", seen.code(), "bytes", seen.bytes,
			"seconds", time.Since(start).Seconds(), "remote", r.RemoteAddr, "request_id", id)
	})
}

// ContentPolicy is what a browser may load and run of any answer: our own files alone,
// nothing that stands in the page itself.
const ContentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// recovered turns a panic into an answer and a line in the log; the server lives
// on, and the other requests with it.
func (s *Server) recovered(name string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &watched{ResponseWriter: w}
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				if cause != http.ErrAbortHandler { //nolint:errorlint // that itself, which says nothing
					s.options.Logger.ErrorContext(r.Context(), "answer cut off", "handler", name, "cause", err, "request_id", idOf(r.Context()))
				}
				panic(http.ErrAbortHandler) // meant to cut the connection
			}
			s.options.Logger.ErrorContext(r.Context(), "panic in a handler", "handler", name, "cause", fmt.Sprint(cause),
				"request_id", idOf(r.Context()), "stack", string(debug.Stack()))
			if seen.status != 0 {
				panic(http.ErrAbortHandler) // half an answer must not look like a whole one
			}
			internal(w, r)
		}()
		next.ServeHTTP(seen, r)
	})
}

// watched remembers what was answered.
type watched struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *watched) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *watched) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
