package letter

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/deliver/officetest"
	"github.com/doisoat/doisoat/adapter/deliver/ooxml"
	"github.com/doisoat/doisoat/reconcile"
)

func docxOf(t testing.TB, l *Letter) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteDocx(&b, l, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pdfOf(t testing.TB, l *Letter) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WritePDF(&b, l); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var tags = regexp.MustCompile(`<[^>]*>`)

// textOf is a document's text without a word processor.
func textOf(t testing.TB, document []byte) string {
	t.Helper()
	parts, err := ooxml.Parts(document)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(parts["word/document.xml"]), "</w:p>", "\n")
	text = tags.ReplaceAllString(strings.ReplaceAll(text, "<w:br/>", "\n"), "")
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&amp;", "&").Replace(text)
}

func TestWordProcessorsPrintLettersAndApologies(t *testing.T) {
	l := sample(t)
	draftOnly := sample(t)
	draftOnly.Number, draftOnly.Parent, draftOnly.Period = "", "", ""
	draftOnly.Items = draftOnly.Items[:1]
	var apology bytes.Buffer
	if err := WriteApologyDocx(&apology, sampleApology(t), nil); err != nil {
		t.Fatal(err)
	}
	texts := officetest.Printed(t, map[string][]byte{
		"letter.docx": docxOf(t, l), "print.pdf": pdfOf(t, l),
		"draft.docx": docxOf(t, draftOnly), "draftprint.pdf": pdfOf(t, draftOnly),
		"apology.docx": apology.Bytes(),
	})
	letter := []string{
		"UBND THỊ XÃ HƯƠNG TRÀ", "TRUNG TÂM HÀNH CHÍNH CÔNG", "Số: 12/PĐĐ-TTHCC",
		"CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Hương Trà, ngày 02 tháng 7 năm 2018",
		"PHIẾU ĐÔN ĐỐC", "(Lần 2)", "Kính gửi: Chi nhánh Văn phòng đăng ký đất đai",
		"Quý II năm 2018, tính đến 08 giờ 30 ngày 02/07/2018", "còn 3 sai lệch ở 3 hồ sơ",
		"Trả lời Trung tâm Hành chính công trước 16 giờ 30 ngày 05/07/2018", "gửi Phiếu xin lỗi và hẹn lại ngày trả kết quả",
		"GIÁM ĐỐC", "Nguyễn Thị Thử", "Trang 1/2", "Trang 2/2",
		"A. Số liệu của hệ thống cần chỉnh cho đúng (không tính là phòng giải quyết chậm)",
		"B. Hồ sơ thực tế quá hạn, hệ thống chưa thể hiện", "C. Sai lệch khác",
		"000.00.16.H57-180502-0001", "02/05/2018 08:30", "Hệ thống: đang xử lý. Sổ của phòng: đã xử lý xong 12/06/2018.",
		"nhà ở <lần đầu>", "Cập nhật hạn trả trong sổ của phòng",
	}
	unnumbered := []string{"DỰ THẢO", "/PĐĐ", "A. Số liệu của hệ thống", "không tính là phòng giải quyết chậm"}
	for name, want := range map[string][]string{
		"letter.docx": letter, "print.pdf": letter, "draft.docx": unnumbered, "draftprint.pdf": unnumbered,
		"apology.docx": {
			"Mẫu số 04 (Thông tư số 03/2025/TT-VPCP)", "PHIẾU XIN LỖI VÀ HẸN LẠI NGÀY TRẢ KẾT QUẢ", "PHÒNG QUẢN LÝ ĐÔ THỊ",
			"Kính gửi: Ông (bà)/tổ chức.....", "Địa chỉ:.....", "Điện thoại:.....", "Lý do:.....", "thủ tục: Cấp phép xây dựng.",
			"Mã số hồ sơ: 000.00.16.H57-180502-0009", "Thời gian hẹn trả kết quả: 17 giờ 00, ngày 15 tháng 6 năm 2018.", "ngày …… tháng …… năm ………",
		},
	} {
		got := officetest.Words(texts[name])
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s lacks %q:\n%s", name, w, got)
			}
		}
	}
	for _, name := range []string{"draft.docx", "draftprint.pdf"} {
		for _, not := range []string{"B. Hồ sơ", "C. Sai lệch", "xin lỗi", "UBND", "Quý II"} {
			if strings.Contains(texts[name], not) {
				t.Errorf("%s says %q, of which it has nothing", name, not)
			}
		}
	}
	if got := strings.Count(texts["apology.docx"], "\f"); got != 2 {
		t.Errorf("two dossiers' apologies have %d pages", got)
	}
	if got := strings.Count(texts["letter.docx"], "\f"); got != 2 {
		t.Errorf("the letter has %d pages", got)
	}
}

