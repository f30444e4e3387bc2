package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// tokenPrefix lets people and secret scanners tell what a token is for.
const tokenPrefix = "doisoat_"

var tokenText = regexp.MustCompile(`^doisoat_[A-Za-z0-9_-]{43}$`)

// NewTokenText makes an API token: the text that its owner is told this once, of 256
// bits, and the hash that is kept.
func NewTokenText() (text, hash string) {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails: it ends the process instead
	text = tokenPrefix + base64.RawURLEncoding.EncodeToString(raw[:])
	return text, HashToken(text)
}

// HashToken is a token as it is kept and found. Its text is random and long, so that
// a fast hash is enough.
func HashToken(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// bearer is the request's token; ok is false where it has none. Other schemes than
// Bearer are not ours: the web configuration file may ask for a password.
func bearer(r *http.Request) (text string, ok bool, err error) {
	for _, value := range r.Header["Authorization"] {
		scheme, rest, _ := strings.Cut(value, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			continue
		}
		if rest = strings.TrimSpace(rest); ok || !tokenText.MatchString(rest) {
			return "", false, wrongToken(errors.New("not one token of this service"))
		}
		text, ok = rest, true
	}
	return text, ok, nil
}

func wrongToken(why error) *Denied {
	return &Denied{
		Reason: WrongToken,
		Vi:     "Mã truy cập không đúng, đã hết hạn hoặc đã bị thu hồi.",
		En:     "The token is wrong, has expired or was revoked.",
		Err:    why,
	}
}

// byToken is whoever the token speaks for.
func (a *Access) byToken(ctx context.Context, text string) (*Principal, error) {
	hash, now := HashToken(text), a.now()
	token, err := through(a.cache, a.cache.ofTokens, hash, now, func() (*StoredToken, error) { return a.store.FindToken(ctx, hash) })
	if err != nil {
		return nil, unavailable("find a token", err)
	}
	switch {
	case token == nil:
		return nil, wrongToken(errors.New("not known"))
	case !token.RevokedAt.IsZero():
		return nil, wrongToken(errors.New("revoked"))
	case !now.Before(token.ExpiresAt):
		return nil, wrongToken(errors.New("expired"))
	}
	owner, err := a.account(ctx, token.Account)
	if err != nil {
		return nil, err
	}
	if owner == nil || owner.Disabled {
		return nil, wrongToken(errors.New("its owner's account is disabled"))
	}
	p := owner.principal(ViaToken)
	p.Token, p.MustChange = token.ID, false // that is for people
	p.Display += " · " + token.Name
	if !p.narrow(token) {
		return nil, wrongToken(errors.New("its owner may none of what it was made for"))
	}
	a.touchToken(ctx, token)
	return p, nil
}

// narrow leaves of what the owner may only what the token was made for.
func (p *Principal) narrow(token *StoredToken) bool {
	owner := *p
	var readOnly, ok bool
	p.Role, readOnly, ok = both(owner.Role, token.Role)
	p.ReadOnly = token.ReadOnly || readOnly
	p.Departments = nil
	if p.Role != Department {
		return ok
	}
	switch {
	case owner.Role != Department:
		p.Departments = slices.Clone(token.Departments)
	case token.Role != Department:
		p.Departments = owner.Departments
	default:
		for _, d := range token.Departments {
			if slices.Contains(owner.Departments, d) {
				p.Departments = append(p.Departments, d)
			}
		}
	}
	return ok && len(p.Departments) > 0
}

// both is the role, perhaps to read only, that may just what each of the two may. A
// test holds that there is one for every two.
func both(x, y Role) (role Role, readOnly, ok bool) {
	departments := x == Department || y == Department
	for _, readOnly := range []bool{false, true} {
		for _, role := range Roles {
			if (role == Department) != departments {
				continue
			}
			one := &Principal{Role: role, ReadOnly: readOnly}
			if !slices.ContainsFunc(Permissions, func(p Permission) bool { return one.May(p) != (x.May(p) && y.May(p)) }) {
				return role, readOnly, true
			}
		}
	}
	return "", false, false
}

func (a *Access) touchToken(ctx context.Context, token *StoredToken) {
	now := a.now()
	if now.Sub(token.LastUsedAt) < touchEvery {
		return
	}
	used := *token
	used.LastUsedAt = now
	replace(a.cache, a.cache.ofTokens, token.Hash, &used)
	if err := a.store.TouchToken(ctx, token.ID, now); err != nil && ctx.Err() == nil {
		a.log.WarnContext(ctx, "a token's use could not be kept", "error", err)
	}
}
