package app

import (
	"context"
	"testing"
	"time"

	"github.com/doisoat/doisoat/adapter/world"
	"github.com/doisoat/doisoat/reconcile"
)

func TestLiveReadingShowsWhatTheSourcesSayNow(t *testing.T) {
	p := play(t, world.Options{Seed: 33}, world.PlatformOptions{}, "")
	accepted(t, p.run(t))
	dossier := p.agreeing(t, reconcile.Processing)
	closed := dossier
	closed.Status, closed.CompletedAt = reconcile.Resolved, reconcile.Moment{Time: dossier.ReceivedAt.Time.Add(time.Hour)}
	p.put(t, closed)

	live, err := p.ReadLive(context.Background(), world.Canonical(dossier.Code))
	if err != nil {
		t.Fatal(err)
	}
	says := map[string]reconcile.Status{}
	for _, l := range live {
		if l.Problem != "" {
			t.Errorf("%s: %s", l.Source, l.Problem)
		}
		for _, row := range l.Rows {
			says[string(row.Record.Side)] = row.Record.Status
		}
	}
	if says["platform"] != reconcile.Resolved {
		t.Errorf("the platform says %q right now, want resolved (all: %v)", says["platform"], live)
	}
	// What is stored does not change by looking.
	explained, err := p.Explain(context.Background(), dossier.Code, asOf(t, p.world.Truth), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if got := explained.Outcome.Pair.Platform.Status; got != reconcile.Processing {
		t.Errorf("stored: %s, want processing", got)
	}
}
