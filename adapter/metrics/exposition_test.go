package metrics

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"

	"github.com/doisoat/doisoat/reconcile"
)

var update = flag.Bool("update", false, "write the golden files and METRICS.md anew")

// golden compares text with a file in testdata letter by letter.
func golden(t *testing.T, file, text string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; write it with: go test ./adapter/metrics -update", err)
	}
	if diff := cmp.Diff(string(want), text); diff != "" {
		t.Errorf("%s (-want +got), if it is meant to change: go test ./adapter/metrics -update\n%s", file, diff)
	}
}

func TestExpositionLetterByLetter(t *testing.T) {
	worlds := []struct {
		name   string
		format expfmt.Format
		happen func(*Metrics)
	}{
		{"before anything happened", expfmt.FmtText, func(*Metrics) {}},
		{"a day of a small world", expfmt.FmtText, func(m *Metrics) { m.Set(smallState()); smallEvents(m) }},
		{"a day of a small world in OpenMetrics", expfmt.FmtOpenMetrics_1_0_0, func(m *Metrics) { m.Set(smallState()); smallEvents(m) }},
	}
	for _, w := range worlds {
		t.Run(w.name, func(t *testing.T) {
			m := build(t, smallConfig())
			w.happen(m)
			golden(t, filepath.Join("testdata", strings.ReplaceAll(w.name, " ", "-")+".txt"), ours(t, m, w.format))
		})
	}
}

// has reports whether text has the series with the value.
func has(text, series string) bool { return strings.Contains("\n"+text, "\n"+series+"\n") }

// TestSeries holds single promises, each as the series that must or must not be
// there after Set of a small State.
func TestSeries(t *testing.T) {
	tests := []struct {
		name   string
		happen func(*State)
		want   []string
		not    []string // prefixes
	}{
		{
			name: "an unstable discrepancy is counted apart",
			want: []string{`doisoat_discrepancies{department="TP",kind="missing_in_office",state="unstable"} 2`},
			not:  []string{`doisoat_discrepancies{department="TP",kind="missing_in_office",state="suspected"} 2`},
		},
		{
			name: "resolved discrepancies do not stand",
			not:  []string{`doisoat_discrepancies{department="TP",kind="missing_in_office",state="resolved"}`},
		},
		{
			name: "none open, no oldest",
			want: []string{`doisoat_oldest_discrepancy_timestamp_seconds{department="KT",kind="resolved_not_closed"} 1.5303204e+09`},
			not:  []string{`doisoat_oldest_discrepancy_timestamp_seconds{department="TP"`},
		},
		{
			name: "the oldest of departments that are not configured is the oldest of them all",
			happen: func(s *State) {
				s.Oldest[KindIn{reconcile.MissingInOffice, "X1"}] = at.Add(-time.Hour)
				s.Oldest[KindIn{reconcile.MissingInOffice, "X2"}] = at.Add(-3 * time.Hour)
			},
			want: []string{`doisoat_oldest_discrepancy_timestamp_seconds{department="other",kind="missing_in_office"} 1.5304824e+09`},
		},
		{
			name: "departments that are not configured are added up",
			happen: func(s *State) {
				s.Compared["X1"], s.Compared["X2"], s.Compared[""] = 1, 2, 4
				s.Totals[KindIn{reconcile.MissingInOffice, "X1"}] = Totals{Opened: 3}
				s.Totals[KindIn{reconcile.MissingInOffice, "X2"}] = Totals{Opened: 4}
			},
			want: []string{
				`doisoat_compared_dossiers{department="other"} 7`,
				`doisoat_discrepancies_opened_total{department="other",kind="missing_in_office"} 7`,
			},
		},
		{
			name: "the platform serves no department",
			want: []string{
				`doisoat_source_info{department="",protocol="http",side="platform",source="dvc"} 1`,
				`doisoat_source_up{department="",source="dvc"} 1`,
			},
			not: []string{`doisoat_source_up{department="KT",source="dvc"}`},
		},
		{
			name: "an office of two departments is seen by both",
			want: []string{
				`doisoat_source_up{department="KT",source="book"} 0`,
				`doisoat_source_up{department="TP",source="book"} 0`,
				`doisoat_source_last_attempt_timestamp_seconds{department="TP",source="book"} 1.53049314e+09`,
			},
		},
		{
			name: "an unknown moment is absent",
			not: []string{
				`doisoat_source_last_success_timestamp_seconds{department="KT",source="book"}`,
				`doisoat_source_data_timestamp_seconds{department="KT",source="book"}`,
				`doisoat_run_next_timestamp_seconds{run="manual"}`,
				`doisoat_run_last_duration_seconds{phase="poll",run="manual"}`,
				`doisoat_outbox_oldest_pending_timestamp_seconds{department="TP"}`,
			},
		},
		{
			name: "a source without a limit has none, and one that is not configured is not shown",
			want: []string{`doisoat_source_max_data_age_seconds{source="dvc"} 93600`},
			not:  []string{`doisoat_source_max_data_age_seconds{source="book"}`, `doisoat_dossiers{source="gone"`},
		},
		{
			name: "a status that no mapping knows is unmapped",
			want: []string{`doisoat_dossiers{source="dvc",status="unmapped"} 1`, `doisoat_dossiers{source="book",status="returned"} 0`},
		},
		{
			name: "what is held shows",
			want: []string{`doisoat_run_held 1`, `doisoat_source_snapshots_held{source="book"} 1`},
		},
		{
			name:   "an empty state shows the configuration",
			happen: func(s *State) { *s = State{} },
			want: []string{
				`doisoat_discrepancies{department="KT",kind="backdated_close",state="open"} 0`,
				`doisoat_discrepancies_opened_total{department="TP",kind="reopened"} 0`,
				`doisoat_source_up{department="",source="dvc"} 0`,
				`doisoat_outbox_dead{department="KT"} 0`,
				`doisoat_run_held 0`,
			},
			not: []string{`doisoat_discrepancies{department="other"`, `doisoat_source_last_attempt`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := build(t, smallConfig())
			s := smallState()
			if test.happen != nil {
				test.happen(s)
			}
			m.Set(s)
			text, _ := scraped(t, m.Handler(), string(expfmt.FmtText))
			for _, series := range test.want {
				if !has(text, series) {
					t.Errorf("not shown: %s", series)
				}
			}
			for _, prefix := range test.not {
				if strings.Contains(text, "\n"+prefix) {
					t.Errorf("shown: %s", prefix)
				}
			}
		})
	}
}

