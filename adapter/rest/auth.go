package rest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/doisoat/doisoat/reconcile"
)

// authorize puts the credentials into a request; token is that of the session,
// if there is one.
func (a Auth) authorize(req *http.Request, token string) {
	switch {
	case a.Basic != nil:
		req.SetBasicAuth(a.Basic.Username, a.Basic.Password)
	case a.Bearer != "":
		req.Header.Set("Authorization", "Bearer "+a.Bearer)
	case a.Header != nil:
		req.Header.Set(a.Header.Name, a.Header.Value)
	case a.OAuth2 != nil:
		req.Header.Set("Authorization", "Bearer "+token)
	case a.Login != nil && a.Login.Header != "":
		req.Header.Set(a.Login.Header, a.Login.Prefix+token)
	}
}

// newSession returns nil where the way to authenticate needs no token.
func (s *Source) newSession(base *url.URL) (*session, error) {
	switch {
	case s.cfg.Auth.Login != nil:
		fetch, err := s.login(base, *s.cfg.Auth.Login)
		return newSession(fetch, s.client.now), err
	case s.cfg.Auth.OAuth2 != nil:
		return newSession(s.oauth2(base, *s.cfg.Auth.OAuth2), s.client.now), nil
	}
	return nil, nil
}

// login returns the func that gets a token by the configured request.
func (s *Source) login(base *url.URL, l Login) (func(context.Context) (string, time.Time, error), error) {
	metas := []metaPath{{metaToken, l.Token}}
	if l.OK != nil {
		metas = append(metas, metaPath{metaOK, l.OK.Path})
	}
	reply, err := newShape(nil, false, metas...)
	if err != nil {
		return nil, fmt.Errorf("auth.login: %w", err)
	}
	body, err := normalBody(l.Body)
	if err != nil {
		return nil, fmt.Errorf("auth.login.body: %w", err)
	}
	call := &endpoint{base: base, method: orDefault(l.Method, http.MethodPost), path: l.Path, headers: map[string]string{}, body: body}
	for name, value := range s.cfg.Headers {
		if !strings.Contains(value, varSession) { // there is none yet
			call.headers[name] = value
		}
	}
	maps.Copy(call.headers, l.Headers)
	return func(ctx context.Context) (string, time.Time, error) {
		req, err := call.request(ctx, vars{}, nil, nil)
		if err != nil {
			return "", time.Time{}, faultf(reconcile.CauseSchema, "log-in: %v", err)
		}
		p := s.pages.get()
		defer s.pages.put(p)
		err = s.client.do(ctx, req, p, func(*http.Response) error {
			if f := p.parse(reply, 0); f != nil {
				return f
			}
			return nil
		})
		switch f := (*Fault)(nil); {
		case errors.As(err, &f):
			f = f.at("log-in by " + call.String())
			if f.Cause == reconcile.CauseHTTP4xx {
				f.Cause = reconcile.CauseAuth
			}
			f.expired = false
			return "", time.Time{}, f
		case err != nil:
			return "", time.Time{}, err
		case l.OK != nil && !l.OK.holds(p.meta[metaOK]):
			return "", time.Time{}, faultf(reconcile.CauseAuth, "log-in by %s refused: %s; check the account", call, l.OK.says(p.meta[metaOK]))
		case p.meta[metaToken].text == "":
			return "", time.Time{}, faultf(reconcile.CauseAuth, "log-in by %s: no token at %q in the reply; check auth.login.token, and the account", call, l.Token)
		}
		return p.meta[metaToken].text, time.Time{}, nil
	}, nil
}

// oauth2 returns the func that gets a token by the client credentials grant.
func (s *Source) oauth2(base *url.URL, o OAuth2) func(context.Context) (string, time.Time, error) {
	params := url.Values{}
	for k, v := range o.Params {
		params.Set(k, v)
	}
	tokenURL := o.TokenURL
	if !strings.Contains(tokenURL, "://") {
		tokenURL = strings.TrimSuffix(base.String(), "/") + "/" + strings.TrimPrefix(tokenURL, "/")
	}
	grant := &clientcredentials.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret,
		TokenURL: tokenURL, Scopes: o.Scopes, EndpointParams: params,
	}
	through := &http.Client{Transport: &retryablehttp.RoundTripper{Client: s.client.http}}
	return func(ctx context.Context) (string, time.Time, error) {
		inner, tries := s.client.withAttempts(ctx)
		defer tries.leave()
		if err := s.client.admit(inner); err != nil {
			return "", time.Time{}, err
		}
		token, err := grant.Token(context.WithValue(inner, oauth2.HTTPClient, through))
		if err == nil {
			return token.AccessToken, token.Expiry, nil
		}
		if ctx.Err() != nil {
			return "", time.Time{}, ctx.Err()
		}
		// The library's text quotes the reply's body: keep to its status.
		var refused *oauth2.RetrieveError
		if !errors.As(err, &refused) || refused.Response == nil {
			var outer *url.Error
			if errors.As(err, &outer) {
				return "", time.Time{}, asFault(err).at("OAuth2 token")
			}
			return "", time.Time{}, faultf(reconcile.CauseAuth, "OAuth2 token: the reply holds none; check auth.oauth2.token_url")
		}
		status := refused.Response.StatusCode
		if worthRetrying(status) {
			return "", time.Time{}, statusFault(status, http.StatusText(status)).at("OAuth2 token")
		}
		return "", time.Time{}, faultf(reconcile.CauseAuth, "OAuth2 token refused (%d); check client_id, client_secret and scopes in auth.oauth2", status)
	}
}

// holds reports whether a verdict is one of those that mean yes.
func (o *OK) holds(m meta) bool { return slices.Contains(o.In, m.text) }

// says shows the verdict for a person. It is a short code, not data; a longer
// text is not shown.
func (o *OK) says(m meta) string {
	switch {
	case !m.present:
		return fmt.Sprintf("the reply has no %s", o.Path)
	case len(m.text) > 24:
		return fmt.Sprintf("%s is none of %q", o.Path, o.In)
	}
	return fmt.Sprintf("%s is %q, not one of %q", o.Path, m.text, o.In)
}

func orDefault(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
