package web

import "github.com/doisoat/doisoat/reconcile"

// Status is how the whole service is doing.
type Status struct {
	Version   string       `json:"version"`
	Instance  string       `json:"instance"` // of several on one store
	StartedAt string       `json:"started_at"`
	Ready     bool         `json:"ready"`
	Store     StoreStatus  `json:"store"`
	Config    ConfigStatus `json:"config"`

	LastRuns      []Run        `json:"last_runs"`             // the last of each kind that there was
	InProgress    []RunningRun `json:"in_progress"`           // runs under way, on any instance
	NextNightlyAt string       `json:"next_nightly,omitzero"` //

	Counts []Count    `json:"discrepancies"` // standing ones, in the order of kinds and states
	Guards Guards     `json:"guards"`        // what is held back and waits for somebody
	Jobs   []JobCount `json:"jobs"`
	// Warnings are sentences on what will go wrong unless somebody acts: years
	// whose holidays the calendar does not know, say.
	Warnings []string `json:"warnings"`
}

// StoreStatus tells where the state is kept.
type StoreStatus struct {
	Kind          string `json:"kind"` // sqlite or postgres
	SchemaVersion int64  `json:"schema_version"`
}

// ConfigStatus tells which configuration is in force.
type ConfigStatus struct {
	File        string `json:"file"`
	LoadedAt    string `json:"loaded_at"`
	ReloadOK    bool   `json:"reload_ok"`             // of the last attempt; true before the first
	ReloadError string `json:"reload_error,omitzero"` // why the old one stays in force
}

// RunKind says what made a run.
type RunKind string

// The kinds of run, as in the metrics.
const (
	RunNightly     RunKind = "nightly"
	RunIncremental RunKind = "incremental"
	RunManual      RunKind = "manual"
)

// RunKinds lists them.
var RunKinds = []RunKind{RunNightly, RunIncremental, RunManual}

// Run is a reconciliation that has ended.
type Run struct {
	Kind      RunKind `json:"run"`
	ID        int64   `json:"id"`
	StartedAt string  `json:"started_at"`
	EndedAt   string  `json:"ended_at"`
	AsOf      string  `json:"as_of"`
	Full      bool    `json:"full"`     // every dossier was looked at
	Examined  int     `json:"examined"` // dossiers
	Opened    int     `json:"opened"`   // discrepancies
	Resolved  int     `json:"resolved"`
	Reopened  int     `json:"reopened"`
	Compared  int     `json:"compared"` // dossiers on both sides, in all
	// Skipped are departments that were left as they were, since a source of theirs
	// gave nothing to believe.
	Skipped []string `json:"departments_skipped"`
}

// RunningRun is a run under way.
type RunningRun struct {
	Kind      RunKind `json:"run"`
	StartedAt string  `json:"started_at"`
	Instance  string  `json:"instance,omitzero"`
	Phase     string  `json:"phase,omitzero"` // poll, reconcile, …
}

// Count is how many discrepancies of a kind stand in a state.
type Count struct {
	Kind     reconcile.Kind  `json:"kind"`
	State    reconcile.State `json:"state"`
	Count    int             `json:"count"`
	Unstable int             `json:"unstable,omitzero"` // of these
}

// Guards is what was held back. Each names its remedy.
type Guards struct {
	HeldSnapshots []HeldSnapshot `json:"held_snapshots"`
	HeldRuns      []HeldRun      `json:"held_runs"`
	NotAccepted   []NotAccepted  `json:"sources_not_accepted"`
}

// HeldSnapshot is a complete snapshot so small that somebody must agree to it.
type HeldSnapshot struct {
	ID      int64  `json:"id"`
	Source  string `json:"source"`
	Reason  string `json:"reason"`
	Command string `json:"command"` // which accepts it
}

// HeldRun is a run that opened so many discrepancies that nothing is sent before
// somebody releases it.
type HeldRun struct {
	ID      int64  `json:"id"`
	Opened  int    `json:"opened"`
	Reason  string `json:"reason"`
	Suspect string `json:"suspect"` // source, department or mapping likeliest at fault
	Command string `json:"command"` // which releases it
}

// NotAccepted is a source whose last poll changed nothing.
type NotAccepted struct {
	Name   string                  `json:"name"`
	State  reconcile.SnapshotState `json:"state"`
	Cause  reconcile.Cause         `json:"cause,omitzero"`
	Reason string                  `json:"reason"`
	Since  string                  `json:"since"` // the first of the polls in a row that were not accepted
	Remedy string                  `json:"remedy,omitzero"`
}

// JobCount is how many jobs of a kind are in a state of the work queue.
type JobCount struct {
	Kind  string `json:"kind"`
	State string `json:"state"`
	Count int    `json:"count"`
}
