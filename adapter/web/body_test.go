package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/webtest"
)

func TestABodyThatCannotBeRightIsRefusedAsAWhole(t *testing.T) {
	id := webtest.New().IDs(webtest.Own)[0]
	ids := `"ids":["` + id + `"]`
	many := `"ids":["` + strings.Join(make([]string, web.MaxActs+2), `x","`) + `"]`
	for name, c := range map[string]struct{ path, body, field, says string }{
		"an unknown field":          {"discrepancies/acknowledge", `{` + ids + `,"note":"a","nota":"b"}`, "nota", "there is no such field"},
		"a field in capitals":       {"discrepancies/acknowledge", `{` + ids + `,"Note":"a"}`, "Note", "there is no such field"},
		"a field given twice":       {"discrepancies/acknowledge", `{` + ids + `,"note":"a","note":"b"}`, "note", "given more than once"},
		"a field that is missing":   {"discrepancies/acknowledge", `{` + ids + `}`, "note", "missing"},
		"a field that is null":      {"discrepancies/acknowledge", `{` + ids + `,"note":null}`, "note", "missing"},
		"a list that is null":       {"discrepancies/acknowledge", `{"ids":null,"note":"a"}`, "ids", "missing"},
		"a number for a text":       {"discrepancies/acknowledge", `{` + ids + `,"note":7}`, "note", "a JSON number does not fit here"},
		"a number in a list":        {"discrepancies/acknowledge", `{"ids":[7],"note":"a"}`, "ids/0", "a JSON number does not fit here"},
		"a list for all":            {"discrepancies/acknowledge", `[]`, "body", "a JSON array does not fit here"},
		"null for all":              {"discrepancies/acknowledge", `null`, "ids", "missing"},
		"something after it":        {"discrepancies/acknowledge", `{` + ids + `,"note":"a"} {}`, "body", "no JSON text"},
		"half of it":                {"discrepancies/acknowledge", `{` + ids + `,"note":"a`, "note", "no JSON text"},
		"nothing":                   {"discrepancies/acknowledge", ` `, "body", "no JSON text"},
		"not UTF-8":                 {"discrepancies/acknowledge", `{` + ids + `,"note":"` + "\xff" + `"}`, "note", "no JSON text in UTF-8"},
		"half a surrogate":          {"discrepancies/acknowledge", `{` + ids + `,"note":"\ud800"}`, "note", "no JSON text in UTF-8"},
		"a note that says nothing":  {"discrepancies/acknowledge", `{` + ids + `,"note":" \n "}`, "note", "empty; say something"},
		"a note that is too long":   {"discrepancies/acknowledge", `{` + ids + `,"note":"` + strings.Repeat("ữ", 1001) + `"}`, "note", "longer than 1000 characters"},
		"a note with a bell":        {"discrepancies/acknowledge", `{` + ids + `,"note":"a\u0007"}`, "note", "control characters"},
		"a note with a tab":         {"discrepancies/acknowledge", `{` + ids + `,"note":"a\tb"}`, "note", "control characters"},
		"no discrepancy":            {"discrepancies/acknowledge", `{"ids":[],"note":"a"}`, "ids", "name 1 to 1000 discrepancies"},
		"too many of them":          {"discrepancies/acknowledge", `{` + many + `,"note":"a"}`, "ids", "name 1 to 1000 discrepancies"},
		"one twice":                 {"discrepancies/acknowledge", `{"ids":["` + id + `","` + id + `"],"note":"a"}`, "ids", "one is named twice"},
		"one without a name":        {"discrepancies/acknowledge", `{"ids":[""],"note":"a"}`, "ids", "one is no ID"},
		"a day that is none":        {"discrepancies/waive", `{` + ids + `,"until":"2018-02-30","reason":"a"}`, "until", "is no day, written yyyy-MM-dd"},
		"a day as people write it":  {"discrepancies/waive", `{` + ids + `,"until":"31/07/2018","reason":"a"}`, "until", "is no day"},
		"no department":             {"letters", `{"department":""}`, "department", "not readable text"},
		"a role that is none":       {"accounts", `{"name":"a","display":"b","role":"root","departments":[]}`, "role", "is none of them; there are operator, centre, department, auditor"},
		"a clerk of nothing":        {"accounts", `{"name":"a","display":"b","role":"department","departments":[]}`, "departments", "has at least one"},
		"an auditor of something":   {"accounts", `{"name":"a","display":"b","role":"auditor","departments":["KT"]}`, "departments", "leave the list empty"},
		"a name of two lines":       {"accounts", `{"name":"a\nb","display":"b","role":"auditor","departments":[]}`, "name", "in one line"},
		"a token for ever":          {"tokens", `{"name":"a","role":"auditor","departments":[],"read_only":true,"days":367}`, "days", "from 1 to 366"},
		"a token of half a day":     {"tokens", `{"name":"a","role":"auditor","departments":[],"read_only":true,"days":0.5}`, "days", "a JSON number does not fit here"},
		"a body where none belongs": {"runs/11/release", `{"force":true}`, "body", "this path takes none"},
		"a deep one":                {"letters", strings.Repeat(`{"department":`, 20000), "department/department/department/departm…", "no JSON text"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, nil)
			before := s.backend.State()
			w := s.api(t, "van-hanh", http.MethodPost, c.path, c.body)
			want := `{"name":"` + c.field + `","detail":"`
			if _, rest, ok := strings.Cut(w.Body.String(), want); w.Code != http.StatusBadRequest || !ok || !strings.Contains(rest, c.says) {
				t.Errorf("%d %s, want %s… %s", w.Code, w.Body, want, c.says)
			}
			if calls := s.backend.Calls(); len(calls) > 0 || s.backend.State() != before {
				t.Errorf("the backend was asked: %v", calls)
			}
		})
	}
}

