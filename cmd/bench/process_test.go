package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		name string
		list []float64
		want float64
	}{
		{"nothing", nil, 0},
		{"one", []float64{3}, 3},
		{"an odd number, out of order", []float64{9, 1, 5}, 5},
		{"an even number: the mean of the middle two", []float64{8, 1, 2, 4}, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := append([]float64(nil), c.list...)
			if got := median(c.list); got != c.want {
				t.Errorf("median(%v) = %v, want %v", c.list, got, c.want)
			}
			if diff := cmp.Diff(before, c.list); diff != "" {
				t.Errorf("the list was reordered:\n%s", diff)
			}
		})
	}
}

func TestMiddleTakesEachFigureByItself(t *testing.T) {
	got := middle([]usage{
		{Wall: 3 * time.Second, CPU: time.Second, Peak: 200},
		{Wall: time.Second, CPU: 2 * time.Second, Peak: 300},
		{Wall: 2 * time.Second, CPU: 3 * time.Second, Peak: 100},
	})
	if want := (usage{2 * time.Second, 2 * time.Second, 200}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestPeakIsInBytes(t *testing.T) {
	if got := peakBytes(1024, "linux"); got != 1<<20 {
		t.Errorf("linux counts kilobytes: 1024 of them are %d", got)
	}
	if got := peakBytes(1024, "darwin"); got != 1024 {
		t.Errorf("darwin counts bytes: 1024 of them are %d", got)
	}
}

func TestRunMeasuresTheProcess(t *testing.T) {
	dir := t.TempDir()
	u, stdout, err := machine{}.run(context.Background(), dir, "sh", "-c", "pwd; echo $GOMAXPROCS")
	if err != nil {
		t.Fatal(err)
	}
	resolved, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := resolved + "\n2\n"; string(stdout) != want && string(stdout) != dir+"\n2\n" {
		t.Errorf("it said %q, want %q", stdout, want)
	}
	if u.Wall <= 0 || u.Peak < 100<<10 {
		t.Errorf("%+v: a shell takes some time and some memory", u)
	}
}

func TestRunTellsWhatAFailedProcessSaid(t *testing.T) {
	_, _, err := machine{}.run(context.Background(), "", "sh", "-c", "echo no room >&2; exit 3")
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "no room") {
		t.Errorf("error %v, want the status and what it said", err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	if got := tail(" short \n"); got != "short" {
		t.Errorf("%q", got)
	}
	if got := tail(strings.Repeat("x", 5000) + "end"); len(got) > 2010 || !strings.HasSuffix(got, "end") {
		t.Errorf("%d bytes, ending in %q", len(got), got[len(got)-3:])
	}
}

func TestFingerprintsCountEveryLine(t *testing.T) {
	long := strings.Repeat("y", 100_000)
	for _, c := range []struct {
		name, text string
		lines      int
	}{
		{"empty", "", 0},
		{"line ends at the end", "a\nb\n", 2},
		{"last line without an end", "a\nb", 2},
		{"lines across the buffer's edge", long + "\n" + long + "\n" + long + "\n" + long, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "f.csv")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			lines, sum, err := fingerprints(path)
			if err != nil || lines != c.lines || (sum == 0) != (c.lines == 0) {
				t.Errorf("%d lines, sum %x, error %v; want %d lines", lines, sum, err, c.lines)
			}
		})
	}
}

func TestFlags(t *testing.T) {
	o, err := parseFlags([]string{"-dossiers", "10000000", "-markdown", "-dir", "/x"}, &strings.Builder{})
	if want := (options{dossiers: 10_000_000, runs: 3, rows: 100_000, dir: "/x", markdown: true}); err != nil || o != want {
		t.Errorf("%+v, %v; want %+v", o, err, want)
	}
	for _, bad := range [][]string{
		{"-dossiers", "5"}, {"-dossiers", "-1"}, {"-rows", "-1"}, {"-runs", "0"}, {"reconcile"}, {"-nope"},
	} {
		if _, err := parseFlags(bad, &strings.Builder{}); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
}
