package access

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSigningInAtAProvider(t *testing.T) {
	w, p := newOIDCWorld(t, nil)
	b := w.browser(office)
	who, returnTo, err := b.signIn(p)
	if err != nil {
		t.Fatal(err)
	}
	want := &Principal{Name: "oidc:lan", Display: "Trần Thị Lan", Role: Department, Departments: []string{"tu-phap", "y-te"}, Via: ViaOIDC}
	if d := cmp.Diff(want, who); d != "" || returnTo != "/departments?x=1" {
		t.Errorf("%s, back to %q", d, returnTo)
	}
	b.is("oidc:lan")
	if _, left := b.cookies[flowName]; left || w.store.rows() != 1 {
		t.Errorf("cookies %v, %d rows", b.cookies, w.store.rows())
	}
	w.clock.pass(2 * time.Hour)
	b.is("")
}

func TestBeginningKeepsNothing(t *testing.T) {
	w, _ := newOIDCWorld(t, nil)
	b := w.browser(office)
	var cookies []*http.Cookie
	for range 100 {
		cookies = b.visit("/", func(w http.ResponseWriter, r *http.Request) {
			if err := b.w.BeginOIDC(w, r, "/"); err != nil {
				t.Error(err)
			}
		}).Cookies()
	}
	if w.store.rows() != 0 || len(cookies) != 1 {
		t.Fatalf("%d rows, cookies %v", w.store.rows(), cookies)
	}
	if c := cookies[0]; !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.MaxAge != 600 || !strings.HasPrefix(c.Name, "__Host-") {
		t.Errorf("%v", c)
	}
}

func TestWhatAProviderSaysIsChecked(t *testing.T) {
	tests := []struct {
		name   string
		claims func(map[string]any)
		reason Reason
		actor  string
	}{
		{"as it should be", func(map[string]any) {}, "", "oidc:lan"},
		{"for another client", func(c map[string]any) { c["aud"] = "another" }, RefusedLogin, ""},
		{"for several clients, given to another", func(c map[string]any) { c["aud"], c["azp"] = []string{"doisoat", "another"}, "another" }, RefusedLogin, ""},
		{"for several clients, given to us", func(c map[string]any) { c["aud"], c["azp"] = []string{"doisoat", "another"}, "doisoat" }, "", "oidc:lan"},
		{"by another provider", func(c map[string]any) { c["iss"] = "https://evil.example" }, RefusedLogin, ""},
		{"of another login", func(c map[string]any) { c["nonce"] = "another" }, RefusedLogin, ""},
		{"of no login", func(c map[string]any) { delete(c, "nonce") }, RefusedLogin, ""},
		{"expired", func(c map[string]any) { c["exp"] = c["iat"].(int64) - 1 }, RefusedLogin, ""},
		{"without an end", func(c map[string]any) { delete(c, "exp") }, RefusedLogin, ""},
		{"no group", func(c map[string]any) { c["groups"] = []string{} }, NoRole, ""},
		{"no group that gives a role", func(c map[string]any) { c["groups"] = []string{"staff", "TP"} }, NoRole, ""},
		{"no groups", func(c map[string]any) { delete(c, "groups") }, NoRole, ""},
		{"groups that are none", func(c map[string]any) { c["groups"] = []any{7, nil, map[string]any{"tp": true}} }, NoRole, ""},
		{"one group as a text", func(c map[string]any) { c["groups"] = "tt" }, "", "oidc:lan"},
		{"more groups than are kept", func(c map[string]any) { c["groups"] = append(strings.Split(strings.Repeat("g ", 2000), " "), "tp") }, "", "oidc:lan"},
		{"no user name", func(c map[string]any) { delete(c, "preferred_username") }, "", "oidc:lan@example.vn"},
		{"only an address that is not verified", func(c map[string]any) { delete(c, "preferred_username"); c["email_verified"] = false }, RefusedLogin, ""},
		{"likewise as a text", func(c map[string]any) { delete(c, "preferred_username"); c["email_verified"] = "false" }, RefusedLogin, ""},
		{"an address that is not verified, and not used", func(c map[string]any) { c["email_verified"] = false }, "", "oidc:lan"},
		{"neither", func(c map[string]any) { delete(c, "preferred_username"); delete(c, "email") }, "", "oidc:248289761001"},
		{"a name for the log to stumble on", func(c map[string]any) { c["preferred_username"] = "lan\nadmin" }, RefusedLogin, ""},
		{"a name that is too long", func(c map[string]any) { c["preferred_username"] = strings.Repeat("x", 300) }, RefusedLogin, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, p := newOIDCWorld(t, nil)
			p.claims = tt.claims
			b := w.browser(office)
			who, _, err := b.signIn(p)
			if reasonOf(err) != tt.reason || (err != nil) != (tt.reason != "") || nameOf(who) != tt.actor {
				t.Fatalf("%v, %v", who, err)
			}
			b.is(tt.actor)
		})
	}
	t.Run("signed by another key", func(t *testing.T) {
		w, p := newOIDCWorld(t, nil)
		var err error
		if p.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
			t.Fatal(err)
		}
		if who, _, err := w.browser(office).signIn(p); who != nil || reasonOf(err) != RefusedLogin {
			t.Errorf("%v, %v", who, err)
		}
	})
}

