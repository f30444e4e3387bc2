package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// settings that the last run leaves.
const (
	settingDossierCounts = "dossier_counts" // JSON of dossierCounts
	settingFresh         = "fresh_sources"  // JSON: name to UTC milliseconds
)

// dossierCounts is how many dossiers each source holds in each status.
type dossierCounts struct {
	names map[int64]string
	by    map[string]map[reconcile.Status]int
}

func (s *Store) readCounts(ctx context.Context, db sqlx.QueryerContext) (*dossierCounts, error) {
	var sources []struct {
		ID   int64  `db:"id"`
		Name string `db:"name"`
	}
	if err := sqlx.SelectContext(ctx, db, &sources, `SELECT id, name FROM sources`); err != nil {
		return nil, fmt.Errorf("sources: %w", err)
	}
	c := &dossierCounts{names: make(map[int64]string, len(sources))}
	for _, source := range sources {
		c.names[source.ID] = source.Name
	}
	return c, s.readSettingJSON(ctx, db, settingDossierCounts, &c.by)
}

func (c *dossierCounts) clear() { c.by = nil }

// add counts n dossiers of a class, each once a source however often it holds it
// with this status.
func (c *dossierCounts) add(class Class, n int) {
	var before Held
	for _, row := range class.held() {
		if row == before {
			continue
		}
		before = row
		name := c.names[row.SourceID]
		if c.by == nil {
			c.by = map[string]map[reconcile.Status]int{}
		}
		if c.by[name] == nil {
			c.by[name] = map[reconcile.Status]int{}
		}
		if c.by[name][row.Status] += n; c.by[name][row.Status] == 0 {
			delete(c.by[name], row.Status)
		}
	}
}

// DossierCounts is how many dossiers each source held, by status, when they were
// last compared; "" are those whose status the mapping does not know.
func (s *Store) DossierCounts(ctx context.Context) (map[string]map[reconcile.Status]int, error) {
	var by map[string]map[reconcile.Status]int
	if err := s.readSettingJSON(ctx, s.reader, settingDossierCounts, &by); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	return by, nil
}

// LastFresh are the sources whose word counted in the last run, with the start of
// their last accepted full poll by then.
func (s *Store) LastFresh(ctx context.Context) (map[string]time.Time, error) {
	var ms map[string]int64
	if err := s.readSettingJSON(ctx, s.reader, settingFresh, &ms); err != nil {
		return nil, fmt.Errorf("store: %w", err)
	}
	fresh := make(map[string]time.Time, len(ms))
	for name, at := range ms {
		fresh[name] = fromMillis(at)
	}
	return fresh, nil
}

// readSettingJSON reads a setting into value, which stays as it is where there is none.
func (s *Store) readSettingJSON(ctx context.Context, db sqlx.QueryerContext, name string, value any) error {
	var text []string
	if err := sqlx.SelectContext(ctx, db, &text, s.bind(`SELECT value FROM settings WHERE name = ?`), name); err != nil {
		return fmt.Errorf("setting %s: %w", name, err)
	}
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal([]byte(text[0]), value); err != nil {
		return fmt.Errorf("setting %s: %w", name, err)
	}
	return nil
}

func (s *Store) setJSON(ctx context.Context, tx *sqlx.Tx, name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return s.set(ctx, tx, name, string(text))
}

// Totals is how often discrepancies opened, were resolved and came back, since
// the store was made.
type Totals struct {
	Kind                       reconcile.Kind `db:"kind"`
	Department                 string         `db:"department"`
	Opened, Resolved, Reopened int64
}

type totalOf struct {
	kind       reconcile.Kind
	department string
}

type totals struct{ opened, resolved, reopened int64 }

// total counts a change.
func (w *changeWriter) total(c *reconcile.Change) {
	opened, resolved, reopened := c.Opened(), c.Resolved(), c.Reopened()
	if !opened && !resolved && !reopened {
		return
	}
	key := totalOf{c.Discrepancy.Kind, cleanText(c.Discrepancy.Department)}
	t := w.totals[key]
	t.opened += int64(boolInt(opened))
	t.resolved += int64(boolInt(resolved))
	t.reopened += int64(boolInt(reopened))
	w.totals[key] = t
}

func (w *changeWriter) flushTotals(ctx context.Context) error {
	query := w.store.bind(`INSERT INTO discrepancy_totals (kind, department, opened, resolved, reopened) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (kind, department) DO UPDATE SET opened = discrepancy_totals.opened + excluded.opened,
		resolved = discrepancy_totals.resolved + excluded.resolved, reopened = discrepancy_totals.reopened + excluded.reopened`)
	for key, t := range w.totals {
		if _, err := w.tx.ExecContext(ctx, query, string(key.kind), key.department, t.opened, t.resolved, t.reopened); err != nil {
			return fmt.Errorf("totals: %w", err)
		}
	}
	clear(w.totals)
	return nil
}

// finishTotals keeps everything that a run counted besides its own summary.
func (w *RunWriter) finishTotals(ctx context.Context) error {
	if w.looks && w.store.queue != nil {
		if err := w.store.queue.Look(ctx, w.tx.Tx); err != nil {
			return err
		}
	}
	if err := w.store.setJSON(ctx, w.tx, settingDossierCounts, w.counts.by); err != nil {
		return err
	}
	ms := make(map[string]int64, len(w.run.Fresh))
	for name, at := range w.run.Fresh {
		ms[name] = millis(at)
	}
	return w.store.setJSON(ctx, w.tx, settingFresh, ms)
}

// Totals are the totals of every kind and department that ever had one.
func (s *Store) Totals(ctx context.Context) ([]Totals, error) {
	var list []Totals
	if err := s.reader.SelectContext(ctx, &list, `SELECT kind, department, opened, resolved, reopened FROM discrepancy_totals ORDER BY kind, department`); err != nil {
		return nil, fmt.Errorf("store: totals: %w", err)
	}
	return list, nil
}
