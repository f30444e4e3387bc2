package daemontest

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
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

// event is one row of the discrepancies' history.
type event struct {
	ID            int64          `db:"id"`
	Discrepancy   string         `db:"discrepancy_id"`
	Run           int64          `db:"run_id"`
	Actor         string         `db:"actor"`
	From          string         `db:"from_state"`
	To            string         `db:"to_state"`
	Kind          string         `db:"kind"`
	Department    string         `db:"department"`
	State         string         `db:"state"`
	Reopened      int            `db:"reopened"`
	RunThatIsKept sql.NullInt64  `db:"kept_run"`
	Code          sql.NullString `db:"code"`
}

// checkHistory holds that no event is lost or doubled: each discrepancy's events
// link up from its beginning to its state, one a run at most, each of a run that
// there is; and the totals are what the events add up to. It gives their number.
func checkHistory(t testing.TB, url string) (events int) {
	t.Helper()
	db := opened(t, url)
	defer db.Close()
	var all []event
	if err := db.Select(&all, `SELECT e.id, e.discrepancy_id, e.run_id, e.actor, e.from_state, e.to_state, d.kind, d.department, d.state, d.reopened, d.code,
		r.id AS kept_run FROM discrepancies d LEFT JOIN discrepancy_events e ON e.discrepancy_id = d.id LEFT JOIN runs r ON r.id = e.run_id
		ORDER BY d.id, e.id`); err != nil {
		t.Fatalf("events of discrepancies (one without any cannot be read): %v", err)
	}
	var orphans int
	if err := db.Get(&orphans, `SELECT COUNT(*) FROM discrepancy_events WHERE discrepancy_id NOT IN (SELECT id FROM discrepancies)`); err != nil {
		t.Fatal(err)
	}
	if orphans > 0 {
		t.Errorf("%d events of no discrepancy", orphans)
	}
	totals := map[string][3]int{} // opened, resolved, reopened, by kind and department
	for i, e := range all {
		first := i == 0 || all[i-1].Discrepancy != e.Discrepancy
		last := i == len(all)-1 || all[i+1].Discrepancy != e.Discrepancy
		name := fmt.Sprintf("%s of %s, event %d", e.Kind, e.Code.String, e.ID)
		switch {
		case first && e.From != "":
			t.Errorf("%s: its first event comes from %s", name, e.From)
		case !first && e.From != all[i-1].To:
			t.Errorf("%s: from %s to %s, but before it was %s", name, e.From, e.To, all[i-1].To)
		case !first && e.Run == all[i-1].Run && e.Run != 0:
			t.Errorf("%s: a second one of run %d", name, e.Run)
		}
		if last && e.To != e.State {
			t.Errorf("%s: to %s is its last, but it is %s", name, e.To, e.State)
		}
		if !e.RunThatIsKept.Valid {
			t.Errorf("%s: of run %d, which there is not", name, e.Run)
		}
		key := e.Kind + " " + e.Department
		n := totals[key]
		if e.To == string(reconcile.StateOpen) && e.From != e.To {
			n[0]++
		}
		if e.To == string(reconcile.StateResolved) {
			n[1]++
		}
		if e.From == string(reconcile.StateResolved) {
			n[2]++
		}
		totals[key] = n
	}
	kept := map[string][3]int{}
	rows, err := db.Query(`SELECT kind, department, opened, resolved, reopened FROM discrepancy_totals`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var kind, department string
		var n [3]int
		if err := rows.Scan(&kind, &department, &n[0], &n[1], &n[2]); err != nil {
			t.Fatal(err)
		}
		if n != [3]int{} {
			kept[kind+" "+department] = n
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for key, n := range totals {
		if n == [3]int{} {
			delete(totals, key)
		}
	}
	if diff := cmp.Diff(totals, kept); diff != "" {
		t.Errorf("opened, resolved and reopened (-as the events add up +as counted):\n%s", diff)
	}
	return len(all)
}

// undisturbed reads the world as it is into a fresh store, by one run of the
// command line, and gives that store's state.
func (tn *town) undisturbed() state {
	tn.t.Helper()
	const name = "undisturbed.db"
	run(tn.t, "reconcile", "--config", tn.beside("undisturbed.yaml", "sqlite:"+name), "--format", "json")
	return readState(tn.t, tn.storeAt("sqlite:"+name))
}
