package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
)

// eventually waits for something that the daemon does by itself.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("not within thirty seconds: %s", what)
		}
		time.Sleep(20 * time.Millisecond) // nothing tells
	}
}

// runs has the daemon work by itself until the function it gives is called, which
// tells how long it took to end.
func (r *rig) runs(t *testing.T) (stop func() (time.Duration, error)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	d := r.Daemon
	go func() { ended <- d.Run(ctx) }()
	stopped := false
	t.Cleanup(func() {
		if !stopped {
			cancel()
			<-ended
		}
	})
	return func() (time.Duration, error) {
		stopped = true
		began := time.Now()
		cancel()
		err := <-ended
		return time.Since(began), err
	}
}

// client asks the daemon, and nobody else.
func (r *rig) client() *http.Client { return &http.Client{Timeout: 20 * time.Second} }

// get asks the daemon over HTTP.
func (r *rig) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	answer, err := r.client().Get("http://" + r.Addr() + path)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(text)
}

func (r *rig) nightlies(t *testing.T) []store.Run {
	t.Helper()
	runs, err := r.store.ListRuns(context.Background(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	var list []store.Run
	for _, run := range runs {
		if run.Kind == store.RunNightly {
			list = append(list, run)
		}
	}
	return list
}

func TestDaemonFromTheFirstStartToTheNext(t *testing.T) {
	stores(t, func(t *testing.T, url string) {
		r := newRig(t, rigOptions{store: url, realClock: true, every: time.Second, rules: "{grace: {default: 0h}}"})
		for i := range 40 {
			r.both("kt-book", openRow(fmt.Sprintf("A-%02d", i), "KT"))
		}
		r.both("tp-book", openRow("B-01", "TP"))
		r.picture.Store(nil) // as it is before Run
		if err := r.readyNow(context.Background()); err == nil {
			t.Error("ready before anything is loaded")
		}
		stop := r.runs(t)
		eventually(t, "ready", func() bool { code, _ := r.get(t, "/-/ready"); return code == http.StatusOK })
		eventually(t, "the nightly run of the new installation", func() bool { return len(r.nightlies(t)) == 1 })

		began := time.Now()
		r.books["kt-book"].put(openRow("A-01", "KT").closed(time.Now()))
		open := `doisoat_discrepancies{department="KT",kind="resolved_not_closed",state="open"} 1`
		eventually(t, "the change in the metrics", func() bool { _, text := r.get(t, "/metrics"); return strings.Contains(text, open) })
		t.Logf("from the change to the metrics: %s, at a poll a second", time.Since(began).Round(time.Millisecond))
		eventually(t, "the change in the list", func() bool {
			code, text := r.get(t, "/api/v1/discrepancies?kind=resolved_not_closed")
			return code == http.StatusOK && strings.Contains(text, `"code":"A-01"`)
		})
		r.books["dvc"].put(openRow("A-01", "KT").closed(time.Now()))
		resolved := `doisoat_discrepancies_resolved_total{department="KT",kind="resolved_not_closed"} 1`
		eventually(t, "its correction", func() bool { _, text := r.get(t, "/metrics"); return strings.Contains(text, resolved) })

		took, err := stop()
		if err != nil || took > 10*time.Second {
			t.Errorf("ended after %s: %v", took, err)
		}
		kept := r.newest(t, "dvc")
		r.restart(t)
		text := r.scrape(t) // before anything is polled
		shows(t, text, resolved, `doisoat_discrepancies_opened_total{department="KT",kind="resolved_not_closed"} 1`)
		if r.picture.Load().attempted["dvc"].ID != kept.ID {
			t.Error("the last polls are not known after a restart")
		}
		for _, name := range []string{"last_attempt", "last_success", "last_complete", "data"} {
			line := regexp.MustCompile(`(?m)^doisoat_source_` + name + `_timestamp_seconds\{.*source="dvc"\} 1\.\d+e\+09$`)
			if !line.MatchString(text) {
				t.Errorf("after a restart the metrics lack %s", line)
			}
		}
		stop = r.runs(t)
		eventually(t, "polls after the restart", func() bool { return r.newest(t, "dvc").ID > kept.ID })
		if n := len(r.nightlies(t)); n != 1 {
			t.Errorf("%d nightly runs of one day", n)
		}
		if _, err := stop(); err != nil {
			t.Error(err)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestNothingIsLeftBehind(t *testing.T) { // alone: it counts goroutines
	before := runtime.NumGoroutine()
	r := newRig(t, rigOptions{realClock: true, every: time.Second})
	r.both("kt-book", openRow("A-01", "KT"))
	stop := r.runs(t)
	eventually(t, "ready", func() bool { code, _ := r.get(t, "/-/ready"); return code == http.StatusOK })
	for range 5 {
		if err := r.Reload(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the nightly run", func() bool { return len(r.nightlies(t)) == 1 })
	if _, err := stop(); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
	if err := r.Reload(context.Background()); !errors.Is(err, errEnding) {
		t.Errorf("reload after the end: %v, want %v", err, errEnding)
	}
	http.DefaultClient.CloseIdleConnections()
	stacks := make([]byte, 1<<20)
	deadline := time.Now().Add(10 * time.Second)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestEndDoesNotWaitForASourceThatHangs(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{realClock: true, patience: patience{
		stop: 500 * time.Millisecond, last: 2 * time.Second, nightly: time.Minute, look: time.Millisecond, ask: time.Second,
	}})
	entered := make(chan struct{}, 1)
	r.both("kt-book", openRow("A-01", "KT"))
	r.both("tp-book", openRow("B-01", "TP"))
	r.books["dvc"].breaks(bookFault{hangs: true, entered: entered})
	stop := r.runs(t)
	<-entered
	took, err := stop()
	if err != nil || took > 5*time.Second {
		t.Errorf("ended after %s: %v; want it soon after what is under way was cancelled", took, err)
	}
	// It is no fault of the source, and the poll is made again after the next start.
	if snap := r.newest(t, "dvc"); snap.ID != 0 {
		t.Errorf("the interrupted poll left %+v", snap)
	}
	r.books["dvc"].breaks(bookFault{})
	r.restart(t)
	stop = r.runs(t)
	eventually(t, "the nightly run that was interrupted", func() bool { return len(r.nightlies(t)) == 1 })
	if run := r.nightlies(t)[0]; run.Summary.ComparedTotal() != 2 || len(run.Summary.Skipped) > 0 {
		t.Errorf("the nightly run after the restart: %+v", run.Summary)
	}
	if _, err := stop(); err != nil {
		t.Error(err)
	}
}

// What ignores that it is told to end must not keep the process.
func TestEndLeavesBehindWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	var group sync.WaitGroup
	block := make(chan struct{})
	group.Go(func() { <-block })
	defer close(block)
	began := time.Now()
	if err := within(50*time.Millisecond, "a share that hangs", &group); err == nil || time.Since(began) > 10*time.Second {
		t.Errorf("after %s: %v, want an error that names it", time.Since(began), err)
	}
	tenants := &tenancy{}
	if err := tenants.swap(&App{}); err != nil {
		t.Fatal(err)
	}
	_, done := tenants.take()
	if err := tenants.end(10 * time.Millisecond); err == nil {
		t.Error("no error although somebody still reads")
	}
	done()
}

func TestNightlyRunGoesOnWithoutASourceThatHangs(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{realClock: true, patience: patience{
		stop: 500 * time.Millisecond, last: 2 * time.Second, nightly: 3 * time.Second, look: time.Millisecond, ask: time.Second,
	}})
	r.both("kt-book", openRow("A-01", "KT"))
	r.both("tp-book", openRow("B-01", "TP"))
	r.books["tp-book"].breaks(bookFault{hangs: true})
	stop := r.runs(t)
	eventually(t, "the nightly run", func() bool { return len(r.nightlies(t)) == 1 })
	if skipped := r.nightlies(t)[0].Summary.Skipped; len(skipped) != 1 || skipped[0] != "TP" {
		t.Errorf("it skipped %v, want the department whose office hangs", skipped)
	}
	eventually(t, "the metrics", func() bool {
		_, text := r.get(t, "/metrics")
		return strings.Contains(text, "\n"+`doisoat_run_last_departments{outcome="skipped",run="nightly"} 1`+"\n")
	})
	if !strings.Contains(r.log.String(), "goes on without these") {
		t.Error("the log does not tell which source was left out")
	}
	if _, err := stop(); err != nil {
		t.Error(err)
	}
}

func TestMetricsWaitForTheLastKnownState(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	r.picture.Store(nil)
	answer := httptest.NewRecorder()
	r.onceLoaded(r.metrics.Handler()).ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
	if answer.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d before anything is loaded: counters would leap from zero", answer.Code)
	}
}
