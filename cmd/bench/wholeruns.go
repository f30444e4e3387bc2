package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/doisoat/doisoat/adapter/world"
)

// results are the medians of one world.
type results struct {
	Dossiers                                int
	Join, Idle, First, Again, Changed, Read usage
	JSON                                    usage // a next run that lists all discrepancies
	StoreBytes                              int64
}

// wholeRuns measures whole processes on a world of o.dossiers a side, and prints
// a table.
func wholeRuns(ctx context.Context, m machine, o options, stdout, stderr io.Writer) error {
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	duck, err := newDuckDB(ctx, o.dir, stderr)
	if err != nil {
		return err
	}
	w, err := newWorld(o.dir, o.dossiers, stderr)
	if err != nil {
		return err
	}
	program, err := buildProduct(ctx, o.dir)
	if err != nil {
		return err
	}
	j := &job{machine: m, duck: duck, world: w, program: program, progress: stderr}
	r, err := j.measure(ctx, o.runs)
	if err != nil {
		return err
	}
	r.Dossiers = o.dossiers
	smaller, err := keepResults(o.dir, r)
	if err != nil {
		return err
	}
	t := report(r, smaller, fmt.Sprintf("%s; medians of %d runs", m, o.runs))
	return t.write(stdout, o.markdown)
}

// buildProduct builds doisoat as it is released: plain Go, no C. The program
// runs in its own folder, the product's module is the one around it.
func buildProduct(ctx context.Context, dir string) (string, error) {
	program := filepath.Join(dir, "doisoat")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", program, ".")
	cmd.Dir = filepath.Join("..", "doisoat")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build doisoat: %w; run the bench in cmd/bench\n%s", err, tail(string(said)))
	}
	return program, nil
}

// job is what measuring one world takes.
type job struct {
	machine  machine
	duck     duckDB
	world    *dayWorld
	program  string
	progress io.Writer

	join, idle, first, again, changed, read []usage
}

// measure runs everything in turn, DuckDB before each of doisoat's runs, so that
// what else the machine does falls on both alike.
func (j *job) measure(ctx context.Context, runs int) (results, error) {
	if err := j.world.show(today); err != nil {
		return results{}, err
	}
	if _, err := j.floor(ctx); err != nil { // the files come into the page cache
		return results{}, err
	}
	var r results
	for i := range runs {
		fmt.Fprintf(j.progress, "bench: run %d of %d\n", i+1, runs)
		if err := j.round(ctx, &r); err != nil {
			return results{}, err
		}
	}
	var err error
	if r.JSON, err = j.verify(ctx); err != nil {
		return results{}, err
	}
	r.Join, r.Idle, r.Read = middle(j.join), middle(j.idle), middle(j.read)
	r.First, r.Again, r.Changed = middle(j.first), middle(j.again), middle(j.changed)
	return r, nil
}

func (j *job) round(ctx context.Context, r *results) error {
	idle, err := j.duck.idle(ctx, j.machine)
	if err != nil {
		return err
	}
	read, err := j.floor(ctx)
	if err != nil {
		return err
	}
	j.idle, j.read = append(j.idle, idle), append(j.read, read)
	if err := errors.Join(j.world.show(today), j.world.forget()); err != nil {
		return err
	}
	if err := j.pair(ctx, &j.first); err != nil {
		return fmt.Errorf("first load: %w", err)
	}
	if err := j.pair(ctx, &j.again); err != nil {
		return fmt.Errorf("next run: %w", err)
	}
	if r.StoreBytes, err = j.world.storeBytes(); err != nil {
		return err
	}
	if err := j.world.show(changed); err != nil {
		return err
	}
	if err := j.pair(ctx, &j.changed); err != nil {
		return fmt.Errorf("run with changes: %w", err)
	}
	return nil
}

// pair measures DuckDB on today's world, then doisoat on what is shown.
func (j *job) pair(ctx context.Context, into *[]usage) error {
	u, classes, err := j.duck.join(ctx, j.machine, filepath.Join(j.world.dir, today))
	if err != nil {
		return err
	}
	if err := joinFaults(classes, j.world.Truth[today].Kinds); err != nil {
		return err
	}
	j.join = append(j.join, u)
	u, _, err = j.reconcile(ctx, "table")
	*into = append(*into, u)
	return err
}

func (j *job) reconcile(ctx context.Context, format string) (usage, []byte, error) {
	return j.machine.run(ctx, j.world.work(), j.program, "reconcile", "--config", "doisoat.yaml",
		"--as-of", world.BenchAsOf.Format(time.RFC3339), "--format", format)
}

func (j *job) floor(ctx context.Context) (usage, error) {
	u, stdout, err := j.machine.run(ctx, j.world.dir, j.machine.self, floorCommand, filepath.Join(j.world.dir, today))
	if err != nil {
		return u, err
	}
	lines := 0
	truth := j.world.Truth[today]
	if _, err := fmt.Sscan(string(stdout), &lines); err != nil || lines != truth.PlatformRows+truth.OfficeRows+worldFiles {
		return u, fmt.Errorf("%s: %d lines read, %d rows and %d headings are there", floorCommand, lines, truth.PlatformRows+truth.OfficeRows, worldFiles)
	}
	return u, nil
}

// verify makes sure that what was measured was the whole work: the discrepancies
// after the last run are those the changed world holds.
func (j *job) verify(ctx context.Context) (usage, error) {
	u, stdout, err := j.reconcile(ctx, "json")
	if err != nil {
		return u, err
	}
	return u, discrepancyFaults(stdout, j.world.Truth[changed].Kinds)
}

// discrepancyFaults compares a run's summary with the truth. Kinds that come of
// history are not in the truth of a single day.
func discrepancyFaults(run []byte, kinds map[string]int) error {
	var shown struct {
		Summary []struct {
			Kind  string `json:"kind"`
			Count int    `json:"count"`
		} `json:"summary"`
	}
	if err := json.Unmarshal(run, &shown); err != nil {
		return fmt.Errorf("doisoat's answer: %w", err)
	}
	found := map[string]int{}
	for _, s := range shown.Summary {
		found[s.Kind] += s.Count
	}
	var faults []error
	for kind, want := range kinds {
		if found[kind] != want {
			faults = append(faults, fmt.Errorf("doisoat finds %d of %s, the world has %d", found[kind], kind, want))
		}
	}
	return errors.Join(faults...)
}

// keepResults writes the results beside the worlds, and returns those of a
// tenth of the size, nil where they were not measured.
func keepResults(dir string, r results) (*results, error) {
	path := func(n int) string { return filepath.Join(dir, fmt.Sprintf("results-%d.json", n)) }
	data, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path(r.Dossiers), data, 0o644); err != nil {
		return nil, err
	}
	data, err = os.ReadFile(path(r.Dossiers / 10))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	var smaller results
	if err == nil {
		err = json.Unmarshal(data, &smaller)
	}
	return &smaller, err
}
