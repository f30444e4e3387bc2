package daemontest

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/world"
)

func awaitNight(t testing.TB, p *process) {
	t.Helper()
	within(t, 30*time.Second, "the first night's run is done", func() error { return p.has(1, "doisoat_runs_total", `run="nightly"`) })
}

// kept is what of the metrics must outlive a process: what stands, what was
// counted, and when things happened.
func kept(t testing.TB, p *process) map[string]string {
	t.Helper()
	kept := map[string]string{}
	for line := range strings.Lines(string(p.mustGet("/metrics"))) {
		series, value, ok := strings.Cut(strings.TrimSpace(line), " ")
		for _, name := range []string{
			"doisoat_discrepancies", "doisoat_deadline_effects", "doisoat_oldest_discrepancy", "doisoat_dossiers", "doisoat_compared_dossiers",
			"doisoat_source_records{", "doisoat_run_last_success_timestamp_seconds", "doisoat_source_data_timestamp_seconds",
		} {
			if ok && strings.HasPrefix(series, name) {
				kept[series] = value
			}
		}
	}
	if len(kept) < 100 {
		t.Fatalf("only %d such metrics", len(kept))
	}
	return kept
}

// A restart keeps counts and moments, from the first scrape on; the nightly hour is
// Vietnam's wherever the host lies, and nothing else depends on the host's zone.
func TestRestartOnAHostInAnotherZone(t *testing.T) {
	t.Parallel()
	tn := newTown(t, plan{dossiers: 900, every: 10 * time.Minute})
	p := start(t, tn.config, "TZ=Asia/Ho_Chi_Minh")
	awaitNight(t, p)
	tn.change("QLDT", tn.inProgress("QLDT")[0], resolve(time.Now()))
	within(t, 30*time.Second, "the book's change is told", func() error {
		return p.has(1, "doisoat_discrepancies", `department="QLDT"`, `state="open"`)
	})
	metrics := kept(t, p)
	p.end(30 * time.Second)

	for _, zone := range []string{"America/New_York", "Pacific/Kiritimati", "UTC"} {
		t.Run(zone, func(t *testing.T) {
			// Nothing is polled, or it would be another state.
			tn.platform.SetFaults(world.Fault{Kind: world.Refuse, Status: 503, Target: world.Login})
			p := start(t, tn.config, "TZ="+zone)
			if diff := cmp.Diff(metrics, kept(t, p)); diff != "" {
				t.Errorf("metrics before and after the restart (-before +after):\n%s", diff)
			}
			now := time.Now()
			vietnam := time.FixedZone("", 7*60*60)
			y, m, d := now.In(vietnam).Date()
			next := time.Date(y, m, d, 1, 0, 0, 0, vietnam)
			if !next.After(now) {
				next = next.AddDate(0, 0, 1)
			}
			var status struct {
				NextNightly string `json:"next_nightly"`
				StartedAt   string `json:"started_at"`
			}
			p.getJSON("/api/v1/status", &status)
			if want := next.Format(time.RFC3339); status.NextNightly != want {
				t.Errorf("the next nightly run is at %s, want %s", status.NextNightly, want)
			}
			if !strings.HasSuffix(status.StartedAt, "+07:00") {
				t.Errorf("started at %s, not in Vietnam's time", status.StartedAt)
			}
			if v := p.value("doisoat_run_next_timestamp_seconds", `run="nightly"`); int64(v) != next.Unix() {
				t.Errorf("metric of the next nightly run: %v, want %d", v, next.Unix())
			}
			p.end(30 * time.Second)
		})
	}
}

