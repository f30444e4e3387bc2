package output

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/reconcile"
)

func TestCSVIsWhatExcelOpens(t *testing.T) {
	text := golden(t, "list.csv", func(w io.Writer) error { return CSV(w, hanoi, each(listed())) })
	if !bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) {
		t.Error("no byte order mark: Excel would not show Vietnamese")
	}
	rows, err := csv.NewReader(bytes.NewReader(text[3:])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if len(row) != len(columns) {
			t.Errorf("line %d has %d cells, want %d", i+1, len(row), len(columns))
		}
	}
	if got := rows[1][2]; got != "Đã giải quyết, chưa xử lý trên hệ thống" {
		t.Errorf("a cell with a comma came back as %q", got)
	}
	if got := rows[2][0]; got != "'=CMD()" {
		t.Errorf("a code like a formula is written as %q", got)
	}
}

func TestInertTextIsNoFormula(t *testing.T) {
	for _, dangerous := range []string{
		"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "\x01x", "\x7fx", " =1", "\u00a0=1", "\u3000=1", "\ufeff=1", "\u200b=1",
		"＝1", "＋1", "－1", "＠x", "﹢1", "﹣1", "﹦1", "﹫x", " ＝1", "=cmd|' /C calc'!A0", `=HYPERLINK("http://x")`,
	} {
		if got := Inert(dangerous); got != "'"+dangerous {
			t.Errorf("Inert(%q) = %q", dangerous, got)
		}
	}
	for _, harmless := range []string{"", " ", "000.00.16.H57-180611-0004", "Đã giải quyết", "1=1", "a@b", "'=1", "Ủy ban", "(=1"} {
		if got := Inert(harmless); got != harmless {
			t.Errorf("Inert(%q) = %q", harmless, got)
		}
	}
}

func FuzzInert(f *testing.F) {
	for _, s := range []string{"=1", " =1", "＝", "\xff=1", "a", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Inert(s)
		if got != s && got != "'"+s {
			t.Fatalf("Inert(%q) = %q", s, got)
		}
		if trimmed := strings.TrimSpace(got); trimmed != "" && strings.ContainsAny(trimmed[:1], "=+-@") {
			t.Fatalf("Inert(%q) = %q begins like a formula", s, got)
		}
		if Inert(got) != got {
			t.Fatalf("Inert(%q) is not inert yet", got)
		}
	})
}

func reopened(t *testing.T, write func(io.Writer) error) *excelize.File {
	t.Helper()
	var text bytes.Buffer
	if err := write(&text); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&text)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func value(t *testing.T, f *excelize.File, sheet, cell string, raw bool) string {
	t.Helper()
	got, err := f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: raw})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestWorkbookHasRealDatesAndNoFormulas(t *testing.T) {
	list := listed()
	list[1].Reason = "a\x00b\x0bc\ufffe" + strings.Repeat("x", 40_000)
	f := reopened(t, func(w io.Writer) error { return XLSX(w, hanoi, each(list)) })
	for cell, want := range map[string]string{
		"A1": "Mã hồ sơ", "A2": "000.00.16.H57-180611-0004", "G2": "13/06/2018 09:30", "H2": "14/06/2018 10:00",
		"K2": "25/06/2018 17:00", "L2": "29/06/2018", "M2": "", "N2": "13/06/2018 09:30", "A3": "=CMD()",
	} {
		if got := value(t, f, listSheet, cell, false); got != want {
			t.Errorf("%s is %q, want %q", cell, got, want)
		}
	}
	// Real dates are numbers: 13 June 2018, 09:30 is day 43264 of Excel's calendar.
	if got := value(t, f, listSheet, "G2", true); !strings.HasPrefix(got, "43264.3958") {
		t.Errorf("G2 holds %q, want a number of days", got)
	}
	if kind, err := f.GetCellType(listSheet, "A3"); err != nil || kind != excelize.CellTypeInlineString && kind != excelize.CellTypeSharedString {
		t.Errorf("A3 is of type %v, %v", kind, err)
	}
	for _, cell := range []string{"A3", "A2", "O3"} {
		if formula, err := f.GetCellFormula(listSheet, cell); err != nil || formula != "" {
			t.Errorf("%s has the formula %q, %v", cell, formula, err)
		}
	}
	if got := value(t, f, listSheet, "O3", false); !strings.HasPrefix(got, "a") || len(got) > 32_767*3 {
		t.Errorf("a text with control characters came back as %q", got[:min(len(got), 20)])
	}
}

func TestWorkbookIsFrozenAndFiltered(t *testing.T) {
	f := reopened(t, func(w io.Writer) error { return XLSX(w, hanoi, each(listed())) })
	panes, err := f.GetPanes(listSheet)
	if err != nil || !panes.Freeze || panes.YSplit != 1 || panes.TopLeftCell != "A2" {
		t.Errorf("panes %+v, %v", panes, err)
	}
	var filter string
	for _, name := range f.GetDefinedName() {
		if strings.Contains(name.Name, "_FilterDatabase") {
			filter = name.RefersTo
		}
	}
	if !strings.Contains(filter, "$A$1:$P$") {
		t.Errorf("the filter spans %q", filter)
	}
	// excelize keeps the name even where the sheet itself says nothing of it.
	var text bytes.Buffer
	if err := f.Write(&text); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(text.Bytes()), int64(text.Len()))
	if err != nil {
		t.Fatal(err)
	}
	part, err := archive.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	sheet, err := io.ReadAll(part)
	if err != nil || !bytes.Contains(sheet, []byte(`<autoFilter ref="$A$1:$P$`)) && !bytes.Contains(sheet, []byte(`<autoFilter ref="A1:P`)) {
		t.Errorf("the sheet has no filter: %v", err)
	}
}

func TestAWorkbookOfManyRowsGoesOnOnTheNextSheet(t *testing.T) {
	var list []app.Listed
	for i := range 25 {
		list = append(list, app.Listed{Discrepancy: reconcile.Discrepancy{ID: fmt.Sprint(i), Code: fmt.Sprintf("C%02d", i)}})
	}
	f := reopened(t, func(w io.Writer) error { return xlsx(w, hanoi, each(list), 10) })
	var got []string
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s: %s, %s to %s", sheet, rows[0][0], rows[1][0], rows[len(rows)-1][0]))
	}
	want := []string{"Sai lệch: Mã hồ sơ, C00 to C09", "Sai lệch 2: Mã hồ sơ, C10 to C19", "Sai lệch 3: Mã hồ sơ, C20 to C24"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
