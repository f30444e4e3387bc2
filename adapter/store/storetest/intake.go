package storetest

import (
	"slices"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

var intakeTests = []test{
	{"first snapshot", firstSnapshot},
	{"the same again writes the snapshot row and nothing else", sameAgain},
	{"one row changed, added, removed, reappearing", oneRow},
	{"only an unmapped column changed", unmappedColumn},
	{"a code held several times", duplicates},
	{"the same row twice counts once", identicalRows},
	{"order does not matter", anyOrder},
	{"incremental polls speak of what they saw", incremental},
	{"counts follow incremental polls", countsAfterIncremental},
	{"growth keeps everything", growth},
	{"texts of every kind", oddTexts},
	{"a source keeps its side", otherSide},
}

func firstSnapshot(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	in := b.begin(reading{})
	if in.Previous() != nil || in.Seed() == 0 {
		t.Errorf("a new source has a snapshot before its first, or no seed")
	}
	if rows, rejected, skipped := in.Counts(); rows+rejected+skipped != 0 {
		t.Errorf("counts %d, %d, %d before a row came", rows, rejected, skipped)
	}
	r := reading{rows: append(dossiers("TP", 1, 2), dossiers("NV", 1, 1)...), skipped: 3, total: 6}
	b.fill(in, r)
	snap := b.finish(in, r)
	snap.Reason = ""
	want := reconcile.Snapshot{
		ID: snap.ID, Source: "book", Side: reconcile.Office, Poll: snap.Poll, State: reconcile.SnapshotAccepted, Rows: 3, Distinct: 6, Skipped: 3, Records: 3,
		Departments: map[string]int{"TP": 2, "NV": 1}, AcceptedBy: reconcile.ServiceActor, AcceptedAt: snap.EndedAt,
	}
	same(t, "snapshot", want, snap)
	kept, err := db.Store.GetSnapshot(t.Context(), snap.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "kept snapshot", want, *kept)
	last, full, err := db.Store.Accepted(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "last accepted", map[string]reconcile.Snapshot{"book": want}, last)
	same(t, "last accepted full", last, full)
	same(t, "rows", []string{"NV-00001 book:NV-00001,NV,processing d1", "TP-00001 book:TP-00001,TP,processing d1", "TP-00002 book:TP-00002,TP,processing d1"}, held(t, db))
	same(t, "changed", []string{"NV-00001", "TP-00001", "TP-00002"}, changed(t, db, "NV-00001", "TP-00001", "TP-00002"))
}

func sameAgain(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	r := reading{
		rows: append(dossiers("TP", 1, 300), dossiers("TP", 300, 1)...), skipped: 2,
		rejected: []reconcile.Rejected{{Code: "X-1", Cause: "date"}, {Code: "TP-00001", Cause: "date"}, {Cause: "code"}},
	}
	first := b.accepted(r)
	forget(t, db)
	before := dump(t, db, "snapshots", "sources", "rejected_rows")
	second := b.accepted(r)
	same(t, "all other tables", before, dump(t, db, "snapshots", "sources", "rejected_rows"))
	same(t, "counts", []int{first.Rows, first.Distinct, first.Records, first.Rejected, 302}, []int{second.Rows, second.Distinct, second.Records, second.Rejected, second.Records + 1})
	same(t, "departments", first.Departments, second.Departments)
	same(t, "based on", first.ID, second.Based)
}

func oneRow(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 3)
	b.accepted(reading{rows: rows})
	steps := []struct {
		name    string
		change  func()
		changed []string
		held    []string
		records int
	}{
		{"changed", func() { rows[1].status = "resolved" }, []string{"TP-00002"}, []string{
			"TP-00001 book:TP-00001,TP,processing d1",
			"TP-00002 book:TP-00002,TP,resolved d2",
			"TP-00002 was book:TP-00002,TP,processing d1–d1",
			"TP-00003 book:TP-00003,TP,processing d1",
		}, 3},
		{"added", func() { rows = append(rows, dossiers("TP", 4, 1)...) }, []string{"TP-00004"}, []string{
			"TP-00001 book:TP-00001,TP,processing d1",
			"TP-00002 book:TP-00002,TP,resolved d2",
			"TP-00002 was book:TP-00002,TP,processing d1–d1",
			"TP-00003 book:TP-00003,TP,processing d1",
			"TP-00004 book:TP-00004,TP,processing d3",
		}, 4},
		{"removed", func() { rows = slices.Delete(rows, 1, 2) }, []string{"TP-00002"}, []string{
			"TP-00001 book:TP-00001,TP,processing d1",
			"TP-00002 was book:TP-00002,TP,processing d1–d1",
			"TP-00002 was book:TP-00002,TP,resolved d2–d3 gone",
			"TP-00003 book:TP-00003,TP,processing d1",
			"TP-00004 book:TP-00004,TP,processing d3",
		}, 3},
		{"reappearing", func() { rows = append(rows, dossiers("TP", 2, 1)...) }, []string{"TP-00002"}, []string{
			"TP-00001 book:TP-00001,TP,processing d1",
			"TP-00002 book:TP-00002,TP,processing d5",
			"TP-00002 was book:TP-00002,TP,processing d1–d1",
			"TP-00002 was book:TP-00002,TP,resolved d2–d3 gone",
			"TP-00003 book:TP-00003,TP,processing d1",
			"TP-00004 book:TP-00004,TP,processing d3",
		}, 4},
	}
	for _, step := range steps {
		forget(t, db)
		step.change()
		snap := b.accepted(reading{rows: rows})
		same(t, step.name+": rows", step.held, held(t, db))
		same(t, step.name+": changed", step.changed, changed(t, db, step.changed...))
		same(t, step.name+": records", step.records, snap.Records)
		same(t, step.name+": departments", map[string]int{"TP": step.records}, snap.Departments)
	}
}

