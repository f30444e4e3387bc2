package world

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// The national portal adapter's services, and its verdicts other than "fine".
const (
	ServiceList = "DanhSachHoSo"
	ServiceOne  = "ChiTietHoSo"

	codeWrongLogin     = "01"
	codeSessionExpired = "12"
	codeWrongCall      = "20"
)

// dvcqgRoutes is the national portal's adapter: POST /mapi/login {username,
// password} with the header dstcode, then POST /mapi/g {session, madonvi,
// service, page, pagesize} or {…, mahoso}. It always answers 200; the verdict
// is error_code, which is fine as 0, "0" and "00" in turn.
func (p *Platform) dvcqgRoutes() {
	p.routes.HandleFunc("POST /mapi/login", p.dvcqgLogin)
	p.routes.HandleFunc("POST /mapi/g", p.dvcqgCall)
}

type dvcqgReply struct {
	ErrorCode any               `json:"error_code"`
	Message   string            `json:"message"`
	Session   string            `json:"session,omitempty"`
	Result    []json.RawMessage `json:"result"`
	Total     int               `json:"total"`
}

func (p *Platform) dvcqgLogin(w http.ResponseWriter, r *http.Request) {
	if p.spoil(w, r, Login) {
		return
	}
	var asked struct{ Username, Password string }
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&asked)
	if err != nil || r.Header.Get("dstcode") == "" {
		answer(w, dvcqgReply{ErrorCode: codeWrongCall, Message: "Thiếu dstcode hoặc dữ liệu không đúng định dạng"})
		return
	}
	session, ok := p.login(asked.Username, asked.Password)
	if !ok {
		answer(w, dvcqgReply{ErrorCode: codeWrongLogin, Message: "Sai tài khoản hoặc mật khẩu"})
		return
	}
	answer(w, dvcqgReply{ErrorCode: p.fine(), Session: session})
}

func (p *Platform) dvcqgCall(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Session, Madonvi, Service, Mahoso, UpdatedFrom string
		Page, Pagesize                                 json.Number
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
	if err := decoder.Decode(&asked); err != nil {
		answer(w, dvcqgReply{ErrorCode: codeWrongCall, Message: "Dữ liệu không đúng định dạng"})
		return
	}
	if !p.admit(asked.Session) {
		answer(w, dvcqgReply{ErrorCode: codeSessionExpired, Message: "Phiên làm việc đã hết hạn"})
		return
	}
	switch {
	case asked.Madonvi == "":
		answer(w, dvcqgReply{ErrorCode: codeWrongCall, Message: "Thiếu madonvi"})
	case asked.Service == ServiceList:
		p.dvcqgList(w, r, asked.Page, asked.Pagesize, asked.UpdatedFrom)
	case asked.Service == ServiceOne:
		if p.spoil(w, r, One) {
			return
		}
		rows := p.find(asked.Mahoso)
		answer(w, dvcqgReply{ErrorCode: p.fine(), Result: rows, Total: len(rows)})
	default:
		answer(w, dvcqgReply{ErrorCode: codeWrongCall, Message: fmt.Sprintf("Không có dịch vụ %q", asked.Service)})
	}
}

// dvcqgList takes the page from the body, or from the query where the body
// does not name one.
func (p *Platform) dvcqgList(w http.ResponseWriter, r *http.Request, page, pageSize json.Number, updatedFrom string) {
	number, numberOK := queryNumber(r, "page", 1)
	size, sizeOK := queryNumber(r, "pagesize", 100)
	for _, n := range []struct {
		text json.Number
		into *int
		ok   *bool
	}{{page, &number, &numberOK}, {pageSize, &size, &sizeOK}} {
		if n.text != "" {
			value, err := n.text.Int64()
			*n.into, *n.ok = int(value), err == nil
		}
	}
	if updatedFrom == "" {
		updatedFrom = r.URL.Query().Get("updatedFrom")
	}
	since, sinceOK := readSince(updatedFrom)
	if !numberOK || !sizeOK || !sinceOK || number < 1 || size < 1 || size > p.options.MaxPageSize {
		answer(w, dvcqgReply{ErrorCode: codeWrongCall, Message: "Trang không hợp lệ"})
		return
	}
	l := listing{number: number, first: (number - 1) * size, size: size, since: since}
	p.serveList(w, r, &l, func() any {
		return dvcqgReply{ErrorCode: p.fine(), Result: l.items, Total: l.total}
	})
}

// fine is the verdict of success, in the three ways it is met.
func (p *Platform) fine() any {
	p.mu.Lock()
	defer p.mu.Unlock()
	return []any{0, "0", "00"}[p.stats.Requests%3]
}
