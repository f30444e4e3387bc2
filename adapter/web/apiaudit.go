package web

import (
	"context"
	"net/http"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// The audit trail, read. What writes it is in audit.go.

func (s *Server) auditRoutes() []Route {
	return []Route{
		api(http.MethodGet, "audit", "audit", "the audit trail, the newest first", access.SeeAudit, s.audit),
		api(http.MethodGet, "audit/verify", "audit_verify", "whether the audit trail is as it was written", access.SeeAudit, s.verifyAudit),
	}
}

func (s *Server) audit(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known("actor", "action", "before", "limit")
	actor, action, before, limit := p.text("actor"), p.text("action"), p.before(), p.limit()
	answerFor(s, w, r, p, func(ctx context.Context) (*AuditPage, error) {
		return s.options.Backend.Audit(ctx, actor, action, before, limit)
	})
}

func (s *Server) verifyAudit(w http.ResponseWriter, r *http.Request) {
	answer(s, w, r, s.options.Backend.VerifyAudit)
}
