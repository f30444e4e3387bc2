package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/reconcile"
)

var dayTests = []test{
	{"each day is counted as it ended", dayCounts},
	{"a day's counts are of dossiers or of discrepancies", dayDossiers},
	{"days in scope, and added up", dayScope},
	{"a run that fails counts nothing, nor one without a day", dayFailed},
}

// dayRun is a run that ends at a moment of a day and opens or resolves some.
type dayRun struct {
	day      string
	at       time.Duration
	full     bool
	open     []string // codes
	resolve  []string
	compared map[string]int
}

func (r dayRun) write(t *testing.T, db *Database) {
	t.Helper()
	run := &store.Run{LocalDay: r.day, EndedAt: day.Add(r.at), AsOf: day.Add(r.at)}
	write(t, db, run, func(w *store.RunWriter) error {
		if r.full {
			if err := w.BeginAll(t.Context(), 0); err != nil {
				return err
			}
		}
		run.Summary.Compared = r.compared
		for _, code := range r.open {
			if err := w.Put(t.Context(), dayChange(code, "", reconcile.StateOpen)); err != nil {
				return err
			}
		}
		for _, code := range r.resolve {
			if err := w.Put(t.Context(), dayChange(code, reconcile.StateOpen, reconcile.StateResolved)); err != nil {
				return err
			}
		}
		return nil
	})
}

func dayChange(code string, from, to reconcile.State) reconcile.Change {
	d := reconcile.Discrepancy{ID: "id " + code, Code: code, Kind: reconcile.ResolvedNotClosed, Department: "TP", State: to, Effect: reconcile.EffectNone}
	return reconcile.Change{Discrepancy: d, Event: reconcile.Event{DiscrepancyID: d.ID, From: from, To: to}}
}

// days is open/opened/resolved of department TP's only kind, by day.
func days(t *testing.T, db *Database) map[string]string {
	t.Helper()
	list, err := db.Store.DayCounts(t.Context(), "2018-07-02", nil)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, c := range list {
		if c.Kind != "" {
			out[c.Day[8:]] = fmt.Sprintf("%d+%d-%d", c.Open, c.Opened, c.Resolved)
		}
	}
	return out
}

func dayCounts(t *testing.T, db *Database) {
	const second, minute, hour = time.Second, time.Minute, time.Hour
	steps := []struct {
		name string
		run  dayRun
		want map[string]string
	}{
		{"a first run", dayRun{day: "2018-07-01", open: []string{"0"}}, map[string]string{}},
		{"the next day", dayRun{day: "2018-07-02", at: 1 * minute, open: []string{"A", "B"}}, map[string]string{"02": "3+2-0"}},
		{"within the minute what stands is as it was", dayRun{day: "2018-07-02", at: 1*minute + 30*second, open: []string{"C"}, resolve: []string{"A"}}, map[string]string{"02": "3+3-1"}},
		{"after the minute", dayRun{day: "2018-07-02", at: 2*minute + 10*second}, map[string]string{"02": "3+3-1"}},
		{"and again", dayRun{day: "2018-07-02", at: 2*minute + 20*second, open: []string{"D", "E"}}, map[string]string{"02": "3+5-1"}},
		{"a full run always counts", dayRun{day: "2018-07-02", at: 2*minute + 30*second, full: true}, map[string]string{"02": "5+5-1"}},
		{"a last change of the day", dayRun{day: "2018-07-02", at: 2*minute + 40*second, resolve: []string{"D"}}, map[string]string{"02": "5+5-2"}},
		{"days later the day is put right", dayRun{day: "2018-07-05", at: 72 * hour, open: []string{"F", "G"}}, map[string]string{"02": "4+5-2", "05": "6+2-0"}},
		{"a clock that was put back changes no day that is over", dayRun{day: "2018-07-02", at: 3 * minute, open: []string{"H"}}, map[string]string{"02": "4+5-2", "05": "6+2-0"}},
		{"everything is resolved", dayRun{day: "2018-07-06", at: 96 * hour, resolve: []string{"0", "B", "C", "E", "F", "G", "H"}},
			map[string]string{"02": "4+5-2", "05": "6+2-0", "06": "0+0-7"}},
	}
	for _, step := range steps {
		step.run.write(t, db)
		same(t, step.name, step.want, days(t, db))
	}
}

