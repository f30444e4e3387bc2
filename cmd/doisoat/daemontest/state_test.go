package daemontest

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/adapter/store"
)

// state is what a store says about the dossiers now. Two stores over the same
// world must agree about it, whatever happened to them on the way.
type state struct {
	Records  []string // what each source last said of each dossier
	Standing []string // the discrepancies that are not resolved
	Classes  []string // what dossiers count as
}

// storeAt is where the store of a configuration beside which it lies is found.
func (tn *town) storeAt(url string) string {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		return "sqlite:" + filepath.Join(tn.dir, path)
	}
	return url
}

// readState reads a store's state, also while a daemon works on it.
func readState(t testing.TB, url string) state {
	t.Helper()
	ctx := context.Background()
	s, err := store.Open(ctx, url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	reader, err := s.NewReader(ctx)
	if err != nil {
		t.Fatal(err)
	}
	dossiers, err := reader.ReadRange(ctx, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var st state
	for _, d := range dossiers {
		for _, row := range d.Rows {
			st.Records = append(st.Records, fmt.Sprintf("%s %s %q", row.Source, d.Code, row.Values))
		}
		for i := range d.Discrepancies {
			if x := &d.Discrepancies[i]; x.Standing() {
				st.Standing = append(st.Standing, fmt.Sprintf("%s %s %s: %s, %s, since %s (%s), %s, values %s",
					x.Kind, x.Code, x.Department, x.State, x.Effect, x.Since.UTC().Format("2006-01-02T15:04:05"), x.SinceFrom, x.Reason, x.Values))
			}
		}
	}
	counts, err := s.DossierCounts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for source, by := range counts {
		for status, n := range by {
			st.Classes = append(st.Classes, fmt.Sprintf("%s %s: %d", source, status, n))
		}
	}
	run, err := s.LastRun(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if run != nil {
		for department, n := range run.Summary.Compared {
			st.Classes = append(st.Classes, fmt.Sprintf("compared %s: %d", department, n))
		}
	}
	slices.Sort(st.Records)
	slices.Sort(st.Standing)
	slices.Sort(st.Classes)
	return st
}

// differs is an error where a store's state is not the one wanted.
func differs(want, got state) error {
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("the state is not that of an undisturbed run (-undisturbed +this):\n%s", diff)
	}
	return nil
}

// opened connects to a store's database, for what the store itself does not tell.
func opened(t testing.TB, url string) *sqlx.DB {
	t.Helper()
	driver := "postgres"
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, url = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sqlx.Open(driver, url)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// undisturbed reads the world as it is into a fresh store, by one run of the
// command line, and gives that store's state.
func (tn *town) undisturbed() state {
	tn.t.Helper()
	const name = "undisturbed.db"
	run(tn.t, "reconcile", "--config", tn.beside("undisturbed.yaml", "sqlite:"+name), "--format", "json")
	return readState(tn.t, tn.storeAt("sqlite:"+name))
}
