package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/doisoat/doisoat/reconcile"
)

// RunKind is what set a run off.
type RunKind string

// The kinds of runs.
const (
	RunNightly     RunKind = "nightly"     // every source in full, every dossier
	RunIncremental RunKind = "incremental" // what changed, and what time changed
	RunManual      RunKind = "manual"      // from the command line
)

// RunKinds lists the kinds of runs.
var RunKinds = []RunKind{RunNightly, RunIncremental, RunManual}

// Run is one reconciliation.
type Run struct {
	ID   int64
	Kind RunKind // "" is RunManual
	Day  string  // of a nightly one: its business day, yyyy-MM-dd
	// LocalDay is the day of AsOf in the configuration's zone, yyyy-MM-dd: the day that
	// DayCounts count the run to. It is not kept; "" counts nothing.
	LocalDay  string
	StartedAt time.Time
	EndedAt   time.Time
	AsOf      time.Time
	// Digest is of everything but the data that the decisions rest on: rules,
	// mappings, calendar, program.
	Digest  string
	Summary RunSummary
	// Held: the mass-change breaker holds back what this run would have sent,
	// until somebody releases it. Summary.Surge says why.
	Held       bool
	ReleasedBy string
	ReleasedAt time.Time

	// Fresh names the sources whose word counted in this run, with the start of
	// their last accepted full poll. It is kept of the last run only.
	Fresh map[string]time.Time
}

// RunSummary is what a run counted.
type RunSummary struct {
	Full       bool           `json:"full"` // every dossier was looked at
	Examined   int            `json:"examined"`
	Compared   map[string]int `json:"compared"`    // by department: on both sides
	NotCovered map[string]int `json:"not_covered"` // by department: without a connected office
	Opened     int            `json:"opened"`
	Resolved   int            `json:"resolved"`
	Reopened   int            `json:"reopened"`
	Surge      string         `json:"surge,omitempty"` // why the mass-change breaker tripped
	// Skipped are the departments whose dossiers could not be verified in this
	// run, because the platform or an office of theirs was not read.
	Skipped        []string `json:"skipped,omitempty"`
	PollSeconds    float64  `json:"poll_seconds,omitempty"`
	CompareSeconds float64  `json:"compare_seconds,omitempty"`
}

// Count adds n dossiers of a class; n may be negative.
func (s *RunSummary) Count(c Class, n int) {
	add := func(m *map[string]int) {
		if *m == nil {
			*m = map[string]int{}
		}
		if (*m)[c.Department] += n; (*m)[c.Department] == 0 {
			delete(*m, c.Department)
		}
	}
	if c.Compared {
		add(&s.Compared)
	}
	if c.NotCovered {
		add(&s.NotCovered)
	}
}

// LastRun is the last run that was kept; nil if there is none.
func (s *Store) LastRun(ctx context.Context) (*Run, error) {
	runs, err := s.ListRuns(ctx, 1)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	return &runs[0], nil
}

// LastRunOf is the last run of a kind; nil if there is none.
func (s *Store) LastRunOf(ctx context.Context, kind RunKind) (*Run, error) {
	runs, err := s.selectRuns(ctx, `WHERE kind = ? ORDER BY id DESC LIMIT 1`, string(kind))
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	return &runs[0], nil
}

// HeldRuns are the runs that the mass-change breaker holds, oldest first.
func (s *Store) HeldRuns(ctx context.Context) ([]Run, error) {
	return s.selectRuns(ctx, `WHERE held = 1 ORDER BY id`)
}

// ListRuns is the newest runs, newest first.
func (s *Store) ListRuns(ctx context.Context, limit int) ([]Run, error) {
	return s.selectRuns(ctx, `ORDER BY id DESC LIMIT ?`, limit)
}

