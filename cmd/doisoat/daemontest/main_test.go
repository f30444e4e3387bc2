package daemontest

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
)

// program is the binary under test.
var program string

func TestMain(m *testing.M) {
	flag.Parse()
	// The tests here wait more than they work.
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		if err := parallel.Value.Set(strconv.Itoa(2 * runtime.GOMAXPROCS(0))); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(buildAndRun(m))
}

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
