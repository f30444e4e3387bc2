package storetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var looseTests = []test{
	{"an incremental poll writes no block, and the next full one puts things right", looseThenFull},
	{"a full poll must be begun as one", fullBegunWrongly},
	{"what goes back to what the block holds has changed", looseAndBack},
	{"a loose dossier that a full poll misses is gone", looseGone},
	{"rows that came again as they were change nothing", looseAgain},
	{"a row that came again keeps its fingerprint, and its age beside one that looks alike", looseAlike},
	{"accepting a held snapshot while rows are loose", looseHeld},
	{"much that is loose is put into the blocks", looseMuch},
	{"a source that grows by incremental polls", looseGrowth},
	{"another mapping while rows are loose", looseLayout},
	{"a first poll may be incremental", looseFirst},
	{"an incremental poll that was overtaken", looseOvertaken},
}

func looseRows(t *testing.T, db *Database) int {
	t.Helper()
	n := count(t, db, "SELECT COUNT(*) FROM loose_rows")
	if kept := count(t, db, "SELECT SUM(loose) FROM sources"); kept != n {
		t.Errorf("%d keys are loose, %d by the count that is kept", n, kept)
	}
	return n
}

func looseThenFull(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 500)
	b.accepted(reading{rows: rows})
	forget(t, db)
	blocks := func() map[string][]string {
		all := dump(t, db)
		return map[string][]string{"records": all["record_blocks"], "fingerprints": all["fingerprint_blocks"]}
	}
	before := blocks()
	rows[3].status, rows[4].hidden = "resolved", "a new telephone number"
	news := dossiers("NV", 1, 2)
	snap := b.accepted(reading{mode: reconcile.Incremental, rows: append(slices.Clone(rows[2:6]), news...), total: 6})
	same(t, "blocks", before, blocks())
	same(t, "loose", 3, looseRows(t, db)) // one changed, two are new; a column that nobody reads is not seen to
	same(t, "records", 502, snap.Records)
	same(t, "departments", map[string]int{"TP": 500, "NV": 2}, snap.Departments)
	same(t, "changed", []string{rows[3].code, news[0].code, news[1].code}, changed(t, db, rows[3].code, news[0].code, news[1].code))
	list := held(t, db)

	forget(t, db)
	all := append(slices.Clone(rows), news...)
	snap = b.accepted(reading{rows: all, total: 502})
	same(t, "records after the full poll", 502, snap.Records)
	same(t, "loose after the full poll", 0, looseRows(t, db))
	same(t, "changed by the full poll", 0, len(changed(t, db)))
	same(t, "rows after the full poll", list, held(t, db))
	if blocks()["records"][0] == "" || len(blocks()["records"]) != len(before["records"]) {
		t.Error("the blocks are not what they were")
	}
	// And now nothing is new.
	after := dump(t, db, "snapshots", "sources")
	b.accepted(reading{rows: all, total: 502})
	same(t, "tables", after, dump(t, db, "snapshots", "sources"))
}

func fullBegunWrongly(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 20)
	b.accepted(reading{rows: rows})
	r := reading{mode: reconcile.Incremental, rows: rows[:2]}
	in := b.begin(r)
	before := dump(t, db)
	r.mode = reconcile.Full
	_, err := in.Finish(context.Background(), b.poll(r), shrink)
	says(t, err, "book", "begins with Begin")
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	same(t, "tables", before, dump(t, db))
}

