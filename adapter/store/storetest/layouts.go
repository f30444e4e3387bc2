package storetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

var layoutTests = []test{
	{"inputs reordered, added, removed and back", layouts},
	{"a change together with the layout", layoutAndChange},
	{"an incremental poll in another layout", layoutIncremental},
	{"a rejected row in another layout", layoutRejected},
	{"a row that was not read in another layout is read anew in its old one", layoutAndBack},
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

// What the first layout read of TP-00001 is lost in the second, in which it does
// not come. So its fingerprint must not speak for it when the first is back.
func layoutAndBack(t *testing.T, db *Database) {
	one := dossiers("TP", 1, 2)
	two := []row{one[0], one[1], {code: "TP-00001", department: "TP", status: "resolved", hidden: "x"}}
	some := reading{mode: reconcile.Incremental, rows: one[:1]}
	whole, other := some, some
	whole.whole, other.rows = true, one[1:]
	read := "TP-00001 %s:TP-00001,TP,processing d"
	for _, tc := range []struct {
		name  string
		rows  []row
		back  []reading
		first []string // lines of TP-00001, %s for the source
	}{
		{"full", one, []reading{{rows: one}}, []string{read + "1"}},
		{"incremental", one, []reading{some}, []string{read + "1"}},
		{"incremental begun whole", one, []reading{whole}, []string{read + "1"}},
		{"full after another", one, []reading{other, {rows: one}}, []string{read + "4", "TP-00001 was %s:TP-00001,TP, d1–d1"}},
		{"incremental after another", one, []reading{other, some}, []string{read + "4", "TP-00001 was %s:TP-00001,TP, d1–d1"}},
		{"one of two", two, []reading{some}, []string{read + "1", "TP-00001 was %s:TP-00001,TP, d1–d1"}},
		{"one of two, begun whole", two, []reading{whole}, []string{read + "1", "TP-00001 was %s:TP-00001,TP, d1–d1"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBook(t, db, tc.name)
			first := b.inputs
			b.accepted(reading{rows: tc.rows})
			b.digest, b.inputs = "v2", []string{"code", "department"}
			b.accepted(other)
			b.digest, b.inputs = "v1", first
			var snap reconcile.Snapshot
			for _, r := range tc.back {
				snap = b.accepted(r)
			}
			same(t, "records", 2, snap.Records)
			var want, got []string
			for _, line := range tc.first {
				want = append(want, strings.ReplaceAll(line, "%s", b.name))
			}
			for _, line := range held(t, db) {
				if strings.HasPrefix(line, "TP-00001 "+b.name+":") || strings.HasPrefix(line, "TP-00001 was "+b.name+":") {
					got = append(got, line)
				}
			}
			same(t, "rows", want, got)
		})
	}
}
