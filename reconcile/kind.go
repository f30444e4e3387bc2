package reconcile

import "time"

// Kind names what two records disagree about (RULES.md §3).
type Kind string

// The fourteen kinds of discrepancy.
const (
	ResolvedNotClosed      Kind = "resolved_not_closed"
	ClosedInProgress       Kind = "closed_in_progress"
	OutcomeMismatch        Kind = "outcome_mismatch"
	PauseMismatch          Kind = "pause_mismatch"
	CompletionDateMismatch Kind = "completion_date_mismatch"
	DueDateMismatch        Kind = "due_date_mismatch"
	DepartmentMismatch     Kind = "department_mismatch"
	MissingInOffice        Kind = "missing_in_office"
	MissingOnPlatform      Kind = "missing_on_platform"
	DuplicateCode          Kind = "duplicate_code"
	UnmappedStatus         Kind = "unmapped_status"
	InvalidRecord          Kind = "invalid_record"
	Reopened               Kind = "reopened"
	BackdatedClose         Kind = "backdated_close"
)

// Kinds lists all kinds in the order of the rules' own table, which is also the
// order of every list and table that shows them.
var Kinds = []Kind{
	ResolvedNotClosed, ClosedInProgress, OutcomeMismatch, PauseMismatch,
	CompletionDateMismatch, DueDateMismatch, DepartmentMismatch,
	MissingInOffice, MissingOnPlatform,
	DuplicateCode, UnmappedStatus, InvalidRecord, Reopened, BackdatedClose,
}

// KindLabels names each kind as a department reads it.
var KindLabels = map[Kind]string{
	ResolvedNotClosed:      "Đã giải quyết, chưa xử lý trên hệ thống",
	ClosedInProgress:       "Đang giải quyết, đã xử lý hoàn thành trên hệ thống",
	OutcomeMismatch:        "Kết quả hai bên khác nhau",
	PauseMismatch:          "Tạm dừng không đồng bộ",
	CompletionDateMismatch: "Ngày kết thúc khác nhau",
	DueDateMismatch:        "Hạn trả khác nhau (gia hạn chưa cập nhật)",
	DepartmentMismatch:     "Sai cơ quan xử lý",
	MissingInOffice:        "Phòng chưa vào sổ",
	MissingOnPlatform:      "Chưa số hóa lên hệ thống",
	DuplicateCode:          "Trùng mã hồ sơ",
	UnmappedStatus:         "Trạng thái chưa ánh xạ",
	InvalidRecord:          "Dữ liệu không hợp lệ",
	Reopened:               "Mở lại sau khi đóng",
	BackdatedClose:         "Đóng lùi ngày",
}

// DefaultGrace is the working time two systems are given to agree before a
// discrepancy of this kind opens (RULES.md §5).
func (k Kind) DefaultGrace() time.Duration {
	switch k {
	case DuplicateCode, UnmappedStatus, InvalidRecord:
		return 0
	}
	return 8 * time.Hour
}
