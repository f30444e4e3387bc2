package reconcile

import (
	"fmt"
	"time"
)

// mostNamed bounds how many departments Sentences speaks of one by one.
const mostNamed = 10

// Sentences puts the findings into whole sentences. name gives a department's name;
// nil leaves the codes. They say what the two accounts say and no more: a difference
// is not a fault of anybody's, and nothing is called true that was not compared.
func (f *Findings) Sentences(name func(code string) string) []Sentence {
	s := saying{findings: f, name: name}
	t := &f.Total
	from, last := f.From.Format("02/01/2006"), f.To.Add(-time.Nanosecond).Format("02/01/2006")
	if t.Dossiers == 0 {
		s.say(fmt.Sprintf("Từ %s đến %s, theo số liệu đã đọc, không có hồ sơ nào được tiếp nhận.", from, last),
			fmt.Sprintf("From %s to %s no dossier was received, as far as was read.", from, last))
		return s.sentences
	}
	s.say(fmt.Sprintf("Từ %s đến %s tiếp nhận %s; đối chiếu được ở cả hai bên %s (%s).", from, last,
		dossiersVi(t.Dossiers), dossiersVi(t.Compared), shareVi(t.Compared, t.Dossiers)),
		fmt.Sprintf("From %s to %s: %s received; %s compared on both sides (%s).", from, last,
			dossiersEn(t.Dossiers), dossiersEn(t.Compared), shareEn(t.Compared, t.Dossiers)))
	if t.Compared+t.Unusable == 0 {
		s.say(fmt.Sprintf("Hệ thống báo %s quá hạn; chưa có hồ sơ nào được đối chiếu với sổ của phòng nên chưa thể nói con số này đúng hay chưa đúng.", dossiersVi(t.ReportedLate)),
			fmt.Sprintf("Reported overdue by the platform: %s; none was compared with an office's records yet, so nothing can be said of how right that is.", dossiersEn(t.ReportedLate)))
	} else {
		s.deadlines(t)
		s.states(t)
		s.closing(t)
	}
	s.gaps(t)
	return s.sentences
}

// saying collects sentences.
type saying struct {
	findings  *Findings
	name      func(code string) string
	sentences []Sentence
}

func (s *saying) say(vi, en string) { s.sentences = append(s.sentences, Sentence{Vi: vi, En: en}) }

// count says one of two things, by whether there are any; %s is the number of dossiers.
func (s *saying) count(n int, vi, en, noneVi, noneEn string) {
	if n == 0 {
		s.say(noneVi, noneEn)
		return
	}
	s.say(fmt.Sprintf(vi, dossiersVi(n)), fmt.Sprintf(en, dossiersEn(n)))
}

func (s *saying) deadlines(t *DepartmentFindings) {
	switch {
	case t.ReportedLate == 0:
		s.say("Hệ thống không báo hồ sơ nào quá hạn.", "The platform reports no dossier overdue.")
	case t.FalseOverdue == 0:
		s.say(fmt.Sprintf("Hệ thống báo %s quá hạn; trong số đã đối chiếu, không có hồ sơ nào bị báo quá hạn không đúng.", dossiersVi(t.ReportedLate)),
			fmt.Sprintf("Reported overdue by the platform: %s; of those that were compared, none falsely.", dossiersEn(t.ReportedLate)))
	default:
		s.say(fmt.Sprintf("Hệ thống báo %s quá hạn; trong đó %s (%s) theo số liệu của phòng là trong hạn: đây là số liệu trên hệ thống cần điều chỉnh, không phải phòng giải quyết chậm.",
			dossiersVi(t.ReportedLate), dossiersVi(t.FalseOverdue), shareVi(t.FalseOverdue, t.ReportedLate)),
			fmt.Sprintf("Reported overdue by the platform: %s, of which %s (%s) on time by the office's records: the platform's figure to be corrected, no delay of the department's.",
				dossiersEn(t.ReportedLate), dossiersEn(t.FalseOverdue), shareEn(t.FalseOverdue, t.ReportedLate)))
	}
	s.count(t.HiddenOverdue,
		"Có %s theo số liệu của phòng là quá hạn mà hệ thống chưa thể hiện.",
		"Overdue by the office's records and not reported so by the platform: %s.",
		"Trong số đã đối chiếu, không có hồ sơ nào quá hạn mà hệ thống chưa thể hiện.",
		"Of those that were compared, none is overdue without the platform reporting it.")
}

