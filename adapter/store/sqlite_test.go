package store_test

import (
	"context"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/store/storetest"
)

// openSQLite makes a store in a folder whose name needs escaping.
func openSQLite(t testing.TB) *storetest.Database {
	t.Helper()
	return databaseAt(t, "sqlite:"+filepath.Join(t.TempDir(), "kho đối soát 100%?#.db"))
}

// databaseAt opens a store, and looks behind it.
func databaseAt(t testing.TB, storeURL string) *storetest.Database {
	t.Helper()
	db := &storetest.Database{Again: func(t testing.TB) *store.Store { return openStore(t, storeURL) }}
	db.Store = db.Again(t)
	db.SQL = rawDatabase(t, storeURL)
	return db
}

// rawDatabase connects to a store's database without opening the store.
func rawDatabase(t testing.TB, storeURL string) *sqlx.DB {
	t.Helper()
	driver, dsn := "postgres", storeURL
	if path, ok := strings.CutPrefix(storeURL, "sqlite:"); ok {
		driver, dsn = "sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=busy_timeout(10000)"
	}
	db, err := sqlx.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func openStore(t testing.TB, storeURL string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), storeURL, store.Options{Migrate: true, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, openSQLite)
}
