package web

import (
	"context"
	"net/http"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// What an operator asks of a running service.

func (s *Server) operateRoutes() []Route {
	return []Route{
		api(http.MethodGet, "sources/{name}/rejected", "rejected", "rows of a source's last snapshot that could not be taken in", access.SeeService, s.rejected),
		api(http.MethodPost, "sources/{name}/poll", "poll", "ask for a full poll of a source soon", access.Operate, s.poll),
		api(http.MethodPost, "snapshots/{id}/accept", "snapshot_accept", "accept a held snapshot", access.Operate, s.acceptSnapshot),
		api(http.MethodPost, "runs/{id}/release", "run_release", "release a run that the mass-change breaker holds", access.Operate, s.releaseRun),
	}
}

func (s *Server) rejected(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known("limit")
	name, limit := p.named(r, "name"), p.limit()
	answerFor(s, w, r, p, func(ctx context.Context) (*rejectedBody, error) {
		rows, err := s.options.Backend.Rejected(ctx, name, limit)
		return &rejectedBody{rows}, err
	})
}

func (s *Server) poll(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known()
	name := p.named(r, "name")
	if !noBody(w, r) {
		return
	}
	s.changed(w, r, p, http.StatusAccepted, func(ctx context.Context) (any, error) {
		return nil, s.options.Backend.PollNow(ctx, access.From(ctx), name)
	})
}

func (s *Server) acceptSnapshot(w http.ResponseWriter, r *http.Request) {
	s.decide(w, r, s.options.Backend.AcceptSnapshot)
}

func (s *Server) releaseRun(w http.ResponseWriter, r *http.Request) {
	s.decide(w, r, s.options.Backend.ReleaseRun)
}

// decide does something to what the path numbers, and answers without a body.
func (s *Server) decide(w http.ResponseWriter, r *http.Request, do func(context.Context, *access.Principal, int64) error) {
	p := parametersOf(r.URL.RawQuery)
	p.known()
	id := p.numbered(r)
	if !noBody(w, r) {
		return
	}
	s.changed(w, r, p, http.StatusNoContent, func(ctx context.Context) (any, error) { return nil, do(ctx, access.From(ctx), id) })
}
