package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed duckdb/package.json duckdb/join.mjs
var duckDBFiles embed.FS

// duckDB is DuckDB in node, in a folder of its own.
type duckDB struct {
	dir  string
	node string
}

// newDuckDB installs the npm package below dir, unless it is there from before.
func newDuckDB(ctx context.Context, dir string, progress io.Writer) (duckDB, error) {
	d := duckDB{dir: filepath.Join(dir, "duckdb")}
	var err error
	if d.node, err = exec.LookPath("node"); err != nil {
		return d, errors.New("node is not here; DuckDB runs in it: install nodejs and npm")
	}
	files, err := fs.Sub(duckDBFiles, "duckdb")
	if err != nil {
		return d, err
	}
	wanted, err := fs.ReadFile(files, "package.json")
	if err != nil {
		return d, err
	}
	// npm's own folder is there only after an installation that went through.
	there, readErr := os.ReadFile(filepath.Join(d.dir, "package.json"))
	_, statErr := os.Stat(filepath.Join(d.dir, "node_modules", ".package-lock.json"))
	if readErr != nil || statErr != nil || string(there) != string(wanted) {
		if err := d.install(ctx, files, progress); err != nil {
			return d, fmt.Errorf("DuckDB, from npm: %w", err)
		}
		return d, nil
	}
	return d, d.writeQuery(files) // it may have changed alone
}

func (d duckDB) install(ctx context.Context, files fs.FS, progress io.Writer) error {
	fmt.Fprintln(progress, "bench: installing DuckDB from npm")
	if err := os.RemoveAll(d.dir); err != nil {
		return err
	}
	if err := os.CopyFS(d.dir, files); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "npm", "install", "--no-audit", "--no-fund", "--no-package-lock")
	cmd.Dir = d.dir
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm install: %w\n%s", err, tail(string(said)))
	}
	return nil
}

func (d duckDB) writeQuery(files fs.FS) error {
	query, err := fs.ReadFile(files, "join.mjs")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.dir, "join.mjs"), query, 0o644)
}

// join counts the pairs of a world by class.
func (d duckDB) join(ctx context.Context, m machine, world string) (usage, map[string]int, error) {
	u, stdout, err := m.run(ctx, d.dir, d.node, "join.mjs", world)
	if err != nil {
		return u, nil, err
	}
	classes := map[string]int{}
	if err := json.Unmarshal(stdout, &classes); err != nil {
		return u, nil, fmt.Errorf("DuckDB's answer: %w", err)
	}
	return u, classes, nil
}

// idle starts node with nothing to do: what is not DuckDB's in the figures of join.
func (d duckDB) idle(ctx context.Context, m machine) (usage, error) {
	u, _, err := m.run(ctx, d.dir, d.node, "-e", "0")
	return u, err
}

// joinFaults tells in which kinds of discrepancy DuckDB's bare join differs from
// the truth. It has no rules for some of them, and counts one of the two rows of
// a doubled code as closed_in_progress.
func joinFaults(classes, kinds map[string]int) error {
	var faults []error
	for _, kind := range []string{
		"missing_in_office", "missing_on_platform", "resolved_not_closed", "closed_in_progress", "outcome_mismatch",
		"pause_mismatch", "completion_date_mismatch", "due_date_mismatch", "unmapped_status",
	} {
		want := kinds[kind]
		if kind == "closed_in_progress" {
			want += kinds["duplicate_code"]
		}
		if classes[kind] != want {
			faults = append(faults, fmt.Errorf("DuckDB counts %d of %s, the world has %d", classes[kind], kind, want))
		}
	}
	return errors.Join(faults...)
}
