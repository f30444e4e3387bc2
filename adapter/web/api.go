package web

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const (
	apiPath           = "/api/v1/"
	discrepanciesPath = apiPath + "discrepancies"
	// apiTimeout is how long the backend may take for one answer.
	apiTimeout = 30 * time.Second
)

// StatusBackend tells how the whole service is doing.
type StatusBackend interface {
	Status(ctx context.Context) (*Status, error)
}

func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	answer(s, w, r, s.options.Backend.Status)
}

// SourceBackend tells how the sources are doing.
type SourceBackend interface {
	// Sources is every configured source, the platform first, then in the order of
	// the configuration.
	Sources(ctx context.Context) ([]Source, error)
}

func (s *Server) sources(w http.ResponseWriter, r *http.Request) {
	answer(s, w, r, func(ctx context.Context) (*sourcesBody, error) {
		list, err := s.options.Backend.Sources(ctx)
		return &sourcesBody{list}, err
	})
}

// DossierBackend explains dossiers.
type DossierBackend interface {
	// Dossier explains one dossier. code is as the client wrote it; the backend
	// makes it canonical. ErrNotFound where nothing is known of it.
	Dossier(ctx context.Context, code string) (*Dossier, error)
}

func (s *Server) dossier(w http.ResponseWriter, r *http.Request) {
	code := r.PathValue("code")
	if !readable(code) {
		p := &parameters{}
		p.fault("code", "not readable text of at most %d bytes in UTF-8", maxText)
		p.refused(w, r)
		return
	}
	answer(s, w, r, func(ctx context.Context) (*Dossier, error) { return s.options.Backend.Dossier(ctx, code) })
}

// DiscrepancyBackend lists discrepancies.
type DiscrepancyBackend interface {
	// Revision changes whenever anything changes that an answer of Discrepancies
	// may rest on: discrepancies, the records of both sides, what people set, the
	// freshness of sources, mappings and configuration. It is asked before the
	// data, so that an answer is never older than the revision it is known by.
	// Replicas over one store must not give the same revision to different answers.
	Revision(ctx context.Context) (string, error)
	// Discrepancies is one page. Next is set where more follow.
	Discrepancies(ctx context.Context, q Query) (*Page, error)
}

func (s *Server) discrepancies(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	q := queryOf(p)
	if p.refused(w, r) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), apiTimeout)
	defer cancel()
	revision, err := s.options.Backend.Revision(ctx)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	if unchanged(w, r, validator(s.options.Version, revision, q.address(q.After))) {
		return
	}
	page, err := s.options.Backend.Discrepancies(ctx, q)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	body := pageBody{AsOf: page.AsOf, Run: page.Run, Items: page.Items}
	if page.Next != nil {
		body.Next = page.Next.token(q.filter())
		w.Header().Set("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, discrepanciesPath, q.address(page.Next)))
	}
	text, err := encode(&body)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	writeJSON(w, text)
}

// answer gives what a backend's method returns. The validator is of the answer
// itself, since parts of it move with the clock: only its transfer is saved.
func answer[T any](s *Server, w http.ResponseWriter, r *http.Request, ask func(context.Context) (*T, error)) {
	p := parametersOf(r.URL.RawQuery)
	p.known()
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
		writeJSON(w, text)
	}
}

func writeJSON(w http.ResponseWriter, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text) // a client that went away is no concern of ours
}

// failed answers for a backend that could not.
func (s *Server) failed(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, ErrNotFound):
		problem{Status: http.StatusNotFound, Detail: "nothing is known of it; no source has it, none ever had"}.write(w, r)
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

//go:embed openapi.yaml
var openAPIDocument []byte

func (s *Server) openapi(w http.ResponseWriter, r *http.Request) {
	if unchanged(w, r, validator(string(openAPIDocument))) {
		return
	}
	w.Header().Set("Content-Type", "application/yaml")
	w.Header().Set("Content-Length", strconv.Itoa(len(openAPIDocument)))
	_, _ = w.Write(openAPIDocument) // a client that went away is no concern of ours
}
