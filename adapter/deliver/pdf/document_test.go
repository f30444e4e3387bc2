package pdf

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	upright = Page{Top: 20, Bottom: 20, Left: 30, Right: 15}
	made    = time.Date(2018, 7, 2, 0, 0, 0, 0, time.FixedZone("", 7*3600))
)

func written(t testing.TB, d *Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pages is the text of each page as a reader sees it, laid out.
func pages(t *testing.T, data []byte) []string {
	t.Helper()
	path, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("pdftotext is missing: install poppler-utils")
		}
		t.Skip("pdftotext is missing: install poppler-utils to run this test")
	}
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
}

func longTable(d *Document, rows int) {
	table := d.Table(TableFormat{Widths: []float64{15, 70, 40, 40}, Header: [][]Cell{
		{{Text: "STT", Rows: 2}, {Text: "Hồ sơ", Rows: 2}, {Text: "Đã giải quyết", Span: 2}},
		{{Below: true}, {Below: true}, {Text: "Đúng hạn"}, {Text: "Quá hạn"}},
	}})
	for i := range rows {
		table.Row(Cell{Text: fmt.Sprint(i + 1)}, Cell{Text: fmt.Sprintf("begin%d giữa dòng có nhiều chữ để phải xuống dòng, một hai ba bốn năm sáu bảy end%d", i, i)}, Cell{Text: "1", Align: Right}, Cell{})
	}
	table.Close()
}

func TestLongTables(t *testing.T) {
	d := New(Options{Title: "Bảng", Created: made, Page: upright, Header: "Đầu trang", Footer: "Trung tâm"})
	d.Paragraph(Format{Bold: true, Align: Center}, "ĐỘC LẬP - TỰ DO")
	longTable(d, 100)
	d.Section(Page{Landscape: true, Top: 20, Bottom: 20, Left: 20, Right: 15})
	d.Table(TableFormat{Widths: []float64{50}, Header: [][]Cell{{{Text: "chỉ có đầu đề"}}}}).Close()
	all := pages(t, written(t, d))
	if len(all) < 5 {
		t.Fatalf("%d pages", len(all))
	}
	rows := 0
	for i, page := range all {
		if want := fmt.Sprintf("Trang %d/%d", i+1, len(all)); !strings.Contains(page, want) {
			t.Errorf("page %d lacks %s", i+1, want)
		}
		if got := strings.Contains(page, "Đầu trang"); got != (i > 0) {
			t.Errorf("page %d: header %v", i+1, got)
		}
		if i == len(all)-1 {
			if !strings.Contains(page, "chỉ có đầu đề") {
				t.Error("a table without rows shows no heading")
			}
			break
		}
		if strings.Count(page, "Đúng hạn") != 1 {
			t.Errorf("page %d has no heading, or two", i+1)
		}
		begun, ended := strings.Count(page, "begin"), strings.Count(page, "end")
		if begun != ended {
			t.Errorf("page %d splits a row", i+1)
		}
		rows += begun
	}
	if rows != 100 {
		t.Errorf("%d rows of 100", rows)
	}
}

func TestARowHigherThanAPageIsSplit(t *testing.T) {
	d := New(Options{Created: made, Page: upright})
	table := d.Table(TableFormat{Widths: []float64{100}, Header: [][]Cell{{{Text: "đầu đề"}}}})
	table.Row(Cell{Text: "first\n" + strings.Repeat("dòng\n", 150) + "last"})
	table.Close()
	all := pages(t, written(t, d))
	if len(all) < 2 || !strings.Contains(all[0], "first") || !strings.Contains(all[len(all)-1], "last") {
		t.Errorf("%d pages", len(all))
	}
	if got := strings.Count(strings.Join(all, ""), "dòng"); got != 150 {
		t.Errorf("%d lines of 150", got)
	}
}

func TestTextsComeOutComposedAndWithoutWhatNoFontShows(t *testing.T) {
	d := New(Options{Created: made, Page: upright})
	for _, text := range []string{
		"Đo\u031B\u0323i chứng nhận", // letters and marks apart
		"số\u00A0\u202Ex\u200By", "＝１", "\U0001F600.", "{nb}", "a\x00\x1b[31mb",
	} {
		d.Paragraph(Format{}, text)
	}
	got := strings.Fields(pages(t, written(t, d))[0])
	want := []string{"Đợi", "chứng", "nhận", "số", "xy", "=1", "\uFFFD.", "{", "nb}", "a[31mb", "Trang", "1/1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheSameCallsGiveTheSameBytes(t *testing.T) {
	write := func() []byte {
		d := New(Options{Title: "Quý II", Created: made, Page: upright})
		longTable(d, 30)
		return written(t, d)
	}
	first := write()
	for range 5 {
		if !bytes.Equal(first, write()) {
			t.Fatal("they differ")
		}
	}
	if !bytes.Contains(first, []byte("20180702")) {
		t.Error("the document's date is not its own")
	}
}

func TestLinesFit(t *testing.T) {
	d := New(Options{Created: made, Page: upright})
	for _, text := range []string{
		"", "một", "Chi nhánh văn phòng đăng ký đất đai thị xã Hương Trà, tỉnh Thừa Thiên Huế",
		"000.00.16.H57-180702-0001", strings.Repeat("W", 300), "a\n\nb", "x " + strings.Repeat("0.", 80) + " y",
	} {
		for _, width := range []float64{1, 8, 20, 60} {
			lines := d.wrap(clean(text), 9, false, width, 0)
			for _, line := range lines {
				if w := d.width(line, 9, false); w > width+1e-6 && len([]rune(line)) > 1 {
					t.Errorf("%q is %.2f mm wide, not %.2f", line, w, width)
				}
			}
			joined, whole := strings.Join(lines, ""), strings.Join(strings.Fields(text), "")
			if got := strings.ReplaceAll(joined, " ", ""); got != whole {
				t.Errorf("%q lost something: %q", whole, got)
			}
		}
	}
}

func TestCodesBreakAfterAStroke(t *testing.T) {
	d := New(Options{Created: made, Page: upright})
	got := d.wrap("000.00.16.H57-180702-0001", 9, false, d.width("000.00.16.H57-180702-00", 9, false), 0)
	if diff := cmp.Diff([]string{"000.00.16.H57-180702-", "0001"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestColumnsStandSideBySide(t *testing.T) {
	d := New(Options{Created: made, Page: upright})
	d.Columns([]float64{80, 85},
		[]Paragraph{{Text: "trái"}, {Text: "trái hai"}},
		[]Paragraph{{Text: "phải", Format: Format{LineUnder: 20}}})
	d.Space(4)
	d.Paragraph(Format{}, "sau")
	lines := strings.Split(pages(t, written(t, d))[0], "\n")
	if !strings.Contains(lines[0], "trái") || !strings.Contains(lines[0], "phải") || !strings.Contains(strings.Join(lines[2:], ""), "sau") {
		t.Errorf("%q", lines)
	}
}

func FuzzParagraph(f *testing.F) {
	f.Add("Quý II năm 2018", 30.0)
	f.Add("a\n\n\x00\xff\U0001F600", 0.1)
	f.Fuzz(func(t *testing.T, text string, width float64) {
		if len(text) > 2000 || !(width > 0 && width < 200) {
			t.Skip()
		}
		d := New(Options{Created: made, Page: upright})
		d.Paragraph(Format{}, text)
		table := d.Table(TableFormat{Widths: []float64{width}})
		table.Row(Cell{Text: text})
		table.Close()
		if data := written(t, d); !bytes.HasPrefix(data, []byte("%PDF-")) {
			t.Error("no PDF")
		}
	})
}
