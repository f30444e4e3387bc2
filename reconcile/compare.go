package reconcile

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Finding is one rule that holds for a dossier.
type Finding struct {
	Kind Kind
	// Side is set where the kind speaks of one side alone (duplicate_code,
	// unmapped_status, invalid_record, reopened, backdated_close); it is part
	// of the discrepancy's identity.
	Side Side
	// Since is when the disagreement began; zero where no record tells, in
	// which case the first detection counts. SinceFrom names its origin.
	Since     time.Time
	SinceFrom string
	// Reason is one English sentence: what was found, with the values.
	Reason string
}

// Outcome is everything the rules say of one dossier at as_of.
type Outcome struct {
	Code       string // canonical: the platform's where it has one
	Department string // whose dossier it is: the platform's word, else the office's
	Pair       Pair
	Findings   []Finding
	Deadline   Deadline
	// Compared: both sides hold a record.
	Compared bool
	// NotCovered: on the platform, under a department without a connected office.
	NotCovered bool
	// Undecided: absence could not be concluded, because the other side has not
	// been read since; the dossier must be looked at again.
	Undecided bool
	// Unsettled: a record is invalid only by the moment at which it was read.
	Unsettled bool
	// Look: something would open by the passing of time alone, and the sources can
	// be asked for this dossier first. Set by Advance.
	Look bool
	// NextChange is when a verdict may turn by the passing of time; zero if never.
	NextChange time.Time
}

// Step is one rule that was tried, for explain.
type Step struct {
	Rule  string
	Fired bool
	Why   string
}

// Compare applies all rules to one dossier (RULES.md §3): duplicate, then
// unmapped, then invalid, each of which ends the matter; then the department;
// then at most one status kind; the date kinds only without one; the history
// kinds on top.
func (r *Rules) Compare(d *Dossier) Outcome {
	return r.compare(d, nil)
}

// Explain is Compare with every step that was tried, in order.
func (r *Rules) Explain(d *Dossier) (Outcome, []Step) {
	var steps []Step
	out := r.compare(d, func(s Step) { steps = append(steps, s) })
	return out, steps
}

func (r *Rules) compare(d *Dossier, tell func(Step)) Outcome {
	pair := Match(d)
	c := comparison{rules: r, dossier: d, tell: tell, out: Outcome{Pair: pair}}
	platform, office := pair.Platform, pair.Office
	switch {
	case platform != nil:
		c.out.Code, c.out.Department = platform.Code, platform.Department
		if c.out.Department == "" && office != nil {
			c.out.Department = office.Department // somebody has to correct it
		}
	case office != nil:
		c.out.Code, c.out.Department = office.Code, office.Department
	}
	c.out.Compared = platform != nil && office != nil
	if platform != nil {
		_, covered := r.Coverage.Offices[platform.Department]
		c.out.NotCovered = !covered && office == nil
	}
	c.out.Deadline = r.DeadlineOf(&pair)
	if pair.unreadable() {
		c.fire("unreadable", "a row of this dossier was rejected; nothing is concluded until it can be read")
		return c.out
	}
	c.decide(platform, office)
	if len(c.out.Findings) > 0 {
		c.out.NextChange = r.NextChange(&c.out.Pair, &c.out.Deadline)
	}
	return c.out
}

// comparison is one run of the rules over one dossier.
type comparison struct {
	rules   *Rules
	dossier *Dossier
	tell    func(Step)
	out     Outcome
}

func (c *comparison) decide(platform, office *Record) {
	if c.duplicates() || c.unmapped(platform, office) || c.invalid(platform, office) {
		return
	}
	switch {
	case platform != nil && office != nil:
		c.department(platform, office)
		if !c.statuses(platform, office) {
			c.completionDates(platform, office)
			c.dueDates(platform, office)
		}
	case platform != nil:
		c.missingInOffice(platform)
	case office != nil:
		c.missingOnPlatform(office)
	}
	c.history(platform)
	c.history(office)
}

// fire and pass tell explain which rule held and which did not; pass takes a
// func, since a full run over a million dossiers must not write sentences that
// nobody reads.
func (c *comparison) fire(rule, why string) {
	if c.tell != nil {
		c.tell(Step{Rule: rule, Fired: true, Why: why})
	}
}

func (c *comparison) pass(rule string, why func() string) {
	if c.tell != nil {
		c.tell(Step{Rule: rule, Why: why()})
	}
}

