package main

import (
	"fmt"
	"time"
)

// The targets, by the issue that asks for `make bench`.
const (
	firstAtMost   = 12.0                   // times DuckDB
	againAtMost   = 1.0                    // times DuckDB
	changedAtMost = 200 * time.Millisecond // more than the next run
)

// report is the table of whole runs. smaller, if not nil, is a tenth of the size.
func report(r results, smaller *results, where string) table {
	// What an idle node takes is not DuckDB's; it would make the targets easier.
	bar := usage{Wall: r.Join.Wall - r.Idle.Wall, CPU: r.Join.CPU - r.Idle.CPU, Peak: r.Join.Peak - r.Idle.Peak}
	t := table{
		title:  fmt.Sprintf("%s dossiers a side, CSV, SQLite store (%s)", count(int64(r.Dossiers)), where),
		header: []string{"", "seconds", "× DuckDB", "CPU seconds", "× DuckDB", "peak MB", "time wanted", "", "peak wanted", ""},
	}
	row := func(name string, u usage, verdicts ...string) {
		cells := []string{name, seconds(u.Wall), times(ratio(u.Wall, bar.Wall)), seconds(u.CPU), times(ratio(u.CPU, bar.CPU)), megabytes(u.Peak)}
		for len(verdicts) < 4 {
			verdicts = append(verdicts, "")
		}
		t.add(append(cells, verdicts...)...)
	}
	row("DuckDB, bare join of the same files", bar)
	row("reading and hashing every row in plain Go", r.Read)
	peak := func(u usage) []string { return []string{"≤ " + megabytes(bar.Peak) + " MB", met(u.Peak <= bar.Peak)} }
	multiple := func(u usage, most float64) []string {
		return []string{fmt.Sprintf("≤ %g×", most), met(ratio(u.Wall, bar.Wall) <= most)}
	}
	row("doisoat, first load", r.First, append(multiple(r.First, firstAtMost), peak(r.First)...)...)
	row("doisoat, next run, nothing changed", r.Again, append(multiple(r.Again, againAtMost), peak(r.Again)...)...)
	row(fmt.Sprintf("doisoat, %s dossiers changed", count(changedDossiers)), r.Changed,
		append([]string{"≤ " + seconds(r.Again.Wall+changedAtMost) + " s", met(r.Changed.Wall-r.Again.Wall <= changedAtMost)}, peak(r.Changed)...)...)
	t.notes = append(t.notes,
		fmt.Sprintf("DuckDB runs in node, on two threads; node's own %s s and %s MB are taken off its figures. Store: %s MB.",
			seconds(r.Idle.Wall), megabytes(r.Idle.Peak), megabytes(r.StoreBytes)),
		fmt.Sprintf("A run prints the first 20 discrepancies; the last one, with every discrepancy as JSON: %s s, %s MB.", seconds(r.JSON.Wall), megabytes(r.JSON.Peak)))
	if smaller != nil {
		growth := func(big, small usage) string { return times(float64(big.Peak) / float64(small.Peak)) }
		t.notes = append(t.notes, fmt.Sprintf("Peak memory beside %s dossiers, a tenth: first load %s, next run %s, %s changed %s; DuckDB %s.",
			count(int64(smaller.Dossiers)), growth(r.First, smaller.First), growth(r.Again, smaller.Again),
			count(changedDossiers), growth(r.Changed, smaller.Changed), growth(r.Join, smaller.Join)))
	}
	return t
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

func met(ok bool) string {
	if ok {
		return "met"
	}
	return "missed"
}
