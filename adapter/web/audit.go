package web

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// The outcomes of what the audit trail holds. Every change is begun before it is
// made, so that none can be made that the trail does not know.
const (
	OutcomeBegun   = "begun"
	OutcomeDone    = "done"
	OutcomeRefused = "refused" // answered 4xx: nothing was changed
	OutcomeFailed  = "failed"  // answered 5xx, or not at all
)

// Outcomes lists them.
var Outcomes = []string{OutcomeBegun, OutcomeDone, OutcomeRefused, OutcomeFailed}

const (
	// LoginField is the field of the login form that holds the name. An attempt to
	// sign in is recorded under it.
	LoginField = "name"
	// auditTimeout is how long an entry may take to be kept.
	auditTimeout = 10 * time.Second
	// How much of a text an entry keeps, in characters.
	maxActor, maxObject, maxDetail = 64, 256, 1000
)

// note is what a handler adds to the entry of its request.
type note struct {
	mu             sync.Mutex
	object, detail string
}

type noteKey struct{}

// Note says what a request that changes something was done to, and with what:
// reasons, dates, counts; never a password or a token. What is "" stays as it was.
// It does nothing outside of such a request.
func Note(ctx context.Context, object, detail string) {
	n, _ := ctx.Value(noteKey{}).(*note)
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if object != "" {
		n.object = object
	}
	if detail != "" {
		n.detail = detail
	}
}

// remoteGate is a Gate that knows which address a request comes from where a proxy
// stands before the server.
type remoteGate interface {
	RemoteOf(r *http.Request) string
}

// audited serves, between two entries of the audit trail where the request may
// change something. Without the first, nothing is done.
func (g *guard) audited(r *Route, w http.ResponseWriter, req *http.Request) {
	if safe(req.Method) || r.Name == notFoundName {
		r.Serve(w, req)
		return
	}
	entry := g.entryOf(r, req)
	entry.Outcome = OutcomeBegun
	ctx, cancel := context.WithTimeout(req.Context(), auditTimeout)
	err := g.options.Backend.Record(ctx, entry)
	cancel()
	if err != nil {
		g.options.Logger.ErrorContext(req.Context(), "audit trail", "handler", r.Name, "cause", err, "request_id", idOf(req.Context()))
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		g.refuse(r, w, req, http.StatusServiceUnavailable, "Không ghi được nhật ký nên chưa có gì thay đổi; xin thử lại.",
			"nothing was changed: the audit trail cannot be kept; try again")
		return
	}
	if r.MaxBody > maxJSON {
		// A large body may come slowly, now that it is known from whom. A connection
		// that knows no deadlines has none to be longer.
		controller := http.NewResponseController(w)
		_ = controller.SetReadDeadline(time.Now().Add(transferTimeout))
		_ = controller.SetWriteDeadline(time.Now().Add(transferTimeout + apiTimeout + auditTimeout))
	}
	n, seen := &note{}, &watched{ResponseWriter: w}
	answered := false
	defer func() { g.ended(req, entry, n, seen, answered) }()
	r.Serve(seen, req.WithContext(context.WithValue(req.Context(), noteKey{}, n)))
	answered = true
}

// ended keeps how a change went. A handler that panicked has not answered.
func (g *guard) ended(req *http.Request, entry AuditEntry, n *note, seen *watched, answered bool) {
	n.mu.Lock()
	if n.object != "" {
		entry.Object = Cleaned(n.object, maxObject)
	}
	detail := n.detail
	n.mu.Unlock()
	status := strconv.Itoa(seen.code())
	switch {
	case !answered:
		entry.Outcome, status = OutcomeFailed, "not answered"
	case seen.code() >= http.StatusInternalServerError:
		entry.Outcome = OutcomeFailed
	case seen.code() >= http.StatusBadRequest:
		entry.Outcome = OutcomeRefused
	default:
		entry.Outcome = OutcomeDone
	}
	entry.Detail = status
	if detail != "" {
		entry.Detail += "; " + Cleaned(detail, maxDetail)
	}
	// Whoever asked may have gone away: what was done was done.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(req.Context()), auditTimeout)
	defer cancel()
	if err := g.options.Backend.Record(ctx, entry); err != nil {
		g.options.Logger.ErrorContext(ctx, "audit trail: how it went is not kept", "action", entry.Action, "object", entry.Object, "outcome", entry.Outcome,
			"cause", err, "request_id", idOf(ctx))
	}
}

// entryOf is what is known before the handler. The object is what the path names.
func (g *guard) entryOf(r *Route, req *http.Request) AuditEntry {
	entry := AuditEntry{Actor: anonymous, Action: r.Name, Object: Cleaned(wildcards(r.Pattern, req), maxObject), Remote: req.RemoteAddr}
	if host, _, err := net.SplitHostPort(req.RemoteAddr); err == nil {
		entry.Remote = host
	}
	if gate, ok := g.options.Gate.(remoteGate); ok {
		entry.Remote = gate.RemoteOf(req)
	}
	if p := access.From(req.Context()); p != nil {
		entry.Actor, entry.Role, entry.Via = Cleaned(p.Name, maxActor), string(p.Role), string(p.Via)
	} else if r.Pattern == LoginPath {
		// A form that cannot be read is the handler's to refuse.
		if name := Cleaned(req.PostFormValue(LoginField), maxActor); name != "" {
			entry.Actor = name
		}
	}
	return entry
}

// wildcards are the values of a pattern's wildcards, with blanks between.
func wildcards(pattern string, req *http.Request) string {
	var values []string
	for part := range strings.SplitSeq(pattern, "/") {
		name, ok := strings.CutPrefix(part, "{")
		if name = strings.TrimSuffix(strings.TrimSuffix(name, "}"), "..."); !ok || name == "$" {
			continue
		}
		if value := req.PathValue(name); value != "" {
			values = append(values, value)
		}
	}
	return strings.Join(values, " ")
}

// Cleaned is a foreign text as one line of at most longest characters that can be
// shown and kept.
func Cleaned(s string, longest int) string {
	if len(s) > longest*utf8.UTFMax { // so that little is worked through in vain
		s = s[:longest*utf8.UTFMax]
	}
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd")))
	if utf8.RuneCountInString(s) > longest {
		s = string([]rune(s)[:longest-1]) + "…"
	}
	return s
}
