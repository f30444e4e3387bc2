package workbook

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/reconcile"
)

func TestCellsOfABook(t *testing.T) {
	path := saveBook(t, "so.xlsx", func(f *excelize.File) {
		styled := func(id int, custom string) int {
			s := &excelize.Style{NumFmt: id}
			if custom != "" {
				s.CustomNumFmt = &custom
			}
			n, err := f.NewStyle(s)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		rowsOf(t, f, "Sheet1", 1, []any{"Mã hồ sơ", "Giá trị"})
		row := 1
		add := func(code string, value any, style int) {
			row++
			cell := fmt.Sprintf("B%d", row)
			rowsOf(t, f, "Sheet1", row, []any{code, nil})
			if err := f.SetCellValue("Sheet1", cell, value); err != nil {
				t.Fatal(err)
			}
			if style >= 0 {
				if err := f.SetCellStyle("Sheet1", cell, cell, style); err != nil {
					t.Fatal(err)
				}
			}
		}
		plain := styled(0, "")
		add("date and time", 43195.41527777778, styled(22, ""))
		add("a day", 43195, styled(14, ""))
		add("own format", 43195.5, styled(0, `dd"/"mm/yyyy hh:mm`))
		add("own format with a locale", 43195, styled(0, `[$-42A]dd/mm/yyyy;@`))
		add("time alone", 0.25, styled(20, ""))
		add("an empty cell's formula", 0, styled(14, ""))
		add("duration", 1.5, styled(46, ""))
		add("text that looks like a date", "05/04/2018 09:58:00", -1)
		add("whole", 12.0, plain)
		add("fraction", 0.1+0.2, plain)
		add("large", 1.8070200001e11, plain)
		add("beyond fifteen digits", int64(1234567890123456), plain)
		add("leading zeros", 42, styled(0, "00000"))
		add("money", 12, styled(4, ""))
		add("red negative", -5, styled(0, `0;[Red]-0`))
		add("truth", true, -1)
		add("rich", "", -1)
		if err := f.SetCellRichText("Sheet1", fmt.Sprintf("B%d", row), []excelize.RichTextRun{{Text: "Đã "}, {Text: "giải & quyết", Font: &excelize.Font{Bold: true}}}); err != nil {
			t.Fatal(err)
		}
		add("line break", "a\nb", -1)
		add("zero", 0, plain)
	})
	p, rec := poll(t, Config{Path: path}, "Mã hồ sơ", "Giá trị")
	complete(t, p)
	want := [][]string{
		{"date and time", "date:2018-04-05T09:58:00"}, {"a day", "date:2018-04-05"}, {"own format", "date:2018-04-05T12:00:00"},
		{"own format with a locale", "date:2018-04-05"}, {"time alone", "06:00:00"}, {"an empty cell's formula", ""}, {"duration", "1.5"},
		{"text that looks like a date", "05/04/2018 09:58:00"}, {"whole", "12"}, {"fraction", "0.3"}, {"large", "180702000010"},
		{"beyond fifteen digits", "1234567890123456"}, {"leading zeros", "00042"}, {"money", "12"}, {"red negative", "-5"}, {"truth", "TRUE"},
		{"rich", "Đã giải & quyết"}, {"line break", "a\nb"}, {"zero", "0"},
	}
	if diff := cmp.Diff(want, rec.values()); diff != "" {
		t.Errorf("values:\n%s", diff)
	}
}

func TestDatesFrom1904(t *testing.T) {
	yes := true
	path := saveBook(t, "mac.xlsx", func(f *excelize.File) {
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
			t.Fatal(err)
		}
		rowsOf(t, f, "Sheet1", 1, []any{"Mã hồ sơ", "Ngày nhận"}, []any{"A1", time.Date(2018, 4, 5, 9, 58, 0, 0, time.UTC)})
	})
	p, rec := poll(t, Config{Path: path}, "Mã hồ sơ", "Ngày nhận")
	complete(t, p)
	if diff := cmp.Diff([][]string{{"A1", "date:2018-04-05T09:58:00"}}, rec.values()); diff != "" {
		t.Errorf("values:\n%s", diff)
	}
}

