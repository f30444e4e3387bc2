package web

import (
	"github.com/doisoat/doisoat/reconcile"
)

// The types of this file and its neighbours are the JSON of the API; openapi.yaml
// describes the same to clients, and a test holds the two together. Fields may be
// added; those here stay.
//
// Moments are texts in RFC 3339, in the zone of the configuration. A moment that a
// source gave without a time of day is a date (yyyy-MM-dd). What is not known is
// left out. Working times are texts such as "8h" and "2h30m".

// Page is what a Backend gives for a Query.
type Page struct {
	// AsOf and Run are of the last run that the list rests on; Run is 0 before the
	// first.
	AsOf  string
	Run   int64
	Items []Discrepancy
	// Next is the place of the last item where more follow, else nil.
	Next *Cursor
}

// pageBody is a Page as it is sent.
type pageBody struct {
	AsOf  string        `json:"as_of,omitzero"`
	Run   int64         `json:"run,omitzero"`
	Items []Discrepancy `json:"discrepancies"`
	Next  string        `json:"next,omitzero"`
}

// sourcesBody is the list of sources as it is sent.
type sourcesBody struct {
	Items []Source `json:"sources"`
}

// Discrepancy is what two sides disagree about, with both records as they are now.
type Discrepancy struct {
	ID              string           `json:"id"`
	Kind            reconcile.Kind   `json:"kind"`
	Side            reconcile.Side   `json:"side,omitzero"` // for kinds that speak of one side
	Code            string           `json:"code"`
	Department      string           `json:"department"`
	State           reconcile.State  `json:"state"`
	Effect          reconcile.Effect `json:"deadline_effect"`
	Since           string           `json:"since"`
	FirstDetectedAt string           `json:"first_detected_at"`
	OpenedAt        string           `json:"opened_at,omitzero"` // when it last became open
	Reopened        int              `json:"reopened,omitzero"`  // how often it came back
	WaivedUntil     string           `json:"waived_until,omitzero"`
	SetBy           string           `json:"set_by,omitzero"` // who acknowledged or waived it
	Note            string           `json:"note,omitzero"`
	ResolvedAt      string           `json:"resolved_at,omitzero"`
	// Unstable: its records change at every look; it is shown, never sent.
	Unstable bool `json:"unstable,omitzero"`
	// NotVerifiedSince is set where a source that it rests on is stale: the moment
	// up to which it is known to have held.
	NotVerifiedSince string  `json:"not_verified_since,omitzero"`
	Reason           string  `json:"reason"`
	Platform         *Record `json:"platform"` // null where the side holds none
	Office           *Record `json:"office"`
}

// Record is one side's view of a dossier, in canonical terms.
type Record struct {
	Source        string           `json:"source"`
	Code          string           `json:"code"`
	Procedure     string           `json:"procedure,omitzero"`
	Field         string           `json:"field,omitzero"`
	Department    string           `json:"department"`
	Status        reconcile.Status `json:"status"`     // "" where the mapping does not know RawStatus
	RawStatus     string           `json:"raw_status"` // as the source writes it
	ReceivedAt    string           `json:"received_at,omitzero"`
	DueAt         string           `json:"due_at,omitzero"`
	ExtendedDueAt string           `json:"extended_due_at,omitzero"`
	CompletedAt   string           `json:"completed_at,omitzero"`
	ReturnedAt    string           `json:"returned_at,omitzero"`
	UpdatedAt     string           `json:"updated_at,omitzero"`
}
