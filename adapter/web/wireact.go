package web

import "github.com/doisoat/doisoat/reconcile"

// NamedDepartment is a department of the configuration.
type NamedDepartment struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Overview sums up what is in scope.
type Overview struct {
	AsOf        string               `json:"as_of,omitzero"` // of the last run
	Run         int64                `json:"run,omitzero"`
	Departments []DepartmentOverview `json:"departments"` // in the order of the configuration
	// Days are up to ninety, the oldest first; the last one is not over yet.
	Days    []DayOverview `json:"days"`
	Sources []Source      `json:"sources"`
	// Nightly is the last nightly run; null before the first, and for whoever does
	// not see everything.
	Nightly *Run `json:"nightly"`
	// Guards is empty for whoever does not see everything.
	Guards Guards `json:"guards"`
}

// DepartmentOverview is how one department stands.
type DepartmentOverview struct {
	NamedDepartment
	Kinds []KindOverview `json:"kinds"` // those that stand, in the order of the rules
	// FalseOverdue and HiddenOverdue are dossiers, open or acknowledged.
	FalseOverdue  int    `json:"false_overdue"`
	HiddenOverdue int    `json:"hidden_overdue"`
	Compared      int    `json:"compared"`
	OldestSince   string `json:"oldest_since,omitzero"` // of what is open
}

// KindOverview counts one department's discrepancies of a kind.
type KindOverview struct {
	Kind         reconcile.Kind `json:"kind"`
	Suspected    int            `json:"suspected"`
	Open         int            `json:"open"`
	Acknowledged int            `json:"acknowledged"`
	Waived       int            `json:"waived"`
	Unstable     int            `json:"unstable"`
	Past         int            `json:"past_correction_time"`
}

// DayOverview is one day's end; of today the present.
type DayOverview struct {
	Day           string `json:"day"` // yyyy-MM-dd
	Open          int    `json:"open"`
	Opened        int    `json:"opened"`
	Resolved      int    `json:"resolved"`
	FalseOverdue  int    `json:"false_overdue"`
	HiddenOverdue int    `json:"hidden_overdue"`
}

// AnswersTaken tells what an uploaded list changed.
type AnswersTaken struct {
	Department   string `json:"department"`
	MadeAt       string `json:"made_at"`      // the list
	Acknowledged int    `json:"acknowledged"` // answers that were new
	Unchanged    int    `json:"unchanged"`    // answers that we had already
	Empty        int    `json:"empty"`        // rows without an answer
}

// Letter is a reminder letter to a department.
type Letter struct {
	ID         int64  `json:"id"`
	Number     string `json:"number"` // as written on it: 12/PĐĐ-TTHCC
	Department string `json:"department"`
	Name       string `json:"name"`
	Day        string `json:"day"`   // yyyy-MM-dd
	Times      int    `json:"times"` // lần n
	MadeAt     string `json:"made_at"`
	MadeBy     string `json:"made_by"`
	AnswerBy   string `json:"answer_by"`
	Count      int    `json:"count"` // discrepancies it reminds of
	// Items are left out in lists of letters.
	Items      []LetterItem `json:"items,omitzero"`
	Deliveries []Delivery   `json:"deliveries,omitzero"`
}

// LetterItem is a discrepancy as the letter told it.
type LetterItem struct {
	Discrepancy string           `json:"discrepancy"` // its ID
	Code        string           `json:"code"`
	Kind        reconcile.Kind   `json:"kind"`
	Effect      reconcile.Effect `json:"deadline_effect"`
	Times       int              `json:"times"` // lần nhắc of this one
	State       reconcile.State  `json:"state"` // now
}

// LetterPage is a page of letters.
type LetterPage struct {
	Items []Letter `json:"letters"`
	Next  int64    `json:"next,omitzero"` // before, of the next page
}

// DeliveryState is how far a delivery got.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryPending DeliveryState = "pending" // waits, for the first or another attempt
	DeliverySent    DeliveryState = "sent"
	DeliveryDead    DeliveryState = "dead" // given up; retry puts it back
)

