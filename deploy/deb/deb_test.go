// Package deb_test builds the Debian package and lives with it: what is in it, its
// installation, upgrade, removal and purge by the real dpkg, and its services under
// the real systemd, booted in a throw-away copy of this machine's system. Nothing of
// the machine itself is changed.
package deb_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// need skips, or under CI fails, where a tool is missing.
func need(t *testing.T, tool, packages string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		withhold(t, tool+" is missing; run: .ci/need "+tool+"="+packages)
	}
}

// withhold ends a test that cannot be made here.
func withhold(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// needOwnSystem is for tests that lay a copy of the system over memory.
func needOwnSystem(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root may mount a system of its own")
	}
	need(t, "unshare", "util-linux")
	try := exec.Command("unshare", "--mount", "bash", "-c", `. testdata/overlay.sh; test -x "$root/bin/sh"`)
	if out, err := try.CombinedOutput(); err != nil {
		t.Skip("no system of its own can be mounted here: " + err.Error() + "\n" + string(out))
	}
}

// run runs a command, with variables added to its environment, and gives its
// standard output. Its standard error is shown where it fails.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	var told bytes.Buffer
	cmd.Stderr = &told
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", strings.Join(cmd.Args, " "), err, out, told.Bytes())
	}
	return string(out)
}

// built gives two packages, the second one's version the higher.
func built(t *testing.T) (older, newer string) {
	t.Helper()
	need(t, "dpkg-deb", "dpkg")
	dir := t.TempDir()
	env := []string{"VERSION=v1.0.0", "BINARY=" + program(t), "MAINTAINER=Tester <tester@example.vn>"}
	older = strings.TrimSpace(run(t, env, "./build", dir))
	env[0] = "VERSION=v1.1.0"
	return older, strings.TrimSpace(run(t, env, "./build", dir))
}

// program is a static doisoat, built once for both packages; or the one that
// DOISOAT_TEST_BINARY names.
func program(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("DOISOAT_TEST_BINARY"); path != "" {
		return path
	}
	path := filepath.Join(t.TempDir(), "doisoat")
	run(t, []string{"CGO_ENABLED=0"}, "go", "build", "-trimpath", "-o", path, "../../cmd/doisoat")
	return path
}

// listed is the package's content: path → mode and owner.
func listed(t *testing.T, deb string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for line := range strings.Lines(run(t, []string{"LC_ALL=C"}, "dpkg-deb", "--contents", deb)) {
		f := strings.Fields(line)
		all[strings.TrimPrefix(f[5], ".")] = f[0] + " " + f[1]
	}
	return all
}

func TestPackage(t *testing.T) {
	older, newer := built(t)
	t.Run("control", func(t *testing.T) { testControl(t, older) })
	t.Run("content", func(t *testing.T) { testContent(t, older) })
	t.Run("same bytes again", func(t *testing.T) { testSameBytes(t, older) })
	t.Run("lifecycle", func(t *testing.T) { testScript(t, older, newer, "lifecycle.sh", "ok: installed after a purge") })
	t.Run("booted", func(t *testing.T) {
		need(t, "systemd-nspawn", "systemd-container")
		testScript(t, older, newer, "boot.sh", "ok: removed and purged")
	})
}

