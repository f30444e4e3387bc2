package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// ErrAuditBroken is returned where the audit trail is not as this program left it, so
// that nothing can be added to it.
var ErrAuditBroken = errors.New("the audit trail is not as it was left; run: doisoat audit verify")

// settingAuditHead is the number and the hash of the last entry, so that it shows when
// entries are cut off at the end.
const settingAuditHead = "audit_head"

// AuditEntry is something that somebody did, or tried to.
type AuditEntry struct {
	ID     int64     // 1, 2, 3 …
	At     time.Time // to a millisecond
	Actor  string
	Role   string
	Via    string
	Remote string
	Action string
	Object string
	// Outcome and Detail are the caller's words; no secret belongs there.
	Outcome string
	Detail  string
	Hash    string // of this entry and the hash before it, in hex
}

// sum is the entry's hash: SHA-256 over the hash before it and each field, in the
// order of the table, as its length in bytes, a colon and the bytes.
func (e *AuditEntry) sum(before string) string {
	h := sha256.New()
	for _, field := range [...]string{before, strconv.FormatInt(e.ID, 10), strconv.FormatInt(millis(e.At), 10),
		e.Actor, e.Role, e.Via, e.Remote, e.Action, e.Object, e.Outcome, e.Detail} {
		_, _ = h.Write([]byte(strconv.Itoa(len(field)) + ":" + field)) // a hash takes what it is given
	}
	return hex.EncodeToString(h.Sum(nil))
}

// AppendAudit adds an entry after all others and gives it its ID and Hash.
func (s *Store) AppendAudit(ctx context.Context, e *AuditEntry) error {
	for _, text := range [...]*string{&e.Actor, &e.Role, &e.Via, &e.Remote, &e.Action, &e.Object, &e.Outcome, &e.Detail} {
		*text = cleanText(*text)
	}
	e.At = fromMillis(millis(e.At)) // as it will be read
	return s.writeBeside(ctx, "audit trail", lockAudit, func(tx *sqlx.Tx) error {
		last, before, err := s.auditHead(ctx, tx)
		if err != nil {
			return err
		}
		if last == 0 {
			var entries int
			if err := tx.GetContext(ctx, &entries, `SELECT COUNT(*) FROM (SELECT id FROM audit_entries LIMIT 1) AS first`); err != nil {
				return err
			}
			if entries > 0 {
				return ErrAuditBroken
			}
		}
		e.ID = last + 1
		e.Hash = e.sum(before)
		if _, err := tx.ExecContext(ctx, s.bind(`INSERT INTO audit_entries (id, at, actor, role, via, remote, action, object, outcome, detail, hash)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`), e.ID, millis(e.At), e.Actor, e.Role, e.Via, e.Remote, e.Action, e.Object, e.Outcome, e.Detail, e.Hash); err != nil {
			if taken(err) {
				return ErrAuditBroken
			}
			return err
		}
		return s.set(ctx, tx, settingAuditHead, strconv.FormatInt(e.ID, 10)+":"+e.Hash)
	})
}

// auditHead is the last entry's number and hash as they were noted; 0 where none was.
func (s *Store) auditHead(ctx context.Context, db sqlx.QueryerContext) (last int64, hash string, err error) {
	var text []string
	if err := sqlx.SelectContext(ctx, db, &text, s.bind(`SELECT value FROM settings WHERE name = ?`), settingAuditHead); err != nil {
		return 0, "", err
	}
	if len(text) == 0 {
		return 0, "", nil
	}
	number, hash, _ := strings.Cut(text[0], ":")
	if last, err = strconv.ParseInt(number, 10, 64); err != nil || last < 1 {
		return 0, "", fmt.Errorf("setting %s: %w", settingAuditHead, ErrAuditBroken)
	}
	return last, hash, nil
}

// AuditFilter chooses entries; empty fields choose all.
type AuditFilter struct {
	Actor, Action string
	Before        int64 // only entries before this one
	Limit         int   // 0: no limit
}

type auditRow struct {
	ID      int64  `db:"id"`
	At      int64  `db:"at"`
	Actor   string `db:"actor"`
	Role    string `db:"role"`
	Via     string `db:"via"`
	Remote  string `db:"remote"`
	Action  string `db:"action"`
	Object  string `db:"object"`
	Outcome string `db:"outcome"`
	Detail  string `db:"detail"`
	Hash    string `db:"hash"`
}

func (r *auditRow) entry() AuditEntry {
	return AuditEntry{ID: r.ID, At: fromMillis(r.At), Actor: r.Actor, Role: r.Role, Via: r.Via, Remote: r.Remote, Action: r.Action,
		Object: r.Object, Outcome: r.Outcome, Detail: r.Detail, Hash: r.Hash}
}

const auditQuery = `SELECT id, at, actor, role, via, remote, action, object, outcome, detail, hash FROM audit_entries `

// ListAudit is the entries that the filter chooses, newest first.
func (s *Store) ListAudit(ctx context.Context, f AuditFilter) ([]AuditEntry, error) {
	q := newQuery()
	if f.Actor != "" {
		q.where("actor = ?", cleanText(f.Actor))
	}
	if f.Action != "" {
		q.where("action = ?", cleanText(f.Action))
	}
	if f.Before > 0 {
		q.where("id < ?", f.Before)
	}
	q.order("id DESC", f.Limit)
	var rows []auditRow
	if err := s.reader.SelectContext(ctx, &rows, s.bind(auditQuery+q.String()), q.args...); err != nil {
		return nil, fmt.Errorf("store: audit trail: %w", err)
	}
	list := make([]AuditEntry, len(rows))
	for i := range rows {
		list[i] = rows[i].entry()
	}
	return list, nil
}
