package store_test

import (
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/adapter/store/storetest"
)

// server is the PostgreSQL that tests may make databases on.
func server(t testing.TB) *url.URL {
	t.Helper()
	text := os.Getenv("DOISOAT_TEST_POSTGRES")
	if text == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("DOISOAT_TEST_POSTGRES is not set; run: .ci/servers go test ./adapter/store/...")
		}
		t.Skip("no PostgreSQL to test on: DOISOAT_TEST_POSTGRES is not set; run: .ci/servers go test ./adapter/store/...")
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal("DOISOAT_TEST_POSTGRES is no URL")
	}
	return u
}

// newDatabase makes an empty database, and drops it when the test ends. Its own
// order of letters is Vietnamese, which the store's must not follow.
func newDatabase(t testing.TB) string {
	t.Helper()
	u := server(t)
	admin, err := sqlx.Connect("postgres", u.String())
	if err != nil {
		t.Fatal(err)
	}
	name := "doisoat_" + strings.ToLower(rand.Text())
	if _, err := admin.Exec("CREATE DATABASE " + name + " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'vi-VN'"); err != nil {
		if _, err = admin.Exec("CREATE DATABASE " + name); err != nil { // older, or without ICU
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Error(err)
		}
		if err := admin.Close(); err != nil {
			t.Error(err)
		}
	})
	u.Path = "/" + name
	return u.String()
}

func openPostgres(t testing.TB) *storetest.Database {
	t.Helper()
	return databaseAt(t, newDatabase(t))
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	server(t)
	storetest.Run(t, openPostgres)
}
