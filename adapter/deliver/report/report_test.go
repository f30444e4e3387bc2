package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/adapter/deliver/officetest"
	"github.com/doisoat/doisoat/reconcile"
)

func writtenAs(t testing.TB, r *Report, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, r, format); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.Bytes()
}

func book1(t *testing.T, r *Report) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(writtenAs(t, r, "xlsx")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// table reads the rows below a heading that ends with the row before first.
func table(t *testing.T, f *excelize.File, sheet, first string) [][]string {
	t.Helper()
	rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if len(row) > 1 && row[1] == first {
			return rows[i:]
		}
	}
	t.Fatalf("%s has no %s: %v", sheet, first, rows)
	return nil
}

func TestTheQuartersTableComesOutExactly(t *testing.T) {
	var want [][]string
	line := func(n, name string, c reconcile.Counts) []string {
		return []string{n, name, fmt.Sprint(c.Total()), fmt.Sprint(c.ResolvedOnTime), fmt.Sprint(c.ResolvedLate), fmt.Sprint(c.InProgressOnTime), fmt.Sprint(c.InProgressOverdue)}
	}
	for i, s := range seed {
		if s.counts.Total() != s.total {
			t.Fatalf("%s does not add up", s.name)
		}
		want = append(want, line(fmt.Sprint(i+1), s.name, s.counts))
	}
	want = append(want, []string{"", "Tổng số", "1907", "1243", "264", "391", "9"})
	f := book1(t, sample(t))
	if diff := cmp.Diff(want, table(t, f, sheetReported, "Phòng Kinh tế")); diff != "" {
		t.Error(diff)
	}
	last := func(sheet string) []string {
		rows := table(t, f, sheet, "Phòng Kinh tế")
		return rows[len(rows)-1]
	}
	if diff := cmp.Diff([]string{"", "Tổng số", "1907", "1247", "267", "391", "2"}, last(sheetVerified)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"", "Tổng số", "0", "4", "3", "0", "-7"}, last(sheetDifference)); diff != "" {
		t.Error(diff)
	}
	// The sign is shown, and the number is one.
	if shown, err := f.GetCellValue(sheetDifference, cellOf(t, f, sheetDifference, "Tổng số", 3)); err != nil || shown != "+4" {
		t.Errorf("%q, %v", shown, err)
	}
	if diff := cmp.Diff([]string{"", "Tổng số", "1907", "633", "1087", "187", "1514", "619", "628", "267", "393", "391", "2"}, last(sheetForm)); diff != "" {
		t.Error(diff)
	}
}

// cellOf names the cell of a column (from 0) in the row that has a text in column B.
func cellOf(t *testing.T, f *excelize.File, sheet, text string, column int) string {
	t.Helper()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if len(row) > 1 && row[1] == text {
			name, err := excelize.CoordinatesToCellName(column+1, i+1)
			if err != nil {
				t.Fatal(err)
			}
			return name
		}
	}
	t.Fatalf("%s has no %s", sheet, text)
	return ""
}

func TestTheWorkbookIsInertAndReadyToPrint(t *testing.T) {
	f := book1(t, sample(t))
	want := []string{sheetReported, sheetVerified, sheetDifference, sheetForm, sheetWords, sheetAnnex}
	if diff := cmp.Diff(want, f.GetSheetList()); diff != "" {
		t.Error(diff)
	}
	for _, sheet := range want {
		layout, err := f.GetPageLayout(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if *layout.Orientation != "landscape" || *layout.Size != 9 {
			t.Errorf("%s: %s %d", sheet, *layout.Orientation, *layout.Size)
		}
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j, text := range row {
				cell, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err != nil {
					t.Fatal(err)
				}
				if formula, err := f.GetCellFormula(sheet, cell); err != nil || formula != "" {
					t.Errorf("%s %s: formula %q, %v", sheet, cell, formula, err)
				}
				kind, err := f.GetCellType(sheet, cell)
				if err != nil {
					t.Fatal(err)
				}
				style, err := f.GetCellStyle(sheet, cell)
				if err != nil {
					t.Fatal(err)
				}
				// Numbers are numbers; of texts those that look otherwise are marked.
				isText := kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString
				quoted := f.Styles.CellXfs.Xf[style].QuotePrefix
				if got, want := quoted != nil && *quoted, isText && inert(text); got != want {
					t.Errorf("%s %s %q: marked as text %v", sheet, cell, text, got)
				}
			}
		}
	}
	if got := f.GetDefinedName(); len(got) != 4 {
		t.Errorf("headings to repeat: %v", got)
	}
	for text, want := range map[string]bool{"=1": true, " +1": true, "-1": true, "@a": true, "\t=1": true, "＝1": true, "－": true, "a=1": false, "": false, "1": false} {
		if inert(text) != want {
			t.Errorf("inert(%q) is not %v", text, want)
		}
	}
}

