package pages_test

import (
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

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
