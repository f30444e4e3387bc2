package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// lettersBody is the letters, and where the next one is sent.
type lettersBody struct {
	Department string
	Items      []web.Letter
	Next       string
	Reasons    []string
	Fault      string
	To         string // the department that was chosen to write to
}

// number64 reads a number of the store; what is none is nobody's.
func number64(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, web.ErrNotFound
	}
	return n, nil
}

// before reads where a list goes on; 0 is its beginning.
func before(q url.Values) (int64, error) {
	text := q.Get("before")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 {
		return 0, errUnreadable
	}
	return n, nil
}

// onward is the same list, further on; "" where it ends.
func onward(r *http.Request, next int64) string {
	if next == 0 {
		return ""
	}
	q := r.URL.Query()
	q.Del(doneParameter)
	q.Del(countParameter)
	q.Set("before", strconv.FormatInt(next, 10))
	return r.URL.Path + "?" + q.Encode()
}

func (p *Pages) letters(w http.ResponseWriter, r *http.Request) error {
	return p.lettersPage(w, r, http.StatusOK, lettersBody{})
}

func (p *Pages) lettersPage(w http.ResponseWriter, r *http.Request, status int, body lettersBody) error {
	v, err := p.view(r, "letters.title")
	if err != nil {
		return err
	}
	from, err := before(r.URL.Query())
	if err != nil {
		return err
	}
	body.Department = r.URL.Query().Get("department")
	if !readable(body.Department) {
		return errUnreadable
	}
	page, err := p.options.Backend.Letters(r.Context(), v.Who.Scope(), body.Department, from, pageSize)
	if err != nil {
		return err
	}
	body.Items, body.Next = page.Items, onward(r, page.Next)
	return p.answer(w, r, status, "letters", v, body)
}

func (p *Pages) sendLetter(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	to := r.PostForm.Get("department")
	if to == "" {
		return p.lettersPage(w, r, http.StatusUnprocessableEntity, lettersBody{Fault: p.bare(r).say("letters.to.missing")})
	}
	web.Note(r.Context(), to, "")
	letter, err := p.options.Backend.SendLetter(r.Context(), access.From(r.Context()), to)
	if reasons := reasonsOf(err, languageOf(r)); reasons != nil {
		return p.lettersPage(w, r, http.StatusConflict, lettersBody{Reasons: reasons, To: to})
	}
	if err != nil {
		return err
	}
	web.Note(r.Context(), "", letter.Number)
	return done(w, r, "/letters/"+strconv.FormatInt(letter.ID, 10), "letter_sent", -1)
}

func (p *Pages) letter(w http.ResponseWriter, r *http.Request) error {
	id, err := number64(r.PathValue("id"))
	if err != nil {
		return err
	}
	letter, err := p.options.Backend.Letter(r.Context(), scopeOf(r), id)
	if err != nil {
		return err
	}
	v, err := p.view(r, "letter.title")
	if err != nil {
		return err
	}
	v.Title += " " + letter.Number
	return p.page(w, r, "letter", v, letter)
}

func (p *Pages) letterFile(w http.ResponseWriter, r *http.Request) error {
	id, err := number64(r.PathValue("id"))
	if err != nil {
		return err
	}
	format := r.URL.Query().Get("format")
	if !slices.Contains([]string{"docx", "pdf", "xlsx"}, format) {
		return errUnreadable
	}
	return download(w, r, func(ctx context.Context) (*web.File, error) {
		return p.options.Backend.LetterFile(ctx, scopeOf(r), id, format)
	})
}

func (p *Pages) apologies(w http.ResponseWriter, r *http.Request) error {
	department := r.PathValue("department")
	err := download(w, r, func(ctx context.Context) (*web.File, error) {
		return p.options.Backend.Apology(ctx, scopeOf(r), department)
	})
	if errors.Is(err, web.ErrNotFound) && scopeOf(r).Sees(department) {
		// The department is theirs to see: nothing of it is late.
		return web.Refuse("Không có hồ sơ nào thực sự quá hạn nên không có phiếu xin lỗi.", "No dossier is truly late, so there is no form of apology.")
	}
	return err
}

// deliveriesBody is the letters on their way.
type deliveriesBody struct {
	State  web.DeliveryState
	States []web.DeliveryState
	Items  []web.Delivery
	Next   string
}

func (p *Pages) deliveries(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r, "deliveries.title")
	if err != nil {
		return err
	}
	from, err := before(r.URL.Query())
	if err != nil {
		return err
	}
	state := web.DeliveryState(r.URL.Query().Get("state"))
	if state != "" && !slices.Contains(web.DeliveryStates, state) {
		return errUnreadable
	}
	page, err := p.options.Backend.Deliveries(r.Context(), v.Who.Scope(), state, from, pageSize)
	if err != nil {
		return err
	}
	return p.page(w, r, "deliveries", v, deliveriesBody{state, web.DeliveryStates, page.Items, onward(r, page.Next)})
}

func (p *Pages) retryDelivery(w http.ResponseWriter, r *http.Request) error {
	id, err := number64(r.PathValue("id"))
	if err != nil {
		return err
	}
	if _, err := p.options.Backend.RetryDelivery(r.Context(), access.From(r.Context()), id); err != nil {
		return err
	}
	to := "/letters"
	if access.From(r.Context()).May(access.SeeService) {
		to = "/deliveries"
	}
	return done(w, r, to, "retried", -1)
}
