// Package storetest is one suite of promises that adapter/store keeps on every
// database it runs on. A new promise is added here first. The tests of
// adapter/store call it once a database; nothing else does.
package storetest

import (
	"testing"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/adapter/store"
)

// Database is an empty database of its own, for one test.
type Database struct {
	Store *store.Store
	// SQL looks at the tables, and damages them, behind the store's back.
	SQL *sqlx.DB
	// Again opens the same database another time, as another process would.
	Again func(t testing.TB) *store.Store
}

// Run runs the suite. open makes a Database and sees to its end.
func Run(t *testing.T, open func(t testing.TB) *Database) {
	for _, suite := range [][]test{intakeTests, rejectedTests, refusedTests, heldTests, layoutTests, historyTests, aliasTests,
		readingTests, discrepancyTests, runTests, damageTests, concurrencyTests, lockTests, looseTests, waitingTests, listingTests, queueTests, keepingTests,
		actTests, dayTests, accountTests, sessionTests, tokenTests, auditTests, letterTests, deliveryTests, propertyTests} {
		for _, test := range suite {
			t.Run(test.name, func(t *testing.T) { test.do(t, open(t)) })
		}
	}
}

type test struct {
	name string
	do   func(t *testing.T, db *Database)
}
