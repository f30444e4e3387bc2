package reconcile_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

func TestWhatAPersonSaysIsTheirEvent(t *testing.T) {
	t.Parallel()
	now, until := at("2018-07-05", "08:00"), at("2018-07-31", "00:00")
	open := reconcile.Discrepancy{ID: "d1", Kind: reconcile.DueDateMismatch, State: reconcile.StateOpen, Values: "v1", WakeAt: until.Add(time.Hour)}

	waived, err := open.Waive(" lan ", " agreed by letter 12 ", until, now)
	if err != nil {
		t.Fatal(err)
	}
	want := reconcile.Event{DiscrepancyID: "d1", At: now, Actor: "lan", From: reconcile.StateOpen, To: reconcile.StateWaived, Why: "agreed by letter 12"}
	if diff := cmp.Diff(want, waived.Event); diff != "" {
		t.Errorf("event:\n%s", diff)
	}
	d := waived.Discrepancy
	if d.State != reconcile.StateWaived || d.WaivedValues != "v1" || !d.WakeAt.Equal(until) || d.SetBy != "lan" {
		t.Errorf("waived as %+v", d)
	}

	acknowledged, err := d.Acknowledge("minh", "we are on it", now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	d = acknowledged.Discrepancy
	if d.State != reconcile.StateAcknowledged || !d.WaivedUntil.IsZero() || d.WaivedValues != "" || d.SetBy != "minh" {
		t.Errorf("acknowledged as %+v", d)
	}
	if acknowledged.Event.From != reconcile.StateWaived || open.State != reconcile.StateOpen {
		t.Errorf("from %s; the discrepancy itself is now %s", acknowledged.Event.From, open.State)
	}
}

func TestWhatAPersonCannotSay(t *testing.T) {
	t.Parallel()
	now, until := at("2018-07-05", "08:00"), at("2018-07-31", "00:00")
	for _, tt := range []struct {
		name, by, note string
		state          reconcile.State
		until          time.Time
		waive          bool
	}{
		{"nobody says it", " ", "agreed", reconcile.StateOpen, until, true},
		{"in the service's name", reconcile.ServiceActor, "agreed", reconcile.StateOpen, until, true},
		{"without a reason", "lan", "\t", reconcile.StateOpen, until, true},
		{"of a resolved one", "lan", "agreed", reconcile.StateResolved, until, true},
		{"until now", "lan", "agreed", reconcile.StateOpen, now, true},
		{"nobody acknowledges", "", "seen", reconcile.StateOpen, until, false},
		{"a resolved one is acknowledged", "lan", "seen", reconcile.StateResolved, until, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := reconcile.Discrepancy{ID: "d1", State: tt.state}
			change, err := d.Acknowledge(tt.by, tt.note, now)
			if tt.waive {
				change, err = d.Waive(tt.by, tt.note, tt.until, now)
			}
			if err == nil || change.Event.To != "" {
				t.Errorf("accepted: %+v", change)
			}
		})
	}
}
