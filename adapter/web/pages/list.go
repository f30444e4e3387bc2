package pages

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/reconcile"
)

// listBody is the list of discrepancies.
type listBody struct {
	AsOf   string
	Filter filter
	Items  []listItem
	Next   string // address of the next page; "" on the last
	First  string // address of the first page; "" on it
	Orders []choice
	States []choice
	Kinds  []choice
	// Effects are those that can be chosen.
	Effects []choice
	// Chosen are the filters in force, each with the list without it.
	Chosen []chosen
	// List is the department whose workbook can be downloaded; "" where several are shown.
	List string
	Acts actForm
}

// listItem is a discrepancy as a line of the list.
type listItem struct {
	web.Discrepancy
	Ticked bool
}

// choice is an option of a select.
type choice struct {
	Value, Label string
	Selected     bool
}

// chosen is a filter in force.
type chosen struct{ Label, Without string }

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	f, err := filterOf(r.URL.Query())
	if err != nil {
		return err
	}
	return p.listPage(w, r, http.StatusOK, f, acts{})
}

// listPage shows the list, also again where what was sent from it had faults.
func (p *Pages) listPage(w http.ResponseWriter, r *http.Request, status int, f filter, a acts) error {
	v, err := p.view(r, "list.title")
	if err != nil {
		return err
	}
	q, err := f.query(v.Who.Scope())
	if err != nil {
		return err
	}
	page, err := p.options.Backend.Discrepancies(r.Context(), q)
	if err != nil {
		return err
	}
	body := listBody{AsOf: page.AsOf, Filter: f, Acts: p.formOf(v, "acts", a)}
	for _, d := range page.Items {
		body.Items = append(body.Items, listItem{d, slices.Contains(a.IDs, d.ID)})
	}
	if page.Next != nil {
		body.Next = f.link(func(f *filter) { f.After = writePlace(page.Next) })
	}
	if f.After != "" {
		body.First = f.link(func(*filter) {})
	}
	body.choices(v)
	body.List = f.Department
	if body.List == "" && len(v.Departments) == 1 {
		body.List = v.Departments[0].Code
	}
	// A form that comes back with faults is answered under another address.
	v.Here = f.link(func(g *filter) { g.After = f.After })
	body.Acts.Back = f.values().Encode()
	return p.answer(w, r, status, "list", v, body)
}

func (b *listBody) choices(v *view) {
	f := b.Filter
	label := func(prefix, value string) string { return v.label(prefix, value) }
	b.States = append(b.States, choice{listedStates, v.say("list.state.listed"), f.State == listedStates})
	for _, s := range reconcile.States {
		b.States = append(b.States, choice{string(s), label("state", string(s)), f.State == string(s)})
	}
	b.States = append(b.States, choice{allStates, v.say("list.state.all"), f.State == allStates})
	for _, k := range reconcile.Kinds {
		b.Kinds = append(b.Kinds, choice{string(k), label("kind", string(k)), f.Kind == k})
	}
	for _, e := range reconcile.Effects {
		if e != reconcile.EffectNone {
			b.Effects = append(b.Effects, choice{string(e), label("effect", string(e)), f.Effect == e})
		}
	}
	for _, o := range web.Orders {
		b.Orders = append(b.Orders, choice{string(o), v.say("order." + string(o)), f.Order == o})
	}
	add := func(is bool, text string, change func(*filter)) {
		if is {
			b.Chosen = append(b.Chosen, chosen{text, f.link(change)})
		}
	}
	state := f.State
	switch f.State {
	case "":
	case allStates, listedStates:
		state = v.say("list.state." + f.State)
	default:
		state = label("state", f.State)
	}
	add(f.State != "", state, func(f *filter) { f.State = "" })
	add(f.Department != "", v.NameOf(f.Department), func(f *filter) { f.Department = "" })
	if f.Kind != "" {
		add(true, label("kind", string(f.Kind)), func(f *filter) { f.Kind = "" })
	}
	if f.Effect != "" {
		add(true, label("effect", string(f.Effect)), func(f *filter) { f.Effect = "" })
	}
	add(f.Code != "", f.Code+"…", func(f *filter) { f.Code = "" })
	add(f.Unstable, v.say("list.unstable"), func(f *filter) { f.Unstable = false })
}

// label names a constant of the rules in the page's language.
func (v *view) label(what, value string) string {
	if v.Language == vi {
		switch what {
		case "state":
			return reconcile.StateLabels[reconcile.State(value)]
		case "kind":
			return reconcile.KindLabels[reconcile.Kind(value)]
		case "effect":
			return reconcile.EffectLabels[reconcile.Effect(value)]
		case "status":
			return reconcile.StatusLabels[reconcile.Status(value)]
		}
	}
	return v.say(what + "." + value)
}

// search leads from a code to its dossier, or to the dossiers whose codes begin so.
func (p *Pages) search(w http.ResponseWriter, r *http.Request) error {
	f, err := filterOf(url.Values{"code": {r.URL.Query().Get("code")}, "state": {allStates}})
	if err != nil {
		return err
	}
	to := f.link(func(*filter) {})
	if f.Code == "" {
		to = "/discrepancies"
	} else if d, err := p.options.Backend.Dossier(r.Context(), scopeOf(r), f.Code); err == nil {
		to = dossierPath(d.Code)
	} else if !notFound(err) {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // one of our own paths, its variable part escaped
	return nil
}

// listFile is a department's list to download.
func (p *Pages) listFile(w http.ResponseWriter, r *http.Request) error {
	return download(w, r, func(ctx context.Context) (*web.File, error) {
		return p.options.Backend.List(ctx, scopeOf(r), r.PathValue("department"))
	})
}
