package report

import (
	"iter"
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// seed is the town's table of Q2/2018, as its platform reported it.
var seed = []struct {
	name   string
	total  int
	counts reconcile.Counts
}{
	{"Phòng Kinh tế", 1, reconcile.Counts{ResolvedOnTime: 1}},
	{"Phòng Tài nguyên - môi trường", 72, reconcile.Counts{ResolvedOnTime: 68, ResolvedLate: 4}},
	{"Phòng Quản lý đô thị", 214, reconcile.Counts{ResolvedOnTime: 173, ResolvedLate: 26, InProgressOnTime: 15}},
	{"Phòng Tư pháp", 71, reconcile.Counts{ResolvedOnTime: 64, ResolvedLate: 3, InProgressOnTime: 4}},
	{"Phòng Nội vụ", 3, reconcile.Counts{ResolvedOnTime: 3}},
	{"Phòng Lao động, thương binh, xã hội", 117, reconcile.Counts{ResolvedOnTime: 117}},
	{"Phòng Tài chính kế hoạch", 94, reconcile.Counts{ResolvedOnTime: 92, InProgressOnTime: 2}},
	{"Phòng Y tế", 1, reconcile.Counts{ResolvedOnTime: 1}},
	{"Phòng Giáo dục đào tạo", 16, reconcile.Counts{ResolvedOnTime: 10, ResolvedLate: 4, InProgressOnTime: 2}},
	{"Chi nhánh văn phòng đăng ký đất đai", 1318, reconcile.Counts{ResolvedOnTime: 714, ResolvedLate: 227, InProgressOnTime: 368, InProgressOverdue: 9}},
}

// sample is that quarter's report, with a verified account in which the land office
// resolved seven of its nine overdue dossiers in time and hid three late ones.
func sample(t testing.TB) *Report {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	day := func(month time.Month, day int) time.Time { return time.Date(2018, month, day, 0, 0, 0, 0, zone) }
	r := &Report{
		Parent: "UBND thị xã Hương Trà", Centre: "Trung tâm Hành chính công", Place: "Hương Trà", Number: "35/BC-TTHCC",
		Day: day(7, 3), Signer: Signer{"Giám đốc", "Nguyễn Thị Thử"},
		From: day(4, 1), To: day(6, 30), AsOf: day(7, 2).Add(8 * time.Hour), By: reconcile.ByDepartment, Zone: zone,
		Findings: []string{
			"Chi nhánh văn phòng đăng ký đất đai có 7 hồ sơ hệ thống báo quá hạn không đúng: đã giải quyết trong hạn nhưng chưa kết thúc trên hệ thống.",
			"3 hồ sơ thực tế quá hạn mà hệ thống chưa thể hiện.",
		},
		Sources: []Source{
			{Name: "dvc-hue", ReadAt: day(7, 2).Add(7 * time.Hour), Records: 1907},
			{Name: "land-register", ReadAt: day(6, 28).Add(22 * time.Hour), Records: 1318, Stale: true},
		},
		Unread: []string{"justice-book"},
	}
	for _, s := range seed {
		form := reconcile.FormCounts{
			Online: s.total / 3, InPerson: s.total - s.total/3 - s.total/10, CarriedOver: s.total / 10,
			Early: s.counts.ResolvedOnTime / 2, OnTime: s.counts.ResolvedOnTime - s.counts.ResolvedOnTime/2, Late: s.counts.ResolvedLate,
			InProgressOnTime: s.counts.InProgressOnTime, InProgressOverdue: s.counts.InProgressOverdue,
		}
		row := Row{Name: s.name, Reported: s.counts, Verified: s.counts, FormReported: form, FormVerified: form}
		if s.total == 1318 {
			row.Verified = reconcile.Counts{ResolvedOnTime: 718, ResolvedLate: 230, InProgressOnTime: 368, InProgressOverdue: 2}
			row.FormVerified.OnTime += 4
			row.FormVerified.Late += 3
			row.FormVerified.InProgressOverdue -= 7
			row.UnknownEnd = 1
		}
		r.Rows = append(r.Rows, row)
	}
	r.Differences = differencesOf(
		Difference{Row: "Phòng Quản lý đô thị", Code: "000.00.16.H57-180502-0009", Reported: VerdictText(&reconcile.Verdict{Late: true}),
			Verified: VerdictText(&reconcile.Verdict{Ended: true}), Effect: reconcile.FalseOverdue, Reason: "Đã giải quyết, chưa xử lý trên hệ thống"},
		Difference{Row: "Chi nhánh văn phòng đăng ký đất đai", Code: "=HYPERLINK(\"http://x\")", Reported: VerdictText(&reconcile.Verdict{}),
			Verified: VerdictText(&reconcile.Verdict{Late: true}), Effect: reconcile.HiddenOverdue, Reason: "＝1+1"},
	)
	return r
}

func differencesOf(all ...Difference) iter.Seq2[Difference, error] {
	return func(yield func(Difference, error) bool) {
		for _, d := range all {
			if !yield(d, nil) {
				return
			}
		}
	}
}
