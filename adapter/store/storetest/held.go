package storetest

import (
	"errors"
	"slices"
	"testing"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var heldTests = []test{
	{"accepting a held snapshot applies exactly that one", acceptHeld},
	{"accepting an empty snapshot", acceptEmpty},
	{"a first snapshot that is empty", acceptFirstEmpty},
	{"an overtaken held snapshot is refused", acceptOvertaken},
	{"a newer held snapshot takes the place of a held one", acceptNewer},
	{"a failed poll leaves a held snapshot to accept", acceptAfterFailure},
	{"a held snapshot in another layout", acceptLayout},
	{"what is not held cannot be accepted", acceptWrong},
}

// shrunken is a book of 200 and a reading in which most of it is gone, one row
// changed, one is new, one is doubled, one came twice and one is unreadable.
func shrunken(t *testing.T, db *Database) (*book, []row, reading) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 200)
	b.accepted(reading{rows: rows})
	b.accepted(reading{rows: rows})
	forget(t, db)
	less := slices.Clone(rows[:20])
	less[4].status = "resolved"
	doubled := less[6]
	doubled.status = "returned"
	news := dossiers("NV", 1, 1)[0]
	less = append(less, doubled, news, news)
	return b, rows, reading{rows: less, rejected: reject(rows[30].code, "X"), total: 24}
}

func acceptHeld(t *testing.T, db *Database) {
	b, _, r := shrunken(t, db)
	before := held(t, db)
	snap := b.take(r)
	same(t, "state", reconcile.SnapshotHeld, snap.State)
	same(t, "rows before", before, held(t, db))
	accepted, err := b.accept(snap.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := snap
	want.State, want.AcceptedBy, want.AcceptedAt = reconcile.SnapshotAccepted, "Lan", b.at
	same(t, "accepted", want, *accepted)
	kept, err := db.Store.GetSnapshot(t.Context(), snap.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "kept", want, *kept)
	same(t, "records", 20+1+1+1+1, kept.Records)
	same(t, "departments", map[string]int{"TP": 22, "NV": 1}, kept.Departments)

	// The same as if it had been believed at once.
	direct := b.take(r)
	same(t, "again", reconcile.SnapshotAccepted, direct.State)
	got := held(t, db)
	for _, line := range []string{
		"TP-00001 book:TP-00001,TP,processing d1",
		"TP-00005 book:TP-00005,TP,resolved d3",
		"TP-00005 was book:TP-00005,TP,processing d1–d2",
		"TP-00007 book:TP-00007,TP,processing d1",
		"TP-00007 book:TP-00007,TP,returned d3",
		"TP-00031 book:TP-00031,TP,processing d1",
		"TP-00100 was book:TP-00100,TP,processing d1–d2 gone",
		"NV-00001 book:NV-00001,NV,processing d3",
		"X book:unreadable d3",
	} {
		if !slices.Contains(got, line) {
			t.Errorf("missing: %s", line)
		}
	}
	same(t, "lines", 24+1+179, len(got))
	same(t, "changed", 179+4, count(t, db, "SELECT COUNT(DISTINCT dossier_key) FROM changed_dossiers"))
	same(t, "set aside", 0, count(t, db, "SELECT COUNT(*) FROM held_changes"))
	if _, err := b.accept(snap.ID); err == nil {
		t.Error("accepted twice")
	}
}

func acceptEmpty(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	b.accepted(reading{rows: dossiers("TP", 1, 2)})
	snap := b.take(reading{})
	if _, err := b.accept(snap.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "rows", []string{"TP-00001 was book:TP-00001,TP,processing d1–d1 gone", "TP-00002 was book:TP-00002,TP,processing d1–d1 gone"}, held(t, db))
	b.accepted(reading{}) // empty before, and somebody agreed to it
	b.accepted(reading{rows: dossiers("TP", 1, 1)})
}

func acceptFirstEmpty(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	snap := b.take(reading{})
	same(t, "state", reconcile.SnapshotHeld, snap.State)
	if _, err := b.accept(snap.ID); err != nil {
		t.Fatal(err)
	}
	b.accepted(reading{})
	same(t, "records", 3, b.accepted(reading{rows: dossiers("TP", 1, 3)}).Records)
}

func acceptOvertaken(t *testing.T, db *Database) {
	for _, mode := range []reconcile.Mode{reconcile.Full, reconcile.Incremental} {
		b := newBook(t, db, "book of "+string(mode))
		rows := dossiers("TP", 1, 100)
		b.accepted(reading{rows: rows})
		snap := b.take(reading{rows: rows[:9]})
		b.accepted(reading{mode: mode, rows: rows})
		before := dump(t, db)
		_, err := b.accept(snap.ID)
		says(t, err, "overtaken", b.name, "doisoat snapshot list")
		same(t, "tables", before, dump(t, db))
	}
}

func acceptNewer(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 100)
	b.accepted(reading{rows: rows})
	first := b.take(reading{rows: rows[:9]})
	second := b.take(reading{rows: rows[50:60]})
	_, err := b.accept(first.ID)
	says(t, err, "overtaken")
	if _, err := b.accept(second.ID); err != nil {
		t.Fatal(err)
	}
	list := read(t, db.Store, 0)
	list = slices.DeleteFunc(list, func(d store.Dossier) bool { return len(d.Rows) == 0 })
	same(t, "dossiers", 10, len(list))
}

func acceptAfterFailure(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 100)
	b.accepted(reading{rows: rows})
	snap := b.take(reading{rows: rows[:9]})
	b.take(reading{broken: reconcile.CauseTimeout})
	if _, err := b.accept(snap.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "records", 9, b.accepted(reading{rows: rows[:9]}).Records)
}

func acceptLayout(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 100)
	b.accepted(reading{rows: rows})
	b.digest, b.inputs = "v2", []string{"status", "department", "code"}
	snap := b.take(reading{rows: rows[:9]})
	same(t, "state", reconcile.SnapshotHeld, snap.State)
	if _, err := b.accept(snap.ID); err != nil {
		t.Fatal(err)
	}
	list := read(t, db.Store, 0)
	same(t, "dossiers", 100, len(list))
	for _, d := range list {
		for _, r := range d.Rows {
			same(t, "values", []string{"processing", "TP", d.Code}, r.Values)
			same(t, "since", "d1", since(r.SeenFrom))
		}
	}
	snap = b.accepted(reading{rows: rows[:9]})
	same(t, "departments", map[string]int{"TP": 9}, snap.Departments)
}

func acceptWrong(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	good := b.accepted(reading{rows: dossiers("TP", 1, 1)})
	failed := b.take(reading{broken: reconcile.CauseAuth})
	_, err := b.accept(good.ID)
	says(t, err, "accepted: not held")
	_, err = b.accept(failed.ID)
	says(t, err, "failed: not held")
	if _, err = b.accept(12345); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("error %v", err)
	}
}
