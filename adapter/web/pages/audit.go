package pages

import (
	"net/http"
	"strings"

	"github.com/doisoat/doisoat/adapter/web"
)

// auditBody is the audit trail.
type auditBody struct {
	Actor, Action string
	Items         []web.AuditEntry
	Next          string
	// Verdict is whether the trail is as it was written; nil where it was not asked.
	Verdict *web.AuditVerdict
}

func (p *Pages) audit(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r, "audit.title")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	body := auditBody{Actor: strings.TrimSpace(q.Get("actor")), Action: strings.TrimSpace(q.Get("action"))}
	from, err := before(q)
	if err != nil {
		return err
	}
	if !readable(body.Actor) || !readable(body.Action) {
		return errUnreadable
	}
	page, err := p.options.Backend.Audit(r.Context(), body.Actor, body.Action, from, pageSize)
	if err != nil {
		return err
	}
	body.Items, body.Next = page.Items, onward(r, page.Next)
	// The whole chain is read: only when somebody asks for it.
	if q.Get("verify") == "true" {
		if body.Verdict, err = p.options.Backend.VerifyAudit(r.Context()); err != nil {
			return err
		}
	}
	return p.page(w, r, "audit", v, body)
}
