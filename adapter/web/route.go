package web

import (
	"net/http"
	"strings"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// Route is one thing the server answers. The mux, the test of the OpenAPI document,
// the test that nobody reaches another department's data and any other that must
// reach every route are driven by the same table.
type Route struct {
	// Pattern is a path of http.ServeMux, with {wildcards}.
	Pattern string
	Methods []string // GET stands for HEAD too
	// Name is the handler's in metrics, logs and the audit trail: few, and never part
	// of a request.
	Name string
	// Comment says what the route is for.
	Comment string
	// Needs is what whoever asks must be permitted. Requests by other methods than
	// GET are answered only after an entry of the audit trail is kept.
	Needs access.Permission
	// Always: the route answers as long as the process lives; the others only once it
	// is ready, since what they show is stored.
	Always bool
	// Page: the answer is for a person. Whoever has to sign in first is sent to
	// the login page, and refusals are pages.
	Page bool
	// Operations: the route is for supervisors and monitoring. It is served on the
	// operations listener where there is one, and loads no session.
	Operations bool
	// MaxBody bounds what a request may bring along, in bytes; 64 KiB where 0.
	MaxBody int64
	// Serve answers. Who asks is access.From(r.Context()).
	Serve http.HandlerFunc
}

// allow is the value of the Allow header for routes of one path.
func allow(group []Route) string {
	var allowed []string
	for _, r := range group {
		for _, m := range r.Methods {
			allowed = append(allowed, m)
			if m == http.MethodGet {
				allowed = append(allowed, http.MethodHead)
			}
		}
	}
	return strings.Join(allowed, ", ")
}

func (r *Route) takes(method string) bool {
	for _, m := range r.Methods {
		if m == method || m == http.MethodGet && method == http.MethodHead {
			return true
		}
	}
	return false
}

// safe reports whether a request by this method changes nothing.
func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// Gate tells who asks.
type Gate interface {
	// Wrap loads and keeps sessions. It stands around every route but those of
	// supervisors and monitoring that anybody may ask, so it is called once a route.
	Wrap(http.Handler) http.Handler
	// Identify is who asks; nil where nobody said so. An error is one of
	// access.ErrRejected (a token, password or header that does not hold: 401), or
	// one of ours (500).
	Identify(r *http.Request) (*access.Principal, error)
}

// Pages is the part of the server that people see.
type Pages interface {
	// Routes are the pages' own. Page is set for all of them.
	Routes() []Route
	// Fault shows an error to a person: status and, in both languages, what it is.
	// It may be called before the session is loaded and before it is known who asks,
	// and for paths that no route has.
	Fault(w http.ResponseWriter, r *http.Request, status int, vi, en string)
}
