package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var readingTests = []test{
	{"ranges and keys read what was put in", readAllWays},
	{"a reader follows snapshots taken since it was made", readerFollows},
	{"a reader refuses values it cannot name", readerRefuses},
}

func readAllWays(t *testing.T, db *Database) {
	platform, small, large := newBook(t, db, "platform"), newBook(t, db, "small"), newBook(t, db, "large")
	platform.side = reconcile.Platform
	rows := dossiers("TP", 1, 1500)
	platform.accepted(reading{rows: rows[:1200]})
	large.accepted(reading{rows: rows[400:]})
	small.accepted(reading{rows: slices.Concat(rows[:7], rows[:1], []row{{code: rows[3].code, department: "NV"}})})
	rows[9].status = "resolved"
	platform.accepted(reading{rows: slices.Concat(rows[:20], rows[21:1200])}) // one is gone, and held by nobody
	onlyKept := reconcile.Discrepancy{ID: "x1", Kind: reconcile.MissingOnPlatform, Code: "NOBODY", State: reconcile.StateOpen}
	beside := reconcile.Discrepancy{ID: "x0", Kind: reconcile.DueDateMismatch, Code: rows[5].code, State: reconcile.StateOpen}
	second := beside
	second.ID, second.Kind = "a9", reconcile.DepartmentMismatch
	save(t, db, onlyKept, beside, second)

	want := read(t, db.Store, 0)
	codes := map[string]bool{}
	total := 0
	for i, d := range want {
		if d.Key != store.KeyOf(d.Code) || codes[d.Code] {
			t.Fatalf("%s stands under key %d, or twice", d.Code, d.Key)
		}
		if i > 0 && want[i-1].Key > d.Key {
			t.Fatalf("%s is out of order", d.Code)
		}
		codes[d.Code] = true
		total += len(d.Rows)
	}
	same(t, "dossiers, rows", []int{1501, 1199 + 1100 + 8}, []int{len(want), total})
	for _, code := range []string{"NOBODY", rows[20].code} {
		at := slices.IndexFunc(want, func(d store.Dossier) bool { return d.Code == code })
		if at < 0 || len(want[at].Rows) != 0 || len(want[at].Versions)+len(want[at].Discrepancies) != 1 {
			t.Errorf("%s is not read by what is kept of it alone", code)
		}
	}
	at := slices.IndexFunc(want, func(d store.Dossier) bool { return d.Code == rows[5].code })
	same(t, "discrepancies of one", []reconcile.Discrepancy{second, beside}, want[at].Discrepancies)

	text := describe(want)
	for _, bits := range []uint{1, 2, 3, 4, 5, 9} { // fewer, as many and more than the sources have buckets
		if diff := cmp.Diff(text, describe(read(t, db.Store, bits))); diff != "" {
			t.Fatalf("in %d ranges (-want +got):\n%s", 1<<bits, diff)
		}
	}
	reader, err := db.Store.NewReader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keys := make([]store.Key, len(want))
	for i := range want {
		keys[i] = want[i].Key
	}
	for _, n := range []int{1, 7, 499, 501, len(keys)} {
		var got []store.Dossier
		for chunk := range slices.Chunk(keys, n) {
			if n < 100 && len(got) > 90 {
				break // the rest would only take time
			}
			part, err := reader.ReadKeys(t.Context(), chunk, nil)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, part...)
		}
		if diff := cmp.Diff(describe(want[:len(got)]), describe(got)); diff != "" {
			t.Fatalf("by %d keys (-want +got):\n%s", n, diff)
		}
	}
	for _, none := range [][]store.Key{nil, {store.KeyOf("NOT THERE")}} {
		if got, err := reader.ReadKeys(t.Context(), none, nil); err != nil || len(got) != 0 {
			t.Errorf("%d dossiers under keys that hold none, error %v", len(got), err)
		}
	}
}

func readerFollows(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	b.accepted(reading{rows: dossiers("TP", 1, 50)})
	reader, err := db.Store.NewReader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	late := newBook(t, db, "late")
	late.accepted(reading{rows: dossiers("TP", 1, 1)})
	for _, n := range []int{5000, 5100} { // the first one moves the rows elsewhere
		b.accepted(reading{rows: dossiers("TP", 1, n)})
		got, err := reader.ReadRange(t.Context(), 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "dossiers", n, len(got))
		keyed, err := reader.ReadKeys(t.Context(), []store.Key{store.KeyOf("TP-00001")}, nil)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "one dossier", []string{"TP-00001 book:TP-00001,TP,processing d1"}, lines(keyed))
	}
}

func readerRefuses(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	b.accepted(reading{rows: dossiers("TP", 1, 50)})
	reader, err := db.Store.NewReader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b.digest, b.inputs = "v2", []string{"status", "code"}
	b.accepted(reading{rows: dossiers("TP", 1, 50)})
	_, err = reader.ReadRange(t.Context(), 0, 0)
	says(t, err, "book", "another mapping", "run again")
}

// save keeps discrepancies as the service would.
func save(t tester, db *Database, list ...reconcile.Discrepancy) {
	t.Helper()
	var changes []reconcile.Change
	for _, d := range list {
		changes = append(changes, reconcile.Change{Discrepancy: d, New: true, Event: reconcile.Event{
			DiscrepancyID: d.ID, At: day, Actor: reconcile.ServiceActor, To: d.State, Why: "found"}})
	}
	run := &store.Run{StartedAt: day, AsOf: day}
	last, err := db.Store.LastRun(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Store.WriteRun(context.Background(), run, idOf(last), func(w *store.RunWriter) error {
		for _, c := range changes {
			if err := w.Put(context.Background(), c); err != nil {
				return fmt.Errorf("put: %w", err)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func idOf(run *store.Run) int64 {
	if run == nil {
		return 0
	}
	return run.ID
}
