package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// flowName is the cookie of whoever is on the way to the provider and back. What has
// to be known then is in it, and not in the store: nothing of it helps anybody but the
// browser that holds it, and nobody can fill the store by beginning.
const flowName = "__Host-doisoat-login"

// flowTime is how long one may take to sign in at the provider.
const flowTime = 10 * time.Minute

type flow struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	ReturnTo string    `json:"return_to"`
	At       time.Time `json:"at"`
}

// BeginOIDC sends the browser to the provider. Afterwards it is to be sent to
// returnTo, a path of this service (see LocalPath). On an error, a *Denied or the
// context's, nothing was answered yet.
func (a *Access) BeginOIDC(w http.ResponseWriter, r *http.Request, returnTo string) error {
	p := a.settings.Load().oidc
	if p == nil {
		return noProvider(errors.New("none is configured"))
	}
	known, err := p.discovery.provider(r.Context())
	if err != nil {
		return err
	}
	f := flow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), ReturnTo: LocalPath(returnTo), At: a.now()}
	kept, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("begin a login: %w", err)
	}
	setFlow(w, base64.RawURLEncoding.EncodeToString(kept), int(flowTime.Seconds()))
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, p.oauth(known).AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), http.StatusSeeOther)
	return nil
}

func setFlow(w http.ResponseWriter, value string, maxAge int) {
	http.SetCookie(w, &http.Cookie{
		Name: flowName, Value: value, Path: "/", MaxAge: maxAge, Secure: true, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, // it comes back from another site
	})
}

func (p *provider) oauth(known *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret, Endpoint: known.Endpoint(), RedirectURL: p.config.RedirectURL,
		Scopes: append([]string{oidc.ScopeOpenID, "profile", "email"}, p.config.Scopes...),
	}
}

// FinishOIDC takes what the provider sent the browser back with, and begins a
// session. It sets cookies and leaves the answer to the caller: a redirect to
// returnTo, which is a path of this service. A *Denied tells why not.
func (a *Access) FinishOIDC(w http.ResponseWriter, r *http.Request) (who *Principal, returnTo string, err error) {
	p, v := a.settings.Load().oidc, visitOf(r)
	if v == nil {
		return nil, "", errNoVisit
	}
	if p == nil {
		return nil, "", noProvider(errors.New("none is configured"))
	}
	if wait := a.byAddress.take(a.limitKey(r), a.now()); wait > 0 {
		return nil, "", limited(wait)
	}
	f, err := a.cameBack(r)
	setFlow(w, "", -1) // it works once, whatever comes of it
	if err != nil {
		return nil, "", err
	}
	code, err := p.code(r.URL.Query())
	if err != nil {
		return nil, "", err
	}
	claims, err := p.redeem(r.Context(), code, f)
	if err != nil {
		return nil, "", err
	}
	s, err := p.session(claims)
	if err != nil {
		return nil, "", err
	}
	who = p.ofSession(s)
	if who == nil {
		return nil, "", noRole(s.Display)
	}
	if err := a.begin(r, v, *s); err != nil {
		return nil, "", err
	}
	a.log.InfoContext(r.Context(), "signed in", "account", s.Name, "via", ViaOIDC, "remote", a.RemoteOf(r))
	return who, f.ReturnTo, nil
}

// cameBack is the flow that the request goes on with.
func (a *Access) cameBack(r *http.Request) (*flow, error) {
	cookie, err := r.Cookie(flowName)
	if err != nil {
		return nil, staleLogin("no cookie of a login that was begun")
	}
	kept, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	var f flow
	if err != nil || json.Unmarshal(kept, &f) != nil || f.State == "" || f.Nonce == "" || f.Verifier == "" {
		return nil, staleLogin("the cookie of the login cannot be read")
	}
	if age := a.now().Sub(f.At); age < -time.Minute || age > flowTime {
		return nil, staleLogin("the login took longer than " + flowTime.String())
	}
	states := r.URL.Query()["state"]
	if len(states) != 1 || subtle.ConstantTimeCompare([]byte(states[0]), []byte(f.State)) != 1 {
		return nil, staleLogin("the state is not that of the login that was begun")
	}
	f.ReturnTo = LocalPath(f.ReturnTo)
	return &f, nil
}

