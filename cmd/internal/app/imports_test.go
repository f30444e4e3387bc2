package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestImportDirections holds which way imports run:
//
//	cmd/doisoat → cmd/internal → adapter/* and mappings → reconcile → standard library
//
// Run it with -count=1: go test does not see the files that go list reads, so a
// cached pass would hide a new fault.
func TestImportDirections(t *testing.T) {
	packages := listPackages(t)
	if len(packages) < 10 {
		t.Fatalf("go list names %d packages; is this the module's folder?", len(packages))
	}
	for _, fault := range importFaults(packages) {
		t.Error(fault)
	}
}

const module = "github.com/doisoat/doisoat"

// goPackage is what go list -json says of a package.
type goPackage struct {
	ImportPath, Name                   string
	Standard                           bool
	Imports, TestImports, XTestImports []string
	Deps                               []string // of the package without its tests, transitive
	Module                             *struct{ Path string }
}

// listPackages lists the module's packages and all that they and their tests
// import.
func listPackages(t *testing.T) []goPackage {
	t.Helper()
	where, err := exec.CommandContext(t.Context(), "go", "env", "GOMOD").Output()
	if err != nil {
		t.Fatalf("go env GOMOD: %v", err)
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-test",
		"-json=ImportPath,Name,Standard,Imports,TestImports,XTestImports,Deps,Module", "./...")
	list.Dir = filepath.Dir(strings.TrimSpace(string(where)))
	list.Env = append(os.Environ(), "CGO_ENABLED=0") // what is released
	var out, said bytes.Buffer
	list.Stdout, list.Stderr = &out, &said
	if err := list.Run(); err != nil {
		t.Fatalf("go list: %v\n%s", err, &said)
	}
	var packages []goPackage
	for in := json.NewDecoder(&out); ; {
		var p goPackage
		if err := in.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		// Of a package built for a test ("p [q.test]", "q.test") go list has told
		// all that matters here in the package's own entry.
		if !strings.HasSuffix(p.ImportPath, ".test") && !strings.Contains(p.ImportPath, " ") {
			packages = append(packages, p)
		}
	}
}

// room is a part of the module and what it may import. A path stands for itself
// and all below it.
type room struct {
	path string
	// ours are the parts of this module that it may import, itself apart; tests
	// may import inTests besides.
	ours, inTests []string
	// foreign are the modules of others that it may import, nil being any;
	// foreignInTests likewise, besides.
	foreign, foreignInTests []string
	// never are the parts of the standard library that it must do without.
	never []string
}

var rooms = []room{
	{
		path: "reconcile", foreign: []string{}, foreignInTests: []string{"github.com/google/go-cmp", "pgregory.net/rapid"},
		never: []string{"database/sql", "embed", "log$", "log/slog", "net", "os", "path/filepath", "syscall", "unsafe"},
	},
	{
		path: "mappings", ours: []string{"reconcile"}, inTests: []string{"adapter/world"},
		foreign:        []string{"github.com/expr-lang/expr", "go.yaml.in/yaml/v4", "golang.org/x/text"},
		foreignInTests: []string{"github.com/google/go-cmp", "pgregory.net/rapid"},
		never:          []string{"database/sql", "log$", "log/slog", "net", "os", "syscall", "unsafe"},
	},
	{path: "adapter/*", ours: []string{"reconcile"}, inTests: []string{"adapter/world", "deploy/prometheus/monitortest"}, never: []string{"log$"}},
	{path: "cmd/internal/config", ours: []string{"adapter", "mappings", "reconcile"}, never: []string{"log$"}},
	{
		path: "cmd/internal/app", inTests: []string{"adapter/world"}, never: []string{"log$"},
		ours: []string{
			"adapter/alertmanager", "adapter/database", "adapter/deliver", "adapter/jobs", "adapter/metrics", "adapter/rest", "adapter/store", "adapter/web",
			"adapter/workbook", "cmd/internal/config", "mappings", "reconcile",
		},
	},
	{path: "cmd/internal", ours: []string{"adapter/store", "adapter/web", "cmd/internal/app", "cmd/internal/config", "reconcile"}, inTests: []string{"adapter/world"}, never: []string{"log$"}},
	{path: "deploy", inTests: []string{"adapter/alertmanager", "cmd/internal/config"}, never: []string{"log$"}}, // only tests, and what they share
	{path: "cmd/doisoat", inTests: []string{"deploy"}, ours: []string{"adapter", "cmd/internal", "mappings", "reconcile"}, never: []string{"log$"}},
}

// vague are names that say nothing of what a package is for, or that hide one of
// the standard library's.
var vague = []string{"base", "common", "errors", "helper", "helpers", "http", "lib", "misc", "model", "models", "shared", "types", "util", "utils"}

// nowhere are modules that no package and no test may import, with the reason.
var nowhere = map[string]string{
	"github.com/duckdb":           "only cmd/bench, a module of its own, measures against it",
	"github.com/marcboeker":       "only cmd/bench, a module of its own, measures against DuckDB",
	"github.com/stretchr/testify": "compare with github.com/google/go-cmp",
	"github.com/onsi/gomega":      "compare with github.com/google/go-cmp",
}

