package browsertest

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// mostPicture is how large a picture for a guide may be, in bytes.
const mostPicture = 250_000

// TestPictures makes the pictures of the guides, into $DOISOAT_PICTURES:
//
//	DOISOAT_PICTURES=$PWD/deploy/guide go test -run TestPictures ./cmd/doisoat/browsertest
func TestPictures(t *testing.T) {
	dir := os.Getenv("DOISOAT_PICTURES")
	if dir == "" {
		t.Skip("makes pictures for the guides where $DOISOAT_PICTURES names a folder")
	}
	if !filepath.IsAbs(dir) { // as seen from where the test was called, not from this folder
		dir = filepath.Join("..", "..", "..", dir)
	}
	tn := open(t)
	c := start(t, tn)
	clerk, b := c.tab(t), c.tab(t)
	clerk.signIn("dothi", tn.passwords["dothi"])
	b.signIn("trungtam", tn.passwords["trungtam"])
	for _, one := range []struct {
		by         *tab
		name, path string
	}{
		{clerk, "danh-sach", "/discrepancies"}, {clerk, "ho-so", "/dossiers/" + corrected}, {b, "tong-quan", "/"}, {b, "bao-cao", "/report?quarter=2018-Q2"},
	} {
		one.by.do(chromedp.EmulateViewport(wide, 900))
		one.by.get(one.path, http.StatusOK)
		if one.name == "bao-cao" { // its tables, which stand below what is said of them
			ask[chromedp.Void](one.by, `document.getElementById("tables").scrollIntoView()`)
		}
		one.by.picture(filepath.Join(dir, one.name+".png"))
	}
	b.get("/letters", http.StatusOK)
	b.choose("#to", "QLDT")
	b.press(`form[action="/letters"][method="post"] button`, http.StatusOK)
	_, letter := b.download(`.tools a[href$="format=pdf"]`)
	_, list := b.download(`.tools a[href$="format=xlsx"]`)
	work := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(work, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pageOf(t, file("phieu.pdf", letter), 1, 72, 842, filepath.Join(dir, "phieu-don-doc.png"))
	run(t, "soffice", "-env:UserInstallation=file://"+filepath.Join(work, "profile"), "--headless", "--convert-to", "pdf", "--outdir", work, file("so.xlsx", list))
	pageOf(t, filepath.Join(work, "so.pdf"), 2, 100, 460, filepath.Join(dir, "so-excel.png")) // after the cover; the sheet's lower half is empty
}

// picture writes what the window shows.
func (b *tab) picture(path string) {
	b.t.Helper()
	b.faultless(path)
	ctx, cancel := b.limited()
	defer cancel()
	shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(path, shot, 0o644)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	small(b.t, path)
}

// pageOf writes a page of a PDF file as a picture, so many pixels of its height.
func pageOf(t *testing.T, pdf string, page, resolution, height int, path string) {
	t.Helper()
	run(t, "pdftoppm", "-png", "-singlefile", "-f", fmt.Sprint(page), "-r", fmt.Sprint(resolution), "-x", "0", "-y", "0", "-W", fmt.Sprint(12*resolution), "-H", fmt.Sprint(height), pdf, path[:len(path)-len(".png")])
	small(t, path)
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
}

// small fails the test for a picture that is too large to be looked at over a slow line.
func small(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > mostPicture {
		t.Errorf("%s has %d bytes, more than %d", path, info.Size(), mostPicture)
	}
}
