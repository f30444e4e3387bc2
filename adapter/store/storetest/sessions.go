package storetest

import (
	"bytes"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
)

var sessionTests = []test{
	{"a session is found until it ends", sessions},
	{"sessions of an account end together", sessionsOf},
	{"a session's end is moved while it is there", touchedSession},
}

func session(t *testing.T, s *store.Store, token string, now time.Time) string {
	t.Helper()
	data, found, err := s.FindSession(t.Context(), token, now)
	if err != nil {
		t.Fatal(err)
	}
	if !found {
		return "none"
	}
	return string(data)
}

func commit(t *testing.T, db *Database, token string, account int64, data string, expiry time.Time) {
	t.Helper()
	if err := db.Store.CommitSession(t.Context(), token, account, []byte(data), expiry); err != nil {
		t.Fatal(err)
	}
}

func sessions(t *testing.T, db *Database) {
	ctx := t.Context()
	same(t, "before any", "none", session(t, db.Store, "a", day))
	commit(t, db, "a", 1, "first", day.Add(time.Hour))
	commit(t, db, "b", 0, "\x00\xff", day.Add(2*time.Hour))
	commit(t, db, "a", 1, "second", day.Add(time.Hour))
	other := db.Again(t)
	same(t, "the later word", "second", session(t, other, "a", day))
	same(t, "bytes", "\x00\xff", session(t, other, "b", day))
	same(t, "just before its end", "second", session(t, db.Store, "a", day.Add(time.Hour-time.Millisecond)))
	same(t, "at its end", "none", session(t, db.Store, "a", day.Add(time.Hour)))
	if err := db.Store.PruneSessions(ctx, day.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	same(t, "kept", 1, count(t, db, "SELECT COUNT(*) FROM sessions"))
	for range 2 {
		if err := db.Store.DeleteSession(ctx, "b"); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "deleted", "none", session(t, db.Store, "b", day))
	if err := db.Store.CommitSession(ctx, "c", 0, nil, day.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if data, found, err := db.Store.FindSession(ctx, "c", day); err != nil || !found || !bytes.Equal(data, nil) {
		t.Errorf("empty one: %q, %t, error %v", data, found, err)
	}
}

func sessionsOf(t *testing.T, db *Database) {
	for token, account := range map[string]int64{"a": 1, "b": 1, "c": 2, "d": 0} {
		commit(t, db, token, account, token, day.Add(time.Hour))
	}
	for _, account := range []int64{1, 0} { // nobody's are those of many people
		if err := db.Store.DeleteSessionsOf(t.Context(), account); err != nil {
			t.Fatal(err)
		}
	}
	for token, want := range map[string]string{"a": "none", "b": "none", "c": "c", "d": "d"} {
		same(t, token, want, session(t, db.Store, token, day))
	}
}

func touchedSession(t *testing.T, db *Database) {
	ctx := t.Context()
	commit(t, db, "a", 7, "data", day.Add(time.Hour))
	for token, want := range map[string]*store.Session{
		"a": {TokenHash: "a", Account: 7, Data: []byte("data"), ExpiresAt: day.Add(3 * time.Hour)},
		"b": nil,
	} {
		if err := db.Store.TouchSession(ctx, token, day.Add(3*time.Hour)); err != nil {
			t.Fatal(err)
		}
		got, err := db.Store.GetSession(ctx, token)
		if err != nil {
			t.Fatal(err)
		}
		same(t, token, want, got)
	}
}
