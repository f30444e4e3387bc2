package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/adapter/web/webtest"
)

// trail is what the audit trail got since the fixture was made.
func trail(s *site) []web.AuditEntry { return s.backend.Entries()[2:] }

func TestNothingIsChangedThatTheAuditTrailDoesNotKnow(t *testing.T) {
	for _, r := range web.Routes(pages{}) {
		for _, method := range r.Methods {
			if method == http.MethodGet {
				continue
			}
			reloads := 0
			s := serve(t, func(o *web.Options) {
				o.Pages = pages{}
				o.Reload = func(context.Context) error { reloads++; return nil }
			})
			s.backend.FailRecord(errOurs)
			shot := shots()[r.Name]
			if shot.Path == "" {
				shot.Path = r.Pattern
			}
			before := s.backend.State()
			w := s.ask(t, method, shot.Path, shot.Body, "Cookie", webtest.CookieName+"=van-hanh", "Sec-Fetch-Site", "same-origin", "Content-Type", shot.Type)
			if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "nothing was changed") {
				t.Errorf("%s %s: %d %v %s", method, shot.Path, w.Code, w.Header(), w.Body)
			}
			if calls := s.backend.Calls(); len(calls) > 0 || reloads > 0 || s.backend.State() != before {
				t.Errorf("%s %s: %v was called, %d reloads", method, shot.Path, calls, reloads)
			}
		}
	}
}

func TestEveryChangeIsBegunAndEnded(t *testing.T) {
	for _, r := range web.Routes(nil) {
		if r.Methods[0] == http.MethodGet {
			continue
		}
		s := serve(t, nil)
		shot := shots()[r.Name]
		if shot.Prepare != nil {
			shot.Prepare(s.backend)
		}
		w := s.ask(t, r.Methods[0], shot.Path, shot.Body, append(token("van-hanh"), "Content-Type", shot.Type)...)
		got := trail(s)
		if w.Code >= http.StatusBadRequest || len(got) != 2 {
			t.Errorf("%s: %d, %d entries", r.Name, w.Code, len(got))
			continue
		}
		for i, outcome := range []string{web.OutcomeBegun, web.OutcomeDone} {
			e := got[i]
			if e.Actor != "van-hanh" || e.Role != "operator" || e.Via != "token" || e.Action != r.Name || e.Outcome != outcome || e.Remote != "192.0.2.1" {
				t.Errorf("%s: %+v", r.Name, e)
			}
		}
		if got[1].Object == "" && r.Name != "reload" {
			t.Errorf("%s: nothing says what it was done to: %+v", r.Name, got[1])
		}
		for _, secret := range []string{"mat-khau-dau-tien", "doisoat_0"} {
			if text := got[0].Detail + got[0].Object + got[1].Detail + got[1].Object; strings.Contains(text, secret) {
				t.Errorf("%s: a secret is in the trail: %s", r.Name, text)
			}
		}
	}
}

