package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

type discrepancyRow struct {
	ID              string `db:"id"`
	Kind            string `db:"kind"`
	Code            string `db:"code"`
	Side            string `db:"side"`
	Department      string `db:"department"`
	State           string `db:"state"`
	Effect          string `db:"deadline_effect"`
	Reason          string `db:"reason"`
	Since           int64  `db:"since_at"`
	SinceFrom       string `db:"since_from"`
	FirstDetectedAt int64  `db:"first_detected_at"`
	OpenedAt        int64  `db:"opened_at"`
	ResolvedAt      int64  `db:"resolved_at"`
	Reopened        int    `db:"reopened"`
	Values          string `db:"values_digest"`
	SetBy           string `db:"set_by"`
	Note            string `db:"note"`
	WaivedUntil     int64  `db:"waived_until"`
	WaivedValues    string `db:"waived_values"`
	WakeAt          int64  `db:"wake_at"`
	Unstable        int    `db:"unstable"`
}

var discrepancyColumns = []string{
	"id", "dossier_key", "kind", "code", "side", "department", "state", "deadline_effect", "reason", "since_at", "since_from",
	"first_detected_at", "opened_at", "resolved_at", "reopened", "values_digest", "set_by", "note", "waived_until", "waived_values", "wake_at", "unstable",
}

const discrepancyQuery = `SELECT id, kind, code, side, department, state, deadline_effect, reason, since_at, since_from, first_detected_at,
	opened_at, resolved_at, reopened, values_digest, set_by, note, waived_until, waived_values, wake_at, unstable FROM discrepancies `

func (r *discrepancyRow) discrepancy() reconcile.Discrepancy {
	return reconcile.Discrepancy{
		ID: r.ID, Kind: reconcile.Kind(r.Kind), Code: r.Code, Side: reconcile.Side(r.Side), Department: r.Department,
		State: reconcile.State(r.State), Effect: reconcile.Effect(r.Effect), Reason: r.Reason, Since: fromMillis(r.Since), SinceFrom: r.SinceFrom,
		FirstDetectedAt: fromMillis(r.FirstDetectedAt), OpenedAt: fromMillis(r.OpenedAt), ResolvedAt: fromMillis(r.ResolvedAt),
		Reopened: r.Reopened, Values: r.Values, SetBy: r.SetBy, Note: r.Note, WaivedUntil: fromMillis(r.WaivedUntil),
		WaivedValues: r.WaivedValues, WakeAt: fromMillis(r.WakeAt), Unstable: r.Unstable != 0,
	}
}

func discrepancyValues(d *reconcile.Discrepancy) []any {
	return []any{
		d.ID, KeyOf(d.Code), string(d.Kind), d.Code, string(d.Side), d.Department, string(d.State), string(d.Effect), d.Reason,
		millis(d.Since), d.SinceFrom, millis(d.FirstDetectedAt), millis(d.OpenedAt), millis(d.ResolvedAt), d.Reopened, d.Values,
		d.SetBy, d.Note, millis(d.WaivedUntil), d.WaivedValues, millis(d.WakeAt), boolInt(d.Unstable),
	}
}

// upsertDiscrepancy replaces everything but identity and first detection.
var upsertDiscrepancy = func() string {
	var set []string
	for _, column := range discrepancyColumns {
		switch column {
		case "id", "dossier_key", "kind", "code", "side", "first_detected_at":
		default:
			set = append(set, column+" = excluded."+column)
		}
	}
	return "ON CONFLICT (id) DO UPDATE SET " + strings.Join(set, ", ")
}()

func (s *Store) selectDiscrepancies(ctx context.Context, db sqlx.QueryerContext, where string, args ...any) ([]reconcile.Discrepancy, error) {
	var list []reconcile.Discrepancy
	err := s.eachDiscrepancy(ctx, db, where, args, func(d reconcile.Discrepancy) error {
		list = append(list, d)
		return nil
	})
	return list, err
}

func (s *Store) eachDiscrepancy(ctx context.Context, db sqlx.QueryerContext, where string, args []any, do func(reconcile.Discrepancy) error) error {
	rows, err := db.QueryxContext(ctx, s.bind(discrepancyQuery+where), args...)
	if err != nil {
		return fmt.Errorf("store: discrepancies: %w", err)
	}
	defer rows.Close() // rows.Err tells
	for rows.Next() {
		var row discrepancyRow
		if err := rows.StructScan(&row); err != nil {
			return fmt.Errorf("store: discrepancies: %w", err)
		}
		if err := do(row.discrepancy()); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("store: discrepancies: %w", err)
	}
	return nil
}

// GetDiscrepancy is one discrepancy by its id; ErrNotFound if there is none.
func (s *Store) GetDiscrepancy(ctx context.Context, id string) (reconcile.Discrepancy, error) {
	list, err := s.selectDiscrepancies(ctx, s.reader, `WHERE id = ?`, id)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("store: discrepancy %s: %w", id, ErrNotFound)
	}
	if err != nil {
		return reconcile.Discrepancy{}, err
	}
	return list[0], nil
}

