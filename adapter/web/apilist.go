package web

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"strconv"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// XLSX is the content type of a department's list.
const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// maxUploads is how many lists are taken at a time: each is held in memory.
const maxUploads = 4

// Departments' lists, and the answers in them.

func (s *Server) listRoutes() []Route {
	answers := api(http.MethodPost, "answers", "answers", "take a department's list with its answers filled in", access.Answer, s.answers)
	answers.MaxBody = MaxUpload
	return []Route{
		api(http.MethodGet, "lists/{department}", "list", "a department's list as a workbook", access.SeeDossiers, s.list),
		answers,
	}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known()
	department := p.named(r, "department")
	s.download(w, r, p, func(ctx context.Context) (*File, error) { return s.options.Backend.List(ctx, scopeOf(r), department) })
}

func (s *Server) answers(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known()
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != XLSX {
		problem{Status: http.StatusUnsupportedMediaType, Detail: "the body must be the workbook itself, and the header Content-Type: " + XLSX}.write(w, r)
		return
	}
	select {
	case s.uploads <- struct{}{}:
		defer func() { <-s.uploads }()
	default:
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		problem{Status: http.StatusServiceUnavailable, Detail: fmt.Sprintf("%d lists are being taken already; try again", maxUploads)}.write(w, r)
		return
	}
	text, ok := whole(w, r)
	if !ok {
		return
	}
	s.changed(w, r, p, http.StatusOK, func(ctx context.Context) (any, error) {
		taken, err := s.options.Backend.Answers(ctx, access.From(ctx), bytes.NewReader(text), int64(len(text)))
		if err == nil {
			Note(ctx, taken.Department, fmt.Sprintf("list of %s: %d acknowledged, %d unchanged, %d empty", taken.MadeAt, taken.Acknowledged, taken.Unchanged, taken.Empty))
		}
		return taken, err
	})
}