func dayDossiers(t *testing.T, db *Database) {
	var list []reconcile.Discrepancy
	add := func(kind reconcile.Kind, department, code string, state reconcile.State, effect reconcile.Effect, unstable bool) {
		list = append(list, reconcile.Discrepancy{ID: fmt.Sprint(len(list)), Kind: kind, Department: department, Code: code, State: state, Effect: effect, Unstable: unstable})
	}
	add(reconcile.ResolvedNotClosed, "TP", "A", reconcile.StateOpen, reconcile.FalseOverdue, false)
	add(reconcile.DueDateMismatch, "TP", "A", reconcile.StateAcknowledged, reconcile.FalseOverdue, false) // the same dossier
	add(reconcile.DueDateMismatch, "TP", "B", reconcile.StateOpen, reconcile.FalseOverdue, false)
	add(reconcile.DueDateMismatch, "TP", "C", reconcile.StateOpen, reconcile.HiddenOverdue, false)
	add(reconcile.DueDateMismatch, "TP", "D", reconcile.StateWaived, reconcile.HiddenOverdue, false)
	add(reconcile.DueDateMismatch, "TP", "E", reconcile.StateSuspected, reconcile.HiddenOverdue, true)
	add(reconcile.DueDateMismatch, "TP", "F", reconcile.StateResolved, reconcile.HiddenOverdue, false)
	add(reconcile.InvalidRecord, "", "G", reconcile.StateOpen, reconcile.EffectNone, false)
	save(t, db, list...)
	dayRun{day: "2018-07-02", full: true, compared: map[string]int{"TP": 9, "NV": 4}}.write(t, db)
	got, err := db.Store.DayCounts(t.Context(), "2018-07-02", nil)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "counts", []store.DayCount{
		{Day: "2018-07-02", Kind: reconcile.InvalidRecord, Open: 1},
		{Day: "2018-07-02", Department: "NV"},
		{Day: "2018-07-02", Department: "TP", FalseOverdue: 2, HiddenOverdue: 1},
		{Day: "2018-07-02", Department: "TP", Kind: reconcile.DueDateMismatch, Open: 3},
		{Day: "2018-07-02", Department: "TP", Kind: reconcile.ResolvedNotClosed, Open: 1},
	}, got)
}

func dayScope(t *testing.T, db *Database) {
	for n := range 3 {
		dayRun{day: fmt.Sprint("2018-07-0", n+2), at: time.Duration(24*n) * time.Hour, open: []string{fmt.Sprint(n)}, compared: map[string]int{"TP": 1, "NV": 1, "": 1}}.write(t, db)
	}
	from := func(list []store.DayCount, err error) (out []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			out = append(out, fmt.Sprintf("%s%s%t%d %d", c.Day[8:], c.Department, c.Kind != "", c.Open, c.Opened))
		}
		return out
	}
	ctx := t.Context()
	counts := func(fromDay string, departments []string) []string {
		t.Helper()
		return from(db.Store.DayCounts(ctx, fromDay, departments))
	}
	sums := func(fromDay string, departments []string) []string {
		t.Helper()
		return from(db.Store.DayTotals(ctx, fromDay, departments))
	}
	same(t, "one department's", []string{"03NVfalse0 0", "04NVfalse0 0"}, counts("2018-07-03", []string{"NV"}))
	same(t, "two departments'", []string{"04NVfalse0 0", "04TPfalse0 0", "04TPtrue3 1"}, counts("2018-07-04", []string{"TP", "NV"}))
	same(t, "what belongs to none is seen by whoever sees all", []string{"04false0 0", "04NVfalse0 0", "04TPfalse0 0", "04TPtrue3 1"}, counts("2018-07-04", nil))
	same(t, "nobody's", 0, len(counts("2018-07-02", []string{"", "none"})))
	same(t, "of no departments", 0, len(counts("2018-07-02", []string{})))
	same(t, "totals", []string{"02false1 1", "03false2 1", "04false3 1"}, sums("2018-07-02", nil))
	same(t, "totals of one", []string{"03false0 0", "04false0 0"}, sums("2018-07-03", []string{"NV"}))
	same(t, "totals of none", 0, len(sums("2018-07-02", []string{})))
}

func dayFailed(t *testing.T, db *Database) {
	dayRun{open: []string{"A"}}.write(t, db)
	same(t, "without a day", 0, count(t, db, "SELECT COUNT(*) FROM day_counts"))
	if err := db.Store.WriteRun(t.Context(), &store.Run{LocalDay: "2018-07-02"}, 1, func(w *store.RunWriter) error {
		if err := w.Put(t.Context(), dayChange("B", "", reconcile.StateOpen)); err != nil {
			return err
		}
		return errors.New("a rule failed")
	}); err == nil {
		t.Error("it was kept")
	}
	same(t, "after a run that failed", 0, count(t, db, "SELECT COUNT(*) FROM day_counts"))
	if _, err := db.Store.Act(t.Context(), nil, []string{"id A"}, acknowledge("Lan")); err != nil {
		t.Fatal(err)
	}
	same(t, "after a person", 0, count(t, db, "SELECT COUNT(*) FROM day_counts"))
}