func testControl(t *testing.T, deb string) {
	for field, want := range map[string]string{"Package": "doisoat", "Version": "1.0.0", "Depends": "adduser, ca-certificates, tzdata", "Maintainer": "Tester <tester@example.vn>"} {
		if got := strings.TrimSpace(run(t, nil, "dpkg-deb", "--field", deb, field)); got != want {
			t.Errorf("%s is %q, not %q", field, got, want)
		}
	}
	control := t.TempDir()
	run(t, nil, "dpkg-deb", "--control", deb, control)
	conffiles, err := os.ReadFile(filepath.Join(control, "conffiles"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("/etc/doisoat/doisoat.yaml\n", string(conffiles)); diff != "" {
		t.Errorf("conffiles (-want +got):\n%s", diff)
	}
	for _, script := range []string{"postinst", "prerm", "postrm"} {
		run(t, nil, "sh", "-n", filepath.Join(control, script))
		// What dpkg does not say must not pass as done.
		if out, err := exec.Command(filepath.Join(control, script), "nonsense").CombinedOutput(); err == nil && script != "postrm" {
			t.Errorf("%s takes an unknown argument: %s", script, out)
		}
	}
}

func testContent(t *testing.T, deb string) {
	all := listed(t, deb)
	for path, want := range map[string]string{
		"/usr/bin/doisoat":                                  "-rwxr-xr-x root/root",
		"/usr/sbin/doisoat-as-service":                      "-rwxr-xr-x root/root",
		"/usr/lib/systemd/system/doisoat.service":           "-rw-r--r-- root/root",
		"/usr/lib/systemd/system/doisoat-reconcile.service": "-rw-r--r-- root/root",
		"/usr/lib/systemd/system/doisoat-reconcile.timer":   "-rw-r--r-- root/root",
		"/etc/doisoat/":                                     "drwxr-x--- root/root",
		"/etc/doisoat/secrets/":                             "drwx------ root/root",
		"/etc/doisoat/doisoat.yaml":                         "-rw-r----- root/root",
		"/usr/share/doc/doisoat/copyright":                  "-rw-r--r-- root/root",
		"/usr/share/doc/doisoat/drop-in.example.conf":       "-rw-r--r-- root/root",
	} {
		if all[path] != want {
			t.Errorf("%s is %q, not %q", path, all[path], want)
		}
	}
	for path, mode := range all {
		if strings.Contains(mode[:10], "s") || mode[8] == 'w' {
			t.Errorf("%s is %s", path, mode)
		}
		if strings.HasPrefix(path, "/var/") {
			t.Errorf("%s is in the package: dpkg would own the state", path)
		}
	}
}

func testSameBytes(t *testing.T, deb string) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "doisoat")
	run(t, nil, "dpkg-deb", "--extract", deb, dir)
	if err := os.Rename(filepath.Join(dir, "usr/bin/doisoat"), binary); err != nil {
		t.Fatal(err)
	}
	env := []string{"VERSION=v1.0.0", "BINARY=" + binary, "MAINTAINER=Tester <tester@example.vn>"}
	again := strings.TrimSpace(run(t, env, "bash", "-c", "umask 077; exec ./build "+dir))
	if _, err := exec.Command("cmp", deb, again).CombinedOutput(); err != nil {
		t.Errorf("built again under another umask, the package differs:\n%s\n%s", listing(t, deb), listing(t, again))
	}
}

func listing(t *testing.T, deb string) string {
	t.Helper()
	return run(t, nil, "dpkg-deb", "--contents", deb)
}

// testScript runs a script of testdata in a mount namespace of its own. It prints
// one line for each thing that holds, last as its last.
func testScript(t *testing.T, older, newer, script, last string) {
	needOwnSystem(t)
	cmd := exec.Command("unshare", "--mount", "bash", filepath.Join("testdata", script), older, newer)
	cmd.WaitDelay = 5 * time.Second
	var out, told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &told
	err := cmd.Run()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	bad := slices.ContainsFunc(lines, func(l string) bool { return !strings.HasPrefix(l, "ok: ") })
	if err != nil || bad || lines[len(lines)-1] != last {
		t.Fatalf("%s: %v\n%s\n%s", script, err, out.Bytes(), told.Bytes())
	}
	for _, line := range lines {
		t.Log(line)
	}
}

func TestVersionsSortAsTheyWereMade(t *testing.T) {
	need(t, "dpkg", "dpkg")
	script, err := os.ReadFile("build")
	if err != nil {
		t.Fatal(err)
	}
	function := regexp.MustCompile(`(?ms)^package_version\(\) \{.*?^\}`).FindString(string(script))
	version := func(git string) string {
		return strings.TrimSpace(run(t, []string{"SOURCE_DATE_EPOCH=1795000000"}, "bash", "-euc", function+"\npackage_version "+git))
	}
	var all []string
	for _, tt := range []struct{ git, want string }{
		{"9db1a09", "0~20261118110640.9db1a09"},
		{"dev", "0~20261118110640.dev"},
		{"v0.9.0", "0.9.0"},
		{"v1.0.0-rc.1", "1.0.0~rc.1"},
		{"v1.0.0", "1.0.0"},
		{"v1.0.0-dirty", "1.0.0+dirty"},
		{"v1.0.0-4-gabc1234", "1.0.0+4.gabc1234"},
		{"v1.0.0-12-gabc1234-dirty", "1.0.0+12.gabc1234.dirty"},
		{"v1.0.1", "1.0.1"},
		{"v1.10.0", "1.10.0"},
	} {
		got := version(tt.git)
		if got != tt.want {
			t.Errorf("%s gives %s, not %s", tt.git, got, tt.want)
		}
		run(t, nil, "dpkg", "--validate-version", got)
		all = append(all, got)
	}
	// The first two are told apart by nothing; +dirty and +4 are one commit's neighbours.
	order := slices.Delete(slices.Clone(all[1:]), 4, 5)
	for i := range order[1:] {
		run(t, nil, "dpkg", "--compare-versions", order[i], "lt", order[i+1])
	}
}
