package access

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// token adds one of the account, good for an hour.
func (w *world) token(account int64, change func(*StoredToken)) string {
	text, hash := NewTokenText()
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	t := StoredToken{ID: int64(len(w.store.tokens) + 1), Hash: hash, Name: "bảng tính", Account: account, Role: Operator, ExpiresAt: w.clock.now().Add(time.Hour)}
	change(&t)
	w.store.tokens[hash] = t
	return text
}

func TestTokenText(t *testing.T) {
	one, hash := NewTokenText()
	other, _ := NewTokenText()
	if !tokenText.MatchString(one) || len(one) != len("doisoat_")+43 || one == other || HashToken(one) != hash || len(hash) != 64 {
		t.Errorf("%q, %q, %q", one, other, hash)
	}
}

func TestToken(t *testing.T) {
	tests := []struct {
		name   string
		owner  func(*Account)
		token  func(*StoredToken)
		header func(text string) string
		want   *Principal
	}{
		{name: "good", want: &Principal{Role: Centre}, token: func(t *StoredToken) { t.Role = Centre }},
		{name: "scheme in lower case", want: &Principal{Role: Centre}, header: func(text string) string { return "bearer  " + text }},
		{name: "to read only", want: &Principal{Role: Centre, ReadOnly: true}, token: func(t *StoredToken) { t.ReadOnly = true }},
		{name: "made while the owner might more", want: &Principal{Role: Centre}},
		{name: "owner has to change the password", want: &Principal{Role: Centre}, owner: func(a *Account) { a.MustChange = true }},
		{
			name: "of one department", want: &Principal{Role: Department, Departments: []string{"y-te"}},
			token: func(t *StoredToken) { t.Role, t.Departments = Department, []string{"y-te"} },
		},
		{name: "expired", token: func(t *StoredToken) { t.ExpiresAt = t.ExpiresAt.Add(-time.Hour) }},
		{name: "without an end", token: func(t *StoredToken) { t.ExpiresAt = time.Time{} }},
		{name: "revoked", token: func(t *StoredToken) { t.RevokedAt = t.ExpiresAt }},
		{name: "owner disabled", owner: func(a *Account) { a.Disabled = true }},
		{name: "owner not there", token: func(t *StoredToken) { t.Account = 99 }},
		{name: "role that is not known", token: func(t *StoredToken) { t.Role = "boss" }},
		{name: "not known", header: func(string) string { other, _ := NewTokenText(); return "Bearer " + other }},
		{name: "cut", header: func(text string) string { return "Bearer " + text[:len(text)-1] }},
		{name: "its hash", header: func(text string) string { return "Bearer " + HashToken(text) }},
		{name: "empty", header: func(string) string { return "Bearer" }},
		{name: "two in one", header: func(text string) string { return "Bearer " + text + " " + text }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, onLoop)
			w.person("lan", Centre)
			if tt.owner != nil {
				w.store.set(1, tt.owner)
			}
			if tt.token == nil {
				tt.token = func(*StoredToken) {}
			}
			text := w.token(1, tt.token)
			header := "Bearer " + text
			if tt.header != nil {
				header = tt.header(text)
			}
			b := w.browser(machine)
			b.mustLoginUnless(tt.owner != nil, "lan") // a token that does not hold is not made good by a session
			who, err := b.who("Authorization", header)
			if tt.want == nil {
				if who != nil || reasonOf(err) != WrongToken {
					t.Fatalf("%+v, %v", who, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			tt.want.Account, tt.want.Name, tt.want.Display, tt.want.Via, tt.want.Token = 1, "lan", "LAN · bảng tính", ViaToken, 1
			if d := cmp.Diff(tt.want, who); d != "" {
				t.Error(d)
			}
		})
	}
}

func (b *browser) mustLoginUnless(not bool, name string) {
	b.w.t.Helper()
	if !not {
		b.mustLogin(name)
	}
}

func TestOtherSchemesAreNotOurs(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	b := w.browser(office)
	b.mustLogin("lan")
	if who, err := b.who("Authorization", "Basic bGFuOng="); nameOf(who) != "lan" || err != nil {
		t.Errorf("%v, %v", who, err)
	}
	text := w.token(1, func(*StoredToken) {})
	if who, err := b.who("Authorization", "Bearer "+text, "Authorization", "Bearer "+text); who != nil || reasonOf(err) != WrongToken {
		t.Errorf("two headers: %v, %v", who, err)
	}
}

// Whatever two roles a token and its owner have: the token may just what both may.
func TestTokenMayWhatBothMay(t *testing.T) {
	departments := map[Role][]string{Department: {"tu-phap", "y-te"}}
	for _, owner := range Roles {
		for _, made := range Roles {
			p := &Principal{Role: owner, Departments: departments[owner]}
			token := &StoredToken{Role: made}
			if made == Department {
				token.Departments = []string{"y-te", "van-hoa"}
			}
			if !p.narrow(token) {
				t.Errorf("%s of %s: refused", made, owner)
				continue
			}
			for _, permission := range Permissions {
				if want := owner.May(permission) && made.May(permission); p.May(permission) != want {
					t.Errorf("%s of %s: may %s: %v", made, owner, permission, !want)
				}
			}
			ofOwner := (&Principal{Role: owner, Departments: departments[owner]}).Scope()
			ofToken := (&Principal{Role: made, Departments: token.Departments}).Scope()
			for _, d := range []string{"tu-phap", "y-te", "van-hoa", "khac", ""} {
				if want := ofOwner.Sees(d) && ofToken.Sees(d); p.Scope().Sees(d) != want {
					t.Errorf("%s of %s: sees %q: %v", made, owner, d, !want)
				}
			}
		}
	}
	p := &Principal{Role: Department, Departments: []string{"tu-phap"}}
	if p.narrow(&StoredToken{Role: Department, Departments: []string{"y-te"}}) {
		t.Errorf("of departments that are not the owner's any more: %+v", p)
	}
}

func TestTokenFollowsItsOwner(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Operator)
	text := w.token(1, func(*StoredToken) {})
	b := w.browser(office)
	if who, err := b.who("Authorization", "Bearer "+text); err != nil || who.Role != Operator {
		t.Fatalf("%+v, %v", who, err)
	}
	w.store.set(1, func(a *Account) { a.Role, a.Departments = Department, []string{"y-te"} })
	w.clock.pass(staleFor)
	if who, err := b.who("Authorization", "Bearer "+text); err != nil || who.Role != Department || !slices.Equal(who.Departments, []string{"y-te"}) {
		t.Errorf("%+v, %v", who, err)
	}
}

