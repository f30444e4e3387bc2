package reconcile

import "time"

// Verdict is one account of whether a dossier keeps its deadline.
type Verdict struct {
	Ended bool // at as_of
	Late  bool // ended after due, or still in progress past it
	// An unknown end or due counts as on time, and is counted as such.
	UnknownEnd, UnknownDue bool
}

// verdicts holds every verdict there can be, so that a full run allocates none.
// Nobody writes to it.
var verdicts = func() (all [16]Verdict) {
	for i := range all {
		all[i] = Verdict{Ended: i&1 != 0, Late: i&2 != 0, UnknownEnd: i&4 != 0, UnknownDue: i&8 != 0}
	}
	return all
}()

func (v Verdict) shared() *Verdict {
	i := 0
	for bit, set := range [...]bool{v.Ended, v.Late, v.UnknownEnd, v.UnknownDue} {
		if set {
			i |= 1 << bit
		}
	}
	return &verdicts[i]
}

// Effect is what a discrepancy does to the deadline.
type Effect string

// The effects.
const (
	EffectNone    Effect = "none"
	FalseOverdue  Effect = "false_overdue"  // reported late or overdue, in truth not
	HiddenOverdue Effect = "hidden_overdue" // late or overdue in truth, not reported
)

// Effects lists the effects that matter to somebody first.
var Effects = []Effect{FalseOverdue, HiddenOverdue, EffectNone}

// Deadline is what both accounts say, and which due date the true one used.
type Deadline struct {
	Reported *Verdict // nil: no platform record, its status unmapped, or its code doubled
	Verified *Verdict // nil: neither side can be used
	// VerifiedBy is the record whose verdict Verified is; Due the due date it
	// was held against, DueFrom where that came from.
	VerifiedBy *Record
	Due        Moment
	DueFrom    string
	Effect     Effect
}

// Where the due date of the verified verdict came from.
const (
	DueFromOfficeExtension = "the office's extension"
	DueFromPlatform        = "the platform's effective due date"
	DueFromOffice          = "the office's due date"
	DueFromNowhere         = "no due date known"
)

// VerdictOf judges one record against a due date at as_of (RULES.md §4;
// the comparison is the national formula of QĐ 766 unless Rules say otherwise).
func (r *Rules) VerdictOf(rec *Record, due Moment) Verdict {
	v := Verdict{Ended: rec.Group.Ended(), UnknownDue: !due.Known()}
	end := rec.End()
	if v.Ended && end.Known() && end.Time.After(r.AsOf) {
		v.Ended = false // it ended later than the moment asked about
	}
	switch {
	case v.Ended && !end.Known():
		v.UnknownEnd = true
	case v.UnknownDue:
	case v.Ended:
		v.Late = r.after(end, due)
	case rec.Group == Paused:
	default:
		v.Late = r.after(Moment{Time: r.AsOf}, due)
	}
	return v
}

// after reports whether m lies past due. A moment without a time of day is past
// it only when its date is.
func (r *Rules) after(m, due Moment) bool {
	if r.CompareBy == ByDate || m.DateOnly {
		return m.Time.After(due.Time) && !r.Calendar.SameDate(m.Time, due.Time)
	}
	return m.Time.After(r.dueMoment(due))
}

// dueMoment is the last moment that is still in time: a due date without a time
// of day means the end of that working day.
func (r *Rules) dueMoment(due Moment) time.Time {
	if due.DateOnly {
		return r.Calendar.DayEnd(due.Time)
	}
	return due.Time
}

// DeadlineOf gives both accounts of a pair and what the difference is.
func (r *Rules) DeadlineOf(p *Pair) Deadline {
	d := Deadline{Effect: EffectNone, DueFrom: DueFromNowhere}
	platform := p.Platform
	if platform != nil && p.doubles(platform) {
		platform = nil
	}
	if platform != nil && platform.Mapped() {
		d.Reported = r.VerdictOf(platform, platform.EffectiveDue()).shared()
	}
	if office := p.Office; office != nil && !p.doubles(office) && office.Mapped() && r.Invalid(office) == "" {
		d.Due, d.DueFrom = verifiedDue(office, platform)
		d.Verified, d.VerifiedBy = r.VerdictOf(office, d.Due).shared(), office
	} else if d.Reported != nil {
		d.Verified, d.VerifiedBy = d.Reported, platform
		if due := platform.EffectiveDue(); due.Known() {
			d.Due, d.DueFrom = due, DueFromPlatform
		}
	}
	if d.Reported != nil && d.Verified != nil {
		switch {
		case d.Reported.Late && !d.Verified.Late:
			d.Effect = FalseOverdue
		case !d.Reported.Late && d.Verified.Late:
			d.Effect = HiddenOverdue
		}
	}
	return d
}

// verifiedDue is due* of RULES.md §4.
func verifiedDue(office, platform *Record) (Moment, string) {
	switch {
	case office.ExtendedDueAt.Known():
		return office.ExtendedDueAt, DueFromOfficeExtension
	case platform != nil && platform.EffectiveDue().Known():
		return platform.EffectiveDue(), DueFromPlatform
	case office.DueAt.Known():
		return office.DueAt, DueFromOffice
	}
	return Moment{}, DueFromNowhere
}

func (p *Pair) doubles(rec *Record) bool {
	for _, d := range p.Doubled {
		if d.Source == rec.Source {
			return true
		}
	}
	return false
}

// NextChange is the first moment after as_of at which a verdict of this pair
// may turn by the passing of time alone; zero if none.
func (r *Rules) NextChange(p *Pair, d *Deadline) time.Time {
	var next time.Time
	consider := func(t time.Time) {
		if t.After(r.AsOf) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	turn := func(due Moment) {
		switch {
		case !due.Known():
		case r.CompareBy == ByDate:
			local := due.Time.In(r.Calendar.Zone())
			consider(time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, r.Calendar.Zone()))
		default: // the store keeps milliseconds
			consider(r.dueMoment(due).Truncate(time.Millisecond).Add(time.Millisecond))
		}
	}
	for _, rec := range [...]*Record{p.Platform, p.Office} {
		if rec != nil {
			turn(rec.EffectiveDue())
			consider(rec.End().Time) // live before, ended from then on
		}
	}
	turn(d.Due)
	return next
}
