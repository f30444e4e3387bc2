package access

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// memory is a Store. Everything it gives and takes is copied.
type memory struct {
	mu       sync.Mutex
	accounts map[int64]Account
	sessions map[string]StoredSession
	tokens   map[string]StoredToken
	broken   error // what every call returns
	readOnly error // what every call that writes returns
	calls    map[string]int
}

func newMemory() *memory {
	return &memory{accounts: map[int64]Account{}, sessions: map[string]StoredSession{}, tokens: map[string]StoredToken{}, calls: map[string]int{}}
}

func (m *memory) begin(ctx context.Context, call string, writes bool) (func(), error) {
	m.mu.Lock()
	m.calls[call]++
	err := errors.Join(m.broken, ctx.Err())
	if writes {
		err = errors.Join(err, m.readOnly)
	}
	return m.mu.Unlock, err
}

func (m *memory) FindAccount(ctx context.Context, name string) (*Account, error) {
	done, err := m.begin(ctx, "FindAccount", false)
	defer done()
	for _, a := range m.accounts {
		if a.Name == name && err == nil {
			return &a, nil
		}
	}
	return nil, err
}

func (m *memory) GetAccount(ctx context.Context, id int64) (*Account, error) {
	done, err := m.begin(ctx, "GetAccount", false)
	defer done()
	a, ok := m.accounts[id]
	if !ok && err == nil {
		err = ErrNoAccount
	}
	return &a, err
}

func (m *memory) UpdateAccount(ctx context.Context, id int64, change func(*Account) error) error {
	done, err := m.begin(ctx, "UpdateAccount", true)
	defer done()
	if err != nil {
		return err
	}
	a, ok := m.accounts[id]
	if !ok {
		return ErrNoAccount
	}
	if err := change(&a); err != nil {
		return err
	}
	m.accounts[id] = a
	return nil
}

func (m *memory) CountAccounts(ctx context.Context) (int, error) {
	done, err := m.begin(ctx, "CountAccounts", false)
	defer done()
	return len(m.accounts), err
}

func (m *memory) FindSession(ctx context.Context, key string) (*StoredSession, error) {
	done, err := m.begin(ctx, "FindSession", false)
	defer done()
	if s, ok := m.sessions[key]; ok && err == nil {
		return &s, nil
	}
	return nil, err
}

func (m *memory) AddSession(ctx context.Context, session StoredSession) error {
	done, err := m.begin(ctx, "AddSession", true)
	defer done()
	if err == nil {
		session.Data = bytes.Clone(session.Data)
		m.sessions[session.Key] = session
	}
	return err
}

func (m *memory) TouchSession(ctx context.Context, key string, expiresAt time.Time) error {
	done, err := m.begin(ctx, "TouchSession", true)
	defer done()
	if s, ok := m.sessions[key]; ok && err == nil {
		s.ExpiresAt = expiresAt
		m.sessions[key] = s
	}
	return err
}

func (m *memory) DeleteSession(ctx context.Context, key string) error {
	done, err := m.begin(ctx, "DeleteSession", true)
	defer done()
	if err == nil {
		delete(m.sessions, key)
	}
	return err
}

func (m *memory) DeleteSessionsOf(ctx context.Context, account int64) error {
	done, err := m.begin(ctx, "DeleteSessionsOf", true)
	defer done()
	if err == nil {
		maps.DeleteFunc(m.sessions, func(_ string, s StoredSession) bool { return s.Account == account })
	}
	return err
}

func (m *memory) DeleteSessionsBefore(ctx context.Context, then time.Time) error {
	done, err := m.begin(ctx, "DeleteSessionsBefore", true)
	defer done()
	if err == nil {
		maps.DeleteFunc(m.sessions, func(_ string, s StoredSession) bool { return s.ExpiresAt.Before(then) })
	}
	return err
}

func (m *memory) FindToken(ctx context.Context, hash string) (*StoredToken, error) {
	done, err := m.begin(ctx, "FindToken", false)
	defer done()
	if t, ok := m.tokens[hash]; ok && err == nil {
		return &t, nil
	}
	return nil, err
}

func (m *memory) TouchToken(ctx context.Context, id int64, usedAt time.Time) error {
	done, err := m.begin(ctx, "TouchToken", true)
	defer done()
	for hash, t := range m.tokens {
		if t.ID == id && err == nil {
			t.LastUsedAt = usedAt
			m.tokens[hash] = t
		}
	}
	return err
}