// A reload, by signal and by POST, takes a good configuration over, and a bad one
// not: the old one stays, and the metric and the status say so.
func TestReload(t *testing.T) {
	t.Parallel()
	tn := newTown(t, plan{dossiers: 900, every: 10 * time.Minute})
	p := start(t, tn.config)
	awaitNight(t, p)
	good, err := os.ReadFile(tn.config)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(tn.config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	polledEvery := func(seconds float64) error {
		return p.has(seconds, "doisoat_source_poll_interval_seconds", `source="tnmt"`)
	}
	reloaded := func(ok float64) error { return p.has(ok, "doisoat_config_last_reload_successful") }
	steps := []struct {
		name    string
		text    string
		by      string // POST or SIGHUP
		ok      bool
		says    string  // what a refusal names
		seconds float64 // between polls, after it
	}{
		{"another interval, by POST", strings.ReplaceAll(string(good), "every: 10m0s", "every: 20m"), "POST", true, "", 1200},
		{"an unknown key, by POST", string(good) + "nonsense: 1\n", "POST", false, "nonsense", 1200},
		{"an unknown key, by SIGHUP", string(good) + "nonsense: 1\n", "SIGHUP", false, "nonsense", 1200},
		{"another store, which only a restart can follow", strings.Replace(string(good), "sqlite:doisoat.db", "sqlite:other.db", 1), "POST", false, "restart", 1200},
		{"a good one again, by SIGHUP", string(good), "SIGHUP", true, "", 600},
	}
	for _, step := range steps {
		write(step.text)
		before := p.value("doisoat_config_last_reload_success_timestamp_seconds")
		if step.by == "POST" {
			a, err := p.ask(http.MethodPost, "/-/reload", nil)
			if err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			if (a.status == http.StatusOK) != step.ok || !strings.Contains(string(a.body), step.says) {
				t.Errorf("%s: %d %s", step.name, a.status, a.body)
			}
		} else {
			p.signal(syscall.SIGHUP)
		}
		want := 0.0
		if step.ok {
			want = 1
		}
		within(t, 10*time.Second, step.name, func() error { return errors.Join(reloaded(want), polledEvery(step.seconds)) })
		if after := p.value("doisoat_config_last_reload_success_timestamp_seconds"); !step.ok && after != before {
			t.Errorf("%s: the moment of the last good one went from %v to %v", step.name, before, after)
		}
		var status struct {
			Config struct {
				OK    bool   `json:"reload_ok"`
				Error string `json:"reload_error"`
			}
		}
		p.getJSON("/api/v1/status", &status)
		if status.Config.OK != step.ok || !strings.Contains(status.Config.Error, step.says) {
			t.Errorf("%s: the status says %+v", step.name, status.Config)
		}
	}
	if p.hasEnded() {
		t.Fatal("it ended")
	}
	// A source that came with a reload is polled at once, and one that went is told of no more.
	write(strings.Replace(string(good), "  - name: tnmt\n", "  - name: land\n", 1))
	p.signal(syscall.SIGHUP)
	within(t, 20*time.Second, "the source under its new name is read", func() error { return p.has(1, "doisoat_source_up", `source="land"`) })
	if _, found, err := p.metric("doisoat_source_up", `source="tnmt"`); found || err != nil {
		t.Errorf("the source that went is told of still (%v)", err)
	}
}

// SIGTERM ends the daemon within thirty seconds, also while a source keeps it
// waiting, and the poll that it cut short is made up for after the next start.
func TestStopsWhileASourceHangs(t *testing.T) {
	t.Parallel()
	tn := newTown(t, plan{dossiers: 900, every: 2 * time.Second, noSince: true})
	p := start(t, tn.config)
	awaitNight(t, p)
	p.end(30 * time.Second)
	tn.enter(tn.inProgress("TNMT")[0], resolve(time.Now()))

	hanging, over := make(chan struct{}, 100), make(chan struct{})
	watch := func(*http.Request) func() {
		hanging <- struct{}{}
		<-over
		return func() {}
	}
	tn.watch.Store(&watch)
	release := sync.OnceFunc(func() { close(over) })
	defer release()
	p = start(t, tn.config)
	select {
	case <-hanging:
	case <-time.After(30 * time.Second):
		t.Fatalf("the platform is never asked:\n%s", p.tail(30))
	}
	took := p.end(30 * time.Second)
	t.Logf("ended after %s", took.Round(100*time.Millisecond))

	tn.watch.Store(nil)
	release()
	p = start(t, tn.config)
	within(t, 20*time.Second, "what was cut short is made up for", func() error {
		return p.has(1, "doisoat_discrepancies", `department="TNMT"`, `kind="closed_in_progress"`, `state="open"`)
	})
}

// A second daemon on the same address, and one on a configuration with faults, end
// at once with words on what to do.
func TestStartIsRefusedWithRemedies(t *testing.T) {
	t.Parallel()
	tn := newTown(t, plan{dossiers: 300})
	p := start(t, tn.config)
	taken := p.base()[len("http://"):]
	second := tn.beside("second.yaml", "sqlite:second.db")
	rewriteFile(t, second, func(text string) string { return strings.ReplaceAll(text, "127.0.0.1:0", taken) })
	faulty := tn.beside("faulty.yaml", "sqlite:third.db")
	rewriteFile(t, faulty, func(text string) string { return text + "nonsense: 1\n" })
	for name, want := range map[string]struct {
		config string
		status int
		words  []string
	}{
		"address taken": {second, 1, []string{taken, "web.listen"}},
		"unknown key":   {faulty, 2, []string{"faulty.yaml", "nonsense"}},
	} {
		q := launch(t, want.config)
		select {
		case <-q.ended:
		case <-time.After(20 * time.Second):
			t.Fatalf("%s: it runs", name)
		}
		if code := q.cmd.ProcessState.ExitCode(); code != want.status || len(q.said(want.words...)) == 0 {
			t.Errorf("%s: exit status %d, want %d with %q:\n%s", name, code, want.status, want.words, q.tail(20))
		}
	}
}

func rewriteFile(t testing.TB, path string, change func(string) string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = os.WriteFile(path, []byte(change(string(text))), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
