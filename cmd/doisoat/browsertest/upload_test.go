package browsertest

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/xuri/excelize/v2"

	"github.com/doisoat/doisoat/adapter/world"
)

func clerkUploads(t *testing.T, tn *town, c *chrome) {
	b := c.tab(t)
	b.get("/login?next=%2Fdiscrepancies", http.StatusOK)
	b.enter("dothi", later("dothi"))
	name, text := b.download(`a[href="/lists/QLDT"]`)
	if !strings.HasSuffix(name, ".xlsx") || !strings.Contains(name, "QLDT") {
		t.Errorf("the list is saved as %q", name)
	}
	old := filepath.Join(t.TempDir(), "cũ.xlsx")
	path := filepath.Join(t.TempDir(), name)
	if err := errors.Join(os.WriteFile(path, text, 0o600), os.WriteFile(old, text, 0o600)); err != nil {
		t.Fatal(err)
	}
	const answer = "Phòng đang rà soát, trả lời trước 05/07."
	fill(t, path, map[string]string{thirdAnswered: answer, fourthAnswered: answer})
	b.press(`a[href="/answers"]`, http.StatusOK)
	b.look("nop-danh-sach")
	b.upload(path, http.StatusOK)
	b.says(".flash", "Đã nhận danh sách", "Ý kiến mới 2", "Đã có từ trước 2")
	b.glance("da-nop-danh-sach")
	b.press(`.flash a[href^="/discrepancies"]`, http.StatusOK)
	if got := len(b.texts(rows)); got != 4 {
		t.Errorf("%d rows are answered, want 4", got)
	}
	for _, code := range []string{thirdAnswered, fourthAnswered} {
		b.says(row(code), "Phòng đã có ý kiến", answer)
	}

	// The clerk corrects the book and then sends the list from before that.
	b.get("/discrepancies?code="+corrected, http.StatusOK)
	b.says(row(corrected), "Kết thúc 09:24 06/04/2018")
	err := world.ChangeOffice(filepath.Join(tn.dir, "offices", "qldt.xlsx"), corrected, func(r *world.Record) {
		r.CompletedAt.Time = r.CompletedAt.Time.AddDate(0, 0, -1)
	})
	if err != nil {
		t.Fatal(err)
	}
	b.until("/discrepancies?code="+corrected, "what was corrected in the book is on the list", func() error {
		if said := b.text(row(corrected)); !strings.Contains(said, "Kết thúc 09:24 05/04/2018") {
			return errors.New(said)
		}
		return nil
	})
	at := fill(t, old, map[string]string{corrected: "Ngày trong sổ là đúng.", "000.00.16.H57-180406-0003": "Cũng vậy."})
	b.get("/answers", http.StatusOK)
	b.upload(old, http.StatusConflict)
	b.says(".alert", "chưa có gì thay đổi", "dòng "+strconv.Itoa(at[corrected]), corrected, "số liệu của hồ sơ đã thay đổi", "Chưa ghi nhận ý kiến nào")
	b.glance("nop-danh-sach-cu")
	b.get("/discrepancies?state=acknowledged", http.StatusOK)
	if got := len(b.texts(rows)); got != 4 {
		t.Errorf("after the old list %d rows are answered, want 4 as before", got)
	}
	forged := filepath.Join(t.TempDir(), "khong-phai-excel.xlsx")
	if err := os.WriteFile(forged, []byte("không phải tệp Excel"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.get("/answers", http.StatusOK)
	b.upload(forged, http.StatusUnprocessableEntity)
	if got, want := b.text("#file-fault"), "Đây không phải tệp Excel (.xlsx)."; got != want {
		t.Errorf("of a file that is no workbook the page says %q, want %q", got, want)
	}
	b.signOut()
}

// upload hands a file in.
func (b *tab) upload(path string, status int64) {
	b.t.Helper()
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
	b.press(`form[action="/answers"] button`, status)
}

// fill writes answers into a list, by the dossiers' codes, and tells the rows.
func fill(t *testing.T, path string, answers map[string]string) map[string]int {
	t.Helper()
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	at := map[string]int{}
	for _, sheet := range book.GetSheetList() {
		lines, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		code, answer := -1, -1
		for i, line := range lines {
			if c := slices.Index(line, "Mã hồ sơ"); c >= 0 {
				code, answer = c, slices.Index(line, "Ý kiến của phòng")
				continue
			}
			if code < 0 || answer < 0 || len(line) <= code {
				continue
			}
			if text, ok := answers[line[code]]; ok {
				cell, err := excelize.CoordinatesToCellName(answer+1, i+1)
				if err == nil {
					err = book.SetCellStr(sheet, cell, text)
				}
				if err != nil {
					t.Fatal(err)
				}
				at[line[code]] = i + 1
			}
		}
	}
	if len(at) != len(answers) {
		t.Fatalf("of %v the list names %v", answers, at)
	}
	if err := book.Save(); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", path, err))
	}
	return at
}
