package pages_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/adapter/web/pages"
	"github.com/doisoat/doisoat/adapter/web/webtest"
)

func TestAnAnswerIsKeptAndTheListSaysSo(t *testing.T) {
	s := open(t)
	ids := s.backend.IDs(webtest.Own)[:2]
	w := s.post("dat-dai", "/discrepancies/acknowledge", url.Values{"id": ids, "note": {"đã sửa <b>"}, "back": {"state=open&order=since"}})
	if want := "/discrepancies?done=acknowledged&n=2&order=since&state=open"; w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
		t.Fatalf("%d to %q, want %q", w.Code, w.Header().Get("Location"), want)
	}
	page := s.get("dat-dai", "vi", w.Header().Get("Location")).Body.String()
	if !strings.Contains(page, "Đã ghi ý kiến cho 2 sai lệch.") {
		t.Error("the list does not say what was done")
	}
	page = s.get("dat-dai", "vi", "/discrepancies?state=acknowledged").Body.String()
	if strings.Count(page, "đã sửa &lt;b&gt;") != 2 {
		t.Error("the answers are not on the list")
	}
}

func TestAFormWithFaultsComesBackAsItWasTyped(t *testing.T) {
	s := open(t)
	id := s.backend.IDs(webtest.Own)[0]
	code := s.backend.Codes(webtest.Own)[0]
	for name, c := range map[string]struct {
		path string
		form url.Values
		want []string
	}{
		"nothing chosen, nothing written": {"acknowledge", url.Values{}, []string{"Chưa chọn dòng nào.", "Hãy ghi ý kiến của phòng."}},
		"a reason, no day":                {"waive", url.Values{"id": {id}, "note": {"chờ <ký>"}}, []string{"Hãy chọn ngày.", "chờ &lt;ký&gt;", `value="` + id + `" aria-label`, "checked"}},
		"a day past":                      {"waive", url.Values{"id": {id}, "note": {"x"}, "until": {"2018-07-01"}}, []string{"Ngày này đã qua.", `value="2018-07-01"`}},
		"a day too far":                   {"waive", url.Values{"id": {id}, "note": {"x"}, "until": {"2020-07-01"}}, []string{"Không quá 366 ngày"}},
		"no day at all":                   {"waive", url.Values{"id": {id}, "note": {"x"}, "until": {"31/06/2018"}}, []string{"Không đọc được ngày này"}},
		"too much":                        {"acknowledge", url.Values{"id": {id}, "note": {strings.Repeat("ý", 1001)}}, []string{"Tối đa 1000 ký tự."}},
		"from a dossier":                  {"waive", url.Values{"id": {id}, "note": {"chờ ký"}, "dossier": {code}}, []string{"Hãy chọn ngày.", "chờ ký", "<details class=\"do\" open>"}},
	} {
		t.Run(name, func(t *testing.T) {
			s.backend.Calls()
			w := s.post("trung-tam", "/discrepancies/"+c.path, c.form)
			if w.Code != http.StatusUnprocessableEntity {
				t.Fatalf("status %d, want 422", w.Code)
			}
			examine(t, s.pages.Routes(), w.Body.String())
			for _, want := range c.want {
				if !strings.Contains(w.Body.String(), want) {
					t.Errorf("the page lacks %q", want)
				}
			}
			for _, call := range s.backend.Calls() {
				if call == "Waive" || call == "Acknowledge" {
					t.Errorf("%s was called", call)
				}
			}
		})
	}
}

func TestWhatCannotBeSetIsRefusedWithEveryReason(t *testing.T) {
	s := open(t)
	id := s.backend.IDs(webtest.Own)[0]
	w := s.post("trung-tam", "/discrepancies/take-back", url.Values{"id": {id}, "note": {"nhầm"}})
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "không có gì để thu hồi") || !strings.Contains(w.Body.String(), "nhầm</textarea>") {
		t.Errorf("status %d\n%s", w.Code, w.Body)
	}
	examine(t, s.pages.Routes(), w.Body.String())
}

