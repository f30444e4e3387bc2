package reconcile

import "time"

// confirmation is what stands behind a discrepancy whose grace is over.
type confirmation int

const (
	confirmed confirmation = iota // both sides were read after the grace ran out
	toLookAt                      // a side was not, and can be asked for this dossier
	moved                         // the look that was to confirm it found other values
)

// When a dossier is looked at again: one that was asked for and did not answer,
// and one that is unstable.
const (
	lookPause     = 10 * time.Minute
	unstablePause = 30 * time.Minute
)

// opensNow reports whether being open would be new for a discrepancy. What a
// person set, and what is open already, needs no second look.
func opensNow(was *Discrepancy) bool {
	return was == nil || was.State == StateSuspected || was.State == StateResolved
}

// confirm judges whether a discrepancy may open (RULES.md §5): a snapshot of both
// sides taken after the grace ran out is confirmation enough; otherwise the
// dossier alone is read again, where its sources can.
func (r *Rules) confirm(out *Outcome, f *Finding, was, now *Discrepancy, grace Grace) confirmation {
	if grace.Allowed <= 0 {
		return confirmed // it is not time that opens it
	}
	suspected := was != nil && was.State == StateSuspected
	if suspected && was.Unstable && r.AsOf.Before(was.WakeAt) {
		return moved // it is not yet time for the next look
	}
	byFullRun := true
	for _, reading := range r.readingsOf(out).of(f.Side) {
		byFullRun = byFullRun && reading.ThisRun
		looked := out.Pair.Looks[reading.Source]
		switch {
		case reading.ThisRun, !looked.IsZero() && !looked.Before(grace.EndsAt), !reading.Again:
		case suspected && was.Unstable:
			return toLookAt // only a new look can settle it
		case !reading.FullAt.Before(grace.EndsAt), out.Pair.readAfter(reading.Source, grace.EndsAt):
		default:
			return toLookAt
		}
	}
	if suspected && was.Values != now.Values && (was.Unstable || !byFullRun && len(out.Pair.Looks) > 0) {
		return moved
	}
	return confirmed
}

// readAfter reports whether the source's record in the pair was first read, as it
// is, at a moment or later.
func (p *Pair) readAfter(source string, t time.Time) bool {
	for _, rec := range [...]*Record{p.Platform, p.Office} {
		if rec != nil && rec.Source == source {
			return !rec.FirstReadAt.IsZero() && !rec.FirstReadAt.Before(t)
		}
	}
	return false
}
