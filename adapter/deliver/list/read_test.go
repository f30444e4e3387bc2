package list

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func readBack(t testing.TB, file []byte) *Answers {
	t.Helper()
	answers, err := Read(bytes.NewReader(file), int64(len(file)), zone)
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return answers
}

// edited is a list after somebody has worked on it.
func edited(t testing.TB, file []byte, edit func(f *excelize.File)) []byte {
	t.Helper()
	f := opened(t, file)
	edit(f)
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// done fails the test when an edit does.
func done(t testing.TB, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// said is what a file's answers come to, by code.
func said(a *Answers) map[string]string {
	m := map[string]string{}
	for _, r := range a.Rows {
		text := r.Text
		if r.Changed {
			text += " (new)"
		}
		m[r.Code] = text
	}
	return m
}

func TestAnswersComeBack(t *testing.T) {
	given := resolved(1)
	given.Note = "- Đã cập nhật"
	file := written(t, theList(given, resolved(2), missing(3), backdated(4)))
	file = edited(t, file, func(f *excelize.File) {
		done(t, f.SetCellStr(onPlatform, "M3", "  Đã kết thúc\r\ntrên hệ thống "),
			f.SetCellStr(toVerify, "M2", "=1+1"))
	})
	want := &Answers{Format: 1, Department: "VPDKDD", MadeAt: madeAt, Rows: []Answer{
		{Sheet: onPlatform, Row: 2, ID: given.ID, Values: "v1", Code: code(1), Text: "- Đã cập nhật"},
		{Sheet: onPlatform, Row: 3, ID: resolved(2).ID, Values: "v2", Code: code(2), Text: "Đã kết thúc\ntrên hệ thống", Changed: true},
		{Sheet: inOffice, Row: 2, ID: missing(3).ID, Values: "v3", Code: code(3)},
		{Sheet: toVerify, Row: 2, ID: backdated(4).ID, Values: "v4", Code: code(4), Text: "=1+1", Changed: true},
	}}
	if diff := cmp.Diff(want, readBack(t, file)); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
}

func TestWhatAClerkMayDo(t *testing.T) {
	file := written(t, theList(resolved(1), resolved(2), resolved(3), missing(4)))
	all := map[string]string{code(1): "một (new)", code(2): "hai (new)", code(3): "", code(4): ""}
	fill := func(f *excelize.File, column string, first int) {
		done(t, f.SetCellStr(onPlatform, fmt.Sprint(column, first), "một"), f.SetCellStr(onPlatform, fmt.Sprint(column, first+1), "hai"))
	}
	swap := func(f *excelize.File, a, b int) { // as a sort does: whole rows, marks with them
		for c := colNumber; c <= colMark; c++ {
			at, other := fmt.Sprint(letter(c), a), fmt.Sprint(letter(c), b)
			x, err := f.GetCellValue(onPlatform, at)
			y, err2 := f.GetCellValue(onPlatform, other)
			done(t, err, err2, f.SetCellStr(onPlatform, at, y), f.SetCellStr(onPlatform, other, x))
		}
	}
	for name, tc := range map[string]struct {
		edit func(f *excelize.File)
		want map[string]string
	}{
		"fill in":               {func(f *excelize.File) { fill(f, "M", 2) }, all},
		"sort":                  {func(f *excelize.File) { fill(f, "M", 2); swap(f, 2, 4); swap(f, 2, 3) }, all},
		"sort the heading away": {func(f *excelize.File) { fill(f, "M", 2); swap(f, 1, 4) }, all},
		"insert a column":       {func(f *excelize.File) { done(t, f.InsertCols(onPlatform, "C", 2)); fill(f, "O", 2) }, all},
		"insert rows above":     {func(f *excelize.File) { done(t, f.InsertRows(onPlatform, 1, 3)); fill(f, "M", 5) }, all},
		"show the marks":        {func(f *excelize.File) { fill(f, "M", 2); done(t, f.SetColVisible(onPlatform, "N", true)) }, all},
		"delete a row": {func(f *excelize.File) { fill(f, "M", 2); done(t, f.RemoveRow(onPlatform, 4)) },
			map[string]string{code(1): "một (new)", code(2): "hai (new)", code(4): ""}},
		"delete sheets": {func(f *excelize.File) {
			fill(f, "M", 2)
			done(t, f.DeleteSheet(coverSheet), f.DeleteSheet(inOffice))
		}, map[string]string{code(1): "một (new)", code(2): "hai (new)", code(3): ""}},
		"rename and hide a sheet": {func(f *excelize.File) {
			fill(f, "M", 2)
			done(t, f.SetSheetName(onPlatform, "Của tôi"), f.SetSheetVisible("Của tôi", false))
		}, all},
		"delete a column":                {func(f *excelize.File) { done(t, f.RemoveCol(onPlatform, "C")); fill(f, "L", 2) }, all},
		"write below, without an answer": {func(f *excelize.File) { fill(f, "M", 2); done(t, f.SetCellStr(onPlatform, "B9", "Cộng: 3")) }, all},
		"add a sheet of one's own": {func(f *excelize.File) {
			fill(f, "M", 2)
			_, err := f.NewSheet("Nháp")
			done(t, err, f.SetCellStr("Nháp", "A1", "Mã hồ sơ"))
		}, all},
		"copy a row, answer in one": {func(f *excelize.File) {
			fill(f, "M", 2)
			done(t, f.DuplicateRow(onPlatform, 4), f.SetCellStr(onPlatform, "M5", "ba"))
		},
			map[string]string{code(1): "một (new)", code(2): "hai (new)", code(3): "ba (new)", code(4): ""}},
		"copy the heading": {func(f *excelize.File) { fill(f, "M", 2); done(t, f.DuplicateRowTo(onPlatform, 1, 3)) },
			map[string]string{code(1): "một (new)", code(2): "hai (new)", code(3): "", code(4): ""}},
		"type a date and numbers": {func(f *excelize.File) {
			format := "dd/mm/yyyy"
			day, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			share, err2 := f.NewStyle(&excelize.Style{NumFmt: 9})
			done(t, err, err2,
				f.SetCellValue(onPlatform, "M2", 43263), f.SetCellStyle(onPlatform, "M2", "M2", day),
				f.SetCellValue(onPlatform, "M3", 0.5), f.SetCellStyle(onPlatform, "M3", "M3", share),
				f.SetCellValue(onPlatform, "M4", 12.25), f.SetCellBool(inOffice, "M2", true))
		}, map[string]string{code(1): "12/06/2018 (new)", code(2): "50% (new)", code(3): "12.25 (new)", code(4): "TRUE (new)"}},
		"colour some words": {func(f *excelize.File) {
			fill(f, "M", 2)
			done(t, f.SetCellRichText(onPlatform, "M2", []excelize.RichTextRun{{Text: "m"}, {Text: "ột", Font: &excelize.Font{Bold: true}}}))
		}, all},
	} {
		t.Run(name, func(t *testing.T) {
			answers := readBack(t, edited(t, file, tc.edit))
			if diff := cmp.Diff(tc.want, said(answers)); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnAnswerThatWasTakenOutIsAChange(t *testing.T) {
	item := resolved(1)
	item.Note = "Đã xong"
	file := edited(t, written(t, theList(item)), func(f *excelize.File) { done(t, f.SetCellStr(onPlatform, "M2", "")) })
	rows := readBack(t, file).Rows
	if len(rows) != 1 || rows[0].Text != "" || !rows[0].Changed {
		t.Errorf("rows %+v, want one without text, changed", rows)
	}
}

func TestAnOldLongAnswerIsNoFault(t *testing.T) {
	item := resolved(1)
	item.Note = strings.Repeat("dài ", 10_000)
	rows := readBack(t, written(t, theList(item))).Rows
	if len(rows) != 1 || rows[0].Changed || !strings.HasSuffix(rows[0].Text, "…") {
		t.Errorf("%d rows, changed %v", len(rows), len(rows) > 0 && rows[0].Changed)
	}
}

func TestWhatIsRefused(t *testing.T) {
	l := theList(resolved(1), resolved(2), missing(3))
	file := written(t, l)
	other := theList(resolved(1), resolved(2))
	other.Department = "QLDT"
	foreign := opened(t, written(t, other))
	strange := func(sheet, cell string) string {
		v, err := foreign.GetCellValue(sheet, cell)
		done(t, err)
		return v
	}
	for name, tc := range map[string]struct {
		edit func(f *excelize.File)
		want []string // in English, where; each a part of one reason
	}{
		"a code was changed":   {func(f *excelize.File) { done(t, f.SetCellStr(onPlatform, "B2", code(7))) }, []string{onPlatform + `", row 2: the code "` + code(7) + `" does not go`}},
		"a code was taken out": {func(f *excelize.File) { done(t, f.SetCellStr(onPlatform, "B2", "")) }, []string{`row 2: the code "" does not go`}},
		"only some columns were sorted": {func(f *excelize.File) {
			done(t, f.SetCellStr(onPlatform, "B2", code(2)), f.SetCellStr(onPlatform, "B3", code(1)))
		}, []string{"row 2: the code", "row 3: the code"}},
		"a mark was changed":      {func(f *excelize.File) { done(t, f.SetCellStr(onPlatform, "N3", "x|y")) }, []string{"row 3: the row's mark is damaged"}},
		"a mark is a formula":     {func(f *excelize.File) { done(t, f.SetCellFormula(onPlatform, "N3", `"a"&"b"`)) }, []string{"row 3: the code or the mark was made a formula"}},
		"the answer is a formula": {func(f *excelize.File) { done(t, f.SetCellFormula(onPlatform, "M3", `1+1`)) }, []string{"row 3: the answer is a formula"}},
		"the answer is too long":  {func(f *excelize.File) { done(t, f.SetCellStr(inOffice, "M2", strings.Repeat("ê", 1001))) }, []string{inOffice + `", row 2: the answer has 1001 characters; 1000 at most`}},
		"a row was added": {func(f *excelize.File) {
			done(t, f.SetCellStr(onPlatform, "B9", code(9)), f.SetCellStr(onPlatform, "M9", "thêm"))
		}, []string{"row 9: the row has an answer, but is none of the list"}},
		"the marks were deleted": {func(f *excelize.File) {
			done(t, f.RemoveCol(onPlatform, "N"), f.RemoveCol(inOffice, "N"), f.RemoveCol(toVerify, "N"))
		}, []string{"the file is no list of ours"}},
		"two answers to one": {func(f *excelize.File) {
			done(t, f.DuplicateRow(onPlatform, 2), f.SetCellStr(onPlatform, "M2", "một"), f.SetCellStr(onPlatform, "M3", "hai"))
		}, []string{fmt.Sprintf("row 3: the discrepancy of %s is answered differently in sheet %q, row 2", code(1), onPlatform)}},
		"a row of another list": {func(f *excelize.File) { done(t, f.SetCellStr(onPlatform, "N2", strange(onPlatform, "N2"))) }, []string{"row 2: the code"}},
		"a sheet of another list": {func(f *excelize.File) {
			for _, cell := range []string{"N1", "N2", "N3"} {
				done(t, f.SetCellStr(onPlatform, cell, strange(onPlatform, cell)))
			}
		}, []string{inOffice + `", row 1: the sheet belongs to another list`, toVerify}},
		"another format": {func(f *excelize.File) { done(t, f.SetCellStr(onPlatform, "N1", "doisoat-list|2|whatever")) }, []string{"row 1: the list has format 2"}},
		"the list's mark": {func(f *excelize.File) {
			done(t, f.SetCellStr(onPlatform, "N1", "doisoat-list|1|TP|2018-07-01T23:30:00Z|9c9c2dcda997"))
		}, []string{"row 1: the list's own mark was changed"}},
		"a title is gone":    {func(f *excelize.File) { done(t, f.SetCellStr(onPlatform, "M1", "Trả lời")) }, []string{`the column "Ý kiến của phòng" is not there, or twice`}},
		"a title is doubled": {func(f *excelize.File) { done(t, f.SetCellStr(onPlatform, "P1", "ý kiến  của PHÒNG")) }, []string{`the column "Ý kiến của phòng" is not there, or twice`}},
		"answers were merged": {func(f *excelize.File) {
			done(t, f.SetCellStr(onPlatform, "M2", "cả hai"), f.MergeCell(onPlatform, "M2", "M3"))
		}, []string{"row 2: the answer's cell is merged"}},
		"every reason at once": {func(f *excelize.File) {
			done(t, f.SetCellStr(onPlatform, "B2", "x"), f.SetCellStr(onPlatform, "N3", "y"), f.SetCellStr(inOffice, "M9", "z"))
		}, []string{onPlatform + `", row 2`, onPlatform + `", row 3`, inOffice + `", row 9`}},
	} {
		t.Run(name, func(t *testing.T) {
			file := edited(t, file, tc.edit)
			answers, err := Read(bytes.NewReader(file), int64(len(file)), zone)
			fault, ok := errors.AsType[*Fault](err)
			if !ok {
				t.Fatalf("Read gives %+v and %v, want a Fault", answers, err)
			}
			if len(fault.En) != len(tc.want) || len(fault.Vi) != len(fault.En) {
				t.Fatalf("%d reasons %q (%d in Vietnamese), want %d", len(fault.En), fault.En, len(fault.Vi), len(tc.want))
			}
			for i, want := range tc.want {
				if !strings.Contains(fault.En[i], want) {
					t.Errorf("reason %q, want it to hold %q", fault.En[i], want)
				}
			}
		})
	}
}

func TestReasonsAreBounded(t *testing.T) {
	l := theList()
	l.Items = many(300)
	file := edited(t, written(t, l), func(f *excelize.File) {
		for row := range 300 {
			done(t, f.SetCellStr(onPlatform, fmt.Sprint("B", row+2), "x"))
		}
	})
	_, err := Read(bytes.NewReader(file), int64(len(file)), zone)
	fault, ok := errors.AsType[*Fault](err)
	if !ok || len(fault.Vi) != mostReasons+1 || fault.Vi[mostReasons] != "Và 250 lỗi khác." {
		t.Errorf("the reasons are %v", err)
	}
}

// many hands out so many dossiers without holding them.
func many(n int) func(func(*Item) error) error {
	return func(yield func(*Item) error) error {
		for i := range n {
			item := resolved(i)
			if err := yield(&item); err != nil {
				return err
			}
		}
		return nil
	}
}
