package storetest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
)

var auditTests = []test{
	{"the audit trail keeps every field, in order", auditTrail},
	{"the audit trail's hashes are what is written of them", auditHashes},
	{"the audit trail cannot be changed by a statement", auditStays},
	{"what was done to the audit trail behind our back is found where it was done", auditTampered},
	{"nothing is added to an audit trail that is broken at its end", auditBrokenEnd},
	{"writers at once keep one audit trail", auditAtOnce},
	{"the audit trail does not wait for a run", auditBesideRun},
}

func auditEntry(n int) store.AuditEntry {
	return store.AuditEntry{At: day.Add(time.Duration(n) * time.Minute), Actor: []string{"lan", "an"}[n%2], Role: "centre", Via: "password", Remote: "10.0.0.7",
		Action: []string{"waive", "login", "letter.send"}[n%3], Object: fmt.Sprint("id ", n), Outcome: "done", Detail: "đến 20/07/2018; lý do: \"chờ thuế\""}
}

func appendAudit(t *testing.T, s *store.Store, from, n int) {
	t.Helper()
	for i := range n {
		e := auditEntry(from + i)
		if err := s.AppendAudit(t.Context(), &e); err != nil {
			t.Fatal(err)
		}
	}
}

func verdict(t *testing.T, db *Database) store.AuditVerdict {
	t.Helper()
	v, err := db.Store.VerifyAudit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return *v
}

func auditTrail(t *testing.T, db *Database) {
	same(t, "before any", store.AuditVerdict{}, verdict(t, db))
	want := make([]store.AuditEntry, 12)
	for i := range want {
		want[i] = auditEntry(i)
		if i == 5 { // a source may send anything
			want[i].Detail, want[i].At = "\x00 \xff", want[i].At.Add(1234567*time.Nanosecond)
		}
		if err := db.Store.AppendAudit(t.Context(), &want[i]); err != nil {
			t.Fatal(err)
		}
		same(t, "its number", int64(i+1), want[i].ID)
	}
	same(t, "verdict", store.AuditVerdict{Entries: 12, Head: want[11].Hash}, verdict(t, db))
	slices.Reverse(want)
	for _, test := range []struct {
		filter store.AuditFilter
		keep   func(*store.AuditEntry) bool
		most   int
	}{
		{store.AuditFilter{}, func(*store.AuditEntry) bool { return true }, 99},
		{store.AuditFilter{Actor: "an"}, func(e *store.AuditEntry) bool { return e.Actor == "an" }, 99},
		{store.AuditFilter{Action: "waive"}, func(e *store.AuditEntry) bool { return e.Action == "waive" }, 99},
		{store.AuditFilter{Actor: "lan", Action: "login", Before: 11}, func(e *store.AuditEntry) bool { return e.Actor == "lan" && e.Action == "login" && e.ID < 11 }, 99},
		{store.AuditFilter{Limit: 3, Before: 8}, func(e *store.AuditEntry) bool { return e.ID < 8 }, 3},
		{store.AuditFilter{Actor: "nobody"}, func(*store.AuditEntry) bool { return false }, 99},
	} {
		kept := []store.AuditEntry{}
		for i := range want {
			if test.keep(&want[i]) && len(kept) < test.most {
				kept = append(kept, want[i])
			}
		}
		got, err := db.Store.ListAudit(t.Context(), test.filter)
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("%+v", test.filter), kept, got)
	}
}

// Somebody who checks the trail with a program of their own must be able to.
func auditHashes(t *testing.T, db *Database) {
	appendAudit(t, db.Store, 0, 3)
	list, err := db.Store.ListAudit(t.Context(), store.AuditFilter{})
	if err != nil {
		t.Fatal(err)
	}
	before := ""
	for _, e := range slices.Backward(list) {
		text := ""
		for _, field := range []string{before, strconv.FormatInt(e.ID, 10), strconv.FormatInt(e.At.UnixMilli(), 10), e.Actor, e.Role, e.Via, e.Remote, e.Action,
			e.Object, e.Outcome, e.Detail} {
			text += fmt.Sprintf("%d:%s", len(field), field)
		}
		sum := sha256.Sum256([]byte(text))
		before = hex.EncodeToString(sum[:])
		same(t, fmt.Sprint("hash of ", e.ID), before, e.Hash)
	}
}

