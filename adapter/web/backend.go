package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// ErrNotFound is what a Backend returns, wrapped or not, where what was asked for
// is not known, or is not for whoever asks; the answer is 404 in both cases.
var ErrNotFound = errors.New("not found")

// Refused is what a Backend returns, wrapped or not, where something cannot be done
// as things stand: the answer is 409 with the reasons. Nothing was changed. The
// reasons are for whoever asked: Vietnamese and English, the same number of each.
type Refused struct {
	Vi, En []string
}

func (r *Refused) Error() string { return strings.Join(r.En, "; ") }

// Refuse makes a Refused of one reason.
func Refuse(vi, en string) *Refused { return &Refused{Vi: []string{vi}, En: []string{en}} }

// Backend is everything the API and the pages show and do. Its methods are called
// from several goroutines at once. Their context ends with the request, or after
// apiTimeout; an error other than ErrNotFound and Refused is logged, and the client
// is told only that something went wrong.
//
// Whatever takes a Scope gives nothing that lies outside of it. Whatever takes a
// Principal changes something in that person's name, within that person's scope;
// that they may do it at all was decided by the route's permission.
type Backend interface {
	StatusBackend
	SourceBackend
	DiscrepancyBackend
	DossierBackend
	OverviewBackend
	ActBackend
	ListBackend
	LetterBackend
	ReportBackend
	OperateBackend
	AccountBackend
	AuditBackend
}

// File is something to download.
type File struct {
	Name        string // without a path; ASCII
	ContentType string
	Write       func(io.Writer) error
}

// Query chooses discrepancies. Empty fields choose all.
type Query struct {
	Scope      access.Scope
	States     []reconcile.State // in the order of reconcile.States, none twice; none: all but resolved
	All        bool              // resolved ones too; never together with States
	Department string
	Kind       reconcile.Kind
	Effect     reconcile.Effect
	Code       string // as it was written: the backend makes it canonical
	// CodePrefix chooses codes that begin so, as it was written; not with Code.
	CodePrefix string
	Unstable   bool // only those that change at every look
	Order      Order
	Limit      int // 1 to MaxLimit
	After      *Cursor
}

// Order is how a list is sorted.
type Order string

// The orders. Every one ends in kind, department, code and side, so that each
// discrepancy has one place.
const (
	ByKind   Order = ""       // kind (as in reconcile.Kinds), department, code, side
	BySince  Order = "since"  // oldest first
	ByNewest Order = "-since" // newest first
	ByCode   Order = "code"
)

// Orders lists them.
var Orders = []Order{ByKind, BySince, ByNewest, ByCode}

// Cursor is the place in a list after which to go on: the last item's. Strings are
// compared by byte.
type Cursor struct {
	Kind       reconcile.Kind
	Department string
	Code       string
	Side       reconcile.Side
	Since      int64 // UTC milliseconds; of the orders by since
}

// StatusBackend tells how the whole service is doing.
type StatusBackend interface {
	Status(ctx context.Context) (*Status, error)
}

// SourceBackend tells how the sources are doing.
type SourceBackend interface {
	// Sources is every configured source in scope, the platform first, then in the
	// order of the configuration. The platform is in everybody's scope; an office is
	// where one of its departments is. Whoever does not see everything is told no
	// reasons, counts and values: those may speak of others.
	Sources(ctx context.Context, scope access.Scope) ([]Source, error)
	// Rejected are rows of the source's last snapshot that could not be taken in;
	// ErrNotFound where there is no such source.
	Rejected(ctx context.Context, source string, limit int) ([]RejectedRow, error)
}

// DossierBackend explains dossiers.
type DossierBackend interface {
	// Dossier explains one dossier. code is as the client wrote it; the backend
	// makes it canonical. ErrNotFound where nothing is known of it, or it is the
	// dossier of a department that is out of scope.
	Dossier(ctx context.Context, scope access.Scope, code string) (*Dossier, error)
}

// DiscrepancyBackend lists discrepancies.
type DiscrepancyBackend interface {
	// Revision changes whenever anything changes that an answer of Discrepancies
	// may rest on: discrepancies, the records of both sides, what people set, the
	// freshness of sources, mappings and configuration. It is asked before the
	// data, so that an answer is never older than the revision it is known by.
	// Replicas over one store must not give the same revision to different answers.
	Revision(ctx context.Context) (string, error)
	// Discrepancies is one page. Next is set where more follow.
	Discrepancies(ctx context.Context, q Query) (*Page, error)
}

// OverviewBackend sums up.
type OverviewBackend interface {
	Overview(ctx context.Context, scope access.Scope) (*Overview, error)
	// Departments are those in scope, in the order of the configuration.
	Departments(ctx context.Context, scope access.Scope) ([]NamedDepartment, error)
}

// MaxActs is how many discrepancies can be acted on at a time.
const MaxActs = 1000

