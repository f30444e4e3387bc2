package reconcile_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/doisoat/doisoat/reconcile"
)

// shown is how the report's table calls a verdict.
func shown(v *reconcile.Verdict) string {
	switch {
	case v == nil:
		return ""
	case v.Ended && v.Late:
		return "resolved late"
	case v.Ended:
		return "resolved on time"
	case v.Late:
		return "in progress overdue"
	}
	return "in progress on time"
}

// judged puts an outcome into the oracle's words.
func judged(r *reconcile.Rules, out *reconcile.Outcome) judgement {
	j := judgement{
		Code: out.Code, Department: out.Department, Effect: out.Deadline.Effect,
		Reported: shown(out.Deadline.Reported), Verified: shown(out.Deadline.Verified),
		Compared: out.Compared, NotCovered: out.NotCovered, Undecided: out.Undecided,
		Findings: map[findingKey]time.Time{}, States: map[findingKey]reconcile.State{},
	}
	fresh := *r
	fresh.Coverage = allFresh(r)
	decided := *out
	decided.Undecided = false
	for _, c := range fresh.Advance(&decided, nil) {
		j.States[findingKey{c.Discrepancy.Kind, c.Discrepancy.Side}] = c.Discrepancy.State
	}
	for _, f := range out.Findings {
		j.Findings[findingKey{f.Kind, f.Side}] = f.Since
	}
	return j
}

func allFresh(r *reconcile.Rules) reconcile.Coverage {
	w := world{rules: *r}
	w.coverAll(r.AsOf)
	return w.rules.Coverage
}

func TestTheRulesAgreeWithASecondReadingOfThem(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.cover(t)
		d := drawDossier(t, w.rules.AsOf)
		want := w.oracle().judge(d)
		out := w.rules.Compare(d)
		if diff := cmp.Diff(want, judged(&w.rules, &out)); diff != "" {
			t.Fatalf("oracle (-), package (+):\n%s", diff)
		}
		if len(want.Findings) != len(out.Findings) {
			t.Fatalf("a finding came twice: %v", out.Findings)
		}
	})
}

// outline is everything of an outcome that must not hang on the order of rows.
func outline(r *reconcile.Rules, d *reconcile.Dossier) any {
	out := r.Compare(d)
	type face struct {
		Judged   judgement
		Findings []reconcile.Finding
		Next     time.Time
		Due      reconcile.Moment
		DueFrom  string
	}
	return face{judged(r, &out), out.Findings, out.NextChange, out.Deadline.Due, out.Deadline.DueFrom}
}

func TestTheOrderOfRowsChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.cover(t)
		d := drawDossier(t, w.rules.AsOf)
		if rapid.Bool().Draw(t, "updated at the same time") {
			for i := range d.Offices {
				d.Offices[i].UpdatedAt = reconcile.Moment{}
			}
		}
		turned := &reconcile.Dossier{
			Platform: rapid.Permutation(d.Platform).Draw(t, "platform order"),
			Offices:  rapid.Permutation(d.Offices).Draw(t, "office order"),
			History:  d.History,
		}
		if diff := cmp.Diff(outline(&w.rules, d), outline(&w.rules, turned)); diff != "" {
			t.Fatalf("in the first order (-), in the second (+):\n%s", diff)
		}
	})
}

// keep applies changes to what is kept of a dossier.
func keep(kept []reconcile.Discrepancy, changes []reconcile.Change) []reconcile.Discrepancy {
	for _, c := range changes {
		i := slices.IndexFunc(kept, func(d reconcile.Discrepancy) bool { return d.ID == c.Discrepancy.ID })
		if i < 0 {
			kept = append(kept, c.Discrepancy)
		} else {
			kept[i] = c.Discrepancy
		}
	}
	return kept
}

// drawKept draws what may be kept of this dossier from earlier days: what
// another state of the world led to, with what people said of it.
func drawKept(t *rapid.T, w *world) []reconcile.Discrepancy {
	before := *w
	before.coverAll(at("2018-06-28", "07:00"))
	var kept []reconcile.Discrepancy
	for range rapid.IntRange(0, 3).Draw(t, "earlier runs") {
		before.rules.AsOf = before.rules.AsOf.Add(time.Hour)
		out := before.rules.Compare(drawDossier(t, before.rules.AsOf))
		out.Code = "H57-1"
		kept = keep(kept, before.rules.Advance(&out, kept))
	}
	for i := range kept {
		d := &kept[i]
		if !d.Standing() {
			continue
		}
		switch rapid.IntRange(0, 3).Draw(t, "a person") {
		case 0:
			d.State, d.SetBy, d.Note = reconcile.StateAcknowledged, "lan", "being looked into"
		case 1:
			d.State, d.SetBy, d.Note = reconcile.StateWaived, "lan", "agreed"
			d.WaivedUntil, d.WaivedValues = drawMoment(t, "waived until"), d.Values
		}
	}
	return kept
}

func TestTheSameOutcomeAgainChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		kept := drawKept(t, w)
		w.cover(t)
		d := drawDossier(t, w.rules.AsOf)
		out := w.rules.Compare(d)
		kept = keep(kept, w.rules.Advance(&out, kept))
		again := w.rules.Compare(d)
		if changes := w.rules.Advance(&again, kept); len(changes) > 0 {
			t.Fatalf("the second time still changes: %+v", changes)
		}
	})
}

func TestAStaleSourceCreatesAndResolvesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		kept := drawKept(t, w)
		w.cover(t)
		stale := rapid.SampledFrom([]reconcile.Side{"", reconcile.Platform, reconcile.Office}).Draw(t, "stale side")
		c := &w.rules.Coverage
		if stale != reconcile.Office {
			c.Platform.Fresh = false
			c.Sources[platformSource] = c.Platform
		}
		if stale != reconcile.Platform {
			for _, s := range sources {
				r := c.Sources[s]
				r.Fresh = false
				c.Sources[s] = r
			}
			for _, dep := range departs {
				c.Offices[dep] = []reconcile.Reading{c.Sources["book-a"]}
			}
		}
		out := w.rules.Compare(drawDossier(t, w.rules.AsOf))
		for _, change := range w.rules.Advance(&out, kept) {
			if side := change.Discrepancy.Side; stale == "" || side == "" || side == stale {
				t.Fatalf("stale %q, yet %s (%s): %s → %s", stale, change.Discrepancy.Kind, side, change.Event.From, change.Event.To)
			}
		}
	})
}

func TestNothingTurnsBeforeItsWakeAt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		kept := drawKept(t, w)
		asOf := w.rules.AsOf
		w.coverAll(asOf)
		d := drawDossier(t, asOf)
		out := w.rules.Compare(d)
		kept = keep(kept, w.rules.Advance(&out, kept))

		later := asOf.Add(time.Duration(rapid.IntRange(0, 21*24*60).Draw(t, "minutes later")) * time.Minute)
		if wakes := wakeMoments(kept, &out); len(wakes) > 0 && rapid.Bool().Draw(t, "at a wake moment") {
			later = rapid.SampledFrom(wakes).Draw(t, "which").Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "off by")) * time.Millisecond)
		}
		if later.Before(asOf) {
			return
		}
		w.coverAll(later)
		then := w.rules.Compare(d)
		// Without a finding there is nothing to wake for, and no NextChange.
		if len(out.Findings) > 0 && (out.NextChange.IsZero() || later.Before(out.NextChange)) && out.Deadline.Effect != then.Deadline.Effect {
			t.Fatalf("as_of %s → %s, next change %s, yet the effect went %s → %s",
				asOf, later, out.NextChange, out.Deadline.Effect, then.Deadline.Effect)
		}
		for _, c := range w.rules.Advance(&then, kept) {
			i := slices.IndexFunc(kept, func(d reconcile.Discrepancy) bool { return d.ID == c.Discrepancy.ID })
			if i < 0 {
				t.Fatalf("time alone brought a new discrepancy: %+v", c)
			}
			was := kept[i]
			if (was.WakeAt.IsZero() || later.Before(was.WakeAt)) && (was.State != c.Discrepancy.State || was.Effect != c.Discrepancy.Effect) {
				t.Fatalf("as_of %s → %s, wake at %s, yet %s went %s/%s → %s/%s", asOf, later, was.WakeAt,
					was.Kind, was.State, was.Effect, c.Discrepancy.State, c.Discrepancy.Effect)
			}
		}
	})
}

func wakeMoments(kept []reconcile.Discrepancy, out *reconcile.Outcome) (moments []time.Time) {
	for _, d := range kept {
		if !d.WakeAt.IsZero() {
			moments = append(moments, d.WakeAt)
		}
	}
	if !out.NextChange.IsZero() {
		moments = append(moments, out.NextChange)
	}
	return moments
}

// Waking whenever something is due must come to rest: a WakeAt that leads only
// to itself would keep the service busy for ever.
func TestWakingComesToRest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorld(t)
		w.coverAll(w.rules.AsOf)
		d := drawDossier(t, w.rules.AsOf)
		var kept []reconcile.Discrepancy
		for range 20 {
			out := w.rules.Compare(d)
			kept = keep(kept, w.rules.Advance(&out, kept))
			if out.Unsettled {
				return // waits for a reading, not for time
			}
			var next time.Time
			for _, k := range kept {
				if !k.WakeAt.IsZero() && (next.IsZero() || k.WakeAt.Before(next)) {
					next = k.WakeAt
				}
			}
			if next.IsZero() {
				return
			}
			if !next.After(w.rules.AsOf) {
				t.Fatalf("as_of %s, everything read, wake at %s again", w.rules.AsOf, next)
			}
			w.coverAll(next)
		}
		t.Fatalf("still waking after 20 times: %+v", kept)
	})
}