func TestComingBackOtherwise(t *testing.T) {
	tests := []struct {
		name   string
		change func(w *world, b *browser, back url.Values)
		reason Reason
	}{
		{"wrong state", func(_ *world, _ *browser, back url.Values) { back.Set("state", "another") }, StaleLogin},
		{"no state", func(_ *world, _ *browser, back url.Values) { back.Del("state") }, StaleLogin},
		{"two states", func(_ *world, _ *browser, back url.Values) { back.Add("state", "another") }, StaleLogin},
		{"in another browser", func(_ *world, b *browser, _ url.Values) { clear(b.cookies) }, StaleLogin},
		{"with a cookie that is none", func(_ *world, b *browser, _ url.Values) { b.cookies[flowName] = "e30" }, StaleLogin},
		{"too late", func(w *world, _ *browser, _ url.Values) { w.clock.pass(flowTime + time.Second) }, StaleLogin},
		{"refused at the provider", func(_ *world, _ *browser, back url.Values) { back.Set("error", "access_denied") }, RefusedLogin},
		{"answered by another provider", func(_ *world, _ *browser, back url.Values) { back.Set("iss", "https://evil.example") }, RefusedLogin},
		{"no code", func(_ *world, _ *browser, back url.Values) { back.Del("code") }, RefusedLogin},
		{"two codes", func(_ *world, _ *browser, back url.Values) { back.Add("code", "x") }, RefusedLogin},
		{"somebody else's code", func(_ *world, _ *browser, back url.Values) { back.Set("code", "stolen") }, RefusedLogin},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, p := newOIDCWorld(t, nil)
			b := w.browser(office)
			location, err := b.begin("/")
			if err != nil {
				t.Fatal(err)
			}
			// Of a login under way elsewhere; the verifier is not the thief's.
			p.codes["stolen"] = url.Values{"code_challenge": {"another"}}
			back := p.authorize(location)
			tt.change(w, b, back)
			who, _, err := b.finish(back)
			if who != nil || reasonOf(err) != tt.reason {
				t.Errorf("%v, %v", who, err)
			}
			if strings.Contains(fmt.Sprint(err)+w.log.String(), clientSecret) {
				t.Errorf("tells what the provider quotes: %v\n%s", err, w.log)
			}
			b.is("")
		})
	}
}

func TestACodeWorksOnce(t *testing.T) {
	w, p := newOIDCWorld(t, nil)
	b := w.browser(office)
	location, err := b.begin("/")
	if err != nil {
		t.Fatal(err)
	}
	back, kept := p.authorize(location), maps.Clone(b.cookies)
	if _, _, err := b.finish(back); err != nil {
		t.Fatal(err)
	}
	if who, _, err := b.finish(back); who != nil || reasonOf(err) != StaleLogin {
		t.Errorf("by the back button: %v, %v", who, err)
	}
	thief := w.browser(office)
	thief.cookies = kept
	if who, _, err := thief.finish(back); who != nil || reasonOf(err) != RefusedLogin {
		t.Errorf("with the cookie of before: %v, %v", who, err)
	}
	b.is("oidc:lan")
	thief.is("")
}

func TestProviderSessionIsNewAndFollowsTheRules(t *testing.T) {
	w, p := newOIDCWorld(t, nil)
	w.person("mallory", Centre)
	attacker, victim := w.browser(office), w.browser(office)
	attacker.mustLogin("mallory")
	maps.Copy(victim.cookies, attacker.cookies)
	if _, _, err := victim.signIn(p); err != nil {
		t.Fatal(err)
	}
	if victim.cookies[cookieName] == attacker.cookies[cookieName] {
		t.Error("the token is the one that was planted")
	}
	asked := p.asked
	config := someProvider(p.URL)
	config.Rules = []Rule{{Value: "staff", Role: Auditor}}
	if err := w.Reconfigure(config, nil); err != nil {
		t.Fatal(err)
	}
	if who, err := victim.who(); err != nil || who.Role != Auditor || who.Departments != nil {
		t.Errorf("by other rules: %+v, %v", who, err)
	}
	if _, err := victim.begin("/"); err != nil || p.asked != asked {
		t.Errorf("discovered again: %d, %v", p.asked-asked, err)
	}
	config.Rules = []Rule{{Value: "others", Role: Auditor}}
	if err := w.Reconfigure(config, nil); err != nil {
		t.Fatal(err)
	}
	victim.is("")
	if err := w.Reconfigure(someProvider("https://login.example.vn"), nil); err != nil {
		t.Fatal(err)
	}
	victim.is("")
	if err := w.Reconfigure(nil, nil); err != nil || w.OIDC() {
		t.Fatal(err)
	}
	victim.is("")
	if _, err := victim.begin("/"); reasonOf(err) != NoProvider {
		t.Errorf("without a provider: %v", err)
	}
}

