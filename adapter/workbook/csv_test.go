package workbook

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	unicode16 "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

func TestCSV(t *testing.T) {
	type rows = [][]string
	for _, test := range []struct {
		name, text string
		cfg        Config
		inputs     []string // "Mã hồ sơ", "Tình trạng" if nil
		want       rows
		skipped    map[string]int
		rejected   []string // "row: cause: code"
		lastRow    int
	}{
		{name: "commas", text: "Mã hồ sơ,Tình trạng\nA1,x\nA2,y\n", want: rows{{"A1", "x"}, {"A2", "y"}}, lastRow: 3},
		{name: "semicolons, commas in the values", text: "Mã hồ sơ;Họ, tên;Tình trạng\nA1;a, b, c;x\n", want: rows{{"A1", "x"}}},
		{name: "tabs", text: "Mã hồ sơ\tTình trạng\nA1\tx\n", want: rows{{"A1", "x"}}},
		{name: "a given delimiter", text: "Mã hồ sơ|Tình trạng\nA1|x\n", cfg: Config{Delimiter: "|"}, want: rows{{"A1", "x"}}},
		{name: "a delimiter inside a quoted heading", text: "\"Họ; tên; địa chỉ\",Mã hồ sơ,Tình trạng\nx;y,A1,z\n", want: rows{{"A1", "z"}}},
		{name: "Excel's sep line", text: "sep=;\r\nMã hồ sơ;Tình trạng\r\nA1;x\r\n", want: rows{{"A1", "x"}}, lastRow: 3},
		{name: "no line end after the last row", text: "Mã hồ sơ;Tình trạng\nA1;x", want: rows{{"A1", "x"}}},
		{name: "CR LF", text: "Mã hồ sơ;Tình trạng\r\nA1;x\r\n", want: rows{{"A1", "x"}}},
		{name: "CR alone", text: "Mã hồ sơ;Tình trạng\rA1;x\rA2;y\r", want: rows{{"A1", "x"}, {"A2", "y"}}},
		{name: "line breaks and doubled marks in quoted fields", text: "Mã hồ sơ;Tình trạng\n\"A\r\n1\";\"x \"\"y\"\"; z\"\nA2;y\n",
			want: rows{{"A\n1", `x "y"; z`}, {"A2", "y"}}, lastRow: 3},
		{name: "marks inside a plain field", text: "Mã hồ sơ;Tên;Tình trạng\nA1;Công ty \"An\" Huế;x\n", want: rows{{"A1", "x"}}},
		{name: "codes kept from Excel", text: "Mã hồ sơ;Tình trạng\n=\"0012\";x\n\"=\"\"0013\"\"\";y\n", want: rows{{"0012", "x"}, {"0013", "y"}}},
		{name: "other columns, other order, other spelling of headings",
			text: "STT;" + norm.NFD.String("TÌNH  TRẠNG:") + ";\"mã\nhồ sơ (*)\"\n1;x;A1\n", want: rows{{"A1", "x"}}},
		{name: "đ is not d", text: "Địa danh;Dịa danh;Mã hồ sơ\nx;y;A1\n", inputs: []string{"Mã hồ sơ", "Dịa danh"}, want: rows{{"A1", "y"}}},
		{name: "titles above", text: "UBND THỊ XÃ;;\nSỔ THEO DÕI;;\n;;\nSTT;Mã hồ sơ;Tình trạng\n1;A1;x\n", want: rows{{"A1", "x"}}, lastRow: 5},
		{name: "a heading row given", text: "Mã hồ sơ;Tình trạng\nmẫu;mẫu\nMã hồ sơ;Tình trạng\nA1;x\n", cfg: Config{HeaderRow: 3}, want: rows{{"A1", "x"}}},
		{name: "short rows", text: "Mã hồ sơ;Tình trạng\nA1\n", want: rows{{"A1", ""}}},
		{name: "long rows", text: "Mã hồ sơ;Tình trạng\nA1;x;;\nA 2;y;z\nA3;w\n", want: rows{{"A1", "x"}, {"A3", "w"}}, rejected: []string{"3: row: A2"}},
		{name: "blank rows between, and after", text: "Mã hồ sơ;Tình trạng\nA1;x\n;\n\n \t;\u00a0\nA2;y\n;\n;\n", want: rows{{"A1", "x"}, {"A2", "y"}},
			skipped: map[string]int{"blank": 3}, lastRow: 6},
		{name: "totals and an applicant called Tổng", text: "Tên;Mã hồ sơ;Tình trạng\nTổng công ty Điện lực;A1;x\nTổng số hồ sơ: 213;;\nTổng cộng;213;\nCộng;1.907,5;\nTotal;7;\nTổng cộng quý II/2018:;3;\n;Tổng;4\n",
			want: rows{{"A1", "x"}}, skipped: map[string]int{"total": 6}},
		{name: "a total with text is no total", text: "Mã hồ sơ;Tình trạng\nTổng số;đủ\n", want: rows{{"Tổng số", "đủ"}}},
		{name: "heading repeated on each page", text: "STT;Mã hồ sơ;Tình trạng\n1;A1;x\nSTT;Mã hồ sơ;Tình trạng\n2;A2;y\nstt;MÃ HỒ SƠ ;Tình trạng:\n",
			want: rows{{"A1", "x"}, {"A2", "y"}}, skipped: map[string]int{"heading": 2}},
		{name: "columns numbered under the heading", text: "STT;Mã hồ sơ;Tình trạng\n(1);(2);(3)\n1;A1;x\n", want: rows{{"A1", "x"}}, skipped: map[string]int{"heading": 1}},
		{name: "footers are rows without a code", text: "STT;Mã hồ sơ;Tình trạng\n1;A1;x\nNgười lập biểu;;\n", want: rows{{"A1", "x"}, {"", ""}}},
		{name: "an input asked for twice", text: "Mã hồ sơ;Tình trạng\nA1;x\n", inputs: []string{"Mã hồ sơ", "Tình trạng", "Mã hồ sơ"}, want: rows{{"A1", "x", "A1"}}},
		{name: "optional headings", text: "Mã hồ sơ;Tình trạng\nA1;x\n", cfg: Config{Required: []string{"Tình trạng"}},
			inputs: []string{"Mã hồ sơ", "Gia hạn", "Tình trạng"}, want: rows{{"A1", "", "x"}}},
		{name: "nothing but a heading", text: "Mã hồ sơ;Tình trạng\n", want: nil},
		{name: "a damaged character in a wanted field, and in another", text: "Mã hồ sơ;Tên;Tình trạng\nA1;Nguy\xe1\xbb;đủ\nA2;An;đ\xe1\nA3;Đỗ Ngữ Thị Ước;đã giải quyết xong\n",
			want: rows{{"A1", "đủ"}, {"A3", "đã giải quyết xong"}}, rejected: []string{"3: encoding: A2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.inputs == nil {
				test.inputs = []string{"Mã hồ sơ", "Tình trạng"}
			}
			test.cfg.Path = write(t, "so.csv", test.text)
			p, rec := poll(t, test.cfg, test.inputs...)
			complete(t, p)
			if diff := cmp.Diff(test.want, rec.values()); diff != "" {
				t.Errorf("rows:\n%s", diff)
			}
			if diff := cmp.Diff(test.skipped, rec.skipped); diff != "" {
				t.Errorf("skipped:\n%s", diff)
			}
			var rejected []string
			for _, x := range rec.rejected {
				rejected = append(rejected, fmt.Sprintf("%d: %s: %s", x.Position.Row, x.Cause, x.Code))
			}
			if diff := cmp.Diff(test.rejected, rejected); diff != "" {
				t.Errorf("rejected:\n%s", diff)
			}
			if test.lastRow > 0 && rec.rows[len(rec.rows)-1].Position.Row != test.lastRow {
				t.Errorf("last row is %d, want %d", rec.rows[len(rec.rows)-1].Position.Row, test.lastRow)
			}
		})
	}
}