func sampleApology(t testing.TB) *Apology {
	z := zone(t)
	return &Apology{
		Parent: "UBND thị xã Hương Trà", Department: "Phòng Quản lý đô thị", Centre: "Trung tâm Hành chính công", Place: "Hương Trà", Zone: z,
		Items: []ApologyItem{
			{Code: "000.00.16.H57-180502-0009", Procedure: "Cấp phép xây dựng",
				ReceivedAt: reconcile.Moment{Time: time.Date(2018, 5, 2, 0, 0, 0, 0, z), DateOnly: true},
				DueAt:      reconcile.Moment{Time: time.Date(2018, 6, 15, 17, 0, 0, 0, z)}},
			{Code: "000.00.16.H57-180502-0010"},
		},
	}
}

// A false overdue is the platform's figure, in a table of its own.
func TestAFalseOverdueIsNeverToldAsLateness(t *testing.T) {
	l := sample(t)
	text := textOf(t, docxOf(t, l))
	_, a, _ := strings.Cut(text, headFalse)
	a, rest, _ := strings.Cut(a, headHidden)
	b, c, _ := strings.Cut(rest, headOther)
	for code, place := range map[string]string{l.Items[0].Code: a, l.Items[1].Code: b, l.Items[2].Code: c} {
		if strings.Count(text, code) != 1 || !strings.Contains(place, code) {
			t.Errorf("%s stands where it should not", code)
		}
	}
	if !strings.Contains(a, "không tính là phòng giải quyết chậm") || strings.Contains(b+c, "không tính là") {
		t.Errorf("wording of the tables: %s", text)
	}
	// Also where a site's template puts all into one table.
	for _, item := range l.data().Lists["hs"] {
		if got, want := strings.Contains(item["ghi_chu"], "không tính là phòng giải quyết chậm"), item["ma"] == l.Items[0].Code; got != want {
			t.Errorf("%s: %q", item["ma"], item["ghi_chu"])
		}
	}
}

