package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// The targets of the daemon's steady state, by the issue that asks for it.
const (
	steadyAtMost  = 200 * time.Millisecond // an incremental poll of a thousand changes, taken in and compared
	scrapeAtMost  = 10 * time.Millisecond  // the 99th percentile
	restAtMost    = 250_000_000            // bytes resident
	scrapesASec   = 20
	scrapeFor     = 10 * time.Second
	steadyPatient = 20 * time.Minute // for the first full run
)

// steadyResult is what was measured of one store.
type steadyResult struct {
	store    string
	polls    []time.Duration // reading, taking in and comparing, of each round
	scrapes  []time.Duration
	resident int64
}

// steady measures the daemon at rest, and with a thousand changes at a time, on
// both stores.
func steady(ctx context.Context, m machine, o options, stdout, stderr io.Writer) error {
	program, err := buildProduct(ctx, o.dir)
	if err != nil {
		return err
	}
	w, err := newSteadyWorld(ctx, o.dir, o.dossiers)
	if err != nil {
		return err
	}
	defer w.office.Close() //nolint:errcheck // nothing is kept in it
	t := table{
		title:  fmt.Sprintf("doisoat serve, %s dossiers a side stored (%s)", count(int64(o.dossiers)), m),
		header: []string{"", "1,000 changes, ms", "slowest, ms", "wanted", "", "scrape p99, ms", "wanted", "", "resident MB", "wanted", ""},
	}
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		fmt.Fprintf(stderr, "bench: steady state on %s\n", kind)
		r, err := steadyOn(ctx, m, w, program, kind, o.runs)
		if err != nil {
			return fmt.Errorf("steady state on %s: %w", kind, err)
		}
		middle, p99 := percentile(r.polls, 50), percentile(r.scrapes, 99)
		t.add(kind, millisecondsOf(middle), millisecondsOf(slices.Max(r.polls)), "≤ 200", met(middle <= steadyAtMost),
			millisecondsOf(p99), "≤ 10", met(p99 <= scrapeAtMost), megabytes(r.resident), "≤ 250", met(r.resident <= restAtMost))
	}
	t.notes = append(t.notes, fmt.Sprintf("Medians of %d incremental polls: reading, taking in and comparing, of the daemon's own log. %d scrapes a second for %s.",
		steadyRounds(o.runs), scrapesASec, scrapeFor))
	return t.write(stdout, o.markdown)
}

func steadyRounds(runs int) int { return 4*runs + 1 }

func millisecondsOf(d time.Duration) string {
	return strconv.FormatFloat(float64(d.Microseconds())/1000, 'f', 1, 64)
}

func percentile(list []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[min(len(sorted)-1, len(sorted)*p/100)]
}

func steadyOn(ctx context.Context, m machine, w *steadyWorld, program, kind string, runs int) (r steadyResult, err error) {
	store, end, err := emptyStore(ctx, w.dir, kind)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, end()) }()
	config, err := w.configure(store)
	if err != nil {
		return r, err
	}
	d, err := startDaemon(ctx, m, program, config)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	if _, err := d.until(ctx, steadyPatient, func(l logLine) bool { return l.Msg == "run" && l.Kind == "nightly" }); err != nil {
		return r, err
	}
	for range steadyRounds(runs) {
		took, err := d.round(ctx, w)
		if err != nil {
			return r, err
		}
		r.polls = append(r.polls, took)
	}
	if r.scrapes, err = d.scrape(ctx); err != nil {
		return r, err
	}
	r.resident, err = residentOf(d.cmd.Process.Pid)
	return r, err
}

// emptyStore makes a store of a kind for a daemon whose configuration is in dir.
func emptyStore(ctx context.Context, dir, kind string) (url string, end func() error, err error) {
	if kind == "PostgreSQL" {
		p, err := postgresPeer(ctx)
		if err != nil {
			return "", nil, err
		}
		return p.url, p.close, nil
	}
	for _, part := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(dir, "store.db"+part)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", nil, err
		}
	}
	return "sqlite:store.db", noClosing, nil
}

