package app

import (
	"context"
	"encoding/csv"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/jobs"
	"github.com/doisoat/doisoat/reconcile"
)

// save writes every book down as the file that the configuration names, so that a
// daemon that reads it anew finds the same.
func (r *rig) save(t *testing.T) {
	t.Helper()
	for name, b := range r.books {
		b.save(t, filepath.Join(r.dir, name+".csv"))
	}
	settle(t, r.dir)
}

var bookColumns = []string{"code", "aliases", "department", "status", "received", "due", "extended", "completed", "updated"}

func (b *book) save(t *testing.T, path string) {
	t.Helper()
	beside := &book{name: b.name}
	beside.inputs = bookColumns
	var text strings.Builder
	w := csv.NewWriter(&text)
	table := [][]string{bookColumns}
	for _, code := range slices.Sorted(maps.Keys(b.rows)) {
		r := b.rows[code]
		table = append(table, beside.values(&r))
	}
	if err := w.WriteAll(table); err != nil {
		t.Fatal(err)
	}
	next := path + ".new"
	if err := os.WriteFile(next, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
}

// reloads asks for it as an operator would.
func (r *rig) reloads(t *testing.T) (status int, body string) {
	t.Helper()
	answer, err := r.client().Post("http://"+r.Addr()+"/-/reload", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	var text strings.Builder
	if err := answer.Write(&text); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, text.String()
}

func TestReloadFollowsTheConfiguration(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{realClock: true, every: time.Second})
	r.both("kt-book", openRow("A-01", "KT"))
	r.both("tp-book", openRow("B-01", "TP"))
	r.books["dvc"].put(openRow("C-01", "NV"))
	r.save(t)
	nv := &book{name: "nv-book", rows: map[string]row{}, clock: r.now}
	nv.put(openRow("C-01", "NV"))
	nv.save(t, filepath.Join(r.dir, "nv-book.csv"))
	settle(t, r.dir)
	stop := r.runs(t)
	eventually(t, "the nightly run", func() bool { return len(r.nightlies(t)) == 1 })
	if _, text := r.get(t, "/metrics"); strings.Contains(text, `"NV"`) || strings.Contains(text, `"nv-book"`) {
		t.Fatal("a department that nobody configured has series")
	}

	r.o.departments = []string{"KT", "NV"}
	r.o.offices = map[string]string{"kt-book": "KT", "nv-book": "NV"}
	r.write(t, "doisoat.yaml", r.config())
	if code, text := r.reloads(t); code != http.StatusOK {
		t.Fatalf("reload: %d\n%s", code, text)
	}
	_, text := r.get(t, "/metrics")
	shows(t, text, `doisoat_config_last_reload_successful 1`, `doisoat_discrepancies{department="NV",kind="missing_in_office",state="open"} 0`)
	for _, gone := range []string{`"TP"`, `"tp-book"`} {
		if strings.Contains(text, gone) {
			t.Errorf("series of %s are still shown", gone)
		}
	}
	eventually(t, "the new office is polled", func() bool {
		_, text := r.get(t, "/metrics")
		return strings.Contains(text, "\n"+`doisoat_source_up{department="NV",source="nv-book"} 1`+"\n")
	})
	eventually(t, "its dossier is compared", func() bool {
		run := r.lastRun(t)
		return run.Summary.Compared["NV"] == 1 && run.Summary.Compared["TP"] == 0
	})
	last := r.newest(t, "tp-book").ID
	polls := r.newest(t, "nv-book").ID
	eventually(t, "the schedule follows", func() bool { return r.newest(t, "nv-book").ID > polls })
	if r.newest(t, "tp-book").ID != last {
		t.Error("an office is polled that the configuration no longer names")
	}
	if _, err := stop(); err != nil {
		t.Error(err)
	}
}

func TestWrongConfigurationLeavesTheOldOneInForce(t *testing.T) {
	t.Parallel()
	r := quiet(t, rigOptions{})
	r.serves(t)
	good := r.config()
	cases := map[string]struct{ from, to, says string }{
		"not even YAML":        {"departments:", "departments: [", "doisoat.yaml"},
		"an unknown key":       {"timezone:", "timezones: x\ntimezone:", "timezones"},
		"no such mapping":      {"mapping: mapping.yaml", "mapping: other.yaml", "other.yaml"},
		"another store":        {"sqlite:doisoat.db", "sqlite:other.db", "restart"},
		"another address":      {"127.0.0.1:0", "127.0.0.1:1", "restart"},
		"a wrong time of full": {"every: 15m0s", `every: 15m0s, full: "0 25 * * *"`, "full"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			was := r.status(t).Config.LoadedAt
			r.write(t, "doisoat.yaml", strings.Replace(good, c.from, c.to, 1))
			code, text := r.reloads(t)
			if code != http.StatusInternalServerError || !strings.Contains(text, c.says) {
				t.Errorf("reload: %d, want an error that tells of %s\n%s", code, c.says, text)
			}
			shows(t, r.scrape(t), `doisoat_config_last_reload_successful 0`, `doisoat_source_up{department="TP",source="tp-book"} 1`)
			if s := r.status(t).Config; s.ReloadOK || !strings.Contains(s.ReloadError, c.says) || s.LoadedAt != was {
				t.Errorf("status: %+v, want the fault, and when what is in force was loaded", s)
			}
			r.pass(time.Minute)
			r.read(t)
			if snap := r.newest(t, "tp-book"); !snap.StartedAt.Equal(r.now()) || snap.State != reconcile.SnapshotAccepted {
				t.Errorf("the old configuration does not work on: %+v", snap)
			}
		})
	}
	r.write(t, "doisoat.yaml", good)
	if code, text := r.reloads(t); code != http.StatusOK {
		t.Fatalf("reload of the mended file: %d\n%s", code, text)
	}
	shows(t, r.scrape(t), `doisoat_config_last_reload_successful 1`)
	if s := r.status(t).Config; !s.ReloadOK || s.ReloadError != "" {
		t.Errorf("status: %+v, want it well", s)
	}
}

