package mappings

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// CanonicalCode is the form in which dossier codes are paired: Unicode NFC, all
// white space and invisible characters removed, upper case with Vietnamese
// letters right (đ → Đ). It returns raw itself where that is canonical already,
// and applying it twice changes nothing.
func CanonicalCode(raw string) string {
	if isCanonicalASCII(raw) {
		return raw
	}
	s := strings.Map(func(r rune) rune {
		if isBlank(r) {
			return -1
		}
		return r
	}, raw)
	if isASCII(s) {
		return strings.ToUpper(s)
	}
	// Upper case can leave letters that compose anew; two rounds settle that.
	for range 3 {
		next := norm.NFC.String(strings.ToUpper(norm.NFC.String(s)))
		if next == s {
			break
		}
		s = next
	}
	return s
}

func isCanonicalASCII(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || ('a' <= c && c <= 'z') {
			return false
		}
	}
	return true
}

// isBlank reports white space (NBSP included) and characters that have no
// width: zero-width blanks, joiners, direction marks, byte order marks.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

func isBlankNotInvisible(r rune) bool { return unicode.IsSpace(r) }

// trim removes blanks at both ends. The common case costs two comparisons.
func trim(s string) string {
	if s == "" {
		return s
	}
	first, last := s[0], s[len(s)-1]
	if first > ' ' && first < utf8.RuneSelf && last > ' ' && last < utf8.RuneSelf {
		return s
	}
	return strings.TrimFunc(s, isBlank)
}

// text is what is kept of a value that is shown to people: NFC and trimmed,
// otherwise as the source wrote it.
func text(s string) string {
	s = trim(s)
	if isASCII(s) {
		return s
	}
	return norm.NFC.String(s)
}

// fold is the form in which status words, departments and names are compared:
// NFC, upper case, trimmed, each run of blanks one space, nothing invisible.
func fold(s string) string {
	if !isASCII(s) {
		s = norm.NFC.String(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	pending := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			pending = b.Len() > 0
			continue
		case isBlank(r):
			continue
		}
		if pending {
			b.WriteByte(' ')
			pending = false
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	folded := b.String()
	if isASCII(folded) {
		return folded
	}
	return norm.NFC.String(folded)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
