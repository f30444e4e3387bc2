package browsertest

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func centreReports(t *testing.T, _ *town, c *chrome) {
	b := c.tab(t)
	b.get("/login?next=%2Freport%3Fquarter%3D2018-Q2", http.StatusOK)
	b.enter("trungtam", later("trungtam"))
	// The seed quarter's table, as the town reported it.
	for name, want := range map[string][]string{
		"Phòng Quản lý đô thị": {"214", "173", "26", "15", "0"}, "Phòng Tư pháp": {"71", "64", "3", "4", "0"},
		"Tổng số": {"1.907", "1.243", "264", "391", "9"},
	} {
		if got := b.line("Theo hệ thống", name); !slices.Equal(got, want) {
			t.Errorf("%s as reported: %v, want %v", name, got, want)
		}
	}
	b.speak("en")
	if got, want := b.line("Reported by the platform", "Total"), []string{"1,907", "1,243", "264", "391", "9"}; !slices.Equal(got, want) {
		t.Errorf("in English the total as reported is %v, want %v; tables: %v", got, want, b.texts("table.figures caption"))
	}
	b.speak("vi")
	b.look("bao-cao")

	for _, at := range []struct {
		account, row string
		column       int
	}{
		{"Theo hệ thống", "Phòng Quản lý đô thị", 2}, {"Theo hệ thống", "Phòng Tài chính kế hoạch", 1}, {"Sau khi đối soát", "Phòng Quản lý đô thị", 4},
	} {
		b.get("/report?quarter=2018-Q2", http.StatusOK)
		figure := b.number(b.line(at.account, at.row)[at.column])
		link := ask[string](b, fmt.Sprintf(`(() => { %s; return line(%q, %q).querySelectorAll("td a")[%d].getAttribute("href"); })()`, find, at.account, at.row, at.column))
		b.press(fmt.Sprintf(`table.figures a[href=%q]`, link), http.StatusOK)
		if at.column == 2 && figure < 50 {
			b.look("bao-cao-ho-so")
		}
		codes := map[string]bool{}
		for {
			for _, code := range b.texts("main tbody th.code") {
				codes[code] = true
			}
			if b.count(".pager a") == 0 {
				break
			}
			b.press(".pager a", http.StatusOK)
		}
		if len(codes) != figure || figure == 0 {
			t.Errorf("%s, %s, column %d says %d, behind it are %d dossiers", at.account, at.row, at.column, figure, len(codes))
		}
	}
	b.get("/report?quarter=2018-Q2", http.StatusOK)
	for format, begins := range map[string]string{"docx": "PK\x03\x04", "xlsx": "PK\x03\x04", "pdf": "%PDF-"} {
		name, text := b.download(fmt.Sprintf(`.tools a[href*="format=%s"]`, format))
		if !strings.HasSuffix(name, "."+format) || !bytes.HasPrefix(text, []byte(begins)) {
			t.Errorf("the report as %s is saved as %q and begins %q", format, name, text[:min(len(text), 8)])
		}
	}
}

// find is a line of one of the report's tables.
const find = `const line = (account, name) => Array.from(document.querySelectorAll("table.figures:not(.form)"))
	.find((t) => t.caption.innerText.trim() === account)?.querySelectorAll("tbody tr").values().find((r) => r.cells[0].innerText.trim() === name)`

// line is the figures of a row of the report.
func (b *tab) line(account, name string) []string {
	b.t.Helper()
	return ask[[]string](b, fmt.Sprintf(`(() => { %s; const r = line(%q, %q); return r ? Array.from(r.cells).slice(1).map((c) => c.innerText.trim()) : []; })()`, find, account, name))
}
