package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// usage is what one whole process took.
type usage struct {
	Wall, CPU time.Duration // CPU is user and system time together
	Peak      int64         // resident memory, bytes
}

// machine runs processes on two of its processors.
type machine struct {
	pin  []string // command that pins what follows it; empty where there is none
	self string   // this program
}

// cores are the processors every measured process is pinned to.
const cores = "0,1"

func newMachine(ctx context.Context) (machine, error) {
	self, err := os.Executable()
	if err != nil {
		return machine{}, fmt.Errorf("bench: its own path: %w", err)
	}
	m := machine{self: self}
	if taskset, err := exec.LookPath("taskset"); err == nil {
		// A container may not have these two processors.
		if exec.CommandContext(ctx, taskset, "-c", cores, self, "-help").Run() == nil {
			m.pin = []string{taskset, "-c", cores}
		}
	}
	return m, nil
}

// String tells what the figures were taken on.
func (m machine) String() string {
	where := "GOMAXPROCS=2, not pinned: there is no taskset here"
	if len(m.pin) > 0 {
		where = "pinned to processors " + cores
	}
	return fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), where)
}

// run runs a command in a folder to its end and measures it. An exit status
// other than 0 is an error that holds what the command said.
//
// The kernel counts what a process had in memory before it became the command
// into its peak, and that is this program: whatever is large runs in a process
// of its own, so that this one stays far smaller than all it measures.
func (m machine) run(ctx context.Context, dir, name string, args ...string) (usage, []byte, error) {
	line := slices.Concat(m.pin, []string{name}, args)
	cmd := exec.CommandContext(ctx, line[0], line[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2")
	// An interrupted process is asked, so that it can tidy up.
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	started := time.Now()
	err := cmd.Run()
	u := usage{Wall: time.Since(started)}
	if err != nil {
		return u, nil, fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, tail(stderr.String()))
	}
	u.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.Peak = peakBytes(int64(r.Maxrss), runtime.GOOS)
	}
	return u, stdout.Bytes(), nil
}

// peakBytes turns ru_maxrss into bytes: macOS counts bytes, all others kilobytes.
func peakBytes(maxrss int64, system string) int64 {
	if system == "darwin" || system == "ios" {
		return maxrss
	}
	return maxrss << 10
}

// tail is the end of what a command said.
func tail(text string) string {
	text = strings.TrimSpace(text)
	if len(text) > 2000 {
		text = "…" + text[len(text)-2000:]
	}
	return text
}

// median of an odd number is the middle one, of an even number the mean of the two.
func median[T ~int64 | ~float64](list []T) T {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return (sorted[mid-1] + sorted[mid]) / 2
}

// middle is the median of each figure by itself.
func middle(list []usage) usage {
	pick := func(of func(usage) int64) int64 {
		values := make([]int64, len(list))
		for i, u := range list {
			values[i] = of(u)
		}
		return median(values)
	}
	return usage{
		Wall: time.Duration(pick(func(u usage) int64 { return int64(u.Wall) })),
		CPU:  time.Duration(pick(func(u usage) int64 { return int64(u.CPU) })),
		Peak: pick(func(u usage) int64 { return u.Peak }),
	}
}
