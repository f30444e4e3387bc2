package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/reconcile"
)

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
