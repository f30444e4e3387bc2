package metrics

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// State is what the last run and the last polls left: everything that is shown as
// a value of now, and the counters that outlive the process. Set keeps it; from
// then on nobody may change it or its maps. What is missing in a map is zero, or
// absent where zero would be a lie.
type State struct {
	// Discrepancies counts those that stand. One that changed at every look counts
	// under StateUnstable and nowhere else. Resolved ones are left out.
	Discrepancies map[Standing]int
	// Effects counts the dossiers whose deadline a standing discrepancy makes look
	// better or worse than it is, by department.
	Effects map[DepartmentEffect]int
	// PastCorrection counts those open for longer than the agreed correction time.
	PastCorrection map[KindIn]int
	// Oldest is the since of the oldest open one; absent where none is open.
	Oldest map[KindIn]time.Time
	// Totals count since doisoat's database was made: from the store, so that a
	// restart keeps them.
	Totals map[KindIn]Totals

	// Dossiers counts what is stored of each source by canonical status; "" where
	// no mapping knows the raw one.
	Dossiers map[SourceStatus]int
	// Compared and Uncovered count dossiers by department: those decided in the
	// last run, and those of departments without a connected office.
	Compared, Uncovered map[string]int

	// Sources, by name. One that is not configured is not shown; one that is
	// configured and missing here was never polled.
	Sources map[string]SourceState
	// Runs, by kind.
	Runs map[Run]RunState
	// RunsHeld counts the runs that the mass-change breaker holds back and that
	// nobody released yet.
	RunsHeld int
	// Outbox, by department.
	Outbox map[string]OutboxState
}

// Standing tells apart what doisoat_discrepancies counts.
type Standing struct {
	Kind       reconcile.Kind
	Department string
	State      reconcile.State
}

// KindIn is a kind of discrepancy in one department.
type KindIn struct {
	Kind       reconcile.Kind
	Department string
}

// DepartmentEffect is an effect on the deadline in one department.
type DepartmentEffect struct {
	Effect     reconcile.Effect
	Department string
}

// SourceStatus is a canonical status in one source.
type SourceStatus struct {
	Source string
	Status reconcile.Status
}

// Totals count what ever happened to the discrepancies of a kind in a department.
// They never go down.
type Totals struct{ Opened, Resolved, Reopened int64 }

// SourceState is how a source stands. A zero moment is unknown.
type SourceState struct {
	Up           bool // its last poll gave an accepted snapshot
	LastAttempt  time.Time
	LastSuccess  time.Time // the last accepted snapshot, of either mode
	LastComplete time.Time // the last accepted full one
	DataAt       time.Time // newest updated_at seen
	Records      int       // in the last accepted snapshot
	SnapshotHeld int       // snapshots that wait for somebody to accept them
	// Unmapped counts the values of the last accepted snapshot that the mapping
	// does not know, by our field: "status", "department".
	Unmapped map[string]int
}

// RunState is how the runs of one kind stand. A zero moment is unknown.
type RunState struct {
	LastStart   time.Time
	LastSuccess time.Time
	Next        time.Time
	InProgress  bool
	// Took is how long the phases of the last run took.
	Took map[Phase]time.Duration
	// Compared and Skipped count the departments of the last run.
	Compared, Skipped int
}

// OutboxState is what waits to be delivered to a department.
type OutboxState struct {
	Pending, Dead int
	OldestPending time.Time // zero where nothing waits
}