func TestCSVThatCannotBeRead(t *testing.T) {
	for _, test := range []struct {
		name, file, text string
		cfg              Config
		cause            reconcile.Cause
		reason           []string // must all occur
		silent           string   // must not
	}{
		{name: "a mark never closed", text: "Mã hồ sơ;Tình trạng\nA1;x\nA2;\"y\nA3;z\n", cause: reconcile.CauseDecode, reason: []string{"row 3", "quotation mark"}},
		{name: "a mark closed by the next field's", text: "Mã hồ sơ;Tình trạng\nA1;\"x\nA2;\"y\"\nA3;z\n", cause: reconcile.CauseDecode, reason: []string{"row 2"}},
		{name: "an endless row", text: "Mã hồ sơ;Tình trạng\nA1;" + strings.Repeat("x", 2<<20), cause: reconcile.CauseDecode, reason: []string{"row 2", "longer"}},
		{name: "an endless quoted field", text: "Mã hồ sơ;Tình trạng\nA1;\"" + strings.Repeat("x\n", 1<<20), cause: reconcile.CauseDecode, reason: []string{"row 2", "quotation mark"}},
		{name: "a heading missing", text: "Mã hồ sơ;Trạng thái;Ghi chú\nA1;x;bí mật\n", cause: reconcile.CauseSchema,
			reason: []string{`lacks the heading "Tình trạng"`, `"Trạng thái"`, `"Ghi chú"`}, silent: "bí mật"},
		{name: "a heading twice", text: "Mã hồ sơ;Tình trạng;Tình trạng\nA1;x;y\n", cause: reconcile.CauseSchema, reason: []string{`"Tình trạng" twice`}},
		{name: "no heading at all", text: "Nguyễn Văn A;191\nTrần Thị B;192\n", cause: reconcile.CauseSchema, reason: []string{"none of the headings", "Mã hồ sơ"}, silent: "Nguyễn"},
		{name: "TCVN3", text: "M\xb7 h\xe5 s\xac;T\xd7nh tr\xb9ng\nA1;\xa7ang\n", cause: reconcile.CauseDecode, reason: []string{"row 1", "TCVN3", "CSV UTF-8"}},
		{name: "VNI", text: "Ma\xf5 ho\xe0 s\xf4;T\xecnh tra\xefng\nA1;\xf1ang\n", cause: reconcile.CauseDecode, reason: []string{"row 1", "VNI"}},
		{name: "not UTF-8 beyond the part looked at", text: "MaHoSo;TinhTrang\n" + strings.Repeat("A1;x\n", 20_000) + "A2;\xf0\xec\n",
			cause: reconcile.CauseDecode, reason: []string{"row 20002", "windows-1258"}},
		{name: "said to be UTF-8, but UTF-16", text: "\xff\xfeM\x00", cfg: Config{Encoding: "utf-8"}, cause: reconcile.CauseDecode, reason: []string{"mark of utf-16le"}},
		{name: "zero bytes", text: "Mã hồ sơ;Tình trạng\nA1;\x00\x00x\n", cause: reconcile.CauseDecode, reason: []string{"row 2", "zero byte"}},
		{name: "an empty file", text: "", cause: reconcile.CauseSchema, reason: []string{"empty"}},
		{name: "a workbook called .csv", text: "PK\x03\x04xxxx", cause: reconcile.CauseDecode, reason: []string{"zip file or an Excel workbook"}},
		{name: "a web page called .csv", text: "\xef\xbb\xbf<html><table>", cause: reconcile.CauseDecode, reason: []string{"web page"}},
		{name: "CSV called .xlsx", file: "so.xlsx", text: "Mã hồ sơ;Tình trạng\n", cause: reconcile.CauseDecode, reason: []string{"plain text", "name it .csv"}},
		{name: "a web page called .xlsx", file: "so.xlsx", text: "<table><tr>", cause: reconcile.CauseDecode, reason: []string{"web page", "save it as .xlsx"}},
		{name: "an old .xls", file: "so.xls", text: string(magicOLE) + "Workbook", cause: reconcile.CauseDecode, reason: []string{"97-2003", "save it as .xlsx"}},
		{name: "a password", file: "so.xlsx", text: string(magicOLE) + strings.Repeat(".", 100_000) + string(encryptedPackage), cause: reconcile.CauseDecode, reason: []string{"password"}},
		{name: "a cut-off workbook", file: "so.xlsx", text: string(magicZip) + "abc", cause: reconcile.CauseDecode, reason: []string{"damaged or cut short"}},
		{name: "a file too large", text: "Mã hồ sơ;Tình trạng\nA1;x\n", cfg: Config{MaxFileBytes: 10}, cause: reconcile.CauseSchema, reason: []string{"more than the 10 allowed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.file == "" {
				test.file = "so.csv"
			}
			test.cfg.Path = write(t, test.file, test.text)
			inputs := []string{"Mã hồ sơ", "Tình trạng"}
			if strings.HasPrefix(test.text, "MaHoSo") {
				inputs = []string{"MaHoSo", "TinhTrang"}
			}
			p, _ := poll(t, test.cfg, inputs...)
			if p.EndReached || p.Cause != test.cause {
				t.Fatalf("end reached %v, cause %q (%s), want %q", p.EndReached, p.Cause, p.Reason, test.cause)
			}
			for _, part := range append(test.reason, test.file) {
				if !strings.Contains(p.Reason, part) {
					t.Errorf("reason %q does not say %q", p.Reason, part)
				}
			}
			if test.silent != "" && strings.Contains(p.Reason, test.silent) || strings.Contains(p.Reason, os.TempDir()) {
				t.Errorf("reason %q says too much", p.Reason)
			}
		})
	}
}

