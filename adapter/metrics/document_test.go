package metrics

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/doisoat/doisoat/reconcile"
)

const documentHead = `# Metrics

What doisoat shows at ` + "`/metrics`" + `, beside ` + "`go_*` and `process_*`" + `. This table is written from the program's own help texts by
` + "`go test ./adapter/metrics -update`" + `, and a test holds it against the registry.

## How to read them

- **From memory.** A scrape asks neither a source nor the database. Gauges are those of the last run or poll; where a poll fails they keep their
  values, ` + "`doisoat_source_up`" + ` goes to 0 and ` + "`doisoat_source_last_success_timestamp_seconds`" + ` stands still.
- **Moments, not ages.** Write ` + "`time() - doisoat_…_timestamp_seconds`" + `. A moment that is not known is absent.
- **department** is a configured code. Departments that only the data names are added up under ` + "`other`" + `; so is any other label value that is on no list.
- **source, department.** A source has one series for each department it serves; the platform serves none and has one series with an empty
  department, as has an office for which none is configured. Join on ` + "`doisoat_source_info`" + `.
- **Counters of discrepancies** count since doisoat's database was made. All others count since the process started.
- **Zeros.** What the column *from the start* marks with *yes* is shown as 0 for every configured department, source, kind and so on before anything
  happened. *if it fits* means: as long as all series together stay under %d, which they do up to about forty-five departments with a source each; in
  a larger installation a series may begin with its first event. An alert on an increase that must not miss that one asks
  ` + "`increase(x[1h]) > 0 or (x > 0 unless x offset 1h)`" + `. Which ones fit depends on the configuration alone.
- **Histograms** are native (growth 1.1) and classic at once. Above %d sources the classic buckets of ` + "`doisoat_source_poll_duration_seconds`" + `
  are left out at the start of the process; its sum and count, and the native histogram, stay.

## All of them

| metric | kind | labels | from the start | meaning |
|---|---|---|---|---|
`

// fitting are the metrics, some or all of whose zeros may give way to the budget.
var fitting = map[string]string{
	"doisoat_deadline_effects":                        "if it fits",
	"doisoat_deliveries_total":                        "if it fits",
	"doisoat_delivery_failures_total":                 "if it fits",
	"doisoat_discrepancies":                           "state open; the others if they fit",
	"doisoat_discrepancies_opened_total":              "if it fits",
	"doisoat_discrepancies_past_correction_time":      "if it fits",
	"doisoat_discrepancies_reopened_total":            "if it fits",
	"doisoat_discrepancies_resolved_total":            "if it fits, else as soon as one opened",
	"doisoat_dossiers":                                "if it fits",
	"doisoat_http_requests_total":                     "get, 200",
	"doisoat_outbox_dead":                             "if it fits",
	"doisoat_outbox_pending":                          "if it fits",
	"doisoat_source_poll_failures_total":              "if it fits",
	"doisoat_source_records_rejected_total":           "if it fits",
	"doisoat_source_requests_total":                   "200 or ok, and error, if it fits",
	"doisoat_source_snapshots_held":                   "if it fits",
	"doisoat_source_snapshots_refused_total":          "if it fits",
	"doisoat_source_unmapped_values":                  "status and department, if it fits",
	"doisoat_oldest_discrepancy_timestamp_seconds":    "no",
	"doisoat_outbox_oldest_pending_timestamp_seconds": "no",
	"doisoat_run_last_duration_seconds":               "no",
	"doisoat_run_last_start_timestamp_seconds":        "no",
	"doisoat_run_last_success_timestamp_seconds":      "no",
	"doisoat_run_next_timestamp_seconds":              "no",
	"doisoat_source_data_timestamp_seconds":           "no",
	"doisoat_source_last_attempt_timestamp_seconds":   "no",
	"doisoat_source_last_complete_timestamp_seconds":  "no",
	"doisoat_source_last_success_timestamp_seconds":   "no",
	"doisoat_source_max_data_age_seconds":             "where configured",
	"doisoat_source_poll_interval_seconds":            "where configured",
}

// listings are all metrics as the document shows them, by name.
func listings(m *Metrics) []listing {
	all := slices.Clone(m.events.listed)
	for _, f := range m.families {
		kind := "gauge"
		if f.kind == prometheus.CounterValue {
			kind = "counter"
		}
		all = append(all, listing{name: f.name, kind: kind, help: f.help, labels: f.labels})
	}
	slices.SortFunc(all, func(a, b listing) int { return strings.Compare(a.name, b.name) })
	return all
}

func TestTheDocumentListsEveryMetric(t *testing.T) {
	var doc strings.Builder
	fmt.Fprintf(&doc, documentHead, SeriesBudget, manySources)
	for _, l := range listings(build(t, smallConfig())) {
		start := fitting[l.name]
		if start == "" {
			start = "yes"
		}
		fmt.Fprintf(&doc, "| `%s` | %s | %s | %s | %s |\n", l.name, l.kind, strings.Join(l.labels, ", "), start, l.help)
	}
	golden(t, "METRICS.md", doc.String())
}

// TestListedIsWhatIsShown holds the list against what a world in which everything
// happened really shows: names, kinds and label names.
func TestListedIsWhatIsShown(t *testing.T) {
	want, got := map[string]string{}, map[string]string{}
	for _, l := range listings(build(t, smallConfig())) {
		want[l.name] = fmt.Sprint(l.kind, distinct(l.labels))
	}
	for _, f := range gathered(t) {
		var labels []string
		for _, label := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, label.GetName())
		}
		got[f.GetName()] = fmt.Sprint(strings.ToLower(f.GetType().String()), distinct(labels))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-listed +shown)\n%s", diff)
	}
}

// TestZerosAreWhereTheDocumentSays looks at a scrape of a town before anything
// happened.
func TestZerosAreWhereTheDocumentSays(t *testing.T) {
	m := build(t, smallConfig())
	m.Instrument("api", nil)
	families, err := m.Gather()
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]int{}
	for _, f := range families {
		shown[f.GetName()] = len(f.GetMetric())
	}
	for _, l := range listings(m) {
		if absent := fitting[l.name] == "no"; absent == (shown[l.name] > 0) {
			t.Errorf("%s: %d series at the start, and the document says %q", l.name, shown[l.name], fitting[l.name])
		}
	}
	if want := 2 * len(reconcile.Kinds); shown["doisoat_discrepancies_opened_total"] != want {
		t.Errorf("opened_total has %d series, not %d", shown["doisoat_discrepancies_opened_total"], want)
	}
}