func looseAndBack(t *testing.T, db *Database) {
	for _, mode := range []reconcile.Mode{reconcile.Incremental, reconcile.Full} {
		b := newBook(t, db, "book of "+string(mode))
		rows := dossiers(string(mode), 1, 300)
		b.accepted(reading{rows: rows})
		other := slices.Clone(rows)
		other[7].status = "resolved"
		b.accepted(reading{mode: reconcile.Incremental, rows: other[7:8]})
		same(t, "loose", 1, looseRows(t, db))
		forget(t, db)
		r := reading{mode: mode, rows: rows}
		if mode == reconcile.Incremental {
			r.rows = rows[7:8]
		}
		snap := b.accepted(r)
		same(t, "records", 300, snap.Records)
		same(t, "changed", []string{rows[7].code}, changed(t, db, rows[7].code))
		var got []string
		for _, line := range held(t, db) {
			if strings.HasPrefix(line, rows[7].code) {
				got = append(got, strings.ReplaceAll(line, b.name+":"+rows[7].code+","+rows[7].department+",", ""))
			}
		}
		same(t, "rows", []string{rows[7].code + " processing d3", rows[7].code + " was processing d1–d1", rows[7].code + " was resolved d2–d2"}, got)
		forget(t, db)
		b.accepted(reading{rows: rows})
		same(t, "loose after a full poll", 0, looseRows(t, db))
		same(t, "changed by a full poll", 0, len(changed(t, db)))
	}
}

func looseGone(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 100)
	b.accepted(reading{rows: rows})
	news := dossiers("NV", 1, 1)
	rows[5].status = "resolved"
	b.accepted(reading{mode: reconcile.Incremental, rows: append(rows[5:6:6], news...)})
	forget(t, db)
	left := slices.Delete(slices.Clone(rows), 5, 6)
	snap := b.accepted(reading{rows: left, total: 99})
	same(t, "records", 99, snap.Records)
	same(t, "departments", map[string]int{"TP": 99}, snap.Departments)
	same(t, "changed", []string{rows[5].code, news[0].code}, changed(t, db, rows[5].code, news[0].code))
	list := held(t, db)
	for _, line := range []string{
		"NV-00001 was book:NV-00001,NV,processing d2–d2 gone",
		"TP-00006 was book:TP-00006,TP,processing d1–d1",
		"TP-00006 was book:TP-00006,TP,resolved d2–d2 gone",
	} {
		if !slices.Contains(list, line) {
			t.Errorf("missing: %s", line)
		}
	}
	same(t, "loose", 0, looseRows(t, db))
}

func looseAgain(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 100)
	b.accepted(reading{rows: rows})
	rows[5].status = "resolved"
	b.accepted(reading{mode: reconcile.Incremental, rows: rows[5:6]})
	forget(t, db)
	before := dump(t, db, "snapshots", "sources")
	// The overlap brings what is packed and what is loose once more, and one twice.
	snap := b.accepted(reading{mode: reconcile.Incremental, rows: append(slices.Clone(rows[3:8]), rows[5], rows[6]), total: 5})
	same(t, "rows, distinct, records", []int{7, 5, 100}, []int{snap.Rows, snap.Distinct, snap.Records})
	same(t, "tables", before, dump(t, db, "snapshots", "sources"))
	same(t, "loose", 1, looseRows(t, db))
}

// What an incremental poll brings again is not seen to where only a column that
// nobody reads has changed. So of two rows that look alike, it is the one with the
// content of the first poll that is as old as that, and the model must say so, too.
func looseAlike(t *testing.T, db *Database) {
	for _, now := range []string{"a", "b", "c", "d", "e", "f"} { // fingerprints of either order
		b := newBook(t, db, "book "+now)
		rows := dossiers("TP"+now, 1, 1)
		again := rows[0]
		again.hidden = now
		m := newModel()
		for _, r := range []reading{
			{rows: rows},
			{mode: reconcile.Incremental, rows: []row{again}},
			{rows: []row{rows[0], again}},
		} {
			m = m.take(b.name, b, r)
			b.accepted(r)
		}
		want := []string{rows[0].code + " d1", rows[0].code + " d3"}
		if b.print(again) < b.print(rows[0]) {
			slices.Reverse(want)
		}
		row := func(lines []string) (out []string) {
			for _, line := range lines {
				if strings.Contains(line, " "+b.name+":") {
					out = append(out, line[:len(rows[0].code)]+line[strings.LastIndex(line, " "):])
				}
			}
			return out
		}
		same(t, "held", want, row(held(t, db)))
		same(t, "by the model", want, row(m.lines(b.name)))
	}
}

