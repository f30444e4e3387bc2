package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/cmd/internal/app"
	"github.com/doisoat/doisoat/cmd/internal/output"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Check that nobody changed the audit trail."`
	List   auditListCmd   `cmd:"" help:"Show the newest entries of the audit trail."`
}

type auditVerifyCmd struct {
	configFlag
	Head string `help:"The hash of the last entry as it was noted elsewhere; it must still be in the trail." placeholder:"HASH"`
	formatFlag
}

// Help is shown by doisoat audit verify --help.
func (c *auditVerifyCmd) Help() string {
	return `Every entry carries a hash over itself and the one before it, so that an entry that was changed, taken out or put in shows. Note the hash that this prints somewhere else, and give it back with --head: then a trail that was made anew as a whole shows, too.

Examples:
  doisoat audit verify --config doisoat.yaml
  doisoat audit verify --config doisoat.yaml --head 3f2a…`
}

func (c *auditVerifyCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		v, err := a.VerifyAudit(ctx)
		if err != nil {
			return err
		}
		if v.OK && c.Head != "" {
			known, err := a.AuditHas(ctx, c.Head)
			if err != nil {
				return err
			}
			if !known {
				v.OK, v.Why = false, "no entry has the hash that was noted: the trail was made anew since"
			}
		}
		if c.json() {
			err = output.AuditVerdictJSON(s.out, v)
		} else if v.OK {
			_, err = fmt.Fprintf(s.out, "The audit trail is as it was written: %d entries, last hash %s\n", v.Entries, v.Head)
		}
		if err != nil || v.OK {
			return err
		}
		if v.BrokenAt > 0 {
			return fmt.Errorf("the audit trail is not as it was written: entry %d: %s", v.BrokenAt, v.Why)
		}
		return errors.New("the audit trail is not as it was written: " + v.Why)
	})
}

type auditListCmd struct {
	configFlag
	Limit int    `help:"How many, newest first." default:"50"`
	Actor string `help:"Only this person's." placeholder:"USER"`
	formatFlag
}

// Help is shown by doisoat audit list --help.
func (c *auditListCmd) Help() string {
	return `Example:
  doisoat audit list --config doisoat.yaml --actor tuphap`
}

func (c *auditListCmd) Run(ctx context.Context, s *streams) error {
	return c.with(ctx, app.Options{Log: s.log, Offline: true}, func(a *app.App) error {
		list, err := a.Store.ListAudit(ctx, store.AuditFilter{Actor: c.Actor, Limit: c.Limit})
		if err != nil {
			return err
		}
		entries := make([]web.AuditEntry, len(list))
		for i := range list {
			entries[i] = app.WireAudit(&list[i], a.Config.Zone)
		}
		if c.json() {
			return output.AuditJSON(s.out, entries)
		}
		return output.AuditTable(s.out, entries, a.Config.Zone)
	})
}

// audited does what changes something only after the audit trail has it, and then
// how it went.
func audited(ctx context.Context, a *app.App, action, object string, do func() error) error {
	return a.Audited(ctx, userName(), action, object, time.Now, do)
}
