package list

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// libreOffice converts a file the way a clerk's program would save it, and returns
// the new files' folder. Where it is missing, a test machine is not complete.
func libreOffice(t *testing.T, file []byte, to string) string {
	t.Helper()
	program, err := exec.LookPath("soffice")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("soffice is missing: install libreoffice-calc")
		}
		t.Skip("soffice is missing: install libreoffice-calc")
	}
	dir, out := t.TempDir(), t.TempDir()
	in := filepath.Join(dir, "list.xlsx")
	if err := os.WriteFile(in, file, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	// A profile of its own: two at a time would wait for each other.
	cmd := exec.CommandContext(ctx, program, "-env:UserInstallation=file://"+filepath.Join(dir, "profile"),
		"--headless", "--convert-to", to, "--outdir", out, in)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, said)
	}
	return out
}

func TestLibreOfficeSavesIt(t *testing.T) {
	noted := resolved(1)
	noted.Note = "- Đã cập nhật\n=1+1"
	l := theList(noted, resolved(2), missing(3), backdated(4))
	file := edited(t, written(t, l), func(f *excelize.File) { done(t, f.SetCellStr(onPlatform, "M3", "Đã kết thúc")) })
	saved, err := os.ReadFile(filepath.Join(libreOffice(t, file, "xlsx"), "list.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(readBack(t, file), readBack(t, saved)); diff != "" {
		t.Errorf("answers after LibreOffice (-before +after):\n%s", diff)
	}
	f := opened(t, saved)
	if visible, _ := f.GetColVisible(onPlatform, "N"); visible {
		t.Error("LibreOffice shows the marks")
	}
	var filters, titles int
	for _, n := range f.GetDefinedName() {
		switch {
		case strings.HasSuffix(n.Name, "_FilterDatabase") && strings.Contains(n.RefersTo, "$N$"):
			filters++
		case n.Name == "_xlnm.Print_Titles":
			titles++
		}
	}
	if filters != 3 || titles != 3 {
		t.Errorf("LibreOffice kept %d filters over all columns and %d repeated headings, want 3 and 3", filters, titles)
	}
}

func TestLibreOfficePrintsIt(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pdftotext is missing: install poppler-utils")
		}
		t.Skip("pdftotext is missing: install poppler-utils")
	}
	l := theList()
	l.Items = many(60)
	out := libreOffice(t, written(t, l), "pdf")
	text, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", filepath.Join(out, "list.pdf"), "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	pages := strings.Split(strings.TrimSuffix(string(text), "\f"), "\f")
	if len(pages) < 5 || len(pages) > 9 {
		t.Fatalf("it prints on %d pages", len(pages))
	}
	for _, want := range []string{"ỦY BAN NHÂN DÂN THỊ XÃ HƯƠNG TRÀ", "DANH SÁCH HỒ SƠ CẦN ĐỐI SOÁT", "02/07/2018 06:30", "Trang 1/", "Không ghi tên, số CMND/CCCD"} {
		if !strings.Contains(pages[0], want) {
			t.Errorf("the printed cover lacks %q:\n%s", want, pages[0])
		}
	}
	for i := 1; i < len(pages)-2; i++ {
		for _, want := range []string{"Mã hồ sơ", "Tình trạng trên hệ thống", "Việc cần làm", "Ý kiến của phòng", "Chi nhánh Văn phòng Đăng ký đất đai", "12/06/2018 17:00", "Lập lúc 02/07/2018"} {
			if !strings.Contains(pages[i], want) {
				t.Errorf("page %d lacks %q", i+1, want)
			}
		}
		if strings.Contains(pages[i], "###") || strings.Contains(pages[i], headingWord) {
			t.Errorf("page %d shows what it should not:\n%s", i+1, pages[i])
		}
	}
	if last := pages[len(pages)-1]; !strings.Contains(last, "Không có hồ sơ nào cần xác minh.") {
		t.Errorf("the last page says\n%s", last)
	}
}

// TestSavedAsCSVItIsInert opens the list and saves every sheet as CSV, where
// nothing but a text's own beginning keeps it from being a formula.
func TestSavedAsCSVItIsInert(t *testing.T) {
	evils := []string{"=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1+1", "\r=1", "\x00=1", "＝1+1"}
	out := libreOffice(t, written(t, hostileList(evils...)), "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1")
	files, err := filepath.Glob(filepath.Join(out, "*.csv"))
	if err != nil || len(files) != 4 {
		t.Fatalf("%d files (%v), want one a sheet", len(files), err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		records := csv.NewReader(bytes.NewReader(content))
		records.FieldsPerRecord = -1
		all, err := records.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range all {
			for _, field := range record {
				if formulaLike(clean(field)) && !strings.HasPrefix(field, "'") || strings.ContainsAny(field, "\x00\t\r") {
					t.Errorf("%s has the field %q", filepath.Base(name), field)
				}
			}
		}
	}
}
