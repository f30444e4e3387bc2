package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// browser is somebody who asks over HTTP. Its cookies go over plain HTTP on loopback,
// as browsers let them.
type browser struct {
	r       *rig
	t       *testing.T
	cookies map[string]*http.Cookie
	token   string
}

func (r *rig) browser(t *testing.T) *browser {
	return &browser{r: r, t: t, cookies: map[string]*http.Cookie{}}
}

// bearing is a program with a token.
func (r *rig) bearing(t *testing.T, token string) *browser {
	return &browser{r: r, t: t, cookies: map[string]*http.Cookie{}, token: token}
}

// reply is what came back; redirects are not followed.
type reply struct {
	status   int
	location string
	body     string
	header   http.Header
}

func (b *browser) do(method, path, contentType string, body io.Reader) reply {
	b.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, "http://"+b.r.Addr()+path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	if b.token != "" {
		request.Header.Set("Authorization", "Bearer "+b.token)
	} else {
		request.Header.Set("Sec-Fetch-Site", "same-origin")
		request.Header.Set("Origin", "http://"+b.r.Addr())
	}
	for _, c := range b.cookies {
		request.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	client := http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	defer answer.Body.Close()
	for _, c := range answer.Cookies() {
		if !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" || !strings.HasPrefix(c.Name, "__Host-") {
			b.t.Errorf("cookie %s: %+v", c.Name, c)
		}
		b.cookies[c.Name] = c
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header.Get("Location"), string(text), answer.Header}
}

func (b *browser) get(path string) reply {
	b.t.Helper()
	return b.do(http.MethodGet, path, "", http.NoBody)
}

// gets wants a status.
func (b *browser) gets(status int, path string) string {
	b.t.Helper()
	answer := b.get(path)
	if answer.status != status {
		b.t.Errorf("GET %s: %d, want %d\n%.300s", path, answer.status, status, answer.body)
	}
	return answer.body
}

func (b *browser) form(path string, fields ...string) reply {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// sends posts JSON and wants a status.
func (b *browser) sends(status int, method, path string, body any) string {
	b.t.Helper()
	text := []byte{}
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			b.t.Fatal(err)
		}
	}
	answer := b.do(method, path, "application/json", bytes.NewReader(text))
	if answer.status != status {
		b.t.Errorf("%s %s: %d, want %d\n%.300s", method, path, answer.status, status, answer.body)
	}
	return answer.body
}

// signsIn goes through the login page, and through the change of a first password.
func (r *rig) signsIn(t *testing.T, name, password string) *browser {
	t.Helper()
	b := r.browser(t)
	answer := b.form(web.LoginPath, web.LoginField, name, "password", password)
	if answer.status != http.StatusSeeOther || answer.location != web.PasswordPath {
		t.Fatalf("%s signs in: %d to %q\n%.500s", name, answer.status, answer.location, answer.body)
	}
	chosen := chosenPassword(name)
	if answer = b.form(web.PasswordPath, "old", password, "new", chosen, "again", chosen); answer.status != http.StatusSeeOther {
		t.Fatalf("%s changes the password: %d\n%.500s", name, answer.status, answer.body)
	}
	if answer = b.get("/api/v1/discrepancies"); answer.status == http.StatusOK {
		return b
	}
	return r.comesBack(t, name) // it has to sign in again
}

func chosenPassword(name string) string { return "một câu dài dễ nhớ của " + name }

// comesBack signs in with the password that was chosen.
func (r *rig) comesBack(t *testing.T, name string) *browser {
	t.Helper()
	b := r.browser(t)
	answer := b.form(web.LoginPath, web.LoginField, name, "password", chosenPassword(name))
	if answer.status != http.StatusSeeOther || answer.location == web.PasswordPath {
		t.Fatalf("%s signs in again: %d to %q", name, answer.status, answer.location)
	}
	return b
}

