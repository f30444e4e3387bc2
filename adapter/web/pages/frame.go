package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// view is what a template is given: the page's own data, and what surrounds it.
type view struct {
	Language     language
	Title        string
	Organisation string
	Version      string
	Demo         bool
	Who          *access.Principal
	// Here is the page's own address, to come back to.
	Here  string
	Nav   []navItem
	Flash string
	Fresh freshness
	// Departments are those whoever asks may see; Names are all of their names.
	Departments []web.NamedDepartment
	Body        any
}

// navItem is a place to go to.
type navItem struct {
	Key, Path string
	Current   bool
}

// places are what the navigation leads to, for those who may.
var places = []struct {
	key, path string
	needs     access.Permission
}{
	{"nav.overview", "/", access.SeeDossiers},
	{"nav.list", "/discrepancies", access.SeeDossiers},
	{"nav.answers", "/answers", access.Answer},
	{"nav.report", "/report", access.SeeDossiers},
	{"nav.letters", "/letters", access.SeeDossiers},
	{"nav.deliveries", "/deliveries", access.SeeService},
	{"nav.sources", "/sources", access.SeeService},
	{"nav.accounts", "/accounts", access.ManageAccount},
	{"nav.audit", "/audit", access.SeeAudit},
}

// May reports whether whoever asks has the permission.
func (v *view) May(what string) bool { return v.Who.May(access.Permission(what)) }

// NameOf is a department's name, or its code where it has none.
func (v *view) NameOf(code string) string {
	for _, d := range v.Departments {
		if d.Code == code {
			return cmp.Or(d.Name, code)
		}
	}
	return code
}

// Other is the language to switch to.
func (v *view) Other() language { return v.Language.other() }

// say is a phrase of the page's language. The keys are constants of this package,
// and a test finds those that have no phrase.
func (v *view) say(key string, args ...any) string {
	text, err := words[v.Language].say(key, args...)
	if err != nil {
		return key
	}
	return text
}

// bare is what surrounds a page for whoever asks, without asking the backend.
func (p *Pages) bare(r *http.Request) *view {
	v := &view{
		Language: languageOf(r), Organisation: p.options.Organisation, Version: p.options.Version, Demo: p.options.Demo,
		Who: access.From(r.Context()), Here: "/",
	}
	if r.Method == http.MethodGet {
		v.Here = r.URL.RequestURI()
	}
	if v.Who == nil || v.Who.MustChange {
		return v
	}
	for _, place := range places {
		if v.Who.May(place.needs) {
			v.Nav = append(v.Nav, navItem{place.key, place.path, under(r.URL.Path, place.path)})
		}
	}
	return v
}

// under reports whether a page lies below a place of the navigation.
func under(path, place string) bool {
	switch {
	case place == "/":
		return path == "/"
	case place == "/discrepancies" && strings.HasPrefix(path, "/dossiers/"):
		return true
	}
	return path == place || strings.HasPrefix(path, place+"/")
}

// view is what surrounds a page: who asks, where they can go, how fresh the data are.
func (p *Pages) view(r *http.Request, title string) (*view, error) {
	v := p.bare(r)
	v.Title = v.say(title)
	if r.Method == http.MethodGet {
		v.Flash = flashOf(v, r.URL.Query())
	}
	if v.Who == nil {
		return v, nil
	}
	seen, err := p.around.of(r.Context(), p.options.Backend, v.Who.Scope())
	if err != nil {
		return nil, err
	}
	v.Departments = seen.departments
	v.Fresh = freshnessOf(seen.sources, p.options.Clock())
	return v, nil
}

// page answers with a page whose data are body.
func (p *Pages) page(w http.ResponseWriter, r *http.Request, name string, v *view, body any) error {
	return p.answer(w, r, http.StatusOK, name, v, body)
}

func (p *Pages) answer(w http.ResponseWriter, r *http.Request, status int, name string, v *view, body any) error {
	v.Body = body
	return p.render(w, r, status, name, v)
}

// What a page says after something was done. It is chosen by a code in the address,
// never by a text, so that nobody can put words into our mouth.
const (
	doneParameter  = "done"
	countParameter = "n"
)

var flashes = []string{
	"acknowledged", "waived", "taken_back", "answers", "letter_sent", "retried", "poll_asked", "snapshot_accepted", "run_released",
	"account_changed", "token_revoked", "password_changed", "signed_out",
}

func flashOf(v *view, q url.Values) string {
	code := q.Get(doneParameter)
	if !slices.Contains(flashes, code) {
		return ""
	}
	n, err := strconv.Atoi(q.Get(countParameter))
	if err != nil || n < 0 {
		return v.say("done." + code)
	}
	return v.say("done."+code+".n", number(n, v.Language))
}

// done goes to a page (303) that says what was done. to is one of our own paths.
func done(w http.ResponseWriter, r *http.Request, to, code string, n int) error {
	path, query, _ := strings.Cut(to, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		q = url.Values{}
	}
	q.Set(doneParameter, code)
	q.Del(countParameter)
	if n >= 0 {
		q.Set(countParameter, strconv.Itoa(n))
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, path+"?"+q.Encode(), http.StatusSeeOther)
	return nil
}
