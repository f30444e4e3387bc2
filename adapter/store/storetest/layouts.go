package storetest

import (
	"slices"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

var layoutTests = []test{
	{"inputs reordered, added, removed and back", layouts},
	{"a change together with the layout", layoutAndChange},
	{"an incremental poll in another layout", layoutIncremental},
	{"a rejected row in another layout", layoutRejected},
}

func layouts(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := append(dossiers("TP", 1, 300), dossiers("NV", 1, 5)...)
	first := b.accepted(reading{rows: rows})
	seed := b.begin(reading{}).Seed()
	steps := []struct {
		name, digest string
		inputs       []string
	}{
		{"reordered", "v2", []string{"status", "code", "department"}},
		{"added", "v3", []string{"status", "alias", "code", "department"}},
		{"removed", "v4", []string{"department", "code"}},
		{"another way to read codes", "v5", []string{"department", "code"}},
		{"back", "v1", []string{"code", "department", "status"}},
	}
	for _, step := range steps {
		forget(t, db)
		b.digest, b.inputs = step.digest, step.inputs
		in := b.begin(reading{})
		if (in.Seed() == seed) != (step.name == "back") {
			t.Errorf("%s: the seed of the fingerprints is %d, after %d", step.name, in.Seed(), seed)
		}
		if in.Seen(b.print(rows[0])) {
			t.Errorf("%s: a row need not be read anew", step.name)
		}
		snap := b.accepted(reading{rows: rows, total: 305})
		same(t, step.name+": counts", []any{305, 305, 305, first.Departments}, []any{snap.Rows, snap.Distinct, snap.Records, snap.Departments})
		for _, d := range read(t, db.Store, 2) {
			if len(d.Versions) > 0 || len(d.Rows) != 1 || since(d.Rows[0].SeenFrom) != "d1" {
				t.Fatalf("%s: %v", step.name, lines(read(t, db.Store, 0))[:9])
			}
			want := b.values(row{code: d.Code, department: d.Code[:2], status: "processing"})
			if !slices.Equal(want, d.Rows[0].Values) {
				t.Fatalf("%s: %q, not %q", step.name, d.Rows[0].Values, want)
			}
		}
		same(t, step.name+": changed", 0, len(changed(t, db)))
		b.accepted(reading{rows: rows, total: 305})
	}
	reader, err := db.Store.NewReader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "layouts", 5, len(reader.Layouts))
}

func layoutAndChange(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 3)
	b.accepted(reading{rows: rows})
	b.digest, b.inputs = "v2", []string{"alias", "status", "code", "department"}
	rows[1].status = "resolved"
	snap := b.accepted(reading{rows: rows[:2]})
	same(t, "departments", map[string]int{"TP": 2}, snap.Departments)
	same(t, "rows", []string{
		"TP-00001 book:,processing,TP-00001,TP d1",
		"TP-00002 book:,resolved,TP-00002,TP d2",
		"TP-00002 was book:,processing,TP-00002,TP d1–d1",
		"TP-00003 was book:,processing,TP-00003,TP d1–d1 gone",
	}, held(t, db))
}

func layoutIncremental(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 3)
	b.accepted(reading{rows: rows})
	forget(t, db)
	b.digest, b.inputs = "v2", []string{"status", "code", "department"}
	rows[1].status = "resolved"
	snap := b.accepted(reading{mode: reconcile.Incremental, rows: rows[1:2]})
	same(t, "records", 3, snap.Records)
	same(t, "rows", []string{
		"TP-00001 book:processing,TP-00001,TP d1",
		"TP-00002 book:resolved,TP-00002,TP d2",
		"TP-00002 was book:processing,TP-00002,TP d1–d1",
		"TP-00003 book:processing,TP-00003,TP d1",
	}, held(t, db))
	same(t, "changed", []string{"TP-00002"}, changed(t, db, "TP-00002"))
	b.accepted(reading{rows: rows})
	same(t, "versions", 1, count(t, db, "SELECT COUNT(*) FROM row_versions"))
}

func layoutRejected(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 2)
	b.accepted(reading{rows: rows, rejected: reject("X")})
	b.digest, b.inputs = "v2", []string{"status", "code", "department"}
	snap := b.accepted(reading{rows: rows[1:], rejected: reject("TP-00001", "X")})
	same(t, "departments", map[string]int{"TP": 2}, snap.Departments)
	same(t, "rows", []string{
		"TP-00001 book:processing,TP-00001,TP d1", "TP-00002 book:processing,TP-00002,TP d1", "X book:unreadable d1",
	}, held(t, db))
}