func TestOfficeProgramsPrintTheReport(t *testing.T) {
	r := sample(t)
	r.Rows[0].Name = "=Phòng Kinh tế <&>"
	texts := officetest.Printed(t, map[string][]byte{
		"word.docx": writtenAs(t, r, "docx"), "sheet.xlsx": writtenAs(t, r, "xlsx"), "print.pdf": writtenAs(t, r, "pdf"),
	})
	for name, text := range texts {
		got := officetest.Words(text)
		for _, want := range []string{
			"BÁO CÁO TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH", "Quý II năm 2018", "từ ngày 01/04/2018 đến ngày 30/06/2018",
			"SỐ LIỆU CHƯA ĐẦY ĐỦ: chưa đọc được nguồn justice-book", "số liệu cũ của nguồn land-register (đọc lần cuối 22:00 28/06/2018)",
			"1 hồ sơ không rõ ngày kết thúc", "I. Số liệu do hệ thống báo cáo", "II. Số liệu sau đối soát", "III. Chênh lệch", "IV. Nhận định", "V. Nguồn số liệu",
			"=Phòng Kinh tế <&>", "Chi nhánh văn phòng đăng ký đất đai", "1907", "1243", "264", "391", "1247", "+4", "-7",
			"Biểu số II.06a/VPCP/KSTT", "dịch vụ bưu chính", "(13)", "Theo hệ thống báo cáo",
			"3 hồ sơ thực tế quá hạn mà hệ thống chưa thể hiện.", "Chưa đọc được", "02/07/2018 07:00",
			"000.00.16.H57-180502-0009", "Đang giải quyết, quá hạn", "Đã giải quyết, đúng hạn", "=HYPERLINK(",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("%s lacks %q:\n%s", name, want, got)
			}
		}
		if name != "sheet.xlsx" {
			for _, want := range []string{"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Số: 35/BC-TTHCC", "Hương Trà, ngày 03 tháng 7 năm 2018", "GIÁM ĐỐC", "Nguyễn Thị Thử", "Trang 1/5"} {
				if !strings.Contains(got, want) {
					t.Errorf("%s lacks %q", name, want)
				}
			}
		}
	}
}

