package pages

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed static
var static embed.FS

// staticPath is where static files are served from.
const staticPath = "/static/"

// asset is one static file under a name that changes with its content, so that a
// browser may keep it for ever.
type asset struct {
	contentType string
	plain       []byte
	zipped      []byte // nil where zipping does not pay
}

// assets are all static files: by fingerprinted name, and the names by the file's own.
type assets struct {
	files map[string]asset
	names map[string]string
}

// Fewer bytes than this go in one packet anyhow.
const worthZipping = 1 << 10

func readAssets() (*assets, error) {
	a := &assets{files: map[string]asset{}, names: map[string]string{}}
	err := fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		kind := contentTypes[path.Ext(name)]
		if kind == "" { // licences and notes are for whoever reads the source
			return nil
		}
		content, err := static.ReadFile(name)
		if err != nil {
			return err
		}
		zipped, err := zip(content)
		if err != nil {
			return fmt.Errorf("pages: zip %s: %w", name, err)
		}
		base, ext := strings.TrimSuffix(path.Base(name), path.Ext(name)), path.Ext(name)
		sum := sha256.Sum256(content)
		printed := base + "." + hex.EncodeToString(sum[:6]) + ext
		a.names[path.Base(name)] = printed
		a.files[printed] = asset{kind, content, zipped}
		return nil
	})
	return a, err
}

var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

func zip(content []byte) ([]byte, error) {
	if len(content) < worthZipping {
		return nil, nil
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// address is where a static file is served; an error where there is none, so that a
// page with a misspelt one is not served at all.
func (a *assets) address(name string) (string, error) {
	printed, there := a.names[name]
	if !there {
		return "", fmt.Errorf("no static file %q", name)
	}
	return staticPath + printed, nil
}

func (p *Pages) static(w http.ResponseWriter, r *http.Request) {
	file, there := p.assets.files[r.PathValue("name")]
	if !there {
		http.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Content-Type", file.contentType)
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	content := file.plain
	if file.zipped != nil {
		header.Set("Vary", "Accept-Encoding")
		if takesGzip(r) {
			header.Set("Content-Encoding", "gzip")
			content = file.zipped
		}
	}
	header.Set("Content-Length", strconv.Itoa(len(content)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(content) // the client went away
}

// takesGzip reads Accept-Encoding as far as it matters: gzip named, and not with q=0.
func takesGzip(r *http.Request) bool {
	for one := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, parameters, err := mime.ParseMediaType(strings.TrimSpace(one) + ";")
		if err != nil {
			name, parameters = strings.TrimSpace(one), nil
		}
		if name == "gzip" || name == "*" {
			q, err := strconv.ParseFloat(parameters["q"], 64)
			return parameters["q"] == "" || err == nil && q > 0
		}
	}
	return false
}
