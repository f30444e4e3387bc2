package store_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/store/storetest"
	"github.com/doisoat/doisoat/reconcile"
)

// versionOne is the tables of the first schema, those that others refer to first.
var versionOne = []string{
	"settings", "sources", "layouts", "snapshots", "rejected_rows", "record_blocks", "fingerprint_blocks", "row_versions",
	"aliases", "held_changes", "changed_dossiers", "discrepancies", "discrepancy_events", "runs",
}

// versionTwo is those of the second.
var versionTwo = append(slices.Clone(versionOne), "outcome_blocks", "loose_rows", "loose_outcomes", "waiting_dossiers", "looks", "discrepancy_totals")

// A store of an earlier release, opened by this program, keeps everything.
func TestUpgrade(t *testing.T) {
	for name, open := range map[string]func(*testing.T) (from *storetest.Database, to string){
		"sqlite": func(t *testing.T) (*storetest.Database, string) {
			return openSQLite(t), "sqlite:" + t.TempDir() + "/old.db"
		},
		"postgres": func(t *testing.T) (*storetest.Database, string) { return openPostgres(t), newDatabase(t) },
	} {
		t.Run(name+" from version 1", func(t *testing.T) {
			from, storeURL := open(t)
			fillOld(t, from)
			copyToVersion(t, from, storeURL, 1, versionOne)
			// Outcomes were kept with less detail; nobody may read them as they are now.
			to := rawDatabase(t, storeURL)
			if _, err := to.Exec(to.Rebind("INSERT INTO outcome_blocks (id, data) VALUES (0, ?)"), []byte("of the first release")); err != nil {
				t.Fatal(err)
			}
			checkUpgraded(t, upgraded(t, from, storeURL, 1), true)
		})
		t.Run(name+" from version 2", func(t *testing.T) {
			from, storeURL := open(t)
			fillOld(t, from)
			takeLoose(t, from)
			copyToVersion(t, from, storeURL, 2, versionTwo)
			db := upgraded(t, from, storeURL, 2)
			if diff := cmp.Diff(changedCodes(t, from), changedCodes(t, db)); diff != "" {
				t.Errorf("what changed since (-before +after):\n%s", diff)
			}
			checkUpgraded(t, db, false)
			checkDown(t, db)
		})
	}
}

// upgraded opens a store of an earlier version and compares it with what it was made from.
func upgraded(t *testing.T, from *storetest.Database, storeURL string, version int) *storetest.Database {
	t.Helper()
	_, err := store.Open(t.Context(), storeURL, store.Options{})
	wantSays(t, "not to be migrated", err, fmt.Sprint("version ", version), "run: doisoat migrate")
	db := databaseAt(t, storeURL)
	if db.Store.Seed() != from.Store.Seed() {
		t.Error("the seed of fingerprints is another one")
	}
	want := contents(t, from)
	for _, what := range []string{"rows", "versions", "discrepancies", "events", "snapshots", "runs", "totals"} {
		if len(want[what]) == 0 {
			t.Errorf("the old store has no %s to show anything", what)
		}
	}
	if diff := cmp.Diff(want, contents(t, db)); diff != "" {
		t.Errorf("contents (-before +after):\n%s", diff)
	}
	return db
}