func auditStays(t *testing.T, db *Database) {
	appendAudit(t, db.Store, 0, 3)
	unchanged := dump(t, db)
	statements := []string{"UPDATE audit_entries SET detail = 'x' WHERE id = 2", "DELETE FROM audit_entries WHERE id = 3", "DELETE FROM audit_entries"}
	if db.Store.Kind() == "postgres" {
		statements = append(statements, "TRUNCATE audit_entries")
	}
	for _, statement := range statements {
		_, err := db.SQL.Exec(statement)
		says(t, err, "only ever added to")
	}
	same(t, "tables", unchanged, dump(t, db))
}

// unguarded lets the trail be changed, as whoever owns the database can.
func unguarded(t *testing.T, db *Database) {
	for _, trigger := range []string{"audit_entries_stay", "audit_entries_stay_as_they_are"} {
		if db.Store.Kind() == "postgres" {
			exec(t, db, "DROP TRIGGER "+trigger+" ON audit_entries")
		} else {
			exec(t, db, "DROP TRIGGER "+trigger)
		}
	}
}

const insertAudit = "INSERT INTO audit_entries (id, at, actor, role, via, remote, action, object, outcome, detail, hash) "

func auditTampered(t *testing.T, db *Database) {
	appendAudit(t, db.Store, 0, 20)
	unguarded(t, db)
	list, err := db.Store.ListAudit(t.Context(), store.AuditFilter{})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(list)
	all := make([]string, 0, len(list))
	for _, e := range list {
		all = append(all, fmt.Sprintf("(%d, %d, '%s', '%s', '%s', '%s', '%s', '%s', '%s', '%s', '%s')", e.ID, e.At.UnixMilli(), e.Actor, e.Role, e.Via, e.Remote,
			e.Action, e.Object, e.Outcome, e.Detail, e.Hash))
	}
	var head string
	if err := db.SQL.Get(&head, "SELECT value FROM settings WHERE name = 'audit_head'"); err != nil {
		t.Fatal(err)
	}
	hash := func(id int) string { return list[id-1].Hash }
	tests := []struct {
		name     string
		do       []string
		brokenAt int64
	}{
		{"nothing", nil, 0},
		{"another moment", []string{"UPDATE audit_entries SET at = at + 1 WHERE id = 7"}, 7},
		{"another number", []string{"UPDATE audit_entries SET id = 700 WHERE id = 7"}, 7},
		{"another hash", []string{"UPDATE audit_entries SET hash = '" + hash(3) + "' WHERE id = 7"}, 7},
		{"text moved from one field to the next", []string{"UPDATE audit_entries SET action = 'wa', object = 'ive' WHERE id = 1"}, 1},
		{"two exchanged", []string{"UPDATE audit_entries SET id = 100 WHERE id = 7", "UPDATE audit_entries SET id = 7 WHERE id = 9", "UPDATE audit_entries SET id = 9 WHERE id = 100"}, 7},
		{"the first deleted", []string{"DELETE FROM audit_entries WHERE id = 1"}, 1},
		{"one deleted", []string{"DELETE FROM audit_entries WHERE id = 7"}, 7},
		{"one deleted and the others moved up", []string{"DELETE FROM audit_entries WHERE id = 19", "UPDATE audit_entries SET id = 19 WHERE id = 20"}, 19},
		{"the last deleted", []string{"DELETE FROM audit_entries WHERE id = 20"}, 20},
		{"the end cut off", []string{"DELETE FROM audit_entries WHERE id > 12"}, 13},
		{"all deleted", []string{"DELETE FROM audit_entries"}, 1},
		{"one added", []string{insertAudit + "SELECT 21, at, actor, role, via, remote, action, object, outcome, detail, hash FROM audit_entries WHERE id = 20"}, 21},
		{"one added before the first", []string{insertAudit + "SELECT 0, at, actor, role, via, remote, action, object, outcome, detail, hash FROM audit_entries WHERE id = 20"}, 1},
		{"the note of the last gone", []string{"DELETE FROM settings WHERE name = 'audit_head'"}, 20},
		{"the note of the last no note", []string{"UPDATE settings SET value = 'x' WHERE name = 'audit_head'"}, 20},
		{"the note of another last", []string{"UPDATE settings SET value = '20:" + hash(3) + "' WHERE name = 'audit_head'"}, 20},
		{"the note gone with the entries but one", []string{"DELETE FROM settings WHERE name = 'audit_head'", "DELETE FROM audit_entries WHERE id > 1"}, 1},
		{"the note unreadable and no entries", []string{"UPDATE settings SET value = '-1:' WHERE name = 'audit_head'", "DELETE FROM audit_entries"}, 1},
	}
	for _, column := range []string{"actor", "role", "via", "remote", "action", "object", "outcome", "detail"} {
		tests = append(tests, struct {
			name     string
			do       []string
			brokenAt int64
		}{"another " + column, []string{"UPDATE audit_entries SET " + column + " = " + column + " || ' ' WHERE id = 11"}, 11})
	}
	for _, test := range tests {
		for _, statement := range test.do {
			exec(t, db, statement)
		}
		v := verdict(t, db)
		if v.BrokenAt != test.brokenAt || (v.Why != "") != (test.brokenAt > 0) {
			t.Errorf("%s: broken at %d (%s), want %d", test.name, v.BrokenAt, v.Why, test.brokenAt)
		}
		same(t, test.name+": entries", count(t, db, "SELECT COUNT(*) FROM audit_entries"), int(v.Entries))
		exec(t, db, "DELETE FROM audit_entries")
		exec(t, db, "DELETE FROM settings WHERE name = 'audit_head'")
		for _, values := range all {
			exec(t, db, insertAudit+"VALUES "+values)
		}
		exec(t, db, "INSERT INTO settings (name, value) VALUES ('audit_head', '"+head+"')")
	}
	appendAudit(t, db.Store, 20, 1)
	same(t, "after all was put back", "", verdict(t, db).Why)
}

