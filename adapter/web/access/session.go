package access

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"time"

	"github.com/alexedwards/scs/v2"
)

// cookieName is that of the session's cookie. Its prefix makes browsers refuse one
// that is not Secure, not for this host alone, or set by a neighbour.
const cookieName = "__Host-doisoat"

// sessionKey is the one value of a session.
const sessionKey = "session"

// touchEvery is how exactly the time is kept that a session was idle: a store must
// not be written for every picture of a page.
const touchEvery = time.Minute

// session is what is kept of one. It holds nothing that may change elsewhere: what
// somebody may do is looked up every time.
type session struct {
	Via   Via       `json:"via"`
	Since time.Time `json:"since"`
	// Account and Epoch are of sessions begun with a password.
	Account int64 `json:"account,omitzero"`
	Epoch   int64 `json:"epoch,omitzero"`
	// The others are of those begun at a provider; which role the groups give is
	// decided by the rules in force.
	Issuer  string   `json:"issuer,omitzero"`
	Name    string   `json:"name,omitzero"`
	Display string   `json:"display,omitzero"`
	Groups  []string `json:"groups,omitzero"`
}

// newSessions is made by hand: scs.New begins with a store of its own, whose clean-up
// would run for ever. IdleTimeout stays 0, since scs would write at every request; see
// touch.
func newSessions(store scs.Store, max time.Duration) *scs.SessionManager {
	return &scs.SessionManager{
		Store: store, Codec: sessionCodec{}, HashTokenInStore: true, Lifetime: max,
		Cookie: scs.SessionCookie{
			Name: cookieName, Path: "/", Secure: true, HttpOnly: true,
			// Not Strict: whoever comes back from the provider must have it.
			SameSite: http.SameSiteLaxMode,
			// Gone with the browser; when it ends before that, the store says.
			Persist: false,
		},
	}
}

// visit is what is known of one request. A session is read when somebody asks for it
// the first time: what is served to everybody costs no look into the store.
type visit struct {
	w   http.ResponseWriter
	ctx context.Context // scs's, once loaded
	row *StoredSession
}

type visitKey struct{}

var errNoVisit = errors.New("access: the request did not come through Wrap")

func visitOf(r *http.Request) *visit {
	v, _ := r.Context().Value(visitKey{}).(*visit)
	return v
}

// Wrap lets the handlers behind it have a session. It reads and writes nothing
// itself, and answers pass it as they are.
func (a *Access) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), visitKey{}, &visit{w: w})))
	})
}

var cookieText = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// load reads the session of the request's cookie. A cookie that no session belongs to
// is as none: a session never gets a token that somebody brought along.
func (a *Access) load(r *http.Request, v *visit) error {
	if v.ctx != nil {
		return nil
	}
	token := ""
	if cookie, err := r.Cookie(cookieName); err == nil && cookieText.MatchString(cookie.Value) {
		token = cookie.Value
	}
	ctx, err := a.sessions.Load(context.WithValue(r.Context(), visitKey{}, v), token)
	if err != nil {
		return unavailable("read a session", err)
	}
	v.ctx = ctx
	v.w.Header().Add("Vary", "Cookie")
	return nil
}

// current is the request's session; nil where there is none, or it has ended.
func (a *Access) current(r *http.Request) (*visit, *session, error) {
	v := visitOf(r)
	if v == nil {
		return nil, nil, nil
	}
	if err := a.load(r, v); err != nil {
		return v, nil, err
	}
	s, _ := a.sessions.Get(v.ctx, sessionKey).(*session)
	if s == nil || !a.now().Before(s.Since.Add(a.sessionMax)) {
		return v, nil, nil
	}
	return v, s, nil
}

// end is when a session of that beginning ends if nothing more comes.
func (a *Access) end(since, now time.Time) time.Time {
	idle, absolute := now.Add(a.sessionIdle), since.Add(a.sessionMax)
	if idle.Before(absolute) {
		return idle
	}
	return absolute
}

// begin begins a session under a new token and sets its cookie. Whatever session the
// browser came with ends: it may have been given to it by somebody else.
func (a *Access) begin(r *http.Request, v *visit, s session) error {
	if err := a.load(r, v); err != nil {
		return err
	}
	if err := a.sessions.RenewToken(v.ctx); err != nil {
		return unavailable("end the session before", err)
	}
	now := a.now()
	if s.Since.IsZero() {
		s.Since = now
	}
	a.sessions.Put(v.ctx, sessionKey, &s)
	a.sessions.SetDeadline(v.ctx, a.end(s.Since, now))
	token, expires, err := a.sessions.Commit(v.ctx)
	if err != nil {
		a.sessions.Remove(v.ctx, sessionKey)
		return unavailable("keep a session", err)
	}
	v.row = nil // new, and fresh
	a.sessions.WriteSessionCookie(v.ctx, v.w, token, expires)
	return nil
}

// touch keeps that the session is in use. Where that cannot be kept it goes on, and
// ends the earlier.
func (a *Access) touch(ctx context.Context, v *visit, s *session) {
	if v.row == nil {
		return
	}
	until := a.end(s.Since, a.now())
	if until.Sub(v.row.ExpiresAt) < touchEvery {
		return
	}
	row := *v.row
	row.ExpiresAt = until
	v.row = &row
	// Before it is written: of many requests at once only the first writes.
	replace(a.cache, a.cache.ofSessions, row.Key, &row)
	if err := a.store.TouchSession(ctx, row.Key, until); err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "a session's use could not be kept", "error", err)
	}
}

// Logout ends the request's session, if there is one, and takes its cookie back.
func (a *Access) Logout(ctx context.Context, r *http.Request) error {
	v := visitOf(r)
	if v == nil {
		return errNoVisit
	}
	if err := a.load(r, v); err != nil {
		return err
	}
	a.sessions.WriteSessionCookie(v.ctx, v.w, "", time.Time{})
	if a.sessions.Token(v.ctx) == "" {
		return nil
	}
	if err := a.sessions.Destroy(v.ctx); err != nil {
		return unavailable("end a session", err)
	}
	v.row = nil
	a.log.InfoContext(ctx, "signed out", "remote", a.RemoteOf(r))
	return nil
}

// sessionCodec writes sessions as JSON: they are read by the next release too.
type sessionCodec struct{}

func (sessionCodec) Encode(_ time.Time, values map[string]any) ([]byte, error) {
	return json.Marshal(values[sessionKey])
}

// Decode takes what it cannot read for a session that holds nothing: its owner has to
// sign in again, which must not need the store to be mended first.
func (sessionCodec) Decode(data []byte) (time.Time, map[string]any, error) {
	var s *session
	if err := json.Unmarshal(data, &s); err != nil || s == nil || s.Since.IsZero() {
		return time.Time{}, map[string]any{}, nil //nolint:nilerr // see above
	}
	return s.Since, map[string]any{sessionKey: s}, nil
}
