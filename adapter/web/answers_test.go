package web_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/webtest"
)

// absent are requests for what is not there, by route.
func absent() map[string]webtest.Shot {
	act := func(rest string) string { return `{"ids":["0000000000000000"],` + rest + `}` }
	return map[string]webtest.Shot{
		"dossier": {Path: root + "dossiers/none"}, "reload": {Path: "/-/reload"},
		"acknowledge": {Path: root + "discrepancies/acknowledge", Type: asJSON, Body: act(`"note":"a"`)},
		"waive":       {Path: root + "discrepancies/waive", Type: asJSON, Body: act(`"until":"2018-07-31","reason":"a"`)},
		"take_back":   {Path: root + "discrepancies/take-back", Type: asJSON, Body: act(`"reason":"a"`)},
		"list":        {Path: root + "lists/none"}, "apology": {Path: root + "apologies/" + webtest.Third},
		"letter_send": {Path: root + "letters", Type: asJSON, Body: `{"department":"none"}`},
		"letter":      {Path: root + "letters/999"}, "letter_file": {Path: root + "letters/999/file?format=pdf"}, "delivery_retry": {Path: root + "deliveries/999/retry"},
		"rejected": {Path: root + "sources/none/rejected"}, "poll": {Path: root + "sources/none/poll"}, "snapshot_accept": {Path: root + "snapshots/999/accept"},
		"run_release": {Path: root + "runs/999/release"}, "account_password": {Path: root + "accounts/999/password"}, "token_revoke": {Path: root + "tokens/999"},
		"account_change": {Path: root + "accounts/999", Type: asJSON, Body: `{"display":"a","role":"auditor","departments":[],"disabled":false}`},
	}
}

// refused are requests that cannot be done as things stand, by route.
func refused() map[string]webtest.Shot {
	aimed := shots()
	body := func(name, text string) webtest.Shot {
		s := aimed[name]
		s.Body, s.Prepare = text, nil
		return s
	}
	path := func(name, text string) webtest.Shot {
		s := aimed[name]
		s.Path = root + text
		return s
	}
	return map[string]webtest.Shot{
		"acknowledge": body("acknowledge", `{"ids":["`+idOf(4)+`"],"note":"a"}`),
		"waive":       body("waive", `{"ids":["`+idOf(0)+`"],"until":"2018-06-01","reason":"a"}`),
		"take_back":   body("take_back", `{"ids":["`+idOf(0)+`","`+idOf(1)+`"],"reason":"a"}`),
		"answers":     body("answers", "PK\x03\x04"), "letter_send": body("letter_send", `{"department":"KT"}`),
		"delivery_retry": path("delivery_retry", "deliveries/1/retry"), "snapshot_accept": path("snapshot_accept", "snapshots/1/accept"),
		"run_release":    path("run_release", "runs/1/release"),
		"account_add":    body("account_add", `{"name":"kinh-te","display":"a","role":"auditor","departments":[]}`),
		"account_change": path("account_change", "accounts/1"), "token_add": body("token_add", `{"name":"a","role":"department","departments":["none"],"read_only":true,"days":1}`),
	}
}