func looseHeld(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 200)
	b.accepted(reading{rows: rows})
	news := dossiers("NV", 1, 3)
	rows[5].status, rows[150].status = "resolved", "resolved"
	b.accepted(reading{mode: reconcile.Incremental, rows: append([]row{rows[5], rows[150]}, news...)})
	forget(t, db)
	// Loose rows that stay, that change, that are gone, and that are new.
	less := append(slices.Clone(rows[:20]), news[0], news[1])
	less[21].status = "returned"
	snap := b.take(reading{rows: less, total: 22})
	same(t, "state", reconcile.SnapshotHeld, snap.State)
	same(t, "loose while it is held", 5, looseRows(t, db))
	accepted, err := b.accept(snap.ID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "records", 22, accepted.Records)
	same(t, "departments", map[string]int{"TP": 20, "NV": 2}, accepted.Departments)
	same(t, "loose", 0, looseRows(t, db))
	list := read(t, db.Store, 3)
	there := 0
	for _, d := range list {
		there += len(d.Rows)
	}
	same(t, "rows", 22, there)
	lines := held(t, db)
	for _, line := range []string{
		"TP-00006 book:TP-00006,TP,resolved d2",
		"NV-00001 book:NV-00001,NV,processing d2",
		"NV-00002 book:NV-00002,NV,returned d3",
		"NV-00002 was book:NV-00002,NV,processing d2–d2",
		"NV-00003 was book:NV-00003,NV,processing d2–d2 gone",
		"TP-00151 was book:TP-00151,TP,processing d1–d1",
		"TP-00151 was book:TP-00151,TP,resolved d2–d2 gone",
	} {
		if !slices.Contains(lines, line) {
			t.Errorf("missing: %s", line)
		}
	}
	same(t, "changed", 180+2, count(t, db, "SELECT COUNT(DISTINCT dossier_key) FROM changed_dossiers"))
	forget(t, db)
	b.accepted(reading{rows: less, total: 22})
	same(t, "changed by the same again", 0, len(changed(t, db)))
}

// checkAll makes sure that exactly these rows are held, by ranges and by key.
func checkAll(t *testing.T, db *Database, rows []row) {
	t.Helper()
	want := map[string]string{}
	var keys []store.Key
	for _, r := range rows {
		want[r.code] = r.status
		keys = append(keys, store.KeyOf(r.code))
	}
	slices.Sort(keys)
	reader, err := db.Store.NewReader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	byKey, err := reader.ReadKeys(t.Context(), keys, nil)
	if err != nil {
		t.Fatal(err)
	}
	for what, list := range map[string][]store.Dossier{"by range": read(t, db.Store, 4), "by key": byKey} {
		got := map[string]string{}
		for _, d := range list {
			for _, r := range d.Rows {
				got[d.Code] += r.Values[2]
			}
		}
		same(t, what, want, got)
	}
}

func looseMuch(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 6000)
	b.accepted(reading{rows: rows})
	forget(t, db)
	change := func(from, to int, status string) reconcile.Snapshot {
		for i := from; i < to; i++ {
			rows[i].status = status
		}
		return b.accepted(reading{mode: reconcile.Incremental, rows: rows[from:to]})
	}
	change(0, 3000, "resolved")
	same(t, "loose", 3000, looseRows(t, db))
	checkAll(t, db, rows)
	snap := change(2500, 5000, "returned")
	same(t, "loose when it is much", 0, looseRows(t, db))
	same(t, "records", 6000, snap.Records)
	same(t, "versions", 5500, count(t, db, "SELECT COUNT(*) FROM row_versions"))
	same(t, "changed", 5000, count(t, db, "SELECT COUNT(*) FROM changed_dossiers"))
	checkAll(t, db, rows)
	change(10, 20, "paused")
	same(t, "loose once more", 10, looseRows(t, db))
	before := held(t, db)
	forget(t, db)
	same(t, "records of the full poll", 6000, b.accepted(reading{rows: rows, total: 6000}).Records)
	same(t, "changed by the full poll", 0, len(changed(t, db)))
	same(t, "rows after the full poll", before, held(t, db))
}