func TestTheTrailTellsHowItWent(t *testing.T) {
	type entry struct{ Actor, Action, Object, Outcome, Detail string }
	form := []string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin"}
	long := strings.Repeat("x", 100)
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		fail               bool
		want               []entry
	}{
		"acknowledged, with the note": {http.MethodPost, root + "discrepancies/acknowledge", `{"ids":["` + idOf(0) + `","` + idOf(1) + `"],"note":"đã rõ,\nđang sửa"}`,
			append(token("kinh-te"), "Content-Type", asJSON), false, []entry{
				{"kinh-te", "acknowledge", "", web.OutcomeBegun, ""},
				{"kinh-te", "acknowledge", idOf(0) + " and 1 more", web.OutcomeDone, "200; đã rõ, đang sửa"}}},
		"a foreign department's": {http.MethodPost, root + "discrepancies/acknowledge", `{"ids":["` + idOf(0) + `"],"note":"a"}`, append(token("dat-dai"), "Content-Type", asJSON), false,
			[]entry{{"dat-dai", "acknowledge", "", web.OutcomeBegun, ""}, {"dat-dai", "acknowledge", idOf(0), web.OutcomeRefused, "404; a"}}},
		"refused, with the reason": {http.MethodPost, root + "letters", `{"department":"KT"}`, append(token("trung-tam"), "Content-Type", asJSON), false, []entry{
			{"trung-tam", "letter_send", "", web.OutcomeBegun, ""},
			{"trung-tam", "letter_send", "KT", web.OutcomeRefused, "409; a run is held by the mass-change breaker; release run 11 first"}}},
		"failed": {http.MethodPost, root + "snapshots/31/accept", "", token("van-hanh"), true,
			[]entry{{"van-hanh", "snapshot_accept", "31", web.OutcomeBegun, ""}, {"van-hanh", "snapshot_accept", "31", web.OutcomeFailed, "500"}}},
		"a login": {http.MethodPost, "/login", "name=lan&password=mật+khẩu", form, false,
			[]entry{{"lan", "page_login_send", "", web.OutcomeBegun, ""}, {"lan", "page_login_send", "", web.OutcomeDone, "303"}}},
		"a login that is wrong": {http.MethodPost, "/login", "name=+lan%00%0Aadmin%E2%80%AE&password=hunter2", form, false, []entry{
			{"lan\ufffd admin\ufffd", "page_login_send", "", web.OutcomeBegun, ""},
			{"lan\ufffd admin\ufffd", "page_login_send", "", web.OutcomeRefused, "401; wrong name or password"}}},
		"a login by a long name": {http.MethodPost, "/login", "name=" + long + "&password=hunter2", form, false, []entry{
			{long[:63] + "…", "page_login_send", "", web.OutcomeBegun, ""}, {long[:63] + "…", "page_login_send", "", web.OutcomeRefused, "401; wrong name or password"}}},
		"a login by no name": {http.MethodPost, "/login", "", form, false,
			[]entry{{"anonymous", "page_login_send", "", web.OutcomeBegun, ""}, {"anonymous", "page_login_send", "", web.OutcomeRefused, "401; wrong name or password"}}},
		"a reload by nobody": {http.MethodPost, "/-/reload", "", nil, false,
			[]entry{{"anonymous", "reload", "", web.OutcomeBegun, ""}, {"anonymous", "reload", "", web.OutcomeDone, "200"}}},
		"not permitted": {http.MethodPost, root + "letters", `{"department":"KT"}`, append(token("dat-dai"), "Content-Type", asJSON), false, nil},
		"read":          {http.MethodGet, root + "status", "", token("van-hanh"), false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, withPages)
			if c.fail {
				s.backend.Fail(errOurs)
			}
			s.ask(t, c.method, c.path, c.body, c.headers...)
			var got []entry
			for _, e := range trail(s) {
				got = append(got, entry{e.Actor, e.Action, e.Object, e.Outcome, e.Detail})
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAChangeThatPanicsIsOnTheTrailAsFailed(t *testing.T) {
	broken := web.Route{Pattern: "/broken/{id}", Methods: []string{http.MethodPost}, Name: "page_broken", Needs: access.Operate,
		Serve: func(http.ResponseWriter, *http.Request) { panic("no such luck") }}
	s := serve(t, func(o *web.Options) { o.Pages = pages{[]web.Route{broken}} })
	w := s.ask(t, http.MethodPost, "/broken/7", "", "Cookie", "webtest=van-hanh", "Origin", "http://localhost")
	got := trail(s)
	if w.Code != http.StatusInternalServerError || len(got) != 2 || got[1].Outcome != web.OutcomeFailed || got[1].Object != "7" || got[1].Detail != "not answered" {
		t.Errorf("%d %+v", w.Code, got)
	}
}

func TestTheAddressIsWhatTheGateKnows(t *testing.T) {
	s := serve(t, func(o *web.Options) { o.Gate, o.Pages = rejecting{}, pages{} })
	s.ask(t, http.MethodPost, "/-/reload", "")
	if got := trail(s); len(got) != 2 || got[0].Remote != "198.51.100.9" {
		t.Errorf("%+v", got)
	}
}

func TestWhatWasDoneIsKeptThoughNobodyWaitsForIt(t *testing.T) {
	ctx, goAway := context.WithCancel(t.Context())
	s := serve(t, func(o *web.Options) { o.Reload = func(c context.Context) error { goAway(); return c.Err() } })
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/-/reload", nil)
	r.Host = "localhost"
	s.Handler().ServeHTTP(httptest.NewRecorder(), r)
	if got := trail(s); len(got) != 2 || got[1].Outcome != web.OutcomeFailed {
		t.Errorf("%+v", got)
	}
}

func TestForeignTextsAreCleaned(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "  a\tb\r\nc ": "a b  c", "\x00\xff\u202e": "\ufffd\ufffd\ufffd", "Đất đai": "Đất đai", strings.Repeat("đ", 11): strings.Repeat("đ", 9) + "…",
		strings.Repeat("đ", 10): strings.Repeat("đ", 10), strings.Repeat("\xf0\x9f", 100): strings.Repeat("\ufffd", 1),
	} {
		if got := web.Cleaned(text, 10); got != want {
			t.Errorf("%q is cleaned to %q, want %q", text, got, want)
		}
	}
}

func FuzzCleaned(f *testing.F) {
	f.Add("a\nb", 3)
	f.Add(strings.Repeat("đ", 100), 7)
	f.Add("\xf0\x9f", 1)
	f.Fuzz(func(t *testing.T, text string, longest int) {
		if longest < 1 || longest > 2000 {
			return
		}
		got := web.Cleaned(text, longest)
		if n := len([]rune(got)); n > longest || strings.ContainsAny(got, "\n\r\x00\x1b") || got != web.Cleaned(got, longest) {
			t.Errorf("%q is cleaned to %q", text, got)
		}
	})
}
