package webtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/doisoat/doisoat/adapter/web"
)

// Record implements web.AuditBackend.
func (b *Backend) Record(_ context.Context, entry web.AuditEntry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.recordErr != nil {
		return b.recordErr
	}
	b.record(entry)
	return nil
}

func (b *Backend) record(entry web.AuditEntry) {
	entry.ID, entry.At = int64(len(b.audit)+1), b.stamp(b.now)
	before := ""
	if len(b.audit) > 0 {
		before = b.audit[len(b.audit)-1].Hash
	}
	entry.Hash = hashOf(before, entry)
	b.audit = append(b.audit, entry)
}

func hashOf(before string, entry web.AuditEntry) string {
	entry.Hash = ""
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%+v", before, entry))
	return hex.EncodeToString(sum[:])
}

// Tamper changes an entry behind the chain's back.
func (b *Backend) Tamper(id int64, actor string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.audit[id-1].Actor = actor
}

// Audit implements web.AuditBackend.
func (b *Backend) Audit(_ context.Context, actor, action string, before int64, limit int) (*web.AuditPage, error) {
	unlock, err := b.begin("Audit")
	defer unlock()
	if err != nil {
		return nil, err
	}
	page := &web.AuditPage{Items: []web.AuditEntry{}}
	for _, e := range slices.Backward(b.audit) {
		if actor != "" && e.Actor != actor || action != "" && e.Action != action || before > 0 && e.ID >= before {
			continue
		}
		if len(page.Items) == limit {
			page.Next = page.Items[limit-1].ID
			break
		}
		page.Items = append(page.Items, e)
	}
	return page, nil
}

// VerifyAudit implements web.AuditBackend.
func (b *Backend) VerifyAudit(context.Context) (*web.AuditVerdict, error) {
	unlock, err := b.begin("VerifyAudit")
	defer unlock()
	if err != nil {
		return nil, err
	}
	v := &web.AuditVerdict{Entries: int64(len(b.audit)), OK: true}
	for _, e := range b.audit {
		if hashOf(v.Head, e) != e.Hash {
			v.OK, v.BrokenAt, v.Why = false, e.ID, "it is not what it was when it was written"
			return v, nil
		}
		v.Head = e.Hash
	}
	return v, nil
}
