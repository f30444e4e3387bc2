package daemontest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/deploy/grafana/dashboards"
	"github.com/doisoat/doisoat/deploy/prometheus/monitortest"
)

const (
	open     = "DoisoatMismatchesOpen"
	platform = "DoisoatPlatformDown"
	refused  = "DoisoatSnapshotRefused"
)

// From a clerk's keyboard to the webhook, with everything real but the hours: a
// change in an office's database becomes an alert for that department, closing the
// dossier on the platform resolves it; a platform that is down is told as such, and
// silences the mismatches; a book emptied by mistake is refused, and resolves
// nothing.
func TestFromAnOfficesChangeToTheWebhook(t *testing.T) {
	t.Parallel()
	began := time.Now()
	s := newScene(t)
	d := s.daemon
	within(t, 20*time.Second, "the first night's run is done", func() error { return d.has(1, "doisoat_runs_total", `run="nightly"`) })
	for _, department := range []string{"TNMT", "QLDT"} {
		if n := d.value("doisoat_discrepancies", `department="`+department+`"`); n != 0 {
			t.Fatalf("%v discrepancies of %s before anything happened", n, department)
		}
	}

	// A change in an office's database.
	code := s.town.inProgress("TNMT")[0]
	done := time.Now()
	s.town.change("TNMT", code, resolve(done))
	s.came("TNMT", "firing", "alertname="+open, "department=TNMT", "kind=resolved_not_closed")
	s.came("it", "firing", "alertname="+open, "department=TNMT", "kind=resolved_not_closed")
	first := s.receiver.messages("TNMT", "firing")[0]
	if diff := cmp.Diff(map[string]string{
		"alertname": open, "department": "TNMT", "kind": "resolved_not_closed", "severity": "info", "job": "doisoat",
	}, first.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	for _, note := range []string{"summary", "description", "summary_vi", "description_vi", "runbook_url"} {
		if first.Notes[note] == "" || strings.Contains(first.Notes[note], code) {
			t.Errorf("%s: %q", note, first.Notes[note])
		}
	}

	// The same in an Excel book, for the department of another route.
	mistaken := s.town.inProgress("QLDT")[0]
	s.town.change("QLDT", mistaken, resolve(time.Now()))
	s.came("QLDT", "firing", "alertname="+open, "department=QLDT", "kind=resolved_not_closed")

	// Closing it on the platform.
	s.town.enter(code, resolve(done))
	s.came("TNMT", "resolved", "alertname="+open, "kind=resolved_not_closed")
	s.came("it", "resolved", "alertname="+open, "department=TNMT", "kind=resolved_not_closed")
	if err := d.has(1, "doisoat_discrepancies_resolved_total", `department="TNMT"`, `kind="resolved_not_closed"`); err != nil {
		t.Error(err)
	}

	s.platformDown()
	s.bookEmptied()
	s.dashboards()

	// Nobody is told of another department.
	for _, o := range s.town.world.Offices {
		for _, status := range []string{"firing", "resolved"} {
			for _, m := range s.receiver.messages(o.Department, status) {
				if m.Labels["department"] != o.Department {
					t.Errorf("came to the wrong place: %s", m)
				}
			}
		}
	}
	if n := len(s.receiver.messages("watchdog", "firing", "alertname=DoisoatWatchdog")); n == 0 {
		t.Error("the watchdog was not heard")
	}
	if took := time.Since(began); took > 90*time.Second {
		t.Errorf("all of it took %s, more than 90 s", took)
	} else {
		t.Logf("all of it took %s", took.Round(time.Second))
	}
}

// scene is all parts together.
type scene struct {
	t                        *testing.T
	town                     *town
	daemon                   *process
	receiver                 *receiver
	prometheus, alertmanager string
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{t: t, receiver: newReceiver(t), town: newTown(t, plan{dossiers: 700, every: time.Second})}
	s.daemon = start(t, s.town.config)
	dir := t.TempDir()
	routes := filepath.Join(dir, "alertmanager.yml")
	run(t, "alertmanager-routes", "--config", s.town.config, "--output", routes, "--it-webhook", s.receiver.URL+"/it",
		"--webhook", s.receiver.URL+"/{department}", "--watchdog-webhook", s.receiver.URL+"/watchdog")
	if out, ok := monitortest.Run(t, dir, "amtool", "check-config", routes); !ok {
		t.Fatalf("amtool check-config:\n%s", out)
	}
	// Nothing of the routes is changed but how long messages wait for company.
	rewrite(t, routes, func(text string) string {
		text = replaced(t, text, `(?m)^( *(?:- )?group_wait:) .*$`, "$1 100ms")
		return replaced(t, text, `(?m)^( *(?:- )?group_interval:) .*$`, "$1 300ms")
	})
	s.alertmanager = monitortest.Alertmanager(t, routes)

	rules, err := os.ReadFile("../../../deploy/prometheus/doisoat.rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	config, err := os.ReadFile("../../../deploy/prometheus/prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	// The rules as they are shipped, but nothing waits (for, keep_firing_for) or looks
	// back ([15m]) for longer than a second or two; likewise the shipped configuration, but for
	// addresses and intervals.
	hastened := monitortest.Hasten(t, rules, time.Second, 2*time.Second)
	text := strings.NewReplacer("127.0.0.1:9093", strings.TrimPrefix(s.alertmanager, "http://"), "127.0.0.1:8080", strings.TrimPrefix(s.daemon.base(), "http://"),
		": 15s", ": 500ms").Replace(string(config))
	for name, content := range map[string][]byte{"doisoat.rules.yaml": hastened, "prometheus.yml": []byte(text)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.prometheus = monitortest.Prometheus(t, filepath.Join(dir, "prometheus.yml"), "", "--rules.alert.resend-delay=200ms")
	return s
}

func replaced(t *testing.T, text, pattern, with string) string {
	t.Helper()
	p := regexp.MustCompile(pattern)
	if !p.MatchString(text) {
		t.Fatalf("nothing looks like %s in\n%s", pattern, text)
	}
	return p.ReplaceAllString(text, with)
}

func rewrite(t *testing.T, path string, change func(string) string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(change(string(text))), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// came waits for a message.
func (s *scene) came(to, status string, labels ...string) {
	s.t.Helper()
	took := within(s.t, 30*time.Second, "the alert arrives", func() error {
		if err := s.receiver.came(to, status, labels...); err != nil {
			return fmt.Errorf("%w\nfiring in Prometheus: %s", err, s.firing())
		}
		return nil
	})
	s.t.Logf("%s to %s %v after %s", status, to, labels, took.Round(10*time.Millisecond))
}

func (s *scene) firing() string {
	series, err := monitortest.Query(s.t, s.prometheus, "ALERTS", time.Now())
	if err != nil {
		return err.Error()
	}
	var list []string
	for _, a := range series {
		list = append(list, fmt.Sprint(a.Labels))
	}
	return strings.Join(list, "\n")
}

// suppressed is an error until Alertmanager holds back every alert of this name,
// of which there is one at least, because of another.
func (s *scene) suppressed(alert string) error {
	body, err := monitortest.Get(s.alertmanager + "/api/v2/alerts?filter=alertname%3D%22" + alert + "%22")
	if err != nil {
		return err
	}
	var alerts []struct {
		Labels map[string]string
		Status struct {
			State       string
			InhibitedBy []string
		}
	}
	if err := json.Unmarshal(body, &alerts); err != nil {
		return err
	}
	if len(alerts) == 0 {
		return errors.New("no such alert: " + alert)
	}
	for _, a := range alerts {
		if a.Status.State != "suppressed" || len(a.Status.InhibitedBy) == 0 {
			return fmt.Errorf("%v is %s", a.Labels, a.Status.State)
		}
	}
	return nil
}

// platformDown: it is told as such, to IT alone, and the mismatches are silent: those
// that stand and those that an office alone makes meanwhile.
func (s *scene) platformDown() {
	s.t.Helper()
	t, d := s.t, s.daemon
	s.town.platform.SetFaults(world.Fault{Kind: world.Refuse, Status: 503}, world.Fault{Kind: world.Refuse, Status: 503, Target: world.Login})
	s.came("it", "firing", "alertname="+platform, "severity=critical", "source=dvc-hue")
	if n := d.value("doisoat_source_up", `source="dvc-hue"`); n != 0 {
		t.Errorf("source_up is %v", n)
	}
	within(t, 10*time.Second, "the mismatches are held back", func() error { return s.suppressed(open) })

	// What a clerk resolves now is not concluded from: the platform's side is old.
	unsettled := s.town.inProgress("LDTBXH")[0]
	s.town.change("LDTBXH", unsettled, resolve(time.Now()))
	// What an office's book says of itself is, but nobody of the department is told yet.
	s.town.change("LDTBXH", s.town.inProgress("LDTBXH")[1], func(r *world.Record) { r.RawStatus = "77" })
	within(t, 20*time.Second, "the status that nobody mapped is open", func() error {
		return d.has(1, "doisoat_discrepancies", `department="LDTBXH"`, `kind="unmapped_status"`, `state="open"`)
	})
	within(t, 20*time.Second, "Prometheus fires it", func() error {
		return s.alerts(`ALERTS{alertstate="firing",department="LDTBXH",alertname="` + open + `"}`)
	})
	within(t, 10*time.Second, "it is held back, too", func() error { return s.suppressed(open) })
	if n := d.value("doisoat_discrepancies", `department="LDTBXH"`, `kind="resolved_not_closed"`); n != 0 {
		t.Errorf("%v concluded from a platform that cannot be read", n)
	}
	if came := s.receiver.messages("", "firing", "department=LDTBXH"); len(came) > 0 {
		t.Errorf("told although the platform is down: %v", came)
	}
	for _, o := range s.town.world.Offices {
		if came := s.receiver.messages(o.Department, "firing", "alertname="+platform); len(came) > 0 {
			t.Errorf("a department is told of the platform: %v", came)
		}
	}

	s.town.platform.SetFaults()
	s.came("it", "resolved", "alertname="+platform)
	s.came("LDTBXH", "firing", "alertname="+open, "department=LDTBXH", "kind=resolved_not_closed")
	s.came("LDTBXH", "firing", "alertname="+open, "department=LDTBXH", "kind=unmapped_status")
}

func (s *scene) alerts(query string) error {
	series, err := monitortest.Query(s.t, s.prometheus, query, time.Now())
	if err == nil && len(series) == 0 {
		err = errors.New("none: " + query)
	}
	return err
}

// bookEmptied: the empty book is refused, its department and IT are told, nothing
// is resolved, and nothing called missing.
func (s *scene) bookEmptied() {
	s.t.Helper()
	t, d, of := s.t, s.daemon, `department="QLDT"`
	resolved := d.value("doisoat_discrepancies_resolved_total", of)
	if n := d.value("doisoat_discrepancies", of); n != 1 {
		t.Fatalf("%v discrepancies of QLDT stand before", n)
	}
	office, file := s.town.office("QLDT"), s.town.file("QLDT")
	full, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := world.WriteOffice(file, nil, office.Format); err != nil {
		t.Fatal(err)
	}
	s.came("QLDT", "firing", "alertname="+refused, "department=QLDT", "source=qldt", "severity=warning")
	s.came("it", "firing", "alertname="+refused, "department=QLDT", "source=qldt")
	within(t, 10*time.Second, "the mismatches are held back", func() error {
		return s.suppressedOf(open, "QLDT")
	})
	// Two more looks at the empty book change nothing either.
	polls := d.value("doisoat_source_polls_total", `source="qldt"`)
	within(t, 20*time.Second, "the book is read again", func() error {
		n, _, err := d.metric("doisoat_source_polls_total", `source="qldt"`)
		if err == nil && n < polls+2 {
			err = fmt.Errorf("%v polls, %v before", n, polls)
		}
		return err
	})
	if err := errors.Join(
		d.has(1, "doisoat_discrepancies", of, `kind="resolved_not_closed"`, `state="open"`), d.has(1, "doisoat_discrepancies", of),
		d.has(resolved, "doisoat_discrepancies_resolved_total", of),
	); err != nil {
		t.Error(err)
	}
	// An alert about the source itself, such as one of its age, may end; one about
	// its dossiers may not.
	if came := s.receiver.messages("QLDT", "resolved", "alertname="+open); len(came) > 0 {
		t.Errorf("told as resolved: %v", came)
	}
	var status struct {
		Guards struct {
			Held []struct{ Source, Reason, Command string } `json:"held_snapshots"`
		}
	}
	d.getJSON("/api/v1/status", &status)
	if held := status.Guards.Held; len(held) == 0 || held[0].Source != "qldt" || !strings.HasPrefix(held[0].Command, "doisoat snapshot accept ") {
		t.Errorf("the status shows %+v as held", held)
	}

	// The clerk finds the copy.
	if err := os.WriteFile(file, full, 0o600); err != nil {
		t.Fatal(err)
	}
	within(t, 20*time.Second, "the book is taken in again", func() error { return d.has(1, "doisoat_source_up", `source="qldt"`) })
	if err := d.has(1, "doisoat_discrepancies", of); err != nil {
		t.Error(err)
	}
}

func (s *scene) suppressedOf(alert, department string) error {
	return s.suppressed(alert + "%22&filter=department%3D%22" + department)
}

// dashboards: every panel's question has an answer.
func (s *scene) dashboards() {
	s.t.Helper()
	t := s.t
	queries, err := dashboards.Queries()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	values := dashboards.Values{Job: "doisoat", Department: "TNMT", RateInterval: "4s", Range: "1m"}
	for _, q := range queries {
		var series []monitortest.Series
		if q.Instant {
			series, err = monitortest.Query(t, s.prometheus, q.Fill(values), now)
		} else {
			series, err = monitortest.QueryRange(t, s.prometheus, q.Fill(values), now.Add(-time.Minute), now, 2*time.Second)
		}
		switch {
		case err != nil:
			t.Errorf("%s: %s: %v", q.Dashboard, q.Panel, err)
		case monitortest.Numbers(series) == 0 && q.EmptyBecause == "":
			t.Errorf("%s: %s shows nothing: %s", q.Dashboard, q.Panel, q.Fill(values))
		}
	}
	if len(queries) < 30 {
		t.Errorf("only %d questions", len(queries))
	}
}