func TestCSVEncodings(t *testing.T) {
	text := "STT;Mã hồ sơ;Tình trạng;Người nộp\r\n1;A1;Đã giải quyết;Nguyễn Thị Ước\r\n2;A2;Trả lại;Đỗ Ngữ\r\n"
	want := [][]string{{"A1", "Đã giải quyết"}, {"A2", "Trả lại"}}
	encode := func(e interface{ Bytes([]byte) ([]byte, error) }, s string) string {
		out, err := e.Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	le := unicode16.UTF16(unicode16.LittleEndian, unicode16.IgnoreBOM).NewEncoder()
	be := unicode16.UTF16(unicode16.BigEndian, unicode16.IgnoreBOM).NewEncoder()
	for _, test := range []struct{ name, bytes, given string }{
		{"UTF-8", text, ""},
		{"UTF-8 with a mark", bom8 + text, ""},
		{"UTF-8 with a mark, given", bom8 + text, "utf-8"},
		{"UTF-16 LE with a mark", bomLE + encode(le, text), ""},
		{"UTF-16 BE with a mark", bomBE + encode(be, text), ""},
		{"UTF-16 LE", encode(le, text), ""},
		{"UTF-16 BE", encode(be, text), ""},
		{"UTF-16 LE, given", encode(le, text), "utf-16le"},
		{"Windows-1258", encode(charmap.Windows1258.NewEncoder(), marks1258(text)), ""},
		{"Windows-1258, given", encode(charmap.Windows1258.NewEncoder(), marks1258(text)), "windows-1258"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, rec := poll(t, Config{Path: write(t, "so.csv", test.bytes), Encoding: test.given}, "Mã hồ sơ", "Tình trạng")
			complete(t, p)
			if diff := cmp.Diff(want, rec.values()); diff != "" {
				t.Errorf("rows:\n%s", diff)
			}
		})
	}
}

