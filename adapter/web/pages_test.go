package web_test

import (
	"fmt"
	"net/http"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// pages are a few pages that say who asked.
type pages struct{ more []web.Route }

func (p pages) Routes() []web.Route {
	get, post := []string{http.MethodGet}, []string{http.MethodPost}
	say := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		name := "nobody"
		if who := access.From(r.Context()); who != nil {
			name = who.Name
		}
		fmt.Fprintf(w, "<p>%s</p>", name)
	}
	login := func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("password") != "mật khẩu" {
			web.Note(r.Context(), "", "wrong name or password")
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
	return append([]web.Route{
		{Pattern: "/{$}", Methods: get, Name: "page_overview", Needs: access.SeeDossiers, Serve: say},
		{Pattern: "/dossiers/{code}", Methods: get, Name: "page_dossier", Needs: access.SeeDossiers, Serve: say},
		{Pattern: "/audit", Methods: get, Name: "page_audit", Needs: access.SeeAudit, Serve: say},
		{Pattern: "/letters", Methods: post, Name: "page_letter_send", Needs: access.SendLetters, Serve: say},
		{Pattern: web.LoginPath, Methods: get, Name: "page_login", Needs: access.Anybody, Serve: say},
		{Pattern: web.LoginPath, Methods: post, Name: "page_login_send", Needs: access.Anybody, Serve: login},
		{Pattern: web.LogoutPath, Methods: post, Name: "page_logout", Needs: access.SignedIn, Serve: say},
		{Pattern: web.PasswordPath, Methods: []string{http.MethodGet, http.MethodPost}, Name: "page_password", Needs: access.SignedIn, Serve: say},
		{Pattern: "/static/{name}", Methods: get, Name: "page_static", Needs: access.Anybody, Always: true, Serve: say},
	}, p.more...)
}

func (p pages) Fault(w http.ResponseWriter, _ *http.Request, status int, vi, en string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<h1>%d</h1><p>%s</p><p>%s</p>", status, vi, en)
}
