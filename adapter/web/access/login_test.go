package access

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const office = "203.0.113.7:40000"

func TestLogin(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Department, "tu-phap", "y-te")
	who, err := w.browser(office).login("  LAN ", goodPassword)
	if err != nil {
		t.Fatal(err)
	}
	want := &Principal{Account: 1, Name: "lan", Display: "LAN", Role: Department, Departments: []string{"tu-phap", "y-te"}, Via: ViaPassword}
	if d := cmp.Diff(want, who); d != "" {
		t.Error(d)
	}
	if at := w.store.accounts[1].LastLoginAt; !at.Equal(w.clock.now()) {
		t.Errorf("last login at %v", at)
	}
}

func TestRefusalsTellNothing(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	w.person("gone", Centre)
	w.store.set(2, func(a *Account) { a.Disabled = true })
	w.person("fresh", Centre)
	w.store.set(3, func(a *Account) { a.PasswordHash = "" })
	b := w.browser(office)
	for _, name := range []string{"lan", "nobody", "gone", "fresh", "", strings.Repeat("x", 5000), "lan'--", "\x00"} {
		password := "wrong password"
		if name == "gone" {
			password = goodPassword
		}
		before := w.hasher.computed.Load()
		_, err := b.login(name, password)
		if d := cmp.Diff(wrongPassword().Error(), fmt.Sprint(err)); d != "" || reasonOf(err) != WrongPassword {
			t.Errorf("%.20q: %s", name, d)
		}
		if n := w.hasher.computed.Load() - before; n != 1 {
			t.Errorf("%.20q: %d hashes computed: the time tells", name, n)
		}
	}
	if w.store.rows() != 0 || len(b.cookies) != 0 {
		t.Errorf("%d sessions, cookies %v", w.store.rows(), b.cookies)
	}
}

func TestNameLocksAndOpensAgain(t *testing.T) {
	for _, name := range []string{"lan", "nobody"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.person("lan", Centre)
			b := w.browser(office)
			// Each time five more wrong passwords, then as long a lock as is said.
			for _, minutes := range []int{15, 30, 60, 120, 240, 240} {
				want := time.Duration(minutes) * time.Minute
				for n := range 5 {
					w.clock.pass(time.Minute)
					if _, err := b.login(name, "wrong password"); reasonOf(err) != WrongPassword {
						t.Fatalf("attempt %d before a lock of %v: %v", n+1, want, err)
					}
				}
				before := w.hasher.computed.Load()
				w.clock.pass(want - time.Second)
				_, err := b.login(name, goodPassword)
				var denied *Denied
				if !errors.As(err, &denied) || denied.Reason != Locked || denied.Wait != time.Second {
					t.Fatalf("a second before %v: %v", want, err)
				}
				if w.hasher.computed.Load() != before {
					t.Error("a locked name costs a hash")
				}
				w.clock.pass(time.Second)
			}
			_, err := b.login(name, goodPassword)
			if known := name == "lan"; known != (err == nil) {
				t.Errorf("after the last lock: %v", err)
			}
			if a := w.store.accounts[1]; a.FailedLogins != 0 || !a.LockedUntil.IsZero() {
				t.Errorf("%d failures are left, locked until %v", a.FailedLogins, a.LockedUntil)
			}
		})
	}
}

func TestLockSurvivesRestart(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	for range 5 {
		if _, err := w.browser(office).login("lan", "wrong password"); reasonOf(err) != WrongPassword {
			t.Fatal(err)
		}
	}
	again, err := New(Options{Store: w.store, Clock: w.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	again.hasher = newHasher(cheap, 2)
	w.Access = again
	if _, err := w.browser(office).login("lan", goodPassword); reasonOf(err) != Locked {
		t.Errorf("after a restart: %v", err)
	}
}

func TestManyAttemptsAtOnceAreNotMoreThanOneAfterAnother(t *testing.T) {
	for _, name := range []string{"lan", "nobody"} {
		w := newWorld(t)
		w.person("lan", Centre)
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				b := w.browser(fmt.Sprintf("203.0.113.%d:4000", i))
				if _, err := b.login(name, "wrong password"); reasonOf(err) == "" {
					t.Errorf("%v", err)
				}
			})
		}
		all.Wait()
		if n := w.hasher.computed.Load(); n != 5 {
			t.Errorf("%s: %d passwords were tried, want 5", name, n)
		}
	}
}

