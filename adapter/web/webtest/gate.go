package webtest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// CookieName is the cookie by which Gate knows a session: its value is a name of
// Principals. As an API token the same name is given after "Bearer ".
const CookieName = "webtest"

// Principals are those that Gate knows, by name.
func Principals() map[string]*access.Principal {
	return map[string]*access.Principal{
		"van-hanh":  {Account: 1, Name: "van-hanh", Display: "Người vận hành", Role: access.Operator},
		"trung-tam": {Account: 2, Name: "trung-tam", Display: "Trung tâm hành chính công", Role: access.Centre},
		"dat-dai":   {Account: 3, Name: "dat-dai", Display: "Cán bộ đất đai", Role: access.Department, Departments: []string{Own}},
		"kinh-te":   {Account: 4, Name: "kinh-te", Display: "Cán bộ kinh tế", Role: access.Department, Departments: []string{Foreign}},
		"thanh-tra": {Account: 5, Name: "thanh-tra", Display: "Thanh tra", Role: access.Auditor},
		"chi-doc":   {Account: 1, Name: "chi-doc", Display: "Mã chỉ đọc", Role: access.Operator, ReadOnly: true},
		"moi":       {Account: 6, Name: "moi", Display: "Tài khoản mới", Role: access.Operator, MustChange: true},
	}
}

// Gate knows Principals by a cookie or as an API token, without any proof.
type Gate struct {
	// Default is whoever says nothing; nil is nobody.
	Default *access.Principal
}

// Wrap implements web.Gate.
func (g *Gate) Wrap(next http.Handler) http.Handler { return next }

// Identify implements web.Gate.
func (g *Gate) Identify(r *http.Request) (*access.Principal, error) {
	if name, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		p := Principals()[name]
		if p == nil {
			return nil, fmt.Errorf("API token: %w", access.ErrRejected)
		}
		p.Via = access.ViaToken
		return p, nil
	}
	if cookie, err := r.Cookie(CookieName); err == nil {
		if p := Principals()[cookie.Value]; p != nil {
			p.Via = access.ViaPassword
			return p, nil
		}
	}
	return g.Default, nil
}

var _ web.Gate = (*Gate)(nil)
