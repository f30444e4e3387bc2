package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

const (
	nation     = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
	motto      = "Độc lập - Tự do - Hạnh phúc"
	title      = "BÁO CÁO TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH"
	unit       = "Đơn vị tính: hồ sơ"
	headFirst  = "I. Số liệu do hệ thống báo cáo"
	headSecond = "II. Số liệu sau đối soát"
	headThird  = "III. Chênh lệch (sau đối soát so với hệ thống báo cáo)"
	headWords  = "IV. Nhận định"
	headFresh  = "V. Nguồn số liệu"
	noFinding  = "Không có nhận định: hai bên khớp nhau, hoặc chưa có số liệu để đối soát."
	formName   = "Biểu số II.06a/VPCP/KSTT (Thông tư số 01/2020/TT-VPCP)"
	formTitle  = "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT TTHC TẠI CƠ QUAN, ĐƠN VỊ TRỰC TIẾP GIẢI QUYẾT TTHC"
	annexTitle = "HỒ SƠ CHÊNH LỆCH GIỮA HỆ THỐNG BÁO CÁO VÀ SAU ĐỐI SOÁT"
	noAnnex    = "Không có hồ sơ chênh lệch."
	incomplete = "SỐ LIỆU CHƯA ĐẦY ĐỦ"
)

// periodName names a period as reports do: a month, a quarter, half a year or a year
// by name, any other by its days.
func periodName(from, to time.Time) string {
	year, month := from.Year(), int(from.Month())
	whole := from.Day() == 1 && to.AddDate(0, 0, 1).Day() == 1 && to.Year() == year
	months := int(to.Month()) - month + 1
	switch {
	case !whole:
	case months == 1:
		return fmt.Sprintf("Tháng %d năm %d", month, year)
	case months == 3 && month%3 == 1:
		return fmt.Sprintf("Quý %s năm %d", [...]string{"I", "II", "III", "IV"}[month/3], year)
	case months == 6 && month == 1:
		return fmt.Sprintf("6 tháng đầu năm %d", year)
	case months == 6 && month == 7:
		return fmt.Sprintf("6 tháng cuối năm %d", year)
	case months == 9 && month == 1:
		return fmt.Sprintf("9 tháng đầu năm %d", year)
	case months == 12:
		return fmt.Sprintf("Năm %d", year)
	}
	return "Từ ngày " + from.Format("02/01/2006") + " đến ngày " + to.Format("02/01/2006")
}

// PeriodName names the period from one day to another, both included: "Quý II năm
// 2018" where it is a quarter.
func PeriodName(from, to time.Time, zone *time.Location) string {
	return periodName(from.In(zone), to.In(zone))
}

func (r *Report) period() string { return PeriodName(r.From, r.To, r.Zone) }

// days is the period by its days, and the moment it was counted for.
func (r *Report) days() string {
	return fmt.Sprintf("(Hồ sơ từ ngày %s đến ngày %s; tình trạng tính đến %s)",
		r.date(r.From), r.date(r.To), r.moment(r.AsOf))
}

func (r *Report) date(t time.Time) string   { return t.In(r.Zone).Format("02/01/2006") }
func (r *Report) moment(t time.Time) string { return t.In(r.Zone).Format("15:04 02/01/2006") }

// longDate is the date at the head (NĐ 30/2020/NĐ-CP: a zero before days under 10 and
// before January and February).
func (r *Report) longDate() string {
	day := r.Day
	if day.IsZero() {
		day = r.AsOf
	}
	day = day.In(r.Zone)
	month := fmt.Sprint(int(day.Month()))
	if day.Month() < time.March {
		month = "0" + month
	}
	place := r.Place
	if place == "" {
		place = "…………"
	}
	return fmt.Sprintf("%s, ngày %02d tháng %s năm %d", place, day.Day(), month, day.Year())
}

func (r *Report) number() string {
	if r.Number == "" {
		return "Số: ……/BC"
	}
	return "Số: " + r.Number
}

// rowsAre is the heading of the column that names rows.
func (r *Report) rowsAre() string {
	if r.By == reconcile.ByField {
		return "Lĩnh vực giải quyết"
	}
	return "Cơ quan, đơn vị"
}

// warnings say what the figures lack; none where they are whole.
func (r *Report) warnings() []string {
	var all []string
	if len(r.Unread) > 0 {
		all = append(all, fmt.Sprintf("%s: chưa đọc được nguồn %s; hồ sơ của nguồn này chưa được tính.", incomplete, strings.Join(r.Unread, ", ")))
	}
	var stale []string
	for _, s := range r.Sources {
		if s.Stale {
			stale = append(stale, fmt.Sprintf("%s (đọc lần cuối %s)", s.Name, r.moment(s.ReadAt)))
		}
	}
	if len(stale) > 0 {
		all = append(all, incomplete+": số liệu cũ của nguồn "+strings.Join(stale, ", ")+".")
	}
	if total := r.total(); total.UnknownDue+total.UnknownEnd > 0 {
		all = append(all, fmt.Sprintf("Sau đối soát có %d hồ sơ không rõ hạn trả và %d hồ sơ không rõ ngày kết thúc; các hồ sơ này được tính là trong hạn.",
			total.UnknownDue, total.UnknownEnd))
	}
	return all
}

// freshness is a source's line: name, when it was read, how many records.
func (r *Report) freshness() [][]any {
	var lines [][]any
	for i, s := range r.Sources {
		state := "Đủ mới"
		if s.Stale {
			state = "Số liệu cũ"
		}
		lines = append(lines, []any{i + 1, s.Name, clock{s.ReadAt.In(r.Zone)}, s.Records, state})
	}
	for _, name := range r.Unread {
		lines = append(lines, []any{len(lines) + 1, name, "", "", "Chưa đọc được"})
	}
	return lines
}

func effectText(e reconcile.Effect) string {
	if e == reconcile.EffectNone || e == "" {
		return ""
	}
	return reconcile.EffectLabels[e]
}