// marks1258 writes tones as marks of their own, as Windows-1258 does.
func marks1258(text string) string {
	var b strings.Builder
	for _, r := range text {
		full := []rune(norm.NFD.String(string(r)))
		tone := rune(0)
		base := full[:0:0]
		for _, f := range full {
			if strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", f) {
				tone = f
			} else {
				base = append(base, f)
			}
		}
		b.WriteString(norm.NFC.String(string(base)))
		if tone != 0 {
			b.WriteRune(tone)
		}
	}
	return b.String()
}

func TestFingerprintsOfCSV(t *testing.T) {
	prints := func(text string) []uint64 {
		p, rec := poll(t, Config{Path: write(t, "so.csv", text)}, "Mã hồ sơ", "Tình trạng")
		complete(t, p)
		return rec.prints
	}
	base := prints("Mã hồ sơ;Tình trạng;Ghi chú\nA1;x;1\nA2;y;2\n")
	for _, test := range []struct {
		name, text string
		want       []uint64
	}{
		{"the same rows in another order", "Mã hồ sơ;Tình trạng;Ghi chú\nA2;y;2\nA1;x;1\n", []uint64{base[1], base[0]}},
		{"other line ends, titles above, blank rows", "SỔ;;\r\nMã hồ sơ;Tình trạng;Ghi chú\r\nA1;x;1\r\n;;\r\nA2;y;2", base},
		{"an unmapped column changed", "Mã hồ sơ;Tình trạng;Ghi chú\nA1;x;9\nA2;y;2\n", []uint64{0, base[1]}},
		{"the columns changed", "Mã hồ sơ;Ghi chú;Tình trạng\nA1;x;1\nA2;y;2\n", []uint64{0, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			for i, fp := range prints(test.text) {
				if test.want[i] == 0 && (fp == base[0] || fp == base[1]) || test.want[i] != 0 && fp != test.want[i] {
					t.Errorf("row %d: fingerprint %x, want %x", i+1, fp, test.want[i])
				}
			}
		})
	}
}

