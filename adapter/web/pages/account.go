package pages

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// accountsBody is the local accounts, and the form for another.
type accountsBody struct {
	Items []web.Account
	Form  accountForm
}

// accountForm is an account as it is typed.
type accountForm struct {
	Name, Display, Role string
	Departments         []string
	Disabled            bool
	Roles               []access.Role
	Faults              map[string]string
	Reasons             []string
}

// Has reports whether the department is chosen.
func (f accountForm) Has(code string) bool { return slices.Contains(f.Departments, code) }

// secretBody is a text that is told once.
type secretBody struct {
	Key    string // of what it is
	For    string
	Secret string
	Back   string
}

// loginName is what a login name may look like.
var loginName = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$`)

const maxDisplay = 100

func (p *Pages) accounts(w http.ResponseWriter, r *http.Request) error {
	return p.accountsPage(w, r, http.StatusOK, accountForm{Role: string(access.Department)})
}

func (p *Pages) accountsPage(w http.ResponseWriter, r *http.Request, status int, form accountForm) error {
	v, err := p.view(r, "accounts.title")
	if err != nil {
		return err
	}
	list, err := p.options.Backend.Accounts(r.Context())
	if err != nil {
		return err
	}
	form.Roles = access.Roles
	return p.answer(w, r, status, "accounts", v, accountsBody{list, form})
}

// accountOf reads the form of an account and finds what is wrong with it.
func accountOf(r *http.Request, v *view, named bool) (accountForm, error) {
	if err := r.ParseForm(); err != nil {
		return accountForm{}, err
	}
	f := accountForm{
		Name: access.NormalName(r.PostForm.Get("name")), Display: strings.TrimSpace(r.PostForm.Get("display")), Role: r.PostForm.Get("role"),
		Disabled: r.PostForm.Get("disabled") == "true", Faults: map[string]string{},
	}
	if named && !loginName.MatchString(f.Name) {
		f.Faults["name"] = v.say("account.name.fault")
	}
	if utf8.RuneCountInString(f.Display) > maxDisplay || !readable(f.Display) {
		f.Faults["display"] = v.say("account.display.fault")
	}
	f.Departments = scopeFault(r.PostForm["department"], f.Role, v, f.Faults)
	return f, nil
}

// scopeFault reads role and departments, which go together, and says what is wrong.
func scopeFault(departments []string, role string, v *view, faults map[string]string) []string {
	if !slices.Contains(access.Roles, access.Role(role)) {
		faults["role"] = v.say("account.role.fault")
	}
	if access.Role(role) != access.Department {
		return []string{}
	}
	for _, code := range departments {
		if !slices.ContainsFunc(v.Departments, func(d web.NamedDepartment) bool { return d.Code == code }) {
			faults["department"] = v.say("account.department.unknown")
		}
	}
	if len(departments) == 0 {
		faults["department"] = v.say("account.department.fault")
	}
	return departments
}

func (p *Pages) addAccount(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r, "accounts.title")
	if err != nil {
		return err
	}
	form, err := accountOf(r, v, true)
	if err != nil {
		return err
	}
	if len(form.Faults) > 0 {
		return p.accountsPage(w, r, http.StatusUnprocessableEntity, form)
	}
	web.Note(r.Context(), form.Name, form.Role+" "+strings.Join(form.Departments, " "))
	account, secret, err := p.options.Backend.AddAccount(r.Context(), v.Who, web.NewAccount{Name: form.Name, Display: form.Display, Role: form.Role, Departments: form.Departments})
	if reasons := reasonsOf(err, v.Language); reasons != nil {
		form.Reasons = reasons
		return p.accountsPage(w, r, http.StatusConflict, form)
	}
	if err != nil {
		return err
	}
	return p.tellOnce(w, r, secretBody{Key: "secret.password", For: account.Name, Secret: secret, Back: "/accounts"})
}

// tellOnce shows a password or a token, in the answer to the form itself: it is
// neither kept nor put into an address, so that nothing can show it again.
func (p *Pages) tellOnce(w http.ResponseWriter, r *http.Request, body secretBody) error {
	v, err := p.view(r, "secret.title")
	if err != nil {
		return err
	}
	return p.page(w, r, "secret", v, body)
}

// accountBody is one account, to be changed.
type accountBody struct {
	web.Account
	Form accountForm
	Own  bool
}

func (p *Pages) account(w http.ResponseWriter, r *http.Request) error {
	return p.accountPage(w, r, http.StatusOK, nil)
}

func (p *Pages) accountPage(w http.ResponseWriter, r *http.Request, status int, form *accountForm) error {
	id, err := number64(r.PathValue("id"))
	if err != nil {
		return err
	}
	list, err := p.options.Backend.Accounts(r.Context())
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(a web.Account) bool { return a.ID == id })
	if at < 0 {
		return web.ErrNotFound
	}
	v, err := p.view(r, "account.title")
	if err != nil {
		return err
	}
	v.Title += " " + list[at].Name
	v.Here = "/accounts/" + strconv.FormatInt(id, 10)
	body := accountBody{Account: list[at], Own: id == v.Who.Account}
	if form == nil {
		form = &accountForm{Display: list[at].Display, Role: list[at].Role, Departments: list[at].Departments, Disabled: list[at].Disabled}
	}
	body.Form = *form
	body.Form.Roles = access.Roles
	return p.answer(w, r, status, "account", v, body)
}

func (p *Pages) changeAccount(w http.ResponseWriter, r *http.Request) error {
	id, err := number64(r.PathValue("id"))
	if err != nil {
		return err
	}
	v, err := p.view(r, "account.title")
	if err != nil {
		return err
	}
	form, err := accountOf(r, v, false)
	if err != nil {
		return err
	}
	if len(form.Faults) > 0 {
		return p.accountPage(w, r, http.StatusUnprocessableEntity, &form)
	}
	web.Note(r.Context(), "", form.Role+" "+strings.Join(form.Departments, " ")+" disabled="+strconv.FormatBool(form.Disabled))
	_, err = p.options.Backend.ChangeAccount(r.Context(), v.Who, id, web.AccountChange{Display: form.Display, Role: form.Role, Departments: form.Departments, Disabled: form.Disabled})
	if reasons := reasonsOf(err, v.Language); reasons != nil {
		form.Reasons = reasons
		return p.accountPage(w, r, http.StatusConflict, &form)
	}
	if err != nil {
		return err
	}
	return done(w, r, "/accounts", "account_changed", -1)
}

func (p *Pages) resetPassword(w http.ResponseWriter, r *http.Request) error {
	id, err := number64(r.PathValue("id"))
	if err != nil {
		return err
	}
	list, err := p.options.Backend.Accounts(r.Context())
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(a web.Account) bool { return a.ID == id })
	if at < 0 {
		return web.ErrNotFound
	}
	secret, err := p.options.Backend.ResetPassword(r.Context(), access.From(r.Context()), id)
	if err != nil {
		return err
	}
	return p.tellOnce(w, r, secretBody{Key: "secret.password", For: list[at].Name, Secret: secret, Back: "/accounts"})
}
