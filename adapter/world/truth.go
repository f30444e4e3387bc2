package world

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"slices"
)

// Truth is what is true about a world at AsOf: what a right reconciliation
// finds, no more and no less. Its JSON is the form of truth.json.
type Truth struct {
	AsOf      string          `json:"as_of"` // RFC 3339
	Open      []Finding       `json:"open"`
	Period    [2]string       `json:"period"`    // first and last day, yyyy-MM-dd
	Reported  map[string]Four `json:"reported"`  // by department: the platform's table
	Suspected []Finding       `json:"suspected"` // still within the grace period
	Verified  map[string]Four `json:"verified"`  // by department: what the table should say
}

// Finding is one discrepancy.
type Finding struct {
	Kind           string `json:"kind"`
	Code           string `json:"code"` // canonical
	Department     string `json:"department"`
	DeadlineEffect string `json:"deadline_effect"`
}

// Four are a department's counts: resolved on time, resolved late, in progress
// on time, in progress overdue.
type Four [4]int

// LoadTruth reads a truth.json.
func LoadTruth(files fs.FS, name string) (Truth, error) {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return Truth{}, fmt.Errorf("truth: %w", err)
	}
	var t Truth
	if err := json.Unmarshal(raw, &t); err != nil {
		return Truth{}, fmt.Errorf("truth %s: %w", name, err)
	}
	return t, nil
}

// Save writes the truth as JSON.
func (t Truth) Save(name string) error {
	raw, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return fmt.Errorf("truth %s: %w", name, err)
	}
	if err := os.WriteFile(name, append(raw, '\n'), 0o644); err != nil {
		return fmt.Errorf("truth: %w", err)
	}
	return nil
}

// sortFindings orders as truth.json does, so that two truths can be compared.
func sortFindings(list []Finding) {
	slices.SortFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Department, b.Department))
	})
}
