package list

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// List is one department's list as it is to be written.
type List struct {
	Department     string // our code; it is kept in the file and comes back in Answers
	DepartmentName string // as people know it
	Organisation   string // who issues the list, e.g. the People's Committee
	Centre         string // the one-stop centre
	MadeAt         time.Time
	AsOf           time.Time      // what the comparison stands for; zero before the first run
	Zone           *time.Location // of every date in the workbook; never nil
	AnswerBy       time.Time      // zero: no time is named
	Sources        []Freshness
	// Held: the mass-change breaker holds; the cover says that the figures are
	// being looked into.
	Held bool
	// Items hands every item to yield, in any order, and ends with yield's error
	// or its own. The item may be reused between calls. nil: an empty list.
	Items func(yield func(*Item) error) error
}

// Freshness tells how old what we know from one source is.
type Freshness struct {
	Name   string // as people know it
	Side   reconcile.Side
	ReadAt time.Time // start of the last accepted poll; zero: never read
	Stale  bool
	Reason string // why it is stale, in Vietnamese; may be empty
}

// Item is one discrepancy on the list.
type Item struct {
	ID        string // reconcile.Discrepancy.ID
	Values    string // reconcile.Discrepancy.Values: the digest the answer is about
	Code      string // canonical dossier code
	Procedure string
	Kind      reconcile.Kind
	Side      reconcile.Side
	Effect    reconcile.Effect
	State     reconcile.State
	Platform  *reconcile.Record // nil: no record
	Office    *reconcile.Record // nil: no record
	Since     time.Time
	Times     int // lần nhắc: how many letters spoke of it
	// NotVerifiedSince is set where a source is stale: when both sides were last
	// read together.
	NotVerifiedSince time.Time
	Note             string // the answer already given
	SetBy            string // who gave it
}

// Answers is what a filled-in list says. Read vouches for the file, not for the
// store: whether a discrepancy still stands with these values is the caller's
// question.
type Answers struct {
	Format     int
	Department string
	MadeAt     time.Time // of the list, in the zone given to Read
	Rows       []Answer  // in the order of the file, each discrepancy once
}

// Answer is one row of a filled-in list.
type Answer struct {
	Sheet string // where it stands, to tell a person
	Row   int    // counted from 1, as the spreadsheet shows it

	ID     string
	Values string
	Code   string
	Text   string // the answer, NFC and trimmed; "" where none was given
	// Changed: Text is not what the list was made with. An answer that was there
	// already must not undo one given elsewhere since.
	Changed bool
}

// Fault tells why a file was refused as a whole: every reason, in both languages,
// Vi[i] and En[i] meaning the same.
type Fault struct {
	Vi, En []string
}
