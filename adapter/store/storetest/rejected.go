package storetest

import (
	"fmt"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

var rejectedTests = []test{
	{"a rejected row keeps the record held before", rejectedHeld},
	{"a rejected row marks a dossier of which nothing is held", rejectedNew},
	{"rejected rows of one code count each", rejectedTwice},
	{"a row that was unreadable was not seen meanwhile", unreadableMeanwhile},
	{"very many rejected rows", rejectedMany},
	{"rejected rows of the accepted snapshot stay when a later one fails", rejectedStay},
}

func reject(codes ...string) []reconcile.Rejected {
	var list []reconcile.Rejected
	for i, code := range codes {
		list = append(list, reconcile.Rejected{Code: code, Cause: "date", Reason: "a date that is none", Position: reconcile.Position{Place: "page 1", Row: i + 1}})
	}
	return list
}

func rejectedHeld(t *testing.T, db *Database) {
	for _, mode := range []reconcile.Mode{reconcile.Full, reconcile.Incremental} {
		t.Run(string(mode), func(t *testing.T) {
			b := newBook(t, db, "book of "+string(mode))
			rows := dossiers("TP", 1, 2)
			b.accepted(reading{rows: rows})
			forget(t, db)
			snap := b.accepted(reading{mode: mode, rows: rows[1:], rejected: reject("TP-00001"), total: 2})
			same(t, "counts", []int{1, 1, 2}, []int{snap.Rows, snap.Rejected, snap.Records})
			same(t, "departments", map[string]int{"TP": 2}, snap.Departments)
			same(t, "changed", 0, len(changed(t, db)))
			same(t, "versions", 0, count(t, db, "SELECT COUNT(*) FROM row_versions"))
			// It comes back as it was: nothing happened.
			b.accepted(reading{mode: mode, rows: rows})
			same(t, "changed", 0, len(changed(t, db)))
			for _, d := range read(t, db.Store, 0) {
				for _, r := range d.Rows {
					if r.Source == b.name && since(r.SeenFrom) != "d1" {
						t.Errorf("%s stands since %s", d.Code, since(r.SeenFrom))
					}
				}
			}
		})
	}
}

func rejectedNew(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	snap := b.accepted(reading{rows: dossiers("TP", 1, 1), rejected: reject("TP-00002")})
	same(t, "rows", []string{"TP-00001 book:TP-00001,TP,processing d1", "TP-00002 book:unreadable d1"}, held(t, db))
	same(t, "departments", map[string]int{"TP": 1}, snap.Departments)
	same(t, "changed", []string{"TP-00001", "TP-00002"}, changed(t, db, "TP-00001", "TP-00002"))
	forget(t, db)
	b.accepted(reading{rows: dossiers("TP", 1, 1), rejected: reject("TP-00002")})
	same(t, "changed by the mark again", 0, len(changed(t, db)))

	readable := b.accepted(reading{rows: dossiers("TP", 1, 2)})
	same(t, "readable", []string{"TP-00001 book:TP-00001,TP,processing d1", "TP-00002 book:TP-00002,TP,processing d3"}, held(t, db))
	same(t, "records", 2, readable.Records)
	same(t, "departments", map[string]int{"TP": 2}, readable.Departments)
	same(t, "changed by being readable", []string{"TP-00002"}, changed(t, db, "TP-00002"))
	forget(t, db)

	b.accepted(reading{rows: dossiers("TP", 1, 2), rejected: reject("TP-00003")})
	forget(t, db)
	b.accepted(reading{rows: dossiers("TP", 1, 2)})
	same(t, "a mark that is gone leaves no version", 0, count(t, db, "SELECT COUNT(*) FROM row_versions"))
	same(t, "changed by the mark's end", []string{"TP-00003"}, changed(t, db, "TP-00003"))
}

func rejectedTwice(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	r := reading{rows: dossiers("TP", 1, 1), rejected: reject("X", "X", "TP-00001", "", ""), total: 6}
	for range 2 {
		snap := b.accepted(r)
		same(t, "distinct, rejected, records", []int{6, 5, 2}, []int{snap.Distinct, snap.Rejected, snap.Records})
	}
	list, err := db.Store.ListSnapshots(t.Context(), "book", 1)
	if err != nil {
		t.Fatal(err)
	}
	rejected, err := db.Store.ListRejected(t.Context(), list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "rejected rows", r.rejected, rejected)
}

// The row is live on day 1, unreadable on days 2 and 3, and ended on day 4: we
// last saw it live on day 1, whatever the polls in between.
func unreadableMeanwhile(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 2)
	b.accepted(reading{rows: rows})
	b.accepted(reading{rows: rows[1:], rejected: reject("TP-00001")})
	b.accepted(reading{rows: rows[1:], rejected: reject("TP-00001")})
	rows[0].status, rows[1].status = "resolved", "resolved"
	b.accepted(reading{rows: rows})
	want := []string{
		"TP-00001 book:TP-00001,TP,resolved d4", "TP-00001 was book:TP-00001,TP,processing d1–d1",
		"TP-00002 book:TP-00002,TP,resolved d4", "TP-00002 was book:TP-00002,TP,processing d1–d3",
	}
	same(t, "rows", want, held(t, db))
	// Readable in between, it was seen then.
	b.accepted(reading{rows: rows[1:], rejected: reject("TP-00001")})
	b.accepted(reading{rows: rows})
	b.accepted(reading{rows: rows})
	rows[0].status = "returned"
	b.accepted(reading{rows: rows})
	same(t, "later", append([]string{"TP-00001 book:TP-00001,TP,returned d8", "TP-00001 was book:TP-00001,TP,processing d1–d1",
		"TP-00001 was book:TP-00001,TP,resolved d4–d7"}, want[2:]...), held(t, db))
}

func rejectedMany(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	var r reading
	for i := range 30000 {
		r.rejected = append(r.rejected, reconcile.Rejected{Code: fmt.Sprintf("X-%d", i), Cause: "date"})
	}
	for range 2 { // marks all have one fingerprint, and must not be searched through
		snap := b.accepted(r)
		same(t, "counts", []int{30000, 30000, 30000}, []int{snap.Rejected, snap.Records, snap.Distinct})
	}
	same(t, "kept of the last snapshots", 10000, count(t, db, "SELECT COUNT(*) FROM rejected_rows WHERE snapshot_id = (SELECT snapshot_id FROM sources)"))
}

func rejectedStay(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	good := b.accepted(reading{rows: dossiers("TP", 1, 1), rejected: reject("X")})
	kept := func(id int64) int {
		list, err := db.Store.ListRejected(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	first := b.take(reading{broken: reconcile.CauseConnect, rejected: reject("Y", "Z")})
	second := b.take(reading{broken: reconcile.CauseConnect, rejected: reject("Z")})
	same(t, "rejected rows kept", []int{1, 0, 1}, []int{kept(good.ID), kept(first.ID), kept(second.ID)})
	last := b.accepted(reading{rows: dossiers("TP", 1, 1)})
	b.take(reading{broken: reconcile.CauseConnect})
	same(t, "rejected rows kept after an accepted one", []int{0, 0, 0}, []int{kept(good.ID), kept(second.ID), kept(last.ID)})
}
