package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestCookieIsForThisHostAloneAndNoScript(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	b := w.browser(office)
	response := b.visit("/login", func(_ http.ResponseWriter, r *http.Request) {
		if _, err := w.Login(r.Context(), r, "lan", goodPassword); err != nil {
			t.Error(err)
		}
	})
	token := b.cookies["__Host-doisoat"]
	want := "__Host-doisoat=" + token + "; Path=/; HttpOnly; Secure; SameSite=Lax"
	if got := response.Header["Set-Cookie"]; len(got) != 1 || got[0] != want || len(token) != 43 {
		t.Errorf("got %q\nwant %q", got, want)
	}
	sum := sha256.Sum256([]byte(token))
	kept, ok := w.store.sessions[base64.RawURLEncoding.EncodeToString(sum[:])]
	if !ok || kept.Account != 1 || strings.Contains(string(kept.Data), token) {
		t.Errorf("the store keeps %+v under %v", kept, w.store.sessions)
	}
	if got := response.Header.Get("Vary"); got != "Cookie" {
		t.Errorf("Vary %q", got)
	}
}

func TestSessionGivenByAnotherIsNotTaken(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	w.person("mallory", Centre)
	t.Run("one that never was", func(t *testing.T) {
		b := w.browser(office)
		planted := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
		b.cookies[cookieName] = planted
		b.mustLogin("lan")
		if b.cookies[cookieName] == planted {
			t.Error("the planted token is kept")
		}
		other := w.browser(office)
		other.cookies[cookieName] = planted
		other.is("")
	})
	t.Run("one of the attacker's own", func(*testing.T) {
		attacker := w.browser(office)
		attacker.mustLogin("mallory")
		victim := w.browser(office)
		victim.cookies[cookieName] = attacker.cookies[cookieName]
		victim.mustLogin("lan")
		victim.is("lan")
		attacker.is("") // its session ended; above all it is not the victim's
	})
}

func TestSessionEnds(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	t.Run("after two hours without use", func(*testing.T) {
		b := w.browser(office)
		b.mustLogin("lan")
		w.clock.pass(2*time.Hour - time.Second)
		b.is("lan")
		w.clock.pass(2*time.Hour - time.Second)
		b.is("lan")
		w.clock.pass(2 * time.Hour)
		b.is("")
	})
	t.Run("after twelve hours of use", func(*testing.T) {
		b := w.browser(office)
		b.mustLogin("lan")
		for range 12*6 - 1 {
			w.clock.pass(10 * time.Minute)
			b.is("lan")
		}
		w.clock.pass(10 * time.Minute)
		b.is("")
	})
	t.Run("at logout, also for who kept the cookie", func(t *testing.T) {
		b := w.browser(office)
		b.mustLogin("lan")
		kept := b.cookies[cookieName]
		b.visit("/logout", func(_ http.ResponseWriter, r *http.Request) {
			if err := w.Logout(r.Context(), r); err != nil {
				t.Error(err)
			}
			if p, err := w.Identify(r); p != nil || err != nil {
				t.Errorf("still %v, %v", p, err)
			}
		})
		if len(b.cookies) != 0 {
			t.Errorf("cookies %v", b.cookies)
		}
		b.cookies[cookieName] = kept
		b.is("")
	})
	t.Run("rows go with the sweep", func(t *testing.T) {
		b := w.browser(office)
		b.mustLogin("lan")
		w.clock.pass(3 * time.Hour)
		b.mustLogin("lan")
		if err := w.Sweep(t.Context()); err != nil || w.store.rows() != 1 {
			t.Errorf("%d rows, %v", w.store.rows(), err)
		}
		b.is("lan")
	})
}

func TestLogoutOfNobodyAsksNothing(t *testing.T) {
	w := newWorld(t)
	w.browser(office).visit("/logout", func(_ http.ResponseWriter, r *http.Request) {
		if err := w.Logout(r.Context(), r); err != nil {
			t.Error(err)
		}
	})
	if n := w.store.count("DeleteSession"); n != 0 {
		t.Errorf("the store is asked %d times", n)
	}
}

func TestSessionEndsWithItsEpoch(t *testing.T) {
	tests := map[string]func(*world){
		"disabled":                     func(w *world) { w.store.set(1, func(a *Account) { a.Disabled = true }) },
		"another role":                 func(w *world) { w.store.set(1, func(a *Account) { a.Role = Auditor; a.SessionEpoch++ }) },
		"sessions ended":               func(w *world) { _ = w.EndSessions(w.t.Context(), 1) },
		"a store put back from before": func(w *world) { w.store.set(1, func(a *Account) { a.SessionEpoch = -1 }) },
	}
	for name, happens := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.person("lan", Centre)
			b := w.browser(office)
			b.mustLogin("lan")
			b.is("lan")
			happens(w)
			w.clock.pass(staleFor) // as another process did it
			b.is("")
		})
	}
	t.Run("at once where it is told", func(t *testing.T) {
		w := newWorld(t)
		w.person("lan", Centre)
		b := w.browser(office)
		b.mustLogin("lan")
		b.is("lan")
		w.store.set(1, func(a *Account) { a.Disabled = true })
		w.Forget()
		b.is("")
	})
}

