package webtest

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// The departments.
const (
	Own     = "VPDKDD"
	Foreign = "KT"
	Third   = "TP"
)

// Names are the departments in the order of the configuration.
var Names = []web.NamedDepartment{
	{Code: Own, Name: "Chi nhánh Văn phòng Đăng ký đất đai"}, {Code: Foreign, Name: "Phòng Kinh tế"}, {Code: Third, Name: "Phòng Tư pháp"},
}

// Vietnam is the zone of the configuration.
var Vietnam = time.FixedZone("+07", 7*60*60)

// Mark is a word that is part of every text of a department's things, and of nothing
// else.
func Mark(department string) string { return "dấu-" + strings.ToLower(department) + "-mật" }

// Hostile are texts as a source or a clerk may send them: none may ever be markup, a
// formula or a line of its own.
var Hostile = []string{
	"<script>alert('x')</script>", `"onmouseover="alert(1)`, "=cmd|' /C calc'!A1", "＝HYPERLINK(1)", "</td><img src=x onerror=alert(2)>", "javascript:alert(3)", "{{.Secret}}",
	"dòng một\ndòng hai", "\u202etxt.exe", strings.Repeat("dài-không-có-khoảng-trắng", 12),
}

// Backend implements web.Backend.
type Backend struct {
	mu        sync.Mutex
	now       time.Time
	err       error // of every method but Record
	recordErr error
	calls     []string // methods other than Record, in order
	revision  int

	items      []item
	letters    []web.Letter
	deliveries []web.Delivery
	accounts   []web.Account
	passwords  int
	tokens     []web.Token
	audit      []web.AuditEntry
	population []person
	held       []web.HeldSnapshot
	heldRuns   []web.HeldRun
	polled     []string
}

// New is a backend as it is on Monday 2 July 2018, 8:00, in Huế.
func New() *Backend {
	b := &Backend{now: time.Date(2018, 7, 2, 8, 0, 0, 0, Vietnam), revision: 1}
	b.invent()
	return b
}

// Fail makes every method but Record return err from now on; nil ends it.
func (b *Backend) Fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
}

// FailRecord makes Record return err from now on; nil ends it.
func (b *Backend) FailRecord(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.recordErr = err
}

// SetNow sets the clock.
func (b *Backend) SetNow(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = now
}

// Calls are the methods other than Record and Revision that were called so far, and
// forgets them.
func (b *Backend) Calls() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	calls := b.calls
	b.calls = nil
	return calls
}

// Entries are the audit trail, oldest first.
func (b *Backend) Entries() []web.AuditEntry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.audit)
}

// IDs are the department's discrepancies that can be acted on, by their IDs.
func (b *Backend) IDs(department string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []string
	for i := range b.items {
		if d := &b.items[i]; d.Department == department && d.State == reconcile.StateOpen {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

// Codes are the department's dossiers with a discrepancy.
func (b *Backend) Codes(department string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var codes []string
	for i := range b.items {
		if d := &b.items[i]; d.Department == department {
			codes = append(codes, d.Code)
		}
	}
	return codes
}

// LetterIDs are the department's letters, the newest first.
func (b *Backend) LetterIDs(department string) []int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []int64
	for _, l := range slices.Backward(b.letters) {
		if l.Department == department {
			ids = append(ids, l.ID)
		}
	}
	return ids
}

// DeliveryIDs are the department's deliveries in a state, the newest first.
func (b *Backend) DeliveryIDs(department string, state web.DeliveryState) []int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	var ids []int64
	for _, d := range slices.Backward(b.deliveries) {
		if d.Department == department && d.State == state {
			ids = append(ids, d.ID)
		}
	}
	return ids
}

// begin locks, notes the call, and returns the error to give.
func (b *Backend) begin(method string) (unlock func(), err error) {
	b.mu.Lock()
	b.calls = append(b.calls, method)
	return b.mu.Unlock, b.err
}

func (b *Backend) stamp(t time.Time) string { return web.Stamp(t, Vietnam) }

func nameOf(department string) string {
	for _, d := range Names {
		if d.Code == department {
			return d.Name
		}
	}
	return department
}

func visible(scope access.Scope) []web.NamedDepartment {
	list := []web.NamedDepartment{}
	for _, d := range Names {
		if scope.Sees(d.Code) {
			list = append(list, d)
		}
	}
	return list
}

var _ web.Backend = (*Backend)(nil)
