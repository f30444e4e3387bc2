package reconcile

import (
	"time"

	"github.com/doisoat/doisoat/reconcile/calendar"
)

// DeadlineCompare is how an end and a due date are compared.
type DeadlineCompare string

// The national formula compares moments; some systems compare dates only.
const (
	ByTimestamp DeadlineCompare = "timestamp"
	ByDate      DeadlineCompare = "date"
)

// Rules is everything a decision rests on besides the records themselves.
type Rules struct {
	Calendar  *calendar.Calendar
	Grace     map[Kind]time.Duration // a kind left out has its DefaultGrace
	CompareBy DeadlineCompare        // "" is ByTimestamp
	Coverage  Coverage
	// AsOf is the moment at which the decision is made.
	AsOf time.Time
}

// GraceOf is the working time kind k is given before it opens.
func (r *Rules) GraceOf(k Kind) time.Duration {
	if g, ok := r.Grace[k]; ok {
		return g
	}
	return k.DefaultGrace()
}

// Coverage says what each source has been read of, so that absence is concluded
// only where it was seen.
type Coverage struct {
	// Platform is the platform's last accepted full snapshot.
	Platform Reading
	// Offices are the readings of the offices that keep a department's records,
	// by department. A department without an entry is not covered.
	Offices map[string][]Reading
	// Sources are the readings by source name.
	Sources map[string]Reading
}

// Reading is how a source stands.
type Reading struct {
	// Complete: a complete full snapshot was accepted at some time.
	Complete bool
	// ReadAt is the start of the last accepted poll. Zero if there is none.
	ReadAt time.Time
	// FullAt is the start of the last accepted full poll.
	FullAt time.Time
	// Fresh: the poll of the current run was accepted, so that what is held is
	// what the source says now.
	Fresh bool
}

// absentAt reports whether these readings show that a dossier known elsewhere
// since firstRead is absent here: every one is complete, and was read in this
// run or after the dossier was first seen elsewhere.
func absentAt(readings []Reading, firstRead time.Time) bool {
	for _, r := range readings {
		inThisRun := r.Fresh && r.FullAt.Equal(r.ReadAt) // an incremental poll says nothing of what it did not see
		if !r.Complete || !inThisRun && r.FullAt.Before(firstRead) {
			return false
		}
	}
	return len(readings) > 0
}
