package list

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/reconcile"
)

func opened(t testing.TB, file []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		t.Fatalf("excelize cannot open the list: %v", err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func rowsOf(t testing.TB, f *excelize.File, sheet string) [][]string {
	t.Helper()
	rows, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

const (
	onPlatform = "Cần xử lý trên hệ thống"
	inOffice   = "Cần cập nhật sổ của phòng"
	toVerify   = "Cần xác minh"
)

func TestSheetsAndRows(t *testing.T) {
	answered := resolved(1)
	answered.Note, answered.SetBy, answered.State = "Đã cập nhật ngày 29/6", "lan", reconcile.StateAcknowledged
	stale := missing(2)
	stale.NotVerifiedSince, stale.Times = at(28, 22, 0), 0
	f := opened(t, written(t, theList(answered, stale, backdated(3), resolved(4))))

	if got, want := f.GetSheetList(), []string{coverSheet, onPlatform, inOffice, toVerify}; !cmp.Equal(got, want) {
		t.Errorf("sheets %q, want %q", got, want)
	}
	got := rowsOf(t, f, onPlatform)
	for i := range got {
		got[i] = got[i][:min(len(got[i]), int(colAnswer))]
	}
	want := [][]string{
		{"STT", "Mã hồ sơ", "Thủ tục", "Ngày tiếp nhận", "Hẹn trả", "Tình trạng trên hệ thống", "Tình trạng tại phòng", "Sai lệch",
			"Ảnh hưởng đến hạn", "Đã sai lệch từ", "Lần nhắc", "Việc cần làm", "Ý kiến của phòng"},
		{"1", code(1), "1.000948", "01/06/2018 08:15", "20/06/2018", "Đang xử lý (processing)", "Đã xử lý xong (kết thúc 12/06/2018)",
			"Đã giải quyết, chưa xử lý trên hệ thống", "Hệ thống báo quá hạn không đúng; thực tế trong hạn", "12/06/2018 17:00", "1",
			"Cập nhật kết quả giải quyết và kết thúc hồ sơ trên hệ thống, đúng ngày đã giải quyết. Đã có ý kiến của lan.", "Đã cập nhật ngày 29/6"},
		{"2", code(4), "1.000948", "01/06/2018 08:15", "20/06/2018", "Đang xử lý (processing)", "Đã xử lý xong (kết thúc 12/06/2018)",
			"Đã giải quyết, chưa xử lý trên hệ thống", "Hệ thống báo quá hạn không đúng; thực tế trong hạn", "12/06/2018 17:00", "1",
			"Cập nhật kết quả giải quyết và kết thúc hồ sơ trên hệ thống, đúng ngày đã giải quyết.", ""},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sheet %s (-want +got):\n%s", onPlatform, diff)
	}
	office := rowsOf(t, f, inOffice)[1]
	if office[colOffice-1] != "Không có" || office[colTimes-1] != "0" {
		t.Errorf("the missing dossier's row is %q", office)
	}
	if got, want := office[colTask-1], "(chưa kiểm tra lại từ 28/06/2018 22:00)"; !strings.HasSuffix(got, want) {
		t.Errorf("task %q, want it to end with %q", got, want)
	}
	if verify := rowsOf(t, f, toVerify); len(verify) != 2 || verify[1][colCode-1] != code(3) {
		t.Errorf("sheet %s: %q", toVerify, verify)
	}
}

func TestDatesAreNumbersWithTheirFormat(t *testing.T) {
	odd := resolved(1)
	odd.Platform.ReceivedAt = reconcile.Moment{Time: time.Date(1899, 1, 2, 0, 0, 0, 0, zone), DateOnly: true}
	odd.Platform.DueAt, odd.Office.DueAt = reconcile.Moment{}, reconcile.Moment{}
	f := opened(t, written(t, theList(resolved(2), odd)))
	for _, tc := range []struct {
		cell, raw, format string
		kind              excelize.CellType
	}{
		{"D2", "43252.34375", "dd/mm/yyyy hh:mm", excelize.CellTypeUnset},
		{"E2", "43271", "dd/mm/yyyy", excelize.CellTypeUnset},
		{"J2", "43263.7083333333", "dd/mm/yyyy hh:mm", excelize.CellTypeUnset},
		{"D3", "02/01/1899", "", excelize.CellTypeInlineString}, // no spreadsheet has that day
		{"E3", "", "", excelize.CellTypeUnset},
		{"A2", "1", "", excelize.CellTypeUnset},
		{"B2", code(2), "", excelize.CellTypeInlineString},
	} {
		raw, err := f.GetCellValue(onPlatform, tc.cell, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		kind, _ := f.GetCellType(onPlatform, tc.cell)
		id, _ := f.GetCellStyle(onPlatform, tc.cell)
		style, err := f.GetStyle(id)
		if err != nil {
			t.Fatal(err)
		}
		format := ""
		if style.CustomNumFmt != nil {
			format = *style.CustomNumFmt
		}
		if raw != tc.raw || format != tc.format || kind != tc.kind {
			t.Errorf("%s holds %q of type %v shown as %q, want %q, %v, %q", tc.cell, raw, kind, format, tc.raw, tc.kind, tc.format)
		}
	}
}

func TestPaperFiltersAndPanes(t *testing.T) {
	l := theList(resolved(1), resolved(2))
	l.DepartmentName = "Phòng A & B\nC"
	f := opened(t, written(t, l))
	for _, sheet := range f.GetSheetList() {
		layout, err := f.GetPageLayout(sheet)
		if err != nil {
			t.Fatal(err)
		}
		props, _ := f.GetSheetProps(sheet)
		long := 0
		if sheet == coverSheet {
			long = 1
		}
		if *layout.Orientation != "landscape" || *layout.Size != 9 || *layout.FitToWidth != 1 || *layout.FitToHeight != long || !*props.FitToPage {
			t.Errorf("%s prints %s on paper %d, %d by %d pages, fit %v", sheet, *layout.Orientation, *layout.Size, *layout.FitToWidth, *layout.FitToHeight, *props.FitToPage)
		}
		marks, err := f.GetHeaderFooter(sheet)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := marks.OddHeader, "&LPhòng A && B C&RLập lúc 02/07/2018 06:30"; got != want {
			t.Errorf("%s: header %q, want %q", sheet, got, want)
		}
		if got, want := marks.OddFooter, "&L"+sheet+"&RTrang &P/&N"; got != want {
			t.Errorf("%s: footer %q, want %q", sheet, got, want)
		}
	}
	panes, err := f.GetPanes(onPlatform)
	if err != nil {
		t.Fatal(err)
	}
	if !panes.Freeze || panes.YSplit != 1 || panes.XSplit != 2 {
		t.Errorf("panes %+v, want the heading row and two columns frozen", panes)
	}
	var names []string
	for _, n := range f.GetDefinedName() {
		if n.Scope == onPlatform {
			names = append(names, n.Name+" = "+n.RefersTo)
		}
	}
	slices.Sort(names)
	if want := []string{
		"_xlnm.Print_Titles = '" + onPlatform + "'!$1:$1",
		"_xlnm._FilterDatabase = '" + onPlatform + "'!$A$1:$N$3",
	}; !cmp.Equal(names, want) {
		t.Errorf("defined names %q, want %q", names, want)
	}
	if visible, _ := f.GetColVisible(onPlatform, "N"); visible {
		t.Error("the column of marks is to be seen")
	}
	if protection, _ := f.GetSheetProtection(onPlatform); protection.Password != "" || protection.SelectLockedCells {
		t.Errorf("the sheet is protected: %+v", protection)
	}
}

func TestAnswersAreAskedFor(t *testing.T) {
	f := opened(t, written(t, theList(resolved(1), resolved(2))))
	validations, err := f.GetDataValidations(onPlatform)
	if err != nil || len(validations) != 1 {
		t.Fatalf("%d validations (%v), want one", len(validations), err)
	}
	v := validations[0]
	if v.Sqref != "M2:M3" || v.Type != "textLength" || v.Formula2 != "1000" || v.Prompt == nil ||
		!strings.Contains(*v.Prompt, "Không ghi tên, số CMND/CCCD, điện thoại của công dân") {
		t.Errorf("validation %+v", v)
	}
	id, _ := f.GetCellStyle(onPlatform, "M3")
	style, err := f.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	if style.NumFmt != formatText || !slices.Equal(style.Fill.Color, []string{fillAnswer}) {
		t.Errorf("an empty answer's cell looks like %+v", style)
	}
}

// coverText is the cover, cell by cell.
func coverText(t *testing.T, f *excelize.File) string {
	t.Helper()
	var out strings.Builder
	for _, row := range rowsOf(t, f, coverSheet) {
		out.WriteString(strings.TrimRight(strings.Join(row, " | "), " |") + "\n")
	}
	return out.String()
}

func TestCover(t *testing.T) {
	answered := resolved(1)
	answered.Note = "Đã xong"
	both := backdated(1) // the same dossier once more
	both.Effect = reconcile.EffectNone
	l := theList(answered, resolved(2), missing(3), backdated(4), both)
	l.Held = true
	got := coverText(t, opened(t, written(t, l)))
	for _, want := range []string{
		"ỦY BAN NHÂN DÂN THỊ XÃ HƯƠNG TRÀ\nTrung tâm Hành chính công\n",
		"\nDANH SÁCH HỒ SƠ CẦN ĐỐI SOÁT\nChi nhánh Văn phòng Đăng ký đất đai\n",
		"Lập lúc | 02/07/2018 06:30\nSố liệu đối soát đến | 02/07/2018 06:00\nĐề nghị trả lời trước | 04/07/2018 17:00\n",
		heldWords,
		"Có 4 hồ sơ cần đối soát (5 dòng); phòng đã có ý kiến ở 1 dòng.",
		"2 hồ sơ hệ thống đang báo quá hạn nhưng thực tế trong hạn: đây là số liệu của hệ thống cần được sửa lại, không phải hồ sơ phòng giải quyết trễ.",
		"1 hồ sơ thực tế đã quá hạn nhưng hệ thống chưa thể hiện",
		onPlatform + " | 2 | 1 | 2 | 0 | " + askings[reconcile.CorrectPlatform],
		inOffice + " | 1 | 0 | 0 | 0 | ",
		toVerify + " | 2 | 0 | 0 | 1 | ",
		"Cộng | 5 | 1 | 2 | 1\n",
		"Đã giải quyết, chưa xử lý trên hệ thống | 2 | 1 | 2 | 0\n",
		"Hệ thống xử lý dịch vụ công của tỉnh | Hệ thống | 02/07/2018 05:30 |  | Đã cập nhật\n",
		"Sổ theo dõi đất đai (ViLIS) | Phòng | 30/06/2018 04:30 |  | Số liệu cũ: không kết nối được\n",
		"Cách ghi ý kiến và gửi lại", privacy, "6. Đề nghị trả lời trước 04/07/2018 17:00.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the cover lacks %q; it says\n%s", want, got)
		}
	}
}

func TestAnEmptyListSaysSo(t *testing.T) {
	l := theList()
	l.Items, l.Sources = nil, nil
	f := opened(t, written(t, l))
	got := coverText(t, f)
	if !strings.Contains(got, "Không có hồ sơ nào cần sửa") || !strings.Contains(got, "Cộng | 0 | 0 | 0 | 0") ||
		strings.Contains(got, "Cách ghi ý kiến") {
		t.Errorf("the cover of an empty list says\n%s", got)
	}
	if got, want := rowsOf(t, f, inOffice)[1], []string{"", empties[reconcile.CorrectOffice]}; !cmp.Equal(got, want) {
		t.Errorf("the empty sheet says %q, want %q", got, want)
	}
	answers := readBack(t, written(t, l))
	if len(answers.Rows) != 0 || answers.Department != "VPDKDD" || !answers.MadeAt.Equal(madeAt) {
		t.Errorf("the empty list reads as %+v", answers)
	}
}

func TestWriteFailsWithoutWriting(t *testing.T) {
	broken := errors.New("the store is gone")
	noID := resolved(1)
	noID.ID = ""
	for name, tc := range map[string]struct {
		change func(*List)
		want   string
	}{
		"no zone":        {func(l *List) { l.Zone = nil }, "list: no time zone was given"},
		"the items end":  {func(l *List) { l.Items = func(func(*Item) error) error { return broken } }, "list of VPDKDD: the store is gone"},
		"an item, no ID": {func(l *List) { l.Items = theList(noID).Items }, "list of VPDKDD: item 1 has no ID or no code"},
	} {
		t.Run(name, func(t *testing.T) {
			l := theList(resolved(1))
			tc.change(l)
			var out bytes.Buffer
			if err := Write(&out, l); err == nil || err.Error() != tc.want {
				t.Errorf("Write says %v, want %q", err, tc.want)
			}
			if out.Len() > 0 {
				t.Errorf("Write wrote %d bytes of a list it could not make", out.Len())
			}
		})
	}
	if err := Write(failing{}, theList()); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a writer's error became %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestColumnsFitPaper(t *testing.T) {
	total := 0.0
	for _, c := range columns {
		total += c.width
		if c.style == styleMoment && c.width < float64(len(momentWords)) {
			t.Errorf("column %s is %g wide: a moment would be shown as ###", c.title, c.width)
		}
	}
	// A4 landscape holds about 153 characters at full size; below 60 % of eleven
	// points nobody reads it.
	if scale := 153 / total; scale < 0.6 {
		t.Errorf("the columns are %g wide: they print at %.0f %%", total, 100*scale)
	}
	for _, about := range reconcile.Corrections {
		if name := reconcile.CorrectionLabels[about]; len([]rune(name)) > 31 {
			t.Errorf("a sheet cannot be named %q", name)
		}
		if askings[about] == "" || empties[about] == "" {
			t.Errorf("nothing is said of %s", about)
		}
	}
}

func ExampleWrite() {
	var file bytes.Buffer
	if err := Write(&file, theList(resolved(1), missing(2))); err != nil {
		panic(err)
	}
	f, err := excelize.OpenReader(&file)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	for _, sheet := range f.GetSheetList()[1:] {
		rows, _ := f.GetRows(sheet)
		for _, row := range rows[1:] {
			fmt.Println(sheet+":", row[1], "–", row[min(7, len(row)-1)])
		}
	}
	// Output:
	// Cần xử lý trên hệ thống: 000.00.16.H57-180601-0001 – Đã giải quyết, chưa xử lý trên hệ thống
	// Cần cập nhật sổ của phòng: 000.00.16.H57-180601-0002 – Phòng chưa vào sổ
	// Cần xác minh: Không có hồ sơ nào cần xác minh. – Không có hồ sơ nào cần xác minh.
}
