package web

import "github.com/doisoat/doisoat/reconcile"

// Source is how one source is doing, and what is held of it.
type Source struct {
	Name        string         `json:"name"`
	Side        reconcile.Side `json:"side"`
	Protocol    string         `json:"protocol"` // http, database or workbook
	Departments []string       `json:"departments"`
	Up          bool           `json:"up"` // the last poll gave an accepted snapshot

	// State, Complete, Snapshot, Rejected and Reason are of the last attempt and the
	// same as in LastAttempt; State is left out before the first. See Attempted.
	State    reconcile.SnapshotState `json:"state,omitzero"`
	Complete bool                    `json:"complete"`
	Snapshot int64                   `json:"snapshot,omitzero"`
	Rejected int                     `json:"rejected"`
	Reason   string                  `json:"reason"`

	Records int    `json:"records"`        // rows held, as of the last accepted snapshot
	AsOf    string `json:"as_of,omitzero"` // the start of the poll that what is held comes from

	PollEvery  string `json:"poll_every,omitzero"` // as in the configuration: "15m"
	Full       string `json:"full,omitzero"`       // the cron expression of the full poll
	NextPollAt string `json:"next_poll_at,omitzero"`

	LastAttempt    *Attempt `json:"last_attempt"` // null before the first
	LastSuccessAt  string   `json:"last_success_at,omitzero"`
	LastCompleteAt string   `json:"last_complete_at,omitzero"`
	DataAt         string   `json:"data_at,omitzero"` // newest updated_at that the source has shown

	// Statuses counts the rows held by canonical status, and by "unmapped".
	Statuses map[string]int `json:"statuses"`
	Unmapped []Unmapped     `json:"unmapped"`

	HeldSnapshot int64  `json:"held_snapshot,omitzero"` // that waits for somebody to accept it
	Command      string `json:"command,omitzero"`       // which accepts it
}

// Attempt is how one poll went.
type Attempt struct {
	At       string                  `json:"at"`
	Mode     reconcile.Mode          `json:"mode"`
	State    reconcile.SnapshotState `json:"state"`
	Complete bool                    `json:"complete"` // everything the source has was read
	Cause    reconcile.Cause         `json:"cause,omitzero"`
	Reason   string                  `json:"reason"` // with the remedy
	Seconds  float64                 `json:"took_seconds"`
	Pages    int                     `json:"pages"`
	Rows     int                     `json:"rows"`
	Requests int                     `json:"requests"` // retries included
	Rejected int                     `json:"rejected"`
	Snapshot int64                   `json:"snapshot"`
}

// Unmapped is what a mapping lacks.
type Unmapped struct {
	Field string `json:"field"` // status or department
	// Value is as the source writes it; left out where it is not kept.
	Value string `json:"value,omitzero"`
	Count int    `json:"count"` // rows held with it
}
