package monitortest_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/deploy/prometheus/monitortest"
)

func TestHasten(t *testing.T) {
	const given = `
      - alert: A
        expr: increase(x[1h]) > 26 * 3600 or max_over_time(up{job="[1s]"}[15m]) == 0 or rate(y[2s])
        for: 15m
        keep_firing_for: 1s
`
	const want = `
      - alert: A
        expr: increase(x[3000ms]) > 26 * 3600 or max_over_time(up{job="[1s]"}[3000ms]) == 0 or rate(y[2s])
        for: 1500ms
        keep_firing_for: 1s
`
	if diff := cmp.Diff(want, string(monitortest.Hasten(t, []byte(given), 1500*time.Millisecond, 3*time.Second))); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestHastenedRulesAreRules(t *testing.T) {
	rules, err := os.ReadFile("../doisoat.rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "rules.yaml"), monitortest.Hasten(t, rules, time.Second, 4*time.Second), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, ok := monitortest.Run(t, folder, "promtool", "check", "rules", "rules.yaml"); !ok {
		t.Errorf("promtool check rules:\n%s", out)
	}
}

// A real Prometheus tells numbers from what is none, and refuses what it cannot read.
func TestQuery(t *testing.T) {
	config := filepath.Join(t.TempDir(), "prometheus.yml")
	if err := os.WriteFile(config, []byte("global: {scrape_interval: 1s}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	base := monitortest.Prometheus(t, config, "")
	now := time.Now()
	tests := []struct {
		expr string
		want int
	}{{"vector(1)", 1}, {"1", 1}, {"vector(0) / 0", 0}, {"absent_metric", 0}, {"vector(1) or label_replace(vector(2), \"a\", \"b\", \"\", \"\")", 2}}
	for _, test := range tests {
		series, err := monitortest.Query(t, base, test.expr, now)
		if got := monitortest.Numbers(series); err != nil || got != test.want {
			t.Errorf("%s: %d numbers, %v; want %d", test.expr, got, err, test.want)
		}
	}
	series, err := monitortest.QueryRange(t, base, "vector(1)", now.Add(-time.Minute), now, 30*time.Second)
	if got := monitortest.Numbers(series); err != nil || got != 3 {
		t.Errorf("vector(1) over a minute: %d numbers, %v; want 3", got, err)
	}
	if series, err := monitortest.Query(t, base, "sum(", now); err == nil {
		t.Errorf("sum(: %v; want an error", series)
	}
}