func TestOneAddressIsLimited(t *testing.T) {
	tests := []struct {
		name  string
		from  func(n int) string
		limit bool
	}{
		{"one address", func(n int) string { return fmt.Sprintf("203.0.113.7:%d", 1000+n) }, true},
		{"one IPv6 network", func(n int) string { return fmt.Sprintf("[2001:db8:1:2:3::%x]:4000", n) }, true},
		{"an IPv4 address over IPv6 too", func(n int) string { return []string{"[::ffff:203.0.113.7]:1", "203.0.113.7:1"}[n%2] }, true},
		{"IPv6 networks of their own", func(n int) string { return fmt.Sprintf("[2001:db8:1:%x::1]:4000", n) }, false},
		{"addresses of their own", func(n int) string { return fmt.Sprintf("203.0.113.%d:4000", n) }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			var limited int
			for n := range addressBurst + 10 {
				// Password spraying: never the same name twice.
				r := w.browser(tt.from(n))
				_, err := r.login(fmt.Sprintf("name%d", n), "x")
				if reasonOf(err) == Limited {
					limited++
				}
			}
			if want := map[bool]int{true: 10}[tt.limit]; limited != want {
				t.Errorf("%d attempts were limited, want %d", limited, want)
			}
			if !tt.limit {
				return
			}
			w.clock.pass(addressEvery)
			if _, err := w.browser(tt.from(0)).login("other", "x"); reasonOf(err) != WrongPassword {
				t.Errorf("after the time to wait: %v", err)
			}
		})
	}
}

func TestOneNameIsLimitedWhereverFrom(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Lockout.Failures = 1000 })
	w.person("lan", Centre)
	var got []Reason
	for n := range nameBurst + 2 {
		_, err := w.browser(fmt.Sprintf("203.0.113.%d:4000", n)).login("lan", "x")
		got = append(got, reasonOf(err))
	}
	if got[nameBurst-1] != WrongPassword || got[nameBurst] != Limited || got[nameBurst+1] != Limited {
		t.Errorf("%v", got)
	}
}

func TestAWeakHashIsReplacedAtLogin(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	weak := &phc{memory: 8, time: 1, lanes: 1, salt: []byte("0123456789abcdef"), key: make([]byte, 32)}
	weak.key = weak.compute(normalPassword(goodPassword))
	w.store.set(1, func(a *Account) { a.PasswordHash = weak.String() })
	w.browser(office).mustLogin("lan")
	h, err := parsePHC(w.store.accounts[1].PasswordHash)
	if err != nil || h.weak(cheap) {
		t.Fatalf("kept is %v, %v", h, err)
	}
	w.browser(office).mustLogin("lan")
}

func TestAccountDisabledWhileItsPasswordIsVerified(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	account, err := w.store.FindAccount(t.Context(), "lan")
	if err != nil {
		t.Fatal(err)
	}
	w.store.set(1, func(a *Account) { a.Disabled = true })
	if _, err := w.succeeded(t.Context(), account, ""); reasonOf(err) != WrongPassword {
		t.Errorf("%v", err)
	}
}

func TestStoreThatDoesNotAnswerIsNoWrongPassword(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	cause := errors.New("disk full")
	for name, fail := range map[string]func(){
		"nothing answers": func() { w.store.fail(cause, nil) },
		"nothing is kept": func() { w.store.fail(nil, cause) },
	} {
		b := w.browser(office)
		fail()
		_, err := b.login("lan", goodPassword)
		w.store.fail(nil, nil)
		if !errors.Is(err, ErrUnavailable) || !errors.Is(err, cause) || errors.Is(err, ErrRejected) {
			t.Errorf("%s: %v", name, err)
		}
		if len(b.cookies) != 0 {
			t.Errorf("%s: cookies %v", name, b.cookies)
		}
	}
}

func TestMemoryOfThoseWhoTryIsBounded(t *testing.T) {
	at := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)
	l, s, rule := newLimiter(time.Second, 3), shadows{names: map[string]tries{}}, Lockout{}
	rule.complete()
	for n := range 3 * maxRemembered {
		l.take(fmt.Sprint(n), at)
		if err := s.fail(&rule, fmt.Sprint(n), at); err != nil {
			t.Fatal(err)
		}
	}
	if len(l.keys) > maxRemembered || len(s.names) > maxRemembered {
		t.Errorf("%d addresses, %d names are remembered", len(l.keys), len(s.names))
	}
	if last := fmt.Sprint(3*maxRemembered - 1); s.names[last].failures != 1 {
		t.Error("the last name is forgotten")
	}
}

func TestNoSecretIsLogged(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	b := w.browser(office)
	if _, err := b.login("lan", "a wrong secret"); err == nil {
		t.Fatal("signed in")
	}
	b.mustLogin("lan")
	if err := b.change(goodPassword, "another fine secret"); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{goodPassword, "a wrong secret", "another fine secret", b.cookies[cookieName], "argon2"} {
		if strings.Contains(w.log.String(), secret) {
			t.Errorf("%q is logged:\n%s", secret, w.log)
		}
	}
	if !strings.Contains(w.log.String(), "account=lan") || !strings.Contains(w.log.String(), "remote=203.0.113.7") {
		t.Errorf("who signed in, and from where, is not logged:\n%s", w.log)
	}
}