func (s *Store) selectRuns(ctx context.Context, where string, args ...any) ([]Run, error) {
	var rows []struct {
		ID         int64  `db:"id"`
		Kind       string `db:"kind"`
		Day        string `db:"day"`
		StartedAt  int64  `db:"started_at"`
		EndedAt    int64  `db:"ended_at"`
		AsOf       int64  `db:"as_of"`
		Digest     string `db:"digest"`
		Summary    string `db:"summary"`
		Held       int    `db:"held"`
		ReleasedBy string `db:"released_by"`
		ReleasedAt int64  `db:"released_at"`
	}
	if err := s.reader.SelectContext(ctx, &rows, s.bind(`SELECT id, kind, day, started_at, ended_at, as_of, digest, summary, held, released_by,
		released_at FROM runs `+where), args...); err != nil {
		return nil, fmt.Errorf("store: runs: %w", err)
	}
	runs := make([]Run, len(rows))
	for i, r := range rows {
		runs[i] = Run{ID: r.ID, Kind: RunKind(r.Kind), Day: r.Day, StartedAt: fromMillis(r.StartedAt), EndedAt: fromMillis(r.EndedAt),
			AsOf: fromMillis(r.AsOf), Digest: r.Digest, Held: r.Held != 0, ReleasedBy: r.ReleasedBy, ReleasedAt: fromMillis(r.ReleasedAt)}
		if err := json.Unmarshal([]byte(r.Summary), &runs[i].Summary); err != nil {
			return nil, fmt.Errorf("store: run %d: %w", r.ID, err)
		}
	}
	return runs, nil
}

// ChangedKeys are the dossiers that changed since they were last compared. all
// says that there are too many to list, or that nothing was compared yet.
func (s *Store) ChangedKeys(ctx context.Context) (keys []Key, all bool, err error) {
	var setting []string
	if err := s.reader.SelectContext(ctx, &setting, s.bind(`SELECT value FROM settings WHERE name = ?`), settingCompareAll); err != nil {
		return nil, false, fmt.Errorf("store: changed dossiers: %w", err)
	}
	if len(setting) == 0 || setting[0] == "yes" {
		return nil, true, nil
	}
	if err := s.reader.SelectContext(ctx, &keys, `SELECT DISTINCT dossier_key FROM changed_dossiers`); err != nil {
		return nil, false, fmt.Errorf("store: changed dossiers: %w", err)
	}
	return keys, false, nil
}

// RunWriter keeps the results of a run in one transaction.
type RunWriter struct {
	store   *Store
	tx      *sqlx.Tx
	run     *Run
	changes *changeWriter
	blocks  *bulk
	bits    uint // of blocks

	counts  *dossierCounts
	waiting int
	looks   bool
	reader  *Reader // that is followed
	day     dayCounted
}

