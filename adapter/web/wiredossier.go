package web

import "github.com/doisoat/doisoat/reconcile"

// Dossier explains one dossier: all that a person needs to verify a verdict by
// hand.
type Dossier struct {
	Code          string            `json:"code"`
	Codes         []string          `json:"codes"` // all of it, where aliases join several
	AsOf          string            `json:"as_of"`
	Records       []ExplainedRecord `json:"records"`
	History       []ExplainedRecord `json:"history"` // rows as they once were
	Rejected      []RejectedRow     `json:"rejected"`
	Rules         []RuleTried       `json:"rules"`
	Findings      []Finding         `json:"findings"`
	Deadline      Deadline          `json:"deadline"`
	Uncovered     []int             `json:"calendar_years_unknown"` // years touched whose holidays the calendar lacks
	Discrepancies []DiscrepancyLife `json:"discrepancies"`
	Snapshots     []Snapshot        `json:"snapshots"` // last accepted of the sources involved
}

// ExplainedRecord is a row as the mapping understands it, and as it came.
type ExplainedRecord struct {
	Record
	// Unreadable: the row was rejected; that the source has it is all that is known.
	Unreadable bool `json:"unreadable,omitzero"`
	// Raw is the mapped fields as the source writes them, under its own names, and
	// nothing else of the row.
	Raw       map[string]string `json:"raw"`
	SeenFrom  string            `json:"seen_from"`           // the first poll that saw it so
	SeenUntil string            `json:"seen_until,omitzero"` // the last; of earlier rows only
	Gone      bool              `json:"gone,omitzero"`       // the row was no longer there afterwards
}

// RejectedRow is a row that could not be taken in.
type RejectedRow struct {
	Source string `json:"source,omitzero"`
	Place  string `json:"place"` // "page 3", "offices/tp.xlsx, sheet Sổ theo dõi"
	Row    int    `json:"row,omitzero"`
	Cause  string `json:"cause"`
	Reason string `json:"reason"`
	Code   string `json:"code,omitzero"`
}

// RuleTried is one rule with what it said.
type RuleTried struct {
	Rule  string `json:"rule"`
	Fired bool   `json:"fired"`
	Why   string `json:"why"`
}

// Finding is what the rules found, with the grace reckoned day by day.
type Finding struct {
	Kind         reconcile.Kind `json:"kind"`
	Side         reconcile.Side `json:"side,omitzero"`
	Reason       string         `json:"reason"`
	Since        string         `json:"since"`
	SinceFrom    string         `json:"since_from"` // which date that is
	GraceAllowed string         `json:"grace_allowed"`
	GraceElapsed string         `json:"grace_elapsed"`
	GraceEndsAt  string         `json:"grace_ends_at"`
	GraceOver    bool           `json:"grace_over"`
	Days         []GraceDay     `json:"days"` // add up to GraceElapsed
}

// GraceDay is one local date's part of the grace.
type GraceDay struct {
	Date    string `json:"date"`
	Working string `json:"working"`
	Why     string `json:"why,omitzero"`  // why it is no ordinary working day
	Name    string `json:"name,omitzero"` // of a holiday or make-up day
}

// Deadline is what both accounts say of the deadline.
type Deadline struct {
	Reported VerdictText      `json:"reported"` // by the platform's own record
	Verified VerdictText      `json:"verified"`
	Due      string           `json:"due,omitzero"` // that the verified verdict was held against
	DueFrom  string           `json:"due_from"`
	Effect   reconcile.Effect `json:"effect"`
}

// VerdictText is a verdict in words.
type VerdictText string

// The verdicts.
const (
	NoVerdict         VerdictText = "no verdict"
	ResolvedOnTime    VerdictText = "resolved on time"
	ResolvedLate      VerdictText = "resolved late"
	InProgressOnTime  VerdictText = "in progress, on time"
	InProgressOverdue VerdictText = "in progress, overdue"
	OnTimeUnknown     VerdictText = "on time (a date is unknown)"
)

// VerdictTexts lists the verdicts.
var VerdictTexts = []VerdictText{NoVerdict, ResolvedOnTime, ResolvedLate, InProgressOnTime, InProgressOverdue, OnTimeUnknown}

// DiscrepancyLife is a discrepancy with every change in its life.
type DiscrepancyLife struct {
	Discrepancy
	Events []Event `json:"events"` // oldest first
}

// Event is one change in a discrepancy's life.
type Event struct {
	At    string          `json:"at"`
	Actor string          `json:"actor"` // "doisoat" or a person
	From  reconcile.State `json:"from"`  // "" for the first
	To    reconcile.State `json:"to"`
	Why   string          `json:"why"`
}

// Snapshot is one reading of a source.
type Snapshot struct {
	ID            int64                   `json:"id"`
	Source        string                  `json:"source"`
	Side          reconcile.Side          `json:"side"`
	Mode          reconcile.Mode          `json:"mode"`
	State         reconcile.SnapshotState `json:"state"`
	StartedAt     string                  `json:"started_at"`
	EndedAt       string                  `json:"ended_at"`
	Records       int                     `json:"records"` // held after it
	Rows          int                     `json:"rows"`
	DeclaredTotal *int                    `json:"declared_total,omitzero"` // left out where the source declares none
	Rejected      int                     `json:"rejected"`
	Skipped       int                     `json:"skipped"`
	Pages         int                     `json:"pages"`
	Requests      int                     `json:"requests"`
	Cause         reconcile.Cause         `json:"cause,omitzero"`
	Reason        string                  `json:"reason"`
	AcceptedBy    string                  `json:"accepted_by,omitzero"`
}
