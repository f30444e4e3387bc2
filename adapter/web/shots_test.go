package web_test

import (
	"context"
	"net/http"
	"strconv"
	"testing"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/webtest"
	"github.com/doisoat/doisoat/reconcile"
)

const (
	root   = "/api/v1/"
	asJSON = "application/json"
	period = "from=2018-04-01&to=2018-06-30"
)

func idOf(n int) string {
	return reconcile.DiscrepancyID(reconcile.Kinds[n], webtest.CodeOf(webtest.Foreign, n), "")
}

func text(n int64) string { return strconv.FormatInt(n, 10) }

func release(b *webtest.Backend) { _ = b.ReleaseRun(context.Background(), nil, 11) }

// shots aim every route of the API at something of another department's. For an
// operator each is a request that is answered.
func shots() map[string]webtest.Shot {
	b := webtest.New()
	letter, dead := text(b.LetterIDs(webtest.Foreign)[0]), text(b.DeliveryIDs(webtest.Foreign, web.DeliveryDead)[0])
	ids := `"ids":["` + idOf(0) + `"]`
	nothing := func(path, why string) webtest.Shot { return webtest.Shot{Path: path, Nothing: why} }
	return map[string]webtest.Shot{
		"landing": nothing("/", "links"), "openapi": nothing(root+"openapi.yaml", "this API"), "me": nothing(root+"me", "who asks"),
		"metrics": nothing("/metrics", "counts"), "healthy": nothing("/-/healthy", "a sentence"), "ready": nothing("/-/ready", "a sentence"),
		"reload": nothing("/-/reload", "the configuration"),

		"status": {Path: root + "status"}, "overview": {Path: root + "overview", Open: true}, "departments": {Path: root + "departments", Open: true},
		"sources": {Path: root + "sources", Open: true}, "discrepancies": {Path: root + "discrepancies?all=true&limit=1000&order=since", Open: true},
		"dossier": {Path: root + "dossiers/" + webtest.CodeOf(webtest.Foreign, 0)},

		"acknowledge": {Path: root + "discrepancies/acknowledge", Type: asJSON, Body: `{` + ids + `,"note":"đã rõ,\nđang sửa"}`},
		"waive":       {Path: root + "discrepancies/waive", Type: asJSON, Body: `{` + ids + `,"until":"2018-07-31","reason":"chờ ký"}`},
		"take_back":   {Path: root + "discrepancies/take-back", Type: asJSON, Body: `{"ids":["` + idOf(3) + `"],"reason":"nhầm"}`},

		"list":    {Path: root + "lists/" + webtest.Foreign},
		"answers": {Path: root + "answers", Method: http.MethodPost, Type: web.XLSX, Body: "doisoat-list " + webtest.Foreign + "\n" + idOf(0) + "\tđã sửa\n", Refused: true},

		"letters":        {Path: root + "letters", Open: true},
		"letter_send":    {Path: root + "letters", Type: asJSON, Body: `{"department":"` + webtest.Foreign + `"}`, Prepare: release},
		"letter":         {Path: root + "letters/" + letter},
		"letter_file":    {Path: root + "letters/" + letter + "/file?format=docx"},
		"apology":        {Path: root + "apologies/" + webtest.Foreign},
		"deliveries":     {Path: root + "deliveries"},
		"delivery_retry": {Path: root + "deliveries/" + dead + "/retry"},

		"report":          {Path: root + "report?" + period, Open: true},
		"report_dossiers": {Path: root + "report/dossiers?" + period + "&total=true&account=reported&column=total&limit=1000", Open: true},
		"report_file":     {Path: root + "report/file?" + period + "&format=pdf", Open: true},

		"rejected":        {Path: root + "sources/economy-book/rejected"},
		"poll":            {Path: root + "sources/economy-book/poll"},
		"snapshot_accept": {Path: root + "snapshots/31/accept"},
		"run_release":     {Path: root + "runs/11/release"},

		"accounts":         {Path: root + "accounts"},
		"account_add":      {Path: root + "accounts", Type: asJSON, Body: `{"name":"moi-vao","display":"Người mới","role":"department","departments":["` + webtest.Foreign + `"]}`},
		"account_change":   {Path: root + "accounts/4", Type: asJSON, Body: `{"display":"Khác","role":"department","departments":["` + webtest.Foreign + `"],"disabled":true}`},
		"account_password": {Path: root + "accounts/4/password"},
		"tokens":           {Path: root + "tokens", Open: true},
		"token_add": {Path: root + "tokens", Type: asJSON, Refused: true,
			Body: `{"name":"máy","role":"department","departments":["` + webtest.Foreign + `"],"read_only":true,"days":30}`},
		"token_revoke": {Path: root + "tokens/2"},

		"audit": nothing(root+"audit?actor=van-hanh&limit=1", "who did what; auditors' own"), "audit_verify": nothing(root+"audit/verify", "a verdict"),
	}
}

