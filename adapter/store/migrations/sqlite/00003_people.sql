-- What people need: accounts with sessions and tokens, the audit trail, letters with
-- what is delivered of them, how many stood each day, and lists in any order.
-- +goose Up

-- Lists of what stands. The last columns are there so that a filter is decided
-- without looking the row up. There are no more than these since every change of a
-- discrepancy costs an entry in each.
CREATE INDEX discrepancies_by_place ON discrepancies (kind, department, code, side, deadline_effect, state, unstable)
  WHERE state <> 'resolved';
CREATE INDEX discrepancies_by_since ON discrepancies (since_at, kind, department, code, side, deadline_effect, state, unstable)
  WHERE state <> 'resolved';
-- Of all, not only of what stands: whoever searches for a code looks among what is
-- resolved, too.
CREATE INDEX discrepancies_by_code ON discrepancies (code, kind, department, side, deadline_effect, state, unstable);

CREATE INDEX runs_held ON runs (id) WHERE held = 1;

-- What each day ended with. A row with kind '' counts dossiers of the department, the
-- others discrepancies of a kind.
CREATE TABLE day_counts (
  day            TEXT   NOT NULL, -- yyyy-MM-dd
  department     TEXT   NOT NULL,
  kind           TEXT   NOT NULL,
  open           BIGINT NOT NULL DEFAULT 0,
  opened         BIGINT NOT NULL DEFAULT 0,
  resolved       BIGINT NOT NULL DEFAULT 0,
  false_overdue  BIGINT NOT NULL DEFAULT 0,
  hidden_overdue BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (day, department, kind)
);

CREATE TABLE accounts (
  id            INTEGER PRIMARY KEY,
  name          TEXT   NOT NULL UNIQUE, -- folded
  display       TEXT   NOT NULL,
  role          TEXT   NOT NULL,
  departments   TEXT   NOT NULL,        -- JSON array
  password_hash TEXT   NOT NULL,
  disabled      BIGINT NOT NULL,
  must_change   BIGINT NOT NULL,
  failed_logins BIGINT NOT NULL,
  locked_until  BIGINT NOT NULL,
  last_login_at BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  language      TEXT   NOT NULL,
  session_epoch BIGINT NOT NULL
);

CREATE TABLE sessions (
  token_hash TEXT   PRIMARY KEY,
  account_id BIGINT NOT NULL, -- 0: of somebody who has no local account
  data       BLOB   NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id) WHERE account_id > 0;
CREATE INDEX sessions_by_end ON sessions (expires_at);

CREATE TABLE api_tokens (
  id           INTEGER PRIMARY KEY,
  token_hash   TEXT   NOT NULL UNIQUE,
  name         TEXT   NOT NULL,
  owner_id     BIGINT NOT NULL, -- account, 0 for whoever has none here
  owner        TEXT   NOT NULL,
  role         TEXT   NOT NULL,
  departments  TEXT   NOT NULL, -- JSON array
  read_only    BIGINT NOT NULL,
  created_at   BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL,
  revoked_at   BIGINT NOT NULL
);

-- Who did what. Only ever added to; each entry's hash covers the one before it, and
-- settings hold the last one's number and hash (audit_head).
CREATE TABLE audit_entries (
  id      INTEGER PRIMARY KEY, -- 1, 2, 3 …, none left out
  at      BIGINT NOT NULL,
  actor   TEXT   NOT NULL,
  role    TEXT   NOT NULL,
  via     TEXT   NOT NULL,
  remote  TEXT   NOT NULL,
  action  TEXT   NOT NULL,
  object  TEXT   NOT NULL,
  outcome TEXT   NOT NULL,
  detail  TEXT   NOT NULL,
  hash    TEXT   NOT NULL
);
CREATE INDEX audit_entries_by_actor ON audit_entries (actor, id);
CREATE INDEX audit_entries_by_action ON audit_entries (action, id);
-- +goose StatementBegin
CREATE TRIGGER audit_entries_stay_as_they_are BEFORE UPDATE ON audit_entries
BEGIN
  SELECT RAISE(ABORT, 'the audit trail is only ever added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_entries_stay BEFORE DELETE ON audit_entries
BEGIN
  SELECT RAISE(ABORT, 'the audit trail is only ever added to');
END;
-- +goose StatementEnd

CREATE TABLE letters (
  id          INTEGER PRIMARY KEY,
  year        BIGINT NOT NULL,
  number      BIGINT NOT NULL, -- within the year, none left out
  label       TEXT   NOT NULL, -- the number as it is written
  department  TEXT   NOT NULL,
  day         TEXT   NOT NULL, -- yyyy-MM-dd
  times       BIGINT NOT NULL, -- lần n: the highest of its items
  made_at     BIGINT NOT NULL,
  made_by     TEXT   NOT NULL,
  answer_by   BIGINT NOT NULL,
  list_digest TEXT   NOT NULL,
  items       BIGINT NOT NULL, -- how many
  document    BLOB   NOT NULL,
  UNIQUE (year, number),
  UNIQUE (department, day)
);

CREATE TABLE letter_items (
  letter_id       BIGINT NOT NULL REFERENCES letters (id),
  position        BIGINT NOT NULL, -- from 1
  discrepancy_id  TEXT   NOT NULL,
  code            TEXT   NOT NULL,
  kind            TEXT   NOT NULL,
  deadline_effect TEXT   NOT NULL,
  times           BIGINT NOT NULL,
  PRIMARY KEY (letter_id, position)
);

-- A discrepancy is reminded of once a day at most.
CREATE TABLE reminders (
  discrepancy_id TEXT   NOT NULL,
  day            TEXT   NOT NULL,
  times          BIGINT NOT NULL,
  letter_id      BIGINT NOT NULL REFERENCES letters (id),
  PRIMARY KEY (discrepancy_id, day)
);

-- Letters on their way over a channel.
CREATE TABLE deliveries (
  id          INTEGER PRIMARY KEY,
  letter_id   BIGINT NOT NULL REFERENCES letters (id),
  department  TEXT   NOT NULL,
  channel     TEXT   NOT NULL,
  message_id  TEXT   NOT NULL UNIQUE,
  state       TEXT   NOT NULL, -- pending, sent, dead
  attempts    BIGINT NOT NULL, -- begun, since it was last put into the queue
  created_at  BIGINT NOT NULL,
  next_at     BIGINT NOT NULL, -- of what is pending
  lease_until BIGINT NOT NULL, -- somebody is at it until then
  ended_at    BIGINT NOT NULL,
  last_error  TEXT   NOT NULL
);
CREATE INDEX deliveries_by_letter ON deliveries (letter_id);
CREATE INDEX deliveries_by_department ON deliveries (department, id);
CREATE INDEX deliveries_unfinished ON deliveries (state, department, next_at, lease_until, created_at) WHERE state <> 'sent';
CREATE INDEX deliveries_due ON deliveries (next_at, id) WHERE state = 'pending';

-- +goose Down
DROP TABLE deliveries;
DROP TABLE reminders;
DROP TABLE letter_items;
DROP TABLE letters;
DROP TABLE audit_entries;
DROP TABLE api_tokens;
DROP TABLE sessions;
DROP TABLE accounts;
DROP TABLE day_counts;
DROP INDEX runs_held;
DROP INDEX discrepancies_by_code;
DROP INDEX discrepancies_by_since;
DROP INDEX discrepancies_by_place;
DELETE FROM settings WHERE name IN ('audit_head', 'day_counted');
