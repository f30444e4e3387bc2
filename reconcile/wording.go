package reconcile

import (
	"strings"
	"time"
)

// Wording says in Vietnamese what was found of a dossier, as a department's list and
// page show it. The English sentence is Finding.Reason.
type Wording struct {
	// Zone is whose clock dates are written by.
	Zone *time.Location
	// Name gives a department's name; nil leaves the codes.
	Name func(code string) string
}

// longestRaw bounds, in characters, what is repeated of a source's own words.
const longestRaw = 60

// Explain is one sentence with the values that disagree. The records are those of
// today; either may be nil, and where they no longer fit the kind it says no more than
// that the sides differ. It is "" for a kind that does not exist.
func (w Wording) Explain(kind Kind, side Side, platform, office *Record) string {
	one, subject, place := platform, "Hệ thống", "trên hệ thống"
	if side == Office {
		one, subject, place = office, "Phòng", "trong sổ của phòng"
	}
	switch kind {
	case ResolvedNotClosed:
		if !couldBe(office, Group.Ended) || !couldBe(platform, Group.Live) {
			return notBothEnded
		}
		return "Phòng ghi hồ sơ " + w.ended(office) + ", nhưng hệ thống " + stillOr(platform, "chưa kết thúc") + "."
	case ClosedInProgress:
		if !couldBe(platform, Group.Ended) || !couldBe(office, Group.Live) {
			return notBothEnded
		}
		return "Hệ thống ghi hồ sơ " + w.ended(platform) + ", nhưng phòng " + stillOr(office, "chưa giải quyết xong") + "."
	case OutcomeMismatch:
		return w.both("kết quả", platform, office, w.outcome)
	case PauseMismatch:
		if paused(platform) == paused(office) {
			return "Hệ thống và phòng không cùng ghi hồ sơ đang tạm dừng."
		}
		if paused(platform) {
			return "Hệ thống ghi hồ sơ đang tạm dừng (" + status(platform) + "), nhưng phòng " + saysOr(office, "không ghi như vậy") + "."
		}
		return "Phòng ghi hồ sơ đang tạm dừng (" + status(office) + "), nhưng hệ thống " + saysOr(platform, "không ghi như vậy") + "."
	case CompletionDateMismatch:
		return w.both("ngày kết thúc", platform, office, func(rec *Record) string { return w.when(rec.End()) })
	case DueDateMismatch:
		return w.due(platform, office)
	case DepartmentMismatch:
		return w.both("phòng xử lý", platform, office, func(rec *Record) string { return w.department(rec.Department) })
	case MissingInOffice:
		return "Hệ thống có hồ sơ này" + w.known(platform) + ", nhưng sổ của phòng chưa có."
	case MissingOnPlatform:
		return "Sổ của phòng có hồ sơ này" + w.known(office) + ", nhưng hệ thống chưa có."
	case DuplicateCode:
		if side == Office {
			return "Sổ của phòng có nhiều dòng mang mã hồ sơ này với nội dung khác nhau."
		}
		return "Hệ thống có nhiều bản ghi mang mã hồ sơ này với nội dung khác nhau."
	case UnmappedStatus:
		if one == nil || one.Mapped() || raw(one) == "" {
			return subject + " ghi một trạng thái mà bảng ánh xạ chưa có."
		}
		return subject + " ghi trạng thái “" + raw(one) + "” mà bảng ánh xạ chưa có."
	case InvalidRecord:
		return "Ngày tháng " + place + " " + w.flaw(one) + "."
	case Reopened:
		if !couldBe(one, Group.Live) {
			return subject + " đã từng ghi hồ sơ kết thúc rồi mở lại."
		}
		return subject + " đã từng ghi hồ sơ kết thúc, nay " + saysOr(one, "lại ghi chưa kết thúc") + "."
	case BackdatedClose:
		if one == nil || !one.End().Known() {
			return "Ngày kết thúc " + place + " sớm hơn lúc hồ sơ còn đang xử lý theo dữ liệu đã đọc."
		}
		return subject + " ghi hồ sơ " + w.ended(one) + ", sớm hơn lúc hồ sơ còn đang xử lý theo dữ liệu đã đọc."
	}
	return ""
}

// both sets the two sides' values of one thing against each other.
func (w Wording) both(what string, platform, office *Record, value func(*Record) string) string {
	var p, o string
	if platform != nil {
		p = value(platform)
	}
	if office != nil {
		o = value(office)
	}
	if p == "" || o == "" || p == o {
		return "Hệ thống và phòng ghi " + what + " khác nhau."
	}
	return "Hệ thống ghi " + what + " là " + p + ", phòng ghi " + o + "."
}

