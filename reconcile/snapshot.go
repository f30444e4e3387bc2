package reconcile

import (
	"fmt"
	"time"
)

// SnapshotState is what became of a poll (RULES.md §6).
type SnapshotState string

// The states of a snapshot. Only an accepted one changes what is known.
const (
	SnapshotAccepted SnapshotState = "accepted"
	SnapshotPartial  SnapshotState = "partial" // something was read, not all
	SnapshotHeld     SnapshotState = "held"    // all was read, but so little that somebody must agree
	SnapshotFailed   SnapshotState = "failed"  // nothing could be read
)

// SnapshotStates lists the states, the good one first.
var SnapshotStates = []SnapshotState{SnapshotAccepted, SnapshotPartial, SnapshotHeld, SnapshotFailed}

// Snapshot is one poll with what was read and what became of it.
type Snapshot struct {
	ID     int64
	Source string
	Side   Side
	Poll
	State    SnapshotState
	Rows     int // rows read, rejected and skipped ones not among them
	Distinct int // rows that differ from each other, rejected ones included
	Skipped  int
	Rejected int
	Records  int // rows the source holds after this snapshot, if accepted; marks of rejected ones too
	// Departments counts the records by department.
	Departments map[string]int
	// Based is the accepted snapshot this one was compared with; 0 for the first.
	Based      int64
	AcceptedBy string // "doisoat", or who accepted a held one
	AcceptedAt time.Time
}

// Limits are the thresholds of a guard: it acts above both.
type Limits struct {
	Percent float64
	Count   int
}

// DefaultShrink is the shrink guard's default: 10 % and 50 dossiers.
var DefaultShrink = Limits{Percent: 10, Count: 50}

// DefaultSurge is the mass-change breaker's default: 10 % and 200 dossiers.
var DefaultSurge = Limits{Percent: 10, Count: 200}

func (l Limits) exceeded(n, of int) bool {
	return n > l.Count && float64(n)*100 > l.Percent*float64(of)
}

// Judge decides what becomes of a poll, and sets State, Cause and Reason.
// previous is the last accepted snapshot; nil for the first.
func (s *Snapshot) Judge(previous *Snapshot, shrink Limits) {
	switch {
	case !s.EndReached:
		s.State = SnapshotPartial
		if s.Rows == 0 && s.Rejected == 0 {
			s.State = SnapshotFailed
		}
	case s.Repeated != "":
		s.partial(CauseRepeated, fmt.Sprintf("%s: the list moved while it was read, or the paging parameters are not obeyed; check paging in the configuration", s.Repeated))
	case s.DeclaredTotal >= 0 && s.Distinct != s.DeclaredTotal:
		s.partial(CauseTotal, fmt.Sprintf("the source declares %d rows, but %d different ones came; the list moved while it was read (poll again), or the source miscounts", s.DeclaredTotal, s.Distinct))
	case s.Mode == Full:
		s.State = SnapshotAccepted
		if why := s.shrunk(previous, shrink); why != "" {
			s.State, s.Reason = SnapshotHeld, why
		}
	default:
		s.State = SnapshotAccepted
	}
}

func (s *Snapshot) partial(cause Cause, reason string) {
	s.State, s.Cause, s.Reason = SnapshotPartial, cause, reason
}

// shrunk says why a complete full snapshot is too small to be believed without
// a person's word, or "".
func (s *Snapshot) shrunk(previous *Snapshot, limits Limits) string {
	if s.Records == 0 {
		if previous != nil && previous.Records == 0 {
			return "" // empty before, and somebody agreed to it
		}
		return "the source answered with no dossiers at all"
	}
	if previous == nil {
		return ""
	}
	if lost := previous.Records - s.Records; limits.exceeded(lost, previous.Records) {
		return fmt.Sprintf("only %d dossiers, %d fewer than the %d last accepted", s.Records, lost, previous.Records)
	}
	worst, name := 0, ""
	for department, before := range previous.Departments {
		lost := before - s.Departments[department]
		if limits.exceeded(lost, before) && (lost > worst || lost == worst && department < name) {
			worst, name = lost, department
		}
	}
	if name != "" {
		return fmt.Sprintf("only %d dossiers of %s, %d fewer than the %d last accepted",
			s.Departments[name], name, worst, previous.Departments[name])
	}
	return ""
}

// OpenedBy counts what a run opens by where it opens, to name the likely cause of
// a surge.
type OpenedBy struct {
	Total       int
	Kinds       map[Kind]int
	Departments map[string]int
}

// Count counts one discrepancy that opens.
func (o *OpenedBy) Count(d *Discrepancy) {
	if o.Kinds == nil {
		o.Kinds, o.Departments = map[Kind]int{}, map[string]int{}
	}
	o.Total++
	o.Kinds[d.Kind]++
	o.Departments[d.Department]++
}

// Suspect names what most of it has in common: a department with four fifths of
// all, "" where it is spread over several; likewise the kind.
func (o *OpenedBy) Suspect() (department string, oneDepartment bool, kind Kind) {
	most := func(n int) bool { return n*5 >= o.Total*4 }
	for name, n := range o.Departments {
		if most(n) {
			department, oneDepartment = name, true
		}
	}
	for _, k := range Kinds {
		if most(o.Kinds[k]) {
			kind = k
		}
	}
	return department, oneDepartment, kind
}

// Surge says why so many discrepancies open in one run that a source, a
// department or a mapping is the likelier fault; "" where they do not.
func Surge(opened, compared int, limits Limits) string {
	if !limits.exceeded(opened, compared) {
		return ""
	}
	return fmt.Sprintf("%d discrepancies would open at once, of %d dossiers compared", opened, compared)
}
