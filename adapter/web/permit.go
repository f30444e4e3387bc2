package web

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// anonymous is the name of whoever did not say who they are.
const anonymous = "anonymous"

// reader is who asks where there is nobody to sign in: an operator who may read.
func reader() *access.Principal {
	return &access.Principal{Name: anonymous, Display: anonymous, Role: access.Operator, Via: access.ViaOpen, ReadOnly: true}
}

// identified finds out who asks, puts it into the request's context, and goes on
// where the route permits it.
func (g *guard) identified(r *Route) http.Handler {
	permitted := func(w http.ResponseWriter, req *http.Request, p *access.Principal) {
		if p != nil {
			req = req.WithContext(access.With(req.Context(), p))
		}
		if g.permits(r, w, req, p) {
			g.audited(r, w, req)
		}
	}
	if g.options.Gate == nil {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { permitted(w, req, reader()) })
	}
	return g.options.Gate.Wrap(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		p, err := g.options.Gate.Identify(req)
		denied := (*access.Denied)(nil)
		switch {
		case errors.As(err, &denied):
			if denied.Wait > 0 {
				w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(denied.Wait.Seconds()))))
			}
			g.challenge(r, w, req, denied.Vi, denied.En)
		case errors.Is(err, access.ErrRejected):
			g.challenge(r, w, req, "Thông tin đăng nhập không còn hiệu lực.", err.Error())
		case errors.Is(err, access.ErrUnavailable):
			g.options.Logger.ErrorContext(req.Context(), "who asks", "handler", r.Name, "cause", err, "request_id", idOf(req.Context()))
			w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
			g.refuse(r, w, req, http.StatusServiceUnavailable, "Chưa kiểm tra được tài khoản, xin thử lại sau ít giây.", "accounts and sessions cannot be read now; try again")
		case err != nil:
			g.options.Logger.ErrorContext(req.Context(), "who asks", "handler", r.Name, "cause", err, "request_id", idOf(req.Context()))
			g.refuse(r, w, req, http.StatusInternalServerError, "Có lỗi bên trong hệ thống.", "something went wrong inside; the log says what, under this request id")
		default:
			permitted(w, req, p)
		}
	}))
}

// permits reports whether the route is for p, and answers where it is not.
func (g *guard) permits(r *Route, w http.ResponseWriter, req *http.Request, p *access.Principal) bool {
	changes := !safe(req.Method)
	switch {
	case changes && forgeable(r, req, p):
		g.refuse(r, w, req, http.StatusForbidden, "Trình duyệt quá cũ: không cho biết trang nào đã gửi yêu cầu.",
			"nothing says which page asks for this; use a browser that sends Origin or Sec-Fetch-Site, or an API token")
	case r.Name == reloadName && g.mayReload(p), r.Name == notFoundName:
		return true
	case p == nil && r.Needs != access.Anybody:
		g.unknownCaller(r, w, req)
	case p == nil:
		return true
	case p.MustChange && r.Needs != access.Anybody && (!r.Page || r.Pattern != PasswordPath && r.Pattern != LogoutPath):
		if r.Page && safe(req.Method) {
			redirect(w, req, PasswordPath)
			return false
		}
		g.refuse(r, w, req, http.StatusForbidden, "Cần đổi mật khẩu lần đầu trước.", "the first password has to be changed before anything else; sign in at "+LoginPath+" with a browser")
	case p.Via == access.ViaOpen && (!p.May(r.Needs) || changes && r.Needs != access.Anybody):
		g.refuse(r, w, req, http.StatusForbidden, "Chưa có tài khoản nào nên chỉ được xem. Người vận hành lập tài khoản đầu tiên bằng lệnh: doisoat user add",
			"nobody can sign in here yet, so this can only be read; make the first account with: doisoat user add")
	case p.ReadOnly && (changes && r.Needs != access.Anybody || p.Role.May(r.Needs) && !p.May(r.Needs)):
		g.refuse(r, w, req, http.StatusForbidden, "Mã truy cập này chỉ được đọc.", "this token may only read, which is not enough here; make one that may change things")
	case !p.May(r.Needs):
		g.refuse(r, w, req, http.StatusForbidden, "Tài khoản này không được làm việc đó.", "this is not for the role "+string(p.Role)+"; it needs the permission "+string(r.Needs))
	default:
		return true
	}
	return false
}

// mayReload keeps what supervisors relied on before there were accounts: whoever
// gets to the endpoint without saying who they are may reload, if they are on this
// machine, or the operator has decided by a web configuration file who gets here.
// The reload endpoints of Prometheus and Alertmanager are guarded by the network in
// the same way. Whoever says who they are must be an operator.
func (g *guard) mayReload(p *access.Principal) bool {
	switch {
	case p == nil:
		return g.loopback || g.closed
	case p.Via == access.ViaOpen:
		return true
	}
	return p.May(access.Operate)
}

// forgeable reports whether another web site may have made a browser send this: the
// browser adds by itself what tells who asks, and does not say which page asks.
// Every browser of the last years says so with every change.
func forgeable(r *Route, req *http.Request, p *access.Principal) bool {
	if req.Header.Get("Sec-Fetch-Site") != "" || req.Header.Get("Origin") != "" {
		return false
	}
	if p == nil {
		return r.Page // signing the reader in as somebody else is an attack, too
	}
	switch p.Via {
	case access.ViaPassword, access.ViaOIDC, access.ViaDemo, access.ViaProxy:
		return true
	}
	return r.Page
}

// unknownCaller sends a person to the login page, and tells a program how to be
// known.
func (g *guard) unknownCaller(r *Route, w http.ResponseWriter, req *http.Request) {
	switch {
	case r.Page && safe(req.Method):
		redirect(w, req, LoginPath+"?next="+url.QueryEscape(req.URL.RequestURI()))
	case r.Page:
		g.refuse(r, w, req, http.StatusForbidden, "Phiên làm việc đã hết, xin đăng nhập lại. Chưa có gì thay đổi.", "the session has ended; sign in again. Nothing was changed")
	default:
		g.challenge(r, w, req, "", "say who asks: Authorization: Bearer with an API token; an account makes one at /tokens, or an operator by: doisoat token add")
	}
}

// challenge answers 401.
func (g *guard) challenge(r *Route, w http.ResponseWriter, req *http.Request, vi, en string) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="doisoat"`)
	g.refuse(r, w, req, http.StatusUnauthorized, vi, en)
}

// redirect sends a browser to one of our own pages.
func redirect(w http.ResponseWriter, req *http.Request, to string) {
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, req, to, http.StatusSeeOther)
}
