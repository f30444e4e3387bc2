package storetest

import (
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

var historyTests = []test{
	{"versions tell from when until when", versions},
	{"versions of rows that came between full polls", versionsBetween},
}

func versions(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	other := newBook(t, db, "platform")
	other.side = reconcile.Platform
	rows := dossiers("TP", 1, 1)
	poll := func(status string) {
		rows[0].status = status
		b.accepted(reading{rows: rows})
		other.accepted(reading{rows: rows})
	}
	poll("processing")
	poll("processing")
	b.take(reading{broken: reconcile.CauseConnect}) // a day on which only the other was read
	other.accepted(reading{rows: rows})
	poll("resolved")
	poll("processing") // opened again
	poll("processing")
	poll("returned")
	same(t, "rows", []string{
		"TP-00001 book:TP-00001,TP,returned d7",
		"TP-00001 platform:TP-00001,TP,returned d7",
		"TP-00001 was book:TP-00001,TP,processing d1–d2",
		"TP-00001 was platform:TP-00001,TP,processing d1–d3",
		"TP-00001 was book:TP-00001,TP,resolved d4–d4",
		"TP-00001 was platform:TP-00001,TP,resolved d4–d4",
		"TP-00001 was book:TP-00001,TP,processing d5–d6",
		"TP-00001 was platform:TP-00001,TP,processing d5–d6",
	}, held(t, db))
}

func versionsBetween(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	rows := dossiers("TP", 1, 1)
	b.accepted(reading{mode: reconcile.Incremental, rows: rows})
	rows[0].status = "resolved"
	b.accepted(reading{mode: reconcile.Incremental, rows: rows})
	b.accepted(reading{rows: rows})
	b.accepted(reading{rows: rows})
	rows[0].status = "returned"
	b.accepted(reading{mode: reconcile.Incremental, rows: rows})
	rows[0].status = "processing"
	b.accepted(reading{mode: reconcile.Incremental, rows: rows})
	same(t, "rows", []string{
		"TP-00001 book:TP-00001,TP,processing d6",
		"TP-00001 was book:TP-00001,TP,processing d1–d1",
		"TP-00001 was book:TP-00001,TP,resolved d2–d4",
		"TP-00001 was book:TP-00001,TP,returned d5–d5",
	}, held(t, db))
}
