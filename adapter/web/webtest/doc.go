// Package webtest is a whole Backend in memory, with a Gate beside it, for tests of
// the server, the API and the pages, and for looking at pages while they are made.
// Only tests import it.
//
// It keeps what the contract of web.Backend says of scopes, of what is refused and
// of what is not found, over invented things of three departments: Own, Foreign and
// Third. Every text of a department's things carries that department's Mark, so that
// a test can tell from any answer whether something got out. Hostile texts, as a
// source may send them, are among them (Hostile).
//
// It decides nothing about discrepancies: what the rules, the schedule and the
// store do is tested where they are.
package webtest