func auditBrokenEnd(t *testing.T, db *Database) {
	appendAudit(t, db.Store, 0, 3)
	unguarded(t, db)
	tryOne := func() error { e := auditEntry(9); return db.Store.AppendAudit(t.Context(), &e) }
	exec(t, db, insertAudit+"SELECT 4, at, actor, role, via, remote, action, object, outcome, detail, hash FROM audit_entries WHERE id = 3")
	if err := tryOne(); !errors.Is(err, store.ErrAuditBroken) {
		t.Errorf("its number is taken: %v", err)
	}
	exec(t, db, "DELETE FROM audit_entries WHERE id = 4")
	exec(t, db, "UPDATE settings SET value = 'x' WHERE name = 'audit_head'")
	if err := tryOne(); !errors.Is(err, store.ErrAuditBroken) {
		t.Errorf("no number: %v", err)
	}
	exec(t, db, "DELETE FROM settings WHERE name = 'audit_head'")
	err := tryOne()
	if !errors.Is(err, store.ErrAuditBroken) {
		t.Errorf("no note: %v", err)
	}
	says(t, err, "doisoat audit verify")
}

func auditAtOnce(t *testing.T, db *Database) {
	const each = 30
	stores := []*store.Store{db.Store, db.Again(t), db.Again(t), db.Store}
	var writers sync.WaitGroup
	for n, s := range stores {
		writers.Go(func() {
			for i := range each {
				e := auditEntry(n*each + i)
				if err := s.AppendAudit(t.Context(), &e); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	v := verdict(t, db)
	same(t, "entries", int64(each*len(stores)), v.Entries)
	same(t, "why", "", v.Why)
}

// On PostgreSQL; SQLite has one writer.
func auditBesideRun(t *testing.T, db *Database) {
	if db.Store.Kind() != "postgres" {
		return
	}
	other := db.Again(t)
	write(t, db, &store.Run{}, func(*store.RunWriter) error {
		for _, s := range []*store.Store{db.Store, other} {
			appendAudit(t, s, 0, 1)
			if err := s.CommitSession(t.Context(), "token", 1, []byte("x"), day); err != nil {
				return err
			}
			if err := s.AddAccount(t.Context(), &store.Account{Name: fmt.Sprintf("%p", s)}); err != nil {
				return err
			}
		}
		return nil
	})
	same(t, "entries", int64(2), verdict(t, db).Entries)
}
