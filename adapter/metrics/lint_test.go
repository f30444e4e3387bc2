package metrics

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// gathered is a small world after a day, of which everything shows.
func gathered(t *testing.T) []*dto.MetricFamily {
	t.Helper()
	m := build(t, smallConfig())
	m.Set(smallState())
	smallEvents(m)
	m.Instrument("api", nil)
	families, err := m.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(families, func(f *dto.MetricFamily) bool { return !strings.HasPrefix(f.GetName(), "doisoat_") })
}

func TestPromlintHasNothingToSay(t *testing.T) {
	problems, err := promlint.NewWithMetricFamilies(gathered(t)).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestPromtoolHasNothingToSay(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no promtool; run: apt-get install --no-install-recommends prometheus")
		}
		t.Skip("no promtool; run: apt-get install --no-install-recommends prometheus")
	}
	m := build(t, smallConfig())
	m.Set(smallState())
	smallEvents(m)
	text, _ := scraped(t, m.Handler(), string(expfmt.FmtText)) // with go_* and process_*
	check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	check.Stdin = strings.NewReader(text)
	var said bytes.Buffer
	check.Stdout, check.Stderr = &said, &said
	if err := check.Run(); err != nil || said.Len() > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, &said)
	}
}

func TestConventions(t *testing.T) {
	for _, f := range gathered(t) {
		name, help := f.GetName(), f.GetHelp()
		if !strings.HasSuffix(help, ".") {
			t.Errorf("%s: help is no sentence: %q", name, help)
		}
		switch {
		case strings.HasSuffix(name, "_timestamp_seconds"):
			if !strings.Contains(help, "Unix time in seconds") {
				t.Errorf("%s: help does not tell the unit: %q", name, help)
			}
		case strings.HasSuffix(name, "_seconds"):
			if !strings.Contains(help, "in seconds") {
				t.Errorf("%s: help does not tell the unit: %q", name, help)
			}
		}
		if strings.Contains(name, "_age_") && name != "doisoat_source_max_data_age_seconds" {
			t.Errorf("%s: an age; show the moment, and let the query subtract", name)
		}
		for _, metric := range f.GetMetric() {
			if metric.TimestampMs != nil {
				t.Errorf("%s: has a sample timestamp", name)
			}
			for _, label := range metric.GetLabel() {
				if slices.Contains([]string{"type", "service", "job", "instance", "environment"}, label.GetName()) {
					t.Errorf("%s: a label named %s", name, label.GetName())
				}
			}
		}
	}
}

// TestThePedanticRegistryFindsNothing gathers with all checks that client_golang
// knows, of which the usual registry leaves out some.
func TestThePedanticRegistryFindsNothing(t *testing.T) {
	m := province(t, 12)
	reg := prometheus.NewPedanticRegistry()
	if err := reg.Register(collector{m}); err != nil {
		t.Fatal(err)
	}
	if err := m.events.register(reg, reg); err != nil {
		t.Fatal(err)
	}
	if _, err := reg.Gather(); err != nil {
		t.Error(err)
	}
}
