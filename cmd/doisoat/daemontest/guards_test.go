package daemontest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/world"
)

// guards is what the status shows as held back.
type guards struct {
	Guards struct {
		Snapshots []struct {
			ID                      int64
			Source, Reason, Command string
		} `json:"held_snapshots"`
		Runs []struct {
			ID                       int64
			Opened                   int
			Reason, Suspect, Command string
		} `json:"held_runs"`
		NotAccepted []struct{ Name, State, Remedy string } `json:"sources_not_accepted"`
	}
}

// What the mass-change breaker and the shrink guard hold is told in metrics, log and
// status, with the command that lets it through; run beside the daemon, that command
// does.
func TestWhatIsHeldIsToldWithItsRemedy(t *testing.T) {
	t.Parallel()
	tn := newTown(t, plan{dossiers: 900, every: time.Second})
	tn.rewrite(func(text string) string {
		return strings.Replace(text, "rules: {", "rules: {surge: {percent: 0.1, count: 2}, ", 1)
	})
	p := start(t, tn.config)
	awaitNight(t, p)

	// Many at once: the breaker.
	p.paused(func() { // one poll must see them all
		for _, code := range tn.inProgress("TNMT")[:4] {
			tn.change("TNMT", code, func(r *world.Record) { r.RawStatus = "77" })
		}
	})
	within(t, 20*time.Second, "the run is held", func() error { return p.has(1, "doisoat_run_held") })
	var status guards
	p.getJSON("/api/v1/status", &status)
	held := status.Guards.Runs
	if len(held) != 1 || held[0].Opened < 3 || held[0].Reason == "" || !strings.Contains(held[0].Suspect, "tnmt") || held[0].Command != fmt.Sprintf("doisoat run release %d", held[0].ID) {
		t.Fatalf("the status shows as held: %+v", held)
	}
	if len(p.said("level=warning", "msg=run ", held[0].Command)) != 1 {
		t.Errorf("the log names no remedy:\n%s", p.tail(20))
	}
	if list := run(t, "run", "list", "--config", tn.config, "--held"); !strings.Contains(list, fmt.Sprint(held[0].ID)) {
		t.Errorf("run list --held:\n%s", list)
	}
	run(t, "run", "release", "--config", tn.config, "--by", "Trần Văn Kiểm", fmt.Sprint(held[0].ID))
	within(t, 20*time.Second, "the daemon knows that it was released", func() error { return p.has(0, "doisoat_run_held") })
	if err := p.has(4, "doisoat_discrepancies", `department="TNMT"`, `kind="unmapped_status"`, `state="open"`); err != nil {
		t.Error(err)
	}

	// A book that is suddenly empty: the shrink guard.
	if err := world.WriteOffice(tn.file("QLDT"), nil, tn.office("QLDT").Format); err != nil {
		t.Fatal(err)
	}
	within(t, 20*time.Second, "the snapshot is held", func() error {
		n, found, err := p.metric("doisoat_source_snapshots_held", `source="qldt"`)
		if err == nil && (!found || n < 1) {
			err = fmt.Errorf("%v are", n)
		}
		return err
	})
	status = guards{}
	p.getJSON("/api/v1/status", &status)
	if s := status.Guards.NotAccepted; len(s) != 1 || s[0].Name != "qldt" || s[0].State != "held" || s[0].Remedy == "" {
		t.Errorf("the status shows as not accepted: %+v", s)
	}
	snapshots := status.Guards.Snapshots
	if len(snapshots) == 0 || snapshots[0].Source != "qldt" || snapshots[0].Reason == "" || snapshots[0].Command != fmt.Sprintf("doisoat snapshot accept %d", snapshots[0].ID) {
		t.Fatalf("the status shows as held: %+v", snapshots)
	}
	if n := p.value("doisoat_source_records", `source="qldt"`); n == 0 {
		t.Error("the empty book was taken in")
	}
	// It is true: the department has begun a new book. Polls go on, so that the last
	// of what is held may be another one by now.
	accepted := within(t, 20*time.Second, "the snapshot is accepted", func() error {
		var status guards
		p.getJSON("/api/v1/status", &status)
		if len(status.Guards.Snapshots) == 0 {
			return stop(fmt.Errorf("nothing is held any more"))
		}
		last := status.Guards.Snapshots[len(status.Guards.Snapshots)-1]
		_, err := tryRun(t, "snapshot", "accept", "--config", tn.config, "--by", "Trần Văn Kiểm", fmt.Sprint(last.ID))
		return err
	})
	t.Logf("accepted after %s", accepted.Round(time.Millisecond))
	within(t, 20*time.Second, "the book is empty", func() error { return p.has(0, "doisoat_source_records", `source="qldt"`) })
}
