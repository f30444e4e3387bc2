package storetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var damageTests = []test{
	{"damaged rows are an error that names them", damagedRows},
	{"damaged fingerprints are an error that names them", damagedPrints},
	{"damaged classes are an error that names them", damagedClasses},
	{"a damaged held snapshot is an error", damagedHeld},
	{"damaged loose rows are an error that names them", damagedLoose},
	{"a damaged loose class is an error", damagedLooseClass},
}

func exec(t *testing.T, db *Database, query string, args ...any) {
	t.Helper()
	if _, err := db.SQL.Exec(db.SQL.Rebind(query), args...); err != nil {
		t.Fatal(err)
	}
}

const restore = "restore the store from its backup"

func damagedRows(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 600)
	b.accepted(reading{rows: rows})
	resolved := slices.Clone(rows)
	for i := range resolved {
		resolved[i].status = "resolved"
	}
	var good []byte
	if err := db.SQL.Get(&good, "SELECT data FROM record_blocks ORDER BY id LIMIT 1"); err != nil {
		t.Fatal(err)
	}
	for _, bad := range [][]byte{{}, good[:len(good)/2], append([]byte{255, 255, 255, 255, 15}, good...), []byte(strings.Repeat("x", 99))} {
		exec(t, db, "UPDATE record_blocks SET data = ? WHERE id = (SELECT MIN(id) FROM record_blocks)", bad)
		reader, err := db.Store.NewReader(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = reader.ReadRange(t.Context(), 0, 0)
		says(t, err, "bucket 0 of book", restore)
		in := b.begin(reading{rows: resolved})
		before := dump(t, db)
		_, err = in.Finish(t.Context(), b.poll(reading{}), shrink)
		says(t, err, "bucket 0 of book", restore)
		same(t, "tables", before, dump(t, db))
	}
}

func damagedPrints(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	b.accepted(reading{rows: dossiers("TP", 1, 600)})
	begin := func() error {
		_, err := db.Store.Begin(t.Context(), b.ref(), b.departmentOf)
		return err
	}
	exec(t, db, "UPDATE fingerprint_blocks SET data = ? WHERE id = (SELECT MIN(id) FROM fingerprint_blocks)", []byte("abc"))
	says(t, begin(), "bucket 0 of book", restore)
	exec(t, db, "UPDATE fingerprint_blocks SET data = ? WHERE id = (SELECT MIN(id) FROM fingerprint_blocks)", make([]byte, 80))
	says(t, begin(), "source book", "600", restore)
	exec(t, db, "DELETE FROM fingerprint_blocks")
	says(t, begin(), "source book", "0 rows", "600", restore)
}

func damagedClasses(t *testing.T, db *Database) {
	write(t, db, &store.Run{}, everything(t, 50, nil))
	exec(t, db, "UPDATE outcome_blocks SET data = ?", []byte("abc"))
	last, err := db.Store.LastRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := dump(t, db)
	err = db.Store.WriteRun(t.Context(), &store.Run{}, last.ID, func(w *store.RunWriter) error {
		return w.Replace(t.Context(), []store.Key{store.KeyOf("code 1")}, nil)
	})
	says(t, err, "outcome block", restore)
	same(t, "tables", before, dump(t, db))
}

func damagedHeld(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 300)
	b.accepted(reading{rows: rows})
	rows[0].status = "resolved"
	snap := b.take(reading{rows: rows[:9]})
	damages := []string{
		"UPDATE held_changes SET data = ? WHERE part >= 0",
		"UPDATE held_changes SET data = ?, part = 1000 WHERE part >= 0",
		"UPDATE held_changes SET data = ? WHERE part < 0",
	}
	for _, damage := range damages {
		exec(t, db, damage, []byte("abc"))
		before := dump(t, db)
		if _, err := b.accept(snap.ID); err == nil {
			t.Errorf("accepted after %s", damage)
		}
		same(t, "tables", before, dump(t, db))
	}
}

func damagedLoose(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 600)
	b.accepted(reading{rows: rows})
	changed := slices.Clone(rows[:3])
	for i := range changed {
		changed[i].status = "resolved"
	}
	b.accepted(reading{mode: reconcile.Incremental, rows: changed})
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.BeginAll(t.Context(), 0) })
	var good []byte
	if err := db.SQL.Get(&good, "SELECT data FROM loose_rows ORDER BY dossier_key LIMIT 1"); err != nil {
		t.Fatal(err)
	}
	var lastKey store.Key
	if err := db.SQL.Get(&lastKey, "SELECT MAX(dossier_key) FROM loose_rows"); err != nil {
		t.Fatal(err)
	}
	// The last is whole, but another dossier's.
	for _, bad := range [][]byte{{}, good[:len(good)/2], {1, 255, 255, 255, 15}, []byte(strings.Repeat("x", 99)), good} {
		exec(t, db, "UPDATE loose_rows SET data = ? WHERE dossier_key = ?", bad, lastKey)
		reader, err := db.Store.NewReader(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = reader.ReadRange(t.Context(), 0, 0)
		says(t, err, "loose rows of book", restore)
		_, err = reader.ReadKeys(t.Context(), []store.Key{lastKey}, nil)
		says(t, err, "loose rows of book", restore)
		_, err = db.Store.Begin(t.Context(), b.ref(), b.departmentOf)
		says(t, err, "loose rows of book", restore)
		r := reading{mode: reconcile.Incremental, rows: rows[:3]}
		in := b.begin(r)
		before := dump(t, db)
		_, err = in.Finish(t.Context(), b.poll(r), shrink)
		says(t, err, "loose rows of book", restore)
		same(t, "tables", before, dump(t, db))
	}
	exec(t, db, "DELETE FROM loose_rows WHERE dossier_key = ?", lastKey)
	_, err := db.Store.Begin(t.Context(), b.ref(), b.departmentOf)
	says(t, err, "source book", "2 keys are loose, not 3", restore)
}

func damagedLooseClass(t *testing.T, db *Database) {
	write(t, db, &store.Run{}, everything(t, 50, nil))
	keys := []store.Key{store.KeyOf("code 1")}
	write(t, db, &store.Run{}, func(w *store.RunWriter) error { return w.Replace(t.Context(), keys, nil) })
	exec(t, db, "UPDATE loose_outcomes SET data = ?", []byte("abc"))
	last, err := db.Store.LastRun(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := dump(t, db)
	err = db.Store.WriteRun(t.Context(), &store.Run{}, last.ID, func(w *store.RunWriter) error { return w.Replace(t.Context(), keys, nil) })
	says(t, err, "outcome of key", restore)
	same(t, "tables", before, dump(t, db))
}