func unmappedColumn(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 2)
	b.accepted(reading{rows: rows})
	forget(t, db)
	before := held(t, db)
	rows[0].hidden = "a new telephone number"
	if snap := b.accepted(reading{rows: rows}); snap.Records != 2 || snap.Departments["TP"] != 2 {
		t.Errorf("%d records, %v", snap.Records, snap.Departments)
	}
	same(t, "rows", before, held(t, db))
	same(t, "changed", 0, len(changed(t, db)))
	if in := b.begin(reading{rows: rows}); !in.Seen(b.print(rows[0])) {
		t.Error("the new fingerprint is not held")
	}
}

func duplicates(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 2)
	other := rows[0]
	other.status = "resolved"
	equal := rows[0]
	equal.hidden = "another clerk"
	all := append(rows, other, equal)
	snap := b.accepted(reading{rows: all, total: 4})
	same(t, "counts", []int{4, 4, 4}, []int{snap.Rows, snap.Distinct, snap.Records})
	list := read(t, db.Store, 0)
	for _, d := range list {
		if d.Code == "TP-00001" && len(d.Rows) != 3 {
			t.Errorf("%d rows of a code that came three times", len(d.Rows))
		}
	}
	forget(t, db)
	before := dump(t, db, "snapshots", "sources")
	b.accepted(reading{rows: all, total: 4})
	same(t, "the same again", before, dump(t, db, "snapshots", "sources"))

	// One of the three goes: the dossier is still there.
	snap = b.accepted(reading{rows: []row{rows[0], rows[1], equal}, total: 3})
	same(t, "records", 3, snap.Records)
	same(t, "rows", []string{
		"TP-00001 book:TP-00001,TP,processing d1",
		"TP-00001 book:TP-00001,TP,processing d1",
		"TP-00001 was book:TP-00001,TP,resolved d1–d2",
		"TP-00002 book:TP-00002,TP,processing d1",
	}, held(t, db))
	same(t, "changed", []string{"TP-00001"}, changed(t, db, "TP-00001", "TP-00002"))
}

func identicalRows(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 2)
	twice := append(slices.Clone(rows), rows[0], rows[0])
	for _, when := range []string{"new", "held"} {
		snap := b.accepted(reading{rows: twice, total: 2})
		same(t, when+": rows, distinct, records", []int{4, 2, 2}, []int{snap.Rows, snap.Distinct, snap.Records})
		same(t, when+": departments", map[string]int{"TP": 2}, snap.Departments)
	}
}

func anyOrder(t *testing.T, db *Database) {
	rows := dossiers("TP", 1, 500)
	rows = append(rows, row{code: "TP-00007", department: "TP", status: "resolved"})
	forwards, backwards := newBook(t, db, "a"), newBook(t, db, "a")
	forwards.accepted(reading{rows: rows})
	before := dump(t, db, "snapshots", "sources")
	slices.Reverse(rows)
	backwards.at = forwards.at
	backwards.accepted(reading{rows: rows})
	same(t, "tables", before, dump(t, db, "snapshots", "sources"))
}

func incremental(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 3)
	b.accepted(reading{rows: rows})
	forget(t, db)
	late := rows[1]
	late.status = "resolved"
	snap := b.accepted(reading{mode: reconcile.Incremental, rows: []row{late, rows[2], dossiers("TP", 9, 1)[0]}, total: 3})
	same(t, "records", 4, snap.Records)
	same(t, "rows", []string{
		"TP-00001 book:TP-00001,TP,processing d1",
		"TP-00002 book:TP-00002,TP,resolved d2",
		"TP-00002 was book:TP-00002,TP,processing d1–d1",
		"TP-00003 book:TP-00003,TP,processing d1",
		"TP-00009 book:TP-00009,TP,processing d2",
	}, held(t, db))
	same(t, "changed", []string{"TP-00002", "TP-00009"}, changed(t, db, "TP-00002", "TP-00009"))
	last, full, err := db.Store.Accepted(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if last["book"].ID != snap.ID || full["book"].ID == snap.ID || full["book"].Mode != reconcile.Full {
		t.Errorf("last is %d, last full %d, after incremental %d", last["book"].ID, full["book"].ID, snap.ID)
	}
	empty := b.accepted(reading{mode: reconcile.Incremental})
	same(t, "records after an empty one", 4, empty.Records)
}