// takeLoose polls a few rows that changed, which stand beside the blocks.
func takeLoose(t *testing.T, db *storetest.Database) {
	t.Helper()
	in, err := db.Store.BeginIncremental(t.Context(), upgradeRef, func([]string) string { return "TP" })
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		code := fmt.Sprint("H-", 200+i)
		if err := in.Add(&store.Row{Code: code, Fingerprint: uint64(i) + 1<<40, Values: []string{code, "loose"}, Department: "TP"}); err != nil {
			t.Fatal(err)
		}
	}
	at := time.UnixMilli(1530493200000).UTC().AddDate(0, 0, 3)
	if snap, err := in.Finish(t.Context(), reconcile.Poll{Mode: reconcile.Incremental, StartedAt: at, EndedAt: at, EndReached: true, DeclaredTotal: -1}, reconcile.DefaultShrink); err != nil || snap.State != reconcile.SnapshotAccepted {
		t.Fatalf("%s %s, error %v", snap.State, snap.Reason, err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
}

func changedCodes(t *testing.T, db *storetest.Database) []store.Key {
	t.Helper()
	keys, all, err := db.Store.ChangedKeys(t.Context())
	if err != nil || all || len(keys) == 0 {
		t.Fatalf("%d changed, all: %t, error %v", len(keys), all, err)
	}
	slices.Sort(keys)
	return keys
}

// checkDown goes back to the version before and up again, with something in the new tables.
func checkDown(t *testing.T, db *storetest.Database) {
	t.Helper()
	ctx := t.Context()
	if err := db.Store.AppendAudit(ctx, &store.AuditEntry{Actor: "lan"}); err != nil {
		t.Fatal(err)
	}
	want := contents(t, db)
	p := migrations(t, db.Store.Kind(), db.SQL)
	if _, err := p.DownTo(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Up(ctx); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, contents(t, db)); diff != "" {
		t.Errorf("down and up (-before +after):\n%s", diff)
	}
	if err := db.Store.AppendAudit(ctx, &store.AuditEntry{Actor: "lan"}); err != nil {
		t.Errorf("the audit trail does not begin anew: %v", err)
	}
}

var upgradeRef = store.SourceRef{Name: "sổ TP", Side: reconcile.Office, Layout: store.Layout{Digest: "v1", Inputs: []string{"code", "status"}}}

const upgradeRows = 300

// takeOld polls a book in which every third dossier has the status of its round;
// it tells how many rows were not known.
func takeOld(t *testing.T, db *storetest.Database, round, rows int) (snap reconcile.Snapshot, unknown int) {
	t.Helper()
	in, err := db.Store.Begin(t.Context(), upgradeRef, func([]string) string { return "TP" })
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		generation := 0
		if i%3 == 0 {
			generation = round
		}
		code := fmt.Sprint("H-", i)
		print := uint64(i)<<8 + uint64(generation) + 1
		if in.Seen(print) {
			continue
		}
		unknown++
		if err := in.Add(&store.Row{Code: code, Fingerprint: print, Values: []string{code, fmt.Sprint("round ", generation)}, Department: "TP"}); err != nil {
			t.Fatal(err)
		}
	}
	at := time.UnixMilli(1530493200000).UTC().AddDate(0, 0, round)
	snap, err = in.Finish(t.Context(), reconcile.Poll{Mode: reconcile.Full, StartedAt: at, EndedAt: at, EndReached: true, DeclaredTotal: rows}, reconcile.DefaultShrink)
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	return snap, unknown
}

