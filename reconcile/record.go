package reconcile

import "time"

// Side tells which of the two accounts of a dossier a record belongs to.
type Side string

// The two sides.
const (
	Platform Side = "platform" // the province's central system
	Office   Side = "office"   // a department's own records
)

// Moment is a point in time as a source wrote it. The zero Moment is unknown.
// Time carries the zone of the mapping; DateOnly says that the source gave a
// day without a time of day, in which case Time is that day's 00:00.
type Moment struct {
	Time     time.Time
	DateOnly bool
}

// Known reports whether the source gave this moment at all.
func (m Moment) Known() bool { return !m.Time.IsZero() }

// Record is one side's view of a dossier, in canonical terms. It holds no
// citizen's data: only the fields listed here are ever read.
type Record struct {
	Source     string   // the source's name in the configuration
	Side       Side     //
	Code       string   // canonical: NFC, no white space, upper case; never empty
	Aliases    []string // other canonical codes of the same dossier
	Procedure  string   // TTHC code without its agency suffix
	Field      string   // lĩnh vực, as the source names it
	Department string   // our department code; "" where the source names none
	Channel    Channel  // how it came in; "" where that is not known
	Status     Status   // "" when the mapping does not know RawStatus
	Group      Group    // by the mapping's grouping; "" when Status is ""
	RawStatus  string   // the status as the source wrote it (pairs joined by "/")

	ReceivedAt    Moment // ngày tiếp nhận
	DueAt         Moment // ngày hẹn trả
	ExtendedDueAt Moment // gia hạn đến
	CompletedAt   Moment // ngày kết thúc xử lý
	ReturnedAt    Moment // ngày trả kết quả
	UpdatedAt     Moment // last change, by the source's own account

	// FirstReadAt is the start of the first accepted poll in which this record
	// was seen as it is; ReadAt that of the last one, against which "in the
	// future" is judged.
	FirstReadAt time.Time
	ReadAt      time.Time
	// Unreadable is set when the source's row for this dossier was rejected
	// (see Rejected) and nothing readable is known: the dossier is there, but
	// nothing else may be said of it.
	Unreadable bool
}

// Mapped reports whether the record's status is one the mapping knows.
func (r *Record) Mapped() bool { return r.Status != "" }

// End is when an ended record ended: completed_at, else returned_at (if both
// 9 and 10 are there, 9 counts: QĐ 766). It is unknown for a live record.
func (r *Record) End() Moment {
	if !r.Group.Ended() {
		return Moment{}
	}
	if r.CompletedAt.Known() {
		return r.CompletedAt
	}
	return r.ReturnedAt
}

// EffectiveDue is the extension if one is recorded, else the due date.
func (r *Record) EffectiveDue() Moment {
	if r.ExtendedDueAt.Known() {
		return r.ExtendedDueAt
	}
	return r.DueAt
}
