package pages

import (
	"context"
	"errors"
	"net"
	"net/http"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// SignIn signs people in and out, and keeps what they choose for themselves; it is
// an access.Access. Its requests come with the session loaded. What it returns as an
// *access.Denied is told to whoever asks.
type SignIn interface {
	Login(ctx context.Context, r *http.Request, name, password string) (*access.Principal, error)
	Logout(ctx context.Context, r *http.Request) error
	ChangePassword(ctx context.Context, r *http.Request, old, next string) error
	SetLanguage(ctx context.Context, r *http.Request, language string) error
	// OIDC reports whether people can sign in at an identity provider.
	OIDC() bool
	// BeginOIDC sends the browser there; on an error nothing was answered yet.
	BeginOIDC(w http.ResponseWriter, r *http.Request, returnTo string) error
	// FinishOIDC takes what the browser came back with; the answer is the caller's.
	FinishOIDC(w http.ResponseWriter, r *http.Request) (who *access.Principal, returnTo string, err error)
}

// loginBody is the page that signs people in.
type loginBody struct {
	OIDC    bool
	Button  string // the provider's, "" in general words
	Next    string
	Name    string
	Faults  []string
	Already bool
}

func (p *Pages) login(w http.ResponseWriter, r *http.Request) error {
	return p.loginPage(w, r, http.StatusOK, loginBody{Next: r.URL.Query().Get("next")})
}

func (p *Pages) loginPage(w http.ResponseWriter, r *http.Request, status int, body loginBody) error {
	v := p.bare(r)
	v.Title = v.say("login.title")
	v.Nav = nil
	if r.Method == http.MethodGet {
		v.Flash = flashOf(v, r.URL.Query())
	}
	if p.options.Provider != nil {
		body.Button = p.options.Provider()
	}
	body.OIDC, body.Next, body.Already = p.options.SignIn.OIDC(), access.LocalPath(body.Next), v.Who != nil
	return p.answer(w, r, status, "login", v, body)
}

func (p *Pages) sendLogin(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	body := loginBody{Next: r.PostForm.Get("next"), Name: web.Cleaned(r.PostForm.Get(web.LoginField), 64)}
	who, err := p.options.SignIn.Login(r.Context(), r, r.PostForm.Get(web.LoginField), r.PostForm.Get("password"))
	if denied := deniedOf(err, languageOf(r)); denied != "" {
		body.Faults = []string{denied}
		return p.loginPage(w, r, statusOf(err), body)
	}
	if err != nil {
		return unavailable(err)
	}
	return p.welcome(w, r, who, body.Next)
}

// welcome leads on whoever just signed in.
func (p *Pages) welcome(w http.ResponseWriter, r *http.Request, who *access.Principal, next string) error {
	to := access.LocalPath(next)
	if who.MustChange {
		to = web.PasswordPath
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to, http.StatusSeeOther) //nolint:gosec // LocalPath keeps to this server
	return nil
}

func (p *Pages) logout(w http.ResponseWriter, r *http.Request) error {
	if err := p.options.SignIn.Logout(r.Context(), r); err != nil {
		return unavailable(err)
	}
	return done(w, r, web.LoginPath, "signed_out", -1)
}

func (p *Pages) beginOIDC(w http.ResponseWriter, r *http.Request) error {
	if !p.options.SignIn.OIDC() {
		return web.ErrNotFound
	}
	if err := p.options.SignIn.BeginOIDC(w, r, access.LocalPath(r.URL.Query().Get("next"))); err != nil {
		return p.notLetIn(w, r, err)
	}
	return nil
}

func (p *Pages) finishOIDC(w http.ResponseWriter, r *http.Request) error {
	if !p.options.SignIn.OIDC() {
		return web.ErrNotFound
	}
	who, next, err := p.options.SignIn.FinishOIDC(w, r)
	if err != nil {
		return p.notLetIn(w, r, err)
	}
	// The provider sends people back by GET, which leaves no mark by itself.
	if err := p.options.Backend.Record(r.Context(), web.AuditEntry{
		Actor: who.Name, Role: string(who.Role), Via: string(who.Via), Remote: p.remoteOf(r), Action: "oidc_callback", Outcome: web.OutcomeDone,
	}); err != nil {
		return unavailable(errors.Join(err, p.options.SignIn.Logout(r.Context(), r)))
	}
	return p.welcome(w, r, who, next)
}

func (p *Pages) notLetIn(w http.ResponseWriter, r *http.Request, err error) error {
	denied := deniedOf(err, languageOf(r))
	if denied == "" {
		return unavailable(err)
	}
	return p.loginPage(w, r, statusOf(err), loginBody{Faults: []string{denied}})
}

// remoteOf is the address that somebody comes from, as the audit trail keeps it.
func (p *Pages) remoteOf(r *http.Request) string {
	if known, ok := p.options.SignIn.(interface{ RemoteOf(*http.Request) string }); ok {
		return known.RemoteOf(r)
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	return host
}

// passwordBody is the page that changes one's password.
type passwordBody struct {
	Can    bool // there is one here
	Must   bool
	Faults map[string]string
}

func (p *Pages) password(w http.ResponseWriter, r *http.Request) error {
	return p.passwordPage(w, r, http.StatusOK, nil)
}

func (p *Pages) passwordPage(w http.ResponseWriter, r *http.Request, status int, faults map[string]string) error {
	v := p.bare(r)
	v.Title = v.say("password.title")
	return p.answer(w, r, status, "password", v, passwordBody{
		Can: v.Who.Via == access.ViaPassword, Must: v.Who.MustChange, Faults: faults,
	})
}

func (p *Pages) changePassword(w http.ResponseWriter, r *http.Request) error {
	who := access.From(r.Context())
	if err := r.ParseForm(); err != nil {
		return err
	}
	if who.Via != access.ViaPassword {
		return errUnreadable
	}
	v := p.bare(r)
	faults := map[string]string{}
	old, chosen, again := r.PostForm.Get("old"), r.PostForm.Get("new"), r.PostForm.Get("again")
	switch {
	case old == "":
		faults["old"] = v.say("password.old.missing")
	case chosen == "":
		faults["new"] = v.say("password.new.missing")
	case chosen != again:
		faults["again"] = v.say("password.again.differs")
	case chosen == old:
		faults["new"] = v.say("password.new.same")
	}
	if len(faults) > 0 {
		return p.passwordPage(w, r, http.StatusUnprocessableEntity, faults)
	}
	err := p.options.SignIn.ChangePassword(r.Context(), r, old, chosen)
	if denied := deniedOf(err, v.Language); denied != "" {
		field := "old"
		if reasonOf(err) == access.WeakPassword {
			field = "new"
		}
		return p.passwordPage(w, r, statusOf(err), map[string]string{field: denied})
	}
	if err != nil {
		return unavailable(err)
	}
	return done(w, r, "/", "password_changed", -1)
}

// deniedOf is why somebody was not let in, in their language; "" where err is
// something else.
func deniedOf(err error, l language) string {
	var denied *access.Denied
	switch {
	case !errors.As(err, &denied):
		return ""
	case l == en:
		return denied.En
	}
	return denied.Vi
}

func reasonOf(err error) access.Reason {
	var denied *access.Denied
	if errors.As(err, &denied) {
		return denied.Reason
	}
	return ""
}

func statusOf(err error) int {
	switch reasonOf(err) {
	case access.Locked, access.Limited:
		return http.StatusTooManyRequests
	case access.WeakPassword:
		return http.StatusUnprocessableEntity
	case access.NoProvider:
		return http.StatusBadGateway
	case access.NotChangeable:
		return http.StatusConflict
	}
	return http.StatusUnauthorized
}

// later is an error that trying again may mend.
type later struct{ error }

func (l later) Unwrap() error { return l.error }

// unavailable marks an error of a store that does not answer, so that nobody takes
// it for a wrong password.
func unavailable(err error) error {
	if errors.Is(err, access.ErrUnavailable) {
		return later{err}
	}
	return err
}
