package reconcile

import (
	"fmt"
	"time"
)

// Advance takes a dossier's outcome to the discrepancies that are kept of it,
// and returns those that change. It is idempotent: the same outcome again
// returns nothing. existing are all discrepancies of this dossier, resolved ones
// included, in any order.
//
// Nothing is opened, altered or resolved on the word of a source that could not
// be read lately (RULES.md §6 and §7; Reading.Fresh). What would open by the
// passing of time alone is first to be looked at again, where the sources can
// (§5): out.Look then says so, and it stays suspected.
func (r *Rules) Advance(out *Outcome, existing []Discrepancy) []Change {
	if out.Undecided || out.Pair.unreadable() {
		return nil
	}
	read := r.readingsOf(out)
	var changes []Change
	found := make(map[string]bool, len(out.Findings))
	for i := range out.Findings {
		f := &out.Findings[i]
		id := DiscrepancyID(f.Kind, out.Code, f.Side)
		found[id] = true
		if !read.fresh(f.Side) {
			continue
		}
		var was *Discrepancy
		for j := range existing {
			if existing[j].ID == id {
				was = &existing[j]
			}
		}
		now, why := r.next(out, f, id, was)
		if c, changed := changeOf(was, now, why, r.AsOf); changed {
			changes = append(changes, c)
		}
	}
	for i := range existing {
		d := existing[i]
		if found[d.ID] || !d.Standing() || !read.fresh(d.Side) {
			continue
		}
		was := d
		d.State, d.ResolvedAt, d.WakeAt, d.Unstable = StateResolved, r.AsOf, time.Time{}, false
		c, _ := changeOf(&was, d, resolvedWhy(out), r.AsOf)
		changes = append(changes, c)
	}
	return changes
}

// Unverified reports whether the dossier must be looked at again in the next run
// although nothing of it may have changed by then.
func (r *Rules) Unverified(out *Outcome) bool {
	return out.Undecided || !r.readingsOf(out).fresh("")
}

func resolvedWhy(out *Outcome) string {
	for _, f := range out.Findings {
		switch f.Kind {
		case DuplicateCode, UnmappedStatus, InvalidRecord:
			return "no longer decided: " + string(f.Kind) + " ends the matter"
		}
	}
	return "both sides read again, the rule no longer holds"
}

// next is what becomes of a discrepancy whose finding holds.
func (r *Rules) next(out *Outcome, f *Finding, id string, was *Discrepancy) (Discrepancy, string) {
	d := Discrepancy{ID: id, Kind: f.Kind, Code: out.Code, Side: f.Side, FirstDetectedAt: r.AsOf}
	if was != nil {
		d = *was
	}
	d.Department, d.Effect, d.Reason = out.Department, out.Deadline.Effect, f.Reason
	d.Values = valuesOf(&out.Pair)
	d.Since, d.SinceFrom = f.Since, f.SinceFrom
	if d.Since.IsZero() {
		d.Since = r.AsOf // the first detection, of this time it is here
		if was != nil && was.Standing() {
			d.Since = was.Since
		}
	}
	grace := r.GraceFor(f.Kind, d.Since)
	state := StateSuspected
	if grace.Over {
		state = StateOpen
	}
	if state == StateOpen && opensNow(was) {
		switch r.confirm(out, f, was, &d, grace) {
		case toLookAt:
			state, out.Look = StateSuspected, true
		case moved:
			state, d.Unstable = StateSuspected, true
		case confirmed:
			d.Unstable = false
		}
	} else {
		d.Unstable = d.Unstable && state == StateSuspected
	}
	why := "detected"
	switch {
	case was == nil:
	case was.State == StateResolved:
		d.Reopened, d.ResolvedAt = d.Reopened+1, time.Time{}
		why = "came back"
		if d.WaivedUntil.IsZero() {
			d.SetBy, d.Note = "", "" // what was said of it then ended with it; the events keep it
		}
	case was.State == StateAcknowledged:
		state, why = StateAcknowledged, "values changed"
	case was.State == StateSuspected && state == StateOpen:
		why = fmt.Sprintf("grace of %s working time is over", ShowDuration(grace.Allowed))
	default:
		why = "values changed"
	}
	if !d.WaivedUntil.IsZero() {
		switch {
		case !r.AsOf.Before(d.WaivedUntil):
			d.WaivedUntil, d.WaivedValues, why = time.Time{}, "", "the waiver ended on its date"
		case d.Values != d.WaivedValues:
			d.WaivedUntil, d.WaivedValues, why = time.Time{}, "", "the waiver ended: the values it was given for changed"
		default:
			state = StateWaived
		}
	}
	d.State = state
	if state == StateOpen && (was == nil || was.State != StateOpen) {
		d.OpenedAt = r.AsOf
	}
	d.WakeAt = r.wake(out, &d, grace)
	return d, why
}

