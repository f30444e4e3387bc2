package metrics

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"github.com/doisoat/doisoat/reconcile"
)

func TestConfigThatCannotBeLabels(t *testing.T) {
	tests := []struct {
		name   string
		config Config
		want   string
	}{
		{"a source without a name", Config{Sources: []Source{{}}}, "a source without a name"},
		{"two sources of one name", Config{Sources: []Source{{Name: "a"}, {Name: "a"}}}, `source "a": configured twice`},
		{"a department without a code", Config{Departments: []string{""}}, "a department without a code"},
		{"a department in another encoding", Config{Departments: []string{"\xc3"}}, `department "\xc3": not UTF-8`},
		{"a source's department in another encoding", Config{Sources: []Source{{Name: "a", Departments: []string{"\xc3"}}}}, `department "\xc3": not UTF-8`},
		{"a channel in another encoding", Config{Channels: []string{"\xc3"}}, `channel "\xc3": not UTF-8`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := New(prometheus.NewRegistry(), Options{Config: test.config}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("New: %v, want: %s", err, test.want)
			}
			m := build(t, smallConfig())
			before := ours(t, m, expfmt.FmtText)
			if err := m.Reconfigure(test.config); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Reconfigure: %v, want: %s", err, test.want)
			}
			if diff := cmp.Diff(before, ours(t, m, expfmt.FmtText)); diff != "" {
				t.Errorf("a refused configuration changed something (-before +after)\n%s", diff)
			}
		})
	}
}

func TestARegistryThatHasOneAlready(t *testing.T) {
	reg := prometheus.NewRegistry()
	if _, err := New(reg, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := New(reg, Options{}); err == nil || !strings.Contains(err.Error(), "register") {
		t.Errorf("registered twice: %v", err)
	}
}

func TestReconfigure(t *testing.T) {
	m := build(t, smallConfig())
	h := m.Handler()
	m.Set(smallState())
	smallEvents(m)
	before, _ := scraped(t, h, string(expfmt.FmtText))
	for _, series := range []string{
		`doisoat_source_polls_total{mode="full",source="book"} 1`,
		`doisoat_compared_dossiers{department="KT"} 38`,
	} {
		if !has(before, series) {
			t.Errorf("not shown before: %s", series)
		}
	}
	c := Config{ // without the book and without KT, the platform no longer incremental, and a new office
		Departments: []string{"TP", "NV"},
		Channels:    []string{"folder"},
		Sources: []Source{
			{Name: "dvc", Side: reconcile.Platform, Protocol: "http"},
			{Name: "nv", Side: reconcile.Office, Protocol: "database", Departments: []string{"NV"}, Incremental: true},
		},
	}
	if err := m.Reconfigure(c); err != nil {
		t.Fatal(err)
	}
	m.PollEnded(Poll{Source: "book", Mode: reconcile.Full, Cause: reconcile.CauseTimeout, Refused: Partial, Answers: map[string]int{"error": 1}})
	m.RereadEnded("book", map[string]int{"error": 1})
	after, _ := scraped(t, h, string(expfmt.FmtText))
	for _, gone := range []string{`"book"`, `department="KT"`, `mode="incremental",source="dvc"`, `"mail"`} {
		if strings.Contains(after, gone) {
			t.Errorf("still shown: %s", gone)
		}
	}
	for _, series := range []string{
		`doisoat_source_polls_total{mode="incremental",source="nv"} 0`,
		`doisoat_source_snapshots_refused_total{department="NV",reason="shrunk",source="nv"} 0`,
		`doisoat_discrepancies{department="NV",kind="reopened",state="open"} 0`,
		`doisoat_deliveries_total{channel="folder",department="NV"} 0`,
		`doisoat_source_requests_total{code="503",source="dvc"} 1`, // what stays configured keeps counting
		`doisoat_compared_dossiers{department="other"} 38`,
	} {
		if !has(after, series) {
			t.Errorf("not shown: %s", series)
		}
	}
}

func TestAnOfficeThatNoLongerServesADepartment(t *testing.T) {
	m := build(t, smallConfig())
	smallEvents(m)
	c := smallConfig()
	c.Sources[1].Departments = []string{"TP"}
	if err := m.Reconfigure(c); err != nil {
		t.Fatal(err)
	}
	text, _ := scraped(t, m.Handler(), string(expfmt.FmtText))
	if !has(text, `doisoat_source_snapshots_refused_total{department="TP",reason="partial",source="book"} 1`) {
		t.Error("lost what the office had counted for the department that stays")
	}
	if strings.Contains(text, `doisoat_source_snapshots_refused_total{department="KT"`) {
		t.Error("still counted for the department that left")
	}
}

func TestConfigReloaded(t *testing.T) {
	m := build(t, smallConfig())
	h := m.Handler()
	for _, step := range []struct {
		name   string
		happen func()
		want   [2]string
	}{
		{"at the start", func() {}, [2]string{"1", "1.5304932e+09"}},
		{"a bad one", func() { m.ConfigReloaded(false, at.Add(3600e9)) }, [2]string{"0", "1.5304932e+09"}},
		{"a good one", func() { m.ConfigReloaded(true, at.Add(7200e9)) }, [2]string{"1", "1.5305004e+09"}},
	} {
		step.happen()
		text, _ := scraped(t, h, string(expfmt.FmtText))
		for i, name := range []string{"doisoat_config_last_reload_successful ", "doisoat_config_last_reload_success_timestamp_seconds "} {
			if !has(text, name+step.want[i]) {
				t.Errorf("%s: not shown: %s%s", step.name, name, step.want[i])
			}
		}
	}
}
