package web

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// ReportQuery chooses a report.
type ReportQuery struct {
	From, To time.Time // days, both included, at midnight of the configuration's zone
	AsOf     time.Time // the moment at which dossiers are judged; zero: now
	By       reconcile.By
}

// Report is a period's report by both accounts.
type Report struct {
	From string       `json:"from"` // yyyy-MM-dd
	To   string       `json:"to"`
	AsOf string       `json:"as_of"`
	By   reconcile.By `json:"by"`
	// Rows are in the order of the configuration, fields by name; what is found only
	// in the data comes last.
	Rows     []ReportRow `json:"rows"`
	Total    ReportRow   `json:"total"`
	Findings []Sentence  `json:"findings"`
	Sources  []Snapshot  `json:"sources"` // last accepted of each source
	Unread   []string    `json:"unread"`  // sources of which nothing was ever accepted
}

// Sentence is one thing found, in both languages.
type Sentence struct {
	Vi string `json:"vi"`
	En string `json:"en"`
}

// ReportRow is a line of the report: a department or a field.
type ReportRow struct {
	Department string           `json:"department"` // code; the field's name where rows are fields
	Name       string           `json:"name"`
	Reported   reconcile.Counts `json:"reported"`
	Verified   reconcile.Counts `json:"verified"`
	// Form is the row of form II.06a, by both accounts.
	FormReported reconcile.FormCounts `json:"form_reported"`
	FormVerified reconcile.FormCounts `json:"form_verified"`
	UnknownDue   int                  `json:"unknown_due"`
	UnknownEnd   int                  `json:"unknown_end"`
}

// Cell is one figure of the report.
type Cell struct {
	Row     string // department code or field; "" with Total
	Total   bool   // the line of totals
	Account reconcile.Account
	Column  reconcile.Column
}

// CellDossier is a dossier behind a figure.
type CellDossier struct {
	Code       string           `json:"code"`
	Department string           `json:"department"`
	Reported   VerdictText      `json:"reported"`
	Verified   VerdictText      `json:"verified"`
	Effect     reconcile.Effect `json:"deadline_effect"`
	Platform   *Record          `json:"platform"`
	Office     *Record          `json:"office"`
}

// CellPage is a page of them.
type CellPage struct {
	Items []CellDossier `json:"dossiers"`
	Next  string        `json:"next,omitzero"` // after, of the next page
}
