package mappings

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Nearest returns the candidate that written was probably meant to be, "" if
// none is close enough: at most a third of its letters may differ.
func Nearest(written string, candidates []string) string {
	best, distance := "", 1<<30
	plainWritten := []rune(bare(written))
	if len(plainWritten) > 64 {
		return ""
	}
	for _, c := range candidates {
		plain := []rune(bare(c))
		d := editDistance(plainWritten, plain)
		if d <= max(1, len(plain)/3) && d < min(distance, len(plain)) {
			best, distance = c, d
		}
	}
	return best
}

// didYouMean is the remedy for an unknown word.
func didYouMean(written string, candidates []string) string {
	if near := Nearest(written, candidates); near != "" {
		return "did you mean " + near + "?"
	}
	return "one of " + strings.Join(candidates, ", ")
}

// bare drops case, tone marks and everything that is neither letter nor digit:
// people who mistype a word mistype these first.
func bare(s string) string {
	s = strings.NewReplacer("đ", "d", "Đ", "D").Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, norm.NFD.String(s))
}

// editDistance counts insertions, deletions, replacements and swaps of
// neighbours (optimal string alignment).
func editDistance(a, b []rune) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
