package app

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/reconcile"
)

// agreeing finds a dossier of the platform that has this status and no
// discrepancy, so that whatever is found of it later was made by the test.
func (p *played) agreeing(t *testing.T, status reconcile.Status) world.Record {
	t.Helper()
	wrong := map[string]bool{}
	for _, f := range append(slices.Clone(p.world.Truth.Open), p.world.Truth.Suspected...) {
		wrong[f.Code] = true
	}
	for _, r := range p.world.Platform {
		if code := world.Canonical(r.Code); r.Status == status && !wrong[code] && len(r.Aliases) == 0 {
			return r
		}
	}
	t.Fatalf("the world has no dossier that is %s and agrees", status)
	return world.Record{}
}

// of lists the kinds that stand of one dossier.
func (p *played) of(t *testing.T, code string) map[reconcile.Kind]reconcile.Discrepancy {
	t.Helper()
	list := map[reconcile.Kind]reconcile.Discrepancy{}
	err := p.Store.EachDiscrepancy(context.Background(), store.Filter{Code: world.Canonical(code)}, func(d reconcile.Discrepancy) error {
		list[d.Kind] = d
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func (p *played) put(t *testing.T, r world.Record) {
	t.Helper()
	if err := p.platform.Put(r); err != nil {
		t.Fatal(err)
	}
}

func TestReopenedDossierIsNoticedAndForgottenWhenClosedAgain(t *testing.T) {
	p := play(t, world.Options{Seed: 33}, world.PlatformOptions{}, "")
	accepted(t, p.run(t))
	closed := p.agreeing(t, reconcile.Resolved)

	live := closed
	live.Status, live.CompletedAt, live.ReturnedAt = reconcile.Processing, reconcile.Moment{}, reconcile.Moment{}
	live.UpdatedAt.Time = closed.UpdatedAt.Time.Add(time.Hour)
	p.put(t, live)
	accepted(t, p.run(t))
	standing := p.of(t, closed.Code)
	if _, ok := standing[reconcile.Reopened]; !ok || len(standing) != 2 {
		t.Fatalf("after reopening there stand %v, want reopened and resolved_not_closed", standing)
	}
	first := standing[reconcile.ResolvedNotClosed]

	p.put(t, closed)
	accepted(t, p.run(t))
	for kind := range p.of(t, closed.Code) {
		if kind == reconcile.Reopened || kind == reconcile.ResolvedNotClosed {
			t.Errorf("%s still stands although the dossier is closed again", kind)
		}
	}

	p.put(t, live)
	accepted(t, p.run(t))
	again, ok := p.of(t, closed.Code)[reconcile.ResolvedNotClosed]
	if !ok || again.ID != first.ID || again.Reopened != 1 || !again.FirstDetectedAt.Equal(first.FirstDetectedAt) {
		t.Errorf("came back as %+v, want the same discrepancy %+v counted once more", again, first)
	}
	events, err := p.Store.ListEvents(context.Background(), first.ID)
	if err != nil {
		t.Fatal(err)
	}
	var states []reconcile.State
	for _, e := range events {
		states = append(states, e.To)
	}
	if want := []reconcile.State{reconcile.StateOpen, reconcile.StateResolved, reconcile.StateOpen}; !slices.Equal(states, want) {
		t.Errorf("its life is %v, want %v", states, want)
	}
}

func TestClosingBackdatedIsNoticedByOwnSnapshots(t *testing.T) {
	p := play(t, world.Options{Seed: 31}, world.PlatformOptions{}, "")
	accepted(t, p.run(t))
	between := time.Now().Add(-5 * time.Millisecond) // moments are kept to the millisecond
	live := p.agreeing(t, reconcile.Processing)

	closed := live
	closed.Status, closed.CompletedAt = reconcile.Resolved, reconcile.Moment{Time: live.ReceivedAt.Time.Add(time.Hour)}
	closed.UpdatedAt.Time = live.UpdatedAt.Time.Add(time.Hour)
	p.put(t, closed)
	accepted(t, p.run(t))
	backdated, ok := p.of(t, live.Code)[reconcile.BackdatedClose]
	if !ok || backdated.Side != reconcile.Platform {
		t.Fatalf("standing: %v, want backdated_close of the platform", p.of(t, live.Code))
	}
	explained, err := p.Explain(context.Background(), live.Code, asOf(t, p.world.Truth), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if len(explained.Versions) != 1 || explained.Versions[0].Record.Status != reconcile.Processing || explained.Versions[0].Gone {
		t.Errorf("history shown: %+v, want the one live version", explained.Versions)
	}
	// The past moment before the second poll, as it was known then.
	past, err := p.Explain(context.Background(), live.Code, asOf(t, p.world.Truth), between)
	if err != nil {
		t.Fatal(err)
	}
	if len(past.Outcome.Findings) != 0 || past.Outcome.Pair.Platform == nil || past.Outcome.Pair.Platform.Status != reconcile.Processing {
		t.Errorf("as known before it was closed: %+v, want a live record that agrees", past.Outcome)
	}
}

func TestDossierGoneFromTheOfficeIsMissingAndKeptInHistory(t *testing.T) {
	p := play(t, world.Options{Seed: 32}, world.PlatformOptions{}, "")
	accepted(t, p.run(t))
	dossier := p.agreeing(t, reconcile.Processing)
	for _, o := range p.world.Offices {
		for _, r := range o.Records {
			if world.Canonical(r.Code) != world.Canonical(dossier.Code) {
				continue
			}
			if err := world.RemoveFromOffice(p.dir+"/"+o.File(), r.Code); err != nil {
				t.Fatal(err)
			}
		}
	}
	settle(t, p.dir)
	accepted(t, p.run(t))
	if _, ok := p.of(t, dossier.Code)[reconcile.MissingInOffice]; !ok {
		t.Errorf("standing: %v, want missing_in_office", p.of(t, dossier.Code))
	}
	explained, err := p.Explain(context.Background(), dossier.Code, asOf(t, p.world.Truth), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if len(explained.Versions) != 1 || !explained.Versions[0].Gone {
		t.Errorf("history shown: %+v, want the office's row, gone", explained.Versions)
	}
}