func TestShapesOfBooks(t *testing.T) {
	head := []any{"STT", "Mã hồ sơ", "Tình trạng"}
	for _, test := range []struct {
		name    string
		cfg     Config
		inputs  []string
		fill    func(f *excelize.File)
		want    [][]string
		skipped map[string]int
		pages   int
		cause   reconcile.Cause
		reason  []string
	}{
		{name: "titles merged above, total and footer below", fill: func(f *excelize.File) {
			rowsOf(t, f, "Sheet1", 1, []any{"UỶ BAN NHÂN DÂN"}, []any{"SỔ THEO DÕI HỒ SƠ"}, nil, head, []any{"(1)", "(2)", "(3)"}, []any{1, "A1", "x"}, []any{},
				[]any{"Tổng số", 213}, []any{"", "", "Huế, ngày 30 tháng 6 năm 2018"})
			if err := f.MergeCell("Sheet1", "A1", "C1"); err != nil {
				t.Fatal(err)
			}
		}, want: [][]string{{"A1", "x"}, {"", "Huế, ngày 30 tháng 6 năm 2018"}}, skipped: map[string]int{"heading": 1, "total": 1}, pages: 1},
		{name: "a heading over two rows", inputs: []string{"Mã hồ sơ", "Ngày nhận", "Ngày hẹn trả", "Ghi chú"}, fill: func(f *excelize.File) {
			rowsOf(t, f, "Sheet1", 1, []any{"SỔ THEO DÕI"}, []any{"STT", "Mã hồ sơ", "Ngày", "", "Ghi chú"}, []any{"", "", "nhận", "hẹn trả"}, []any{1, "A1", "a", "b", "c"},
				[]any{"STT", "Mã hồ sơ", "Ngày", "", "Ghi chú"})
		}, want: [][]string{{"A1", "a", "b", "c"}}, skipped: map[string]int{"heading": 1}, pages: 1},
		{name: "a heading over two rows, the lower one given", cfg: Config{HeaderRow: 3}, inputs: []string{"Mã hồ sơ", "Ngày nhận"}, fill: func(f *excelize.File) {
			rowsOf(t, f, "Sheet1", 2, []any{"Mã hồ sơ", "Ngày"}, []any{"", "nhận"}, []any{"A1", "a"})
		}, want: [][]string{{"A1", "a"}}, pages: 1},
		{name: "every sheet that has the headings, but hidden ones", fill: func(f *excelize.File) {
			for _, name := range []string{"Tháng 5", "Danh mục", "Cũ"} {
				if _, err := f.NewSheet(name); err != nil {
					t.Fatal(err)
				}
			}
			rowsOf(t, f, "Sheet1", 1, head, []any{1, "A1", "x"})
			rowsOf(t, f, "Tháng 5", 3, head, []any{1, "A2", "y"})
			rowsOf(t, f, "Danh mục", 1, []any{"Mã", "Tên"}, []any{"1", "x"})
			rowsOf(t, f, "Cũ", 1, head, []any{1, "A0", "z"})
			if err := f.SetSheetVisible("Cũ", false); err != nil {
				t.Fatal(err)
			}
		}, want: [][]string{{"A1", "x"}, {"A2", "y"}}, pages: 2},
		{name: "a hidden sheet that is named", cfg: Config{Sheet: "CŨ "}, fill: func(f *excelize.File) {
			if _, err := f.NewSheet("Cũ"); err != nil {
				t.Fatal(err)
			}
			rowsOf(t, f, "Cũ", 1, head, []any{1, "A0", "z"})
			if err := f.SetSheetVisible("Cũ", false); err != nil {
				t.Fatal(err)
			}
		}, want: [][]string{{"A0", "z"}}, pages: 1},
		{name: "sheets by pattern, an empty one among them", cfg: Config{Sheet: "Tháng ?"}, fill: func(f *excelize.File) {
			for _, name := range []string{"Tháng 5", "Tháng 6", "Tháng 10"} {
				if _, err := f.NewSheet(name); err != nil {
					t.Fatal(err)
				}
			}
			rowsOf(t, f, "Tháng 5", 1, head, []any{1, "A5", "y"})
			rowsOf(t, f, "Tháng 10", 1, head, []any{1, "A10", "y"})
		}, want: [][]string{{"A5", "y"}}, pages: 1},
		{name: "a sheet by pattern whose heading was renamed", cfg: Config{Sheet: "Sheet*"}, fill: func(f *excelize.File) {
			rowsOf(t, f, "Sheet1", 1, []any{"STT", "Mã số", "Tình trạng"}, []any{1, "A1", "bí mật"})
		}, cause: reconcile.CauseSchema, reason: []string{"Sheet1", "Mã hồ sơ"}},
		{name: "one of many sheets lacks a heading", fill: func(f *excelize.File) {
			if _, err := f.NewSheet("Tháng 5"); err != nil {
				t.Fatal(err)
			}
			rowsOf(t, f, "Sheet1", 1, head, []any{1, "A1", "x"})
			rowsOf(t, f, "Tháng 5", 1, []any{"STT", "Mã hồ sơ", "Trạng thái"}, []any{1, "A2", "y"})
		}, want: [][]string{{"A1", "x"}}, pages: 1, cause: reconcile.CauseSchema, reason: []string{"sheet Tháng 5", `lacks the heading "Tình trạng"`, `"Trạng thái"`, "name the one"}},
		{name: "no such sheet", cfg: Config{Sheet: "Sổ"}, fill: func(*excelize.File) {}, cause: reconcile.CauseSchema, reason: []string{`no visible sheet "Sổ"`, "Sheet1"}},
		{name: "a book without the headings", fill: func(*excelize.File) {}, cause: reconcile.CauseSchema, reason: []string{"no sheet has the headings", "Mã hồ sơ"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.inputs == nil {
				test.inputs = []string{"Mã hồ sơ", "Tình trạng"}
			}
			test.cfg.Path = saveBook(t, "so.xlsx", test.fill)
			p, rec := poll(t, test.cfg, test.inputs...)
			if p.Cause != test.cause || p.EndReached != (test.cause == "") || p.Pages != test.pages {
				t.Errorf("cause %q (%s), %d pages; want %q, %d", p.Cause, p.Reason, p.Pages, test.cause, test.pages)
			}
			for _, part := range test.reason {
				if !strings.Contains(p.Reason, part) {
					t.Errorf("reason %q does not say %q", p.Reason, part)
				}
			}
			if strings.Contains(p.Reason, "bí mật") {
				t.Errorf("reason %q shows a cell", p.Reason)
			}
			if diff := cmp.Diff(test.want, rec.values()); diff != "" {
				t.Errorf("rows:\n%s", diff)
			}
			if diff := cmp.Diff(test.skipped, rec.skipped); diff != "" {
				t.Errorf("skipped:\n%s", diff)
			}
		})
	}
}

func TestHeadings(t *testing.T) {
	src, err := New(Config{Dir: "testdata", Path: "*", Required: []string{}}, []string{"Mã hồ sơ", "Lĩnh vực"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	tables, problem, err := src.Headings(t.Context())
	if err != nil || problem != "" {
		t.Fatal(err, problem)
	}
	var places []string
	for _, table := range tables {
		places = append(places, fmt.Sprintf("%s, row %d, %d headings, no %s", table.Place, table.Row, len(table.Headings), table.Absent))
	}
	want := []string{"gddt.xlsx, sheet Sổ theo dõi, row 4, 11 headings, no [Lĩnh vực]", "kt.csv, row 1, 9 headings, no [Lĩnh vực]",
		"nv.csv, row 1, 9 headings, no [Lĩnh vực]", "tp.xlsx, sheet Sổ theo dõi, row 4, 11 headings, no [Lĩnh vực]"}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Error(diff)
	}
}