// everyRun is a WakeAt that has always come.
var everyRun = time.UnixMilli(1).UTC()

// wake is the next moment at which time alone may change the discrepancy.
func (r *Rules) wake(out *Outcome, d *Discrepancy, grace Grace) time.Time {
	if out.Unsettled {
		return everyRun // whatever is read next may settle it
	}
	wake := out.NextChange
	consider := func(t time.Time) {
		if !t.IsZero() && t.After(r.AsOf) && (wake.IsZero() || t.Before(wake)) {
			wake = t
		}
	}
	if !grace.Over {
		consider(grace.EndsAt)
	}
	consider(d.WaivedUntil)
	switch {
	case d.Unstable:
		consider(r.AsOf.Add(unstablePause))
	case out.Look:
		consider(r.AsOf.Add(lookPause))
	}
	return wake
}

// changeOf compares a discrepancy with what it was. Where nothing but WakeAt
// moved there is no event.
func changeOf(was *Discrepancy, now Discrepancy, why string, at time.Time) (Change, bool) {
	c := Change{Discrepancy: now, New: was == nil}
	event := Event{DiscrepancyID: now.ID, At: at, Actor: ServiceActor, To: now.State, Why: why}
	if was == nil {
		c.Event = event
		return c, true
	}
	event.From = was.State
	if same(was, &now) {
		return c, !was.WakeAt.Equal(now.WakeAt)
	}
	if was.State == now.State {
		event.Why = whatChanged(was, &now)
	}
	c.Event = event
	return c, true
}

// same compares everything that tells somebody something.
func same(a, b *Discrepancy) bool {
	return a.State == b.State && a.Department == b.Department && a.Effect == b.Effect &&
		a.Reason == b.Reason && a.Since.Equal(b.Since) && a.Values == b.Values &&
		a.Reopened == b.Reopened && a.Unstable == b.Unstable && a.WaivedUntil.Equal(b.WaivedUntil) && a.SetBy == b.SetBy && a.Note == b.Note
}

func whatChanged(a, b *Discrepancy) string {
	switch {
	case !a.Unstable && b.Unstable:
		return "unstable: the values changed between two looks"
	case a.Department != b.Department:
		return fmt.Sprintf("department %s → %s", a.Department, b.Department)
	case a.Effect != b.Effect:
		return fmt.Sprintf("deadline effect %s → %s", a.Effect, b.Effect)
	case !a.Since.Equal(b.Since):
		return "since changed"
	}
	return "values changed"
}

// readings is how the two sides of one dossier have been read.
type readings struct{ platform, office []Reading }

func (r *Rules) readingsOf(out *Outcome) readings {
	read := readings{platform: []Reading{r.Coverage.Platform}}
	if office := out.Pair.Office; office != nil {
		read.office = []Reading{r.Coverage.Sources[office.Source]}
	} else {
		read.office = r.Coverage.Offices[out.Department]
	}
	return read
}

// of returns the readings a finding on this side rests on; "" rests on both.
func (s readings) of(side Side) []Reading {
	switch side {
	case Platform:
		return s.platform
	case Office:
		return s.office
	}
	return append(append(make([]Reading, 0, 4), s.platform...), s.office...)
}

func (s readings) fresh(side Side) bool {
	for _, r := range s.of(side) {
		if !r.Fresh {
			return false
		}
	}
	return true
}
