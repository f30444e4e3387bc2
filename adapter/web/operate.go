package web

import (
	"bytes"
	"embed"
	"html/template"
	"io"
	"net/http"
	"strings"
)

// What supervisors and monitoring ask for. The answers are plain text, since it is
// mostly a person with curl who reads them.

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
	for _, route := range routes() {
		link := landingLink{Pattern: route.pattern, Comment: route.comment}
		switch {
		case route.name == "landing":
			continue
		case route.takes(http.MethodGet) && !strings.Contains(route.pattern, "{"):
			link.Path = route.pattern
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