func TestLettersThatCannotBe(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(*Letter)
		want  string
	}{
		"nothing to say": {func(l *Letter) { l.Items = nil }, ErrNothing.Error()},
		"to nobody":      {func(l *Letter) { l.To = "" }, "To is not given"},
		"from nobody":    {func(l *Letter) { l.Centre = "" }, "Centre is not given"},
		"no answer time": {func(l *Letter) { l.AnswerBy = time.Time{} }, "AnswerBy is not given"},
		"no zone":        {func(l *Letter) { l.Zone = nil }, "Zone is not given"},
	} {
		l := sample(t)
		test.spoil(l)
		for _, err := range []error{WriteDocx(io.Discard, l, nil), WritePDF(io.Discard, l)} {
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	empty := sampleApology(t)
	empty.Items = nil
	if err := WriteApologyDocx(io.Discard, empty, nil); !errors.Is(err, ErrNothing) {
		t.Errorf("an apology for nothing: %v", err)
	}
}

func TestTheSameLetterIsTheSameBytes(t *testing.T) {
	if !bytes.Equal(docxOf(t, sample(t)), docxOf(t, sample(t))) {
		t.Error("docx differs")
	}
	if !bytes.Equal(pdfOf(t, sample(t)), pdfOf(t, sample(t))) {
		t.Error("pdf differs")
	}
}

func TestWordsOfALetter(t *testing.T) {
	l := sample(t)
	for day, want := range map[time.Time]string{
		time.Date(2018, 1, 5, 0, 0, 0, 0, l.Zone):   "ngày 05 tháng 01 năm 2018",
		time.Date(2018, 3, 15, 0, 0, 0, 0, l.Zone):  "ngày 15 tháng 3 năm 2018",
		time.Date(2018, 12, 31, 0, 0, 0, 0, l.Zone): "ngày 31 tháng 12 năm 2018",
	} {
		if got := longDate(day); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	// What the item does not say, its records do.
	item := &Item{Code: "A", Kind: reconcile.MissingOnPlatform, Office: &reconcile.Record{
		Procedure: "1.000948", ReceivedAt: reconcile.Moment{Time: l.Day}, ExtendedDueAt: reconcile.Moment{Time: l.Day, DateOnly: true}}}
	want := map[string]string{
		"stt": "7", "ma": "A", "tthc": "1.000948", "tiep_nhan": "02/07/2018 00:30", "hen_tra": "02/07/2018", "don_vi": l.To,
		"sai_lech": "Chưa số hóa lên hệ thống", "viec_can_lam": "Số hóa, tiếp nhận hồ sơ trên hệ thống; nếu mã ghi nhầm, sửa mã trong sổ.",
		"lan_nhac": "1", "ghi_chu": "", "tu_ngay": "", "anh_huong": "",
	}
	if diff := cmp.Diff(want, l.fields(7, item)); diff != "" {
		t.Error(diff)
	}
	l.Number = ""
	if got := l.number(); got != "     /PĐĐ" {
		t.Errorf("%q", got)
	}
	if l.Symbol = "PĐĐ-TTHCC"; l.number() != "     /PĐĐ-TTHCC" {
		t.Errorf("%q", l.number())
	}
}

// A clerk takes the shipped template out, edits it and puts it back.
func TestASitesOwnTemplate(t *testing.T) {
	dir := t.TempDir()
	edit := func(name, old, by string) string {
		t.Helper()
		parts, err := ooxml.Parts(Shipped()["phieu-don-doc.docx"])
		if err != nil {
			t.Fatal(err)
		}
		document := string(parts["word/document.xml"])
		if !strings.Contains(document, old) {
			t.Fatalf("the shipped template has no %s", old)
		}
		parts["word/document.xml"] = []byte(strings.ReplaceAll(document, old, by))
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, repacked(t, parts), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	split := edit("split.docx", "(Lần {{lan}})", `Phòng: {{</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:rPr><w:b/></w:rPr><w:t>noi</w:t></w:r><w:r><w:t>_nhan}}, lần {{lan}}`)
	template, err := LoadTemplate(split)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteDocx(&b, sample(t), template); err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, b.Bytes()); !strings.Contains(text, "Phòng: Chi nhánh Văn phòng đăng ký đất đai, lần 2") {
		t.Error(text)
	}
	if _, err := LoadTemplate(edit("less.docx", "(Lần {{lan}})", "")); err != nil {
		t.Errorf("a placeholder may be left out: %v", err)
	}
	wrong := edit("wrong.docx", "{{lan}}", "{{lần}}")
	if _, err := LoadTemplate(wrong); err == nil || !strings.Contains(err.Error(), wrong) ||
		!strings.Contains(err.Error(), "unknown placeholder {{lần}}") || !strings.Contains(err.Error(), "{{han_tra_loi}}") {
		t.Errorf("got %v", err)
	}
	if _, err := LoadApologyTemplate(split); err == nil || !strings.Contains(err.Error(), "{{noi_nhan}}") {
		t.Errorf("a letter's template is none for apologies: %v", err)
	}
}

// Five thousand discrepancies are a letter like any other.
func TestVeryLongLetters(t *testing.T) {
	l := long(t, 5000)
	for name, write := range map[string]func() error{
		"docx": func() error { return WriteDocx(io.Discard, l, nil) },
		"pdf":  func() error { return WritePDF(io.Discard, l) },
	} {
		begun := time.Now()
		most := peak(t, func() {
			if err := write(); err != nil {
				t.Fatal(err)
			}
		})
		t.Logf("%s: %v, %d MiB", name, time.Since(begun), most>>20)
		if took := time.Since(begun); took > 20*time.Second { // two without the race detector, on a machine at rest
			t.Errorf("%s took %v", name, took)
		}
		if most > 150<<20 { // under a hundred; the collector runs when it likes
			t.Errorf("%s needed %d MiB", name, most>>20)
		}
	}
}

// peak is the most memory in use while f ran, as far as looking now and then tells.
func peak(t *testing.T, f func()) uint64 {
	t.Helper()
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	before, most := stats.HeapInuse, stats.HeapInuse
	done, looked := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(looked)
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				runtime.ReadMemStats(&stats)
				most = max(most, stats.HeapInuse)
			}
		}
	}()
	f()
	close(done)
	<-looked
	return most - before
}