// produce makes a server answer a route with a status.
func produce(t *testing.T, r *web.Route, method string, status int) (string, *httptest.ResponseRecorder) {
	t.Helper()
	shot := shots()[r.Name]
	headers := token("van-hanh")
	s := serve(t, func(o *web.Options) {
		switch status {
		case http.StatusNotFound:
			o.Reload = nil
		case http.StatusInternalServerError:
			o.Reload = func(context.Context) error { return errOurs }
		case http.StatusServiceUnavailable:
			o.Ready = func(context.Context) error { return errors.New("the store is being opened") }
		}
	})
	switch status {
	case http.StatusNotModified:
		headers = append(headers, "If-None-Match", s.ask(t, method, shot.Path, shot.Body, headers...).Header().Get("ETag"))
	case http.StatusBadRequest:
		shot.Path += map[bool]string{true: "&", false: "?"}[strings.Contains(shot.Path, "?")] + "nonsense=1"
	case http.StatusUnauthorized:
		headers = token("wrong")
	case http.StatusForbidden:
		headers = append(headers, "Host", "evil.example")
	case http.StatusNotFound:
		shot = absent()[r.Name]
	case http.StatusMethodNotAllowed:
		method = http.MethodPatch
	case http.StatusConflict:
		shot = refused()[r.Name]
	case http.StatusRequestEntityTooLarge:
		shot.Body = strings.Repeat(" ", int(r.MaxBody)+1)
	case http.StatusUnsupportedMediaType:
		shot.Type = "text/plain"
	case http.StatusInternalServerError:
		s.backend.Fail(errOurs)
	case http.StatusServiceUnavailable:
		s.backend.FailRecord(errOurs)
	}
	if shot.Prepare != nil {
		shot.Prepare(s.backend)
	}
	if shot.Type != "" {
		headers = append(headers, "Content-Type", shot.Type)
	}
	return shot.Path, s.ask(t, method, shot.Path, shot.Body, headers...)
}

func TestEveryAnswerInTheDocumentIsReallyGivenAndFits(t *testing.T) {
	for _, r := range web.Routes(nil) {
		for _, method := range r.Methods {
			statuses := web.Documented(t, method, r.Pattern)
			if len(statuses) == 0 {
				t.Errorf("%s %s: no answer in the document", method, r.Pattern)
			}
			for _, status := range statuses {
				t.Run(method+" "+r.Pattern+" "+strconv.Itoa(status), func(t *testing.T) {
					path, got := produce(t, &r, method, status)
					if got.Code != status {
						t.Fatalf("%s: status %d, want %d: %s", path, got.Code, status, got.Body)
					}
					asked := method
					if status == http.StatusMethodNotAllowed {
						asked = http.MethodPatch
					}
					bare, _, _ := strings.Cut(path, "?")
					if err := web.CheckAnswer(t, asked, bare, got.Code, got.Header(), got.Body.String()); err != nil {
						t.Errorf("%s: the answer is not what openapi.yaml says: %v\n%s", path, err, got.Body)
					}
				})
			}
		}
	}
}

func TestEveryBodyThatIsTakenIsInTheDocument(t *testing.T) {
	for _, shot := range []map[string]webtest.Shot{shots(), refused(), absent()} {
		for _, r := range web.Routes(nil) {
			if s := shot[r.Name]; s.Type == asJSON {
				if err := web.CheckBody(t, r.Methods[0], r.Pattern, s.Body); err != nil {
					t.Errorf("%s: %v", r.Name, err)
				}
			}
		}
	}
}

func TestWhatIsRefusedTellsWhyInBothLanguages(t *testing.T) {
	s := serve(t, nil)
	before := s.backend.State()
	w := s.api(t, "trung-tam", http.MethodPost, "discrepancies/take-back", refused()["take_back"].Body)
	want := `"reasons":["000.00.16.H57-180611-2000: nothing is set on it (open)","000.00.16.H57-180611-2001: nothing is set on it (open)"],` +
		`"reasons_vi":["000.00.16.H57-180611-2000: không có gì để thu hồi (Cần xử lý)","000.00.16.H57-180611-2001: không có gì để thu hồi (Cần xử lý)"]`
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), want) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if s.backend.State() != before {
		t.Error("something was changed")
	}
}

func TestWhatGoesWrongInsideStaysInsideOfEveryRoute(t *testing.T) {
	for _, r := range web.Routes(nil) {
		if !strings.HasPrefix(r.Pattern, root) || !slices.Contains(web.Documented(t, r.Methods[0], r.Pattern), http.StatusInternalServerError) {
			continue
		}
		path, w := produce(t, &r, r.Methods[0], http.StatusInternalServerError)
		if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "disk") || w.Header().Get("ETag") != "" {
			t.Errorf("%s: %d %v %s", path, w.Code, w.Header(), w.Body)
		}
	}
}