// logLine is what the daemon logs of a poll or a run, in JSON.
type logLine struct {
	Msg      string  `json:"msg"`
	Kind     string  `json:"kind"`
	Source   string  `json:"source"`
	Mode     string  `json:"mode"`
	Rows     int     `json:"rows"`
	Examined int     `json:"examined"`
	Opened   int     `json:"opened"`
	Seconds  float64 `json:"seconds"`
	Storing  float64 `json:"storing_seconds"`
	Address  string  `json:"address"`
	Level    string  `json:"level"`
	Error    string  `json:"error"`
}

type daemon struct {
	cmd     *exec.Cmd
	lines   chan logLine
	address string
}

func startDaemon(ctx context.Context, m machine, program, config string) (*daemon, error) {
	line := slices.Concat(m.pin, []string{program, "serve", "--config", config, "--log-format", "json"})
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.Dir = filepath.Dir(config)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	log, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	d := &daemon{cmd: cmd, lines: make(chan logLine, 1<<16)}
	go func() {
		defer close(d.lines)
		scanner := bufio.NewScanner(log)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			var l logLine
			if json.Unmarshal(scanner.Bytes(), &l) != nil { // for people: its first line, and its last
				l.Msg = scanner.Text()
			}
			d.lines <- l
		}
	}()
	ready, err := d.until(ctx, time.Minute, func(l logLine) bool { return l.Msg == "ready" })
	if err != nil {
		return nil, errors.Join(err, d.stop())
	}
	d.address = ready.Address
	return d, nil
}

func (d *daemon) stop() error {
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	for range d.lines { // the pipe must be empty before Wait
	}
	return d.cmd.Wait()
}

// until reads the log up to the line that is waited for.
func (d *daemon) until(ctx context.Context, patience time.Duration, is func(logLine) bool) (logLine, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	var last logLine
	for {
		select {
		case l, ok := <-d.lines:
			switch {
			case !ok:
				return l, fmt.Errorf("the daemon ended: %s %s", last.Msg, last.Error)
			case is(l):
				return l, nil
			}
			last = l
		case <-timer.C:
			return last, fmt.Errorf("nothing came for %s; last: %+v", patience, last)
		case <-ctx.Done():
			return last, ctx.Err()
		}
	}
}

// round changes a thousand dossiers and tells how long the daemon took to read
// them, take them in and compare them.
func (d *daemon) round(ctx context.Context, w *steadyWorld) (time.Duration, error) {
	if err := w.change(ctx, changedDossiers); err != nil {
		return 0, err
	}
	poll, err := d.until(ctx, time.Minute, func(l logLine) bool { return l.Msg == "poll" && l.Source == "office" && l.Rows >= changedDossiers })
	if err != nil {
		return 0, err
	}
	if poll.Mode != "incremental" {
		return 0, fmt.Errorf("the poll was %s", poll.Mode)
	}
	run, err := d.until(ctx, time.Minute, func(l logLine) bool { return l.Msg == "run" && l.Examined >= changedDossiers })
	if err != nil {
		return 0, err
	}
	return time.Duration((poll.Seconds + poll.Storing + run.Seconds) * float64(time.Second)), nil
}

// scrape asks for the metrics at a steady rate, as Prometheus does.
func (d *daemon) scrape(ctx context.Context) ([]time.Duration, error) {
	ticker := time.NewTicker(time.Second / scrapesASec)
	defer ticker.Stop()
	var list []time.Duration
	for len(list) < int(scrapeFor.Seconds())*scrapesASec {
		<-ticker.C
		began := time.Now()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+d.address+"/metrics", nil)
		if err != nil {
			return nil, err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return nil, err
		}
		_, err = io.Copy(io.Discard, response.Body)
		if err = errors.Join(err, response.Body.Close()); err != nil {
			return nil, err
		}
		list = append(list, time.Since(began))
	}
	return list, nil
}

// cpuOf is the processor time that a process took so far.
func cpuOf(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name before may hold anything
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("no processor time")
	}
	var ticks int64
	for _, field := range fields[11:13] { // user and system time
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil // Linux counts a hundred a second for all programs
}

// residentOf is the resident memory of a process in bytes.
func residentOf(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb * 1024, err
		}
	}
	return 0, errors.New("no VmRSS")
}
