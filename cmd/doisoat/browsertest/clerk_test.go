package browsertest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// Dossiers of the shipped quarter that are on a department's list.
const (
	// In the books of QLDT they are in progress, on the platform they ended.
	firstAnswered, secondAnswered = "000.00.16.H57-180405-0003", "000.00.16.H57-180409-0009"
	// These are answered in the workbook.
	thirdAnswered, fourthAnswered = "000.00.16.H57-180412-0007", "000.00.16.H57-180502-0018"
	// On the platform it ended on 17 April, in the book on 6 April.
	corrected = "000.00.16.H57-180403-0005"
	waived    = "000.00.16.H57-180424-0002"
	// Another department's, TP.
	foreign, foreignAnswered = "000.00.16.H57-180410-0006", "000.00.16.H57-180423-0017"
)

// ofQLDT is how many discrepancies stand against the department.
const ofQLDT = 26

// others are names of departments that a clerk of QLDT must not see figures of.
var others = []string{"Phòng Tư pháp", "Phòng Nội vụ", "Chi nhánh văn phòng đăng ký đất đai"}

const rows = "#list tbody tr"

func clerkReads(t *testing.T, tn *town, c *chrome) {
	b := c.tab(t)
	b.get("/", http.StatusOK)
	if at := b.at(); !strings.HasPrefix(at, "/login") {
		t.Fatalf("nobody is signed in, and / leads to %s", at)
	}
	b.look("dang-nhap")
	b.write("#name", "dothi")
	b.write("#password", "không phải mật khẩu này")
	b.press(`form[action="/login"] button`, http.StatusUnauthorized)
	b.says(".alert", "mật khẩu")
	b.enter("dothi", tn.passwords["dothi"])
	b.says("h1", "Đổi mật khẩu")
	b.look("doi-mat-khau")
	b.get("/discrepancies", http.StatusOK)
	if at := b.at(); !strings.HasPrefix(at, "/password") {
		t.Errorf("before the first password is changed the list leads to %s", at)
	}
	b.changePassword(tn.passwords["dothi"], later("dothi"))
	b.says(".flash", "Đã đổi mật khẩu.")

	b.says("main", "Kết quả đối soát lúc 08:")
	b.silent("main", others...)
	if open := b.number(b.text(".card .figure")); open != ofQLDT {
		t.Errorf("the overview counts %d open, want %d", open, ofQLDT)
	}
	if drawn := b.count(".chart canvas"); drawn != 1 {
		t.Errorf("%d charts are drawn, want 1", drawn)
	}
	b.look("tong-quan-phong")

	b.press(`.places a[href="/discrepancies"]`, http.StatusOK)
	b.silent("main", others...)
	all := b.texts(rows)
	if len(all) != ofQLDT {
		t.Fatalf("the list has %d rows, want %d", len(all), ofQLDT)
	}
	b.look("danh-sach-phong")
	clerkFilters(t, b, all)

	b.write("#find", firstAnswered)
	b.leads(chromedp.SendKeys(chromedp.CSS("#find"), "\r"), "search", http.StatusOK)
	if at := b.at(); at != "/dossiers/"+firstAnswered {
		t.Errorf("the search leads to %s", at)
	}
	b.says("main", "Đang giải quyết, đã xử lý hoàn thành trên hệ thống", "Hệ thống ghi trong hạn nhưng thực tế hồ sơ đã quá hạn")
	b.look("ho-so-phong")
	b.get("/dossiers/"+foreign, http.StatusNotFound)
	b.silent("main", "Phòng Tư pháp")
	b.glance("khong-tim-thay")
	b.get("/lists/TP", http.StatusNotFound)
	b.get("/sources", http.StatusForbidden)
	b.get("/report", http.StatusOK)
	b.says("main", "Phòng Quản lý đô thị")
	b.silent("main", others...)
	b.look("bao-cao-phong")
	b.signOut()
}

