package reconcile

// Correction is where a discrepancy is put right, and by that the sheet of the
// department's list that it stands on.
type Correction string

// The corrections.
const (
	CorrectPlatform Correction = "platform" // the department acts on the platform
	CorrectOffice   Correction = "office"   // the department brings its own records up to date
	CorrectVerify   Correction = "verify"   // somebody has to look first; neither side is taken to be right
)

// Corrections lists them in the order of a department's list.
var Corrections = []Correction{CorrectPlatform, CorrectOffice, CorrectVerify}

// CorrectionLabels names each correction as a department reads it.
var CorrectionLabels = map[Correction]string{
	CorrectPlatform: "Cần xử lý trên hệ thống",
	CorrectOffice:   "Cần cập nhật sổ của phòng",
	CorrectVerify:   "Cần xác minh",
}

// CorrectionOf tells where a discrepancy is put right. The office's record is the
// account of the work itself (RULES.md §4), so the platform is to follow it, except
// for due dates, which the platform sets and only the office's extension replaces;
// where two accounts of the same event differ, neither is taken to be right.
func CorrectionOf(kind Kind, side Side, office *Record) Correction {
	switch kind {
	case ResolvedNotClosed, ClosedInProgress, PauseMismatch, MissingOnPlatform:
		return CorrectPlatform
	case MissingInOffice:
		return CorrectOffice
	case DueDateMismatch:
		if office != nil && office.ExtendedDueAt.Known() {
			return CorrectPlatform
		}
		return CorrectOffice
	case DuplicateCode, InvalidRecord:
		if side == Office {
			return CorrectOffice
		}
		return CorrectPlatform
	}
	return CorrectVerify
}

// Reminded reports whether a reminder letter speaks of this kind. A status that our
// own mapping lacks is no omission of the department's.
func (k Kind) Reminded() bool { return k != UnmappedStatus }

// Task is what a department is asked to do, as one Vietnamese sentence.
func Task(kind Kind, side Side, office *Record) string {
	correction := CorrectionOf(kind, side, office)
	switch kind {
	case ResolvedNotClosed:
		return "Cập nhật kết quả giải quyết và kết thúc hồ sơ trên hệ thống, đúng ngày đã giải quyết."
	case ClosedInProgress:
		return "Hồ sơ chưa giải quyết xong: đề nghị mở lại trên hệ thống; nếu đã xong, cập nhật sổ của phòng."
	case OutcomeMismatch:
		return "Đối chiếu kết quả với hồ sơ gốc, sửa bên ghi chưa đúng."
	case PauseMismatch:
		return "Cập nhật trạng thái tạm dừng hoặc tiếp tục xử lý trên hệ thống cho khớp với thực tế."
	case CompletionDateMismatch:
		return "Đối chiếu ngày kết thúc với hồ sơ gốc, sửa bên ghi chưa đúng."
	case DueDateMismatch:
		if correction == CorrectPlatform {
			return "Cập nhật thời gian gia hạn lên hệ thống."
		}
		return "Cập nhật hạn trả trong sổ của phòng theo hệ thống, hoặc báo Trung tâm nếu hạn trên hệ thống chưa đúng."
	case DepartmentMismatch:
		return "Xác định phòng chịu trách nhiệm giải quyết, chuyển hồ sơ đúng phòng."
	case MissingInOffice:
		return "Vào sổ hồ sơ này; nếu chưa nhận được hồ sơ, báo lại Trung tâm."
	case MissingOnPlatform:
		return "Số hóa, tiếp nhận hồ sơ trên hệ thống; nếu mã ghi nhầm, sửa mã trong sổ."
	case DuplicateCode:
		if correction == CorrectOffice {
			return "Mã này có ở nhiều dòng khác nội dung trong sổ của phòng: giữ dòng đúng, sửa mã của dòng còn lại."
		}
		return "Mã này có nhiều bản ghi khác nội dung trên hệ thống: báo Trung tâm để xử lý bản ghi trùng."
	case UnmappedStatus:
		return "Chưa cần xử lý: Trung tâm bổ sung cách hiểu trạng thái này, không phải thiếu sót của phòng."
	case InvalidRecord:
		if correction == CorrectOffice {
			return "Sửa ngày tháng của hồ sơ trong sổ của phòng."
		}
		return "Sửa ngày tháng của hồ sơ trên hệ thống."
	case Reopened:
		return "Hồ sơ đã kết thúc rồi mở lại: cho biết lý do, cập nhật hạn trả nếu có thay đổi."
	case BackdatedClose:
		return "Xác minh ngày kết thúc: thời điểm được ghi sớm hơn lúc hồ sơ còn đang xử lý theo dữ liệu đã đọc."
	}
	return ""
}

// EffectLabels tells a department what a discrepancy does to the deadline. A false
// overdue is the platform's figure to correct, never the department's lateness.
var EffectLabels = map[Effect]string{
	EffectNone:    "Không ảnh hưởng",
	FalseOverdue:  "Hệ thống báo quá hạn không đúng; thực tế trong hạn",
	HiddenOverdue: "Thực tế quá hạn, hệ thống chưa thể hiện",
}

// StateLabels names each state as a department reads it.
var StateLabels = map[State]string{
	StateSuspected:    "Đang theo dõi",
	StateOpen:         "Cần xử lý",
	StateAcknowledged: "Phòng đã có ý kiến",
	StateWaived:       "Tạm không nhắc",
	StateResolved:     "Đã khớp",
}
