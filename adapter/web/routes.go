package web

import (
	"net/http"
	"strings"
)

// route is one thing the server answers. The mux, the test of the OpenAPI document
// and any test that must reach every route are driven by the same table.
type route struct {
	// pattern is a path of http.ServeMux, with {wildcards}.
	pattern string
	methods []string // GET stands for HEAD too
	// name is the handler's in metrics and logs: few, and never part of a request.
	name string
	// comment says what the route is for; the landing page shows it.
	comment string
	access  access
	serve   func(*Server, http.ResponseWriter, *http.Request)
}

// access says what must hold before a route answers.
type access string

const (
	// accessAlways: the route answers as long as the process lives.
	accessAlways access = "always"
	// accessReady: the route answers only once the process is ready, since what it
	// shows is stored.
	accessReady access = "ready"
)

// routes is every route there is; all others answer 404.
func routes() []route {
	get, change := []string{http.MethodGet}, []string{http.MethodPost, http.MethodPut}
	return []route{
		{"/{$}", get, "landing", "this page", accessAlways, (*Server).landing},
		{"/api/v1/status", get, "status", "last runs, what is held back and waits for somebody, work queue, warnings", accessReady, (*Server).status},
		{"/api/v1/sources", get, "sources", "every source: is it up, how fresh, what it holds, what could not be mapped", accessReady, (*Server).sources},
		{"/api/v1/discrepancies", get, "discrepancies", "what the two sides disagree about, filtered and page by page", accessReady, (*Server).discrepancies},
		{"/api/v1/dossiers/{code}", get, "dossier", "one dossier explained: both records, rules tried, arithmetic, history", accessReady, (*Server).dossier},
		{"/api/v1/openapi.yaml", get, "openapi", "this API, as an OpenAPI 3.1 document", accessAlways, (*Server).openapi},
		{"/metrics", get, "metrics", "metrics for Prometheus", accessAlways, (*Server).metrics},
		{"/-/healthy", get, "healthy", "200 as long as the process lives", accessAlways, (*Server).healthy},
		{"/-/ready", get, "ready", "200 once store, schema, configuration and last known state are loaded; else 503 and why", accessAlways, (*Server).ready},
		{"/-/reload", change, "reload", "POST: read the configuration again; a faulty one is refused and the old one stays", accessAlways, (*Server).reload},
	}
}

// notFoundName is the handler's name for paths that no route has.
const notFoundName = "not_found"

// HandlerNames are all names that Options.Instrument is called with, so that
// their series can be there from the start.
func HandlerNames() []string {
	var names []string
	for _, r := range routes() {
		names = append(names, r.name)
	}
	return append(names, notFoundName)
}

// allow is the value of the Allow header.
func (r *route) allow() string {
	allowed := strings.Join(r.methods, ", ")
	if r.methods[0] == http.MethodGet {
		allowed += ", " + http.MethodHead
	}
	return allowed
}

func (r *route) takes(method string) bool {
	for _, m := range r.methods {
		if m == method || m == http.MethodGet && method == http.MethodHead {
			return true
		}
	}
	return false
}

// handler is the mux with what stands before every route.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	guard := newGuard(&s.options, s.listener.Addr())
	for _, r := range routes() {
		mux.Handle(r.pattern, s.options.Instrument(r.name, s.recovered(r.name, guard.before(&r, func(w http.ResponseWriter, req *http.Request) {
			r.serve(s, w, req)
		}))))
	}
	mux.Handle("/", s.options.Instrument(notFoundName, s.recovered(notFoundName, guard.named(func(w http.ResponseWriter, req *http.Request) {
		problem{Status: http.StatusNotFound, Detail: "there is nothing at this path; " + apiPath + "openapi.yaml lists what there is"}.write(w, req)
	}))))
	return s.outermost(mux)
}
