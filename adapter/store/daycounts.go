package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// Counting what stands reads an index of all of it, which for fifty thousand takes
// longer than an incremental run may (DECISIONS.md has figures). So it is done at the
// end of full runs, else when countEvery has gone by, and once more before the first
// run of another day begins: what stands then is what the day before ended with. What
// opened and was resolved is added up with every run.
const countEvery = time.Minute

// settingDayCounted is dayCounted as JSON.
const settingDayCounted = "day_counted"

// dayCounted is the last day that was counted.
type dayCounted struct {
	Day   string `json:"day"`
	At    int64  `json:"at"`    // end of the run after which what stands was counted last
	Stale bool   `json:"stale"` // there were runs since
}

// DayCount is what a day ended with; of today, what stood at most a minute before the
// last run ended. A row with Kind "" counts dossiers of the department and is there for
// every day with a run and every department that is compared; the others count
// discrepancies of a kind, where there were any.
type DayCount struct {
	Day        string         `db:"day"` // yyyy-MM-dd
	Department string         `db:"department"`
	Kind       reconcile.Kind `db:"kind"`
	Open       int            `db:"open"`     // open or acknowledged, not unstable
	Opened     int            `db:"opened"`   // by runs of the day
	Resolved   int            `db:"resolved"` // likewise
	// FalseOverdue and HiddenOverdue are dossiers of which something with that effect
	// is open or acknowledged; 0 but where Kind is "".
	FalseOverdue  int `db:"false_overdue"`
	HiddenOverdue int `db:"hidden_overdue"`
}

// beginDay counts what the last day ended with, where that is not known yet.
func (w *RunWriter) beginDay(ctx context.Context) error {
	if w.run.LocalDay == "" {
		return nil
	}
	if err := w.store.readSettingJSON(ctx, w.tx, settingDayCounted, &w.day); err != nil {
		return err
	}
	if w.day.Stale && w.day.Day < w.run.LocalDay {
		return w.countDay(ctx, w.day.Day, nil)
	}
	return nil
}

// finishDay keeps what the run changed, after everything else of it was written.
func (w *RunWriter) finishDay(ctx context.Context) error {
	day := w.run.LocalDay
	if day == "" || day < w.day.Day { // a clock that was put back: those days are over
		return nil
	}
	query := w.store.bind(`INSERT INTO day_counts (day, department, kind, opened, resolved) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (day, department, kind) DO UPDATE SET opened = day_counts.opened + excluded.opened, resolved = day_counts.resolved + excluded.resolved`)
	for key, t := range w.changes.totals {
		if _, err := w.tx.ExecContext(ctx, query, day, key.department, string(key.kind), t.opened, t.resolved); err != nil {
			return fmt.Errorf("day counts: %w", err)
		}
	}
	at := millis(w.run.EndedAt)
	if w.blocks == nil && day == w.day.Day && at >= w.day.At && at < w.day.At+countEvery.Milliseconds() {
		if w.day.Stale {
			return nil
		}
		w.day.Stale = true
	} else {
		if err := w.countDay(ctx, day, w.run.Summary.Compared); err != nil {
			return err
		}
		w.day = dayCounted{Day: day, At: at}
	}
	return w.store.setJSON(ctx, w.tx, settingDayCounted, w.day)
}

// countDay counts what stands into a day. compared are departments that have a row
// even if nothing stands.
func (w *RunWriter) countDay(ctx context.Context, day string, compared map[string]int) error {
	if _, err := w.tx.ExecContext(ctx, w.store.bind(`UPDATE day_counts SET open = 0, false_overdue = 0, hidden_overdue = 0 WHERE day = ?`), day); err != nil {
		return fmt.Errorf("day counts: %w", err)
	}
	type class struct{ department, kind string }
	counts := map[class]*DayCount{}
	of := func(department, kind string) *DayCount {
		key := class{department, kind}
		if counts[key] == nil {
			counts[key] = &DayCount{Department: department, Kind: reconcile.Kind(kind)}
		}
		return counts[key]
	}
	for department := range compared {
		of(cleanText(department), "")
	}
	var open []DayCount
	if err := w.tx.SelectContext(ctx, &open, `SELECT department, kind, COUNT(*) AS open FROM discrepancies
		WHERE state <> 'resolved' AND state IN ('open', 'acknowledged') AND unstable = 0 GROUP BY kind, department`); err != nil {
		return fmt.Errorf("day counts: %w", err)
	}
	for _, c := range open {
		of(c.Department, string(c.Kind)).Open = c.Open
	}
	effects, err := w.store.countEffects(ctx, w.tx)
	if err != nil {
		return err
	}
	for _, e := range effects {
		switch e.Effect {
		case reconcile.FalseOverdue:
			of(e.Department, "").FalseOverdue = e.Dossiers
		case reconcile.HiddenOverdue:
			of(e.Department, "").HiddenOverdue = e.Dossiers
		}
	}
	query := w.store.bind(`INSERT INTO day_counts (day, department, kind, open, false_overdue, hidden_overdue) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (day, department, kind) DO UPDATE SET open = excluded.open, false_overdue = excluded.false_overdue, hidden_overdue = excluded.hidden_overdue`)
	stmt, err := w.tx.PrepareContext(ctx, query)
	if err != nil {
		return fmt.Errorf("day counts: %w", err)
	}
	defer stmt.Close() // the transaction's end closes it too
	for _, c := range counts {
		if _, err := stmt.ExecContext(ctx, day, c.Department, string(c.Kind), c.Open, c.FalseOverdue, c.HiddenOverdue); err != nil {
			return fmt.Errorf("day counts: %w", err)
		}
	}
	return nil
}

// DayCounts is the counts of a day (yyyy-MM-dd) and those after it, by day, department
// and kind; of some departments, or all where that is nil.
func (s *Store) DayCounts(ctx context.Context, fromDay string, departments []string) ([]DayCount, error) {
	return s.selectDays(ctx, `SELECT day, department, kind, open, opened, resolved, false_overdue, hidden_overdue FROM day_counts `,
		fromDay, departments, "day, department, kind")
}

// DayTotals is DayCounts added up by day; Department and Kind are "".
func (s *Store) DayTotals(ctx context.Context, fromDay string, departments []string) ([]DayCount, error) {
	return s.selectDays(ctx, `SELECT day, CAST(SUM(open) AS BIGINT) AS open, CAST(SUM(opened) AS BIGINT) AS opened, CAST(SUM(resolved) AS BIGINT) AS resolved,
		CAST(SUM(false_overdue) AS BIGINT) AS false_overdue, CAST(SUM(hidden_overdue) AS BIGINT) AS hidden_overdue FROM day_counts `,
		fromDay, departments, "day")
}

func (s *Store) selectDays(ctx context.Context, columns, fromDay string, departments []string, order string) ([]DayCount, error) {
	q := newQuery()
	q.where("day >= ?", fromDay)
	if err := q.within(s, "department", departments); err != nil {
		return nil, fmt.Errorf("store: day counts: %w", err)
	}
	if departments != nil {
		q.where("department <> ''") // seen by whoever sees everything
	}
	if order == "day" {
		q.group("day")
	}
	q.order(order, 0)
	var list []DayCount
	err := s.read(ctx, "day counts", func(tx *sqlx.Tx) error {
		return tx.SelectContext(ctx, &list, s.bind(columns+q.String()), q.args...)
	})
	return list, err
}