func TestSessionOfANewerEpochThanTheOneRemembered(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	here := w.browser(office)
	here.mustLogin("lan")
	here.is("lan") // the account is remembered now
	replica, err := New(Options{Store: w.store, Clock: w.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	replica.hasher = newHasher(cheap, 2)
	w.store.set(1, func(a *Account) { a.SessionEpoch++ })
	there := (&world{Access: replica, t: t, store: w.store}).browser(office)
	there.mustLogin("lan")
	here.cookies = there.cookies
	here.is("lan")
}

func TestInventedCookiesMakeNoRows(t *testing.T) {
	w := newWorld(t)
	b := w.browser(office)
	for n := range 100_000 {
		var raw [32]byte
		_, _ = rand.Read(raw[:])
		b.cookies[cookieName] = base64.RawURLEncoding.EncodeToString(raw[:])
		if n%2 == 1 {
			b.cookies[cookieName] = fmt.Sprintf("x%d", n)
		}
		if p, err := b.who(); p != nil || err != nil {
			t.Fatalf("%v, %v", p, err)
		}
	}
	if w.store.rows() != 0 || len(w.cache.sessions) != 0 {
		t.Errorf("%d rows, %d remembered", w.store.rows(), len(w.cache.sessions))
	}
	if n := w.store.count("FindSession"); n != 50_000 {
		t.Errorf("the store is asked %d times: only for what may be a token", n)
	}
}

func TestSessionIsSeldomReadAndWritten(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	b := w.browser(office)
	b.mustLogin("lan")
	for range 600 { // ten a second for a minute
		w.clock.pass(100 * time.Millisecond)
		response := b.visit("/", func(_ http.ResponseWriter, r *http.Request) {
			if p, err := w.Identify(r); nameOf(p) != "lan" {
				t.Errorf("%v, %v", p, err)
			}
		})
		if len(response.Header["Set-Cookie"]) != 0 {
			t.Fatal("the cookie is set again")
		}
	}
	reads, writes := w.store.count("FindSession")+w.store.count("GetAccount"), w.store.count("TouchSession")+w.store.count("AddSession")
	if reads > 2*12 || writes != 2 {
		t.Errorf("%d reads and %d writes in a minute", reads, writes)
	}
}

func TestSessionThatWasEndedIsNotBroughtBackByItsUse(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	b := w.browser(office)
	b.mustLogin("lan")
	b.is("lan")
	w.clock.pass(2 * time.Second)
	clear(w.store.sessions) // another replica ends it
	w.clock.pass(2 * time.Minute)
	b.is("")
	if w.store.rows() != 0 {
		t.Errorf("%d rows", w.store.rows())
	}
}

func TestStoreThatDoesNotAnswerSignsNobodyOut(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	b := w.browser(office)
	b.mustLogin("lan")
	w.clock.pass(10 * time.Second)
	w.store.fail(errors.New("down"), nil)
	response := b.visit("/", func(_ http.ResponseWriter, r *http.Request) {
		if p, err := w.Identify(r); p != nil || !errors.Is(err, ErrUnavailable) {
			t.Errorf("%v, %v", p, err)
		}
	})
	if len(response.Header["Set-Cookie"]) != 0 {
		t.Error("the cookie is changed")
	}
	w.store.fail(nil, errors.New("read only"))
	w.clock.pass(5 * time.Minute)
	b.is("lan") // that its use cannot be kept is no reason to refuse
	w.store.fail(nil, nil)
	b.is("lan")
}

func TestRowThatCannotBeReadIsNobodys(t *testing.T) {
	for _, data := range []string{"", "null", "{}", "[]", `{"since":"x"}`, "\x00gob"} {
		w := newWorld(t)
		w.person("lan", Centre)
		b := w.browser(office)
		b.mustLogin("lan")
		for key, row := range w.store.sessions {
			row.Data = []byte(data)
			w.store.sessions[key] = row
		}
		b.is("")
		b.mustLogin("lan")
		b.is("lan")
	}
}

func TestAnswersPassUnheld(t *testing.T) {
	w := newWorld(t)
	half := make(chan struct{})
	server := httptest.NewServer(w.Wrap(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		if _, ok := rw.(io.ReaderFrom); !ok {
			t.Error("files cannot be sent by the kernel")
		}
		_, _ = io.WriteString(rw, "half")
		_ = http.NewResponseController(rw).Flush()
		<-half
		_, _ = io.WriteString(rw, "whole")
	})))
	defer server.Close()
	response, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	first := make([]byte, 4)
	if _, err := io.ReadFull(response.Body, first); err != nil {
		t.Fatal(err)
	}
	close(half)
	if rest, err := io.ReadAll(response.Body); string(first)+string(rest) != "halfwhole" || err != nil {
		t.Errorf("%s%s, %v", first, rest, err)
	}
}

func TestOneSessionFromManyTabsAtOnce(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	first := w.browser(office)
	first.mustLogin("lan")
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			b := w.browser(office)
			b.cookies[cookieName] = first.cookies[cookieName]
			for range 200 {
				w.clock.pass(time.Second)
				if n == 0 {
					w.Forget()
				}
				if who, err := b.who(); nameOf(who) != "lan" || err != nil {
					t.Errorf("%v, %v", who, err)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestWithoutWrapNobodyIsSignedIn(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if _, err := w.Login(t.Context(), r, "lan", goodPassword); !errors.Is(err, errNoVisit) {
		t.Errorf("login: %v", err)
	}
	if err := w.Logout(t.Context(), r); !errors.Is(err, errNoVisit) {
		t.Errorf("logout: %v", err)
	}
	if p, err := w.Identify(r); p != nil || err != nil {
		t.Errorf("identify: %v, %v", p, err)
	}
}