// DeliveryStates lists them.
var DeliveryStates = []DeliveryState{DeliveryPending, DeliverySent, DeliveryDead}

// Delivery is one letter on its way over one channel.
type Delivery struct {
	ID         int64         `json:"id"`
	Letter     int64         `json:"letter"`
	Number     string        `json:"number"`
	Department string        `json:"department"`
	Channel    string        `json:"channel"` // email, folder, webhook, sftp
	MessageID  string        `json:"message_id"`
	State      DeliveryState `json:"state"`
	Attempts   int           `json:"attempts"`
	CreatedAt  string        `json:"created_at"`
	NextAt     string        `json:"next_at,omitzero"` // of what is pending
	EndedAt    string        `json:"ended_at,omitzero"`
	LastError  string        `json:"last_error,omitzero"`
}

// DeliveryPage is a page of deliveries.
type DeliveryPage struct {
	Items []Delivery `json:"deliveries"`
	Next  int64      `json:"next,omitzero"`
}

// Account is a local account.
type Account struct {
	ID          int64    `json:"id"`
	Name        string   `json:"name"` // the login name
	Display     string   `json:"display"`
	Role        string   `json:"role"`
	Departments []string `json:"departments"`
	Disabled    bool     `json:"disabled"`
	MustChange  bool     `json:"must_change"` // the first password was not changed yet
	LockedUntil string   `json:"locked_until,omitzero"`
	LastLoginAt string   `json:"last_login_at,omitzero"`
	CreatedAt   string   `json:"created_at"`
}

// NewAccount is an account to be made.
type NewAccount struct {
	Name        string   `json:"name"`
	Display     string   `json:"display"`
	Role        string   `json:"role"`
	Departments []string `json:"departments"`
}

// AccountChange is an account as it is to be from now on.
type AccountChange struct {
	Display     string   `json:"display"`
	Role        string   `json:"role"`
	Departments []string `json:"departments"`
	Disabled    bool     `json:"disabled"`
}

// Token lets a program use the API.
type Token struct {
	ID          int64    `json:"id"`
	Name        string   `json:"name"` // what it is for
	Owner       string   `json:"owner"`
	Role        string   `json:"role"`
	Departments []string `json:"departments"`
	ReadOnly    bool     `json:"read_only"`
	CreatedAt   string   `json:"created_at"`
	ExpiresAt   string   `json:"expires_at"`
	LastUsedAt  string   `json:"last_used_at,omitzero"`
	RevokedAt   string   `json:"revoked_at,omitzero"`
}

// NewToken is a token to be made.
type NewToken struct {
	Name        string   `json:"name"`
	Role        string   `json:"role"`
	Departments []string `json:"departments"`
	ReadOnly    bool     `json:"read_only"`
	Days        int      `json:"days"` // until it expires; 1 to 366
}

// AuditEntry is something that somebody did, or tried to.
type AuditEntry struct {
	ID     int64  `json:"id"`
	At     string `json:"at"`
	Actor  string `json:"actor"`
	Role   string `json:"role"`
	Via    string `json:"via"`
	Remote string `json:"remote"` // address; "" from the command line
	// Action is the route's name, or the command's; Object what it was done to.
	Action  string `json:"action"`
	Object  string `json:"object"`
	Outcome string `json:"outcome"` // begun, done, refused, failed
	Detail  string `json:"detail"`  // reasons and dates, never a password
	Hash    string `json:"hash"`    // of this entry and the one before
}

// AuditPage is a page of the audit trail.
type AuditPage struct {
	Items []AuditEntry `json:"entries"`
	Next  int64        `json:"next,omitzero"`
}

// AuditVerdict is whether the audit trail is as it was written.
type AuditVerdict struct {
	Entries int64  `json:"entries"`
	Head    string `json:"head"` // hash of the last entry, to be noted elsewhere
	OK      bool   `json:"ok"`
	// BrokenAt is the first entry that does not fit; Why says how.
	BrokenAt int64  `json:"broken_at,omitzero"`
	Why      string `json:"why,omitzero"`
}
