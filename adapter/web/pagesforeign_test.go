package web_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	realpages "github.com/doisoat/doisoat/adapter/web/pages"
	"github.com/doisoat/doisoat/adapter/web/webtest"
)

// closedDoor signs nobody in.
type closedDoor struct{ realpages.SignIn }

func (closedDoor) OIDC() bool { return false }

func (closedDoor) Login(context.Context, *http.Request, string, string) (*access.Principal, error) {
	return nil, &access.Denied{Reason: access.WrongPassword, Vi: "Sai.", En: "Wrong."}
}

func (closedDoor) ChangePassword(context.Context, *http.Request, string, string) error {
	return &access.Denied{Reason: access.NotChangeable, Vi: "Sai.", En: "Wrong."}
}

func (closedDoor) Logout(context.Context, *http.Request) error { return nil }

func (closedDoor) SetLanguage(context.Context, *http.Request, string) error { return nil }

func (closedDoor) BeginOIDC(http.ResponseWriter, *http.Request, string) error {
	return &access.Denied{Reason: access.NoProvider, Vi: "Không có.", En: "None."}
}

func (closedDoor) FinishOIDC(http.ResponseWriter, *http.Request) (*access.Principal, string, error) {
	return nil, "", &access.Denied{Reason: access.NoProvider, Vi: "Không có.", En: "None."}
}

func morning() time.Time { return time.Date(2018, 7, 2, 8, 0, 0, 0, webtest.Vietnam) }

func realPages(b web.Backend) (*realpages.Pages, error) {
	return realpages.New(realpages.Options{Backend: b, SignIn: closedDoor{}, Zone: webtest.Vietnam, Clock: morning, Logger: slog.New(slog.DiscardHandler)})
}

// freshPages is for webtest.Trespass.
func freshPages() (*webtest.Target, error) {
	b := webtest.New()
	shown, err := realPages(b)
	if err != nil {
		return nil, err
	}
	o := options(b, io.Discard)
	o.Pages = shown
	s, err := web.New(o)
	if err != nil {
		return nil, err
	}
	return &webtest.Target{Handler: s.Handler(), Backend: b, Close: func() { _ = s.Shutdown(context.Background()) }}, nil
}

const asForm = "application/x-www-form-urlencoded"

