package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var refusedTests = []test{
	{"a poll that cannot be believed changes nothing", refused},
	{"a failed transaction changes nothing", cancelled},
	{"two polls of one source race", overrun},
}

func refused(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := append(dossiers("TP", 1, 40), dossiers("NV", 1, 400)...)
	b.accepted(reading{rows: rows, rejected: reject("X")})
	changedRow := rows[0]
	changedRow.status = "resolved"
	news := append([]row{changedRow}, append(rows[1:len(rows):len(rows)], dossiers("KT", 1, 3)...)...)
	tests := []struct {
		name  string
		r     reading
		state reconcile.SnapshotState
		says  string
	}{
		{"failed", reading{broken: reconcile.CauseConnect}, reconcile.SnapshotFailed, "connection broke"},
		{"partial", reading{rows: news, broken: reconcile.CauseHTTP5xx}, reconcile.SnapshotPartial, "connection broke"},
		{"page came twice", reading{rows: news, repeated: "page 3"}, reconcile.SnapshotPartial, "page 3"},
		{"fewer than declared", reading{rows: news, total: len(news) + 1}, reconcile.SnapshotPartial, "declares"},
		{"more than declared", reading{rows: news, total: 1}, reconcile.SnapshotPartial, "declares"},
		{"empty", reading{}, reconcile.SnapshotHeld, "no dossiers at all"},
		{"a third of it", reading{rows: rows[:140]}, reconcile.SnapshotHeld, "fewer"},
		{"one department gone", reading{rows: rows[40:]}, reconcile.SnapshotHeld, "TP"},
	}
	for _, test := range tests {
		// held_changes is where a held snapshot waits; the rest must not move.
		before := dump(t, db, "snapshots", "held_changes")
		n := count(t, db, "SELECT COUNT(*) FROM snapshots")
		snap := b.take(test.r)
		same(t, test.name+": state", test.state, snap.State)
		says(t, errors.New(snap.Reason), test.says)
		same(t, test.name+": tables", before, dump(t, db, "snapshots", "held_changes"))
		same(t, test.name+": snapshots", n+1, count(t, db, "SELECT COUNT(*) FROM snapshots"))
		kept, err := db.Store.GetSnapshot(t.Context(), snap.ID)
		if err != nil {
			t.Fatal(err)
		}
		kept.Departments, snap.Departments = nil, nil
		same(t, test.name+": kept", snap, *kept)
	}
	// After all that the source is as it was.
	if snap := b.accepted(reading{rows: rows}); snap.Records != 440 {
		t.Errorf("%d records", snap.Records)
	}
}

func cancelled(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 500)
	b.accepted(reading{rows: rows})
	before := dump(t, db)
	for i := range rows {
		rows[i].status = "resolved"
	}
	r := reading{rows: rows}
	in := b.begin(r)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := in.Finish(ctx, b.poll(r), shrink); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	same(t, "tables", before, dump(t, db))
	if snap := b.accepted(r); snap.Records != 500 { // the writer is free again
		t.Errorf("%d records", snap.Records)
	}
}

func overrun(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 10)
	b.accepted(reading{rows: rows})
	slow := b.begin(reading{rows: rows[1:]})
	other := *b
	other.db = &Database{Store: db.Again(t)}
	rows[3].status = "resolved"
	other.accepted(reading{rows: rows})
	before := dump(t, db)
	_, err := slow.Finish(t.Context(), b.poll(reading{}), shrink)
	if !errors.Is(err, store.ErrOverrun) {
		t.Errorf("error %v", err)
	}
	says(t, err, "run again")
	same(t, "tables", before, dump(t, db))
}
