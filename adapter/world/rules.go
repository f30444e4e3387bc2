package world

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// found is a discrepancy and the moment from which its grace period runs; a
// zero since means that there is no grace (duplicate, unmapped, invalid).
type found struct {
	kind  string
	since time.Time
}

// decide writes what is true about one dossier into t.
func (d *dossier) decide(q Question, covered map[string]bool, t *Truth) {
	office := d.counterpart()
	p, pDoubled, pUnreadable := d.platform.one()
	o, oDoubled, oUnreadable := office.one()
	for _, h := range d.offices {
		if _, doubled, _ := h.one(); doubled {
			oDoubled = true
		}
	}
	department := d.platform.department
	if len(d.platform.records) == 0 {
		department = office.department
	}

	// The two verdicts (§4).
	var reported, verified verdict
	if p != nil && !pDoubled && p.RawStatus == "" {
		reported = judge(p, p.effectiveDue(), q.AsOf)
	}
	if o == nil || oDoubled || o.RawStatus != "" || invalid(o) {
		verified = reported
	} else {
		due := o.ExtendedDueAt
		if !due.Known() && p != nil && !pDoubled {
			due = p.effectiveDue()
		}
		if !due.Known() {
			due = o.DueAt
		}
		verified = judge(o, due, q.AsOf)
	}
	witness := p
	if witness == nil {
		witness = o
	}
	if witness != nil && inPeriod(witness.ReceivedAt.Time, q.From, q.To) {
		count(t.Reported, department, reported)
		count(t.Verified, department, verified)
	}

	// The kinds (§3), and since when (§5).
	if pUnreadable || oUnreadable {
		return
	}
	for _, f := range compare(p, o, pDoubled, oDoubled, department, office.department, covered) {
		finding := Finding{Kind: f.kind, Code: d.code, Department: department, DeadlineEffect: effect(reported, verified)}
		if !f.since.IsZero() && q.Calendar.between(f.since, q.AsOf) < q.Grace {
			t.Suspected = append(t.Suspected, finding)
		} else {
			t.Open = append(t.Open, finding)
		}
	}
}

// compare lists what is wrong with a pair, in the order of §3.
func compare(p, o *Record, pDoubled, oDoubled bool, department, officeDepartment string, covered map[string]bool) []found {
	switch {
	case pDoubled || oDoubled:
		return []found{{kind: "duplicate_code"}}
	case p != nil && p.RawStatus != "" || o != nil && o.RawStatus != "":
		return []found{{kind: "unmapped_status"}}
	case p != nil && invalid(p) || o != nil && invalid(o):
		return []found{{kind: "invalid_record"}}
	case o == nil:
		group := reconcile.DefaultGroup(p.Status)
		if covered[department] && group != reconcile.Pending && group != reconcile.Dropped {
			return []found{{"missing_in_office", p.ReceivedAt.Time}}
		}
		return nil
	case p == nil:
		if reconcile.DefaultGroup(o.Status) != reconcile.Pending {
			return []found{{"missing_on_platform", o.ReceivedAt.Time}}
		}
		return nil
	}

	updated := p.UpdatedAt.Time
	if o.UpdatedAt.Time.After(updated) {
		updated = o.UpdatedAt.Time
	}
	var list []found
	if department != officeDepartment {
		list = append(list, found{"department_mismatch", updated})
	}
	pGroup, oGroup := reconcile.DefaultGroup(p.Status), reconcile.DefaultGroup(o.Status)
	switch {
	case !pGroup.Ended() && oGroup.Ended():
		return append(list, found{"resolved_not_closed", endOr(o, updated)})
	case pGroup.Ended() && !oGroup.Ended():
		return append(list, found{"closed_in_progress", endOr(p, updated)})
	case pGroup.Ended() && pGroup != oGroup:
		return append(list, found{"outcome_mismatch", updated})
	case !pGroup.Ended() && (pGroup == reconcile.Paused) != (oGroup == reconcile.Paused):
		return append(list, found{"pause_mismatch", updated})
	}
	if pGroup == reconcile.Done && !sameDay(p.end(), o.end()) {
		list = append(list, found{"completion_date_mismatch", updated})
	}
	pDue, oDue := p.effectiveDue(), o.effectiveDue()
	if pDue.Known() && oDue.Known() && !sameDay(pDue, oDue) {
		list = append(list, found{"due_date_mismatch", updated})
	}
	return list
}

// endOr is the record's end, or where it has none the fallback.
func endOr(r *Record, fallback time.Time) time.Time {
	if end := r.end(); end.Known() {
		return end.Time
	}
	return fallback
}

// invalid records cannot be: done without an end, ended before reception, or
// in a future that no reader of this world lives to see.
func invalid(r *Record) bool {
	end := r.end()
	done := reconcile.DefaultGroup(r.Status) == reconcile.Done
	switch {
	case done && !end.Known():
		return true
	case r.ended() && end.Known() && r.ReceivedAt.Known() && end.Time.Before(r.ReceivedAt.Time):
		return true
	default:
		return r.ReceivedAt.Time.Year() >= farFuture || r.ended() && end.Known() && end.Time.Year() >= farFuture
	}
}

// farFuture is the year of planted dates that must lie more than a day after
// the moment of reading, whenever that is.
const farFuture = 2099

func sameDay(a, b reconcile.Moment) bool {
	return a.Time.In(vietnam).Format(time.DateOnly) == b.Time.In(vietnam).Format(time.DateOnly)
}

// inPeriod reports whether a reception counts for the days from–to.
func inPeriod(received, from, to time.Time) bool {
	day := received.In(vietnam).Format(time.DateOnly)
	return day >= from.In(vietnam).Format(time.DateOnly) && day <= to.In(vietnam).Format(time.DateOnly)
}

// count adds a verdict to a department's row.
func count(table map[string]Four, department string, v verdict) {
	row := table[department]
	if v.said && v.counted {
		row[v.column()]++
	}
	table[department] = row
}
