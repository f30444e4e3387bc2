package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chrome is a Chromium in front of a town. Each person has a tab and cookies of their
// own in it.
type chrome struct {
	ctx       context.Context //nolint:containedctx // it is what chromedp takes for the browser
	site      string          // the town's address
	artefacts string          // where pictures are kept
	axe       string          // axe-core, as a script
	downloads string
	saved     chan *saved
}

// start starts Chromium. Without one the test is skipped; under CI it fails.
func start(t *testing.T, tn *town) *chrome {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no Chromium: %v; install it: apt-get install chromium", err)
		}
		t.Skipf("the pages were not looked at, there is no Chromium: %v; install it: apt-get install chromium", err)
	}
	axe, err := os.ReadFile("../../../adapter/web/pages/testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	c := &chrome{site: tn.url, artefacts: artefacts(t), axe: string(axe), downloads: t.TempDir(), saved: make(chan *saved, 1)}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.Flag("lang", "vi"), chromedp.Flag("hide-scrollbars", true), chromedp.WSURLReadTimeout(patience),
		// Nothing has a name here but this machine: what would go elsewhere fails.
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(allocated)
	t.Cleanup(end)
	c.ctx = ctx
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	if err := chromedp.ListenBrowser(ctx, c.downloading()); err != nil {
		t.Fatal(err)
	}
	return c
}

// artefacts is where pictures go.
func artefacts(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("DOISOAT_TEST_ARTEFACTS")
	if dir == "" {
		dir = t.ArtifactDir()
	}
	dir = filepath.Join(dir, "browser")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// script notes violations of the content security policy, in every document.
const script = `window.violations = [];
document.addEventListener("securitypolicyviolation", (e) => window.violations.push(e.violatedDirective + " " + e.blockedURI + " " + e.sourceFile + ":" + e.lineNumber));`

// tab opens one with cookies of its own. At the test's end, anything that went wrong
// in it and was not expected is a failure.
func (c *chrome) tab(t *testing.T) *tab {
	t.Helper()
	b := &tab{t: t, chrome: c}
	ctx, end := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.watch))
	b.ctx = ctx
	t.Cleanup(func() {
		b.faultless("")
		end()
	})
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(wide, high)); err != nil {
		t.Fatal(err)
	}
	send(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
	if _, err := chromedp.Call(ctx, audits.Enable, struct{}{}); err != nil {
		t.Fatal(err)
	}
	yes := true
	_, err := chromedp.CallBrowser(ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: chromedp.FromContext(ctx).BrowserContextID,
		DownloadPath: c.downloads, EventsEnabled: &yes,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// withoutScripts is a tab in which no page's script runs.
func (c *chrome) withoutScripts(t *testing.T) *tab {
	t.Helper()
	b := c.tab(t)
	send(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return b
}

// watch notes what must not happen in any page.
func (b *tab) watch(ev any) {
	switch e := ev.(type) {
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err != nil || u.Scheme != "data" && u.Scheme != "about" && !strings.HasPrefix(e.Request.URL, b.chrome.site+"/") {
			b.note("", "a request leaves the host: %s", e.Request.URL)
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning || e.Entry.Source == log.EntrySourceSecurity {
			b.note(e.Entry.URL, "%s, %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			said, err := json.Marshal(e.Args)
			b.note("", "console.%s: %s %v", e.Type, said, err)
		}
	case *runtime.EventExceptionThrown:
		b.note("", "script: %s %s", e.ExceptionDetails.Text, e.ExceptionDetails.URL)
	case *audits.EventIssueAdded:
		if g := e.Issue.Details.GenericIssueDetails; g != nil && g.ErrorType == audits.GenericIssueErrorTypeNavigationEntryMarkedSkippable {
			return // the test went there, and no hand
		}
		details, err := json.Marshal(e.Issue.Details)
		b.note("", "issue %s: %s %v", e.Issue.Code, details, err)
	}
}

// fault is something that went wrong in a tab.
type fault struct{ url, text string }

func (b *tab) note(url, format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, fault{url, fmt.Sprintf(format, args...)})
}

// faultless fails the test for what went wrong since it was last asked.
func (b *tab) faultless(where string) {
	b.t.Helper()
	b.mu.Lock()
	faults := b.faults
	b.faults = nil
	b.mu.Unlock()
	for _, f := range faults {
		b.t.Errorf("%s: %s", where, f.text)
	}
}

// forgive drops what the console says of an answer that was expected to be a refusal.
func (b *tab) forgive(address string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	kept := b.faults[:0]
	for _, f := range b.faults {
		if f.url != address {
			kept = append(kept, f)
		}
	}
	b.faults = kept
}

// tab is a page of the browser that somebody looks at.
type tab struct {
	t      *testing.T
	chrome *chrome
	ctx    context.Context //nolint:containedctx // it is what chromedp takes for the page
	mu     sync.Mutex
	faults []fault
}

// limited is for one step.
func (b *tab) limited() (context.Context, context.CancelFunc) {
	return context.WithTimeout(b.ctx, 30*time.Second)
}
