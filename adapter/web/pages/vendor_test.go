package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var vendorLine = regexp.MustCompile(`(?m)^\| (\S+) \| \S+ \d+\.\d+\.\d+ \| \S+ \| .+ \| ([0-9a-f]{64}) \|$`)

func TestVendoredFilesAreAsTheyWereTaken(t *testing.T) {
	folder := filepath.Join("static", "vendor")
	notes, err := os.ReadFile(filepath.Join(folder, "VENDOR.md"))
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, line := range vendorLine.FindAllStringSubmatch(string(notes), -1) {
		content, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(line[1])))
		if err != nil {
			t.Error(err)
			continue
		}
		named[line[1]] = true
		if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != line[2] {
			t.Errorf("%s was changed", line[1])
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := file.Name(); !named[name] && !strings.HasSuffix(name, ".LICENSE") && name != "VENDOR.md" {
			t.Errorf("VENDOR.md does not name %s", name)
		}
	}
}

func TestStaticFiles(t *testing.T) {
	files, err := readAssets()
	if err != nil {
		t.Fatal(err)
	}
	p := &Pages{assets: files}
	ask := func(name, encoding string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.SetPathValue("name", name)
		r.Header.Set("Accept-Encoding", encoding)
		w := httptest.NewRecorder()
		p.static(w, r)
		return w
	}
	for _, c := range []struct {
		name, accepts, encoding string
	}{
		{"app.css", "gzip, deflate, br", "gzip"}, {"app.css", "", ""}, {"app.css", "gzip;q=0", ""}, {"app.css", "br", ""}, {"pico.min.css", "gzip;q=0.5", "gzip"}, {"icon.svg", "gzip", ""},
	} {
		w := ask(files.names[c.name], c.accepts)
		if got := w.Header().Get("Content-Encoding"); w.Code != http.StatusOK || got != c.encoding {
			t.Errorf("%s for %q: %d, encoding %q, want %q", c.name, c.accepts, w.Code, got, c.encoding)
		}
		if got := w.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", c.name, got)
		}
	}
	for _, name := range []string{"app.css", "../pages.go", "VENDOR.md", "", "app.000000000000.css"} {
		if w := ask(name, ""); w.Code != http.StatusNotFound {
			t.Errorf("%q: %d, want 404", name, w.Code)
		}
	}
	if _, err := files.address("no-such.css"); err == nil {
		t.Error("an address for a file that is not there")
	}
}

var foreignURL = regexp.MustCompile(`https?://[^\s"'\\)]+`)

func TestOurOwnStaticFilesNameNoOtherHost(t *testing.T) {
	for _, name := range []string{"app.css", "app.js", "icon.svg"} {
		content, err := static.ReadFile("static/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range foreignURL.FindAllString(string(content), -1) {
			if found != "http://www.w3.org/2000/svg" {
				t.Errorf("%s names %s", name, found)
			}
		}
	}
}
