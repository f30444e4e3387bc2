package workbook

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	unicode16 "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"github.com/doisoat/doisoat/reconcile"
)

// The encodings of a CSV file.
const (
	encUTF8  = "utf-8"
	encLE    = "utf-16le"
	encBE    = "utf-16be"
	enc1258  = "windows-1258"
	bom8     = "\xEF\xBB\xBF"
	bomLE    = "\xFF\xFE"
	bomBE    = "\xFE\xFF"
	encASCII = "ascii" // nothing beyond ASCII seen so far: read as UTF-8, but not proven to be it
)

// Encodings lists what Config.Encoding may be, apart from "" (found by itself).
var Encodings = []string{encUTF8, encLE, encBE, enc1258}

func knownEncoding(name string) bool {
	return name == "" || slices.Contains(Encodings, name)
}

// detect tells the encoding of a CSV file from its beginning, and how many
// bytes of byte-order mark to skip. whole says that sample is the whole file.
func detect(sample []byte, whole bool, configured, show string) (encoding string, skip int, err error) {
	for bom, name := range map[string]string{bom8: encUTF8, bomLE: encLE, bomBE: encBE} {
		if !bytes.HasPrefix(sample, []byte(bom)) {
			continue
		}
		if configured != "" && configured != name {
			return "", 0, faultf(reconcile.CauseDecode, "%s begins with the mark of %s, but the configuration says %s; remove encoding from the configuration",
				show, name, configured)
		}
		return name, len(bom), nil
	}
	if configured != "" {
		return configured, 0, nil
	}
	if name := zeroBytes(sample); name != "" {
		return name, 0, nil
	}
	if i := bytes.IndexByte(sample, 0); i >= 0 {
		return "", 0, faultf(reconcile.CauseDecode, "%s, row %d: a zero byte; the file is no text, export it as CSV UTF-8", show, lineOf(sample, i))
	}
	if !whole {
		sample = wholeRunes(sample)
	}
	good, bad, firstBad := countUTF8(sample)
	switch {
	case bad == 0 && good == 0:
		return encASCII, 0, nil
	case bad == 0, good > 3*bad: // a few characters cut in half do not make another encoding
		return encUTF8, 0, nil
	case plausible1258(sample):
		return enc1258, 0, nil
	}
	return "", 0, notUTF8(show, lineOf(sample, firstBad))
}

func notUTF8(show string, row int) error {
	return faultf(reconcile.CauseDecode, "%s, row %d: the text is neither UTF-8 nor recognisably Windows-1258 (it may be TCVN3/ABC or VNI, which no program can tell apart); "+
		"save it as CSV UTF-8, or set encoding to one of %s", show, row, strings.Join(Encodings, ", "))
}

func lineOf(sample []byte, i int) int { return bytes.Count(sample[:i], []byte{'\n'}) + 1 }

// wholeRunes drops a character that the end of the sample cuts in half.
func wholeRunes(sample []byte) []byte {
	for cut := 1; cut < utf8.UTFMax && cut <= len(sample); cut++ {
		if tail := sample[len(sample)-cut:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return sample[:len(sample)-cut]
			}
			break
		}
	}
	return sample
}

func countUTF8(sample []byte) (good, bad, firstBad int) {
	for i := 0; i < len(sample); {
		if sample[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(sample[i:])
		if r == utf8.RuneError && n == 1 {
			if bad == 0 {
				firstBad = i
			}
			bad++
		} else {
			good++
		}
		i += n
	}
	return good, bad, firstBad
}

// zeroBytes tells UTF-16 without a mark: digits, delimiters and line ends have
// one zero byte each, always on the same side.
func zeroBytes(sample []byte) string {
	var zeros [2]int
	for i, b := range sample {
		if b == 0 {
			zeros[i&1]++
		}
	}
	pairs := len(sample) / 2
	switch {
	case zeros[1]*5 > pairs && zeros[0]*20 < zeros[1]:
		return encLE
	case zeros[0]*5 > pairs && zeros[1]*20 < zeros[0]:
		return encBE
	}
	return ""
}

// plausible1258 tells Windows-1258 from the old Vietnamese font encodings: it
// writes tones as marks behind a vowel. TCVN3 shows symbols inside words, VNI
// has no marks, or has them behind consonants.
func plausible1258(sample []byte) bool {
	text, err := charmap.Windows1258.NewDecoder().Bytes(sample)
	if err != nil {
		return false
	}
	marks := 0
	var before rune
	for _, r := range string(text) {
		switch {
		case r < utf8.RuneSelf, unicode.IsLetter(r):
		case unicode.Is(unicode.Mn, r):
			if !strings.ContainsRune("aăâeêioôơuưyAĂÂEÊIOÔƠUƯY", before) {
				return false
			}
			marks++
		case !strings.ContainsRune("\u00a0–—‘’“”„…•₫°·«»", r):
			return false
		}
		before = r
	}
	return marks > 0
}

// decoding reads r, which is in encoding, as UTF-8. Bytes that mean nothing
// come out as U+FFFD; what was UTF-8 already passes as it is.
func decoding(r io.Reader, encoding string) io.Reader {
	switch encoding {
	case encLE:
		return transform.NewReader(r, unicode16.UTF16(unicode16.LittleEndian, unicode16.IgnoreBOM).NewDecoder())
	case encBE:
		return transform.NewReader(r, unicode16.UTF16(unicode16.BigEndian, unicode16.IgnoreBOM).NewDecoder())
	case enc1258:
		return transform.NewReader(r, transform.Chain(charmap.Windows1258.NewDecoder(), norm.NFC))
	}
	return r
}

// macLines turns the lone CR that old Mac exports end their lines with into LF.
type macLines struct{ r io.Reader }

func (m macLines) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}