func TestAChangeOfAnAccountSaysEverything(t *testing.T) {
	s := serve(t, nil)
	whole := map[string]string{"display": `"a"`, "role": `"auditor"`, "departments": `[]`, "disabled": `true`}
	for left := range whole {
		var fields []string
		for name, value := range whole {
			if name != left {
				fields = append(fields, fmt.Sprintf("%q:%s", name, value))
			}
		}
		w := s.api(t, "van-hanh", http.MethodPut, "accounts/2", "{"+strings.Join(fields, ",")+"}")
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `{"name":"`+left+`","detail":"missing"}`) {
			t.Errorf("without %s: %d %s", left, w.Code, w.Body)
		}
	}
}

func TestWhatABrowserCanSendUnaskedIsNotTaken(t *testing.T) {
	s := serve(t, nil)
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "application/jsonp"} {
		w := s.ask(t, http.MethodPost, root+"letters", `{"department":"KT"}`, append(token("van-hanh"), "Content-Type", kind)...)
		if w.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%q: %d", kind, w.Code)
		}
	}
	if w := s.ask(t, http.MethodPost, root+"letters", `{"department":"KT"}`, append(token("van-hanh"), "Content-Type", "application/json; charset=utf-8")...); w.Code != http.StatusConflict {
		t.Errorf("JSON with its charset: %d %s", w.Code, w.Body)
	}
}

func TestTheReportsParameters(t *testing.T) {
	s := serve(t, nil)
	for query, says := range map[string]string{
		"report": `"from","detail":"missing`, "report?from=2018-04-01": `"to","detail":"missing`, "report?from=2018-04-31&to=2018-06-30": `is no day`,
		"report?from=2018-06-30&to=2018-04-01": `"to","detail":"before from"`, "report?" + period + "&by=clerk": "there are department, field",
		"report?" + period + "&as_of=today": "is no moment in RFC 3339", "report/file?" + period: `"format","detail":"missing; one of docx, xlsx, pdf"`,
		"report/file?" + period + "&format=exe":                                            `is none of them`,
		"report/dossiers?" + period + "&total=true&column=total":                           `"account","detail":"missing`,
		"report/dossiers?" + period + "&account=verified&column=total":                     `either a row or total=true`,
		"report/dossiers?" + period + "&account=verified&column=total&total=true&row=KT":   `either a row or total=true`,
		"report/dossiers?" + period + "&account=verified&column=late&row=KT":               `is none of them`,
		"report/dossiers?" + period + "&account=verified&column=total&total=true&limit=-1": `from 1 to 1000`,
		"letters?before=0": "no whole number above 0", "letters/0": "no whole number above 0", "letters/99999999999999999999": "no whole number above 0", "letters/abc/file?format=pdf": "above 0",
	} {
		if w := s.api(t, "van-hanh", http.MethodGet, query, ""); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), says) {
			t.Errorf("%s: %d %s, want %s", query, w.Code, w.Body, says)
		}
	}
	for query, says := range map[string]string{
		"report?" + period + "&as_of=2018-07-01T08:00:00%2B07:00": `"as_of":"2018-07-01T08:00:00+07:00"`,
		"report?" + period + "&as_of=2018-07-01T08:00:00+07:00":   `"as_of":"2018-07-01T08:00:00+07:00"`, // as people type it
		"report?" + period + "&by=field":                          `"by":"field","rows":[{"department":"Đất đai"`,
		"report?from=2018-05-02&to=2018-05-02":                    `"from":"2018-05-02","to":"2018-05-02"`,
	} {
		if w := s.api(t, "van-hanh", http.MethodGet, query, ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), says) {
			t.Errorf("%s: %d %s, want %s", query, w.Code, w.Body, says)
		}
	}
}

func FuzzBody(f *testing.F) {
	var taking []web.Route
	for _, r := range web.Routes(nil) {
		if shot := shots()[r.Name]; shot.Type == asJSON {
			f.Add(len(taking), shot.Body)
			taking = append(taking, r)
		}
	}
	f.Add(3, `{"department":"KT","department":"TP"}`)
	f.Add(3, "\xff{}")
	f.Fuzz(func(t *testing.T, which int, body string) {
		if which < 0 || which >= len(taking) {
			return
		}
		method, path := taking[which].Methods[0], strings.ReplaceAll(taking[which].Pattern, "{id}", "4")
		s := serve(t, nil)
		release(s.backend)
		before := s.backend.State()
		w := s.ask(t, method, path, body, append(token("van-hanh"), "Content-Type", asJSON)...)
		if err := web.CheckAnswer(t, method, path, w.Code, w.Header(), w.Body.String()); err != nil {
			t.Errorf("%s: %v\n%s", path, err, w.Body)
		}
		if w.Code >= http.StatusInternalServerError || w.Code >= http.StatusBadRequest && s.backend.State() != before {
			t.Errorf("%s: %d, changed: %v: %s", path, w.Code, s.backend.State() != before, w.Body)
		}
		if w.Code < http.StatusBadRequest {
			if err := web.CheckBody(t, method, path, body); err != nil {
				t.Errorf("%s takes what openapi.yaml does not: %s: %v", path, body, err)
			}
		}
	})
}
