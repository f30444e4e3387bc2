package prometheus_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each alert leads to its heading in the runbook, which has no heading of an alert
// that does not exist, and all say the same four things.
func TestRunbookHasEveryAlert(t *testing.T) {
	text, err := os.ReadFile("../RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	var alerts []string
	for _, r := range rules(t) {
		if r.Alert != "" {
			alerts = append(alerts, r.Alert)
		}
	}
	slices.Sort(alerts)
	alerts = slices.Compact(alerts)

	var headings []string
	for _, section := range regexp.MustCompile(`(?m)^#{2,3} `).Split(string(text), -1)[1:] {
		heading, body, _ := strings.Cut(section, "\n")
		if !strings.HasPrefix(heading, "Doisoat") {
			continue
		}
		headings = append(headings, heading)
		var parts []string
		for _, p := range regexp.MustCompile(`(?m)^\*\*([A-Z][a-z]+)\.\*\* (.{20,})`).FindAllStringSubmatch(body, -1) {
			parts = append(parts, p[1])
		}
		if diff := cmp.Diff([]string{"Meaning", "Impact", "Diagnosis", "Mitigation"}, parts); diff != "" {
			t.Errorf("%s: parts (-want +got):\n%s", heading, diff)
		}
	}
	slices.Sort(headings)
	if diff := cmp.Diff(alerts, headings); diff != "" {
		t.Errorf("headings of alerts in RUNBOOK.md (-alerts +headings):\n%s", diff)
	}
}

// Commands in the runbook are commands that doisoat has.
func TestRunbookNamesRealCommands(t *testing.T) {
	text, err := os.ReadFile("../RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := []string{
		"serve", "reconcile", "explain", "check", "migrate", "alertmanager-routes",
		"snapshot list", "snapshot accept", "discrepancy list", "discrepancy ack", "discrepancy waive", "run list", "run release",
		"lists", "delivery list", "delivery retry",
	}
	found := regexp.MustCompile("`doisoat ([a-z-]+(?: [a-z]+)?)").FindAllStringSubmatch(string(text), -1)
	if len(found) < 10 {
		t.Fatalf("the runbook names %d commands; is it read aright?", len(found))
	}
	for _, f := range found {
		first, _, _ := strings.Cut(f[1], " ")
		if !slices.Contains(commands, f[1]) && !slices.Contains(commands, first) {
			t.Errorf("doisoat has no command %q", f[1])
		}
	}
}