// more are shots at what a path with a department's or field's name could give.
func more() map[string]webtest.Shot {
	dossiers := root + "report/dossiers?" + period + "&account=difference&column=total"
	return map[string]webtest.Shot{
		"discrepancies by department": {Path: root + "discrepancies?department=" + webtest.Foreign, Open: true},
		"discrepancies by code":       {Path: root + "discrepancies?code=" + webtest.CodeOf(webtest.Foreign, 1), Open: true},
		"discrepancies by prefix":     {Path: root + "discrepancies?code_prefix=000.00.16.H57-180611-2", Open: true},
		"dossier by its other name":   {Path: root + "dossiers/" + "%20" + webtest.CodeOf(webtest.Foreign, 1)},
		"letters by department":       {Path: root + "letters?department=" + webtest.Foreign, Open: true},
		"letter as pdf":               {Path: root + "letters/3/file?format=pdf"},
		"letter's list":               {Path: root + "letters/4/file?format=xlsx"},
		"report by field":             {Path: root + "report?by=field&" + period, Open: true},
		"row of a department":         {Path: dossiers[:len(dossiers)-len("&account=difference&column=total")] + "&account=verified&column=resolved_on_time&row=" + webtest.Foreign, Open: true},
		"report as xlsx, by field":    {Path: root + "report/file?by=field&format=xlsx&" + period, Open: true},
	}
}

func TestNobodyReachesAnotherDepartment(t *testing.T) {
	if err := webtest.Trespass(web.Routes(nil), shots(), fresh(nil)); err != nil {
		t.Error(err)
	}
	var routes []web.Route
	aimed := more()
	for name, shot := range aimed {
		shot.Method = http.MethodGet
		aimed[name] = shot
		routes = append(routes, web.Route{Name: name, Methods: []string{http.MethodGet}})
	}
	if err := webtest.Trespass(routes, aimed, fresh(nil)); err != nil {
		t.Error(err)
	}
}

func TestARouteThatIsAimedAtNothingIsFound(t *testing.T) {
	open := web.Route{Pattern: root + "open/{department}", Methods: []string{http.MethodGet}, Name: "open"}
	aimed := map[string]webtest.Shot{"open": {Path: root + "open/" + webtest.Foreign}}
	for name, c := range map[string]struct {
		serve http.HandlerFunc
		shots map[string]webtest.Shot
		want  bool
	}{
		"no shot":              {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusNotFound) }, nil, false},
		"nothing for anybody":  {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusNotFound) }, aimed, false},
		"everything":           {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(webtest.Mark(webtest.Foreign))) }, aimed, false},
		"in the header":        {tell(func(h http.Header) { h.Set("X-Number", webtest.Mark(webtest.Foreign)) }, http.StatusForbidden), aimed, false},
		"an empty answer":      {tell(nil, http.StatusOK), aimed, false},
		"forbidden, as wanted": {tell(nil, http.StatusForbidden), aimed, true},
	} {
		err := webtest.Trespass([]web.Route{open}, c.shots, func() (*webtest.Target, error) {
			return &webtest.Target{Handler: c.serve, Backend: webtest.New(), Close: func() {}}, nil
		})
		if (err == nil) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// tell answers an operator with what is there, and a clerk with a status.
func tell(header func(http.Header), status int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie(webtest.CookieName); err == nil && cookie.Value == "van-hanh" {
			_, _ = w.Write([]byte(webtest.Mark(webtest.Foreign)))
			return
		}
		if header != nil {
			header(w.Header())
		}
		w.WriteHeader(status)
	}
}
