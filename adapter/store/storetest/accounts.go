package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
)

var accountTests = []test{
	{"an account keeps every field", everyAccountField},
	{"names are the same however they are written", accountNames},
	{"an account is changed by one at a time", accountAtOnce},
	{"the last operator stays", lastOperator},
	{"two operators who disable each other", lastOperatorAtOnce},
}

func addAccount(t *testing.T, db *Database, name, role string) *store.Account {
	t.Helper()
	a := &store.Account{Name: name, Role: role, CreatedAt: day}
	if err := db.Store.AddAccount(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	return a
}

func everyAccountField(t *testing.T, db *Database) {
	ctx := t.Context()
	if n, err := db.Store.CountAccounts(ctx); err != nil || n != 0 {
		t.Errorf("%d accounts, error %v", n, err)
	}
	want := store.Account{Name: "lan", Display: "Trần Thị Lan", Role: "department", Departments: []string{"TP", `Đ"[1]`}, PasswordHash: "$argon2id$…", Disabled: true,
		MustChange: true, FailedLogins: 3, LockedUntil: day.Add(time.Hour), LastLoginAt: day.Add(time.Minute), CreatedAt: day, Language: "en", SessionEpoch: 7}
	if err := db.Store.AddAccount(ctx, &want); err != nil {
		t.Fatal(err)
	}
	bare := addAccount(t, db, "an", "auditor")
	bare.Departments = []string{}
	got, err := db.Again(t).GetAccount(ctx, want.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "as it was added", want, *got)
	now, err := db.Store.UpdateAccount(ctx, want.ID, func(a *store.Account) error {
		same(t, "as it is given", want, *a)
		*a = store.Account{ID: 99, Name: " Lan2", Display: "L", Role: "centre", PasswordHash: "h", FailedLogins: 1, LockedUntil: day, LastLoginAt: day, Language: "vi", SessionEpoch: 8}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want = store.Account{ID: want.ID, Name: "lan2", Display: "L", Role: "centre", Departments: []string{}, PasswordHash: "h", FailedLogins: 1, LockedUntil: day,
		LastLoginAt: day, CreatedAt: day, Language: "vi", SessionEpoch: 8}
	list, err := db.Store.ListAccounts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "by name", []store.Account{*bare, want}, list)
	now.Departments = []string{}
	same(t, "as it is returned", want, *now)
	if n, err := db.Store.CountAccounts(ctx); err != nil || n != 2 {
		t.Errorf("%d accounts, error %v", n, err)
	}
	if _, err := db.Store.GetAccount(ctx, 12345); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	if _, err := db.Store.UpdateAccount(ctx, 12345, func(*store.Account) error { return nil }); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	no := errors.New("no")
	if _, err := db.Store.UpdateAccount(ctx, want.ID, func(a *store.Account) error { a.Display = "X"; return no }); !errors.Is(err, no) {
		t.Errorf("error %v", err)
	}
	if got, err := db.Store.GetAccount(ctx, want.ID); err != nil || got.Display != "L" {
		t.Errorf("after an error: %+v, error %v", got, err)
	}
}

func accountNames(t *testing.T, db *Database) {
	ctx := t.Context()
	a := addAccount(t, db, " Đặng.Ánh ", "centre")
	same(t, "as it is kept", "đặng.ánh", a.Name)
	for _, name := range []string{"đặng.ánh", "ĐẶNG.ÁNH", "\tĐặng.ánh", "Đặng.A\u0301nh", "đa\u0323\u0306ng.ánh"} {
		got, err := db.Store.FindAccount(ctx, name)
		if err != nil || got == nil || got.ID != a.ID {
			t.Errorf("%q: found %v, error %v", name, got, err)
		}
		if err := db.Store.AddAccount(ctx, &store.Account{Name: name}); !errors.Is(err, store.ErrExists) {
			t.Errorf("%q: error %v", name, err)
		}
	}
	for _, name := range []string{"dang.anh", "", "đặng.ánh\x00"} {
		if got, err := db.Store.FindAccount(ctx, name); err != nil || got != nil {
			t.Errorf("%q: found %v, error %v", name, got, err)
		}
	}
	b := addAccount(t, db, "b", "centre")
	if _, err := db.Store.UpdateAccount(ctx, b.ID, func(a *store.Account) error { a.Name = "Đặng.Ánh"; return nil }); !errors.Is(err, store.ErrExists) {
		t.Errorf("error %v", err)
	}
	for _, name := range []string{"", "  "} {
		says(t, db.Store.AddAccount(ctx, &store.Account{Name: name}), "needs a name")
		_, err := db.Store.UpdateAccount(ctx, b.ID, func(a *store.Account) error { a.Name = name; return nil })
		says(t, err, "needs a name")
	}
}

func accountAtOnce(t *testing.T, db *Database) {
	a := addAccount(t, db, "lan", "centre")
	var guesses sync.WaitGroup
	for _, s := range []*store.Store{db.Store, db.Again(t), db.Store} {
		guesses.Go(func() {
			for range 20 {
				if _, err := s.UpdateAccount(t.Context(), a.ID, func(a *store.Account) error { a.FailedLogins++; return nil }); err != nil {
					t.Error(err)
				}
			}
		})
	}
	guesses.Wait()
	if got, err := db.Store.GetAccount(t.Context(), a.ID); err != nil || got.FailedLogins != 60 {
		t.Errorf("%+v, error %v", got, err)
	}
}

func lastOperator(t *testing.T, db *Database) {
	ctx := t.Context()
	losing := map[string]func(*store.Account) error{
		"disabled":     func(a *store.Account) error { a.Disabled = true; return nil },
		"another role": func(a *store.Account) error { a.Role = "centre"; return nil },
	}
	first := addAccount(t, db, "first", store.RoleOperator)
	off := addAccount(t, db, "off", store.RoleOperator)
	if _, err := db.Store.UpdateAccount(ctx, off.ID, losing["disabled"]); err != nil {
		t.Fatal(err)
	}
	for name, change := range losing {
		if _, err := db.Store.UpdateAccount(ctx, first.ID, change); !errors.Is(err, store.ErrLastOperator) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := db.Store.UpdateAccount(ctx, off.ID, losing["another role"]); err != nil {
		t.Errorf("one that was disabled: %v", err)
	}
	if got, err := db.Store.GetAccount(ctx, first.ID); err != nil || got.Disabled || got.Role != store.RoleOperator {
		t.Errorf("%+v, error %v", got, err)
	}
	// What takes nothing away goes on, also without any operator.
	if _, err := db.Store.UpdateAccount(ctx, first.ID, func(a *store.Account) error { a.FailedLogins++; return nil }); err != nil {
		t.Error(err)
	}
	addAccount(t, db, "second", store.RoleOperator)
	if _, err := db.Store.UpdateAccount(ctx, first.ID, losing["disabled"]); err != nil {
		t.Errorf("where there is another one: %v", err)
	}
}

func lastOperatorAtOnce(t *testing.T, db *Database) {
	other := db.Again(t)
	for round := range 10 {
		a := addAccount(t, db, fmt.Sprint("a", round), store.RoleOperator)
		b := addAccount(t, db, fmt.Sprint("b", round), store.RoleOperator)
		errs := make(chan error, 2)
		for s, id := range map[*store.Store]int64{db.Store: a.ID, other: b.ID} {
			go func() {
				_, err := s.UpdateAccount(t.Context(), id, func(a *store.Account) error { a.Disabled = true; return nil })
				errs <- err
			}()
		}
		refused := 0
		for range 2 {
			if err := <-errs; errors.Is(err, store.ErrLastOperator) {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		left := count(t, db, "SELECT COUNT(*) FROM accounts WHERE role = 'operator' AND disabled = 0")
		if refused > 1 || left != 1 {
			t.Errorf("round %d: %d were refused, %d are left", round, refused, left)
		}
		exec(t, db, "DELETE FROM accounts")
	}
}
