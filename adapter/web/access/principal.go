package access

import "slices"

// Role is what somebody may do.
type Role string

// The roles.
const (
	Operator   Role = "operator"   // runs the service: sources, accounts, everything
	Centre     Role = "centre"     // the one-stop centre: waives, sends letters, makes the report
	Department Role = "department" // one or more departments: their own dossiers only
	Auditor    Role = "auditor"    // reads everything, changes nothing
)

// Roles lists them.
var Roles = []Role{Operator, Centre, Department, Auditor}

// Permission is what a route asks of whoever calls it.
type Permission string

// The permissions.
const (
	Anybody       Permission = "anybody"        // no identity is needed
	SignedIn      Permission = "signed_in"      // any identity will do
	SeeDossiers   Permission = "see_dossiers"   // lists, dossiers, letters, the report; in scope
	Answer        Permission = "answer"         // acknowledge, upload answers; in scope
	Waive         Permission = "waive"          // waive, take a waiver or an acknowledgement back
	SendLetters   Permission = "send_letters"   // make and send letters, retry deliveries
	SeeService    Permission = "see_service"    // status, sources of all departments, deliveries
	Operate       Permission = "operate"        // poll now, accept a snapshot, release a run, reload
	ManageAccount Permission = "manage_account" // accounts and tokens of others
	SeeAudit      Permission = "see_audit"
)

// Permissions lists them.
var Permissions = []Permission{Anybody, SignedIn, SeeDossiers, Answer, Waive, SendLetters, SeeService, Operate, ManageAccount, SeeAudit}

var granted = map[Role][]Permission{
	Operator:   Permissions,
	Centre:     {Anybody, SignedIn, SeeDossiers, Answer, Waive, SendLetters, SeeService, Operate},
	Department: {Anybody, SignedIn, SeeDossiers, Answer},
	Auditor:    {Anybody, SignedIn, SeeDossiers, SeeService, SeeAudit},
}

// Changes reports whether the permission is one to change something. Only those are
// kept from a token that may only read.
func (p Permission) Changes() bool {
	switch p {
	case Answer, Waive, SendLetters, Operate, ManageAccount:
		return true
	}
	return false
}

// May reports whether the role has the permission.
func (r Role) May(p Permission) bool { return slices.Contains(granted[r], p) }

// Via is how somebody was recognised.
type Via string

// The ways.
const (
	ViaPassword Via = "password" // a session begun with a local account
	ViaOIDC     Via = "oidc"     // a session begun at an identity provider
	ViaProxy    Via = "proxy"    // headers of a trusted proxy
	ViaToken    Via = "token"    // an API token
	ViaDemo     Via = "demo"     // the demo's own session, on loopback only
	ViaOpen     Via = "open"     // nobody has to say who they are yet (package doc)
	ViaCommand  Via = "command"  // the command line, on the machine itself
)

// Principal is whoever a request comes from.
type Principal struct {
	// Account is the local account's number; 0 for those known elsewhere.
	Account int64
	// Name is the login name: the actor of events and of the audit trail.
	Name string
	// Display is the name that pages show; Name where nothing better is known.
	Display     string
	Role        Role
	Departments []string // of role Department, at least one
	Via         Via
	// Token is the API token's number; 0 of whoever came otherwise.
	Token int64
	// ReadOnly: a token that may not change anything.
	ReadOnly bool
	// MustChange: the first password has to be changed before anything else.
	MustChange bool
	// Language is "vi" or "en"; "" where nothing was chosen.
	Language string
}

// May reports whether the principal has the permission; nobody has only Anybody.
func (p *Principal) May(what Permission) bool {
	if p == nil {
		return what == Anybody
	}
	if p.ReadOnly && what.Changes() {
		return false
	}
	return p.Role.May(what)
}

// Scope is what the principal may see.
func (p *Principal) Scope() Scope {
	switch {
	case p == nil:
		return Scope{}
	case p.Role == Department:
		return Only(p.Departments...)
	case slices.Contains(Roles, p.Role):
		return Everything()
	}
	return Scope{}
}
