package web

import (
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

func TestMomentsAreWrittenInTheConfiguredZone(t *testing.T) {
	newYork := time.FixedZone("EDT", -4*60*60)
	for name, c := range map[string]struct{ got, want string }{
		"a moment of another zone":  {Stamp(time.Date(2018, 7, 1, 21, 0, 0, 5, newYork), vietnam), "2018-07-02T08:00:00+07:00"},
		"no moment":                 {Stamp(time.Time{}, vietnam), ""},
		"a source's moment":         {MomentOf(reconcile.Moment{Time: now}, vietnam), "2018-07-02T08:00:00+07:00"},
		"a day stays the same day":  {MomentOf(reconcile.Moment{Time: time.Date(2018, 7, 2, 0, 0, 0, 0, vietnam), DateOnly: true}, newYork), "2018-07-02"},
		"a source's unknown moment": {MomentOf(reconcile.Moment{}, vietnam), ""},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", name, c.got, c.want)
		}
	}
}

func TestPeriodsAreWrittenAsInTheConfiguration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "", -time.Second: "", 5 * time.Second: "5s", 15 * time.Minute: "15m", time.Hour: "1h", 90 * time.Minute: "1h30m", 10 * time.Hour: "10h",
		time.Hour + 5*time.Second: "1h0m5s", 250 * time.Millisecond: "250ms", 100 * time.Second: "1m40s", 24 * time.Hour: "24h",
	} {
		got := Every(d)
		if got != want {
			t.Errorf("%s is written %q, want %q", d, got, want)
		}
		if got == "" {
			continue
		}
		if back, err := time.ParseDuration(got); err != nil || back != d {
			t.Errorf("%q reads as %s, %v", got, back, err)
		}
		if err := theDocument(t).validate("/components/schemas/Source/properties/poll_every", got); err != nil {
			t.Error(err)
		}
	}
}

func TestEveryVerdictHasItsWords(t *testing.T) {
	for name, c := range map[string]struct {
		verdict *reconcile.Verdict
		want    VerdictText
	}{
		"none":                     {nil, NoVerdict},
		"ended in time":            {&reconcile.Verdict{Ended: true}, ResolvedOnTime},
		"ended late":               {&reconcile.Verdict{Ended: true, Late: true}, ResolvedLate},
		"running in time":          {&reconcile.Verdict{}, InProgressOnTime},
		"running late":             {&reconcile.Verdict{Late: true}, InProgressOverdue},
		"ended, the end not known": {&reconcile.Verdict{Ended: true, UnknownEnd: true}, OnTimeUnknown},
		"running, no due date":     {&reconcile.Verdict{UnknownDue: true}, OnTimeUnknown},
	} {
		if got := VerdictOf(c.verdict); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestASourceIsUpOnlyByAnAcceptedSnapshot(t *testing.T) {
	for _, state := range reconcile.SnapshotStates {
		var s Source
		s.Attempted(&reconcile.Snapshot{ID: 7, State: state, Poll: reconcile.Poll{EndReached: state != reconcile.SnapshotFailed}}, "doisoat snapshot accept 7", vietnam)
		if s.Up != (state == reconcile.SnapshotAccepted) || s.State != state || s.LastAttempt.State != state {
			t.Errorf("%s: up %v, state %s and %s", state, s.Up, s.State, s.LastAttempt.State)
		}
		if held := s.HeldSnapshot == 7 && s.Command != ""; held != (state == reconcile.SnapshotHeld) {
			t.Errorf("%s: held snapshot %d, command %q", state, s.HeldSnapshot, s.Command)
		}
		if complete := state == reconcile.SnapshotAccepted || state == reconcile.SnapshotHeld; s.Complete != complete || s.LastAttempt.Complete != complete {
			t.Errorf("%s: complete %v and %v", state, s.Complete, s.LastAttempt.Complete)
		}
	}
}

func TestADeclaredTotalOfNoneIsLeftOut(t *testing.T) {
	if got := SnapshotOf(&reconcile.Snapshot{Poll: reconcile.Poll{DeclaredTotal: -1}}, vietnam).DeclaredTotal; got != nil {
		t.Errorf("declared total %d", *got)
	}
	if got := SnapshotOf(&reconcile.Snapshot{}, vietnam).DeclaredTotal; got == nil || *got != 0 {
		t.Errorf("declared total %v, want 0", got)
	}
}