func TestLimitProgressAndErrorsOfTheSink(t *testing.T) {
	path := write(t, "so.csv", "Mã hồ sơ;Tình trạng\n"+strings.Repeat("A1;x\n", 40_000))
	cfg := Config{Path: path}

	rec := &recorder{}
	p := pollInto(t, cfg, rec, reconcile.PollRequest{Limit: 3}, "Mã hồ sơ")
	complete(t, p)
	if len(rec.rows) != 3 {
		t.Errorf("limit 3 gave %d rows", len(rec.rows))
	}

	var last reconcile.Progress
	calls := 0
	pollInto(t, cfg, &recorder{}, reconcile.PollRequest{Progress: func(p reconcile.Progress) { last = p; calls++ }}, "Mã hồ sơ")
	info, _ := os.Stat(path)
	want := reconcile.Progress{Pages: 1, Rows: 40_000, Bytes: info.Size(), TotalBytes: info.Size()}
	if diff := cmp.Diff(want, last); diff != "" || calls < 3 {
		t.Errorf("progress after %d calls:\n%s", calls, diff)
	}

	src, err := New(cfg, []string{"Mã hồ sơ"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	if _, err := src.Poll(t.Context(), reconcile.PollRequest{}, &recorder{onRow: func(reconcile.Row) error { return full }}); !errors.Is(err, full) {
		t.Errorf("the sink's error came back as %v", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p, err = src.Poll(ctx, reconcile.PollRequest{}, &recorder{onRow: func(reconcile.Row) error { cancel(); return nil }})
	if !errors.Is(err, context.Canceled) || p.EndReached || p.Cause != reconcile.CauseCancelled {
		t.Errorf("stopped: %v, %+v", err, p)
	}
}
