package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"doisoat": main})
}

// TestScripts runs the program as people do: in a folder of its own, against a
// platform over HTTP and offices in files. Every script in testdata/script
// reads like what the main job promises. Beside testscript's own commands:
//
//	world sample|N [key=value …]   lay out a world here and play its platform (worldcmd_test.go)
//	platform remove code           a dossier vanishes from the platform (worldcmd_test.go)
//	faults [fault …]               what goes wrong with the platform from now on; nothing, if left out
//	struck fault …                 each of these has really happened
//	change-office file code k=v …  a clerk corrects a row
//	tables store file [name …]     every row of these tables, in a file; all but the run's own bookkeeping
//	sql file query                 what a query gives
//	jsoncmp truth.json out.json    the result is the truth: discrepancies, or the report's tables
//	json file path [variable]      one value out of JSON
//	exits N program …              the program ends with this status
//	fits N file                    no line is wider
//	freeaddr VARIABLE              a free address of this machine (daemoncmd_test.go)
//	ask METHOD path status regexp  until the daemon at $ADDR answers so (daemoncmd_test.go)
func TestScripts(t *testing.T) {
	plain := ""
	if raced {
		plain = t.TempDir()
		if out, err := exec.Command("go", "build", "-o", filepath.Join(plain, "doisoat"), ".").CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Values[played{}] = &stage{}
			// Where much happens at once, the race detector watches; elsewhere it
			// would only cost minutes.
			if script := strings.TrimPrefix(filepath.Base(e.WorkDir), "script-"); plain != "" && !slices.Contains(watched, script) {
				e.Setenv("PATH", plain+string(filepath.ListSeparator)+e.Getenv("PATH"))
			}
			e.Setenv("ASOF", "2018-07-02T08:00:00+07:00")
			e.Setenv("HOME", e.WorkDir)
			return os.MkdirAll(e.Getenv("TMPDIR"), 0o755)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"world": cmdWorld, "platform": cmdPlatform, "faults": cmdFaults, "struck": cmdStruck, "change-office": cmdChangeOffice,
			"tables": cmdTables, "sql": cmdSQL, "jsoncmp": cmdJSONCmp, "json": cmdJSON, "exits": cmdExits, "fits": cmdFits,
			"freeaddr": cmdFreeAddr, "ask": cmdAsk,
		},
	})
}

// watched are the scripts that run under the race detector where the tests do.
var watched = []string{"faults-survived", "terminal"}

// cmdExits runs a program and holds its exit status against the first argument.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N program [argument …]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if out, text := ts.Getenv("out"), ts.ReadFile("stdout"); out != "" {
		ts.Check(os.WriteFile(ts.MkAbs(out), []byte(text), 0o644))
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// cmdFits holds the width of every line, in characters, against the first argument.
func cmdFits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fits N file")
	}
	most, err := strconv.Atoi(args[0])
	ts.Check(err)
	var wide []string
	for i, line := range strings.Split(ts.ReadFile(args[1]), "\n") {
		n := 0
		for _, r := range line {
			if !unicode.Is(unicode.Mn, r) { // decomposed Vietnamese: the mark stands above its letter
				n++
			}
		}
		if n > most {
			wide = append(wide, fmt.Sprintf("line %d has %d characters: %s", i+1, n, line))
		}
	}
	if len(wide) > 0 {
		ts.Fatalf("wider than %d:\n%s", most, strings.Join(wide, "\n"))
	}
}