func (s *saying) states(t *DepartmentFindings) {
	s.count(t.ResolvedNotClosed,
		"Có %s phòng ghi đã kết thúc mà hệ thống chưa kết thúc, kể cả hồ sơ vừa giải quyết xong.",
		"Ended by the office's records and not yet on the platform, those of the last hours included: %s.",
		"Trong số đã đối chiếu, không có hồ sơ nào phòng ghi đã kết thúc mà hệ thống chưa kết thúc.",
		"Of those that were compared, none is ended by the office's records and not on the platform.")
	s.count(t.ClosedInProgress,
		"Có %s hệ thống đã kết thúc mà phòng ghi chưa giải quyết xong.",
		"Ended on the platform and still in progress by the office's records: %s.",
		"Trong số đã đối chiếu, không có hồ sơ nào hệ thống đã kết thúc mà phòng ghi chưa giải quyết xong.",
		"Of those that were compared, none is ended on the platform and in progress by the office's records.")
	s.count(t.BackdatedClose,
		"Có %s mang ngày kết thúc sớm hơn lúc hồ sơ còn đang xử lý theo dữ liệu đã đọc; cần xác minh, chưa phải là kết luận.",
		"Dated as ended before the moment at which they were still read as in progress: %s; to be looked into, which is no verdict.",
		"Theo dữ liệu đã đọc, không thấy hồ sơ nào được ghi lùi ngày kết thúc.",
		"No dossier was found that is dated as ended before it was still read as in progress.")
}

// closing tells how long after the office's end dossiers are closed on the platform.
func (s *saying) closing(t *DepartmentFindings) {
	switch {
	case t.BothEnded == 0:
		s.say("Chưa có hồ sơ nào kết thúc ở cả hai bên để so thời điểm kết thúc.",
			"No dossier is ended on both sides yet, so moments of ending cannot be compared.")
		return
	case t.ClosedLater == 0:
		s.say(fmt.Sprintf("Trong %s đã kết thúc ở cả hai bên, không có hồ sơ nào được kết thúc trên hệ thống sau khi phòng giải quyết xong.", dossiersVi(t.BothEnded)),
			fmt.Sprintf("Ended on both sides: %s, none of them closed on the platform after the office had ended it.", dossiersEn(t.BothEnded)))
		return
	}
	s.say(fmt.Sprintf("Trong %s đã kết thúc ở cả hai bên, %s (%s) được kết thúc trên hệ thống sau khi phòng giải quyết xong; khoảng cách của một nửa số này không quá %s, của chín phần mười không quá %s.",
		dossiersVi(t.BothEnded), dossiersVi(t.ClosedLater), shareVi(t.ClosedLater, t.BothEnded), s.timeVi(t.MedianDelay), s.timeVi(t.NinthDelay)),
		fmt.Sprintf("Ended on both sides: %s, of which %s (%s) closed on the platform after the office had ended it; half of these within %s, nine tenths within %s.",
			dossiersEn(t.BothEnded), dossiersEn(t.ClosedLater), shareEn(t.ClosedLater, t.BothEnded), s.timeEn(t.MedianDelay), s.timeEn(t.NinthDelay)))
	late := s.findings.LateAfter
	if t.ClosedLate == 0 {
		s.say(fmt.Sprintf("Không có phòng nào kết thúc hồ sơ trên hệ thống chậm hơn %s sau khi giải quyết xong.", s.timeVi(late)),
			fmt.Sprintf("No department closed a dossier on the platform more than %s after it had ended it.", s.timeEn(late)))
		return
	}
	s.say(fmt.Sprintf("Trong số đã kết thúc ở cả hai bên, %s (%s) được kết thúc trên hệ thống chậm hơn %s sau khi phòng giải quyết xong; khoảng cách trung vị của số này là %s.",
		dossiersVi(t.ClosedLate), shareVi(t.ClosedLate, t.BothEnded), s.timeVi(late), s.timeVi(t.MedianLate)),
		fmt.Sprintf("Of those ended on both sides, %s (%s) closed on the platform more than %s after the office's end; the median delay of these is %s.",
			dossiersEn(t.ClosedLate), shareEn(t.ClosedLate, t.BothEnded), s.timeEn(late), s.timeEn(t.MedianLate)))
	slowest := s.findings.Slowest()
	for i := range slowest[:min(len(slowest), mostNamed)] {
		d := &slowest[i]
		vi, en := s.named(d.Department)
		s.say(fmt.Sprintf("%s: %s trong %s đã kết thúc ở cả hai bên (%s) được kết thúc trên hệ thống chậm hơn %s; khoảng cách trung vị là %s.",
			vi, numberVi(d.ClosedLate), dossiersVi(d.BothEnded), shareVi(d.ClosedLate, d.BothEnded), s.timeVi(late), s.timeVi(d.MedianLate)),
			fmt.Sprintf("%s: %s of %s ended on both sides (%s) closed on the platform more than %s later; the median delay of these is %s.",
				en, numberEn(d.ClosedLate), dossiersEn(d.BothEnded), shareEn(d.ClosedLate, d.BothEnded), s.timeEn(late), s.timeEn(d.MedianLate)))
	}
	if len(slowest) > mostNamed {
		others := 0
		for i := range slowest[mostNamed:] {
			others += slowest[mostNamed+i].ClosedLate
		}
		s.say(fmt.Sprintf("Ngoài ra còn %s như vậy ở %d phòng khác.", dossiersVi(others), len(slowest)-mostNamed),
			fmt.Sprintf("Besides, %s of that kind in %d other %s.", dossiersEn(others), len(slowest)-mostNamed, plural(len(slowest)-mostNamed, "department", "departments")))
	}
}