func TestReloadDuringAPollLetsItEnd(t *testing.T) {
	t.Parallel()
	r := quiet(t, rigOptions{})
	gate, entered := make(chan struct{}), make(chan struct{}, 1)
	r.books["dvc"].breaks(bookFault{gate: gate, entered: entered})
	old, done := r.current.take()
	closed := make(chan struct{})
	old.closing("witness", func() error { close(closed); return nil })
	done()
	polled := make(chan error, 1)
	r.pass(time.Minute)
	go func() { polled <- r.poll(context.Background(), jobs.PollJob{Source: "dvc", Slot: r.now(), Attempt: 1}) }()
	<-entered
	if err := r.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	if now, done := r.current.take(); now == old {
		t.Error("the old configuration is in force")
		done()
	} else {
		done()
	}
	select {
	case <-closed:
		t.Fatal("the sources were closed under a poll")
	default:
	}
	close(gate)
	if err := <-polled; err != nil {
		t.Fatal(err)
	}
	<-closed
	if snap := r.newest(t, "dvc"); snap.Mode != reconcile.Incremental || snap.State != reconcile.SnapshotAccepted {
		t.Errorf("the poll that was under way: %s %s", snap.Mode, snap.State)
	}
}

func TestManyReloadsAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{realClock: true, every: time.Second})
	r.both("kt-book", openRow("A-01", "KT"))
	r.both("tp-book", openRow("B-01", "TP"))
	r.save(t)
	stop := r.runs(t)
	eventually(t, "ready", func() bool { code, _ := r.get(t, "/-/ready"); return code == http.StatusOK })
	var group sync.WaitGroup
	for n := range 20 {
		group.Go(func() {
			if n%4 == 0 {
				_, _ = r.get(t, "/api/v1/status")
				_, _ = r.get(t, "/api/v1/discrepancies")
				return
			}
			if err := r.Reload(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	eventually(t, "work goes on", func() bool {
		return len(r.nightlies(t)) == 1 && r.newest(t, "kt-book").State == reconcile.SnapshotAccepted
	})
	shows(t, r.scrape(t), `doisoat_config_last_reload_successful 1`)
	if _, err := stop(); err != nil {
		t.Error(err)
	}
}

// A corrected rule counts at once for what is stored.
func TestReloadOfARuleComparesAnew(t *testing.T) {
	t.Parallel()
	r := quiet(t, rigOptions{noOne: []string{"dvc", "kt-book", "tp-book"}})
	r.books["kt-book"].put(openRow("A-01", "KT").closed(r.now()))
	r.read(t)
	r.compared(t)
	r.o.rules = "{grace: {default: 0h}}"
	r.write(t, "doisoat.yaml", r.config())
	if err := r.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	counts, err := r.queue.Pending(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(counts, func(c jobs.Count) bool { return c.Kind == jobs.KindReconcile }) {
		t.Errorf("waiting jobs: %v, want a reconciliation by the new rules", counts)
	}
	run := r.compared(t)
	if run == nil || !run.Summary.Full || r.states(t, "A-01")[reconcile.ResolvedNotClosed] != "open" {
		t.Errorf("run %+v, standing %v; want everything compared by the new grace", run, r.states(t, "A-01"))
	}
}

func TestTenancyClosesWhatNobodyUses(t *testing.T) {
	t.Parallel()
	closed := make(chan string, 4)
	named := func(name string) *App {
		a := &App{}
		a.closing(name, func() error { closed <- name; return nil })
		return a
	}
	var tenants tenancy
	first, second := named("first"), named("second")
	if err := tenants.swap(first); err != nil {
		t.Fatal(err)
	}
	used, done := tenants.take()
	if err := tenants.swap(second); err != nil {
		t.Fatal(err)
	}
	if now, doneToo := tenants.take(); used != first || now != second {
		t.Error("who came before the change keeps the first, who comes after gets the second")
		doneToo()
	} else {
		doneToo()
		doneToo() // twice is once
	}
	select {
	case name := <-closed:
		t.Fatalf("%s was closed while it was used", name)
	default:
	}
	done()
	if name := <-closed; name != "first" {
		t.Errorf("%s was closed, want the first", name)
	}
	if err := tenants.end(time.Minute); err != nil {
		t.Error(err)
	}
	if name := <-closed; name != "second" {
		t.Errorf("%s was closed, want the second", name)
	}
	if app, _ := tenants.take(); app != nil {
		t.Error("there is one in force after the end")
	}
	if err := tenants.swap(named("third")); !errors.Is(err, errEnding) {
		t.Errorf("swap after the end: %v", err)
	}
}
