package app

import (
	"context"
	"errors"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
)

// Record implements web.AuditBackend.
func (b backend) Record(ctx context.Context, entry web.AuditEntry) error {
	kept := store.AuditEntry{
		At: b.now(), Actor: entry.Actor, Role: entry.Role, Via: entry.Via, Remote: entry.Remote, Action: entry.Action, Object: entry.Object,
		Outcome: entry.Outcome, Detail: entry.Detail,
	}
	return b.store.AppendAudit(ctx, &kept)
}

// Audit implements web.AuditBackend.
func (b backend) Audit(ctx context.Context, actor, action string, before int64, limit int) (*web.AuditPage, error) {
	app, done := b.current.take()
	defer done()
	entries, err := b.store.ListAudit(ctx, store.AuditFilter{Actor: actor, Action: action, Before: before, Limit: limit + 1})
	page := &web.AuditPage{Items: []web.AuditEntry{}}
	for i := range entries {
		if i == limit {
			page.Next = entries[i-1].ID
			break
		}
		page.Items = append(page.Items, WireAudit(&entries[i], app.Config.Zone))
	}
	return page, err
}

// WireAudit is an entry of the audit trail as the API and the command line show it.
func WireAudit(e *store.AuditEntry, zone *time.Location) web.AuditEntry {
	return web.AuditEntry{
		ID: e.ID, At: web.Stamp(e.At, zone), Actor: e.Actor, Role: e.Role, Via: e.Via, Remote: e.Remote, Action: e.Action, Object: e.Object,
		Outcome: e.Outcome, Detail: e.Detail, Hash: e.Hash,
	}
}

// VerifyAudit implements web.AuditBackend.
func (b backend) VerifyAudit(ctx context.Context) (*web.AuditVerdict, error) {
	return (&App{Store: b.store}).VerifyAudit(ctx)
}

// VerifyAudit checks the audit trail from its beginning.
func (a *App) VerifyAudit(ctx context.Context) (*web.AuditVerdict, error) {
	v, err := a.Store.VerifyAudit(ctx)
	if err != nil {
		return nil, err
	}
	return &web.AuditVerdict{Entries: v.Entries, Head: v.Head, OK: v.BrokenAt == 0 && v.Why == "", BrokenAt: v.BrokenAt, Why: v.Why}, nil
}

// AuditHas reports whether an entry has this hash.
func (a *App) AuditHas(ctx context.Context, hash string) (bool, error) {
	for before := int64(0); ; {
		entries, err := a.Store.ListAudit(ctx, store.AuditFilter{Before: before, Limit: auditPage})
		if err != nil || len(entries) == 0 {
			return false, err
		}
		for i := range entries {
			if entries[i].Hash == hash {
				return true, nil
			}
		}
		before = entries[len(entries)-1].ID
	}
}

const auditPage = 1000

// Audited does something from the command line only after the audit trail has it,
// and adds how it went.
func (a *App) Audited(ctx context.Context, actor, action, object string, now func() time.Time, do func() error) error {
	add := func(ctx context.Context, outcome, detail string) error {
		return a.Store.AppendAudit(ctx, &store.AuditEntry{
			At: now(), Actor: actor, Via: string(access.ViaCommand), Action: action, Object: object, Outcome: outcome, Detail: detail,
		})
	}
	if err := add(ctx, auditBegun, ""); err != nil {
		return err
	}
	outcome, detail := auditDone, ""
	err := do()
	var refused *web.Refused
	switch {
	case errors.As(err, &refused):
		outcome, detail = auditRefused, err.Error()
	case err != nil:
		outcome, detail = auditFailed, err.Error()
	}
	return errors.Join(err, add(context.WithoutCancel(ctx), outcome, detail))
}

// The outcomes of an entry, as web's.
const (
	auditBegun   = "begun"
	auditDone    = "done"
	auditRefused = "refused"
	auditFailed  = "failed"
)
