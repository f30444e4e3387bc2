-- What the daemon needs: runs of several kinds, dossiers that wait to be verified or
-- looked at again, totals that a restart keeps.
-- +goose Up
ALTER TABLE runs ADD COLUMN kind TEXT NOT NULL DEFAULT 'manual';   -- nightly, incremental, manual
ALTER TABLE runs ADD COLUMN day TEXT NOT NULL DEFAULT '';          -- a nightly one's business day, yyyy-MM-dd
ALTER TABLE runs ADD COLUMN held INTEGER NOT NULL DEFAULT 0;       -- 1 while the mass-change breaker holds it
ALTER TABLE runs ADD COLUMN released_by TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN released_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs DROP COLUMN settled;
CREATE INDEX runs_by_kind ON runs (kind, id);

ALTER TABLE sources ADD COLUMN data_at BIGINT NOT NULL DEFAULT 0;  -- newest updated_at seen

ALTER TABLE discrepancies ADD COLUMN unstable INTEGER NOT NULL DEFAULT 0;
DROP INDEX discrepancies_by_kind;
CREATE INDEX discrepancies_listed ON discrepancies (kind, department, code, side);
CREATE INDEX discrepancies_standing ON discrepancies (kind, department, state, deadline_effect, unstable, opened_at, since_at)
  WHERE state <> 'resolved';

-- Rows that incremental polls changed since the blocks were written: everything the
-- source holds under a key, in place of what its block holds. See loose.go.
ALTER TABLE sources ADD COLUMN loose BIGINT NOT NULL DEFAULT 0;     -- how many keys that is
CREATE TABLE loose_rows (
  dossier_key BIGINT NOT NULL,
  source_id   BIGINT NOT NULL,
  data        BLOB NOT NULL,
  PRIMARY KEY (dossier_key, source_id) -- with a rowid, so that new rows stand together
);

-- What dossiers count as that were compared since the last comparison of all, in
-- place of what outcome_blocks say.
CREATE TABLE loose_outcomes (
  dossier_key INTEGER PRIMARY KEY,
  data        BLOB NOT NULL
);

-- Dossiers that could not be decided, for want of a source's word.
CREATE TABLE waiting_dossiers (
  dossier_key BIGINT PRIMARY KEY
);

-- Dossiers to be read again by themselves before anything of them opens.
CREATE TABLE looks (
  dossier_key BIGINT PRIMARY KEY
);

-- How often discrepancies opened, were resolved and came back, since the beginning.
CREATE TABLE discrepancy_totals (
  kind       TEXT   NOT NULL,
  department TEXT   NOT NULL,
  opened     BIGINT NOT NULL,
  resolved   BIGINT NOT NULL,
  reopened   BIGINT NOT NULL,
  PRIMARY KEY (kind, department)
);
INSERT INTO discrepancy_totals (kind, department, opened, resolved, reopened)
SELECT d.kind, d.department,
  SUM(CASE WHEN e.to_state = 'open' AND e.from_state <> 'open' THEN 1 ELSE 0 END),
  SUM(CASE WHEN e.to_state = 'resolved' AND e.from_state <> 'resolved' THEN 1 ELSE 0 END),
  SUM(CASE WHEN e.from_state = 'resolved' AND e.to_state <> 'resolved' THEN 1 ELSE 0 END)
FROM discrepancy_events e JOIN discrepancies d ON d.id = e.discrepancy_id GROUP BY d.kind, d.department;

-- What dossiers count as is kept with more detail from here on.
DELETE FROM outcome_blocks;
INSERT INTO settings (name, value) VALUES ('compare_all', 'yes') ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- +goose Down
-- What was loose is lost: the next poll is a first one.
DELETE FROM record_blocks;
DELETE FROM fingerprint_blocks;
UPDATE sources SET layout_id = 0, block_space = 0, bucket_bits = 0, snapshot_id = 0, full_id = 0;
DROP TABLE loose_outcomes;
DROP TABLE loose_rows;
ALTER TABLE sources DROP COLUMN loose;
DROP TABLE discrepancy_totals;
DROP TABLE looks;
DROP TABLE waiting_dossiers;
DROP INDEX discrepancies_standing;
DROP INDEX discrepancies_listed;
ALTER TABLE discrepancies DROP COLUMN unstable;
CREATE INDEX discrepancies_by_kind ON discrepancies (kind, department, state, deadline_effect);
ALTER TABLE sources DROP COLUMN data_at;
DROP INDEX runs_by_kind;
ALTER TABLE runs ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs DROP COLUMN released_at;
ALTER TABLE runs DROP COLUMN released_by;
ALTER TABLE runs DROP COLUMN held;
ALTER TABLE runs DROP COLUMN day;
ALTER TABLE runs DROP COLUMN kind;
DELETE FROM outcome_blocks;
UPDATE settings SET value = 'yes' WHERE name = 'compare_all';
