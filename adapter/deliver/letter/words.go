package letter

import (
	"fmt"
	"strings"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// The words that the letter's PDF and the shipped template share.
const (
	nation      = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
	motto       = "Độc lập - Tự do - Hạnh phúc"
	draft       = "DỰ THẢO"
	title       = "PHIẾU ĐÔN ĐỐC"
	subject     = "Về việc kiểm tra, xử lý hồ sơ chưa khớp giữa hệ thống và sổ theo dõi"
	annexTitle  = "DANH SÁCH HỒ SƠ ĐỀ NGHỊ KIỂM TRA, XỬ LÝ"
	headFalse   = "A. Số liệu của hệ thống cần chỉnh cho đúng (không tính là phòng giải quyết chậm)"
	textFalse   = "Hệ thống đang báo quá hạn các hồ sơ dưới đây; theo sổ của phòng, hồ sơ trong hạn. Đây là số liệu của hệ thống cần chỉnh cho đúng, không tính là phòng giải quyết chậm."
	headHidden  = "B. Hồ sơ thực tế quá hạn, hệ thống chưa thể hiện"
	textHidden  = "Các hồ sơ dưới đây đã quá hạn theo sổ của phòng, trong khi hệ thống vẫn báo trong hạn."
	headOther   = "C. Sai lệch khác, không làm thay đổi tình trạng trong hạn, quá hạn"
	askCheck    = "- Kiểm tra từng hồ sơ trong danh sách kèm theo, xử lý theo cột “Việc cần làm”."
	askApology  = "- Với hồ sơ thực tế quá hạn: gửi Phiếu xin lỗi và hẹn lại ngày trả kết quả cho người nộp hồ sơ theo quy định."
	askQuestion = "Có vướng mắc trong quá trình thực hiện, đề nghị liên hệ %s để cùng xử lý./."
	receivers   = "Nơi nhận:\n- Như trên;\n- Lưu: VT."
)

// columns are the headings of a letter's table, and their widths in millimetres on a
// landscape page.
var columns = []struct {
	field, label string
	width        float64
	center       bool
}{
	{"stt", "STT", 10, true},
	{"ma", "Mã hồ sơ", 46, false},
	{"tthc", "Tên/mã TTHC", 26, false},
	{"tiep_nhan", "Thời gian tiếp nhận", 20, true},
	{"hen_tra", "Ngày hẹn trả", 20, true},
	{"don_vi", "Đơn vị chủ trì", 24, false},
	{"sai_lech", "Sai lệch", 30, false},
	{"viec_can_lam", "Việc cần làm", 40, false},
	{"lan_nhac", "Lần nhắc", 11, true},
	{"ghi_chu", "Ghi chú", 35, false},
}

// longDate is a date as the head of an official letter has it (NĐ 30/2020/NĐ-CP,
// appendix I: a zero before days under 10 and before January and February).
func longDate(t time.Time) string {
	month := fmt.Sprint(int(t.Month()))
	if t.Month() < time.March {
		month = "0" + month
	}
	return fmt.Sprintf("ngày %02d tháng %s năm %d", t.Day(), month, t.Year())
}

func (l *Letter) date(t time.Time) string { return t.In(l.Zone).Format("02/01/2006") }

// hour is a moment in a sentence.
func (l *Letter) hour(t time.Time) string {
	t = t.In(l.Zone)
	return fmt.Sprintf("%02d giờ %02d ngày %s", t.Hour(), t.Minute(), t.Format("02/01/2006"))
}

func showMoment(m reconcile.Moment, zone *time.Location) string {
	switch {
	case !m.Known():
		return ""
	case m.DateOnly:
		return m.Time.In(zone).Format("02/01/2006")
	}
	return m.Time.In(zone).Format("02/01/2006 15:04")
}

func (l *Letter) number() string {
	if l.Number != "" {
		return l.Number
	}
	symbol := l.Symbol
	if symbol == "" {
		symbol = "PĐĐ"
	}
	return "     /" + symbol
}

// fields are what one item's row says, by the names that templates use.
func (l *Letter) fields(n int, item *Item) map[string]string {
	received, due, procedure := item.ReceivedAt, item.DueAt, item.Procedure
	for _, rec := range [...]*reconcile.Record{item.Platform, item.Office} {
		if rec == nil {
			continue
		}
		if !received.Known() {
			received = rec.ReceivedAt
		}
		if !due.Known() {
			due = rec.EffectiveDue()
		}
		if procedure == "" {
			procedure = rec.Procedure
		}
	}
	department := item.Department
	if department == "" {
		department = l.To
	}
	since := ""
	if !item.Since.IsZero() {
		since = l.date(item.Since)
	}
	return map[string]string{
		"stt":          fmt.Sprint(n),
		"ma":           item.Code,
		"tthc":         procedure,
		"tiep_nhan":    showMoment(received, l.Zone),
		"hen_tra":      showMoment(due, l.Zone),
		"don_vi":       department,
		"sai_lech":     reconcile.KindLabels[item.Kind],
		"viec_can_lam": reconcile.Task(item.Kind, item.Side, item.Office),
		"lan_nhac":     fmt.Sprint(max(item.Times, 1)),
		"ghi_chu":      l.note(item),
		"tu_ngay":      since,
		"anh_huong":    reconcile.EffectLabels[item.Effect],
	}
}

// note says what both sides record. A false overdue says once more what it is not,
// since a site's template may put all rows into one table.
func (l *Letter) note(item *Item) string {
	var lines []string
	switch item.Effect {
	case reconcile.FalseOverdue:
		lines = append(lines, "Số liệu hệ thống cần chỉnh; không tính là phòng giải quyết chậm.")
	case reconcile.HiddenOverdue:
		lines = append(lines, "Thực tế quá hạn.")
	}
	for _, side := range []struct {
		name string
		rec  *reconcile.Record
	}{{"Hệ thống", item.Platform}, {"Sổ của phòng", item.Office}} {
		if side.rec == nil || side.rec.Status == "" {
			continue
		}
		line := side.name + ": " + strings.ToLower(reconcile.StatusLabels[side.rec.Status])
		if end := side.rec.End(); end.Known() {
			line += " " + showMoment(reconcile.Moment{Time: end.Time, DateOnly: true}, l.Zone)
		}
		lines = append(lines, line+".")
	}
	if !item.Since.IsZero() {
		lines = append(lines, "Sai lệch từ "+l.date(item.Since)+".")
	}
	return strings.Join(lines, "\n")
}

// opening is the letter's first sentence.
func (l *Letter) opening() string {
	period := ""
	if l.Period != "" {
		period = ", " + l.Period
	}
	return fmt.Sprintf("Qua đối soát dữ liệu giữa hệ thống xử lý dịch vụ công và sổ theo dõi của phòng%s, tính đến %s, %s thấy còn %d sai lệch ở %d hồ sơ thuộc trách nhiệm của %s (danh sách kèm theo), gồm:",
		period, l.hour(l.AsOf), l.Centre, len(l.Items), l.dossiers(), l.To)
}