func TestGroupsThatOnlyUserinfoKnows(t *testing.T) {
	for subject, reason := range map[string]Reason{"248289761001": "", "another": RefusedLogin} {
		w, p := newOIDCWorld(t, func(c *OIDCConfig) { c.Claim = "realm_access.roles" })
		p.info = map[string]any{"sub": subject, "realm_access": map[string]any{"roles": []string{"ktv"}}}
		who, _, err := w.browser(office).signIn(p)
		if reasonOf(err) != reason || (who != nil) != (reason == "") || who != nil && who.Role != Auditor {
			t.Errorf("%s: %+v, %v", subject, who, err)
		}
	}
}

func TestProviderThatIsDown(t *testing.T) {
	w, p := newOIDCWorld(t, nil)
	p.down = true
	b := w.browser(office)
	for range 20 {
		_, err := b.begin("/")
		if reasonOf(err) != NoProvider || !strings.Contains(err.Error(), p.URL) {
			t.Fatalf("%v", err)
		}
	}
	if p.asked != 1 {
		t.Errorf("asked %d times within a moment", p.asked)
	}
	p.down = false
	w.clock.pass(askAgainAfter)
	location, err := b.begin("/")
	if err != nil {
		t.Fatalf("when it is back: %v", err)
	}
	back := p.authorize(location)
	p.down = true
	if _, _, err := b.finish(back); reasonOf(err) != NoProvider || strings.Contains(err.Error(), clientSecret) {
		t.Errorf("down at the exchange: %v", err)
	}
	w.clock.pass(2 * rediscoverAfter)
	if _, err := b.begin("/"); err != nil {
		t.Errorf("what was known is not used: %v", err)
	}
}

func TestFaultyProviderIsRefused(t *testing.T) {
	for name, change := range map[string]func(*OIDCConfig){
		"http":             func(c *OIDCConfig) { c.Issuer = "http://login.example.vn" },
		"no issuer":        func(c *OIDCConfig) { c.Issuer = "" },
		"redirect by http": func(c *OIDCConfig) { c.RedirectURL = "http://doisoat.example.vn/login/return" },
		"redirect a path":  func(c *OIDCConfig) { c.RedirectURL = "/login/return" },
		"no client":        func(c *OIDCConfig) { c.ClientID = "" },
		"no rules":         func(c *OIDCConfig) { c.Rules = nil },
	} {
		c := someProvider("https://login.example.vn")
		change(c)
		if _, err := New(Options{Store: newMemory(), OIDC: c}); err == nil || strings.Contains(err.Error(), clientSecret) {
			t.Errorf("%s: %v", name, err)
		}
		if text := fmt.Sprintf("%v %+v %#v %s", c, c, c, c); strings.Contains(text, clientSecret) {
			t.Errorf("%s", text)
		}
	}
}

func TestLocalPath(t *testing.T) {
	for text, want := range map[string]string{
		"/":                              "/",
		"/departments?kind=x&sort=since": "/departments?kind=x&sort=since",
		"/dossiers/H01.2-3#lich-su":      "/dossiers/H01.2-3#lich-su",
		"":                               "/",
		"//evil.example":                 "/",
		"///evil.example":                "/",
		`/\evil.example`:                 "/",
		`\\evil.example`:                 "/",
		"/\t/evil.example":               "/",
		"/\n/evil.example":               "/",
		" /x":                            "/",
		"https://evil.example/":          "/",
		"javascript:alert(1)":            "/",
		"evil.example":                   "/",
		"/%zz":                           "/",
		"/" + strings.Repeat("x", 2000):  "/",
	} {
		if got := LocalPath(text); got != want {
			t.Errorf("%.30q: %q, want %q", text, got, want)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	f.Add("/x?y=z")
	f.Add(`/\evil.example`)
	f.Add("//evil.example")
	here, err := url.Parse("https://doisoat.example.vn/login")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path := LocalPath(text)
		recorder := httptest.NewRecorder()
		http.Redirect(recorder, httptest.NewRequest(http.MethodGet, "/login", nil), path, http.StatusSeeOther)
		location := recorder.Header().Get("Location")
		to, err := here.Parse(location)
		if err != nil || to.Host != here.Host || to.Scheme != here.Scheme || strings.ContainsAny(location, "\\\r\n\t") || strings.HasPrefix(location, "//") {
			t.Errorf("%q leads to %q", text, location)
		}
	})
}