func countsAfterIncremental(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 20)
	b.accepted(reading{rows: rows})
	more := dossiers("TP", 21, 15)
	same(t, "after the incremental one", map[string]int{"TP": 35}, b.accepted(reading{mode: reconcile.Incremental, rows: more}).Departments)
	full := b.accepted(reading{rows: append(rows, more...)})
	same(t, "after the full one", map[string]int{"TP": 35}, full.Departments)
	same(t, "records", 35, full.Records)
	// What came by the incremental poll counts for the shrink guard too.
	b.accepted(reading{mode: reconcile.Incremental, rows: dossiers("NV", 1, 50)})
	if snap := b.take(reading{rows: append(rows, more...)}); snap.State != reconcile.SnapshotHeld {
		t.Errorf("50 of 85 dossiers vanished, and the snapshot is %s", snap.State)
	}
}

func growth(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	sizes := []int{100, 150, 3000, 100000}
	if testing.Short() {
		sizes[3] = 20000
	}
	for step, n := range sizes {
		rows := dossiers("TP", 1, n)
		rows[7].status = "step " + string(rune('a'+step))
		snap := b.accepted(reading{rows: rows, total: n})
		if snap.Records != n || snap.Departments["TP"] != n {
			t.Fatalf("%d rows, but %d records, %v", n, snap.Records, snap.Departments)
		}
		list := read(t, db.Store, 3)
		if len(list) != n {
			t.Fatalf("%d dossiers came, %d are held", n, len(list))
		}
		old := 0
		for _, d := range list {
			if len(d.Rows) != 1 || d.Rows[0].Values[0] != d.Code {
				t.Fatalf("%s is held as %v", d.Code, d.Rows)
			}
			if d.Rows[0].SeenFrom == day.UnixMilli() {
				old++
			}
		}
		if old != 99 && step > 0 {
			t.Errorf("%d rows stand as on the first day, not 99", old)
		}
		if step > 0 {
			same(t, "versions", step, count(t, db, "SELECT COUNT(*) FROM row_versions"))
		}
	}
	same(t, "blocks left behind", 0, count(t, db, "SELECT COUNT(*) FROM record_blocks WHERE id / 16777216 <> (SELECT block_space FROM sources)"))
	same(t, "fingerprints without a block", 0, count(t, db, "SELECT COUNT(*) FROM fingerprint_blocks WHERE id NOT IN (SELECT id FROM record_blocks)"))
}

func oddTexts(t *testing.T, db *Database) {
	b := newBook(t, db, "sổ tay \\ 'TP'")
	odd := "Đang giải quyết\t\\N\n\\x00 '\";--\x01\xff\x00"
	r := reading{
		rows:     []row{{code: "Đ-1\\N", department: "Phòng Tư pháp", status: odd}, {code: "BAD\x00CODE", department: "TP", status: "x"}, {code: "BAD\xff", department: "TP", status: "x"}},
		rejected: []reconcile.Rejected{{Cause: "date", Reason: odd, Code: "NUL\x00", Position: reconcile.Position{Place: odd, Row: 3}}},
	}
	snap := b.accepted(r)
	same(t, "rows, rejected", []int{1, 3}, []int{snap.Rows, snap.Rejected})
	list := read(t, db.Store, 0)
	if len(list) != 1 || list[0].Code != "Đ-1\\N" || list[0].Rows[0].Values[2] != odd {
		t.Errorf("held: %q", lines(list))
	}
	clean := "Đang giải quyết\t\\N\n\\x00 '\";--\x01\uFFFD\uFFFD"
	rejected, err := db.Store.ListRejected(t.Context(), snap.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(rejected) != 3 || !slices.ContainsFunc(rejected, func(r reconcile.Rejected) bool { return r.Reason == clean && r.Position.Place == clean }) {
		t.Errorf("rejected: %q", rejected)
	}
	// As a version, too, where the code stands in a column.
	r.rows = []row{{code: "Đ-1\\N", department: "TP", status: "x"}}
	b.accepted(r)
	if list = read(t, db.Store, 0); len(list) != 1 || len(list[0].Versions) != 1 || list[0].Versions[0].Values[2] != odd {
		t.Errorf("held: %q", lines(list))
	}
}

func otherSide(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	b.accepted(reading{rows: dossiers("TP", 1, 1)})
	b.side = reconcile.Platform
	_, err := db.Store.Begin(t.Context(), b.ref(), b.departmentOf)
	says(t, err, "book", "office before", "platform now", "another name")
}