func TestTokenIsSeldomReadAndWritten(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Operator)
	text := w.token(1, func(*StoredToken) {})
	b := w.browser(office)
	for range 600 {
		w.clock.pass(100 * time.Millisecond)
		if _, err := b.who("Authorization", "Bearer "+text); err != nil {
			t.Fatal(err)
		}
	}
	if reads, writes := w.store.count("FindToken"), w.store.count("TouchToken"); reads > 13 || writes < 1 || writes > 2 {
		t.Errorf("%d reads, %d writes", reads, writes)
	}
	w.store.fail(nil, errors.New("read only"))
	w.clock.pass(time.Hour / 2)
	if _, err := b.who("Authorization", "Bearer "+text); err != nil {
		t.Errorf("that its use cannot be kept refuses it: %v", err)
	}
	w.store.fail(errors.New("down"), nil)
	w.clock.pass(staleFor)
	if _, err := b.who("Authorization", "Bearer "+text); !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrRejected) {
		t.Errorf("a store that does not answer: %v", err)
	}
}

func TestTokenChangesNoPassword(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Operator)
	text := w.token(1, func(*StoredToken) {})
	var err error
	w.browser(office).visit("/password", changing(w, &err), "Authorization", "Bearer "+text)
	if reasonOf(err) != NotChangeable {
		t.Errorf("%v", err)
	}
}
