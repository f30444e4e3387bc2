package web

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// What is known, and how well; and who asks.

func (s *Server) stateRoutes() []Route {
	openapi := api(http.MethodGet, "openapi.yaml", "openapi", "this API, as an OpenAPI 3.1 document", access.Anybody, s.openapi)
	openapi.Always = true
	return []Route{
		api(http.MethodGet, "status", "status", "last runs, what is held back and waits for somebody, work queue, warnings", access.SeeService, s.status),
		api(http.MethodGet, "overview", "overview", "what is open by department and kind, ninety days, sources, the last night", access.SeeDossiers, s.overview),
		api(http.MethodGet, "departments", "departments", "the departments that whoever asks may see", access.SeeDossiers, s.departments),
		api(http.MethodGet, "sources", "sources", "every source: is it up, how fresh, what it holds, what could not be mapped", access.SeeDossiers, s.sources),
		api(http.MethodGet, "discrepancies", "discrepancies", "what the two sides disagree about, filtered and page by page", access.SeeDossiers, s.discrepancies),
		api(http.MethodGet, "dossiers/{code}", "dossier", "one dossier explained: both records, rules tried, arithmetic, history", access.SeeDossiers, s.dossier),
		api(http.MethodGet, "me", "me", "who asks, and what they may do", access.SignedIn, s.me),
		openapi,
	}
}

func (s *Server) status(w http.ResponseWriter, r *http.Request) {
	answer(s, w, r, s.options.Backend.Status)
}

func (s *Server) overview(w http.ResponseWriter, r *http.Request) {
	answer(s, w, r, func(ctx context.Context) (*Overview, error) { return s.options.Backend.Overview(ctx, scopeOf(r)) })
}

func (s *Server) departments(w http.ResponseWriter, r *http.Request) {
	answer(s, w, r, func(ctx context.Context) (*departmentsBody, error) {
		list, err := s.options.Backend.Departments(ctx, scopeOf(r))
		return &departmentsBody{list}, err
	})
}

func (s *Server) sources(w http.ResponseWriter, r *http.Request) {
	answer(s, w, r, func(ctx context.Context) (*sourcesBody, error) {
		list, err := s.options.Backend.Sources(ctx, scopeOf(r))
		return &sourcesBody{list}, err
	})
}

func (s *Server) dossier(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known()
	code := p.named(r, "code")
	answerFor(s, w, r, p, func(ctx context.Context) (*Dossier, error) { return s.options.Backend.Dossier(ctx, scopeOf(r), code) })
}

func (s *Server) discrepancies(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	q := queryOf(p)
	if p.refused(w, r) {
		return
	}
	q.Scope = scopeOf(r)
	ctx, cancel := context.WithTimeout(r.Context(), apiTimeout)
	defer cancel()
	revision, err := s.options.Backend.Revision(ctx)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	// Two who may see different things never hold the same answer.
	seen := fmt.Sprint(q.Scope.All(), len(q.Scope.Departments())) + strings.Join(q.Scope.Departments(), "\n")
	if unchanged(w, r, validator(s.options.Version, revision, q.address(q.After), seen)) {
		return
	}
	page, err := s.options.Backend.Discrepancies(ctx, q)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	body := pageBody{AsOf: page.AsOf, Run: page.Run, Items: page.Items}
	if page.Next != nil {
		body.Next = q.token(page.Next)
		w.Header().Set("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, discrepanciesPath, q.address(page.Next)))
	}
	text, err := encode(&body)
	if err != nil {
		s.failed(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, text)
}

func (s *Server) me(w http.ResponseWriter, r *http.Request) {
	answer(s, w, r, func(context.Context) (*Me, error) { return meOf(access.From(r.Context())), nil })
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
