package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// tokensBody is the tokens whoever asks may see, and the form for another.
type tokensBody struct {
	Items []web.Token
	// Can: whoever asks can make one. Somebody known elsewhere, or by a token, cannot.
	Can  bool
	Form tokenForm
}

// tokenForm is a token as it is typed.
type tokenForm struct {
	Name, Role  string
	Departments []string
	Write       bool
	Days        string
	Roles       []access.Role
	Faults      map[string]string
	Reasons     []string
}

// Has reports whether the department is chosen.
func (f tokenForm) Has(code string) bool { return slices.Contains(f.Departments, code) }

const (
	defaultTokenDays = 90
	maxTokenDays     = 366
)

func (p *Pages) tokens(w http.ResponseWriter, r *http.Request) error {
	who := access.From(r.Context())
	return p.tokensPage(w, r, http.StatusOK, tokenForm{Role: string(who.Role), Departments: who.Departments, Days: strconv.Itoa(defaultTokenDays)})
}

func (p *Pages) tokensPage(w http.ResponseWriter, r *http.Request, status int, form tokenForm) error {
	v, err := p.view(r, "tokens.title")
	if err != nil {
		return err
	}
	list, err := p.options.Backend.Tokens(r.Context(), v.Who)
	if err != nil {
		return err
	}
	form.Roles = rolesWithin(v.Who)
	return p.answer(w, r, status, "tokens", v, tokensBody{list, mayMake(v.Who), form})
}

// mayMake reports whether somebody can make a token: they have an account that it
// can belong to, and are not themselves a program.
func mayMake(who *access.Principal) bool {
	return who.Account != 0 && who.Via != access.ViaToken && !who.ReadOnly
}

// rolesWithin are the roles that may no more than who.
func rolesWithin(who *access.Principal) []access.Role {
	var list []access.Role
	for _, role := range access.Roles {
		within := role == access.Department || who.Role != access.Department
		for _, permission := range access.Permissions {
			within = within && (!role.May(permission) || who.Role.May(permission))
		}
		if within {
			list = append(list, role)
		}
	}
	return list
}

func (p *Pages) addToken(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r, "tokens.title")
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return err
	}
	if !mayMake(v.Who) {
		return web.Refuse("Tài khoản này không lập được mã truy cập.", "No token can be made for this account.")
	}
	form := tokenForm{
		Name: strings.TrimSpace(r.PostForm.Get("name")), Role: r.PostForm.Get("role"), Write: r.PostForm.Get("write") == "true", Days: strings.TrimSpace(r.PostForm.Get("days")), Faults: map[string]string{},
	}
	if form.Name == "" || utf8.RuneCountInString(form.Name) > maxDisplay || !readable(form.Name) {
		form.Faults["name"] = v.say("token.name.fault")
	}
	days, err := strconv.Atoi(form.Days)
	if err != nil || days < 1 || days > maxTokenDays {
		form.Faults["days"] = v.say("token.days.fault", strconv.Itoa(maxTokenDays))
	}
	form.Departments = scopeFault(r.PostForm["department"], form.Role, v, form.Faults)
	if len(form.Faults) > 0 {
		return p.tokensPage(w, r, http.StatusUnprocessableEntity, form)
	}
	web.Note(r.Context(), form.Name, form.Role+" "+strings.Join(form.Departments, " ")+" days="+form.Days+" write="+strconv.FormatBool(form.Write))
	token, secret, err := p.options.Backend.AddToken(r.Context(), v.Who, web.NewToken{Name: form.Name, Role: form.Role, Departments: form.Departments, ReadOnly: !form.Write, Days: days})
	if reasons := reasonsOf(err, v.Language); reasons != nil {
		form.Reasons = reasons
		return p.tokensPage(w, r, http.StatusConflict, form)
	}
	if err != nil {
		return err
	}
	return p.tellOnce(w, r, secretBody{Key: "secret.token", For: token.Name, Secret: secret, Back: "/tokens"})
}

func (p *Pages) revokeToken(w http.ResponseWriter, r *http.Request) error {
	id, err := number64(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := p.options.Backend.RevokeToken(r.Context(), access.From(r.Context()), id); err != nil {
		return err
	}
	return done(w, r, "/tokens", "token_revoked", -1)
}
