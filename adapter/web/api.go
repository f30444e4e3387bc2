package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/doisoat/doisoat/adapter/web/access"
)

const (
	apiPath           = "/api/v1/"
	discrepanciesPath = apiPath + "discrepancies"
	// apiTimeout is how long the backend may take for one answer.
	apiTimeout = 30 * time.Second
)

// api is a route of the API.
func api(method, path, name, comment string, needs access.Permission, serve http.HandlerFunc) Route {
	r := Route{Pattern: apiPath + path, Methods: []string{method}, Name: name, Comment: comment, Needs: needs, Serve: serve}
	if !safe(method) {
		r.MaxBody = maxJSON
	}
	return r
}

// scopeOf is what whoever asks may see.
func scopeOf(r *http.Request) access.Scope { return access.From(r.Context()).Scope() }

// answer gives what a backend's method returns, for a path without parameters.
func answer[T any](s *Server, w http.ResponseWriter, r *http.Request, ask func(context.Context) (T, error)) {
	p := parametersOf(r.URL.RawQuery)
	p.known()
	answerFor(s, w, r, p, ask)
}

// answerFor gives what a backend's method returns, unless a parameter is at fault.
// The validator is of the answer itself, since parts of it move with the clock:
// only its transfer is saved.
func answerFor[T any](s *Server, w http.ResponseWriter, r *http.Request, p *parameters, ask func(context.Context) (T, error)) {
	if p.refused(w, r) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), apiTimeout)
	defer cancel()
	value, err := ask(ctx)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	text, err := encode(value)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	if !unchanged(w, r, validator(string(text))) {
		writeJSON(w, http.StatusOK, text)
	}
}

// changed gives what a backend's method returns that changed something, unless a
// parameter or a field is at fault. What it gives is for this one answer: it may hold
// a password. A nil value is an answer without a body.
func (s *Server) changed(w http.ResponseWriter, r *http.Request, p *parameters, status int, do func(context.Context) (any, error)) {
	if p.refused(w, r) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), apiTimeout)
	defer cancel()
	value, err := do(ctx)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if value == nil {
		w.WriteHeader(status)
		return
	}
	text, err := encode(value)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	writeJSON(w, status, text)
}

func writeJSON(w http.ResponseWriter, status int, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that went away is no concern of ours
}

// failed answers for a backend that could not.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, err error) {
	refused := (*Refused)(nil)
	switch {
	case errors.Is(err, ErrNotFound):
		problem{Status: http.StatusNotFound, Detail: "nothing is known of it: it never was, or it is not for whoever asks"}.write(w, r)
		return
	case errors.As(err, &refused):
		Note(r.Context(), "", refused.Error())
		problem{Status: http.StatusConflict, Detail: "it cannot be done as things stand, and nothing was changed: " + refused.Error(),
			Reasons: refused.En, ReasonsVi: refused.Vi}.write(w, r)
		return
	case r.Context().Err() != nil:
		// The client went away, or the server stops: hardly anybody reads the answer.
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		problem{Status: http.StatusServiceUnavailable, Detail: "the request was given up"}.write(w, r)
		return
	}
	s.options.Logger.ErrorContext(r.Context(), "answer", "path", r.URL.Path, "cause", err, "request_id", idOf(r.Context()))
	if errors.Is(err, context.DeadlineExceeded) {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		problem{Status: http.StatusServiceUnavailable, Detail: fmt.Sprintf("the store did not answer within %s; try again, or ask for less", apiTimeout)}.write(w, r)
		return
	}
	internal(w, r)
}
