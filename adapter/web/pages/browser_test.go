package pages_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/doisoat/doisoat/adapter/web/webtest"
)

// browser is a Chromium with one tab, and what went wrong in it.
type browser struct {
	ctx  context.Context
	site string // its address
	mu   sync.Mutex
	bad  []string
}

// browse starts Chromium over a site. Without a Chromium the test is skipped, under CI
// it fails.
func browse(t *testing.T, s *site) *browser {
	t.Helper()
	path, err := chromium()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no Chromium: %v; install it (apt-get install chromium)", err)
		}
		t.Skipf("no Chromium: %v", err)
	}
	server := httptest.NewServer(s.handler)
	t.Cleanup(server.Close)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Flag("lang", "vi"), chromedp.Flag("hide-scrollbars", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	started, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	limited, cancel := context.WithTimeout(started, 4*time.Minute)
	t.Cleanup(cancel)
	ctx, end := chromedp.NewContext(limited)
	t.Cleanup(end)
	b := &browser{ctx: ctx, site: server.URL}
	if err := chromedp.Listen(ctx, b.watch); err != nil {
		t.Fatal(err)
	}
	_, err = chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		window.violations = [];
		document.addEventListener("securitypolicyviolation", (e) => window.violations.push(e.violatedDirective + " " + e.blockedURI + " " + e.sourceFile + ":" + e.lineNumber));`})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func chromium() (string, error) {
	var last error
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		path, err := exec.LookPath(name)
		if err == nil {
			return path, nil
		}
		last = err
	}
	return "", last
}

// watch notes requests to other hosts, errors of the console and of scripts.
func (b *browser) watch(ev any) {
	note := func(format string, args ...any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.bad = append(b.bad, fmt.Sprintf(format, args...))
	}
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err == nil && u.Scheme != "data" && u.Scheme != "about" && !strings.HasPrefix(e.Request.URL, b.site+"/") {
			note("request to %s", e.Request.URL)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" || e.Entry.Source == "security" {
			note("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
}

// faults are what went wrong since they were last asked.
func (b *browser) faults() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	bad := b.bad
	b.bad = nil
	return bad
}

func (b *browser) do(t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func evaluate[T any](t *testing.T, b *browser, script string, options ...chromedp.EvaluateOption) T {
	t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script, options...))
	if err != nil {
		t.Fatalf("%.80s: %v", script, err)
	}
	return value
}

// as makes the browser somebody's, in a language.
func (b *browser) as(t *testing.T, who, language string) {
	t.Helper()
	for name, value := range map[string]string{webtest.CookieName: who, "l": language} {
		if _, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.site + "/"}); err != nil {
			t.Fatal(err)
		}
	}
}

// keep writes a screenshot of the whole page to where artefacts of tests go.
func (b *browser) keep(t *testing.T, name string) {
	t.Helper()
	folder := os.Getenv("DOISOAT_TEST_ARTEFACTS")
	if folder == "" {
		folder = t.ArtifactDir()
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	picture, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

// verdict is what axe-core finds.
type verdict struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML, FailureSummary string
	}
}

var notInNames = regexp.MustCompile(`[^a-z0-9]+`)

func TestPagesInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes a while")
	}
	s := open(t)
	b := browse(t, s)
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range looked(s) {
		for _, language := range []string{"vi", "en"} {
			for _, width := range []int64{1280, 360} {
				if language == "en" && width == 1280 && !often[one.name] {
					continue // a page is wide or English; both only where much is seen
				}
				name := fmt.Sprintf("%s-%s-%d", strings.Trim(notInNames.ReplaceAllString(strings.ToLower(one.name), "-"), "-"), language, width)
				t.Run(name, func(t *testing.T) {
					b.as(t, one.who, language)
					b.do(t, chromedp.EmulateViewport(width, 800), chromedp.Navigate(b.site+one.path))
					b.keep(t, name)
					for _, fault := range b.faults() {
						if !one.fault || !strings.HasPrefix(fault, "network: ") {
							t.Error(fault)
						}
					}
					for _, v := range evaluate[[]string](t, b, "window.violations") {
						t.Errorf("content security policy: %s", v)
					}
					if wide := evaluate[int](t, b, "document.documentElement.scrollWidth"); wide > int(width) {
						t.Errorf("the page is %d wide in a window of %d: %s", wide, width, evaluate[string](t, b, widest))
					}
					if language == "vi" && width == 360 {
						return // the other two were examined
					}
					evaluate[bool](t, b, string(axe)+";true")
					text := evaluate[string](t, b, `axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise)
					var found []verdict
					if err := json.Unmarshal([]byte(text), &found); err != nil {
						t.Fatal(err)
					}
					for _, v := range found {
						for _, n := range v.Nodes {
							report := t.Logf
							if v.Impact == "serious" || v.Impact == "critical" {
								report = t.Errorf
							}
							report("axe-core, %s: %s: %s\n%s\n%s", v.Impact, v.ID, v.Help, n.HTML, n.FailureSummary)
						}
					}
				})
			}
		}
	}
}

