package monitortest

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	waiting = regexp.MustCompile(`(?m)^( +(?:for|keep_firing_for): )(\d+)([smhd])$`)
	looking = regexp.MustCompile(`(\[)(\d+)([smhd])(\])`)
)

// Hasten rewrites rules for a test that cannot wait for hours: nothing waits for
// longer than wait, and no expression looks back further than look, which has to
// hold two scrapes. Thresholds stay as they are.
func Hasten(t testing.TB, rules []byte, wait, look time.Duration) []byte {
	t.Helper()
	cut := func(pattern *regexp.Regexp, text string, most time.Duration) string {
		found := 0
		text = pattern.ReplaceAllStringFunc(text, func(match string) string {
			found++
			part := pattern.FindStringSubmatch(match)
			n, err := strconv.Atoi(part[2])
			if err != nil {
				t.Fatal(err)
			}
			unit := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[part[3]]
			if time.Duration(n)*unit <= most {
				return match
			}
			return part[1] + strconv.FormatInt(most.Milliseconds(), 10) + "ms" + strings.Join(part[4:], "")
		})
		if found == 0 {
			t.Fatalf("nothing in the rules looks like %s", pattern)
		}
		return text
	}
	return []byte(cut(looking, cut(waiting, string(rules), wait), look))
}
