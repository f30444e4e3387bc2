package web

import (
	"bytes"
	"embed"
	"html/template"
	"io"
	"net/http"
	"strings"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// What supervisors and monitoring ask for. The answers are plain text, since it is
// mostly a person with curl who reads them.

func (s *Server) operations() []Route {
	always := func(pattern, name, comment string, methods []string, needs access.Permission, serve http.HandlerFunc) Route {
		return Route{Pattern: pattern, Methods: methods, Name: name, Comment: comment, Needs: needs, Always: true, Operations: true, Serve: serve}
	}
	return []Route{
		always("/metrics", "metrics", "metrics for Prometheus", get, access.Anybody, s.metrics),
		always("/-/healthy", "healthy", "200 as long as the process lives", get, access.Anybody, s.healthy),
		always("/-/ready", "ready", "200 once store, schema, configuration and last known state are loaded; else 503 and why", get, access.Anybody, s.ready),
		always("/-/reload", reloadName, "POST: read the configuration again; a faulty one is refused and the old one stays. "+
			"Without an identity it is answered on loopback, and where a web configuration file guards the listener; an identity must be an operator's", change, access.Operate, s.reload),
	}
}

func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	s.options.Metrics.ServeHTTP(w, r)
}

func (s *Server) healthy(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusOK, "doisoat is alive.")
}

func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.options.Ready(r.Context()); err != nil {
		say(w, http.StatusServiceUnavailable, "doisoat is not ready: "+err.Error())
		return
	}
	say(w, http.StatusOK, "doisoat is ready.")
}

func (s *Server) reload(w http.ResponseWriter, r *http.Request) {
	if s.options.Reload == nil {
		problem{Status: http.StatusNotFound, Detail: "this process has no configuration file to read again"}.write(w, r)
		return
	}
	if err := s.options.Reload(r.Context()); err != nil {
		say(w, http.StatusInternalServerError, "the configuration was not reloaded, the old one stays in force:\n"+err.Error())
		return
	}
	say(w, http.StatusOK, "the configuration was reloaded.")
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // a client that went away is no concern of ours
}

//go:embed templates/landing.html
var templates embed.FS

var landingTemplate = template.Must(template.ParseFS(templates, "templates/landing.html"))

// landingPage is what the page shows.
type landingPage struct {
	Version  string
	NotReady string // "" when ready
	Links    []landingLink
}

// landingLink has no Path where the route cannot be followed as it stands.
type landingLink struct{ Path, Pattern, Comment string }

func (s *Server) landing(w http.ResponseWriter, r *http.Request) {
	page := landingPage{Version: s.options.Version}
	if err := s.options.Ready(r.Context()); err != nil {
		page.NotReady = err.Error()
	}
	for _, route := range s.Routes() {
		link := landingLink{Pattern: route.Pattern, Comment: route.Comment}
		switch {
		case route.Name == "landing", route.Operations && s.options.Operations != nil:
			continue
		case route.takes(http.MethodGet) && !strings.Contains(route.Pattern, "{"):
			link.Path = route.Pattern
		default:
			link.Pattern = strings.Join(route.Methods, ", ") + " " + route.Pattern
		}
		page.Links = append(page.Links, link)
	}
	var b bytes.Buffer
	if err := landingTemplate.Execute(&b, &page); err != nil {
		s.failed(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = b.WriteTo(w) // a client that went away is no concern of ours
}
