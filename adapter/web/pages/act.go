package pages

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// maxNote bounds an answer or a reason, in characters.
const maxNote = 1000

// acts is what people do to discrepancies from a page: which, what they wrote, and
// what was wrong with it.
type acts struct {
	Do      string // acknowledge, waive or take-back; "" before anything was sent
	IDs     []string
	Note    string
	Until   string
	Faults  map[string]string // by field: ids, note, until
	Reasons []string          // why all of it was refused
	// Back is the list's filter, Dossier the code of the dossier that it was sent from.
	Back, Dossier string
	// Today and Last bound the day of a waiver, for the browser's own check.
	Today, Last string
}

// actForm is the form of what can be done to discrepancies, with what was typed.
type actForm struct {
	acts
	// Prefix makes the form's ids its own on the page.
	Prefix                  string
	Answer, Waive, TakeBack bool
}

// Any reports whether there is anything to do.
func (f actForm) Any() bool { return f.Answer || f.Waive || f.TakeBack }

// formOf is the form for whoever asks; states are those of what it may be sent for,
// none: of any.
func (p *Pages) formOf(v *view, prefix string, a acts, states ...reconcile.State) actForm {
	in := func(wanted ...reconcile.State) bool {
		return len(states) == 0 || slices.ContainsFunc(states, func(s reconcile.State) bool { return slices.Contains(wanted, s) })
	}
	today := p.today()
	a.Today, a.Last = today.Format(time.DateOnly), today.AddDate(0, 0, maxWaiver).Format(time.DateOnly)
	return actForm{
		acts: a, Prefix: prefix,
		Answer:   v.May(string(access.Answer)) && in(reconcile.StateOpen, reconcile.StateAcknowledged),
		Waive:    v.May(string(access.Waive)) && in(reconcile.StateOpen, reconcile.StateAcknowledged, reconcile.StateWaived),
		TakeBack: v.May(string(access.Waive)) && in(reconcile.StateAcknowledged, reconcile.StateWaived),
	}
}

// maxWaiver is how far ahead a waiver may go: what is put off for longer is a
// decision about the rules, not about a dossier.
const maxWaiver = 366

func (p *Pages) acknowledge(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "acknowledge", "acknowledged", func(a *acts) error {
		_, err := p.options.Backend.Acknowledge(r.Context(), access.From(r.Context()), a.IDs, a.Note)
		return err
	})
}

func (p *Pages) waive(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "waive", "waived", func(a *acts) error {
		_, err := p.options.Backend.Waive(r.Context(), access.From(r.Context()), a.IDs, a.Until, a.Note)
		return err
	})
}

func (p *Pages) takeBack(w http.ResponseWriter, r *http.Request) error {
	return p.act(w, r, "take-back", "taken_back", func(a *acts) error {
		_, err := p.options.Backend.TakeBack(r.Context(), access.From(r.Context()), a.IDs, a.Note)
		return err
	})
}

// act reads the form, does it, and goes back to where it was sent from. Where
// something is wrong, that page is shown again with what was typed.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, what, code string, do func(*acts) error) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	a := acts{
		Do: what, Note: strings.TrimSpace(r.PostForm.Get("note")), Until: r.PostForm.Get("until"), Back: r.PostForm.Get("back"), Dossier: r.PostForm.Get("dossier"),
	}
	for _, id := range r.PostForm["id"] {
		if !slices.Contains(a.IDs, id) {
			a.IDs = append(a.IDs, id)
		}
	}
	p.check(&a, p.bare(r))
	if len(a.Faults) > 0 {
		return p.actAgain(w, r, http.StatusUnprocessableEntity, a)
	}
	web.Note(r.Context(), strings.Join(a.IDs, " "), detailOf(&a))
	err := do(&a)
	var refused *web.Refused
	switch {
	case errors.As(err, &refused):
		a.Reasons = reasonsOf(err, languageOf(r))
		return p.actAgain(w, r, http.StatusConflict, a)
	case err != nil:
		return err
	}
	p.around.forget()
	to := "/discrepancies"
	if a.Dossier != "" {
		to = dossierPath(a.Dossier)
	} else if q, err := url.ParseQuery(a.Back); err == nil {
		if f, err := filterOf(q); err == nil {
			to = f.link(func(g *filter) { g.After = f.After })
		}
	}
	return done(w, r, to, code, len(a.IDs))
}

// detailOf is what the audit trail keeps of it.
func detailOf(a *acts) string {
	detail := fmt.Sprintf("%d; %s", len(a.IDs), a.Note)
	if a.Do == "waive" {
		detail = "until " + a.Until + "; " + detail
	}
	return detail
}

// check finds what is wrong with a form, all of it at once.
func (p *Pages) check(a *acts, v *view) {
	a.Faults = map[string]string{}
	switch {
	case len(a.IDs) == 0:
		a.Faults["ids"] = v.say("act.ids.none")
	case len(a.IDs) > web.MaxActs:
		a.Faults["ids"] = v.say("act.ids.many", number(web.MaxActs, v.Language))
	}
	switch length := utf8.RuneCountInString(a.Note); {
	case length == 0:
		a.Faults["note"] = v.say("act." + a.Do + ".note.missing")
	case length > maxNote:
		a.Faults["note"] = v.say("act.note.long", strconv.Itoa(maxNote))
	case !utf8.ValidString(a.Note):
		a.Faults["note"] = v.say("act.note.unreadable")
	}
	if a.Do != "waive" {
		return
	}
	at, ok := readDay(a.Until, p.options.Zone)
	today := p.today()
	switch {
	case strings.TrimSpace(a.Until) == "":
		a.Faults["until"] = v.say("act.until.missing")
	case !ok:
		a.Faults["until"] = v.say("act.until.unreadable")
	case at.Before(today):
		a.Faults["until"] = v.say("act.until.past")
	case at.After(today.AddDate(0, 0, maxWaiver)):
		a.Faults["until"] = v.say("act.until.far", strconv.Itoa(maxWaiver))
	default:
		a.Until = at.Format(time.DateOnly)
	}
}

// actAgain shows the page that the form came from, with what is wrong.
func (p *Pages) actAgain(w http.ResponseWriter, r *http.Request, status int, a acts) error {
	if a.Dossier != "" {
		return p.dossierPage(w, r, status, a.Dossier, a)
	}
	q, err := url.ParseQuery(a.Back)
	if err != nil {
		return errUnreadable
	}
	f, err := filterOf(q)
	if err != nil {
		return err
	}
	return p.listPage(w, r, status, f, a)
}

// today is midnight of the present day in the configuration's zone.
func (p *Pages) today() time.Time {
	y, m, d := p.options.Clock().In(p.options.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, p.options.Zone)
}