// WriteRun runs do with a writer, and keeps all of it or nothing. before is the
// id of the last run the caller knows of: if there is a newer one, it was
// overtaken and nothing is kept. all says that every dossier was compared.
func (s *Store) WriteRun(ctx context.Context, run *Run, before int64, do func(*RunWriter) error) error {
	return s.write(ctx, "run", func(tx *sqlx.Tx) error {
		var last int64
		if err := tx.GetContext(ctx, &last, `SELECT COALESCE(MAX(id), 0) FROM runs`); err != nil {
			return err
		}
		if last != before {
			return ErrOvertaken
		}
		var err error
		if run.Kind == "" {
			run.Kind = RunManual
		}
		if run.ID, err = s.insertID(ctx, tx, `INSERT INTO runs (kind, day, started_at, ended_at, as_of, digest, summary) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			string(run.Kind), run.Day, millis(run.StartedAt), 0, millis(run.AsOf), run.Digest, "{}"); err != nil {
			return err
		}
		w := &RunWriter{store: s, tx: tx, run: run, changes: s.changeWriter(tx, run.ID)}
		if w.counts, err = s.readCounts(ctx, tx); err != nil {
			return err
		}
		if err := w.beginDay(ctx); err != nil {
			return err
		}
		if err := do(w); err != nil {
			return err
		}
		return w.finish(ctx)
	})
}

// Put keeps one change.
func (w *RunWriter) Put(ctx context.Context, c reconcile.Change) error {
	return w.changes.put(ctx, c)
}

// outcomeBits is how much finer outcomes are cut than the ranges of a comparison
// of all, so that looking at one dossier again rewrites little.
const outcomeBits = 6

// BeginAll forgets what every dossier counted as, before a comparison of all in
// 2^rangeBits ranges.
func (w *RunWriter) BeginAll(ctx context.Context, rangeBits uint) error {
	for _, table := range []string{"outcome_blocks", "loose_outcomes"} {
		if _, err := w.tx.ExecContext(ctx, `DELETE FROM `+table); err != nil {
			return err
		}
	}
	w.counts.clear()
	if err := w.forgetWaiting(ctx); err != nil {
		return err
	}
	w.blocks = w.store.bulk(w.tx, "outcome_blocks", "", "id", "data")
	w.bits = rangeBits + outcomeBits
	if err := w.store.set(ctx, w.tx, settingOutcomeBits, strconv.FormatUint(uint64(w.bits), 10)); err != nil {
		return err
	}
	return w.Compared(ctx, nil, true)
}

// PutRange keeps what the dossiers of one range of BeginAll count as. list must
// be in key order.
func (w *RunWriter) PutRange(ctx context.Context, list []Classified) error {
	for i := range list {
		w.counts.add(list[i].Class, 1)
	}
	for len(list) > 0 {
		bucket, n := bucketOf(list[0].Key, w.bits), 1
		for n < len(list) && bucketOf(list[n].Key, w.bits) == bucket {
			n++
		}
		if err := w.blocks.add(ctx, int64(bucket), packOutcomes(list[:n])); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// Follow tells that what Replace is given was read by r within this run, so that
// what dossiers counted as before need not be looked up a second time. After BeginAll
// it means nothing.
func (w *RunWriter) Follow(r *Reader) {
	w.reader = r
	r.followed.Store(true)
}

// Replace keeps what some dossiers count as now, and adjusts the run's summary
// by the difference. keys are all keys looked at; both in key order.
func (w *RunWriter) Replace(ctx context.Context, keys []Key, now []Classified) error {
	var text string
	if err := w.tx.GetContext(ctx, &text, w.store.bind(`SELECT value FROM settings WHERE name = ?`), settingOutcomeBits); err != nil {
		return fmt.Errorf("outcomes: %w", err)
	}
	bits, err := strconv.ParseUint(text, 10, 8)
	if err != nil {
		return fmt.Errorf("outcomes: %w", err)
	}
	before, err := w.replaceClasses(ctx, uint(bits), keys, now)
	if err != nil {
		return err
	}
	for _, c := range before {
		w.run.Summary.Count(c, -1)
		w.counts.add(c, -1)
	}
	for _, c := range now {
		w.run.Summary.Count(c.Class, 1)
		w.counts.add(c.Class, 1)
	}
	return nil
}

// Compared forgets that these dossiers changed; all of them where all is true.
func (w *RunWriter) Compared(ctx context.Context, keys []Key, all bool) error {
	if all {
		if _, err := w.tx.ExecContext(ctx, `DELETE FROM changed_dossiers`); err != nil {
			return err
		}
		return w.store.set(ctx, w.tx, settingCompareAll, "no")
	}
	return w.decided(ctx, keys)
}

func (w *RunWriter) finish(ctx context.Context) error {
	if err := w.changes.flushRows(ctx); err != nil {
		return err
	}
	if err := w.finishDay(ctx); err != nil {
		return err
	}
	if err := w.changes.flushTotals(ctx); err != nil {
		return err
	}
	if w.blocks != nil {
		if err := w.blocks.flush(ctx); err != nil {
			return err
		}
	}
	summary, err := json.Marshal(w.run.Summary)
	if err != nil {
		return err
	}
	if err := w.finishTotals(ctx); err != nil {
		return err
	}
	_, err = w.tx.ExecContext(ctx, w.store.bind(`UPDATE runs SET ended_at = ?, summary = ?, held = ? WHERE id = ?`),
		millis(w.run.EndedAt), string(summary), boolInt(w.run.Held), w.run.ID)
	return err
}

// ComparedTotal is how many dossiers are on both sides.
func (s *RunSummary) ComparedTotal() int { return sum(s.Compared) }

// NotCoveredTotal is how many are under a department without a connected office.
func (s *RunSummary) NotCoveredTotal() int { return sum(s.NotCovered) }

func sum(m map[string]int) int {
	total := 0
	for _, n := range m {
		total += n
	}
	return total
}
