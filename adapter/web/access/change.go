package access

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// ChangePassword gives whoever is signed in with a password another one. The old one
// has to be right, and wrong ones count as at Login. All other sessions of the
// account end; the request's own goes on under a new token. A *Denied tells why not.
func (a *Access) ChangePassword(ctx context.Context, r *http.Request, old, next string) error {
	p, err := a.Identify(r)
	if err != nil {
		return err
	}
	if p == nil || p.Via != ViaPassword {
		return &Denied{
			Reason: NotChangeable,
			Vi:     "Chỉ đổi được mật khẩu khi đăng nhập bằng tài khoản của hệ thống này.",
			En:     "Only who is signed in with an account of this service can change its password here.",
		}
	}
	if wait := a.byAddress.take(a.limitKey(r), a.now()); wait > 0 {
		return limited(wait)
	}
	if err := CheckPassword(p.Name, next); err != nil {
		return err
	}
	if normalPassword(old) == normalPassword(next) {
		return &Denied{Reason: WeakPassword, Vi: "Mật khẩu mới phải khác mật khẩu cũ.", En: "The new password must differ from the old one."}
	}
	account, err := a.verified(ctx, p.Name, old)
	if err != nil {
		return err
	}
	hash, err := a.hasher.hash(ctx, next)
	if err != nil {
		return err
	}
	return a.setPassword(ctx, r, account, hash)
}

func (a *Access) setPassword(ctx context.Context, r *http.Request, account *Account, hash string) error {
	v, s, err := a.current(r)
	if err != nil {
		return err
	}
	if s == nil {
		return errNoVisit
	}
	var epoch int64
	err = a.store.UpdateAccount(ctx, account.ID, func(kept *Account) error {
		if kept.Disabled || kept.PasswordHash != account.PasswordHash {
			return wrongPassword() // changed by somebody else meanwhile
		}
		kept.PasswordHash, kept.MustChange = hash, false
		kept.SessionEpoch++
		epoch = kept.SessionEpoch
		return nil
	})
	var denied *Denied
	if errors.As(err, &denied) {
		return denied
	}
	if err != nil {
		return unavailable("keep a password", err)
	}
	a.cache.forget()
	// The epoch has ended them; this only frees their rows.
	if err := a.store.DeleteSessionsOf(ctx, account.ID); err != nil {
		a.log.WarnContext(ctx, "sessions that a new password ended could not be deleted", "account", account.Name, "error", err)
	}
	a.log.InfoContext(ctx, "password changed", "account", account.Name, "remote", a.RemoteOf(r))
	// The session began when it began: a new password does not make it longer.
	if err := a.begin(r, v, session{Via: ViaPassword, Account: account.ID, Epoch: epoch, Since: s.Since}); err != nil {
		return fmt.Errorf("the password is changed, sign in with it: %w", err)
	}
	return nil
}

// languageName is the cookie of what whoever has no account chose.
const languageName = "__Host-doisoat-language"

func languageCookie(r *http.Request) string {
	if cookie, err := r.Cookie(languageName); err == nil && (cookie.Value == "vi" || cookie.Value == "en") {
		return cookie.Value
	}
	return ""
}

// LanguageOf is the language that whoever asks chose: "vi", "en", or "" where they
// did not.
func LanguageOf(r *http.Request) string {
	if p := From(r.Context()); p != nil && p.Language != "" {
		return p.Language
	}
	return languageCookie(r)
}

// SetLanguage keeps what whoever asks chose, with their account where they have one,
// and in a cookie of the browser. language is "vi" or "en". No session is made of it.
func (a *Access) SetLanguage(ctx context.Context, r *http.Request, language string) error {
	if language != "vi" && language != "en" {
		return fmt.Errorf("language %q: must be vi or en", language)
	}
	v := visitOf(r)
	if v == nil {
		return errNoVisit
	}
	p, err := a.identify(r)
	if err != nil {
		return err
	}
	http.SetCookie(v.w, &http.Cookie{
		Name: languageName, Value: language, Path: "/", MaxAge: int((365 * 24 * time.Hour).Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	if p == nil || p.Via != ViaPassword || p.Language == language {
		return nil
	}
	defer a.cache.forget()
	if err := a.store.UpdateAccount(ctx, p.Account, func(kept *Account) error { kept.Language = language; return nil }); err != nil {
		return unavailable("keep a language", err)
	}
	return nil
}