// gaps tells what the figures do not know.
func (s *saying) gaps(t *DepartmentFindings) {
	if t.NotCovered+t.NotCompared+t.Unusable == 0 {
		s.say("Hồ sơ nào trong kỳ cũng đã được đối chiếu.", "Every dossier of the period was compared.")
	}
	for _, gap := range [...]struct {
		n      int
		vi, en string
	}{
		{t.NotCovered, "%s thuộc phòng chưa kết nối nên chưa đối chiếu.", "Not compared, since the department has no connected office: %s."},
		{t.NotCompared, "%s mới chỉ có ở một bên hoặc chưa đọc được nên chưa đối chiếu.", "Not compared, since one side does not hold them or could not be read: %s."},
		{t.Unusable, "%s có ở cả hai bên nhưng dữ liệu của một bên chưa dùng được (trùng mã, trạng thái chưa ánh xạ hoặc ngày tháng không hợp lệ).",
			"On both sides, but one side's record cannot be used (code held twice, unmapped status or invalid dates): %s."},
		{t.UnknownEnd, "%s đã kết thúc mà chưa rõ ngày kết thúc, được tính là trong hạn.", "Ended at an unknown date, and counted as on time: %s."},
	} {
		if gap.n > 0 {
			s.say(fmt.Sprintf(gap.vi, dossiersVi(gap.n)), fmt.Sprintf(gap.en, dossiersEn(gap.n)))
		}
	}
	s.count(t.UnknownDue,
		"%s chưa rõ hạn trả, được tính là trong hạn.", "Without a known due date, and counted as on time: %s.",
		"Hồ sơ nào được tính cũng có hạn trả.", "Every dossier that is counted has a due date.")
}

func (s *saying) timeVi(d time.Duration) string { return WorkingTimeVi(d, s.findings.DayLength) }

func (s *saying) timeEn(d time.Duration) string { return WorkingTimeEn(d, s.findings.DayLength) }

func (s *saying) named(code string) (vi, en string) {
	switch {
	case code == "":
		return "Hồ sơ chưa rõ phòng", "Dossiers of no named department"
	case s.name == nil:
		return code, code
	}
	return s.name(code), s.name(code)
}
