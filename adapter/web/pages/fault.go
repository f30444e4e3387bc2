package pages

import (
	"context"
	"errors"
	"net/http"

	"github.com/doisoat/doisoat/adapter/web"
)

// errUnreadable is what no form or link of ours sends.
var errUnreadable = errors.New("cannot be read")

// faultBody is what went wrong, and why.
type faultBody struct {
	Status  int
	What    string
	Reasons []string
	// Next is the key of what to do now.
	Next string
}

// Fault shows an error to a person. What it is comes with it, in both languages;
// what to do next depends on the status.
func (p *Pages) Fault(w http.ResponseWriter, r *http.Request, status int, vi, en string) {
	p.fault(w, r, status, []string{vi}, []string{en})
}

func (p *Pages) fault(w http.ResponseWriter, r *http.Request, status int, inVietnamese, inEnglish []string) {
	v := p.bare(r)
	v.Title = v.say("fault.title")
	reasons := inVietnamese
	if v.Language == en {
		reasons = inEnglish
	}
	body := faultBody{Status: status, Next: "fault.next.other", What: v.say("fault.what.other")}
	switch {
	case status == http.StatusNotFound:
		body.Next, body.What = "fault.next.missing", v.say("fault.what.missing")
	case status == http.StatusForbidden, status == http.StatusUnauthorized:
		body.Next, body.What = "fault.next.forbidden", v.say("fault.what.forbidden")
	case status == http.StatusConflict:
		body.Next, body.What = "fault.next.conflict", v.say("fault.what.conflict")
	case status == http.StatusServiceUnavailable:
		body.Next, body.What = "fault.next.later", v.say("fault.what.later")
	case status >= http.StatusInternalServerError:
		body.Next, body.What = "fault.next.internal", v.say("fault.what.internal")
	case status == http.StatusTooManyRequests:
		body.Next, body.What = "fault.next.later", v.say("fault.what.often")
	}
	for _, reason := range reasons {
		if reason != "" {
			body.Reasons = append(body.Reasons, reason)
		}
	}
	if err := p.answer(w, r, status, "fault", v, body); err != nil {
		p.options.Logger.ErrorContext(r.Context(), "page of a fault", "cause", err)
		http.Error(w, http.StatusText(status), status)
	}
}

// handler makes a page of a func that may fail.
func (p *Pages) handler(serve func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := serve(w, r); err != nil {
			p.failed(w, r, err)
		}
	}
}

func (p *Pages) failed(w http.ResponseWriter, r *http.Request, err error) {
	var refused *web.Refused
	var tooLarge *http.MaxBytesError
	var soon later
	switch {
	case errors.As(err, &refused):
		p.fault(w, r, http.StatusConflict, refused.Vi, refused.En)
	case errors.Is(err, web.ErrNotFound):
		// It may be there and not be for whoever asks: the page does not tell which.
		p.Fault(w, r, http.StatusNotFound, "", "")
	case errors.As(err, &tooLarge):
		p.Fault(w, r, http.StatusRequestEntityTooLarge, "Nội dung gửi lên quá lớn.", "What was sent is too large.")
	case errors.Is(err, errUnreadable):
		p.Fault(w, r, http.StatusBadRequest, "Không đọc được yêu cầu.", "The request cannot be read.")
	case errors.As(err, &soon):
		p.options.Logger.ErrorContext(r.Context(), "page", "path", r.URL.Path, "cause", err)
		p.Fault(w, r, http.StatusServiceUnavailable, "", "")
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil: // nobody waits for the answer
	default:
		p.options.Logger.ErrorContext(r.Context(), "page", "path", r.URL.Path, "cause", err)
		p.Fault(w, r, http.StatusInternalServerError, "", "")
	}
}

// reasonsOf are a refusal's reasons in the page's language; nil where err is none.
func reasonsOf(err error, l language) []string {
	var refused *web.Refused
	switch {
	case !errors.As(err, &refused):
		return nil
	case l == en:
		return refused.En
	}
	return refused.Vi
}
