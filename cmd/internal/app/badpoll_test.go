package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/store"
	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/reconcile"
)

// kept is everything a later run must leave as it is.
func (p *played) kept(t *testing.T) []reconcile.Discrepancy {
	t.Helper()
	var list []reconcile.Discrepancy
	err := p.Store.EachDiscrepancy(context.Background(), store.Filter{All: true}, func(d reconcile.Discrepancy) error {
		list = append(list, d)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestBadPlatformChangesNothing(t *testing.T) {
	cases := map[string]struct {
		fault world.Fault
		state reconcile.SnapshotState
	}{
		"a page stays 500":  {world.Fault{Kind: world.Refuse, Status: 500, Pages: []int{4}}, reconcile.SnapshotPartial},
		"nothing":           {world.Fault{Kind: world.Empty}, reconcile.SnapshotHeld},
		"a third":           {world.Fault{Kind: world.Third}, reconcile.SnapshotHeld},
		"pages repeat":      {world.Fault{Kind: world.Repeat, Pages: []int{3}}, reconcile.SnapshotPartial},
		"bodies cut short":  {world.Fault{Kind: world.ShortBody, Pages: []int{2}}, reconcile.SnapshotPartial},
		"half the JSON":     {world.Fault{Kind: world.CutJSON}, reconcile.SnapshotFailed},
		"an error page":     {world.Fault{Kind: world.HTMLPage}, reconcile.SnapshotFailed},
		"a wrong total":     {world.Fault{Kind: world.WrongTotal, Delta: 7}, reconcile.SnapshotPartial},
		"connection broken": {world.Fault{Kind: world.Drop}, reconcile.SnapshotFailed},
	}
	for name, c := range cases {
		for _, style := range []world.Style{world.PageStyle, world.OpenCPSStyle} {
			t.Run(fmt.Sprint(name, " ", style), func(t *testing.T) {
				t.Parallel()
				p := play(t, world.Options{Seed: 20, Style: style}, world.PlatformOptions{}, "")
				accepted(t, p.run(t))
				before := p.kept(t)
				p.platform.SetFaults(c.fault)
				result := p.run(t)
				snap := result.Snapshots[0]
				if snap.State != c.state || snap.Reason == "" {
					t.Errorf("the platform is %s (%s: %s), want %s with a reason", snap.State, snap.Cause, snap.Reason, c.state)
				}
				if diff := gocmp.Diff(before, p.kept(t)); diff != "" {
					t.Errorf("discrepancies changed:\n%s", diff)
				}
				p.platform.SetFaults()
				result = p.run(t)
				accepted(t, result)
				if diff := gocmp.Diff(before, p.kept(t)); diff != "" {
					t.Errorf("discrepancies changed after the platform recovered:\n%s", diff)
				}
				isTrue(t, p.App, result.Rules, p.world.Truth)
			})
		}
	}
}

func TestAcceptingAHeldSnapshotLetsItThrough(t *testing.T) {
	p := play(t, world.Options{Seed: 21}, world.PlatformOptions{}, "")
	accepted(t, p.run(t))
	p.platform.SetFaults(world.Fault{Kind: world.Third})
	held := p.run(t).Snapshots[0]
	if held.State != reconcile.SnapshotHeld {
		t.Fatalf("the platform is %s, want held", held.State)
	}
	snap, err := p.AcceptSnapshot(context.Background(), held.ID, "somebody", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if snap.State != reconcile.SnapshotAccepted || snap.AcceptedBy != "somebody" || snap.Records != held.Records {
		t.Errorf("accepted snapshot: %+v", snap)
	}
	result := p.run(t)
	accepted(t, result)
	if result.Run.Summary.Opened == 0 {
		t.Error("nothing opened although two thirds of the platform are gone")
	}
	p.platform.SetFaults()
	result = p.run(t)
	accepted(t, result)
	open, suspected := found(t, p.App, result.Rules)
	if len(open) != len(p.world.Truth.Open) || len(suspected) != len(p.world.Truth.Suspected) {
		t.Errorf("with the whole platform back: %d open and %d suspected, want %d and %d",
			len(open), len(suspected), len(p.world.Truth.Open), len(p.world.Truth.Suspected))
	}
}

func TestSameInputTwiceWritesOnlyBookkeeping(t *testing.T) {
	p := play(t, world.Options{Seed: 22}, world.PlatformOptions{}, "")
	accepted(t, p.run(t))
	before := p.kept(t)
	second := p.run(t)
	accepted(t, second)
	// Records dated in the future are looked at in every run: they may be right by now.
	if s := second.Run.Summary; s.Full || s.Examined > 20 || s.Opened != 0 || s.Resolved != 0 {
		t.Errorf("the second run did something: %+v", s)
	}
	if diff := gocmp.Diff(before, p.kept(t)); diff != "" {
		t.Errorf("discrepancies changed:\n%s", diff)
	}
	third, err := p.Reconcile(context.Background(), asOf(t, p.world.Truth), true)
	if err != nil {
		t.Fatal(err)
	}
	if s := third.Run.Summary; !s.Full || s.Opened != 0 || s.Resolved != 0 {
		t.Errorf("comparing everything again changed something: %+v", s)
	}
	if diff := gocmp.Diff(before, p.kept(t)); diff != "" {
		t.Errorf("discrepancies changed:\n%s", diff)
	}
}
