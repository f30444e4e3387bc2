// Package prometheus_test holds the rules of this folder, their unit tests and the
// runbook together.
package prometheus_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/doisoat/doisoat/deploy/prometheus/monitortest"
)

type rule struct {
	Record, Alert, Expr string
	Labels, Annotations map[string]string
}

// rules reads every rule; those without a name of an alert record.
func rules(t *testing.T) []rule {
	t.Helper()
	data, err := os.ReadFile("doisoat.rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Groups []struct{ Rules []rule }
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	var all []rule
	for _, g := range file.Groups {
		all = append(all, g.Rules...)
	}
	if len(all) < 20 {
		t.Fatalf("doisoat.rules.yaml has %d rules; is it read aright?", len(all))
	}
	return all
}

func TestRulesAreValid(t *testing.T) {
	for _, args := range [][]string{{"check", "rules", "--lint=all", "--lint-fatal", "doisoat.rules.yaml"}, {"check", "config", "prometheus.yml"}} {
		if out, ok := monitortest.Run(t, ".", "promtool", args...); !ok {
			t.Errorf("promtool %s:\n%s", strings.Join(args, " "), out)
		}
	}
}

// What holds of each alert stands in tests/*.test.yaml.
func TestAlertsFireWhenTheyShould(t *testing.T) {
	for _, file := range testFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".test.yaml"), func(t *testing.T) {
			if out, ok := monitortest.Run(t, ".", "promtool", "test", "rules", file); !ok {
				t.Errorf("promtool test rules %s:\n%s", file, out)
			}
		})
	}
}

func testFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("tests/*.test.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("tests: %d files, %v", len(files), err)
	}
	return files
}

// An alert that is never seen to fire, or never seen at rest, is not tested.
func TestEveryRuleIsTested(t *testing.T) {
	fires, rests := map[string]bool{}, map[string]bool{"DoisoatWatchdog": true}
	var text strings.Builder
	for _, file := range testFiles(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(data)
		var f struct {
			Tests []struct {
				Alerts []struct {
					Alertname string
					Expected  []struct {
						Labels, Annotations map[string]string
					} `yaml:"exp_alerts"`
				} `yaml:"alert_rule_test"`
			}
		}
		if err := yaml.Unmarshal(data, &f); err != nil {
			t.Fatal(err)
		}
		for _, test := range f.Tests {
			for _, a := range test.Alerts {
				if len(a.Expected) == 0 {
					rests[a.Alertname] = true
				} else {
					fires[a.Alertname] = true
				}
			}
		}
	}
	// A record that another rule rests on is tested with that rule.
	for _, r := range rules(t) {
		text.WriteString(r.Expr)
	}
	known := map[string]bool{}
	for _, r := range rules(t) {
		known[r.Alert] = true
		switch {
		case r.Alert == "" && !strings.Contains(text.String(), r.Record):
			t.Errorf("%s is in no test", r.Record)
		case r.Alert != "" && !fires[r.Alert]:
			t.Errorf("%s: no test sees it fire", r.Alert)
		case r.Alert != "" && !rests[r.Alert]:
			t.Errorf("%s: no test sees it at rest", r.Alert)
		}
	}
	for name := range fires {
		if !known[name] {
			t.Errorf("%s is tested and is no alert", name)
		}
	}
}

var (
	recordName = regexp.MustCompile(`^[a-z]+(_[a-z]+)*:doisoat_[a-z0-9_]+:[a-z0-9_]+$`)
	alertName  = regexp.MustCompile(`^Doisoat[A-Z][A-Za-z]+$`)
)

const runbook = "https://github.com/doisoat/doisoat/blob/main/deploy/RUNBOOK.md#"

func TestRulesSayWhatTheyShould(t *testing.T) {
	severities := map[string][]string{}
	for _, r := range rules(t) {
		if r.Alert == "" {
			if !recordName.MatchString(r.Record) {
				t.Errorf("%s is no level:metric:operation", r.Record)
			}
			continue
		}
		if !alertName.MatchString(r.Alert) {
			t.Errorf("%s: the names of alerts begin with Doisoat", r.Alert)
		}
		severity := r.Labels["severity"]
		if !slices.Contains([]string{"critical", "warning", "info", "none"}, severity) || len(r.Labels) != 1 {
			t.Errorf("%s: labels %v; a severity, and nothing else", r.Alert, r.Labels)
		}
		if slices.Contains(severities[r.Alert], severity) {
			t.Errorf("%s has the severity %s twice", r.Alert, severity)
		}
		severities[r.Alert] = append(severities[r.Alert], severity)
		checkTexts(t, r)
	}
}

func checkTexts(t *testing.T, r rule) {
	t.Helper()
	want := []string{"description", "runbook_url", "summary"}
	// A department reads Vietnamese. The values of a mapping are none of its matters.
	if strings.Contains(r.Annotations["description"], "$labels.department") {
		want = append(want, "description_vi", "summary_vi")
	}
	for _, key := range want {
		if strings.TrimSpace(r.Annotations[key]) == "" {
			t.Errorf("%s has no %s", r.Alert, key)
		}
	}
	if len(r.Annotations) != len(want) {
		t.Errorf("%s: annotations %v; want %v", r.Alert, r.Annotations, want)
	}
	for key, text := range r.Annotations {
		if strings.HasPrefix(key, "summary") && strings.Contains(text, "{{") {
			t.Errorf("%s: its %s is not the same for every alert: %s", r.Alert, key, text)
		}
		// {{ $value }} alone is written like 5.184e+06.
		if regexp.MustCompile(`\{\{ *\$value *\}\}`).MatchString(text) {
			t.Errorf("%s: its %s shows $value as it comes: %s", r.Alert, key, text)
		}
	}
	if want := runbook + strings.ToLower(r.Alert); r.Annotations["runbook_url"] != want {
		t.Errorf("%s: runbook_url %s, want %s", r.Alert, r.Annotations["runbook_url"], want)
	}
}
