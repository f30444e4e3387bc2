package pages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/adapter/web/webtest"
)

// addresses are every page that can be looked at, by the route's name; those with
// several faces more than once.
func addresses(s *site) map[string][]string {
	code := url.PathEscape(s.backend.Codes(webtest.Own)[0])
	letter := strconv.FormatInt(s.backend.LetterIDs(webtest.Own)[0], 10)
	return map[string][]string{
		"page_overview": {"/"},
		"page_discrepancies": {
			"/discrepancies", "/discrepancies?state=open&kind=resolved_not_closed&order=since", "/discrepancies?state=all", "/discrepancies?code=000.00&unstable=true",
			"/discrepancies?effect=false_overdue&department=" + webtest.Own, "/discrepancies?done=waived&n=12", "/discrepancies?code=nothing-begins-so",
		},
		"page_dossier":         {"/dossiers/" + code, "/dossiers/" + code + "?done=acknowledged&n=1"},
		"page_answers":         {"/answers", "/answers?done=answers&n=3&unchanged=1&empty=2&department=" + webtest.Own},
		"page_report":          {"/report", "/report?quarter=2018-Q2&by=field", "/report?from=2018-01-01&to=2018-06-30&as_of=2018-07-01T08:00", "/report?from=x&to=y"},
		"page_report_dossiers": {"/report/dossiers?from=2018-04-01&to=2018-06-30&by=department&account=reported&column=total&total=true", "/report/dossiers?quarter=2018-Q2&account=difference&column=resolved_late&row=" + webtest.Own},
		"page_letters":         {"/letters", "/letters?department=" + webtest.Own},
		"page_letter":          {"/letters/" + letter},
		"page_deliveries":      {"/deliveries", "/deliveries?state=dead"},
		"page_sources":         {"/sources", "/sources?done=run_released"},
		"page_source":          sourcePages(s),
		"page_accounts":        {"/accounts"},
		"page_account":         {"/accounts/1"},
		"page_tokens":          {"/tokens"},
		"page_audit":           {"/audit", "/audit?verify=true", "/audit?actor=nobody"},
		"page_login":           {"/login", "/login?next=/discrepancies"},
		"page_password":        {"/password"},
	}
}

func sourcePages(s *site) []string {
	var list []string
	for _, source := range s.sources() {
		list = append(list, "/sources/"+url.PathEscape(source.Name))
	}
	return list
}

// elsewhere are routes that answer with something else than a page.
var elsewhere = []string{"page_search", "page_list_file", "page_report_file", "page_letter_file", "page_apologies", "page_oidc_begin", "page_oidc_callback", "page_static"}

func TestEveryPageIsLookedAt(t *testing.T) {
	s := open(t)
	known := addresses(s)
	for _, route := range s.pages.Routes() {
		if route.Methods[0] == http.MethodGet && known[route.Name] == nil && !slices.Contains(elsewhere, route.Name) {
			t.Errorf("%s (%s) is among neither addresses nor elsewhere", route.Name, route.Pattern)
		}
	}
}

func TestEveryPageForEveryRoleInBothLanguages(t *testing.T) {
	s := open(t)
	needs := map[string]access.Permission{}
	for _, route := range s.pages.Routes() {
		needs[route.Name] = route.Needs
	}
	for name, paths := range addresses(s) {
		for _, path := range paths {
			for _, who := range people {
				for _, language := range []string{"vi", "en"} {
					t.Run(strings.Join([]string{name, path, who, language}, " "), func(t *testing.T) {
						w := s.get(who, language, path)
						switch {
						case !webtest.Principals()[who].May(needs[name]):
							if w.Code != http.StatusForbidden {
								t.Fatalf("%s gets %d, want 403", who, w.Code)
							}
						case strings.Contains(path, "from=x"):
							if w.Code != http.StatusUnprocessableEntity {
								t.Fatalf("status %d, want 422", w.Code)
							}
						case w.Code != http.StatusOK:
							t.Fatalf("status %d\n%s\n%s", w.Code, w.Body, s.log)
						}
						body := w.Body.String()
						examine(t, s.pages.Routes(), body)
						if !strings.Contains(body, `<html lang="`+language+`">`) {
							t.Errorf("not in %s", language)
						}
						for _, bad := range []string{"%!", "no phrase", "&lt;nil&gt;", "ZgotmplZ"} {
							if strings.Contains(body, bad) {
								t.Errorf("the page has %q: …%s…", bad, around(body, bad))
							}
						}
						if got := w.Header().Get("Cache-Control"); got != "no-store" {
							t.Errorf("Cache-Control %q, want no-store", got)
						}
						if who == "dat-dai" && strings.Contains(body, webtest.Mark(webtest.Foreign)) {
							t.Errorf("another department's data: …%s…", around(body, webtest.Mark(webtest.Foreign)))
						}
					})
				}
			}
		}
	}
}

func around(body, what string) string {
	at := strings.Index(body, what)
	return body[max(0, at-80):min(len(body), at+80)]
}

func TestPagesForNobody(t *testing.T) {
	s := open(t)
	for name, paths := range addresses(s) {
		w := s.get("", "", paths[0])
		if name == "page_login" {
			if w.Code != http.StatusOK {
				t.Errorf("%s: %d", paths[0], w.Code)
			}
			examine(t, s.pages.Routes(), w.Body.String())
			continue
		}
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || !strings.HasPrefix(to, web.LoginPath+"?next=") {
			t.Errorf("%s: %d to %q, want to the login page", paths[0], w.Code, to)
		}
	}
}

func (s *site) sources() []web.Source {
	list, err := s.backend.Sources(nil, access.Everything()) //nolint:staticcheck // it takes none
	if err != nil {
		panic(fmt.Sprint("webtest: ", err))
	}
	return list
}
