package access

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
)

const clientSecret = "the client's secret"

func someProvider(issuer string) *OIDCConfig {
	return &OIDCConfig{
		Issuer: issuer, ClientID: "doisoat", ClientSecret: clientSecret, RedirectURL: "https://doisoat.example.vn/login/return",
		Rules: gatewayConfig().Rules,
	}
}

var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// idp is an identity provider that checks what it is asked, as a real one does.
type idp struct {
	*httptest.Server
	t     *testing.T
	now   func() time.Time
	mu    sync.Mutex
	codes map[string]url.Values // of the authorization request, by code
	// claims changes what the next tokens say; key, whose they are; down answers
	// nothing but 503; info is what userinfo says, if it is there.
	claims func(map[string]any)
	key    *rsa.PrivateKey
	down   bool
	info   map[string]any
	asked  int
}

func newIDP(t *testing.T, now func() time.Time) *idp {
	p := &idp{t: t, now: now, codes: map[string]url.Values{}, key: signingKey(), claims: func(map[string]any) {}}
	known := &oidctest.Server{PublicKeys: []oidctest.PublicKey{{PublicKey: signingKey().Public(), KeyID: "one", Algorithm: oidc.RS256}}}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.asked++
		switch {
		case p.down:
			http.Error(w, "maintenance "+clientSecret, http.StatusServiceUnavailable)
		case r.URL.Path == "/token":
			p.token(w, r)
		case r.URL.Path == "/userinfo":
			_ = json.NewEncoder(w).Encode(p.info)
		case r.URL.Path == "/.well-known/openid-configuration" && p.info != nil:
			recorder := httptest.NewRecorder()
			known.ServeHTTP(recorder, r)
			_, _ = fmt.Fprint(w, strings.Replace(recorder.Body.String(), "{", `{"userinfo_endpoint":"`+p.URL+`/userinfo",`, 1))
		default:
			known.ServeHTTP(w, r)
		}
	}))
	known.SetIssuer(p.URL)
	t.Cleanup(p.Close)
	return p
}

// authorize is what the provider's own pages do: it takes the browser's address and
// gives the one to go back to.
func (p *idp) authorize(location string) url.Values {
	u, err := url.Parse(location)
	if err != nil {
		p.t.Fatal(err)
	}
	q := u.Query()
	if q.Get("response_type") != "code" || q.Get("client_id") != "doisoat" || q.Get("redirect_uri") != "https://doisoat.example.vn/login/return" ||
		q.Get("code_challenge_method") != "S256" || q.Get("scope") != "openid profile email" || len(q.Get("state")) < 26 || len(q.Get("nonce")) < 26 {
		p.t.Fatalf("authorization request %v", q)
	}
	code := rand.Text()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[code] = q
	return url.Values{"state": {q.Get("state")}, "code": {code}}
}

func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(code string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error":%q,"error_description":%q}`, code, clientSecret)
	}
	asked, ok := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") {
		refuse("invalid_grant")
		return
	}
	if _, secret, _ := r.BasicAuth(); secret != url.QueryEscape(clientSecret) && r.PostFormValue("client_secret") != clientSecret {
		refuse("invalid_client")
		return
	}
	claims := map[string]any{
		"iss": p.URL, "aud": "doisoat", "sub": "248289761001", "exp": p.now().Add(time.Hour).Unix(), "iat": p.now().Unix(), "nonce": asked.Get("nonce"),
		"preferred_username": "lan", "name": "Trần Thị Lan", "email": "lan@example.vn", "email_verified": true, "groups": []string{"staff", "tp"},
	}
	p.claims(claims)
	text, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"access_token": "an access token", "token_type": "Bearer", "expires_in": 300, "id_token": oidctest.SignIDToken(p.key, "one", oidc.RS256, string(text)),
	})
}

func newOIDCWorld(t *testing.T, change func(*OIDCConfig)) (*world, *idp) {
	w := newWorld(t)
	p := newIDP(t, w.clock.now)
	config := someProvider(p.URL)
	if change != nil {
		change(config)
	}
	if err := w.Reconfigure(config, nil); err != nil {
		t.Fatal(err)
	}
	return w, p
}

func (b *browser) begin(returnTo string) (location string, err error) {
	response := b.visit("/login/begin", func(w http.ResponseWriter, r *http.Request) { err = b.w.BeginOIDC(w, r, returnTo) })
	return response.Header.Get("Location"), err
}

func (b *browser) finish(back url.Values) (who *Principal, returnTo string, err error) {
	b.visit("/login/return?"+back.Encode(), func(w http.ResponseWriter, r *http.Request) { who, returnTo, err = b.w.FinishOIDC(w, r) })
	return who, returnTo, err
}

// signIn goes the whole way.
func (b *browser) signIn(p *idp) (*Principal, string, error) {
	b.w.t.Helper()
	location, err := b.begin("/departments?x=1")
	if err != nil {
		b.w.t.Fatal(err)
	}
	return b.finish(p.authorize(location))
}