// widest names the element that makes a page too wide.
const widest = `(() => { for (const e of document.querySelectorAll("body *")) { const r = e.getBoundingClientRect(); if (r.right > innerWidth + 1 && !e.closest(".scroll, .places")) return e.outerHTML.slice(0, 200); } return "?"; })()`

type look struct {
	name, who, path string
	fault           bool // the page is one
}

// often are the pages whose pictures people look at.
var often = map[string]bool{"overview": true, "list of a department": true, "dossier": true, "report": true}

// looked are the pages that are looked at in a browser.
func looked(s *site) []look {
	all := addresses(s)
	list := []look{
		{name: "login", who: "", path: "/login"}, {name: "overview", who: "trung-tam", path: "/"}, {name: "overview of a department", who: "dat-dai", path: "/"},
		{name: "list", who: "trung-tam", path: "/discrepancies"}, {name: "list of a department", who: "dat-dai", path: "/discrepancies?state=open"},
		{name: "dossier", who: "dat-dai", path: all["page_dossier"][0]}, {name: "dossier as the centre", who: "trung-tam", path: all["page_dossier"][0]},
		{name: "answers", who: "dat-dai", path: "/answers"}, {name: "report", who: "trung-tam", path: "/report"}, {name: "report with faults", who: "trung-tam", path: "/report?from=x&to=y", fault: true},
		{name: "figure", who: "trung-tam", path: all["page_report_dossiers"][0]},
		{name: "letters", who: "trung-tam", path: "/letters"}, {name: "letter", who: "trung-tam", path: all["page_letter"][0]}, {name: "deliveries", who: "trung-tam", path: "/deliveries"},
		{name: "sources", who: "van-hanh", path: "/sources"}, {name: "accounts", who: "van-hanh", path: "/accounts"}, {name: "account", who: "van-hanh", path: "/accounts/3"},
		{name: "tokens", who: "van-hanh", path: "/tokens"}, {name: "audit", who: "van-hanh", path: "/audit?verify=true"}, {name: "password", who: "moi", path: "/password"}, {name: "not found", who: "dat-dai", path: "/dossiers/nothing", fault: true},
	}
	for _, path := range all["page_source"] {
		list = append(list, look{name: "source " + path[strings.LastIndex(path, "/")+1:], who: "van-hanh", path: path})
	}
	return list
}

func TestDarkAndPrintInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes a while")
	}
	s := open(t)
	b := browse(t, s)
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}}); err != nil {
		t.Fatal(err)
	}
	for _, one := range looked(s) {
		t.Run(one.name, func(t *testing.T) {
			b.as(t, one.who, "vi")
			b.do(t, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(b.site+one.path))
			evaluate[bool](t, b, string(axe)+";true")
			text := evaluate[string](t, b, `axe.run(document, {runOnly: ["color-contrast"]}).then((r) => r.violations.flatMap((v) => v.nodes.map((n) => n.html + " " + n.failureSummary)).join("\n"))`, chromedp.EvalAwaitPromise)
			if text != "" {
				t.Errorf("too little contrast in the dark:\n%s", text)
			}
			if one.name == "overview" || one.name == "dossier" || one.name == "list" {
				b.keep(t, "dark-"+one.name)
			}
		})
	}
}
