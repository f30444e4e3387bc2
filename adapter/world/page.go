package world

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// pageRoutes is the provincial interface: POST /api/tokens, GET /api/v1/hoso
// (PageNumber, PageSize, and updatedFrom, yyyyMMddHHmmss, inclusive) and
// GET /api/v1/hoso/{code}.
func (p *Platform) pageRoutes() {
	p.routes.HandleFunc("POST /api/tokens", p.pageLogin)
	p.routes.HandleFunc("GET /api/v1/hoso", p.pageList)
	p.routes.HandleFunc("GET /api/v1/hoso/{code}", p.pageOne)
}

func (p *Platform) pageLogin(w http.ResponseWriter, r *http.Request) {
	if p.spoil(w, r, Login) {
		return
	}
	var asked struct{ UserName, Password string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&asked); err != nil {
		refuse(w, http.StatusBadRequest, "the body is not JSON")
		return
	}
	token, ok := p.login(asked.UserName, asked.Password)
	if !ok {
		refuse(w, http.StatusUnauthorized, "wrong user name or password")
		return
	}
	answer(w, map[string]any{"data": map[string]string{"token": token}})
}

func (p *Platform) pageList(w http.ResponseWriter, r *http.Request) {
	if !p.bearer(w, r) {
		return
	}
	number, numberOK := queryNumber(r, "PageNumber", 1)
	size, sizeOK := queryNumber(r, "PageSize", 20)
	if !numberOK || !sizeOK || number < 1 || size < 1 || size > p.options.MaxPageSize {
		refuse(w, http.StatusBadRequest, "PageNumber starts at 1, PageSize goes from 1 to "+strconv.Itoa(p.options.MaxPageSize))
		return
	}
	since, ok := readSince(r.URL.Query().Get("updatedFrom"))
	if !ok {
		refuse(w, http.StatusBadRequest, "updatedFrom is written yyyyMMddHHmmss")
		return
	}
	l := listing{number: number, first: (number - 1) * size, size: size, since: since}
	p.serveList(w, r, &l, func() any {
		pages := (l.total + size - 1) / size
		return pageReply{l.items, number, pages, l.total, size, number < pages}
	})
}

type pageReply struct {
	Data        []json.RawMessage `json:"data"`
	CurrentPage int               `json:"currentPage"`
	TotalPages  int               `json:"totalPages"`
	TotalCount  int               `json:"totalCount"`
	PageSize    int               `json:"pageSize"`
	HasNextPage bool              `json:"hasNextPage"`
}

func (p *Platform) pageOne(w http.ResponseWriter, r *http.Request) {
	if !p.bearer(w, r) || p.spoil(w, r, One) {
		return
	}
	answerOne(w, p.find(r.PathValue("code")))
}

// bearer lets a request with a living token in; otherwise it has answered 401.
func (p *Platform) bearer(w http.ResponseWriter, r *http.Request) bool {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if p.admit(token) {
		return true
	}
	refuse(w, http.StatusUnauthorized, "the token is unknown or has died; log in again")
	return false
}

// answerOne sends a single dossier: the object, or a list of them where the
// platform holds the code several times.
func answerOne(w http.ResponseWriter, rows []json.RawMessage) {
	switch len(rows) {
	case 0:
		refuse(w, http.StatusNotFound, "no such dossier")
	case 1:
		answer(w, rows[0])
	default:
		answer(w, rows)
	}
}

// refuse answers with an error status and a message.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// A client that has gone away needs no answer.
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
}

// answer sends a value as JSON.
func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(value)
}

func queryNumber(r *http.Request, name string, otherwise int) (int, bool) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return otherwise, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// readSince reads the lower bound of an incremental request; none is zero.
func readSince(text string) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	t, err := time.ParseInLocation(nationalLayout, text, vietnam)
	return t, err == nil
}
