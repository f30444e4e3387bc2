package browsertest

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
)

func withoutScripts(t *testing.T, tn *town, c *chrome) {
	b := c.withoutScripts(t)
	b.signIn("tuphap", tn.passwords["tuphap"])
	if drawn := b.count(".chart canvas"); drawn != 0 {
		t.Fatal("scripts run")
	}
	b.says("main", "Kết quả đối soát lúc 08:")
	b.do(chromedp.Click(chromedp.CSS("section[aria-labelledby=trend] summary"))) // the chart's numbers
	b.says("#trend-numbers", "Đang mở", "03/07/2018")
	b.plain("khong-script-tong-quan")

	b.press(`.places a[href="/discrepancies"]`, http.StatusOK)
	b.says("#list", foreign, foreignAnswered)
	b.choose("#f-kind", "closed_in_progress")
	b.press(`form.filters button[type="submit"]`, http.StatusOK)
	if b.query("kind") != "closed_in_progress" {
		t.Errorf("without scripts the filter leads to %s", b.at())
	}
	b.plain("khong-script-danh-sach")
	b.tick(foreignAnswered)
	b.write(`#acts textarea[name="note"]`, "Sẽ cập nhật sổ.")
	b.press(`#acts button[formaction="/discrepancies/acknowledge"]`, http.StatusOK)
	b.says(".flash", "Đã ghi ý kiến cho 1 sai lệch.")
	b.says(row(foreignAnswered), "Phòng đã có ý kiến", "Sẽ cập nhật sổ.")

	b.press(`#list a[href="/dossiers/`+foreignAnswered+`"]`, http.StatusOK)
	b.says("main", foreignAnswered, "Sẽ cập nhật sổ.")
	b.plain("khong-script-ho-so")
	b.press(`.places a[href="/report"]`, http.StatusOK)
	b.says("main", "Phòng Tư pháp", "Theo hệ thống", "Sau khi đối soát")
	b.plain("khong-script-bao-cao")
	b.signOut()
}

// plain keeps pictures of a page in which no script runs.
func (b *tab) plain(name string) {
	b.t.Helper()
	b.examine(name+"-1280", wide, false)
	b.examine(name+"-360", narrow, false)
	b.do(chromedp.EmulateViewport(wide, high))
}
