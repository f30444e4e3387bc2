package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"time"
)

// ratesCommand is the sub-command that measures rows a second in a process of
// its own, and prints them as JSON.
const ratesCommand = "rates"

// rate is how fast a kind of source or store takes rows, in rows a second.
type rate struct {
	Name   string
	New    float64 // rows never seen before
	Known  float64 // the same rows again
	Absent string  // why it could not be measured; "" where it was
}

// measured are the two lists of rates.
type measured struct {
	Rows            int
	Sources, Stores []rate
}

// rates measures every kind of source and store, and prints two tables.
func rates(ctx context.Context, m machine, o options, stdout, stderr io.Writer) error {
	fmt.Fprintf(stderr, "bench: %s rows for each kind of source and store\n", count(int64(o.rows)))
	_, out, err := m.run(ctx, "", m.self, ratesCommand, strconv.Itoa(o.rows), strconv.Itoa(o.runs))
	if err != nil {
		return err
	}
	var got measured
	if err := json.Unmarshal(out, &got); err != nil {
		return fmt.Errorf("rates: %w", err)
	}
	for _, t := range got.tables(fmt.Sprintf("%s; medians of %d runs", m, o.runs)) {
		if err := t.write(stdout, o.markdown); err != nil {
			return err
		}
	}
	return nil
}

// ratesMain is the sub-command: its arguments are the number of rows and of runs.
func ratesMain(ctx context.Context, args []string, stdout io.Writer) (err error) {
	if len(args) != 2 {
		return fmt.Errorf("%s: want the number of rows and of runs", ratesCommand)
	}
	n, err1 := strconv.Atoi(args[0])
	runs, err2 := strconv.Atoi(args[1])
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("%s: %w", ratesCommand, err)
	}
	dir, err := os.MkdirTemp("", "doisoat-bench-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := newSample(dir, n)
	if err != nil {
		return err
	}
	got := measured{Rows: len(s.rows)}
	if got.Sources, err = sourceRates(ctx, s, runs); err != nil {
		return err
	}
	if got.Stores, err = storeRates(ctx, s, runs); err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(got)
}

// tables are what the rates look like to a person.
func (m measured) tables(where string) []table {
	sources := table{
		title:  fmt.Sprintf("Rows a second read from each kind of source: %s rows of ten columns (%s)", count(int64(m.Rows)), where),
		header: []string{"source", "all rows new", "all rows known"},
		notes:  []string{"The servers run on the same machine, not pinned. A known row is one of the last accepted snapshot: it is read and hashed, not parsed."},
	}
	stores := table{
		title:  fmt.Sprintf("Rows a second taken in by each store: %s rows (%s)", count(int64(m.Rows)), where),
		header: []string{"store", "first time", "the same again"},
	}
	fill(&sources, m.Sources)
	fill(&stores, m.Stores)
	return []table{sources, stores}
}

func fill(t *table, rates []rate) {
	for _, r := range rates {
		if r.Absent != "" {
			t.add(r.Name, "–", "–")
			t.notes = append(t.notes, r.Name+": "+r.Absent+".")
			continue
		}
		t.add(r.Name, rounded(r.New), rounded(r.Known))
	}
}

// rounded shows three digits: the rest is noise.
func rounded(x float64) string {
	if x <= 0 {
		return "0"
	}
	unit := math.Pow(10, math.Max(0, math.Floor(math.Log10(x))-2))
	return count(int64(math.Round(x/unit) * unit))
}

// timed runs do so many times and returns the median rate of n rows.
func timed(n, runs int, do func() error) (float64, error) {
	list := make([]float64, runs)
	for i := range list {
		started := time.Now()
		if err := do(); err != nil {
			return 0, err
		}
		list[i] = float64(n) / time.Since(started).Seconds()
	}
	return median(list), nil
}