func TestADayAsAClerkWritesItIsTaken(t *testing.T) {
	s := open(t)
	id := s.backend.IDs(webtest.Own)[0]
	w := s.post("trung-tam", "/discrepancies/waive", url.Values{"id": {id}, "note": {"chờ"}, "until": {"31/7/2018"}, "dossier": {s.backend.Codes(webtest.Own)[0]}})
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/dossiers/") {
		t.Fatalf("%d to %q: %s", w.Code, w.Header().Get("Location"), w.Body)
	}
	if page := s.get("trung-tam", "vi", w.Header().Get("Location")).Body.String(); !strings.Contains(page, "31/07/2018") {
		t.Error("the dossier does not show until when")
	}
}

func TestNobodyActsOnAnotherDepartmentsDossiers(t *testing.T) {
	s := open(t)
	foreign := s.backend.IDs(webtest.Foreign)[:1]
	if w := s.post("dat-dai", "/discrepancies/acknowledge", url.Values{"id": foreign, "note": {"x"}}); w.Code != http.StatusNotFound {
		t.Errorf("acknowledge: %d, want 404", w.Code)
	}
	if w := s.post("dat-dai", "/discrepancies/waive", url.Values{"id": s.backend.IDs(webtest.Own)[:1], "note": {"x"}, "until": {"2018-07-31"}}); w.Code != http.StatusForbidden {
		t.Errorf("a department waives: %d, want 403", w.Code)
	}
	letter := s.backend.LetterIDs(webtest.Foreign)[0]
	for path, missing := range map[string]string{
		"/dossiers/" + s.backend.Codes(webtest.Foreign)[0]:                            "/dossiers/no-such",
		"/lists/" + webtest.Foreign:                                                   "/lists/no-such",
		"/apologies/" + webtest.Foreign:                                               "/apologies/no-such",
		fmt.Sprintf("/letters/%d", letter):                                            "/letters/99999",
		fmt.Sprintf("/letters/%d/file?format=pdf", letter):                            "/letters/99999/file?format=pdf",
		"/answers?done=answers&n=1&unchanged=0&empty=0&department=" + webtest.Foreign: "/answers?done=answers&n=1&unchanged=0&empty=0&department=no-such",
	} {
		foreign, none := s.get("dat-dai", "vi", path), s.get("dat-dai", "vi", missing)
		if foreign.Code != http.StatusNotFound || none.Code != http.StatusNotFound {
			t.Errorf("%s: %d, %s: %d, want 404 twice", path, foreign.Code, missing, none.Code)
		}
		// The page names its own address, to come back to.
		got := strings.ReplaceAll(foreign.Body.String(), html.EscapeString(path), "")
		if want := strings.ReplaceAll(none.Body.String(), html.EscapeString(missing), ""); got != want {
			t.Errorf("%s: what is foreign and what is not there look different", path)
		}
	}
}

func TestSearchLeadsToTheDossierOrToTheList(t *testing.T) {
	s := open(t)
	code := s.backend.Codes(webtest.Own)[0]
	for query, want := range map[string]string{
		" " + strings.ToLower(code) + " ": "/dossiers/" + code, code[:12]: "/discrepancies?code=" + code[:12] + "&state=all", "": "/discrepancies",
		s.backend.Codes(webtest.Foreign)[0]: "/discrepancies?code=" + s.backend.Codes(webtest.Foreign)[0] + "&state=all",
	} {
		if w := s.get("dat-dai", "vi", "/search?code="+url.QueryEscape(query)); w.Header().Get("Location") != want {
			t.Errorf("search for %q leads to %q, want %q", query, w.Header().Get("Location"), want)
		}
	}
}

