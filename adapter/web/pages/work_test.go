package pages_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/doisoat/doisoat/adapter/web/webtest"
)

// TestADepartmentsWorkInABrowser filters, ticks and answers as a clerk does, with
// scripts and without a mouse where it matters.
func TestADepartmentsWorkInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes a while")
	}
	s := open(t)
	b := browse(t, s)
	b.as(t, "dat-dai", "vi")
	b.do(t, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(b.site+"/discrepancies"))

	// The first stop of the keyboard leads past the navigation.
	b.do(t, chromedp.KeyEvent(kb.Tab))
	if got := evaluate[string](t, b, "document.activeElement.className"); got != "skip" {
		t.Errorf("the first stop is %q, want the link to the content", got)
	}
	b.do(t, chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(kb.Tab))
	if !evaluate[bool](t, b, "document.getElementById('main').contains(document.activeElement)") {
		t.Error("after the link to the content the keyboard is not in it")
	}
	// From there every action of the page can be reached, in the order of the page.
	reached := map[string]bool{}
	for range 80 {
		reached[evaluate[string](t, b, `(document.activeElement.id || document.activeElement.getAttribute("formaction") || document.activeElement.name || "")`)] = true
		b.do(t, chromedp.KeyEvent(kb.Tab))
	}
	for _, want := range []string{"f-code", "f-state", "f-kind", "f-order", "all", "id", "acts-note", "/discrepancies/acknowledge"} {
		if !reached[want] {
			t.Errorf("the keyboard does not reach %s", want)
		}
	}

	// A filter that is chosen takes effect in place, and stands in the address.
	evaluate[bool](t, b, `(() => { const f = document.getElementById("f-state"); f.value = "open"; f.dispatchEvent(new Event("change", {bubbles: true})); return true; })()`)
	b.await(t, `location.search.includes("state=open") && document.querySelectorAll("#list .state-acknowledged").length === 0 && !!document.querySelector("#list input[data-all]:not([hidden])")`)

	// All rows are ticked at once, the count is told, the answer is kept.
	b.do(t, chromedp.Click(chromedp.CSS("#all")))
	rows := len(s.backend.IDs(webtest.Own))
	if ticked := evaluate[int](t, b, `document.querySelectorAll("input[name=id]:checked").length`); ticked != rows {
		t.Errorf("%d rows are ticked, want %d", ticked, rows)
	}
	b.do(t, chromedp.SendKeys(chromedp.CSS("#acts-note"), "đã cập nhật sổ"))
	b.keep(t, "work-ticked")
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(`button[formaction="/discrepancies/acknowledge"]`))); err != nil {
		t.Fatal(err)
	}
	if got := evaluate[string](t, b, `document.querySelector(".flash").textContent`); !strings.HasPrefix(got, "Đã ghi ý kiến cho") {
		t.Errorf("the page says %q", got)
	}
	if left := len(s.backend.IDs(webtest.Own)); left != 0 {
		t.Errorf("%d are still open", left)
	}
	b.keep(t, "work-answered")

	// A session that ended while a page was open leads to the login page.
	b.do(t, chromedp.Navigate(b.site+"/discrepancies"))
	b.as(t, "", "vi")
	choose := chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := chromedp.Evaluate[bool](`(() => { const f = document.getElementById("f-state"); f.value = "open"; f.dispatchEvent(new Event("change", {bubbles: true})); return true; })()`)(ctx, tab)
		return err
	})
	answer, err := chromedp.RunResponse(b.ctx, choose)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(answer.URL, b.site+"/login?next=") {
		t.Errorf("after the session has ended a filter leads to %s, want the login page", answer.URL)
	}
	b.as(t, "dat-dai", "vi")

	// A picture of the numbers is drawn.
	b.do(t, chromedp.Navigate(b.site+"/"))
	b.await(t, `!!document.querySelector(".chart canvas")`)
	for _, fault := range b.faults() {
		t.Error(fault)
	}
	if v := evaluate[[]string](t, b, "window.violations"); len(v) > 0 {
		t.Errorf("content security policy: %v", v)
	}
}

// await waits until a script says true.
func (b *browser) await(t *testing.T, script string) {
	t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](script, chromedp.WithPollingTimeout(20*time.Second))); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}