// pageShots aim every page at something of another department's.
func pageShots(t *testing.T) map[string]webtest.Shot {
	t.Helper()
	b := webtest.New()
	code, letter, dead := webtest.CodeOf(webtest.Foreign, 0), text(b.LetterIDs(webtest.Foreign)[0]), text(b.DeliveryIDs(webtest.Foreign, web.DeliveryDead)[0])
	form := func(path string, values url.Values) webtest.Shot {
		return webtest.Shot{Path: path, Type: asForm, Body: values.Encode(), Refused: true}
	}
	nothing := func(path, why string) webtest.Shot { return webtest.Shot{Path: path, Nothing: why} }
	var list bytes.Buffer
	w := multipart.NewWriter(&list)
	part, err := w.CreateFormFile("file", "a.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(part, "PK\x03\x04doisoat-list "+webtest.Foreign+"\n"+idOf(0)+"\tđã sửa\n")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	aimed := map[string]webtest.Shot{
		"page_overview": {Path: "/", Open: true}, "page_discrepancies": {Path: "/discrepancies?all=true", Open: true},
		"page_acknowledge": form("/discrepancies/acknowledge", url.Values{"id": {idOf(0)}, "note": {"a"}}),
		"page_waive":       form("/discrepancies/waive", url.Values{"id": {idOf(0)}, "note": {"a"}, "until": {"2018-07-31"}}),
		"page_take_back":   form("/discrepancies/take-back", url.Values{"id": {idOf(3)}, "note": {"a"}}),
		"page_dossier":     {Path: "/dossiers/" + code}, "page_search": nothing("/search?code="+code, "leads to the dossier"),
		"page_list_file":      {Path: "/lists/" + webtest.Foreign},
		"page_answers":        {Path: "/answers?done=answers&n=1&unchanged=0&empty=0&department=" + webtest.Foreign},
		"page_answers_upload": {Path: "/answers", Type: w.FormDataContentType(), Body: list.String(), Refused: true},

		"page_report": {Path: "/report?" + period, Open: true}, "page_report_file": {Path: "/report/file?" + period + "&format=xlsx", Open: true},
		"page_report_dossiers": {Path: "/report/dossiers?" + period + "&account=reported&column=total&total=true", Open: true},
		"page_letters":         {Path: "/letters", Open: true}, "page_letter": {Path: "/letters/" + letter}, "page_letter_file": {Path: "/letters/" + letter + "/file?format=pdf"},
		"page_letter_send": form("/letters", url.Values{"department": {webtest.Foreign}}), "page_apologies": {Path: "/apologies/" + webtest.Foreign},
		"page_deliveries": {Path: "/deliveries"}, "page_delivery_retry": form("/deliveries/"+dead+"/retry", nil),
		"page_sources": {Path: "/sources"}, "page_source": {Path: "/sources/economy-book"}, "page_source_poll": form("/sources/economy-book/poll", nil),
		"page_snapshot_accept": form("/snapshots/31/accept", nil), "page_run_release": form("/runs/11/release", nil),

		"page_accounts": {Path: "/accounts"}, "page_account": {Path: "/accounts/4"},
		"page_account_add":      form("/accounts", url.Values{"name": {"moi-vao"}, "display": {"Mới"}, "role": {"department"}, "department": {webtest.Foreign}}),
		"page_account_change":   form("/accounts/4", url.Values{"display": {"Khác"}, "role": {"department"}, "department": {webtest.Foreign}}),
		"page_account_password": form("/accounts/4/password", nil),
		"page_tokens":           {Path: "/tokens", Open: true}, "page_token_revoke": form("/tokens/2/revoke", nil),
		"page_token_add": form("/tokens", url.Values{"name": {"máy"}, "role": {"department"}, "department": {webtest.Foreign}, "days": {"30"}}),
		"page_audit":     nothing("/audit?actor=van-hanh", "who did what; auditors' own"),

		"page_login": nothing("/login", "a form"), "page_login_send": nothing("/login", "a form"), "page_logout": nothing("/logout", "signs out"),
		"page_password": nothing("/password", "a form"), "page_password_change": nothing("/password", "a form"), "page_oidc_begin": nothing("/oidc/begin", "leads elsewhere"),
		"page_oidc_callback": nothing("/oidc/callback", "leads back"), "page_language": nothing("/language", "a choice"), "page_static": nothing("/static/app.css", "a file of ours"),
	}
	send := aimed["page_letter_send"]
	send.Prepare = release
	aimed["page_letter_send"] = send
	return aimed
}

func TestNobodyReachesAnotherDepartmentByAPage(t *testing.T) {
	shown, err := realPages(webtest.New())
	if err != nil {
		t.Fatal(err)
	}
	if err := webtest.Trespass(shown.Routes(), pageShots(t), freshPages); err != nil {
		t.Error(err)
	}
	filters := map[string]webtest.Shot{}
	var routes []web.Route
	for _, path := range []string{
		"/discrepancies?department=" + webtest.Foreign, "/discrepancies?code=000.00.16.H57-180611-", "/discrepancies?state=waived&order=-since", "/letters?department=" + webtest.Foreign,
		"/report?by=field&" + period, "/report/dossiers?" + period + "&account=verified&column=total&row=" + webtest.Foreign,
	} {
		filters[path] = webtest.Shot{Path: path, Open: true}
		routes = append(routes, web.Route{Name: path, Methods: []string{http.MethodGet}})
	}
	if err := webtest.Trespass(routes, filters, freshPages); err != nil {
		t.Error(err)
	}
}

func TestASearchDoesNotTellWhichForeignDossiersThereAre(t *testing.T) {
	var answers []string
	for _, code := range []string{webtest.CodeOf(webtest.Foreign, 1), "000.00.16.H57-180611-9999"} {
		target, err := freshPages()
		if err != nil {
			t.Fatal(err)
		}
		defer target.Close()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/search?code="+code, nil)
		r.Host = "localhost"
		r.Header.Set("Cookie", webtest.CookieName+"=dat-dai")
		w := httptest.NewRecorder()
		target.Handler.ServeHTTP(w, r)
		answers = append(answers, strings.ReplaceAll(strconv.Itoa(w.Code)+w.Header().Get("Location")+w.Body.String(), code, "CODE"))
	}
	if diff := cmp.Diff(answers[1], answers[0]); diff != "" {
		t.Errorf("(-of none +of another department):\n%s", diff)
	}
}
