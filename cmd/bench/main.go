// Command bench measures doisoat on a generated world of a million dossiers a
// side, beside DuckDB joining the same files in the same run, and tells which of
// the project's targets of speed and memory are met; what the daemon costs in its steady state, and
// how soon its pages and a department's list are there; then how many rows a second each kind of source and store takes. `make bench` runs it, in this folder.
//
// It judges and never gates: it exits with 0 unless something could not be run.
// It is a module of its own, so that what it needs stays out of the product's.
// DuckDB comes as an npm package (duckdb/), since the Go binding has a native
// library in a module that a plain Go proxy need not serve.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// options are the flags.
type options struct {
	dossiers int
	runs     int
	rows     int
	dir      string
	markdown bool

	steadyOnly bool
	pagesOnly  bool
}

// all reports whether no single part of the whole runs was asked for.
func (o *options) all() bool { return !o.steadyOnly && !o.pagesOnly }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	// The bench runs itself for what must be measured, or kept, out of its own
	// process.
	if len(args) > 0 {
		switch args[0] {
		case floorCommand:
			return floorMain(args[1:], stdout)
		case ratesCommand:
			return ratesMain(ctx, args[1:], stdout)
		}
	}
	o, err := parseFlags(args, stderr)
	if err != nil {
		return err
	}
	m, err := newMachine(ctx)
	if err != nil {
		return err
	}
	if o.dossiers > 0 && o.all() {
		if err := wholeRuns(ctx, m, o, stdout, stderr); err != nil {
			return err
		}
	}
	if o.dossiers > 0 && (o.all() || o.steadyOnly) {
		if err := steady(ctx, m, o, stdout, stderr); err != nil {
			return err
		}
	}
	if o.dossiers > 0 && (o.all() || o.pagesOnly) {
		if err := pages(ctx, m, o, stdout, stderr); err != nil {
			return err
		}
	}
	if o.rows > 0 {
		return rates(ctx, m, o, stdout, stderr)
	}
	return nil
}

func parseFlags(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.dossiers, "dossiers", 1_000_000, "dossiers a side; 0 leaves this part out")
	f.IntVar(&o.runs, "runs", 3, "runs of each, of which the median counts")
	f.IntVar(&o.rows, "rows", 100_000, "rows for each kind of source and store; 0 leaves this part out")
	f.StringVar(&o.dir, "dir", filepath.Join(os.TempDir(), "doisoat-bench"), "folder for the generated worlds and DuckDB; kept for the next time")
	f.BoolVar(&o.steadyOnly, "steady", false, "of the whole runs, measure the daemon's steady state only")
	f.BoolVar(&o.pagesOnly, "pages", false, "of the whole runs, measure the pages and a department's list only")
	f.BoolVar(&o.markdown, "markdown", false, "print tables for a README")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("%q: no arguments are taken, only flags; see -help", f.Arg(0))
	case o.dossiers < 0 || o.dossiers > 0 && o.dossiers < changedDossiers:
		return o, fmt.Errorf("-dossiers %d: give at least %d, or 0 for none", o.dossiers, changedDossiers)
	case o.rows < 0:
		return o, fmt.Errorf("-rows %d: give a number of rows, or 0 for none", o.rows)
	case o.runs < 1:
		return o, fmt.Errorf("-runs %d: give at least 1", o.runs)
	}
	dir, err := filepath.Abs(o.dir)
	o.dir = dir
	return o, err
}
