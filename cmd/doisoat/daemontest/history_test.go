package daemontest

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// event is one row of the discrepancies' history, with what it is about.
type event struct {
	ID                            int64
	Discrepancy                   string `db:"discrepancy_id"`
	Run                           int64  `db:"run_id"`
	From                          string `db:"from_state"`
	To                            string `db:"to_state"`
	Kind, Code, Department, State string
	Runs                          int // of that number
}

// checkHistory holds that no event is lost or doubled, and gives their number.
func checkHistory(t testing.TB, url string) (events int) {
	t.Helper()
	events, faults := historyFaults(t, url)
	for _, fault := range faults {
		t.Error(fault)
	}
	return events
}

// historyFaults tells where events are lost or doubled: each discrepancy's must link
// up from its beginning to its state, one a run at most, each of a run that there
// is; and the totals must be what the events add up to.
func historyFaults(t testing.TB, url string) (events int, faults []string) {
	t.Helper()
	db := opened(t, url)
	defer db.Close()
	var all []event
	if err := db.Select(&all, `SELECT e.id, e.discrepancy_id, e.run_id, e.from_state, e.to_state, d.kind, d.code, d.department, d.state,
		(SELECT COUNT(*) FROM runs r WHERE r.id = e.run_id) AS runs
		FROM discrepancy_events e JOIN discrepancies d ON d.id = e.discrepancy_id ORDER BY d.id, e.id`); err != nil {
		t.Fatal(err)
	}
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for name, query := range map[string]string{
		"events of no discrepancy":     `SELECT COUNT(*) FROM discrepancy_events WHERE discrepancy_id NOT IN (SELECT id FROM discrepancies)`,
		"discrepancies without events": `SELECT COUNT(*) FROM discrepancies WHERE id NOT IN (SELECT discrepancy_id FROM discrepancy_events)`,
	} {
		n := 0
		if err := db.Get(&n, query); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			fault("%d %s", n, name)
		}
	}
	totals := map[string][3]int{} // opened, resolved, reopened, by kind and department
	for i, e := range all {
		first := i == 0 || all[i-1].Discrepancy != e.Discrepancy
		last := i == len(all)-1 || all[i+1].Discrepancy != e.Discrepancy
		name := fmt.Sprintf("%s of %s, event %d", e.Kind, e.Code, e.ID)
		switch {
		case first && e.From != "":
			fault("%s: its first event comes from %s", name, e.From)
		case !first && e.From != all[i-1].To:
			fault("%s: from %s to %s, but before it was %s", name, e.From, e.To, all[i-1].To)
		case !first && e.Run == all[i-1].Run:
			fault("%s: a second one of run %d", name, e.Run)
		}
		if last && e.To != e.State {
			fault("%s: to %s is its last, but it is %s", name, e.To, e.State)
		}
		if e.Runs != 1 {
			fault("%s: of run %d, which there is not", name, e.Run)
		}
		if e.From == e.To {
			continue // its values changed
		}
		n := totals[e.Kind+" "+e.Department]
		for j, counted := range []bool{e.To == string(reconcile.StateOpen), e.To == string(reconcile.StateResolved), e.From == string(reconcile.StateResolved)} {
			if counted {
				n[j]++
			}
		}
		if n != [3]int{} {
			totals[e.Kind+" "+e.Department] = n
		}
	}
	if diff := cmp.Diff(totals, keptTotals(t, db)); diff != "" {
		fault("opened, resolved and reopened (-as the events add up +as counted):\n%s", diff)
	}
	return len(all), faults
}

// keptTotals are opened, resolved and reopened as the store has counted them.
func keptTotals(t testing.TB, db *sqlx.DB) map[string][3]int {
	t.Helper()
	var rows []struct {
		Kind, Department           string
		Opened, Resolved, Reopened int
	}
	if err := db.Select(&rows, `SELECT kind, department, opened, resolved, reopened FROM discrepancy_totals`); err != nil {
		t.Fatal(err)
	}
	kept := map[string][3]int{}
	for _, r := range rows {
		if n := [3]int{r.Opened, r.Resolved, r.Reopened}; n != [3]int{} {
			kept[r.Kind+" "+r.Department] = n
		}
	}
	return kept
}

// What historyFaults is to find is found.
func TestHistoryFaultsAreFound(t *testing.T) {
	t.Parallel()
	tn := newTown(t, plan{dossiers: 900, sqlite: true})
	url := tn.storeAt("sqlite:doisoat.db")
	for range 2 { // the first run opens them, the second resolves one
		for _, code := range tn.inProgress("TNMT")[:3] {
			tn.change("TNMT", code, togglePause)
		}
		run(t, "reconcile", "--config", tn.config, "--format", "json")
	}
	if events := checkHistory(t, url); events < 6 {
		t.Fatalf("only %d events", events)
	}
	for _, test := range []struct{ name, breakIt, want string }{
		{"an event lost at the end", `DELETE FROM discrepancy_events WHERE id = (SELECT MAX(id) FROM discrepancy_events)`, "is its last, but it is"},
		{"an event lost at the beginning", `DELETE FROM discrepancy_events WHERE id = (SELECT MIN(id) FROM discrepancy_events)`, "its first event comes from"},
		{"an event doubled", `INSERT INTO discrepancy_events SELECT (SELECT MAX(id) + 1 FROM discrepancy_events), discrepancy_id, run_id, happened_at, actor, from_state, to_state, why
			FROM discrepancy_events WHERE id = (SELECT MAX(id) FROM discrepancy_events)`, "but before it was"},
		{"a run lost", `DELETE FROM runs WHERE id = (SELECT MAX(id) FROM runs)`, "which there is not"},
		{"a total counted twice", `UPDATE discrepancy_totals SET resolved = resolved + 1 WHERE resolved > 0`, "as the events add up"},
		{"all events of one lost", `DELETE FROM discrepancy_events WHERE discrepancy_id = (SELECT MIN(id) FROM discrepancies)`, "without events"},
	} {
		copied := filepath.Join(t.TempDir(), "copy.db")
		db := opened(t, url)
		if _, err := db.Exec(`VACUUM INTO ?`, copied); err != nil {
			t.Fatal(err)
		}
		db.Close()
		db = opened(t, "sqlite:"+copied)
		if _, err := db.Exec(test.breakIt); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		db.Close()
		if _, faults := historyFaults(t, "sqlite:"+copied); !strings.Contains(strings.Join(faults, "\n"), test.want) {
			t.Errorf("%s: found %q", test.name, faults)
		}
	}
}
