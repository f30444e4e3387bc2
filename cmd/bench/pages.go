package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// The targets of pages and lists, by the issue that asks for them.
const (
	pageAtMost   = 50 * time.Millisecond // 95 % of the requests
	pagesASecond = 50
	pagesFor     = 40 * time.Second
	pagesWarm    = 5 * time.Second
	listAtMost   = 5 * time.Second
	listMemory   = 200_000_000 // bytes
)

// pages measures how soon pages are there while many ask, and a department's list,
// on both stores.
func pages(ctx context.Context, m machine, o options, stdout, stderr io.Writer) error {
	program, err := buildProduct(ctx, o.dir)
	if err != nil {
		return err
	}
	w, err := newPagesWorld(ctx, o.dir, o.dossiers)
	if err != nil {
		return err
	}
	lists := table{
		title:  fmt.Sprintf("doisoat lists --department, of %s dossiers a side (%s)", count(int64(o.dossiers)), m),
		header: []string{"", "lines", "seconds", "wanted", "", "peak MB", "wanted", ""},
		notes:  []string{fmt.Sprintf("The department's list, and its letter that names them all: medians of %d.", o.runs)},
	}
	for _, kind := range []string{"SQLite", "PostgreSQL"} {
		fmt.Fprintf(stderr, "bench: pages on %s\n", kind)
		if err := pagesOn(ctx, m, w, program, kind, o, stdout, stderr, &lists); err != nil {
			return fmt.Errorf("pages on %s: %w", kind, err)
		}
	}
	return lists.write(stdout, o.markdown)
}

func pagesOn(ctx context.Context, m machine, w *pagesWorld, program, kind string, o options, stdout, stderr io.Writer, lists *table) (err error) {
	url, end, err := emptyStore(ctx, w.dir, kind)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	config, err := w.configure(url)
	if err != nil {
		return err
	}
	served, err := pagesServed(ctx, m, w, program, config, func(ctx context.Context) error { return addTrend(ctx, w.dir, url) }, stderr)
	if err != nil {
		return err
	}
	t := pagesTable(served.kinds, served.timings)
	t.title = fmt.Sprintf("Pages on %s, %s dossiers a side, %s open, %d requests a second (%s)", kind, count(int64(w.n)), count(int64(w.discrepancies())), pagesASecond, m)
	t.notes = append(t.notes,
		fmt.Sprintf("%s of requests, each kind as often; timed from when each was due. The daemon polls meanwhile.", pagesFor),
		fmt.Sprintf("The daemon took %s ms of processor time a request, and %s MB.", millisecondsOf(served.cpu/time.Duration(len(served.timings))), megabytes(served.resident)))
	if err := t.write(stdout, o.markdown); err != nil {
		return err
	}
	return listOf(ctx, m, w, program, config, kind, o.runs, lists)
}

// pagesResult is what was measured of one daemon.
type pagesResult struct {
	kinds    []*pageKind
	timings  []timing
	cpu      time.Duration // all of the daemon's while it was asked
	resident int64
}

// pagesServed is how long a daemon's pages took, after its first run and what has to
// come after that.
func pagesServed(ctx context.Context, m machine, w *pagesWorld, program, config string, after func(context.Context) error, stderr io.Writer) (r pagesResult, err error) {
	d, err := startDaemon(ctx, m, program, config)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	run, err := d.until(ctx, steadyPatient, func(l logLine) bool { return l.Msg == "run" && l.Kind == "nightly" })
	if err != nil {
		return r, err
	}
	if run.Opened != w.discrepancies() {
		return r, fmt.Errorf("the run opened %d discrepancies, there are %d", run.Opened, w.discrepancies())
	}
	if err := after(ctx); err != nil {
		return r, err
	}
	for _, who := range []struct{ name, role, department string }{{"trungtam", "centre", ""}, {"datdai", "department", pagesLarge}} {
		user, err := signIn(ctx, m, program, config, d.address, who.name, who.role, who.department)
		if err != nil {
			return r, err
		}
		list, err := kindsFor(ctx, w, user)
		if err != nil {
			return r, err
		}
		r.kinds = append(r.kinds, list...)
	}
	if _, err := drive(ctx, r.kinds, pagesASecond, pagesWarm, 1); err != nil {
		return r, err
	}
	fmt.Fprintf(stderr, "bench: %d requests a second for %s at http://%s\n", pagesASecond, pagesFor, d.address)
	before, err := cpuOf(d.cmd.Process.Pid)
	if err != nil {
		return r, err
	}
	if r.timings, err = drive(ctx, r.kinds, pagesASecond, pagesFor, 2); err != nil {
		return r, err
	}
	if r.cpu, err = cpuOf(d.cmd.Process.Pid); err != nil {
		return r, err
	}
	r.cpu -= before
	r.resident, err = residentOf(d.cmd.Process.Pid)
	return r, err
}

// pagesTable is a line for each kind of page, and one for all.
func pagesTable(kinds []*pageKind, timings []timing) table {
	t := table{header: []string{"", "requests", "median, ms", "p95, ms", "p99, ms", "slowest, ms", "wanted", ""}}
	row := func(name string, list []time.Duration) {
		if len(list) == 0 {
			return
		}
		p95 := percentile(list, 95)
		t.add(name, strconv.Itoa(len(list)), millisecondsOf(percentile(list, 50)), millisecondsOf(p95), millisecondsOf(percentile(list, 99)),
			millisecondsOf(slices.Max(list)), "p95 ≤ 50", met(p95 <= pageAtMost))
	}
	of := func(which func(*pageKind) bool) []time.Duration {
		var list []time.Duration
		for _, x := range timings {
			if which(x.kind) {
				list = append(list, x.took)
			}
		}
		return list
	}
	for _, kind := range kinds {
		row(kind.name+", as "+kind.user.role, of(func(k *pageKind) bool { return k == kind }))
	}
	row("all", of(func(*pageKind) bool { return true }))
	return t
}
