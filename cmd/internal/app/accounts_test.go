package app

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

// What cannot be put on the trail is not done.
func TestNothingIsChangedWithoutTheAuditTrail(t *testing.T) {
	t.Parallel()
	r := told(t, rigOptions{})
	r.serves(t)
	_, first := r.userAdd(t, "kinhte", "department", "KT")
	r.pass(6 * time.Second)
	kt := r.signsIn(t, "kinhte", first)
	say := map[string]any{"ids": []string{idOf(reconcile.ResolvedNotClosed, "A-01")}, "note": "đang làm"}
	r.sql(t, `ALTER TABLE audit_entries RENAME TO gone`)
	kt.sends(http.StatusServiceUnavailable, "POST", "/api/v1/discrepancies/acknowledge", say)
	r.isIn(t, "A-01", reconcile.StateOpen, "", "")
	kt.gets(http.StatusOK, "/api/v1/discrepancies")
	app, done := r.current.take()
	if err := app.Audited(context.Background(), "an", "user_disable", "kinhte", r.now, func() error { t.Error("done"); return nil }); err == nil {
		t.Error("a command is done without the trail")
	}
	done()
	r.sql(t, `ALTER TABLE gone RENAME TO audit_entries`)
	kt.sends(http.StatusOK, "POST", "/api/v1/discrepancies/acknowledge", say)
	r.isIn(t, "A-01", reconcile.StateAcknowledged, "đang làm", "kinhte")
	if v := r.verdict(t); !v.OK {
		t.Errorf("the audit trail: %+v", v)
	}
	if err := r.trySQL(t, `UPDATE audit_entries SET actor = 'ai khác' WHERE id = 2`); err == nil {
		t.Error("the database lets the trail be changed")
	}
	r.sql(t, `DROP TRIGGER audit_entries_stay_as_they_are`)
	r.sql(t, `UPDATE audit_entries SET actor = 'ai khác' WHERE id = 2`)
	if v := r.verdict(t); v.OK || v.BrokenAt != 2 {
		t.Errorf("after somebody changed entry 2: %+v", v)
	}
}

// Accounts that cannot be, and what nobody may take away.
func TestAccountsThatAreRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t, rigOptions{})
	b, ctx := backend{r.Daemon}, context.Background()
	who := &access.Principal{Name: "an", Role: access.Operator}
	for name, wanted := range map[string]web.NewAccount{
		"no such role":                   {Name: "a", Role: "boss"},
		"a department of none":           {Name: "a", Role: "department"},
		"a department nobody configured": {Name: "a", Role: "department", Departments: []string{"NONE"}},
		"an operator of a department":    {Name: "a", Role: "operator", Departments: []string{"KT"}},
		"a name that is none":            {Name: "phòng kinh tế", Role: "centre"},
		"the service's own name":         {Name: "Doisoat", Role: "centre"},
	} {
		if account, password, err := b.AddAccount(ctx, who, wanted); account != nil || password != "" || !isRefused(err) {
			t.Errorf("%s: %+v, %v", name, account, err)
		}
	}
	operator, _, err := b.AddAccount(ctx, who, web.NewAccount{Name: "quantri", Role: "operator"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.AddAccount(ctx, who, web.NewAccount{Name: "QUANTRI", Role: "centre"}); !isRefused(err) {
		t.Errorf("the same name again: %v", err)
	}
	for name, to := range map[string]web.AccountChange{
		"the last operator is disabled": {Role: "operator", Disabled: true}, "the last operator becomes another": {Role: "centre"},
	} {
		if _, err := b.ChangeAccount(ctx, who, operator.ID, to); !isRefused(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	clerk, _, err := b.AddAccount(ctx, who, web.NewAccount{Name: "kinhte", Role: "department", Departments: []string{"KT"}})
	if err != nil {
		t.Fatal(err)
	}
	// Of a department that was taken out of the configuration an account can still be
	// disabled, and not be let in again.
	r.o.departments, r.o.offices = []string{"TP"}, map[string]string{"tp-book": "TP"}
	r.save(t)
	r.write(t, "doisoat.yaml", r.config())
	if err := r.Reload(ctx); err != nil {
		t.Fatal(err)
	}
	gone := web.AccountChange{Role: "department", Departments: []string{"KT"}, Disabled: true}
	if changed, err := b.ChangeAccount(ctx, who, clerk.ID, gone); err != nil || !changed.Disabled {
		t.Errorf("disabled: %+v, %v", changed, err)
	}
	gone.Disabled = false
	if _, err := b.ChangeAccount(ctx, who, clerk.ID, gone); !isRefused(err) {
		t.Errorf("let in again: %v", err)
	}
}
