package daemontest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// program is the binary under test.
var program string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

// buildAndRun builds the program once, the way it is released: without the race
// detector, which watches the same code in cmd/internal/app's own tests.
func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "doisoat-daemontest-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "doisoat")
	build := exec.Command("go", "build", "-trimpath", "-o", program, "github.com/doisoat/doisoat/cmd/doisoat")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}
