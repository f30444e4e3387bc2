package store_test

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/store/storetest"
)

// onBoth runs a test on an empty database of each kind.
func onBoth(t *testing.T, do func(t *testing.T, storeURL string)) {
	t.Run("sqlite", func(t *testing.T) { do(t, "sqlite:"+filepath.Join(t.TempDir(), "store.db")) })
	t.Run("postgres", func(t *testing.T) { do(t, newDatabase(t)) })
}

func TestMigrations(t *testing.T) {
	onBoth(t, func(t *testing.T, storeURL string) {
		ctx := t.Context()
		_, err := store.Open(ctx, storeURL, store.Options{})
		wantSays(t, "empty, not to be migrated", err, "version 0", "this program needs", "run: doisoat migrate")

		seeds := map[uint64]bool{}
		for range 3 {
			s := openStore(t, storeURL)
			current, newest, err := s.SchemaVersion(ctx)
			if err != nil || current != newest || newest < 1 {
				t.Errorf("version %d of %d, error %v", current, newest, err)
			}
			if !strings.HasPrefix(storeURL, s.Kind()) {
				t.Errorf("kind %s", s.Kind())
			}
			seeds[s.Seed()] = true
		}
		s, err := store.Open(ctx, storeURL, store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		seeds[s.Seed()] = true
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if len(seeds) != 1 || seeds[0] {
			t.Errorf("seeds %v, not one that stays", seeds)
		}

		db := databaseAt(t, storeURL)
		if _, err := db.SQL.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, " + map[bool]string{true: "1", false: "true"}[s.Kind() == "sqlite"] + ")"); err != nil {
			t.Fatal(err)
		}
		for _, migrate := range []bool{false, true} {
			_, err = store.Open(ctx, storeURL, store.Options{Migrate: migrate})
			wantSays(t, "newer schema", err, "version 99", "newer than this program", "use the newer program")
		}
	})
}

func TestMigrationsAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, storeURL string) {
		type opened struct {
			s   *store.Store
			err error
		}
		results := make(chan opened)
		for range 4 {
			go func() {
				s, err := store.Open(context.Background(), storeURL, store.Options{Migrate: true})
				results <- opened{s, err}
			}()
		}
		seeds := map[uint64]bool{}
		for range 4 {
			r := <-results
			if r.err != nil {
				t.Error(r.err)
				continue
			}
			seeds[r.s.Seed()] = true
			if err := r.s.Close(); err != nil {
				t.Error(err)
			}
		}
		if len(seeds) != 1 {
			t.Errorf("%d seeds in one store", len(seeds))
		}
	})
}

// schema is the columns of every table.
func schema(t *testing.T, db *storetest.Database) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for _, table := range []string{"settings", "sources", "layouts", "snapshots", "rejected_rows", "record_blocks", "fingerprint_blocks", "row_versions",
		"aliases", "held_changes", "changed_dossiers", "outcome_blocks", "discrepancies", "discrepancy_events", "runs", "waiting_dossiers", "looks",
		"discrepancy_totals", "loose_rows", "loose_outcomes", "day_counts", "accounts", "sessions", "api_tokens", "audit_entries",
		"letters", "letter_items", "reminders", "deliveries"} {
		rows, err := db.SQL.Query("SELECT * FROM " + table)
		if err != nil {
			t.Fatal(err)
		}
		if out[table], err = rows.Columns(); err != nil {
			t.Fatal(err)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestBothDatabasesHaveTheSameTables(t *testing.T) {
	if diff := cmp.Diff(schema(t, openSQLite(t)), schema(t, openPostgres(t))); diff != "" {
		t.Errorf("columns (-sqlite +postgres):\n%s", diff)
	}
}

func wantSays(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: error %v does not say %q", what, err, word)
		}
	}
}

