package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// What people set on discrepancies.

func (s *Server) actRoutes() []Route {
	return []Route{
		api(http.MethodPost, "discrepancies/acknowledge", "acknowledge", "keep a department's answer to discrepancies", access.Answer, s.acknowledge),
		api(http.MethodPost, "discrepancies/waive", "waive", "ask for no correction of discrepancies until a day", access.Waive, s.waive),
		api(http.MethodPost, "discrepancies/take-back", "take_back", "end acknowledgements and waivers", access.Waive, s.takeBack),
	}
}

func (s *Server) acknowledge(w http.ResponseWriter, r *http.Request) {
	var body acknowledgeBody
	if !read(w, r, &body) {
		return
	}
	p := parametersOf(r.URL.RawQuery)
	p.known()
	p.ids(body.IDs)
	p.words("note", body.Note)
	s.act(w, r, p, body.IDs, body.Note, func(ctx context.Context) ([]Discrepancy, error) {
		return s.options.Backend.Acknowledge(ctx, access.From(ctx), body.IDs, body.Note)
	})
}

func (s *Server) waive(w http.ResponseWriter, r *http.Request) {
	var body waiveBody
	if !read(w, r, &body) {
		return
	}
	p := parametersOf(r.URL.RawQuery)
	p.known()
	p.ids(body.IDs)
	p.day("until", body.Until, s.options.Zone())
	p.words("reason", body.Reason)
	s.act(w, r, p, body.IDs, "until "+body.Until+": "+body.Reason, func(ctx context.Context) ([]Discrepancy, error) {
		return s.options.Backend.Waive(ctx, access.From(ctx), body.IDs, body.Until, body.Reason)
	})
}

func (s *Server) takeBack(w http.ResponseWriter, r *http.Request) {
	var body takeBackBody
	if !read(w, r, &body) {
		return
	}
	p := parametersOf(r.URL.RawQuery)
	p.known()
	p.ids(body.IDs)
	p.words("reason", body.Reason)
	s.act(w, r, p, body.IDs, body.Reason, func(ctx context.Context) ([]Discrepancy, error) {
		return s.options.Backend.TakeBack(ctx, access.From(ctx), body.IDs, body.Reason)
	})
}

// act does it, and says in the audit trail to what: the first, and how many more.
func (s *Server) act(w http.ResponseWriter, r *http.Request, p *parameters, ids []string, why string, do func(context.Context) ([]Discrepancy, error)) {
	s.changed(w, r, p, http.StatusOK, func(ctx context.Context) (any, error) {
		object := ids[0]
		if len(ids) > 1 {
			object = fmt.Sprintf("%s and %d more", object, len(ids)-1)
		}
		Note(ctx, object, why)
		list, err := do(ctx)
		return &actedBody{list}, err
	})
}