func (w Wording) due(platform, office *Record) string {
	if platform != nil && office != nil && office.ExtendedDueAt.Known() && platform.EffectiveDue().Known() {
		return "Phòng ghi gia hạn đến " + w.when(office.ExtendedDueAt) + ", nhưng hạn trả trên hệ thống là " + w.when(platform.EffectiveDue()) + "."
	}
	return w.both("hạn trả", platform, office, func(rec *Record) string { return w.when(rec.EffectiveDue()) })
}

// outcome is a status that ended a dossier, with the day.
func (w Wording) outcome(rec *Record) string {
	if !rec.Mapped() || !rec.Group.Ended() {
		return ""
	}
	if end := rec.End(); end.Known() {
		return status(rec) + " (" + w.when(end) + ")"
	}
	return status(rec)
}

// ended says that and when a dossier ended; how, where that is without a result.
func (w Wording) ended(rec *Record) string {
	if rec == nil || !rec.Group.Ended() {
		return "đã kết thúc"
	}
	text := "đã kết thúc"
	if end := rec.End(); end.Known() {
		text = "kết thúc " + w.when(end)
	}
	if rec.Group == Dropped {
		text += " (" + status(rec) + ")"
	}
	return text
}

// known is what a side says of a dossier that the other does not have, in brackets.
func (w Wording) known(rec *Record) string {
	if rec == nil || !rec.Mapped() {
		return ""
	}
	if rec.ReceivedAt.Known() {
		return " (" + status(rec) + ", tiếp nhận " + w.when(rec.ReceivedAt) + ")"
	}
	return " (" + status(rec) + ")"
}

// flaw is what contradicts itself in a record, in the order of Rules.Invalid.
func (w Wording) flaw(rec *Record) string {
	if rec == nil {
		return "không hợp lệ"
	}
	end, received := rec.End(), rec.ReceivedAt
	limit := rec.ReadAt.Add(futureTolerance)
	switch {
	case rec.Group == Done && !end.Known():
		return "không hợp lệ: ghi " + status(rec) + " nhưng không có ngày kết thúc"
	case end.Known() && received.Known() && w.before(end, received):
		return "không hợp lệ: kết thúc " + w.when(end) + ", trước khi tiếp nhận " + w.when(received)
	case rec.ReadAt.IsZero():
	case received.Time.After(limit):
		return "không hợp lệ: tiếp nhận " + w.when(received) + ", sau thời điểm đọc dữ liệu"
	case end.Time.After(limit):
		return "không hợp lệ: kết thúc " + w.when(end) + ", sau thời điểm đọc dữ liệu"
	}
	return "không hợp lệ"
}

// before compares as Rules.before does, and not finer than it is written.
func (w Wording) before(a, b Moment) bool {
	b.DateOnly = b.DateOnly || a.DateOnly
	return a.Time.Before(b.Time) && w.when(a) != w.when(b)
}

// when writes a moment as the source knows it: with the hour where it gave one.
func (w Wording) when(m Moment) string {
	switch {
	case !m.Known():
		return ""
	case m.DateOnly:
		return m.Time.In(w.Zone).Format("02/01/2006")
	}
	return m.Time.In(w.Zone).Format("02/01/2006 15:04")
}

func (w Wording) department(code string) string {
	if code == "" || w.Name == nil {
		return code
	}
	return w.Name(code)
}

const notBothEnded = "Hệ thống và phòng không cùng ghi hồ sơ đã kết thúc."

// couldBe reports whether nothing speaks against a record being in such a group.
func couldBe(rec *Record, such func(Group) bool) bool { return rec == nil || such(rec.Group) }

func paused(rec *Record) bool { return rec != nil && rec.Group == Paused }

// status is the label of a record's status, in quotes the source's own word where the
// mapping does not know it.
func status(rec *Record) string {
	if rec.Mapped() {
		return StatusLabels[rec.Status]
	}
	return "“" + raw(rec) + "”"
}

// raw is the source's own word on one line, cut.
func raw(rec *Record) string {
	text := []rune(strings.Join(strings.Fields(rec.RawStatus), " "))
	if len(text) > longestRaw {
		text = append(text[:longestRaw-1], '…')
	}
	return string(text)
}

// stillOr says that a live record still stands as it does.
func stillOr(rec *Record, otherwise string) string {
	if rec == nil || !rec.Group.Live() {
		return otherwise
	}
	return "vẫn ghi " + status(rec)
}

// saysOr says how a live record stands.
func saysOr(rec *Record, otherwise string) string {
	if rec == nil || !rec.Group.Live() {
		return otherwise
	}
	return "ghi " + status(rec)
}