func TestPeriodsHaveNames(t *testing.T) {
	zone := sample(t).Zone
	day := func(s string) time.Time {
		d, err := time.ParseInLocation(time.DateOnly, s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for days, want := range map[[2]string]string{
		{"2018-04-01", "2018-06-30"}: "Quý II năm 2018",
		{"2018-10-01", "2018-12-31"}: "Quý IV năm 2018",
		{"2024-02-01", "2024-02-29"}: "Tháng 2 năm 2024",
		{"2023-01-01", "2023-12-31"}: "Năm 2023",
		{"2023-01-01", "2023-06-30"}: "6 tháng đầu năm 2023",
		{"2023-07-01", "2023-12-31"}: "6 tháng cuối năm 2023",
		{"2023-01-01", "2023-09-30"}: "9 tháng đầu năm 2023",
		{"2023-02-01", "2023-04-30"}: "Từ ngày 01/02/2023 đến ngày 30/04/2023",
		{"2018-04-01", "2018-06-29"}: "Từ ngày 01/04/2018 đến ngày 29/06/2018",
		{"2018-04-02", "2018-06-30"}: "Từ ngày 02/04/2018 đến ngày 30/06/2018",
		{"2018-10-01", "2019-09-30"}: "Từ ngày 01/10/2018 đến ngày 30/09/2019",
	} {
		if got := PeriodName(day(days[0]).UTC(), day(days[1]).UTC(), zone); got != want {
			t.Errorf("%v: %s, want %s", days, got, want)
		}
	}
}

func TestAnEmptyReportSaysSo(t *testing.T) {
	r := sample(t)
	r.Rows, r.Findings, r.Sources, r.Unread, r.Differences = nil, nil, nil, nil, nil
	r.Number, r.Parent, r.Place, r.Day = "", "", "", time.Time{}
	r.By = reconcile.ByField
	texts := officetest.Printed(t, map[string][]byte{"print.pdf": writtenAs(t, r, "pdf")})
	for _, want := range []string{noFinding, noAnnex, "Lĩnh vực giải quyết", "Số: ……/BC", "…………, ngày 02 tháng 7 năm 2018"} {
		if got := officetest.Words(texts["print.pdf"]); !strings.Contains(got, want) {
			t.Errorf("lacks %q: %s", want, got)
		}
	}
	for _, format := range Formats {
		if len(writtenAs(t, r, format)) == 0 {
			t.Errorf("%s is empty", format)
		}
	}
}

func TestFaultsAreTold(t *testing.T) {
	broken := errors.New("store: gone")
	for _, format := range Formats {
		r := sample(t)
		r.Differences = func(yield func(Difference, error) bool) {
			if yield(Difference{Row: "a", Code: "b"}, nil) {
				yield(Difference{}, broken)
			}
		}
		if err := Write(io.Discard, r, format); !errors.Is(err, broken) {
			t.Errorf("%s: %v", format, err)
		}
		r.Zone = nil
		if err := Write(io.Discard, r, format); err == nil || !strings.Contains(err.Error(), "Zone must be given") {
			t.Errorf("%s: %v", format, err)
		}
		r = sample(t)
		r.To = r.From.AddDate(0, 0, -1)
		if err := Write(io.Discard, r, format); err == nil || !strings.Contains(err.Error(), "To lies before From") {
			t.Errorf("%s: %v", format, err)
		}
	}
	if err := Write(io.Discard, sample(t), "odt"); err == nil || !strings.Contains(err.Error(), `"odt" is no format`) {
		t.Errorf("got %v", err)
	}
}

func TestTheSameReportIsTheSameBytes(t *testing.T) {
	for _, format := range Formats {
		if !bytes.Equal(writtenAs(t, sample(t), format), writtenAs(t, sample(t), format)) {
			t.Errorf("%s differs", format)
		}
	}
}

func TestVerdictText(t *testing.T) {
	for want, v := range map[string]*reconcile.Verdict{
		"Không có": nil, "Đã giải quyết, quá hạn": {Ended: true, Late: true}, "Đã giải quyết, đúng hạn": {Ended: true},
		"Đang giải quyết, quá hạn": {Late: true}, "Đang giải quyết, trong hạn": {},
	} {
		if got := VerdictText(v); got != want {
			t.Errorf("%+v: %s", v, got)
		}
	}
}

// A province's quarter may differ in thousands of dossiers.
func TestLongAnnexes(t *testing.T) {
	const count = 3_000
	r := sample(t)
	r.Differences = func(yield func(Difference, error) bool) {
		for i := range count {
			if !yield(Difference{Row: seed[i*len(seed)/count].name, Code: fmt.Sprintf("000.00.16.H57-180502-%05d", i),
				Reported: "Đang giải quyết, quá hạn", Verified: "Đã giải quyết, đúng hạn", Effect: reconcile.FalseOverdue, Reason: "Đã giải quyết, chưa xử lý trên hệ thống"}, nil) {
				return
			}
		}
	}
	for _, format := range Formats {
		begun := time.Now()
		size := len(writtenAs(t, r, format))
		t.Logf("%s: %v, %d kB", format, time.Since(begun), size>>10)
		if took := time.Since(begun); took > time.Minute { // seconds, on a machine at rest
			t.Errorf("%s took %v", format, took)
		}
	}
	rows := table(t, book1(t, r), sheetAnnex, seed[0].name)
	if len(rows) != count || rows[count-1][0] != fmt.Sprint(count) {
		t.Errorf("%d rows", len(rows))
	}
}