// unreleased are what a test is made of; the released program holds none of it.
var unreleased = []string{"testing", "net/http/httptest", "github.com/google/go-cmp", "github.com/rogpeppe/go-internal", "pgregory.net/rapid"}

// importFaults tells each import that runs the wrong way.
func importFaults(packages []goPackage) []string {
	var faults []string
	standard := make(map[string]bool)
	for _, p := range packages {
		standard[p.ImportPath] = p.Standard
		for prefix, reason := range nowhere {
			if below(p.ImportPath, prefix) && !broughtAlong(p.ImportPath, packages) {
				faults = append(faults, fmt.Sprintf("%s is imported by the product or a test: %s", p.ImportPath, reason))
			}
		}
	}
	for _, p := range packages {
		if p.Module == nil || p.Module.Path != module {
			continue
		}
		own := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if slices.Contains(vague, p.Name) || slices.Contains(vague, path.Base(own)) {
			faults = append(faults, fmt.Sprintf("%s: the name %s tells nobody what the package is for", own, p.Name))
		}
		if p.Name == "main" {
			faults = append(faults, releasedFaults(own, p.Deps, packages)...)
		}
		r, ok := roomOf(own)
		if !ok {
			faults = append(faults, own+" is a new room: say in imports_test.go what it may import")
			continue
		}
		for _, imported := range p.Imports {
			if why := r.forbids(imported, standard[imported], false); why != "" {
				faults = append(faults, fmt.Sprintf("%s imports %s: %s", own, imported, why))
			}
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			if why := r.forbids(imported, standard[imported], true); why != "" {
				faults = append(faults, fmt.Sprintf("a test of %s imports %s: %s", own, imported, why))
			}
		}
	}
	slices.Sort(faults)
	return slices.Compact(faults)
}

// bringers are modules whose released packages hold what others keep in their
// tests; it cannot be left out.
var bringers = []string{"github.com/riverqueue/river", "github.com/stretchr/testify"}

// broughtAlong reports whether a package is imported by bringers only, and what
// they import.
func broughtAlong(path string, packages []goPackage) bool {
	byBringer := false
	for _, p := range packages {
		imports := p.Imports
		if p.Module != nil && p.Module.Path == module { // the tests of others are not run here
			imports = slices.Concat(imports, p.TestImports, p.XTestImports)
		}
		if slices.Contains(imports, path) {
			if !slices.ContainsFunc(bringers, func(b string) bool { return below(p.ImportPath, b) }) && !p.Standard {
				return false
			}
			byBringer = byBringer || !p.Standard
		}
	}
	return byBringer
}

// releasedFaults tells what is for tests and yet reached from a command, but for
// what bringers hold.
func releasedFaults(command string, deps []string, packages []goPackage) (faults []string) {
	imports := make(map[string][]string, len(packages))
	for _, p := range packages {
		imports[p.ImportPath] = p.Imports
	}
	reached := map[string]bool{}
	var walk func(path string)
	walk = func(path string) {
		if reached[path] || slices.ContainsFunc(bringers, func(b string) bool { return below(path, b) }) {
			return
		}
		reached[path] = true
		for _, imported := range imports[path] {
			walk(imported)
		}
	}
	walk(module + "/" + command)
	for _, dep := range deps {
		// A package that is not listed is reached for all that is known.
		if _, known := imports[dep]; known && !reached[dep] {
			continue
		}
		if slices.ContainsFunc(unreleased, func(u string) bool { return below(dep, u) }) {
			faults = append(faults, fmt.Sprintf("%s holds %s, which is for tests", command, dep))
		}
	}
	return faults
}

// roomOf finds the first room that a package of ours stands in.
func roomOf(own string) (room, bool) {
	for _, r := range rooms {
		parent, each := strings.CutSuffix(r.path, "/*")
		switch {
		case each && below(own, parent) && own != parent:
			name, _, _ := strings.Cut(own[len(parent)+1:], "/")
			r.path = parent + "/" + name
			return r, true
		case !each && below(own, r.path):
			return r, true
		}
	}
	return room{}, false
}

// forbids tells why a package in the room must not import another; "" if it may.
func (r room) forbids(imported string, standard, test bool) string {
	in := func(list []string, path string) bool {
		return slices.ContainsFunc(list, func(prefix string) bool {
			exactly, alone := strings.CutSuffix(prefix, "$")
			return alone && path == exactly || below(path, prefix)
		})
	}
	target, isOurs := strings.CutPrefix(imported, module+"/")
	switch {
	case isOurs && test && in(r.inTests, target), isOurs && (below(target, r.path) || in(r.ours, target)):
		return ""
	case isOurs:
		return "from here imports run to " + orNothing(r.ours) + " only"
	case standard && !test && in(r.never, imported):
		return "here it is to be done without"
	case standard || r.foreign == nil || in(r.foreign, imported), test && in(r.foreignInTests, imported):
		return ""
	default:
		return "of other modules this part may import " + orNothing(r.foreign) + " only"
	}
}

