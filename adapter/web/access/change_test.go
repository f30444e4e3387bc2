package access

import (
	"testing"
	"time"
)

func TestNewPasswordEndsTheOtherSessions(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	w.store.set(1, func(a *Account) { a.MustChange = true })
	here, there := w.browser(office), w.browser(office)
	there.mustLogin("lan")
	here.mustLogin("lan")
	if who, err := here.who(); err != nil || !who.MustChange {
		t.Fatalf("%+v, %v", who, err)
	}
	w.clock.pass(11 * time.Minute)
	before := here.cookies[cookieName]
	for name, change := range map[string]struct {
		old, next string
		want      Reason
	}{
		"the old one wrong": {"not the old one", "a new fine password", WrongPassword},
		"too short":         {goodPassword, "short", WeakPassword},
		"the same again":    {goodPassword, goodPassword, WeakPassword},
	} {
		if err := here.change(change.old, change.next); reasonOf(err) != change.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := here.change(goodPassword, "a new fine password"); err != nil {
		t.Fatal(err)
	}
	here.is("lan")
	there.is("")
	if who, _ := here.who(); who.MustChange {
		t.Error("must change it again")
	}
	if here.cookies[cookieName] == before {
		t.Error("the token is the same as before")
	}
	if w.store.rows() != 1 {
		t.Errorf("%d sessions are kept", w.store.rows())
	}
	if _, err := there.login("lan", goodPassword); reasonOf(err) != WrongPassword {
		t.Errorf("the old password: %v", err)
	}
	// The session does not get longer by it.
	for range 11 {
		w.clock.pass(time.Hour)
		here.is("lan")
	}
	w.clock.pass(49 * time.Minute)
	here.is("")
}

func TestOldPasswordCannotBeGuessedInASession(t *testing.T) {
	w := newWorld(t)
	w.person("lan", Centre)
	b := w.browser(office)
	b.mustLogin("lan")
	for range 5 {
		if err := b.change("a guess at it", "a new fine password"); reasonOf(err) != WrongPassword {
			t.Fatal(err)
		}
	}
	if err := b.change(goodPassword, "a new fine password"); reasonOf(err) != Locked {
		t.Errorf("the sixth: %v", err)
	}
	b.is("lan") // a lock keeps people out, it does not throw them out
}
