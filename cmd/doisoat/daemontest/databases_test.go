package daemontest

import (
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
)

// newDatabase makes an empty PostgreSQL database, and drops it when the test ends.
// Without a server the test is skipped, but fails where a machine runs it.
func newDatabase(t testing.TB) string {
	t.Helper()
	text := os.Getenv("DOISOAT_TEST_POSTGRES")
	if text == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("DOISOAT_TEST_POSTGRES is not set; run: .ci/servers go test ./cmd/doisoat/...")
		}
		t.Skip("no PostgreSQL to test on: DOISOAT_TEST_POSTGRES is not set; run: .ci/servers go test ./cmd/doisoat/...")
	}
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal("DOISOAT_TEST_POSTGRES is no URL")
	}
	admin, err := sqlx.Connect("postgres", text)
	if err != nil {
		t.Fatal(err)
	}
	name := "doisoat_" + strings.ToLower(rand.Text())
	if _, err := admin.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
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

// onBoth runs a test on a store of each kind, beside each other.
func onBoth(t *testing.T, test func(t *testing.T, store string)) {
	t.Helper()
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, "sqlite:doisoat.db")
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		test(t, newDatabase(t))
	})
}
