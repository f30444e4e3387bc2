package output

import (
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

// Run is what a reconciliation has to tell, whatever the format.
type Run struct {
	ID         int64
	AsOf       time.Time
	Zone       *time.Location
	Compared   int
	NotCovered int
	Surge      string // why so many opened at once that something else may be wrong; "" if not
	Sources    []Source
	Summary    []store.Summary // standing ones only, by kind, department, state and effect
	// Departments are the configured codes, in their order.
	Departments []string
	// Config is the configuration's file for the hints on what to do next; ""
	// gives none.
	Config string
}

// Source is how one source fared, and what is held of it.
type Source struct {
	Name     string
	Side     reconcile.Side
	State    reconcile.SnapshotState
	Complete bool
	Snapshot int64
	Records  int       // held
	Rejected int       // in this poll
	DataAsOf time.Time // start of the poll that what is held comes from; zero if nothing is
	Reason   string    // why the state is not accepted, with the remedy
	Command  string    // what a person can type to settle it; "" if nothing
}