// userAdd is what `doisoat user add` does.
func (r *rig) userAdd(t *testing.T, name, role string, departments ...string) (id int64, password string) {
	t.Helper()
	app, done := r.current.take()
	defer done()
	err := app.Audited(context.Background(), "an", "user_add", name, r.now, func() error {
		account, first, err := app.AddAccount(context.Background(), web.NewAccount{Name: name, Role: role, Departments: departments}, r.now())
		if err == nil {
			id, password = account.ID, first
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id, password
}

// Before there is an account this machine may look, and nobody may change anything.
func TestBeforeThereIsAnAccount(t *testing.T) {
	t.Parallel()
	r := told(t, rigOptions{})
	r.serves(t)
	b := r.browser(t)
	for _, path := range []string{"/", "/discrepancies", "/api/v1/discrepancies", "/api/v1/dossiers/A-01", "/api/v1/lists/KT", "/letters", "/sources"} {
		b.gets(http.StatusOK, path)
	}
	id := idOf(reconcile.ResolvedNotClosed, "A-01")
	b.sends(http.StatusForbidden, "POST", "/api/v1/discrepancies/acknowledge", map[string]any{"ids": []string{id}, "note": "xong"})
	b.sends(http.StatusForbidden, "POST", "/api/v1/discrepancies/waive", map[string]any{"ids": []string{id}, "until": "2018-06-29", "reason": "xong"})
	if answer := b.form("/letters", "department", "KT"); answer.status != http.StatusForbidden || !strings.Contains(answer.body, "doisoat user add") {
		t.Errorf("a letter is asked for: %d\n%.500s", answer.status, answer.body)
	}
	if len(r.allLetters(t, "KT")) > 0 || r.states(t, "A-01")[reconcile.ResolvedNotClosed] != "open" {
		t.Error("something was changed")
	}
	b.gets(http.StatusForbidden, "/api/v1/accounts")
	if v := r.verdict(t); !v.OK || v.Entries != 0 {
		t.Errorf("the audit trail: %+v, want nothing in it: nothing was permitted", v)
	}
}

func (r *rig) verdict(t *testing.T) *web.AuditVerdict {
	t.Helper()
	v, err := backend{r.Daemon}.VerifyAudit(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWhoSignsInSeesWhatIsTheirs(t *testing.T) {
	stores(t, func(t *testing.T, url string) {
		r := told(t, rigOptions{store: url})
		r.serves(t)
		_, first := r.userAdd(t, "quantri", "operator")
		r.pass(6 * time.Second) // what is known of accounts may be five seconds old
		stranger := r.browser(t)
		for _, path := range []string{"/api/v1/discrepancies", "/api/v1/dossiers/A-01", "/api/v1/status", "/api/v1/lists/KT", "/api/v1/report?from=2018-05-01&to=2018-06-30"} {
			stranger.gets(http.StatusUnauthorized, path)
		}
		for _, path := range []string{"/", "/discrepancies", "/letters", "/report", "/accounts"} {
			if answer := stranger.get(path); answer.status != http.StatusSeeOther || !strings.HasPrefix(answer.location, web.LoginPath) {
				t.Errorf("GET %s: %d to %q, want the login page", path, answer.status, answer.location)
			}
		}

		// The first password opens nothing but its own change.
		b := r.browser(t)
		if answer := b.form(web.LoginPath, web.LoginField, "quantri", "password", first+"x"); answer.status == http.StatusSeeOther {
			t.Fatal("let in with a wrong password")
		}
		if answer := b.form(web.LoginPath, web.LoginField, "QuanTri ", "password", first); answer.status != http.StatusSeeOther || answer.location != web.PasswordPath {
			t.Fatalf("first password: %d to %q", answer.status, answer.location)
		}
		if answer := b.get("/"); answer.location != web.PasswordPath {
			t.Errorf("before the first password is changed: %d to %q", answer.status, answer.location)
		}
		b.gets(http.StatusForbidden, "/api/v1/discrepancies")
		if answer := b.form(web.PasswordPath, "old", first, "new", "12345678", "again", "12345678"); answer.status == http.StatusSeeOther {
			t.Error("12345678 is taken for a password")
		}
		operator := r.signsIn(t, "quantri", first)
		operator.gets(http.StatusOK, "/")
		operator.gets(http.StatusOK, "/accounts")

		// The operator makes the others.
		var made struct {
			Account  web.Account `json:"account"`
			Password string      `json:"password"`
		}
		add := func(name, role string, departments ...string) *browser {
			t.Helper()
			body := operator.sends(http.StatusCreated, "POST", "/api/v1/accounts", web.NewAccount{Name: name, Display: "Người dùng " + name, Role: role, Departments: orNone(departments)})
			if err := json.Unmarshal([]byte(body), &made); err != nil {
				t.Fatal(err)
			}
			return r.signsIn(t, name, made.Password)
		}
		tp, kt := add("tuphap", "department", "TP"), add("kinhte", "department", "KT")
		ktAccount := made.Account
		centre := add("trungtam", "centre")

		// Somebody of TP sees nothing of KT's, and cannot tell whether it exists.
		var letter web.Letter
		if err := json.Unmarshal([]byte(centre.sends(http.StatusCreated, "POST", "/api/v1/letters", map[string]string{"department": "KT"})), &letter); err != nil {
			t.Fatal(err)
		}
		var page struct {
			Items []web.Discrepancy `json:"discrepancies"`
		}
		if err := json.Unmarshal([]byte(tp.gets(http.StatusOK, "/api/v1/discrepancies?all=true")), &page); err != nil || len(page.Items) > 0 {
			t.Errorf("TP sees %+v, %v", page.Items, err)
		}
		if err := json.Unmarshal([]byte(kt.gets(http.StatusOK, "/api/v1/discrepancies")), &page); err != nil || len(page.Items) != 1 || page.Items[0].Department != "KT" {
			t.Errorf("KT sees %+v, %v", page.Items, err)
		}
		for _, path := range []string{
			"/api/v1/dossiers/A-01", "/api/v1/lists/KT", "/api/v1/lists/NONE", fmt.Sprintf("/api/v1/letters/%d", letter.ID), fmt.Sprintf("/api/v1/letters/%d/file?format=pdf", letter.ID),
			"/dossiers/A-01", "/lists/KT", "/apologies/KT", fmt.Sprintf("/letters/%d", letter.ID), fmt.Sprintf("/letters/%d/file?format=docx", letter.ID),
		} {
			tp.gets(http.StatusNotFound, path)
		}
		kt.gets(http.StatusOK, "/api/v1/dossiers/A-01")
		kt.gets(http.StatusOK, fmt.Sprintf("/letters/%d", letter.ID))
		for _, path := range []string{"/", "/discrepancies", "/letters", "/report?from=2018-05-01&to=2018-06-30", "/search?q=A-01"} {
			if answer := tp.get(path); strings.Contains(answer.body, "A-01<") || strings.Contains(answer.body, "Phòng KT") {
				t.Errorf("GET %s tells TP of KT:\n%.2000s", path, answer.body)
			}
		}
		id := idOf(reconcile.ResolvedNotClosed, "A-01")
		say := map[string]any{"ids": []string{id}, "note": "đang làm"}
		tp.sends(http.StatusNotFound, "POST", "/api/v1/discrepancies/acknowledge", say)
		kt.sends(http.StatusForbidden, "POST", "/api/v1/discrepancies/waive", map[string]any{"ids": []string{id}, "until": "2018-06-29", "reason": "xong"})
		kt.sends(http.StatusForbidden, "POST", "/api/v1/letters", map[string]string{"department": "KT"})
		kt.gets(http.StatusForbidden, "/api/v1/audit")
		kt.gets(http.StatusForbidden, "/accounts")
		kt.sends(http.StatusOK, "POST", "/api/v1/discrepancies/acknowledge", say)
		r.isIn(t, "A-01", reconcile.StateAcknowledged, "đang làm", "kinhte")

		tokensOf(t, r, operator, kt, say)

		// A disabled account's session ends within five seconds, by whatever way.
		change := web.AccountChange{Role: "department", Departments: []string{"KT"}, Disabled: true}
		other := r.comesBack(t, "kinhte")
		r.disabledBeside(t, ktAccount.ID, change)
		r.pass(5 * time.Second)
		for _, b := range []*browser{kt, other} {
			b.gets(http.StatusUnauthorized, "/api/v1/discrepancies")
		}
		if answer := r.browser(t).form(web.LoginPath, web.LoginField, "kinhte", "password", chosenPassword("kinhte")); answer.status == http.StatusSeeOther {
			t.Error("a disabled account is let in")
		}
		tp = r.comesBack(t, "tuphap")
		if answer := tp.form(web.LogoutPath); answer.status != http.StatusSeeOther {
			t.Errorf("signing out: %d", answer.status)
		}
		tp.gets(http.StatusUnauthorized, "/api/v1/discrepancies")

		auditTells(t, r, operator)
	})
}

// disabledBeside is what `doisoat user disable` does, in another process.
func (r *rig) disabledBeside(t *testing.T, id int64, change web.AccountChange) {
	t.Helper()
	app, done := r.current.take()
	defer done()
	err := app.Audited(context.Background(), "an", "user_disable", "kinhte", r.now, func() error {
		_, err := app.ChangeAccount(context.Background(), id, change)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// tokensOf makes tokens and takes them away.
func tokensOf(t *testing.T, r *rig, operator, kt *browser, say any) {
	t.Helper()
	var made struct {
		Token web.Token `json:"token"`
		Text  string    `json:"text"`
	}
	add := func(b *browser, status int, wanted web.NewToken) (web.Token, *browser) {
		t.Helper()
		body := b.sends(status, "POST", "/api/v1/tokens", wanted)
		if status != http.StatusCreated {
			return web.Token{}, nil
		}
		if err := json.Unmarshal([]byte(body), &made); err != nil {
			t.Fatal(err)
		}
		return made.Token, r.bearing(t, made.Text)
	}
	add(kt, http.StatusConflict, web.NewToken{Name: "rộng hơn", Role: "operator", Departments: []string{}, Days: 10})
	add(kt, http.StatusConflict, web.NewToken{Name: "của phòng khác", Role: "department", Departments: []string{"KT", "TP"}, Days: 10})
	readOnly, reader := add(kt, http.StatusCreated, web.NewToken{Name: "bảng theo dõi", Role: "department", Departments: []string{"KT"}, ReadOnly: true, Days: 10})
	_, writer := add(kt, http.StatusCreated, web.NewToken{Name: "phần mềm của phòng", Role: "department", Departments: []string{"KT"}, Days: 10})
	_, office := add(operator, http.StatusCreated, web.NewToken{Name: "giám sát", Role: "auditor", Departments: []string{}, ReadOnly: true, Days: 1})

	reader.gets(http.StatusOK, "/api/v1/dossiers/A-01")
	reader.gets(http.StatusNotFound, "/api/v1/dossiers/B-01")
	reader.sends(http.StatusForbidden, "POST", "/api/v1/discrepancies/acknowledge", say)
	writer.sends(http.StatusOK, "POST", "/api/v1/discrepancies/acknowledge", say)
	office.gets(http.StatusOK, "/api/v1/dossiers/B-01")
	r.bearing(t, made.Text+"x").gets(http.StatusUnauthorized, "/api/v1/discrepancies")

	list := func(b *browser) (names []string) {
		var body struct {
			Tokens []web.Token `json:"tokens"`
		}
		text := b.gets(http.StatusOK, "/api/v1/tokens")
		if err := json.Unmarshal([]byte(text), &body); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, "doisoat_") {
			t.Error("the list of tokens tells one")
		}
		for i := range body.Tokens {
			names = append(names, body.Tokens[i].Name)
		}
		slices.Sort(names)
		return names
	}
	if got := list(kt); len(got) != 2 {
		t.Errorf("KT's tokens: %q, want its own two", got)
	}
	if got := list(operator); len(got) != 3 {
		t.Errorf("all tokens: %q", got)
	}
	other := r.comesBack(t, "tuphap")
	other.sends(http.StatusNotFound, "DELETE", fmt.Sprintf("/api/v1/tokens/%d", readOnly.ID), nil)
	reader.gets(http.StatusOK, "/api/v1/discrepancies")
	kt.sends(http.StatusNoContent, "DELETE", fmt.Sprintf("/api/v1/tokens/%d", readOnly.ID), nil)
	reader.gets(http.StatusUnauthorized, "/api/v1/discrepancies")
	writer.gets(http.StatusOK, "/api/v1/discrepancies")
	r.pass(25 * time.Hour) // the sessions of people end by then, too
	office.gets(http.StatusUnauthorized, "/api/v1/discrepancies")
	writer.gets(http.StatusOK, "/api/v1/discrepancies")
	*operator, *kt = *r.comesBack(t, "quantri"), *r.comesBack(t, "kinhte")
}

// auditTells holds the trail against what was done.
func auditTells(t *testing.T, r *rig, operator *browser) {
	t.Helper()
	var page struct {
		Items []web.AuditEntry `json:"entries"`
	}
	text := operator.gets(http.StatusOK, "/api/v1/audit?limit=200")
	if err := json.Unmarshal([]byte(text), &page); err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, e := range page.Items {
		told[e.Actor+" "+e.Action+" "+e.Outcome] = true
	}
	for _, want := range []string{
		"an user_add begun", "an user_add done", "quantri account_add done", "kinhte acknowledge done", "kinhte token_add done", "kinhte token_add refused",
		"kinhte token_revoke done", "an user_disable done", "trungtam letter_send done",
	} {
		if !told[want] {
			t.Errorf("the audit trail lacks %q; it has\n%s", want, strings.Join(sortedKeys(told), "\n"))
		}
	}
	for _, secret := range []string{"doisoat_", chosenPassword("kinhte"), "password\":\""} {
		if strings.Contains(text, secret) {
			t.Errorf("the audit trail holds %q", secret)
		}
	}
	if v := r.verdict(t); !v.OK || v.Entries < int64(len(page.Items)) {
		t.Errorf("the audit trail: %+v", v)
	}
}

// What cannot be put on the trail is not done.
func TestNothingIsChangedWithoutTheAuditTrail(t *testing.T) {
	t.Parallel()
	r := told(t, rigOptions{})
	r.serves(t)
	_, first := r.userAdd(t, "kinhte", "department", "KT")
	r.pass(6 * time.Second)
	kt := r.signsIn(t, "kinhte", first)
	say := map[string]any{"ids": []string{idOf(reconcile.ResolvedNotClosed, "A-01")}, "note": "đang làm"}
	r.sql(t, `ALTER TABLE audit_entries RENAME TO gone`)
	kt.sends(http.StatusServiceUnavailable, "POST", "/api/v1/discrepancies/acknowledge", say)
	r.isIn(t, "A-01", reconcile.StateOpen, "", "")
	kt.gets(http.StatusOK, "/api/v1/discrepancies")
	app, done := r.current.take()
	if err := app.Audited(context.Background(), "an", "user_disable", "kinhte", r.now, func() error { t.Error("done"); return nil }); err == nil {
		t.Error("a command is done without the trail")
	}
	done()
	r.sql(t, `ALTER TABLE gone RENAME TO audit_entries`)
	kt.sends(http.StatusOK, "POST", "/api/v1/discrepancies/acknowledge", say)
	r.isIn(t, "A-01", reconcile.StateAcknowledged, "đang làm", "kinhte")
	if v := r.verdict(t); !v.OK {
		t.Errorf("the audit trail: %+v", v)
	}
	if err := r.trySQL(t, `UPDATE audit_entries SET actor = 'ai khác' WHERE id = 2`); err == nil {
		t.Error("the database lets the trail be changed")
	}
	r.sql(t, `DROP TRIGGER audit_entries_stay_as_they_are`)
	r.sql(t, `UPDATE audit_entries SET actor = 'ai khác' WHERE id = 2`)
	if v := r.verdict(t); v.OK || v.BrokenAt != 2 {
		t.Errorf("after somebody changed entry 2: %+v", v)
	}
}

// Accounts that cannot be, and what nobody may take away.
func TestAccountsThatAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	b, ctx := backend{r.Daemon}, context.Background()
	who := &access.Principal{Name: "an", Role: access.Operator}
	for name, wanted := range map[string]web.NewAccount{
		"no such role":                   {Name: "a", Role: "boss"},
		"a department of none":           {Name: "a", Role: "department"},
		"a department nobody configured": {Name: "a", Role: "department", Departments: []string{"NONE"}},
		"an operator of a department":    {Name: "a", Role: "operator", Departments: []string{"KT"}},
		"a name that is none":            {Name: "phòng kinh tế", Role: "centre"},
		"the service's own name":         {Name: "Doisoat", Role: "centre"},
	} {
		if account, password, err := b.AddAccount(ctx, who, wanted); account != nil || password != "" || !isRefused(err) {
			t.Errorf("%s: %+v, %v", name, account, err)
		}
	}
	operator, _, err := b.AddAccount(ctx, who, web.NewAccount{Name: "quantri", Role: "operator"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.AddAccount(ctx, who, web.NewAccount{Name: "QUANTRI", Role: "centre"}); !isRefused(err) {
		t.Errorf("the same name again: %v", err)
	}
	for name, to := range map[string]web.AccountChange{
		"the last operator is disabled": {Role: "operator", Disabled: true}, "the last operator becomes another": {Role: "centre"},
	} {
		if _, err := b.ChangeAccount(ctx, who, operator.ID, to); !isRefused(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	clerk, _, err := b.AddAccount(ctx, who, web.NewAccount{Name: "kinhte", Role: "department", Departments: []string{"KT"}})
	if err != nil {
		t.Fatal(err)
	}
	// Of a department that was taken out of the configuration an account can still be
	// disabled, and not be let in again.
	r.o.departments, r.o.offices = []string{"TP"}, map[string]string{"tp-book": "TP"}
	r.save(t)
	r.write(t, "doisoat.yaml", r.config())
	if err := r.Reload(ctx); err != nil {
		t.Fatal(err)
	}
	gone := web.AccountChange{Role: "department", Departments: []string{"KT"}, Disabled: true}
	if changed, err := b.ChangeAccount(ctx, who, clerk.ID, gone); err != nil || !changed.Disabled {
		t.Errorf("disabled: %+v, %v", changed, err)
	}
	gone.Disabled = false
	if _, err := b.ChangeAccount(ctx, who, clerk.ID, gone); !isRefused(err) {
		t.Errorf("let in again: %v", err)
	}
}