// ActBackend sets what people set on discrepancies: all that are given or none.
// ErrNotFound where one is not there or out of scope; Refused where one cannot be
// set so as it stands. It returns them as they are then, in the order given.
type ActBackend interface {
	// Acknowledge keeps a department's answer. The note must say something.
	Acknowledge(ctx context.Context, who *access.Principal, ids []string, note string) ([]Discrepancy, error)
	// Waive asks for no correction up to and with the day until (yyyy-MM-dd), for a
	// reason.
	Waive(ctx context.Context, who *access.Principal, ids []string, until, reason string) ([]Discrepancy, error)
	// TakeBack ends an acknowledgement or a waiver.
	TakeBack(ctx context.Context, who *access.Principal, ids []string, reason string) ([]Discrepancy, error)
}

// ListBackend makes departments' lists and takes their answers.
type ListBackend interface {
	// List is the department's list (.xlsx) as things stand.
	List(ctx context.Context, scope access.Scope, department string) (*File, error)
	// Answers takes a list that was filled in; all of its answers or none. Refused
	// where it is no list of ours, or an old one, or not for who.
	Answers(ctx context.Context, who *access.Principal, file io.ReaderAt, size int64) (*AnswersTaken, error)
}

// MaxUpload bounds an uploaded list, in bytes.
const MaxUpload = 16 << 20

// LetterBackend makes reminder letters and shows what is delivered.
type LetterBackend interface {
	// Letters are the newest first; before is the letter after which to go on, 0 for
	// the newest.
	Letters(ctx context.Context, scope access.Scope, department string, before int64, limit int) (*LetterPage, error)
	Letter(ctx context.Context, scope access.Scope, id int64) (*Letter, error)
	// LetterFile is a letter as "docx" or "pdf", or its list as "xlsx".
	LetterFile(ctx context.Context, scope access.Scope, id int64, format string) (*File, error)
	// Apology is the forms of apology and new appointment for what is truly late
	// (.docx), a page a dossier. ErrNotFound where nothing is.
	Apology(ctx context.Context, scope access.Scope, department string) (*File, error)
	// SendLetter makes the department's next letter and hands it to its channels.
	// Refused where the breaker holds, or nothing is to be reminded of that was not
	// today.
	SendLetter(ctx context.Context, who *access.Principal, department string) (*Letter, error)
	// Deliveries are the newest first.
	Deliveries(ctx context.Context, scope access.Scope, state DeliveryState, before int64, limit int) (*DeliveryPage, error)
	// RetryDelivery puts a dead delivery back into the queue; Refused if it is not dead.
	RetryDelivery(ctx context.Context, who *access.Principal, id int64) (*Delivery, error)
}

// ReportBackend makes the period's report.
type ReportBackend interface {
	Report(ctx context.Context, scope access.Scope, q ReportQuery) (*Report, error)
	// ReportDossiers are the dossiers behind one cell, ordered by code, after the
	// code given.
	ReportDossiers(ctx context.Context, scope access.Scope, q ReportQuery, cell Cell, after string, limit int) (*CellPage, error)
	// ReportFile is the whole report as docx, xlsx or pdf.
	ReportFile(ctx context.Context, scope access.Scope, q ReportQuery, format string) (*File, error)
}

// OperateBackend does what an operator asks of a running service.
type OperateBackend interface {
	// PollNow asks for a full poll of the source soon; ErrNotFound where there is no
	// such source.
	PollNow(ctx context.Context, who *access.Principal, source string) error
	// AcceptSnapshot accepts a held snapshot; Refused where it is not held.
	AcceptSnapshot(ctx context.Context, who *access.Principal, id int64) error
	// ReleaseRun releases a run that the mass-change breaker holds; Refused where it
	// is not held.
	ReleaseRun(ctx context.Context, who *access.Principal, id int64) error
}

// AccountBackend keeps accounts and tokens.
type AccountBackend interface {
	Accounts(ctx context.Context) ([]Account, error)
	// AddAccount makes an account with a password to be changed at the first login,
	// which is told this once.
	AddAccount(ctx context.Context, who *access.Principal, account NewAccount) (*Account, string, error)
	// ChangeAccount sets role, departments, display name and whether it is disabled.
	// Refused where nobody would be left to manage accounts.
	ChangeAccount(ctx context.Context, who *access.Principal, id int64, to AccountChange) (*Account, error)
	// ResetPassword gives a new first password and ends the account's sessions.
	ResetPassword(ctx context.Context, who *access.Principal, id int64) (string, error)
	// Tokens are those that who may see: all, with ManageAccount; else their own.
	Tokens(ctx context.Context, who *access.Principal) ([]Token, error)
	// AddToken makes a token for an API client; its text is told this once. It never
	// may more than who.
	AddToken(ctx context.Context, who *access.Principal, token NewToken) (*Token, string, error)
	RevokeToken(ctx context.Context, who *access.Principal, id int64) error
}

// AuditBackend keeps the audit trail.
type AuditBackend interface {
	// Record appends an entry; a request that changes something is answered only
	// after it is kept.
	Record(ctx context.Context, entry AuditEntry) error
	// Audit is the newest first; before is the entry after which to go on, 0 for the
	// newest.
	Audit(ctx context.Context, actor, action string, before int64, limit int) (*AuditPage, error)
	// VerifyAudit checks the chain from its beginning.
	VerifyAudit(ctx context.Context) (*AuditVerdict, error)
}

// badField names a faulty field of a request's body.
func badField(name, format string, args ...any) badParameter {
	return badParameter{name, fmt.Sprintf(format, args...)}
}
