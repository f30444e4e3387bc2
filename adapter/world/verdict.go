package world

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// verdict is what one record says about the deadline, or nothing (said false).
type verdict struct {
	said     bool // there is a record whose account counts
	counted  bool // it belongs in the quarter's table: neither pending nor refused
	resolved bool
	late     bool // resolved late, or overdue
}

// judge applies RULES.md §4: ended → late iff the end lies after due;
// paused → never overdue; other live → overdue iff asOf lies after due. An
// unknown end or due counts as on time.
func judge(r *Record, due reconcile.Moment, asOf time.Time) verdict {
	v := verdict{said: true, counted: r.Status != reconcile.Registered && r.Status != reconcile.Refused}
	deadline := due.Time
	if due.DateOnly {
		deadline = deadline.Add(17 * time.Hour)
	}
	end := r.end()
	// An end after asOf has not happened yet.
	v.resolved = r.ended() && !(end.Known() && end.Time.After(asOf))
	switch {
	case !due.Known():
	case v.resolved:
		v.late = end.Known() && end.Time.After(deadline)
	case reconcile.DefaultGroup(r.Status) == reconcile.Paused:
	default:
		v.late = asOf.After(deadline)
	}
	return v
}

// column is the verdict's place in Four.
func (v verdict) column() int {
	column := 0
	if !v.resolved {
		column = 2
	}
	if v.late {
		column++
	}
	return column
}

// effect compares what is reported with what is verified.
func effect(reported, verified verdict) string {
	switch {
	case !reported.said || !verified.said || reported.late == verified.late:
		return "none"
	case reported.late:
		return "false_overdue"
	default:
		return "hidden_overdue"
	}
}
