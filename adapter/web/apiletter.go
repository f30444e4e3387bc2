package web

import (
	"context"
	"fmt"
	"net/http"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// Reminder letters, forms of apology, and what is delivered.

func (s *Server) letterRoutes() []Route {
	return []Route{
		api(http.MethodGet, "letters", "letters", "reminder letters, the newest first", access.SeeDossiers, s.letters),
		api(http.MethodPost, "letters", "letter_send", "make a department's next letter and send it", access.SendLetters, s.sendLetter),
		api(http.MethodGet, "letters/{id}", "letter", "one letter with its items and deliveries", access.SeeDossiers, s.letter),
		api(http.MethodGet, "letters/{id}/file", "letter_file", "a letter as docx or pdf, or its list as xlsx", access.SeeDossiers, s.letterFile),
		api(http.MethodGet, "apologies/{department}", "apology", "forms of apology and new appointment for what is truly late", access.SeeDossiers, s.apology),
		api(http.MethodGet, "deliveries", "deliveries", "letters on their way, the newest first", access.SeeService, s.deliveries),
		api(http.MethodPost, "deliveries/{id}/retry", "delivery_retry", "put a delivery that was given up back into the queue", access.SendLetters, s.retryDelivery),
	}
}

// The formats of files.
var (
	letterFormats = []string{"docx", "pdf", "xlsx"}
	reportFormats = []string{"docx", "xlsx", "pdf"}
)

func (s *Server) letters(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known("department", "before", "limit")
	department, before, limit := p.text("department"), p.before(), p.limit()
	answerFor(s, w, r, p, func(ctx context.Context) (*LetterPage, error) {
		return s.options.Backend.Letters(ctx, scopeOf(r), department, before, limit)
	})
}

func (s *Server) sendLetter(w http.ResponseWriter, r *http.Request) {
	var body letterBody
	if !read(w, r, &body) {
		return
	}
	p := parametersOf(r.URL.RawQuery)
	p.known()
	p.line("department", body.Department)
	s.changed(w, r, p, http.StatusCreated, func(ctx context.Context) (any, error) {
		Note(ctx, body.Department, "")
		letter, err := s.options.Backend.SendLetter(ctx, access.From(ctx), body.Department)
		if err == nil {
			Note(ctx, "", fmt.Sprintf("letter %s, lần %d, %d discrepancies", letter.Number, letter.Times, letter.Count))
			w.Header().Set("Location", fmt.Sprintf("%sletters/%d", apiPath, letter.ID))
		}
		return letter, err
	})
}

func (s *Server) letter(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known()
	id := p.numbered(r)
	answerFor(s, w, r, p, func(ctx context.Context) (*Letter, error) { return s.options.Backend.Letter(ctx, scopeOf(r), id) })
}

func (s *Server) letterFile(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known("format")
	id, format := p.numbered(r), needed(p, "format", letterFormats)
	s.download(w, r, p, func(ctx context.Context) (*File, error) {
		return s.options.Backend.LetterFile(ctx, scopeOf(r), id, format)
	})
}

func (s *Server) apology(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known()
	department := p.named(r, "department")
	s.download(w, r, p, func(ctx context.Context) (*File, error) {
		return s.options.Backend.Apology(ctx, scopeOf(r), department)
	})
}

func (s *Server) deliveries(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known("state", "before", "limit")
	state, before, limit := oneOf(p, "state", DeliveryStates), p.before(), p.limit()
	answerFor(s, w, r, p, func(ctx context.Context) (*DeliveryPage, error) {
		return s.options.Backend.Deliveries(ctx, scopeOf(r), state, before, limit)
	})
}

func (s *Server) retryDelivery(w http.ResponseWriter, r *http.Request) {
	p := parametersOf(r.URL.RawQuery)
	p.known()
	id := p.numbered(r)
	if !noBody(w, r) {
		return
	}
	s.changed(w, r, p, http.StatusOK, func(ctx context.Context) (any, error) {
		return s.options.Backend.RetryDelivery(ctx, access.From(ctx), id)
	})
}
