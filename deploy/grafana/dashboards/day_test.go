package dashboards_test

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/doisoat/doisoat/deploy/grafana/dashboards"
	"github.com/doisoat/doisoat/deploy/prometheus/monitortest"
)

const (
	scrape = 5 * time.Minute
	length = 24 * time.Hour
)

// day is a made-up day of two replicas with three departments, in OpenMetrics.
type day struct {
	from     time.Time
	families map[string]*strings.Builder
}

// series writes one that has the value at(i) at the i-th scrape. The family's name
// is what its # TYPE line says; a counter's and a histogram's series have endings.
func (d *day) series(kind, family, ending, labels string, at func(i float64) float64) {
	b := d.families[family]
	if b == nil {
		b = new(strings.Builder)
		fmt.Fprintf(b, "# TYPE %s %s\n", family, kind)
		d.families[family] = b
	}
	for i := range int(length / scrape) {
		if v := at(float64(i)); !math.IsNaN(v) {
			fmt.Fprintf(b, "%s%s{%s} %s %d\n", family, ending, labels, strconv.FormatFloat(v, 'g', -1, 64), d.from.Add(time.Duration(i)*scrape).Unix())
		}
	}
}

// gauge writes one for each replica.
func (d *day) gauge(name, labels string, at func(i float64) float64) {
	for _, replica := range []string{"a", "b"} {
		d.series("gauge", name, "", join(`job="doisoat",instance="`+replica+`:8080"`, labels), at)
	}
}

func (d *day) counter(name, labels string, each float64) {
	for _, replica := range []string{"a", "b"} {
		d.series("counter", name, "_total", join(`job="doisoat",instance="`+replica+`:8080"`, labels), func(i float64) float64 { return math.Floor(i * each) })
	}
}

func (d *day) histogram(name, labels string, bounds []string) {
	for _, replica := range []string{"a", "b"} {
		l := join(`job="doisoat",instance="`+replica+`:8080"`, labels)
		for n, le := range append(bounds, "+Inf") {
			d.series("histogram", name, "_bucket", join(l, `le="`+le+`"`), func(i float64) float64 { return i * float64(n+1) })
		}
		d.series("histogram", name, "_count", l, func(i float64) float64 { return i * float64(len(bounds)+1) })
		d.series("histogram", name, "_sum", l, func(i float64) float64 { return i * 17 })
	}
}

func join(a, b string) string {
	if b == "" {
		return a
	}
	return a + "," + b
}

