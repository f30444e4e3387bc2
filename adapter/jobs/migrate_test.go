package jobs

import (
	"context"
	"strings"
	"sync"
	"testing"
)

func TestMigrateByAllWhoStartTogether(t *testing.T) {
	for kind, empty := range map[string]func(testing.TB) database{SQLite: emptySQLite, Postgres: emptyPostgres} {
		t.Run(kind, func(t *testing.T) {
			d := empty(t)
			if done, err := Migrated(t.Context(), d.pool(t), kind); err != nil || done {
				t.Fatalf("an empty database: %t, %v", done, err)
			}
			var wg sync.WaitGroup
			for range 5 {
				db := d.pool(t)
				wg.Go(func() {
					if err := Migrate(context.Background(), db, kind); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			db := d.pool(t)
			if done, err := Migrated(t.Context(), db, kind); err != nil || !done {
				t.Errorf("afterwards: %t, %v", done, err)
			}
			if _, err := d.store.Exec(`INSERT INTO river_migration (line, version) VALUES ('main', 99)`); err != nil {
				t.Fatal(err)
			}
			if err := Migrate(t.Context(), db, kind); err == nil || !strings.Contains(err.Error(), "use the newer program") {
				t.Errorf("tables of a newer program: %v", err)
			}
		})
	}
}

func TestUnknownDatabaseIsRefused(t *testing.T) {
	if err := Migrate(t.Context(), nil, "mysql"); err == nil || !strings.Contains(err.Error(), "sqlite or postgres") {
		t.Errorf("mysql: %v", err)
	}
	if _, err := OpenSQLite(""); err == nil {
		t.Error("no file was taken")
	}
	if _, err := OpenSQLite(t.TempDir() + "/missing/doisoat.db"); err == nil || !strings.Contains(err.Error(), "folder") {
		t.Errorf("a folder that is not there: %v", err)
	}
	if _, err := New(t.Context(), Options{Kind: SQLite}); err == nil {
		t.Error("a queue of nothing was made")
	}
}
