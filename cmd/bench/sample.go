package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"

	"github.com/doisoat/doisoat/adapter/world"
)

// sample is the platform's rows of a small world, which every kind of source and
// store is given.
type sample struct {
	dir     string
	columns []string
	rows    [][]string
}

func newSample(dir string, n int) (*sample, error) {
	if _, err := world.WriteBenchCSV(dir, n, worldSeed, world.BenchOptions{}); err != nil {
		return nil, err
	}
	s := &sample{dir: dir}
	file, err := os.Open(s.csv())
	if err != nil {
		return nil, fmt.Errorf("sample: %w", err)
	}
	defer file.Close() //nolint:errcheck // nothing is written
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("sample: %w", err)
	}
	s.columns, s.rows = rows[0], rows[1:]
	// PROCEDURE is a word of SQL; all kinds of source get the same names.
	for i, name := range s.columns {
		if name == "procedure" {
			s.columns[i] = "procedure_code"
		}
	}
	return s, s.writeCSV()
}

func (s *sample) csv() string { return filepath.Join(s.dir, "platform.csv") }

func (s *sample) writeCSV() error {
	file, err := os.Create(s.csv())
	if err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	w := csv.NewWriter(file)
	if err := w.Write(s.columns); err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	if err := w.WriteAll(s.rows); err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	return file.Close()
}

// department is the position of the department's column.
const department = 2

// firstDate is the position of the first of the columns that hold moments; the
// last column is one too.
const firstDate = 4
