package web

import (
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// problem is an answer that is an error (RFC 9457). Its type is about:blank: the
// status says what kind it is, detail what happened and what helps.
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	// Parameters names every parameter that is at fault.
	Parameters []badParameter `json:"parameters,omitzero"`
	// Reasons and ReasonsVi are why something cannot be done as things stand: the same
	// in two languages.
	Reasons   []string `json:"reasons,omitzero"`
	ReasonsVi []string `json:"reasons_vi,omitzero"`
	// RequestID is to be found in the log too.
	RequestID string `json:"request_id,omitzero"`
}

// badParameter is one parameter with what is wrong and what would be right.
type badParameter struct {
	Name   string `json:"name"`
	Detail string `json:"detail"`
}

func (p problem) write(w http.ResponseWriter, r *http.Request) {
	p.Title, p.RequestID = http.StatusText(p.Status), idOf(r.Context())
	text, err := encode(p)
	if err != nil { // strings and numbers only: it cannot be
		http.Error(w, p.Title, p.Status)
		return
	}
	header := w.Header()
	header.Del("ETag") // of the answer that was not given
	header.Set("Content-Type", "application/problem+json")
	header.Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_, _ = w.Write(text) // a client that went away is no concern of ours
}

// internal tells no more than that it was our fault: what went wrong is in the log.
func internal(w http.ResponseWriter, r *http.Request) {
	problem{Status: http.StatusInternalServerError, Detail: "something went wrong inside; the log says what, under this request id"}.write(w, r)
}

// encode writes JSON: the same bytes for the same value, lists never null. Text that
// is not UTF-8, as a source may send, is mended rather than refused.
func encode(v any) ([]byte, error) {
	text, err := json.Marshal(v, json.Deterministic(true), jsontext.AllowInvalidUTF8(true))
	return append(text, '\n'), err
}
