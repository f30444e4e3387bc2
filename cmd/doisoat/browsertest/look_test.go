package browsertest

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"
)

// The windows in which pages are looked at, in CSS pixels: a desk's and a telephone's.
const (
	wide, narrow = 1280, 360
	high         = 800
)

// look examines the page in both languages, in Vietnamese in both widths, and leaves it
// in Vietnamese on a wide screen. The tests of package pages have axe-core look at every
// page in the other combinations.
func (b *tab) look(name string) {
	b.t.Helper()
	b.examine(name+"-vi-1280", wide, true)
	b.examine(name+"-vi-360", narrow, false)
	if raceDetector { // the pages' own tests see them all in English
		b.do(chromedp.EmulateViewport(wide, high))
		return
	}
	b.speak("en")
	b.do(chromedp.EmulateViewport(wide, high))
	b.examine(name+"-en-1280", wide, false)
	b.speak("vi")
}

// glance examines a page that cannot be loaded a second time.
func (b *tab) glance(name string) {
	b.t.Helper()
	b.examine(name+"-1280", wide, true)
	b.examine(name+"-360", narrow, false)
	b.do(chromedp.EmulateViewport(wide, high))
}

// speak switches the language by the page's own button.
func (b *tab) speak(language string) {
	b.t.Helper()
	b.press(`form[action="/language"] button`, http.StatusOK)
	if now := ask[string](b, "document.documentElement.lang"); now != language {
		b.t.Fatalf("on %s: the page is in %q, want %q", b.at(), now, language)
	}
}

// widest names the element that makes a page too wide.
const widest = `(() => { for (const e of document.querySelectorAll("body *")) { const r = e.getBoundingClientRect(); if (r.right > innerWidth + 1 && !e.closest(".scroll, .places")) return e.outerHTML.slice(0, 200); } return "?"; })()`

// examine keeps a picture of the page in a window of a width and holds it against what
// every page keeps.
func (b *tab) examine(name string, width int64, axe bool) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, high))
	b.keep(name)
	b.faultless(name)
	for _, v := range ask[[]string](b, "window.violations ?? []") {
		b.t.Errorf("%s: content security policy: %s", name, v)
	}
	if is := ask[int64](b, "document.documentElement.scrollWidth"); is > width {
		b.t.Errorf("%s: the page is %d wide in a window of %d: %s", name, is, width, ask[string](b, widest))
	}
	if axe {
		b.accessible(name)
	}
}

// finding is something that axe-core found.
type finding struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML, FailureSummary string }
}

// accessible fails the test for what axe-core finds serious or critical.
func (b *tab) accessible(name string) {
	b.t.Helper()
	ask[bool](b, b.chrome.axe+";true")
	text := ask[string](b, `axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise)
	var found []finding
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		b.t.Fatal(err)
	}
	for _, one := range found {
		report := b.t.Logf
		if one.Impact == "serious" || one.Impact == "critical" {
			report = b.t.Errorf
		}
		for _, node := range one.Nodes {
			report("%s: axe-core, %s: %s: %s\n%s\n%s", name, one.Impact, one.ID, one.Help, node.HTML, node.FailureSummary)
		}
	}
}

// keep writes a picture of the whole page to where the artefacts of tests go.
func (b *tab) keep(name string) {
	b.t.Helper()
	ctx, cancel := b.limited()
	defer cancel()
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		b.t.Fatalf("%s: %v", name, err)
	}
	if err := os.WriteFile(filepath.Join(b.chrome.artefacts, name+".png"), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