// SaveChanges keeps what a person set, with its events: all of it or nothing. It
// refuses where a run changed a discrepancy since the person looked at it.
func (s *Store) SaveChanges(ctx context.Context, changes []reconcile.Change) error {
	return s.write(ctx, "discrepancies", func(tx *sqlx.Tx) error {
		w := s.changeWriter(tx, 0)
		for _, c := range changes {
			if err := s.unchangedSince(ctx, tx, &c); err != nil {
				return err
			}
			if err := w.put(ctx, c); err != nil {
				return err
			}
		}
		return w.flush(ctx)
	})
}

func (s *Store) unchangedSince(ctx context.Context, tx *sqlx.Tx, c *reconcile.Change) error {
	if c.Event.From == "" {
		return nil // there was none before
	}
	list, err := s.selectDiscrepancies(ctx, tx, `WHERE id = ?`, c.Discrepancy.ID)
	switch {
	case err != nil:
		return err
	case len(list) == 0:
		return fmt.Errorf("discrepancy %s: %w", c.Discrepancy.ID, ErrNotFound)
	case list[0].State != c.Event.From || list[0].Values != c.Discrepancy.Values:
		return fmt.Errorf("discrepancy %s is %s now and was %s when you looked, or its values changed; look at it again",
			c.Discrepancy.ID, list[0].State, c.Event.From)
	}
	return nil
}

// Summary counts discrepancies by kind, department and state.
type Summary struct {
	Kind       reconcile.Kind   `db:"kind"`
	Department string           `db:"department"`
	State      reconcile.State  `db:"state"`
	Effect     reconcile.Effect `db:"deadline_effect"`
	Count      int              `db:"count"`
}

// Summarize counts the discrepancies, resolved ones too.
func (s *Store) Summarize(ctx context.Context) ([]Summary, error) {
	var rows []Summary
	err := s.reader.SelectContext(ctx, &rows, `SELECT kind, department, state, deadline_effect, COUNT(*) AS count FROM discrepancies
		GROUP BY kind, department, state, deadline_effect ORDER BY kind, department, state, deadline_effect`)
	if err != nil {
		return nil, fmt.Errorf("store: summary: %w", err)
	}
	return rows, nil
}

// ListEvents is the life of a discrepancy, oldest event first.
func (s *Store) ListEvents(ctx context.Context, id string) ([]reconcile.Event, error) {
	var rows []struct {
		At    int64  `db:"happened_at"`
		Actor string `db:"actor"`
		From  string `db:"from_state"`
		To    string `db:"to_state"`
		Why   string `db:"why"`
	}
	if err := s.reader.SelectContext(ctx, &rows, s.bind(`SELECT happened_at, actor, from_state, to_state, why FROM discrepancy_events
		WHERE discrepancy_id = ? ORDER BY id`), id); err != nil {
		return nil, fmt.Errorf("store: events of %s: %w", id, err)
	}
	events := make([]reconcile.Event, len(rows))
	for i, r := range rows {
		events[i] = reconcile.Event{DiscrepancyID: id, At: fromMillis(r.At), Actor: r.Actor,
			From: reconcile.State(r.From), To: reconcile.State(r.To), Why: r.Why}
	}
	return events, nil
}

// changeWriter writes changes and their events.
type changeWriter struct {
	store                 *Store
	tx                    *sqlx.Tx
	discrepancies, events *bulk
	run                   int64
	totals                map[totalOf]totals
}

func (s *Store) changeWriter(tx *sqlx.Tx, run int64) *changeWriter {
	return &changeWriter{
		store: s, tx: tx, totals: map[totalOf]totals{},
		discrepancies: s.bulk(tx, "discrepancies", upsertDiscrepancy, discrepancyColumns...),
		events:        s.bulk(tx, "discrepancy_events", "", "discrepancy_id", "run_id", "happened_at", "actor", "from_state", "to_state", "why"),
		run:           run,
	}
}

func (w *changeWriter) put(ctx context.Context, c reconcile.Change) error {
	if err := w.discrepancies.add(ctx, discrepancyValues(&c.Discrepancy)...); err != nil {
		return err
	}
	if c.Event.To == "" {
		return nil // only its next moment moved
	}
	w.total(&c)
	e := &c.Event
	return w.events.add(ctx, e.DiscrepancyID, w.run, millis(e.At), e.Actor, string(e.From), string(e.To), e.Why)
}

func (w *changeWriter) flush(ctx context.Context) error {
	if err := w.flushRows(ctx); err != nil {
		return err
	}
	return w.flushTotals(ctx)
}

func (w *changeWriter) flushRows(ctx context.Context) error {
	if err := w.discrepancies.flush(ctx); err != nil {
		return err
	}
	return w.events.flush(ctx)
}
