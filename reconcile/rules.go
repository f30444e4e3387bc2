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

// At is the same rules at another moment.
func (r *Rules) At(t time.Time) *Rules {
	at := *r
	at.AsOf = t
	return &at
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
	Source string // its name
	// Complete: a complete full snapshot was accepted at some time.
	Complete bool
	// ReadAt is the start of the last accepted poll. Zero if there is none.
	ReadAt time.Time
	// FullAt is the start of the last accepted full poll.
	FullAt time.Time
	// Fresh: the source's last poll was accepted, and not so long ago that what is
	// held could no longer pass for what the source says now. A single run calls
	// fresh what it read itself; the daemon, what was read within a few of the
	// source's intervals.
	Fresh bool
	// ThisRun: the full poll at FullAt is part of the current run, which reads all
	// sources side by side; their moments then count as one.
	ThisRun bool
	// Again: a single dossier can be read again from this source.
	Again bool
}

// absent reports whether these readings show that the dossier of rec, which
// another source holds, is absent here: every one was read completely after the
// record was first seen, or side by side with it in this run.
func (r *Rules) absent(readings []Reading, rec *Record) bool {
	own := r.Coverage.Sources[rec.Source]
	together := own.ThisRun && !rec.FirstReadAt.After(own.FullAt)
	for _, reading := range readings {
		sideBySide := together && reading.ThisRun
		if !reading.Complete || !sideBySide && reading.FullAt.Before(rec.FirstReadAt) {
			return false
		}
	}
	return len(readings) > 0
}
