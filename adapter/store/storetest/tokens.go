package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
)

var tokenTests = []test{
	{"a token keeps every field", everyTokenField},
	{"tokens are their owners'", tokenOwners},
	{"that a token is used is written once a minute", touched},
}

func addToken(t *testing.T, db *Database, hash string, owner store.Owner) *store.Token {
	t.Helper()
	token := &store.Token{Hash: hash, Owner: owner, Departments: []string{}, CreatedAt: day, ExpiresAt: day.AddDate(0, 1, 0)}
	if err := db.Store.AddToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	return token
}

func findToken(t *testing.T, db *Database, hash string) *store.Token {
	t.Helper()
	token, err := db.Store.FindToken(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func everyTokenField(t *testing.T, db *Database) {
	ctx := t.Context()
	want := &store.Token{Hash: "h1", Name: "báo cáo", Owner: store.Owner{Account: 7, Name: "lan"}, Role: "department", Departments: []string{"TP", "Đ"}, ReadOnly: true,
		CreatedAt: day, ExpiresAt: day.Add(time.Hour), LastUsedAt: day.Add(time.Minute), RevokedAt: day.Add(2 * time.Minute)}
	if err := db.Store.AddToken(ctx, want); err != nil {
		t.Fatal(err)
	}
	bare := addToken(t, db, "h2", store.Owner{})
	same(t, "token", want, findToken(t, db, "h1"))
	same(t, "bare one", bare, findToken(t, db, "h2"))
	same(t, "none", (*store.Token)(nil), findToken(t, db, "h3"))
	if err := db.Store.AddToken(ctx, &store.Token{Hash: "h1"}); !errors.Is(err, store.ErrExists) {
		t.Errorf("error %v", err)
	}
	says(t, db.Store.AddToken(ctx, &store.Token{}), "needs a hash")
}

func tokenOwners(t *testing.T, db *Database) {
	ctx := t.Context()
	local, foreign, other := store.Owner{Account: 1, Name: "lan"}, store.Owner{Name: "lan"}, store.Owner{Account: 2, Name: "an"}
	ids := map[string]int64{}
	for hash, owner := range map[string]store.Owner{"l": local, "f": foreign, "o": other} {
		ids[hash] = addToken(t, db, hash, owner).ID
	}
	second := addToken(t, db, "l2", local)
	hashes := func(owner *store.Owner) (out []string) {
		t.Helper()
		list, err := db.Store.ListTokens(ctx, owner)
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range list {
			out = append(out, token.Hash)
		}
		return out
	}
	same(t, "hers, the newest first", []string{"l2", "l"}, hashes(&local))
	same(t, "of whoever has no account here", []string{"f"}, hashes(&foreign))
	same(t, "nobody's", 0, len(hashes(&store.Owner{})))
	same(t, "all", 4, len(hashes(nil)))
	for _, owner := range []*store.Owner{&foreign, &other, {}} {
		if err := db.Store.RevokeToken(ctx, second.ID, owner, day); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%+v: error %v", owner, err)
		}
	}
	if err := db.Store.RevokeToken(ctx, 12345, nil, day); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	same(t, "not revoked", time.Time{}, findToken(t, db, "l2").RevokedAt)
	for hours, owner := range []*store.Owner{&local, nil} { // the first word stands
		if err := db.Store.RevokeToken(ctx, second.ID, owner, day.Add(time.Duration(hours)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "revoked", day, findToken(t, db, "l2").RevokedAt)
	if err := db.Store.RevokeToken(ctx, ids["f"], nil, day); err != nil {
		t.Fatal(err)
	}
	same(t, "anybody's", day, findToken(t, db, "f").RevokedAt)
	same(t, "the others", time.Time{}, findToken(t, db, "l").RevokedAt)
}

func touched(t *testing.T, db *Database) {
	token := addToken(t, db, "h", store.Owner{})
	for _, step := range []struct{ at, want time.Duration }{
		{0, 0}, {30 * time.Second, 0}, {59 * time.Second, 0}, {time.Minute, time.Minute}, {90 * time.Second, time.Minute}, {time.Hour, time.Hour}, {time.Second, time.Hour},
	} {
		if err := db.Store.TouchToken(t.Context(), token.ID, day.Add(step.at)); err != nil {
			t.Fatal(err)
		}
		same(t, step.at.String(), day.Add(step.want), findToken(t, db, "h").LastUsedAt)
	}
	if err := db.Store.TouchToken(t.Context(), 12345, day); err != nil {
		t.Error(err)
	}
}
