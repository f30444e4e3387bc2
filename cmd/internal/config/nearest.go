package config

import "strings"

// nearest is the word among known that whoever wrote given most likely meant, or
// "" if none is near.
func nearest(given string, known []string) string {
	best, bestDistance := "", 1+min(3, len(given)/3)
	for _, word := range known {
		d := distance(plain(given), plain(word))
		if d < bestDistance {
			best, bestDistance = word, d
		}
	}
	return best
}

// plain drops what people most often get wrong in a key: capitals, - for _.
func plain(s string) string {
	if len(s) > 64 { // no key is that long, and distance is quadratic
		s = s[:64]
	}
	return strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(s))
}

// distance counts the letters to insert, drop, change or swap with their
// neighbour to make one word of the other.
func distance(a, b string) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
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
		before, last = last, row
	}
	return last[len(b)]
}