// fillOld does what the first release could do: polls, one of them held, runs and a
// person's word.
func fillOld(t *testing.T, db *storetest.Database) {
	t.Helper()
	ctx := t.Context()
	takeOld(t, db, 1, upgradeRows)
	takeOld(t, db, 2, upgradeRows)
	if snap, _ := takeOld(t, db, 2, upgradeRows/2); snap.State != reconcile.SnapshotHeld {
		t.Fatalf("half a book is %s", snap.State)
	}
	before := int64(0)
	for round, states := range [][2]reconcile.State{{"", reconcile.StateOpen}, {reconcile.StateOpen, reconcile.StateResolved}, {reconcile.StateResolved, reconcile.StateOpen}} {
		run := &store.Run{StartedAt: time.UnixMilli(1530493200000).UTC(), EndedAt: time.UnixMilli(1530493260000).UTC(), Digest: "rules"}
		if err := db.Store.WriteRun(ctx, run, before, func(w *store.RunWriter) error {
			run.Summary.Opened = round
			if err := w.BeginAll(ctx, 0); err != nil {
				return err
			}
			for i := range 5 - round {
				if err := w.Put(ctx, oldChange(i, states[0], states[1])); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		before = run.ID
	}
	c := oldChange(4, reconcile.StateOpen, reconcile.StateAcknowledged)
	c.Discrepancy.Note = "chờ thuế"
	if err := db.Store.SaveChanges(ctx, []reconcile.Change{c}); err != nil {
		t.Fatal(err)
	}
}

func oldChange(i int, from, to reconcile.State) reconcile.Change {
	d := reconcile.Discrepancy{ID: fmt.Sprint("id ", i), Code: fmt.Sprint("H-", i), Kind: reconcile.Kinds[i%2], Department: "TP", State: to}
	return reconcile.Change{Discrepancy: d, Event: reconcile.Event{DiscrepancyID: d.ID, Actor: reconcile.ServiceActor, From: from, To: to}}
}

func migrations(t *testing.T, kind string, db *sqlx.DB) *goose.Provider {
	t.Helper()
	dialect := goose.DialectSQLite3
	if kind == "postgres" {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, db.DB, os.DirFS("migrations/"+kind))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// copyToVersion makes a store of an earlier schema and puts there what of from it has
// columns for.
func copyToVersion(t *testing.T, from *storetest.Database, storeURL string, version int64, tables []string) {
	t.Helper()
	to := rawDatabase(t, storeURL)
	if _, err := migrations(t, from.Store.Kind(), to).UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	if _, err := to.Exec("DELETE FROM settings"); err != nil { // what a migration set
		t.Fatal(err)
	}
	for _, table := range tables {
		rows, err := to.Query("SELECT * FROM " + table)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		list, marks := strings.Join(columns, ", "), strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ")
		chosen := strings.Replace(list, "settled", "1 AS settled", 1)
		values, err := from.SQL.Queryx("SELECT " + chosen + " FROM " + table)
		if err != nil {
			t.Fatal(err)
		}
		for values.Next() {
			row, err := values.SliceScan()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := to.Exec(to.Rebind("INSERT INTO "+table+" ("+list+") VALUES ("+marks+")"), row...); err != nil {
				t.Fatal(table, err)
			}
		}
		if err := values.Err(); err != nil {
			t.Fatal(err)
		}
		if from.Store.Kind() == "postgres" && columns[0] == "id" && !strings.HasSuffix(table, "_blocks") && table != "discrepancies" {
			if _, err := to.Exec("SELECT setval(pg_get_serial_sequence('" + table + "', 'id'), MAX(id)) FROM " + table); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// contents is all that the first release let one see.
func contents(t *testing.T, db *storetest.Database) map[string][]string {
	t.Helper()
	ctx := t.Context()
	out := map[string][]string{}
	add := func(what string, values ...any) { out[what] = append(out[what], fmt.Sprintf("%+v", values)) }
	reader, err := db.Store.NewReader(ctx)
	if err != nil {
		t.Fatal(err)
	}
	dossiers, err := reader.ReadRange(ctx, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dossiers {
		for _, r := range d.Rows {
			add("rows", d.Code, r.Source, r.Values, r.SeenFrom)
		}
		for _, v := range d.Versions {
			add("versions", d.Code, v.Source, v.Values, v.SeenFrom, v.SeenUntil, v.Gone)
		}
		for _, x := range d.Discrepancies {
			add("discrepancies", x)
			events, err := db.Store.ListEvents(ctx, x.ID)
			if err != nil {
				t.Fatal(err)
			}
			add("events", events)
		}
	}
	snapshots, err := db.Store.ListSnapshots(ctx, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, snap := range snapshots {
		add("snapshots", snap)
	}
	runs, err := db.Store.ListRuns(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range runs {
		add("runs", run)
	}
	totals, err := db.Store.Totals(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, sum := range totals { // as the events say
		add("totals", sum)
	}
	return out
}

// checkUpgraded goes on with an upgraded store, of version 1 or of one after takeLoose.
func checkUpgraded(t *testing.T, db *storetest.Database, versionOne bool) {
	t.Helper()
	ctx := t.Context()
	compareAll, waiting, looseRows := true, 1, 0
	if !versionOne { // the incremental poll overtook what was held
		compareAll, waiting, looseRows = false, 0, 3
	}
	if _, all, err := db.Store.ChangedKeys(ctx); err != nil || all != compareAll {
		t.Errorf("the next comparison is of all: %t, error %v", all, err)
	}
	if held, err := db.Store.HeldSnapshots(ctx); err != nil || len(held) != waiting {
		t.Errorf("%d snapshots wait, error %v", len(held), err)
	}
	if runs, err := db.Store.ListRuns(ctx, 10); err != nil || slices.ContainsFunc(runs, func(r store.Run) bool { return r.Kind != store.RunManual || r.Held }) {
		t.Errorf("runs %v, error %v", runs, err)
	}
	// Dossiers are found by their codes, too, though nothing is known of their holders.
	reader, err := db.Store.NewReader(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := reader.ReadKeys(ctx, []store.Key{store.KeyOf("H-7")}, nil); err != nil || len(list) != 1 || len(list[0].Rows) != 1 {
		t.Errorf("found %v, error %v", list, err)
	}
	// The rows are known as they were, and everything goes on.
	if snap, unknown := takeOld(t, db, 2, upgradeRows); unknown != looseRows || snap.State != reconcile.SnapshotAccepted {
		t.Errorf("%d rows were not known, snapshot %s: %s", unknown, snap.State, snap.Reason)
	}
	last, err := db.Store.LastRun(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Store.WriteRun(ctx, &store.Run{Kind: store.RunNightly}, last.ID, func(w *store.RunWriter) error { return w.BeginAll(ctx, 0) }); err != nil {
		t.Error(err)
	}
	if keys, all, err := db.Store.ChangedKeys(ctx); err != nil || all || len(keys) > 0 {
		t.Errorf("after it %d are left, all: %t, error %v", len(keys), all, err)
	}
}