// add records a finding. A zero since falls back to the later updated_at of the
// two sides (RULES.md §5).
func (c *comparison) add(f Finding, since Moment, from string) {
	if since.Known() {
		f.Since, f.SinceFrom = c.rules.sinceMoment(since), from
	} else {
		f.Since, f.SinceFrom = c.laterUpdate()
	}
	c.fire(string(f.Kind), f.Reason)
	c.out.Findings = append(c.out.Findings, f)
}

func (c *comparison) laterUpdate() (time.Time, string) {
	var at time.Time
	from := "the first detection (neither side says when it was changed)"
	for _, rec := range [...]*Record{c.out.Pair.Platform, c.out.Pair.Office} {
		if rec == nil || !rec.UpdatedAt.Known() {
			continue
		}
		if updated := c.rules.sinceMoment(rec.UpdatedAt); updated.After(at) {
			at, from = updated, "updated_at of the "+string(rec.Side)
		}
	}
	return at, from
}

func (c *comparison) duplicates() bool {
	for _, side := range [...]Side{Platform, Office} {
		var sources []string // one discrepancy a side, however many offices
		for _, rec := range c.out.Pair.Doubled {
			if rec.Side == side {
				sources = append(sources, rec.Source)
			}
		}
		if len(sources) > 0 {
			slices.Sort(sources)
			c.add(Finding{Kind: DuplicateCode, Side: side, Reason: strings.Join(sources, " and ") +
				" holds the code more than once, with different content"}, Moment{}, "")
		}
	}
	if len(c.out.Pair.Doubled) == 0 {
		c.pass(string(DuplicateCode), func() string { return "no source holds the code twice with different content" })
	}
	return len(c.out.Pair.Doubled) > 0
}

func (c *comparison) unmapped(sides ...*Record) bool {
	found := false
	for _, rec := range sides {
		if rec != nil && !rec.Mapped() {
			c.add(Finding{Kind: UnmappedStatus, Side: rec.Side, Reason: fmt.Sprintf(
				"the mapping of %s does not know the status %q", rec.Source, rec.RawStatus)}, Moment{}, "")
			found = true
		}
	}
	if !found {
		c.pass(string(UnmappedStatus), func() string { return "every status is mapped" })
	}
	return found
}

func (c *comparison) invalid(sides ...*Record) bool {
	found := false
	for _, rec := range sides {
		if rec == nil {
			continue
		}
		if why := c.rules.Invalid(rec); why != "" {
			c.add(Finding{Kind: InvalidRecord, Side: rec.Side,
				Reason: "the record of " + rec.Source + ": " + why}, Moment{}, "")
			c.out.Unsettled = c.out.Unsettled || inFuture(rec)
			found = true
		}
	}
	if !found {
		c.pass(string(InvalidRecord), func() string { return "ends and receptions are in order, none lies in the future" })
	}
	return found
}

// futureTolerance is how far beyond the moment of reading a date may lie: clocks
// differ, and so do time zones.
const futureTolerance = 24 * time.Hour

func inFuture(rec *Record) bool {
	limit := rec.ReadAt.Add(futureTolerance)
	return !rec.ReadAt.IsZero() && (rec.ReceivedAt.Time.After(limit) || rec.End().Time.After(limit))
}

// Invalid says why a record contradicts itself, or "" where it does not. "In the
// future" is more than a day after the moment at which the record was read.
func (r *Rules) Invalid(rec *Record) string {
	end := rec.End()
	limit := rec.ReadAt.Add(futureTolerance)
	switch {
	case rec.Group == Done && !end.Known():
		return fmt.Sprintf("%s without a completion or return date", rec.Status)
	case end.Known() && rec.ReceivedAt.Known() && r.before(end, rec.ReceivedAt):
		return fmt.Sprintf("ended %s, before it was received %s", r.show(end), r.show(rec.ReceivedAt))
	case rec.ReadAt.IsZero():
	case rec.ReceivedAt.Time.After(limit):
		return fmt.Sprintf("received %s, in the future", r.show(rec.ReceivedAt))
	case end.Time.After(limit):
		return fmt.Sprintf("ended %s, in the future", r.show(end))
	}
	return ""
}

// before compares by date where either moment has no time of day.
func (r *Rules) before(a, b Moment) bool {
	if a.DateOnly || b.DateOnly {
		return r.earlierDate(a, b)
	}
	return a.Time.Before(b.Time)
}

