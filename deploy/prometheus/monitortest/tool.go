package monitortest

import (
	"os"
	"os/exec"
	"testing"
)

// Tool finds a program of the Debian packages prometheus (promtool, prometheus) and
// prometheus-alertmanager (amtool, prometheus-alertmanager). Where it is missing the
// test is skipped, but fails where a machine runs it: a suite that vanished must not
// look like one that passed.
func Tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") != "":
		t.Fatalf("%s is not installed: run the tests by `make test`, which installs it", name)
	}
	t.Skipf("%s is not installed: run `make test`, or apt-get install prometheus prometheus-alertmanager", name)
	return ""
}

// Run runs a tool to its end in the folder and gives all it wrote; ok tells whether
// it was content.
func Run(t testing.TB, folder, tool string, args ...string) (out string, ok bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), Tool(t, tool), args...)
	cmd.Dir = folder
	said, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState == nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return string(said), err == nil
}