// clerkFilters narrows the list down, where the page changes without being loaded anew.
func clerkFilters(t *testing.T, b *tab, all []string) {
	t.Helper()
	const kind, effect = "Ngày kết thúc khác nhau", "Hệ thống báo quá hạn không đúng; thực tế trong hạn"
	var want []string
	for _, row := range all {
		if strings.Contains(row, kind) && strings.Contains(row, effect) {
			want = append(want, row)
		}
	}
	if len(want) == 0 || len(want) == len(all) {
		t.Fatalf("%d of %d rows are both %q and %q", len(want), len(all), kind, effect)
	}
	b.choose("#f-kind", "completion_date_mismatch")
	b.settled("the list is of one kind", `location.search.includes("kind=completion_date_mismatch") && !document.querySelector(".htmx-request, .htmx-settling, .htmx-swapping")`)
	b.choose("#f-effect", "false_overdue")
	b.settled("the list is of one effect", `location.search.includes("effect=false_overdue") && !document.querySelector(".htmx-request, .htmx-settling, .htmx-swapping")`)
	if got := b.texts(rows); !slices.Equal(got, want) {
		t.Errorf("filtered by kind and effect the list has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	b.get(b.at(), http.StatusOK)
	if got := b.texts(rows); !slices.Equal(got, want) {
		t.Errorf("the address of the filtered list, opened anew, has %d rows, want %d", len(got), len(want))
	}
	b.glance("danh-sach-loc")
	b.get("/discrepancies", http.StatusOK)
	b.choose("#f-order", "-since")
	b.settled("the list is sorted", `location.search.includes("order=-since") && !document.querySelector(".htmx-request, .htmx-settling, .htmx-swapping")`)
	days := b.texts(rows + ` td[data-label="Đã sai lệch từ"] span`)
	if len(days) != len(all) {
		t.Fatalf("%d rows have a day, want %d", len(days), len(all))
	}
	if !slices.IsSortedFunc(days, func(x, y string) int { return b.day(y).Compare(b.day(x)) }) {
		t.Errorf("sorted by day, the newest first, the list has %s", days)
	}
}

// row is a dossier's in the list.
func row(code string) string { return fmt.Sprintf(`#list tr:has(a[href="/dossiers/%s"])`, code) }

// tick ticks dossiers of the list.
func (b *tab) tick(codes ...string) {
	b.t.Helper()
	for _, code := range codes {
		b.do(chromedp.Click(chromedp.CSS(row(code) + ` input[name="id"]`)))
	}
}

func clerkAnswers(t *testing.T, _ *town, c *chrome) {
	b := c.tab(t)
	b.get("/login?next=%2Fdiscrepancies%3Fkind%3Dclosed_in_progress", http.StatusOK)
	b.enter("dothi", later("dothi"))
	if b.query("kind") != "closed_in_progress" {
		t.Fatalf("after signing in the page is %s", b.at())
	}
	acknowledge := `#acts button[formaction="/discrepancies/acknowledge"]`
	b.press(acknowledge, http.StatusUnprocessableEntity)
	b.says("#acts", "Chưa chọn dòng nào.", "Hãy ghi ý kiến của phòng.")
	b.settled("what is wrong is in sight", `(() => { const r = document.querySelector("#acts .fault").getBoundingClientRect(); return r.top >= 0 && r.bottom <= innerHeight; })()`)
	b.glance("danh-sach-thieu")
	b.get("/discrepancies?kind=closed_in_progress", http.StatusOK)
	b.tick(firstAnswered, secondAnswered)
	b.says("#acts legend", "(2)")
	if waive := b.count(`button[formaction="/discrepancies/waive"]`); waive != 0 {
		t.Error("a clerk is offered to waive")
	}
	const note = "Đã ký trả ngày 17/04, chưa kịp vào sổ; sẽ bổ sung trong ngày."
	b.write(`#acts textarea[name="note"]`, note)
	b.press(acknowledge, http.StatusOK)
	b.says(".flash", "Đã ghi ý kiến cho 2 sai lệch.")
	if b.query("kind") != "closed_in_progress" {
		t.Errorf("the filter is lost: %s", b.at())
	}
	for _, code := range []string{firstAnswered, secondAnswered} {
		b.says(row(code), "Phòng đã có ý kiến", note)
	}
	b.glance("danh-sach-da-ghi-y-kien")
}
