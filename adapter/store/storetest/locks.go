package storetest

import (
	"testing"
)

var lockTests = []test{
	{"one reading of a source at a time", sourceLocks},
}

func sourceLocks(t *testing.T, db *Database) {
	take := func(name string) (func(), bool) {
		t.Helper()
		unlock, ok, err := db.Store.TryLockSource(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		return unlock, ok
	}
	unlock, ok := take("dvc")
	if !ok {
		t.Fatal("a source that nobody reads is not free")
	}
	if _, ok := take("dvc"); ok {
		t.Error("a source was taken twice")
	}
	other, ok := take("land-register")
	if !ok {
		t.Error("another source is not free")
	}
	other()
	for range 3 { // it can be taken again and again
		unlock()
		if unlock, ok = take("dvc"); !ok {
			t.Fatal("a source that was let go is not free")
		}
	}
	unlock()
}