func TestOpenSQLiteFaults(t *testing.T) {
	dir := t.TempDir()
	noDatabase := filepath.Join(dir, "letter.txt")
	if err := os.WriteFile(noDatabase, []byte(strings.Repeat("Kính gửi phòng Tư pháp\n", 500)), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, url string
		words     []string
	}{
		{"no such folder", "sqlite:" + filepath.Join(dir, "none", "store.db"), []string{"none/store.db", "folder must exist", "writable"}},
		{"a folder", "sqlite:" + dir, []string{dir, "folder must exist"}},
		{"another kind of file", "sqlite:" + noDatabase, []string{"letter.txt", "not a database", "a file of its own"}},
		{"no file named", "sqlite:", []string{"sqlite:FILE"}},
		{"unknown kind", "mysql://u:geheim@localhost/x", []string{`"mysql"`, "sqlite:FILE or postgres://"}},
		{"no kind", "host=localhost password=geheim", []string{"unknown kind"}},
		{"no kind, with a colon", "host=localhost password=geheim:x", []string{"unknown kind"}},
		{"nothing", "", []string{"unknown kind"}},
	}
	for _, test := range tests {
		_, err := store.Open(t.Context(), test.url, store.Options{Migrate: true})
		wantSays(t, test.name, err, test.words...)
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: the error holds a password: %v", test.name, err)
		}
	}
	if left, err := os.ReadFile(noDatabase); err != nil || !strings.HasPrefix(string(left), "Kính gửi") {
		t.Errorf("a file that is no store was changed, or %v", err)
	}
}

// No error of a store that does not open shows the password, in whatever way it
// is written wrongly.
func TestPostgresPasswordStaysHidden(t *testing.T) {
	const password = "geheim"
	faults := []string{
		"postgres://doisoat:geheim@127.0.0.1:1/x?sslmode=disable",
		"postgres://doisoat:geheim@no-such-host.invalid/x?sslmode=disable",
		"postgres://doisoat:geheim@127.0.0.1:1/x?sslmode=perhaps",
		"postgres://doisoat:geheim@127.0.0.1:port/x",
		"postgres://doisoat:%zzgeheim@127.0.0.1:1/x",
		"postgres://doisoat:/geheim@127.0.0.1:1/x",
		"postgres://doisoat:geheim\n@127.0.0.1:1/x",
		"postgres://doisoat:geheim@127.0.0.1:1/x\n",
		"postgres://doisoat:geheim@[::1/x",
		"postgres://doisoat:%67eheim@127.0.0.1:1/x?sslmode=disable",
		"postgres://doisoat@127.0.0.1:1/x?sslmode=disable&password=geheim",
		"postgres://doisoat@127.0.0.1:1/x?sslmode=verify-full&sslpassword=geheim&sslkey=/none&sslcert=/none",
		"postgres:geheim",
		"postgresql://doisoat:geheim@127.0.0.1:1/x?connect_timeout=geheim",
	}
	for _, fault := range faults {
		_, err := store.Open(t.Context(), fault, store.Options{})
		if err == nil {
			t.Errorf("%q opened", fault)
		} else if strings.Contains(err.Error(), password) {
			t.Errorf("%q: the error holds the password: %v", fault, err)
		}
	}
}

func TestPostgresFaults(t *testing.T) {
	u := server(t)
	wrong := *u
	wrong.User = url.UserPassword(u.User.Username(), "geheim")
	_, err := store.Open(t.Context(), wrong.String(), store.Options{})
	wantSays(t, "wrong password", err, "store postgres", "authentication failed", "check address, database, user")
	if strings.Contains(err.Error(), "geheim") {
		t.Errorf("the error holds the password: %v", err)
	}
	wrong = *u
	wrong.Path = "/no_such_database"
	_, err = store.Open(t.Context(), wrong.String(), store.Options{})
	wantSays(t, "no such database", err, "no_such_database", "does not exist")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := store.Open(ctx, u.String(), store.Options{}); err == nil || strings.Contains(err.Error(), u.User.String()) {
		t.Errorf("error %v", err)
	}
}