// set changes an account as another process would.
func (m *memory) set(id int64, change func(*Account)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.accounts[id]
	change(&a)
	m.accounts[id] = a
}

func (m *memory) count(call string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls[call]
}

func (m *memory) rows() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.sessions)
}

func (m *memory) fail(broken, readOnly error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken, m.readOnly = broken, readOnly
}

// world is a service with its clock.
type world struct {
	*Access
	t     testing.TB
	store *memory
	log   *bytes.Buffer
	clock *clock
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

const goodPassword = "con trâu đi trước cái cày"

// cheap lets a test try many passwords; the race detector slows argon2 down fifty
// times.
var cheap = cost{memory: 64, time: 1}

// goodHash is of goodPassword.
var goodHash = sync.OnceValue(func() string { return cheap.hash(goodPassword) })

func newWorld(t testing.TB, options ...func(*Options)) *world {
	t.Helper()
	w := &world{t: t, store: newMemory(), log: &bytes.Buffer{}, clock: &clock{at: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}}
	o := Options{Store: w.store, Clock: w.clock.now, Logger: slog.New(slog.NewTextHandler(w.log, nil))}
	for _, option := range options {
		option(&o)
	}
	access, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	access.hasher = newHasher(cheap, 2)
	w.Access = access
	return w
}

// person adds an account with goodPassword.
func (w *world) person(name string, role Role, departments ...string) *Account {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	a := Account{ID: int64(len(w.store.accounts) + 1), Name: name, Display: strings.ToUpper(name), Role: role, Departments: departments, PasswordHash: goodHash()}
	w.store.accounts[a.ID] = a
	return &a
}

// browser keeps cookies as browsers do that reach the service over TLS.
type browser struct {
	w       *world
	from    string
	cookies map[string]string
}

func (w *world) browser(from string) *browser {
	return &browser{w: w, from: from, cookies: map[string]string{}}
}

// visit makes one request that do answers.
func (b *browser) visit(target string, do http.HandlerFunc, headers ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.RemoteAddr = b.from
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	recorder := httptest.NewRecorder()
	b.w.Wrap(do).ServeHTTP(recorder, r)
	response := recorder.Result()
	for _, cookie := range response.Cookies() {
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		} else {
			b.cookies[cookie.Name] = cookie.Value
		}
	}
	return response
}

func (b *browser) login(name, password string) (who *Principal, err error) {
	b.visit("/login", func(_ http.ResponseWriter, r *http.Request) { who, err = b.w.Login(r.Context(), r, name, password) })
	return who, err
}

func (b *browser) who(headers ...string) (who *Principal, err error) {
	b.visit("/", func(_ http.ResponseWriter, r *http.Request) { who, err = b.w.Identify(r) }, headers...)
	return who, err
}

func (b *browser) change(old, next string) (err error) {
	b.visit("/password", func(_ http.ResponseWriter, r *http.Request) { err = b.w.ChangePassword(r.Context(), r, old, next) })
	return err
}

// mustLogin signs in, or ends the test.
func (b *browser) mustLogin(name string) {
	b.w.t.Helper()
	if _, err := b.login(name, goodPassword); err != nil {
		b.w.t.Fatalf("login of %s: %v", name, err)
	}
}

// is fails unless the browser is known by that name, "" for nobody.
func (b *browser) is(name string) {
	b.w.t.Helper()
	who, err := b.who()
	if err != nil {
		b.w.t.Fatalf("identify: %v", err)
	}
	if got := nameOf(who); got != name {
		b.w.t.Fatalf("is taken for %q, want %q", got, name)
	}
}

func nameOf(p *Principal) string {
	if p == nil {
		return ""
	}
	return p.Name
}

// reasonOf is why somebody was denied; "" where that is not what the error says.
func reasonOf(err error) Reason {
	var denied *Denied
	if errors.As(err, &denied) && errors.Is(err, ErrRejected) && denied.Vi != "" && denied.En != "" {
		return denied.Reason
	}
	return ""
}

func setting(w *world, language string, err *error) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) { *err = w.SetLanguage(r.Context(), r, language) }
}

func changing(w *world, err *error) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		*err = w.ChangePassword(r.Context(), r, goodPassword, "a new fine password")
	}
}

func request(from, header string, values ...string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = from
	for _, value := range values {
		r.Header.Add(header, value)
	}
	return r
}

func (b *browser) request() *http.Request {
	r := request(b.from, "")
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}