// code is what the provider answered with.
func (p *provider) code(answer url.Values) (string, error) {
	// RFC 9207: with several providers one could answer for another.
	if issuers := answer["iss"]; len(issuers) > 1 || len(issuers) == 1 && issuers[0] != p.config.Issuer {
		return "", refusedLogin(errors.New("another provider answered"))
	}
	if answer.Has("error") {
		return "", refusedLogin(fmt.Errorf("it answered %s", short(errors.New(answer.Get("error")))))
	}
	codes := answer["code"]
	if len(codes) != 1 || codes[0] == "" {
		return "", refusedLogin(errors.New("it answered no code, or several"))
	}
	return codes[0], nil
}

// redeem exchanges the code for the claims of a token that is for us, for this login,
// and signed by the provider.
func (p *provider) redeem(ctx context.Context, code string, f *flow) (map[string]any, error) {
	known, err := p.discovery.provider(ctx)
	if err != nil {
		return nil, err
	}
	ctx = p.discovery.with(ctx)
	got, err := p.oauth(known).Exchange(ctx, code, oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return nil, asked(err)
	}
	raw, ok := got.Extra("id_token").(string)
	if !ok {
		return nil, refusedLogin(errors.New("it gave no ID token"))
	}
	token, err := known.Verifier(&oidc.Config{ClientID: p.config.ClientID, Now: p.now}).Verify(ctx, raw)
	if err != nil {
		return nil, refusedLogin(fmt.Errorf("ID token: %s", short(err)))
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(f.Nonce)) != 1 {
		return nil, refusedLogin(errors.New("ID token: its nonce is of another login"))
	}
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		return nil, refusedLogin(fmt.Errorf("ID token: %s", short(err)))
	}
	if azp, has := claims["azp"]; len(token.Audience) > 1 && has && azp != p.config.ClientID {
		return nil, refusedLogin(errors.New("ID token: it was given to another client"))
	}
	return p.withGroups(ctx, known, got, token.Subject, claims)
}

// withGroups asks for the groups where the provider keeps them out of its tokens.
func (p *provider) withGroups(ctx context.Context, known *oidc.Provider, got *oauth2.Token, subject string, claims map[string]any) (map[string]any, error) {
	if _, has := claimed(claims, p.config.Claim); has || known.UserInfoEndpoint() == "" {
		return claims, nil
	}
	info, err := known.UserInfo(ctx, oauth2.StaticTokenSource(got))
	if err != nil {
		return nil, noProvider(fmt.Errorf("ask for the groups: %s", short(err)))
	}
	var more map[string]any
	if err := info.Claims(&more); err != nil || info.Subject != subject {
		return nil, refusedLogin(errors.New("what it says of the user is of another"))
	}
	for name, value := range more {
		if _, has := claims[name]; !has {
			claims[name] = value
		}
	}
	return claims, nil
}

// maxGroups is how many groups are kept whether or not a rule names them.
const maxGroups = 500

// session is what is kept of whoever the claims are about.
func (p *provider) session(claims map[string]any) (*session, error) {
	name, _ := claims["preferred_username"].(string)
	if name = strings.TrimSpace(name); name == "" {
		name, _ = claims["email"].(string)
		if verified := claims["email_verified"]; name != "" && (verified == false || verified == "false") {
			return nil, refusedLogin(errors.New("the e-mail address is not verified, and there is no preferred_username"))
		}
	}
	if name = strings.TrimSpace(name); name == "" {
		name, _ = claims["sub"].(string)
	}
	if err := foreignName(name); err != nil {
		return nil, refusedLogin(fmt.Errorf("ID token: %w", err))
	}
	display, _ := claims["name"].(string)
	if display = strings.TrimSpace(display); foreignName(display) != nil {
		display = name
	}
	value, _ := claimed(claims, p.config.Claim)
	groups := texts(value)
	if len(groups) > maxGroups {
		groups = slices.DeleteFunc(groups, func(group string) bool {
			return !slices.ContainsFunc(p.config.Rules, func(rule Rule) bool { return rule.Value == group })
		})
	}
	return &session{Via: ViaOIDC, Issuer: p.config.Issuer, Name: "oidc:" + name, Display: display, Groups: groups}, nil
}
