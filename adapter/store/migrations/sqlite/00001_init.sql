-- doisoat's own state. Moments are UTC milliseconds since 1970, 0 where unknown.
-- +goose Up
CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE sources (
  id          INTEGER PRIMARY KEY,
  name        TEXT    NOT NULL UNIQUE,
  side        TEXT    NOT NULL,
  layout_id   INTEGER NOT NULL DEFAULT 0, -- of the rows last accepted
  block_space INTEGER NOT NULL DEFAULT 0, -- first part of the ids of its blocks; 0 while it has none
  bucket_bits INTEGER NOT NULL DEFAULT 0,
  snapshot_id INTEGER NOT NULL DEFAULT 0, -- last accepted
  full_id     INTEGER NOT NULL DEFAULT 0  -- last accepted full one
);

-- What the values of a stored row are, in their order.
CREATE TABLE layouts (
  id        INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES sources (id),
  digest    TEXT    NOT NULL,
  inputs    TEXT    NOT NULL, -- JSON array of names
  UNIQUE (source_id, digest)
);

CREATE TABLE snapshots (
  id             INTEGER PRIMARY KEY,
  source_id      INTEGER NOT NULL REFERENCES sources (id),
  mode           TEXT    NOT NULL,
  state          TEXT    NOT NULL,
  started_at     INTEGER NOT NULL,
  ended_at       INTEGER NOT NULL,
  end_reached    INTEGER NOT NULL,
  repeated       TEXT    NOT NULL,
  cause          TEXT    NOT NULL,
  reason         TEXT    NOT NULL,
  pages          INTEGER NOT NULL,
  requests       INTEGER NOT NULL,
  rows_read      INTEGER NOT NULL,
  rows_distinct  INTEGER NOT NULL,
  rows_skipped   INTEGER NOT NULL,
  rows_rejected  INTEGER NOT NULL,
  records        INTEGER NOT NULL,
  declared_total INTEGER NOT NULL,
  departments    TEXT    NOT NULL, -- JSON: records by department
  layout_id      INTEGER NOT NULL,
  based_on       INTEGER NOT NULL,
  accepted_by    TEXT    NOT NULL,
  accepted_at    INTEGER NOT NULL
);
CREATE INDEX snapshots_by_source ON snapshots (source_id, id);

-- Rows of the last snapshot of each source that could not be taken in.
CREATE TABLE rejected_rows (
  snapshot_id INTEGER NOT NULL REFERENCES snapshots (id),
  place       TEXT    NOT NULL,
  row_number  INTEGER NOT NULL,
  cause       TEXT    NOT NULL,
  reason      TEXT    NOT NULL,
  code        TEXT    NOT NULL
);
CREATE INDEX rejected_rows_by_snapshot ON rejected_rows (snapshot_id);

-- The rows of the last accepted snapshots, packed by the thousand parts of the
-- key space: id is block_space * 2^24 + bucket. See block.go for what is in data.
CREATE TABLE record_blocks (
  id   INTEGER PRIMARY KEY,
  data BLOB NOT NULL
);
CREATE TABLE fingerprint_blocks (
  id   INTEGER PRIMARY KEY,
  data BLOB NOT NULL
);

-- Rows as they once were and are no longer. Only ever added to.
CREATE TABLE row_versions (
  id          INTEGER PRIMARY KEY,
  dossier_key INTEGER NOT NULL,
  source_id   INTEGER NOT NULL,
  code        TEXT    NOT NULL,
  layout_id   INTEGER NOT NULL,
  fields      BLOB    NOT NULL,
  seen_from   INTEGER NOT NULL,
  seen_until  INTEGER NOT NULL,
  gone        INTEGER NOT NULL
);
CREATE INDEX row_versions_by_key ON row_versions (dossier_key);

-- Codes that are another code's alias.
CREATE TABLE aliases (
  source_id   INTEGER NOT NULL,
  dossier_key INTEGER NOT NULL,
  alias_key   INTEGER NOT NULL,
  PRIMARY KEY (source_id, dossier_key, alias_key)
) WITHOUT ROWID;

-- What a held snapshot would change, until somebody accepts it.
CREATE TABLE held_changes (
  snapshot_id INTEGER NOT NULL REFERENCES snapshots (id),
  part        INTEGER NOT NULL, -- -1 is the header
  data        BLOB    NOT NULL,
  PRIMARY KEY (snapshot_id, part)
) WITHOUT ROWID;

-- Dossiers that changed since they were last compared, and where.
CREATE TABLE changed_dossiers (
  dossier_key INTEGER NOT NULL,
  source_id   INTEGER NOT NULL,
  PRIMARY KEY (dossier_key, source_id)
) WITHOUT ROWID;

-- What each dossier counted as when it was last compared, packed like records.
CREATE TABLE outcome_blocks (
  id   INTEGER PRIMARY KEY,
  data BLOB NOT NULL
);

CREATE TABLE discrepancies (
  id                TEXT    PRIMARY KEY,
  dossier_key       INTEGER NOT NULL,
  kind              TEXT    NOT NULL,
  code              TEXT    NOT NULL,
  side              TEXT    NOT NULL,
  department        TEXT    NOT NULL,
  state             TEXT    NOT NULL,
  deadline_effect   TEXT    NOT NULL,
  reason            TEXT    NOT NULL,
  since_at          INTEGER NOT NULL,
  since_from        TEXT    NOT NULL,
  first_detected_at INTEGER NOT NULL,
  opened_at         INTEGER NOT NULL,
  resolved_at       INTEGER NOT NULL,
  reopened          INTEGER NOT NULL,
  values_digest     TEXT    NOT NULL,
  set_by            TEXT    NOT NULL,
  note              TEXT    NOT NULL,
  waived_until      INTEGER NOT NULL,
  waived_values     TEXT    NOT NULL,
  wake_at           INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX discrepancies_by_key ON discrepancies (dossier_key);
CREATE INDEX discrepancies_by_wake ON discrepancies (wake_at) WHERE wake_at > 0;
CREATE INDEX discrepancies_by_kind ON discrepancies (kind, department, state, deadline_effect);

-- Every change in a discrepancy's life. Only ever added to.
CREATE TABLE discrepancy_events (
  id             INTEGER PRIMARY KEY,
  discrepancy_id TEXT    NOT NULL,
  run_id         INTEGER NOT NULL,
  happened_at    INTEGER NOT NULL,
  actor          TEXT    NOT NULL,
  from_state     TEXT    NOT NULL,
  to_state       TEXT    NOT NULL,
  why            TEXT    NOT NULL
);
CREATE INDEX discrepancy_events_by_discrepancy ON discrepancy_events (discrepancy_id);

CREATE TABLE runs (
  id         INTEGER PRIMARY KEY,
  started_at INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL,
  as_of      INTEGER NOT NULL,
  digest     TEXT    NOT NULL, -- of rules, mappings and calendar
  settled    INTEGER NOT NULL, -- every source was read, nothing remained undecided
  summary    TEXT    NOT NULL  -- JSON
);

-- +goose Down
DROP TABLE runs;
DROP TABLE discrepancy_events;
DROP TABLE discrepancies;
DROP TABLE outcome_blocks;
DROP TABLE changed_dossiers;
DROP TABLE held_changes;
DROP TABLE aliases;
DROP TABLE row_versions;
DROP TABLE fingerprint_blocks;
DROP TABLE record_blocks;
DROP TABLE rejected_rows;
DROP TABLE snapshots;
DROP TABLE layouts;
DROP TABLE sources;
DROP TABLE settings;
