package browsertest

import (
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
)

// saved is a file that the browser saved, and what it calls it.
type saved struct{ guid, name, state string }

// downloading hears of files that the browser saves. They come one at a time.
func (c *chrome) downloading() func(any) {
	var one *saved
	return func(ev any) {
		switch e := ev.(type) {
		case *browser.EventDownloadWillBegin:
			one = &saved{guid: e.GUID, name: e.SuggestedFilename}
		case *browser.EventDownloadProgress:
			if one != nil && e.GUID == one.guid && e.State != browser.DownloadProgressStateInProgress {
				one.state = string(e.State)
				c.saved <- one
				one = nil
			}
		}
	}
}

// download clicks on a link to a file and gives what was saved.
func (b *tab) download(selector string) (name string, content []byte) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
	select {
	case one := <-b.chrome.saved:
		if one.state != string(browser.DownloadProgressStateCompleted) {
			b.t.Fatalf("on %s: the download of %s is %s", b.at(), selector, one.state)
		}
		content, err := os.ReadFile(filepath.Join(b.chrome.downloads, one.guid))
		if err != nil {
			b.t.Fatal(err)
		}
		return one.name, content
	case <-time.After(patience):
		b.t.Fatalf("on %s: %s saves nothing", b.at(), selector)
	}
	return "", nil
}