func (c *comparison) department(platform, office *Record) {
	if platform.Department != "" && office.Department != "" && platform.Department != office.Department {
		c.add(Finding{Kind: DepartmentMismatch, Reason: fmt.Sprintf(
			"recorded by %s (%s), while the platform names %s",
			office.Department, office.Source, platform.Department)}, Moment{}, "")
		return
	}
	c.pass(string(DepartmentMismatch), func() string { return fmt.Sprintf("both name %s", platform.Department) })
}

// statuses applies the four status kinds, of which at most one can hold.
func (c *comparison) statuses(platform, office *Record) bool {
	p, o := platform.Group, office.Group
	said := func() string {
		return fmt.Sprintf("platform %s, office %s", c.state(platform), c.state(office))
	}
	switch {
	case o.Ended() && p.Live():
		c.add(Finding{Kind: ResolvedNotClosed, Reason: said()}, office.End(), "the office's end")
	case p.Ended() && o.Live():
		c.add(Finding{Kind: ClosedInProgress, Reason: said()}, platform.End(), "the platform's end")
	case p.Ended() && o.Ended() && p != o:
		c.add(Finding{Kind: OutcomeMismatch, Reason: said()}, Moment{}, "")
	case p.Live() && o.Live() && (p == Paused) != (o == Paused):
		c.add(Finding{Kind: PauseMismatch, Reason: said()}, Moment{}, "")
	default:
		c.pass("status kinds", said)
		return false
	}
	return true
}

func (c *comparison) completionDates(platform, office *Record) {
	p, o := platform.End(), office.End()
	switch {
	case platform.Group != Done || office.Group != Done:
		c.pass(string(CompletionDateMismatch), func() string { return "not done on both sides" })
	case c.rules.Calendar.SameDate(p.Time, o.Time):
		c.pass(string(CompletionDateMismatch), func() string { return "both ended " + c.rules.showDate(p) })
	default:
		c.add(Finding{Kind: CompletionDateMismatch, Reason: fmt.Sprintf(
			"ended %s on the platform, %s in the office", c.rules.show(p), c.rules.show(o))}, Moment{}, "")
	}
}

func (c *comparison) dueDates(platform, office *Record) {
	p, o := platform.EffectiveDue(), office.EffectiveDue()
	switch {
	case !p.Known() || !o.Known():
		c.pass(string(DueDateMismatch), func() string { return "not both sides give a due date" })
	case c.rules.Calendar.SameDate(p.Time, o.Time):
		c.pass(string(DueDateMismatch), func() string { return "both due " + c.rules.showDate(p) })
	default:
		c.add(Finding{Kind: DueDateMismatch, Reason: fmt.Sprintf(
			"due %s on the platform, %s in the office", c.rules.show(p), c.rules.show(o))}, Moment{}, "")
	}
}

func (c *comparison) missingInOffice(platform *Record) {
	readings, covered := c.rules.Coverage.Offices[platform.Department]
	switch {
	case platform.Group == Pending || platform.Group == Dropped:
		c.pass(string(MissingInOffice), func() string { return fmt.Sprintf("%s on the platform: the office need not have it", platform.Status) })
	case !covered:
		c.pass(string(MissingInOffice), func() string { return fmt.Sprintf("department %q has no connected office", platform.Department) })
	case !c.rules.absent(readings, platform):
		c.out.Undecided = true
		c.pass(string(MissingInOffice), func() string {
			return "the office has not been read completely since the platform's record was first seen"
		})
	default:
		c.add(Finding{Kind: MissingInOffice, Reason: fmt.Sprintf(
			"%s on the platform, in no office of %s", platform.Status, platform.Department)},
			platform.ReceivedAt, "the platform's reception")
	}
}

func (c *comparison) missingOnPlatform(office *Record) {
	switch {
	case office.Group == Pending:
		c.pass(string(MissingOnPlatform), func() string { return "registered only: it need not be on the platform" })
	case !c.rules.absent([]Reading{c.rules.Coverage.Platform}, office):
		c.out.Undecided = true
		c.pass(string(MissingOnPlatform), func() string {
			return "the platform has not been read completely since the office's record was first seen"
		})
	default:
		c.add(Finding{Kind: MissingOnPlatform, Reason: fmt.Sprintf(
			"%s in %s, not on the platform", office.Status, office.Source)},
			office.ReceivedAt, "the office's reception")
	}
}