func orNothing(list []string) string {
	if len(list) == 0 {
		return "the standard library"
	}
	return strings.Join(list, ", ")
}

// below reports whether a path is the prefix or stands under it.
func below(path, prefix string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && (rest == "" || rest[0] == '/')
}

// The rules themselves are tried on packages that break them.
func TestImportFaultsAreFound(t *testing.T) {
	ours := func(path string, imports ...string) goPackage {
		return goPackage{ImportPath: module + "/" + path, Name: filepath.Base(path), Imports: imports, Module: &struct{ Path string }{module}}
	}
	std := func(path string) goPackage { return goPackage{ImportPath: path, Standard: true} }
	tested := func(p goPackage, imports ...string) goPackage {
		p.TestImports, p.XTestImports = imports[:1], imports[1:]
		return p
	}
	released := ours("cmd/doisoat")
	released.Name, released.Deps = "main", []string{"fmt", "testing", "pgregory.net/rapid"}
	tests := []struct {
		name string
		have []goPackage
		want []string
	}{
		{"all as it should be", []goPackage{
			std("os"), std("fmt"), ours("reconcile", "fmt", module+"/reconcile/calendar"), ours("mappings", "go.yaml.in/yaml/v4", module+"/reconcile"),
			tested(ours("adapter/store", "os", module+"/reconcile"), module+"/adapter/store/storetest", module+"/adapter/world"),
			ours("adapter/store/storetest", module+"/adapter/store"), ours("cmd/internal/app", module+"/adapter/rest", module+"/mappings"),
		}, nil},
		{"the core asks another module, the system and an adapter", []goPackage{
			std("os"), std("net/http"), ours("reconcile/calendar", "os", "net/http", "github.com/jmoiron/sqlx", module+"/adapter/store"),
		}, []string{
			"reconcile/calendar imports " + module + "/adapter/store: from here imports run to the standard library only",
			"reconcile/calendar imports github.com/jmoiron/sqlx: of other modules this part may import the standard library only",
			"reconcile/calendar imports net/http: here it is to be done without",
			"reconcile/calendar imports os: here it is to be done without",
		}},
		{"a test of the core may read files, but not a database", []goPackage{
			std("os"), tested(ours("reconcile"), "os", "pgregory.net/rapid", "modernc.org/sqlite"),
		}, []string{"a test of reconcile imports modernc.org/sqlite: of other modules this part may import the standard library only"}},
		{"an adapter knows another, the mappings and the commands", []goPackage{
			ours("adapter/rest", module+"/adapter/store", module+"/mappings", module+"/cmd/internal/config"),
		}, []string{
			"adapter/rest imports " + module + "/adapter/store: from here imports run to reconcile only",
			"adapter/rest imports " + module + "/cmd/internal/config: from here imports run to reconcile only",
			"adapter/rest imports " + module + "/mappings: from here imports run to reconcile only",
		}},
		{"an adapter's name begins like another's", []goPackage{ours("adapter/store", module+"/adapter/storehouse")},
			[]string{"adapter/store imports " + module + "/adapter/storehouse: from here imports run to reconcile only"}},
		{"a test of an adapter knows another", []goPackage{tested(ours("adapter/rest"), module+"/adapter/world", module+"/adapter/store")},
			[]string{"a test of adapter/rest imports " + module + "/adapter/store: from here imports run to reconcile only"}},
		{"the program plays the world", []goPackage{ours("cmd/internal/app", module+"/adapter/world")}, []string{
			"cmd/internal/app imports " + module + "/adapter/world: from here imports run to adapter/alertmanager, adapter/database, adapter/deliver, adapter/jobs, adapter/metrics, adapter/rest, adapter/store, adapter/web, adapter/workbook, cmd/internal/config, mappings, reconcile only",
		}},
		{"mappings try a library of their own", []goPackage{ours("mappings", "github.com/tidwall/gjson")}, []string{
			"mappings imports github.com/tidwall/gjson: of other modules this part may import github.com/expr-lang/expr, go.yaml.in/yaml/v4, golang.org/x/text only",
		}},
		{"names that say nothing", []goPackage{ours("cmd/internal/util"), ours("reconcile/http")}, []string{
			"cmd/internal/util: the name util tells nobody what the package is for",
			"reconcile/http: the name http tells nobody what the package is for",
		}},
		{"a room that nobody has described", []goPackage{ours("tools/paint")}, []string{"tools/paint is a new room: say in imports_test.go what it may import"}},
		{"what tests are made of is released", []goPackage{released}, []string{
			"cmd/doisoat holds pgregory.net/rapid, which is for tests", "cmd/doisoat holds testing, which is for tests",
		}},
		{"somebody imports DuckDB", []goPackage{{ImportPath: "github.com/duckdb/duckdb-go/v2"}}, []string{
			"github.com/duckdb/duckdb-go/v2 is imported by the product or a test: only cmd/bench, a module of its own, measures against it",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, importFaults(test.have)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}
