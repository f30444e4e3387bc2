package storetest

import (
	"slices"
	"testing"

	"github.com/doisoat/doisoat/adapter/store"
)

var aliasTests = []test{
	{"aliases come, change and go with their rows", aliases},
	{"an alias that two rows have goes with the second", aliasTwice},
}

func pairs(t *testing.T, db *Database) [][2]store.Key {
	t.Helper()
	list, err := db.Store.Aliases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func pair(code, alias string) [2]store.Key {
	return [2]store.Key{store.KeyOf(code), store.KeyOf(alias)}
}

func aliases(t *testing.T, db *Database) {
	b := newBook(t, db, "book")
	b.inputs = append(b.inputs, "alias")
	rows := dossiers("TP", 1, 30)
	rows[0].alias = "OLD-1"
	b.accepted(reading{rows: rows})
	same(t, "aliases", [][2]store.Key{pair("TP-00001", "OLD-1")}, pairs(t, db))
	forget(t, db)
	for i := range rows { // a change elsewhere in the row keeps it
		rows[i].status = "resolved"
	}
	b.accepted(reading{rows: rows})
	same(t, "after a change", [][2]store.Key{pair("TP-00001", "OLD-1")}, pairs(t, db))
	forget(t, db)
	rows[0].alias = "OLD-2"
	b.accepted(reading{rows: rows})
	same(t, "another alias", [][2]store.Key{pair("TP-00001", "OLD-2")}, pairs(t, db))
	// Both that were joined and are no longer must be compared by themselves.
	same(t, "changed", []string{"TP-00001", "OLD-1"}, changed(t, db, "TP-00001", "OLD-1"))
	forget(t, db)
	b.accepted(reading{rows: rows[1:]})
	same(t, "after the row is gone", 0, len(pairs(t, db)))
	same(t, "changed", []string{"TP-00001", "OLD-2"}, changed(t, db, "TP-00001", "OLD-2"))
}

func aliasTwice(t *testing.T, db *Database) {
	b, other := newBook(t, db, "book"), newBook(t, db, "other book")
	b.inputs, other.inputs = append(b.inputs, "alias"), append(other.inputs, "alias")
	one := row{code: "A", department: "TP", status: "processing", alias: "B"}
	two := one
	two.status = "resolved"
	b.accepted(reading{rows: []row{one, two}})
	other.accepted(reading{rows: []row{one}})
	steps := []struct {
		rows []row
		want int // of the book alone
	}{{[]row{two}, 1}, {[]row{{code: "A", department: "TP", status: "resolved"}, {code: "C"}}, 0}, {[]row{one}, 1}}
	for i, step := range steps {
		b.accepted(reading{rows: step.rows})
		n := count(t, db, "SELECT COUNT(*) FROM aliases WHERE source_id = (SELECT id FROM sources WHERE name = 'book')")
		if n != step.want {
			t.Errorf("step %d: %d aliases, not %d", i, n, step.want)
		}
		if !slices.Contains(pairs(t, db), pair("A", "B")) {
			t.Errorf("step %d: the other book's alias is gone", i)
		}
	}
	same(t, "each pair once", 1, len(pairs(t, db)))
}
