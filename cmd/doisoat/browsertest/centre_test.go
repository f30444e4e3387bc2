package browsertest

import (
	"archive/zip"
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func centreWorks(t *testing.T, tn *town, c *chrome) {
	b := c.tab(t)
	b.signIn("trungtam", tn.passwords["trungtam"])
	if shown := b.count(".matrix abbr"); shown != 10 {
		t.Errorf("the overview shows %d departments, want 10", shown)
	}
	b.look("tong-quan")
	b.get("/discrepancies?department=QLDT", http.StatusOK)
	b.look("danh-sach")
	b.says(row(firstAnswered), "Phòng đã có ý kiến")
	b.tick(waived)
	const reason = "Chờ hồ sơ giấy từ UBND phường."
	b.write(`#acts textarea[name="note"]`, reason)
	waive := `#acts button[formaction="/discrepancies/waive"]`
	b.press(waive, http.StatusUnprocessableEntity)
	b.says("#acts", "Hãy chọn ngày.")
	b.do(chromedp.SetValue(chromedp.CSS(`#acts input[name="until"]`), "2018-07-20"))
	b.press(waive, http.StatusOK)
	b.says(".flash", "Đã tạm ngừng nhắc")
	b.get("/discrepancies?state=waived", http.StatusOK)
	b.says(row(waived), "Tạm không nhắc", "đến hết 20/07/2018", reason)
	b.get("/dossiers/"+waived, http.StatusOK)
	b.says("main", "Tạm không nhắc", reason, "trungtam")
	b.look("ho-so")

	first := centreSends(t, tn, b, "1/PĐĐ-TTHCC", "02/07/2018", "lần 1")
	b.press(`.places a[href="/letters"]`, http.StatusOK)
	b.choose("#to", "QLDT")
	b.press(`form[action="/letters"][method="post"] button`, http.StatusOK)
	b.says("h1", "1/PĐĐ-TTHCC", "lần 1") // the day's letter is the day's letter
	tn.tomorrow()
	second := centreSends(t, tn, b, "2/PĐĐ-TTHCC", "03/07/2018", "lần 2")
	if first == second {
		t.Errorf("two letters go by one message id, %s", first)
	}
	b.get("/letters", http.StatusOK)
	b.says("main", "1/PĐĐ-TTHCC", "2/PĐĐ-TTHCC")
	b.look("phieu-don-doc")
	b.press(`.places a[href="/deliveries"]`, http.StatusOK)
	b.says("main", "1/PĐĐ-TTHCC", "2/PĐĐ-TTHCC", first, second)
	b.silent("main tbody", "Chờ gửi", "Không gửi được")
	b.look("gui-di")
	b.signOut()
}

var messageID = regexp.MustCompile(`letter-[^\s<>]+`)

// centreSends sends a letter to QLDT, and gives its message's id.
func centreSends(t *testing.T, tn *town, b *tab, number, day, times string) string {
	t.Helper()
	b.get("/letters", http.StatusOK)
	b.choose("#to", "QLDT")
	b.press(`form[action="/letters"][method="post"] button`, http.StatusOK)
	b.says(".flash", "Đã lập phiếu đôn đốc")
	b.says("h1", number, times)
	b.says("dl.facts", day)
	b.silent("section[aria-labelledby=items]", waived, firstAnswered, thirdAnswered) // neither what is waived nor what is answered
	b.says("section[aria-labelledby=items]", corrected)
	path, _, _ := strings.Cut(b.at(), "?")
	b.until(path, "the letter is sent", func() error {
		if said := b.text("section[aria-labelledby=sent] tbody"); !strings.Contains(said, "Đã gửi") {
			return errors.New(said)
		}
		return nil
	})
	id := messageID.FindString(b.text("section[aria-labelledby=sent] tbody"))
	b.glance("phieu-" + times[len(times)-1:])
	files, err := os.ReadDir(filepath.Join(tn.dir, "letters", "QLDT"))
	if err != nil {
		t.Fatal(err)
	}
	endings := map[string]bool{}
	for _, file := range files {
		if id != "" && strings.Contains(file.Name(), id) {
			endings[filepath.Ext(file.Name())] = true
		}
	}
	if len(endings) != 3 || !endings[".docx"] || !endings[".pdf"] || !endings[".xlsx"] {
		t.Errorf("the folder holds %v; of message %q there are %v", files, id, endings)
	}
	name, text := b.download(`.tools a[href$="format=docx"]`)
	if !strings.HasSuffix(name, ".docx") {
		t.Errorf("the letter is saved as %q", name)
	}
	if words := wordsOf(t, text); !strings.Contains(words, number) || !strings.Contains(words, corrected) || strings.Contains(words, waived) {
		t.Errorf("the letter as docx says %s", words)
	}
	name, text = b.download(`.tools a[href$="format=pdf"]`)
	if !strings.HasSuffix(name, ".pdf") || !bytes.HasPrefix(text, []byte("%PDF-")) {
		t.Errorf("the letter as pdf is saved as %q and begins %q", name, text[:min(len(text), 8)])
	}
	return id
}

var tags = regexp.MustCompile(`<[^>]*>`)

// wordsOf is the text of a Word file.
func wordsOf(t *testing.T, file []byte) string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	part, err := archive.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer part.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(part); err != nil {
		t.Fatal(err)
	}
	return tags.ReplaceAllString(strings.ReplaceAll(text.String(), "</w:p>", " "), "")
}