// write gives the day as promtool reads it: one family after the other.
func (d *day) write(t *testing.T, file string) {
	t.Helper()
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(d.families)) {
		all.WriteString(d.families[name].String())
	}
	all.WriteString("# EOF\n")
	if err := os.WriteFile(file, []byte(all.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func always(v float64) func(float64) float64 { return func(float64) float64 { return v } }

func plausibleDay(from time.Time) *day {
	d := &day{from, map[string]*strings.Builder{}}
	wave := func(most float64) func(float64) float64 {
		return func(i float64) float64 { return math.Round(most/2 + most/2*math.Sin(i/20)) }
	}
	ago := func(back time.Duration) func(float64) float64 {
		return func(i float64) float64 {
			return float64(from.Add(time.Duration(i)*scrape - back).Unix())
		}
	}
	for n, department := range []string{"KT", "TP", "VPDKDD"} {
		of := `department="` + department + `"`
		for _, kind := range []string{"resolved_not_closed", "due_date_mismatch"} {
			at := of + `,kind="` + kind + `"`
			for _, state := range []string{"suspected", "open", "acknowledged", "waived", "unstable"} {
				d.gauge("doisoat_discrepancies", at+`,state="`+state+`"`, func(i float64) float64 { return 1 + wave(float64(20*(n+1)))(i) })
			}
			d.gauge("doisoat_discrepancies_past_correction_time", at, wave(4))
			d.gauge("doisoat_oldest_discrepancy_timestamp_seconds", at, always(float64(from.Add(-40*time.Hour).Unix())))
			for _, what := range []string{"opened", "resolved", "reopened"} {
				d.counter("doisoat_discrepancies_"+what, at, 0.5)
			}
		}
		for _, effect := range []string{"false_overdue", "hidden_overdue"} {
			d.gauge("doisoat_deadline_effects", of+`,effect="`+effect+`"`, func(i float64) float64 { return 1 + wave(9)(i) })
		}
		d.gauge("doisoat_compared_dossiers", of, always(600))
		d.gauge("doisoat_uncovered_dossiers", of, always(float64(n)))
		d.gauge("doisoat_outbox_pending", of, wave(3))
		d.gauge("doisoat_outbox_dead", of, always(0))
		d.gauge("doisoat_outbox_oldest_pending_timestamp_seconds", of, ago(10*time.Minute))
		d.counter("doisoat_deliveries", of+`,channel="mail"`, 0.1)
		d.counter("doisoat_delivery_failures", of+`,channel="mail"`, 0.01)
	}
	for _, s := range []struct{ name, side, protocol, department string }{
		{"dvc", "platform", "http", ""}, {"land", "office", "database", "VPDKDD"}, {"book", "office", "workbook", "KT"}, {"book", "office", "workbook", "TP"},
	} {
		at := `source="` + s.name + `"`
		of := at + `,department="` + s.department + `"`
		if s.department != "TP" { // what a source has once
			for _, mode := range []string{"full", "incremental"} {
				d.counter("doisoat_source_polls", at+`,mode="`+mode+`"`, 1)
				d.counter("doisoat_source_poll_failures", at+`,mode="`+mode+`",reason="timeout"`, 0.1)
				d.histogram("doisoat_source_poll_duration_seconds", at+`,mode="`+mode+`"`, []string{"0.5", "2.0", "10.0", "60.0"})
			}
			d.counter("doisoat_source_requests", at+`,code="200"`, 40)
			d.counter("doisoat_source_records_rejected", at+`,reason="date"`, 0.2)
			d.gauge("doisoat_source_records", at, always(1200))
			d.gauge("doisoat_source_unmapped_values", at+`,field="status"`, always(2))
			d.gauge("doisoat_source_snapshots_held", at, always(0))
			d.gauge("doisoat_source_poll_interval_seconds", at, always(900))
			d.gauge("doisoat_dossiers", at+`,status="processing"`, always(400))
		}
		d.gauge("doisoat_source_info", of+`,side="`+s.side+`",protocol="`+s.protocol+`"`, always(1))
		d.gauge("doisoat_source_up", of, func(i float64) float64 { return math.Min(1, math.Mod(i, 50)) })
		d.gauge("doisoat_source_last_success_timestamp_seconds", of, ago(7*time.Minute))
		d.gauge("doisoat_source_data_timestamp_seconds", of, ago(3*time.Hour))
		d.counter("doisoat_source_snapshots_refused", of+`,reason="shrunk"`, 0.05)
	}
	for _, run := range []string{"nightly", "incremental", "manual"} {
		at := `run="` + run + `"`
		d.counter("doisoat_runs", at, 1)
		d.counter("doisoat_run_failures", at+`,reason="sources"`, 0.01)
		d.gauge("doisoat_run_last_success_timestamp_seconds", at, ago(8*time.Hour))
		d.gauge("doisoat_run_next_timestamp_seconds", at, ago(-16*time.Hour))
		d.gauge("doisoat_run_in_progress", at, always(0))
		for _, phase := range []string{"poll", "compare"} {
			d.gauge("doisoat_run_last_duration_seconds", at+`,phase="`+phase+`"`, always(31))
		}
		for _, outcome := range []string{"compared", "skipped"} {
			d.gauge("doisoat_run_last_departments", at+`,outcome="`+outcome+`"`, always(3))
		}
	}
	d.gauge("doisoat_run_held", "", always(0))
	d.histogram("doisoat_correction_duration_seconds", `kind="resolved_not_closed"`, []string{"3600.0", "28800.0"})
	d.gauge("doisoat_config_last_reload_successful", "", always(1))
	d.gauge("doisoat_build_info", `version="1.0.0",revision="abc",goversion="go1.26",goos="linux",goarch="amd64"`, always(1))
	d.counter("doisoat_http_requests", `handler="metrics",method="get",code="200"`, 20)
	d.counter("process_cpu_seconds", "", 3)
	for _, name := range []string{"process_resident_memory_bytes", "go_memstats_heap_inuse_bytes", "go_goroutines", "process_open_fds", "scrape_duration_seconds", "up", "process_start_time_seconds"} {
		d.gauge(name, "", always(42))
	}
	return d
}

// Every panel's question, asked of a real Prometheus with a day of such data, has an
// answer.
func TestPanelsShowSomething(t *testing.T) {
	folder := t.TempDir()
	// Blocks hold two hours each, counted from midnight UTC.
	from := time.Now().Add(-length).Truncate(2 * time.Hour)
	plausibleDay(from).write(t, filepath.Join(folder, "day.txt"))
	if out, ok := monitortest.Run(t, folder, "promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", "day.txt", "data"); !ok {
		t.Fatalf("promtool tsdb create-blocks-from openmetrics:\n%s", out)
	}
	config := filepath.Join(folder, "prometheus.yml")
	if err := os.WriteFile(config, []byte("global: {scrape_interval: 5m}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	base := monitortest.Prometheus(t, config, filepath.Join(folder, "data"), "--query.lookback-delta=11m", "--storage.tsdb.retention.time=30d")
	queries, err := dashboards.Queries()
	if err != nil {
		t.Fatal(err)
	}
	end := from.Add(length - scrape)
	for _, q := range queries {
		ask := func() ([]monitortest.Series, error) {
			if q.Instant {
				return monitortest.Query(t, base, q.Fill(values), end)
			}
			return monitortest.QueryRange(t, base, q.Fill(values), from, end, 2*scrape)
		}
		series, err := ask()
		switch {
		case err != nil:
			t.Errorf("%s: %s: %v", q.Dashboard, q.Panel, err)
		case monitortest.Numbers(series) == 0 && q.Panel != "Alerts firing": // there are no rules here
			t.Errorf("%s: %s shows nothing: %s", q.Dashboard, q.Panel, q.Fill(values))
		}
	}
}

// All variables of the dashboards are filled in.
func TestFill(t *testing.T) {
	q := dashboards.Query{Expr: `rate(x{job="$job", source=~"$source", department="$department"}[$__rate_interval]) + y[$__range]`}
	want := `rate(x{job="d", source=~".*", department="KT"}[1m]) + y[2h]`
	if got := q.Fill(dashboards.Values{Job: "d", Department: "KT", RateInterval: "1m", Range: "2h"}); got != want {
		t.Errorf("filled: %s\nwant:   %s", got, want)
	}
}