func TestASeriesWhoseLabelSetVanishedIsGoneAtTheNextScrape(t *testing.T) {
	m := build(t, smallConfig())
	h := m.Handler()
	s := smallState()
	s.Discrepancies[Standing{reconcile.MissingInOffice, "X1", reconcile.StateWaived}] = 1
	m.Set(s)
	gone := []string{
		`doisoat_discrepancies{department="other",kind="missing_in_office",state="waived"} 1`,
		`doisoat_oldest_discrepancy_timestamp_seconds{department="KT",kind="resolved_not_closed"} 1.5303204e+09`,
		`doisoat_source_last_success_timestamp_seconds{department="",source="dvc"} 1.5304932e+09`,
	}
	before, _ := scraped(t, h, string(expfmt.FmtText))
	m.Set(&State{})
	after, _ := scraped(t, h, string(expfmt.FmtText))
	for _, series := range gone {
		if !has(before, series) {
			t.Errorf("not shown before: %s", series)
		}
		if name, _, _ := strings.Cut(series, " "); strings.Contains(after, name) {
			t.Errorf("still shown: %s", name)
		}
	}
}

func TestARestartKeepsWhatTheStoreKeeps(t *testing.T) {
	const series = `doisoat_discrepancies_opened_total{department="KT",kind="resolved_not_closed"} 5`
	for _, life := range []string{"first", "second"} {
		m := build(t, smallConfig())
		m.Set(smallState())
		if text, _ := scraped(t, m.Handler(), string(expfmt.FmtText)); !has(text, series) {
			t.Errorf("%s life: not shown: %s", life, series)
		}
	}
}
