// Package systemd_test holds the units to what they promise: systemd reads them
// without a word, they are shut in, and the timer's hour is Vietnam's. That they
// really start, reload and stop the program is tested by deploy/deb, which boots a
// system with them.
package systemd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var units = []string{"doisoat.service", "doisoat-reconcile.service", "doisoat-reconcile.timer"}

// analyze runs systemd-analyze, and gives what it printed.
func analyze(t *testing.T, env []string, args ...string) (string, error) {
	t.Helper()
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("systemd-analyze is missing; run: .ci/need systemd-analyze=systemd")
		}
		t.Skip("systemd-analyze is missing; run: .ci/need systemd-analyze=systemd")
	}
	cmd := exec.Command(tool, args...)
	cmd.Env = append(os.Environ(), append([]string{"LC_ALL=C", "SYSTEMD_COLORS=0", "SYSTEMD_PAGER=cat"}, env...)...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// copyUnits puts the units where the program that they name exists.
func copyUnits(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "doisoat")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range units {
		text := strings.ReplaceAll(read(t, name), "/usr/bin/doisoat", program)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestSystemdReadsTheUnitsWithoutAWord(t *testing.T) {
	dir := copyUnits(t)
	for _, name := range units {
		t.Run(name, func(t *testing.T) {
			out, err := analyze(t, nil, "verify", "--man=no", "--recursive-errors=no", filepath.Join(dir, name))
			if err != nil || strings.TrimSpace(out) != "" {
				t.Errorf("systemd-analyze verify: %v\n%s", err, out)
			}
		})
	}
}

func TestVerifyWouldTell(t *testing.T) {
	dir := copyUnits(t)
	path := filepath.Join(dir, "doisoat.service")
	if err := os.WriteFile(path, []byte(strings.Replace(read(t, "doisoat.service"), "ProtectSystem=strict", "ProtectSistem=strict", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := analyze(t, nil, "verify", "--man=no", "--recursive-errors=no", path)
	if !strings.Contains(out, "ProtectSistem") {
		t.Errorf("a misspelt key was not told:\n%s", out)
	}
}

// The drop-in is an example: with every line of it in force the units must be
// readable still.
func TestTheExampleDropInIsReadable(t *testing.T) {
	dir := copyUnits(t)
	all := regexp.MustCompile(`(?m)^#([A-Z][A-Za-z]+=)`).ReplaceAllString(read(t, "drop-in.example.conf"), "$1")
	if !strings.Contains(all, "\nIPAddressDeny=any\n") || !strings.Contains(all, "\nLoadCredential=store:") {
		t.Fatalf("not every line is in force:\n%s", all)
	}
	for _, name := range units[:2] {
		folder := filepath.Join(dir, name+".d")
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "site.conf"), []byte(all), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := analyze(t, nil, "verify", "--man=no", "--recursive-errors=no", filepath.Join(dir, name))
		if err != nil || strings.TrimSpace(out) != "" {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestServicesAreShutIn(t *testing.T) {
	dir := copyUnits(t)
	for _, name := range units[:2] {
		t.Run(name, func(t *testing.T) {
			// The threshold is in tenths: above 1.5 it fails.
			out, err := analyze(t, nil, "security", "--offline=true", "--threshold=15", filepath.Join(dir, name))
			if err != nil {
				t.Errorf("more than 1.5 exposed: %v\n%s", err, out)
			}
			if !strings.Contains(out, "Overall exposure level for "+name) {
				t.Errorf("no verdict in:\n%s", out)
			}
		})
	}
}

func TestBothServicesAreShutInAlike(t *testing.T) {
	// What the one-shot need not have, or has of its own.
	own := regexp.MustCompile(`^(Type|ExecStart|ExecReload|Restart\w*|KillMode|Runtime\w+|SuccessExitStatus|Timeout\w+|ProcSubset)=`)
	settings := func(name string) (all []string) {
		_, service, _ := strings.Cut(read(t, name), "[Service]\n")
		service, _, _ = strings.Cut(service, "\n[Install]")
		for line := range strings.Lines(service) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' && !own.MatchString(line) {
				all = append(all, line)
			}
		}
		slices.Sort(all)
		return all
	}
	if diff := cmp.Diff(settings(units[0]), settings(units[1])); diff != "" {
		t.Errorf("%s (-) and %s (+):\n%s", units[0], units[1], diff)
	}
}

func TestTheNightIsVietnams(t *testing.T) {
	line := regexp.MustCompile(`(?m)^OnCalendar=(.*)$`).FindStringSubmatch(read(t, "doisoat-reconcile.timer"))
	if line == nil {
		t.Fatal("no OnCalendar=")
	}
	// On the first of November New York leaves daylight time: the hour of a host's
	// zone would move, and must not.
	for _, tt := range []struct{ name, base, want string }{
		{"in daylight time", "2026-10-30 12:00:00 UTC", "Fri 2026-10-30 18:00:00 UTC"},
		{"in the night of the change", "2026-10-31 19:00:00 UTC", "Sun 2026-11-01 18:00:00 UTC"},
		{"afterwards", "2026-11-02 12:00:00 UTC", "Mon 2026-11-02 18:00:00 UTC"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, zone := range []string{"UTC", "America/New_York", "Asia/Ho_Chi_Minh"} {
				out, err := analyze(t, []string{"TZ=" + zone}, "calendar", "--base-time="+tt.base, line[1])
				if err != nil {
					t.Fatalf("%v\n%s", err, out)
				}
				if !strings.Contains(out, tt.want) {
					t.Errorf("TZ=%s: want %s in\n%s", zone, tt.want, out)
				}
			}
		})
	}
}

func TestTheTimerMakesUpForAMissedNight(t *testing.T) {
	if !strings.Contains(read(t, "doisoat-reconcile.timer"), "\nPersistent=true\n") {
		t.Error("Persistent=true is not there")
	}
}
