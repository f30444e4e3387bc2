package database

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

func sqliteConfig(path, query string) Config {
	return Config{Name: "tnmt", Driver: "sqlite", URL: path, Query: query, Zone: vietnam}
}

func TestSQLiteFileThatIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "khong-co.db")
	result, _ := pollFails(t, newSource(t, sqliteConfig(path, "SELECT 1 AS code"), "code"), reconcile.CauseConnect)
	if !strings.Contains(result.Reason, "no such file") || !strings.Contains(result.Reason, path) {
		t.Errorf("reason %s", result.Reason)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("the file was created")
	}
}

func TestSQLiteFilesThatAreNone(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "so.db")
	if err := os.WriteFile(text, []byte(strings.Repeat("Mã hồ sơ;Ngày nhận\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(folder, "empty.db")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		path string
		want reconcile.Cause
	}{
		"a folder": {folder, reconcile.CauseConnect},
		"a text":   {text, reconcile.CauseDecode},
		"empty":    {empty, reconcile.CauseSchema},
	} {
		t.Run(name, func(t *testing.T) {
			pollFails(t, newSource(t, sqliteConfig(test.path, "SELECT code FROM dossiers"), "code"), test.want)
		})
	}
}

func TestSQLiteDamagedFileIsNoEnd(t *testing.T) {
	p := newPeer(t, "sqlite")
	p.fill(t, 20000)
	if err := p.db.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(p.url)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(p.url, info.Size()/2); err != nil {
		t.Fatal(err)
	}
	pollFails(t, newSource(t, p.config("SELECT * FROM dossiers"), "code"), reconcile.CauseDecode)
}

// The driver makes times of columns declared as dates; how they were written is
// for the mapping to know.
func TestSQLiteTextStaysAsStored(t *testing.T) {
	p := newPeer(t, "sqlite")
	p.exec(t, `CREATE TABLE so (code TEXT, a DATETIME, b DATE, c TIMESTAMP, "Ngày ""trả""" DATETIME)`,
		"INSERT INTO so VALUES ('1', '2018-06-11T08:00', '2018-06-11', '2018-06-11 08:00:00Z', '11/06/2018')",
		"INSERT INTO so VALUES ('2', 1528682400, '', NULL, '2018-06-11 00:00:00')")
	got := poll(t, newSource(t, p.config("SELECT * FROM so ORDER BY code"), "code", "a", "b", "c", `ngày "trả"`), reconcile.PollRequest{})
	want := [][]string{
		{"1", "2018-06-11T08:00", "2018-06-11", "2018-06-11 08:00:00Z", "11/06/2018"},
		{"2", "1528682400", "", "", "2018-06-11 00:00:00"},
	}
	if diff := cmp.Diff(want, got.values()); diff != "" {
		t.Error(diff)
	}
	pollFails(t, newSource(t, p.config("SELECT a AS code, b AS code FROM so"), "code"), reconcile.CauseSchema)
}

func TestSQLiteReadsWhileAnotherWrites(t *testing.T) {
	p := newPeer(t, "sqlite")
	p.exec(t, "PRAGMA journal_mode = WAL")
	p.fill(t, 20000)
	s := newSource(t, p.config("SELECT * FROM dossiers"), "code", "status")
	got := sink{onRow: func(n int) error {
		if n%2000 == 0 { // in the middle of the reading
			p.exec(t, fmt.Sprintf("INSERT INTO dossiers VALUES ('new-%d', '', 1, '')", n), "UPDATE dossiers SET status = 99 WHERE code = 'H57-19999'")
		}
		return nil
	}}
	result, err := s.Poll(context.Background(), reconcile.PollRequest{}, &got)
	if err != nil || !result.EndReached {
		t.Fatalf("%+v, error %v", result, err)
	}
	if len(got.rows) != 20000 {
		t.Errorf("%d rows: what was written meanwhile came too, or rows were lost", len(got.rows))
	}
	for _, row := range got.values() {
		if row[1] == "99" {
			t.Error("a change made meanwhile came too")
		}
	}
	if got := poll(t, s, reconcile.PollRequest{}); len(got.rows) != 20010 {
		t.Errorf("%d rows afterwards", len(got.rows))
	}
}

func TestSQLiteFileReplacedByAnother(t *testing.T) {
	p := newPeer(t, "sqlite")
	p.fill(t, 3)
	s := newSource(t, p.config("SELECT * FROM dossiers"), "code")
	poll(t, s, reconcile.PollRequest{})
	other := newPeer(t, "sqlite")
	other.fill(t, 7)
	if err := other.db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(other.url, p.url); err != nil {
		t.Fatal(err)
	}
	if got := poll(t, s, reconcile.PollRequest{}); len(got.rows) != 7 {
		t.Errorf("%d rows: the file of old was read", len(got.rows))
	}
}