// upload sends a file to /answers.
func upload(t *testing.T, s *site, who, name string, content []byte) *httptest.ResponseRecorder {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`}})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = m.Close()
	r := httptest.NewRequest(http.MethodPost, "/answers", &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return s.serve(who, "vi", r)
}

func TestUploadsThatAreNoLists(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s := open(t)
	zip := []byte("PK\x03\x04" + strings.Repeat("x", 100))
	for name, c := range map[string]struct {
		file    string
		content []byte
		status  int
		want    string
	}{
		"no file":               {"", nil, http.StatusUnprocessableEntity, "Chưa chọn tệp"},
		"an empty file":         {"a.xlsx", nil, http.StatusUnprocessableEntity, "không phải tệp Excel"},
		"another type":          {"a.exe", zip, http.StatusUnprocessableEntity, "không phải tệp Excel"},
		"a program by its name": {"a.xlsx", []byte("MZ\x90\x00 program"), http.StatusUnprocessableEntity, "không phải tệp Excel"},
		"too large":             {"a.xlsx", append(zip, make([]byte, web.MaxUpload)...), http.StatusUnprocessableEntity, "quá lớn"},
	} {
		t.Run(name, func(t *testing.T) {
			w := upload(t, s, "dat-dai", c.file, c.content)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("status %d, want %d with %q\n%s", w.Code, c.status, c.want, w.Body)
			}
			examine(t, s.pages.Routes(), w.Body.String())
		})
	}
	w := upload(t, s, "dat-dai", `../../etc/passwd.xlsx`, zip)
	if w.Code >= http.StatusInternalServerError {
		t.Errorf("a name with a path: %d", w.Code)
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// zipped takes webtest's lists, which are plain text, as workbooks: behind the mark by
// which a page knows one.
type zipped struct{ *webtest.Backend }

const zipMark = "PK\x03\x04"

func (z zipped) Answers(ctx context.Context, who *access.Principal, file io.ReaderAt, size int64) (*web.AnswersTaken, error) {
	return z.Backend.Answers(ctx, who, io.NewSectionReader(file, int64(len(zipMark)), size), size-int64(len(zipMark)))
}

func TestAListComesBackFilledIn(t *testing.T) {
	var backend *webtest.Backend
	s := open(t, func(o *pages.Options) {
		backend = webtest.New()
		o.Backend = zipped{backend}
	})
	list := s.get("dat-dai", "vi", "/lists/"+webtest.Own)
	if list.Code != http.StatusOK || !strings.HasPrefix(list.Header().Get("Content-Disposition"), "attachment; filename=") {
		t.Fatalf("%d %v", list.Code, list.Header())
	}
	id := backend.IDs(webtest.Own)[0]
	filled := strings.Replace(list.Body.String(), id+"\t", id+"\tđã xong", 1)
	w := upload(t, s, "dat-dai", "Danh sách.XLSX", []byte(zipMark+filled))
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	page := s.get("dat-dai", "vi", w.Header().Get("Location")).Body.String()
	if !strings.Contains(page, "Đã nhận danh sách của Chi nhánh Văn phòng Đăng ký đất đai.") || !strings.Contains(page, "<dt>Ý kiến mới</dt><dd>1</dd>") {
		t.Errorf("the page does not say what was taken in\n%s", page)
	}
	if page := s.get("dat-dai", "vi", "/discrepancies?state=acknowledged").Body.String(); !strings.Contains(page, "đã xong") {
		t.Error("the answer is not on the list")
	}
	// Another department's list is refused with the reason, and nothing is changed.
	w = upload(t, s, "kinh-te", "a.xlsx", []byte(zipMark+filled))
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Danh sách này là của phòng khác.") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
	examine(t, s.pages.Routes(), w.Body.String())
}

func TestSigningIn(t *testing.T) {
	s := open(t)
	w := s.post("", web.LoginPath, url.Values{"name": {"trung-tam"}, "password": {"sai"}, "next": {"/report"}})
	if w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), "không đúng") || !strings.Contains(w.Body.String(), `value="trung-tam"`) || !strings.Contains(w.Body.String(), `value="/report"`) || strings.Contains(w.Body.String(), `"sai"`) {
		t.Errorf("a wrong password: %d\n%s", w.Code, w.Body)
	}
	for next, want := range map[string]string{"/report?by=field": "/report?by=field", "//evil.example": "/", "https://evil.example": "/", `/\evil.example`: "/", "": "/"} {
		w := s.post("", web.LoginPath, url.Values{"name": {"trung-tam"}, "password": {"đúng"}, "next": {next}})
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("next %q: %d to %q, want %q", next, w.Code, w.Header().Get("Location"), want)
		}
	}
	if w := s.post("", web.LoginPath, url.Values{"name": {"moi"}, "password": {"đúng"}}); w.Header().Get("Location") != web.PasswordPath {
		t.Errorf("a first password leads to %q", w.Header().Get("Location"))
	}
	s.door.err = fmt.Errorf("store: %w", access.ErrUnavailable)
	if w := s.post("", web.LoginPath, url.Values{"name": {"trung-tam"}, "password": {"đúng"}}); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a store that does not answer: %d, want 503", w.Code)
	}
	s.door.err = &access.Denied{Reason: access.Locked, Vi: "tạm bị khóa", En: "locked"}
	if w := s.post("", web.LoginPath, url.Values{"name": {"trung-tam"}, "password": {"đúng"}}); w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), "tạm bị khóa") {
		t.Errorf("locked: %d", w.Code)
	}
}

func TestChangingOnesPassword(t *testing.T) {
	s := open(t)
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"nothing": {url.Values{}, "Nhập mật khẩu hiện tại."}, "not the same": {url.Values{"old": {"a"}, "new": {"b"}, "again": {"c"}}, "không giống nhau"}, "no change": {url.Values{"old": {"a"}, "new": {"a"}, "again": {"a"}}, "phải khác"},
	} {
		w := s.post("moi", web.PasswordPath, c.form)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.want) || len(s.door.changed) > 0 {
			t.Errorf("%s: %d, %v", name, w.Code, s.door.changed)
		}
	}
	if w := s.post("moi", web.PasswordPath, url.Values{"old": {"cũ"}, "new": {"mới"}, "again": {"mới"}}); w.Code != http.StatusSeeOther || len(s.door.changed) != 2 {
		t.Errorf("%d, %v", w.Code, s.door.changed)
	}
}

func TestTheProviderIsOfferedOnlyWhereThereIsOne(t *testing.T) {
	s := open(t)
	if w := s.get("", "", "/oidc/begin"); w.Code != http.StatusNotFound {
		t.Errorf("begin without a provider: %d, want 404", w.Code)
	}
	s.door.oidc = true
	if w := s.get("", "", "/login?next=/report"); !strings.Contains(w.Body.String(), `href="/oidc/begin?next=%2freport"`) {
		t.Errorf("the login page does not offer it\n%s", w.Body)
	}
	if w := s.get("", "", "/oidc/begin?next=//evil.example"); w.Code != http.StatusSeeOther || s.door.next != "/" {
		t.Errorf("%d, next %q", w.Code, s.door.next)
	}
	if w := s.get("", "", "/oidc/callback?code=x"); w.Header().Get("Location") != "/" {
		t.Errorf("back to %q", w.Header().Get("Location"))
	}
}

func TestTheLanguageIsKeptAndNobodyIsLedAway(t *testing.T) {
	s := open(t)
	w := s.post("dat-dai", "/language", url.Values{"language": {"en"}, "back": {"//evil.example/x"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" || s.door.language != "en" {
		t.Errorf("%d to %q, %q", w.Code, w.Header().Get("Location"), s.door.language)
	}
	if w := s.post("dat-dai", "/language", url.Values{"language": {"<x>"}}); w.Code != http.StatusBadRequest {
		t.Errorf("another language: %d", w.Code)
	}
}

func TestAccountsAndTokens(t *testing.T) {
	s := open(t)
	w := s.post("van-hanh", "/accounts", url.Values{"name": {"Bà Lan"}, "role": {"department"}})
	for _, want := range []string{"Tên đăng nhập gồm", "Chọn ít nhất một phòng.", `value="bà lan"`} {
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), want) {
			t.Errorf("an account with faults: %d, lacks %q", w.Code, want)
		}
	}
	examine(t, s.pages.Routes(), w.Body.String())
	w = s.post("van-hanh", "/accounts", url.Values{"name": {"lan"}, "display": {"Bà <Lan>"}, "role": {"department"}, "department": {webtest.Own}})
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<output>") || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("a new account: %d\n%s", w.Code, w.Body)
	}
	w = s.post("dat-dai", "/tokens", url.Values{"name": {"bảng"}, "role": {"operator"}, "days": {"400"}})
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Từ 1 đến 366 ngày.") {
		t.Errorf("a token for too long: %d", w.Code)
	}
	w = s.post("dat-dai", "/tokens", url.Values{"name": {"bảng"}, "role": {"department"}, "department": {webtest.Own}, "days": {"30"}})
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "<output>") {
		t.Errorf("a token: %d\n%s", w.Code, w.Body)
	}
	if page := s.get("dat-dai", "vi", "/tokens").Body.String(); strings.Contains(page, `value="operator"`) {
		t.Error("a department is offered a token of an operator")
	}
}

func TestAFaultOfTheBackendTellsNothing(t *testing.T) {
	s := open(t)
	s.backend.Fail(errors.New("secret-host: connection refused"))
	for _, path := range []string{"/", "/discrepancies", "/report", "/letters", "/sources", "/accounts", "/audit"} {
		w := s.get("van-hanh", "vi", path)
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret-host") {
			t.Errorf("%s: %d", path, w.Code)
		}
		examine(t, s.pages.Routes(), w.Body.String())
	}
	if !strings.Contains(s.log.String(), "secret-host") {
		t.Error("the log does not say what went wrong")
	}
}

func TestTheDemoSaysSo(t *testing.T) {
	s := open(t, func(o *pages.Options) { o.Demo = true })
	if page := s.get("van-hanh", "vi", "/").Body.String(); !strings.Contains(page, "Bản dùng thử.") || !strings.Contains(page, "tự đăng nhập") {
		t.Error("the demo does not say that it signed in by itself")
	}
}

func TestHostileTextsAreShownAsText(t *testing.T) {
	s := open(t)
	for name, paths := range addresses(s) {
		for _, path := range paths {
			page := s.get("van-hanh", "vi", path).Body.String()
			for _, hostile := range webtest.Hostile[:5] {
				if strings.ContainsAny(hostile, `<"`) && strings.Contains(page, hostile) {
					t.Errorf("%s: %q is markup: …%s…", name, hostile, around(page, hostile))
				}
			}
			if strings.Contains(page, `href="javascript:`) {
				t.Errorf("%s: a link runs a script", name)
			}
		}
	}
	hostile := webtest.Hostile[0]
	for _, path := range []string{"/discrepancies?code=", "/audit?actor=", "/letters?department="} {
		if page := s.get("van-hanh", "vi", path+url.QueryEscape(hostile)).Body.String(); strings.Contains(page, hostile) {
			t.Errorf("%s gives it back as markup", path)
		} else if strings.HasPrefix(path, "/audit") && !strings.Contains(page, html.EscapeString(hostile)) {
			t.Errorf("%s does not show what was typed", path)
		}
	}
}

func TestPagingGoesThroughTheWholeList(t *testing.T) {
	s := open(t)
	next, seen, pages := "/discrepancies?state=all&order=since", map[string]bool{}, 0
	for next != "" && pages < 20 {
		page := s.get("trung-tam", "vi", next).Body.String()
		pages++
		for _, part := range strings.Split(page, `name="id" value="`)[1:] {
			id := part[:strings.Index(part, `"`)]
			if seen[id] {
				t.Fatalf("%s is on two pages", id)
			}
			seen[id] = true
		}
		next = ""
		if at := strings.Index(page, `rel="next"`); at >= 0 {
			link := page[strings.LastIndex(page[:at], `href="`)+6:]
			next = html.UnescapeString(link[:strings.Index(link, `"`)])
		}
	}
	total := len(s.backend.Codes(webtest.Own)) + len(s.backend.Codes(webtest.Foreign)) + len(s.backend.Codes(webtest.Third))
	if len(seen) != total {
		t.Errorf("%d of %d on %d pages", len(seen), total, pages)
	}
}
