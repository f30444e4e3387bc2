package daemontest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a doisoat serve that was started here.
type process struct {
	t      testing.TB
	cmd    *exec.Cmd
	ended  chan struct{}
	client *http.Client
	scheme string

	meant bool // to end: it was killed or told to

	mu    sync.Mutex
	lines []string // all it wrote to standard error
	addr  string   // once it said where it listens
}

// announced is how the daemon says where it listens.
const announced = "doisoat listens at "

// launch starts a daemon on the configuration and returns at once. It is killed
// when the test ends, also where that is by the deadline of go test.
func launch(t testing.TB, config string, env ...string) *process {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background()) // not the test's, which is done before the clean-up begins
	if deadline, ok := deadlineOf(t); ok {
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-5*time.Second))
	}
	p := &process{t: t, ended: make(chan struct{}), client: &http.Client{Timeout: 20 * time.Second}, scheme: "http"}
	p.cmd = exec.CommandContext(ctx, program, "serve", "--config", config, "--log-level", "info")
	p.cmd.Env = append(os.Environ(), env...)
	said, err := p.cmd.StderrPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		cancel()
		t.Fatalf("%s serve: %v", program, err)
	}
	go func() {
		defer close(p.ended)
		p.listen(said)
		_ = p.cmd.Wait() // how it ended is asked of the process's state
		cancel()
	}()
	t.Cleanup(func() {
		meant := p.meant // to be gone by now
		p.kill()
		if t.Failed() && !meant {
			t.Logf("the daemon, pid %d, ended with %q; its last words:\n%s", p.pid(), p.cmd.ProcessState, p.tail(60))
		}
		p.client.CloseIdleConnections()
	})
	return p
}

func deadlineOf(t testing.TB) (time.Time, bool) {
	if d, ok := t.(interface{ Deadline() (time.Time, bool) }); ok {
		return d.Deadline()
	}
	return time.Time{}, false
}

// start launches a daemon and waits until it is ready.
func start(t testing.TB, config string, env ...string) *process {
	t.Helper()
	p := launch(t, config, env...)
	p.awaitReady()
	return p
}

func (p *process) awaitReady() {
	p.t.Helper()
	within(p.t, 30*time.Second, "the daemon is ready", func() error {
		_, err := p.get("/-/ready")
		return err
	})
}

// listen keeps what the process writes.
func (p *process) listen(r io.Reader) {
	for lines := bufio.NewReader(r); ; {
		line, err := lines.ReadString('\n')
		if line = strings.TrimRight(line, "\n"); line != "" {
			p.mu.Lock()
			p.lines = append(p.lines, line)
			if addr, ok := strings.CutPrefix(line, announced); ok {
				p.addr = addr
			}
			p.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// said gives the lines that hold all of the words.
func (p *process) said(words ...string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []string
	for _, line := range p.lines {
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(line, word) }) {
			found = append(found, line)
		}
	}
	return found
}

// tail is the last lines it wrote, or where it crashed the first ones of that.
func (p *process) tail(n int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	crash := slices.IndexFunc(p.lines, func(line string) bool {
		return strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") || strings.HasPrefix(line, "unexpected fault address")
	})
	if crash >= 0 {
		return strings.Join(p.lines[max(0, crash-3):min(len(p.lines), crash+2*n)], "\n")
	}
	return strings.Join(p.lines[max(0, len(p.lines)-n):], "\n")
}

// kill is kill -9, and waits until the process is gone.
func (p *process) kill() {
	p.meant = !p.hasEnded()
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.ended
}

func (p *process) signal(s syscall.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatalf("signal %s: %v", s, err)
	}
}

// end asks the daemon to end and gives how long it took; it must not fail.
func (p *process) end(limit time.Duration) time.Duration {
	p.t.Helper()
	began := time.Now()
	p.signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(limit):
		p.t.Fatalf("still there %s after SIGTERM:\n%s", limit, p.tail(40))
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		p.t.Fatalf("after SIGTERM it ended with %s:\n%s", p.cmd.ProcessState, p.tail(40))
	}
	p.meant = true
	return time.Since(began)
}

// base is where the daemon answers; "" while it has not said so.
func (p *process) base() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.addr == "" {
		return ""
	}
	return p.scheme + "://" + p.addr
}

// answer is what the daemon answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// ask sends a request, changed as wanted.
func (p *process) ask(method, path string, change func(*http.Request)) (answer, error) {
	base := p.base()
	if base == "" && p.hasEnded() {
		return answer{}, stop(fmt.Errorf("the daemon has ended: %s", p.cmd.ProcessState))
	}
	if base == "" {
		return answer{}, errors.New("it has not said where it listens")
	}
	request, err := http.NewRequestWithContext(context.Background(), method, base+path, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	if change != nil {
		change(request)
	}
	reply, err := p.client.Do(request)
	if err != nil && p.hasEnded() {
		err = stop(fmt.Errorf("the daemon has ended: %s: %w", p.cmd.ProcessState, err))
	}
	if err != nil {
		return answer{}, err
	}
	defer reply.Body.Close()
	body, err := io.ReadAll(reply.Body)
	return answer{reply.StatusCode, reply.Header, body}, err
}

// get reads a path; every status but 200 is an error.
func (p *process) get(path string) ([]byte, error) {
	a, err := p.ask(http.MethodGet, path, nil)
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("%s: %d: %s", path, a.status, bytes.TrimSpace(a.body))
	}
	return a.body, err
}

func (p *process) mustGet(path string) []byte {
	p.t.Helper()
	body, err := p.get(path)
	if err != nil {
		p.t.Fatal(err)
	}
	return body
}

// getJSON reads a path into a value.
func (p *process) getJSON(path string, into any) {
	p.t.Helper()
	if err := json.Unmarshal(p.mustGet(path), into); err != nil {
		p.t.Fatalf("%s: %v", path, err)
	}
}

// metric adds up the series of a metric that carry all of the labels (name="value").
// found is false where there are none.
func (p *process) metric(name string, labels ...string) (sum float64, found bool, err error) {
	page, err := p.get("/metrics")
	if err != nil {
		return 0, false, err
	}
	for line := range strings.Lines(string(page)) {
		series, value, ok := strings.Cut(strings.TrimSpace(line), "} ")
		if !ok {
			if series, value, ok = strings.Cut(strings.TrimSpace(line), " "); !ok {
				continue
			}
		}
		if series != name && !strings.HasPrefix(series, name+"{") {
			continue
		}
		if slices.ContainsFunc(labels, func(l string) bool { return !strings.Contains(series, l) }) {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, false, fmt.Errorf("%s: %w", line, err)
		}
		sum, found = sum+n, true
	}
	return sum, found, nil
}

// value is a metric that must be there.
func (p *process) value(name string, labels ...string) float64 {
	p.t.Helper()
	v, found, err := p.metric(name, labels...)
	if err != nil || !found {
		p.t.Fatalf("metric %s %v: found %v, %v", name, labels, found, err)
	}
	return v
}

// has is an error while a metric differs from what is wanted.
func (p *process) has(want float64, name string, labels ...string) error {
	v, found, err := p.metric(name, labels...)
	if err == nil && (v != want || !found) {
		err = fmt.Errorf("%s %v is %v (there: %v), not %v", name, labels, v, found, want)
	}
	return err
}

// paused does something while the daemon stands still.
func (p *process) paused(do func()) {
	p.signal(syscall.SIGSTOP)
	defer p.signal(syscall.SIGCONT)
	do()
}
