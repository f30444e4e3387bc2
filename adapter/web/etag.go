package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"

	"github.com/doisoat/doisoat/adapter/web/access"
)

// validator is a strong ETag (RFC 9110 §8.8.3) of an answer that follows from
// parts alone.
func validator(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0}) // so that no two lists of parts run together
	}
	return `"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16]) + `"`
}

// unchanged sets the answer's validator, and answers 304 where the client holds
// that very answer already.
func unchanged(w http.ResponseWriter, r *http.Request, tag string) bool {
	w.Header().Set("ETag", tag)
	keep := "no-cache" // keep it, but ask each time
	if p := access.From(r.Context()); p != nil && p.Via != access.ViaOpen {
		keep = "private, no-cache" // it may be for nobody else
	}
	w.Header().Set("Cache-Control", keep)
	if !matches(r.Header.Values("If-None-Match"), tag) {
		return false
	}
	w.WriteHeader(http.StatusNotModified)
	return true
}

// matches reports whether If-None-Match names tag, or anything (*). The
// comparison is the weak one, as RFC 9110 §13.1.2 wants it: a proxy that
// compresses may have marked the tag as weak.
func matches(header []string, tag string) bool {
	for _, line := range header {
		for given := range strings.SplitSeq(line, ",") { // our tags hold no comma
			given = strings.TrimSpace(given)
			if given == "*" || strings.TrimPrefix(given, "W/") == tag {
				return true
			}
		}
	}
	return false
}