func looseGrowth(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	var rows []row
	b.accepted(reading{rows: dossiers("TP", 1, 10)})
	rows = append(rows, dossiers("TP", 1, 10)...)
	for _, n := range []int{300, 3000, 2500, 9000} {
		news := dossiers("TP", len(rows)+1, n)
		rows[len(rows)/2].status = fmt.Sprint("before ", n)
		rows = append(rows, news...)
		snap := b.accepted(reading{mode: reconcile.Incremental, rows: append(slices.Clone(news), rows[(len(rows)-n)/2]), total: n + 1})
		same(t, "records", len(rows), snap.Records)
		same(t, "departments", map[string]int{"TP": len(rows)}, snap.Departments)
		looseRows(t, db)
		checkAll(t, db, rows)
	}
	forget(t, db)
	b.accepted(reading{rows: rows, total: len(rows)})
	same(t, "changed by the full poll", 0, len(changed(t, db)))
	same(t, "loose", 0, looseRows(t, db))
	same(t, "blocks left behind", 0, count(t, db, "SELECT COUNT(*) FROM record_blocks WHERE id / 16777216 <> (SELECT block_space FROM sources)"))
	checkAll(t, db, rows)
}

func looseLayout(t *testing.T, db *Database) {
	for _, mode := range []reconcile.Mode{reconcile.Incremental, reconcile.Full} {
		b := newBook(t, db, "book of "+string(mode))
		rows := dossiers("D"+string(mode), 1, 200)
		b.accepted(reading{rows: rows})
		rows[5].status = "resolved"
		b.accepted(reading{mode: reconcile.Incremental, rows: rows[5:7]})
		same(t, "loose", 1, looseRows(t, db))
		forget(t, db)
		b.digest, b.inputs = "v2", []string{"status", "department", "code"}
		r := reading{mode: mode, rows: rows}
		if mode == reconcile.Incremental {
			r.rows = rows[4:9]
		}
		same(t, "records", 200, b.accepted(r).Records)
		same(t, "loose in the new layout", 0, looseRows(t, db))
		same(t, "changed", 0, len(changed(t, db)))
		for _, d := range read(t, db.Store, 1) {
			for _, r := range d.Rows {
				status := "processing"
				if d.Code == rows[5].code {
					status = "resolved"
				}
				if r.Source == b.name {
					same(t, "values", []string{status, rows[0].department, d.Code}, r.Values)
				}
			}
		}
	}
}

func looseFirst(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 300)
	snap := b.accepted(reading{mode: reconcile.Incremental, rows: rows, total: 300})
	same(t, "records", 300, snap.Records)
	same(t, "loose", 0, looseRows(t, db)) // there was no block to leave alone
	checkAll(t, db, rows)
	rows[9].status = "resolved"
	b.accepted(reading{mode: reconcile.Incremental, rows: rows[9:10]})
	same(t, "loose after the second", 1, looseRows(t, db))
	checkAll(t, db, rows)
}

func looseOvertaken(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 100)
	b.accepted(reading{rows: rows})
	full, some := reading{rows: rows}, reading{mode: reconcile.Incremental, rows: rows[:3]}
	for _, late := range []reading{full, some} {
		in := b.begin(late)
		rows[50].status += "!"
		b.accepted(reading{mode: reconcile.Incremental, rows: rows[50:51]})
		before := dump(t, db)
		if _, err := in.Finish(t.Context(), b.poll(late), shrink); err == nil {
			t.Error("a poll that was overtaken was accepted")
		}
		if err := in.Close(); err != nil {
			t.Error(err)
		}
		same(t, "tables", before, dump(t, db))
	}
}
