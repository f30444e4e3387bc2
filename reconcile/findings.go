package reconcile

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"
)

// Findings is what a period's dossiers show, in figures; Sentences puts it into
// words. All figures are of dossiers received in the period, as they stand at the
// moment of the report. They are of the rules (RULES.md §3, §4) alone: what is still
// within its grace, acknowledged or waived is counted, too.
type Findings struct {
	From, To time.Time // [From, To), in the calendar's zone
	// DayLength is the working time of a day, for telling working time in days;
	// LateAfter the grace of ResolvedNotClosed.
	DayLength, LateAfter time.Duration

	Departments []DepartmentFindings // by code
	Total       DepartmentFindings   // of all departments; its code is ""
}

// DepartmentFindings are the figures of one department's dossiers.
type DepartmentFindings struct {
	Department string
	// Dossiers is every dossier received in the period, but for those that no side has
	// beyond registered or refused, which no table counts. Compared are those of which both sides hold a record that can be used;
	// Unusable those of which both hold one, but one of them is doubled, unmapped or
	// invalid; NotCovered those of a department without a connected office; NotCompared
	// all the others: one side does not hold them, or its row could not be read.
	Dossiers, Compared, Unusable, NotCovered, NotCompared int

	// ReportedLate is what the platform reports late or overdue. FalseOverdue are
	// those of them that are not, by the verified account; HiddenOverdue are late or
	// overdue by that account, and not reported so.
	ReportedLate, FalseOverdue, HiddenOverdue int

	ResolvedNotClosed, ClosedInProgress, BackdatedClose int // dossiers with such a finding

	// UnknownDue and UnknownEnd are on time only because a date is not known
	// (verified account).
	UnknownDue, UnknownEnd int

	// BothEnded are compared dossiers that are ended on both sides, with a known end;
	// ClosedLater those of them whose end on the platform lies after the office's;
	// ClosedLate those of these where more working time than LateAfter lies between.
	BothEnded, ClosedLater, ClosedLate int
	// MedianDelay and NinthDelay are the working time between the office's end and
	// the platform's, in half and in nine tenths of ClosedLater at most, in
	// whole minutes that have begun. Where a side gives a day alone, the shortest that it can mean counts.
	MedianDelay, NinthDelay time.Duration
	// MedianLate is the like of MedianDelay among ClosedLate alone: most dossiers are
	// closed minutes later, since nobody writes two systems at once.
	MedianLate time.Duration
}

// Survey gathers Findings. It keeps four bytes a dossier that was closed later.
type Survey struct {
	rules  *Rules
	period period
	rows   map[string]*surveyRow
}

type surveyRow struct {
	DepartmentFindings
	delays []int32 // of ClosedLater; whole minutes of working time
}

// NewSurvey is of dossiers received in [from, to), whose outcomes rules decided.
func NewSurvey(rules *Rules, from, to time.Time) *Survey {
	return &Survey{rules: rules, period: period{from, to}, rows: map[string]*surveyRow{}}
}

// Add takes one dossier into account.
func (s *Survey) Add(out *Outcome) {
	if !s.period.received(out) || !takenIn(out) {
		return
	}
	row := rowOf(s.rows, out.Department)
	row.Dossiers++
	row.deadlines(out)
	unusable := false
	var seen [3]bool // one dossier may be backdated on both sides
	for i := range out.Findings {
		switch out.Findings[i].Kind {
		case DuplicateCode, UnmappedStatus, InvalidRecord:
			unusable = true
		case ResolvedNotClosed:
			seen[0] = true
		case ClosedInProgress:
			seen[1] = true
		case BackdatedClose:
			seen[2] = true
		}
	}
	for i, n := range [...]*int{&row.ResolvedNotClosed, &row.ClosedInProgress, &row.BackdatedClose} {
		if seen[i] {
			*n++
		}
	}
	switch {
	case out.NotCovered:
		row.NotCovered++
	case !out.Compared || out.Pair.unreadable():
		row.NotCompared++
	case unusable:
		row.Unusable++
	default:
		row.Compared++
		s.closing(row, out)
	}
}

// takenIn reports whether a side has the dossier as more than registered or refused.
func takenIn(out *Outcome) bool {
	for _, rec := range [...]*Record{out.Pair.Platform, out.Pair.Office} {
		if rec != nil && counted(rec) {
			return true
		}
	}
	return false
}

// deadlines counts by the columns of the report's table, so that the figures agree.
func (row *surveyRow) deadlines(out *Outcome) {
	if _, _, v := out.judged(AccountReported); v != nil && v.Late {
		row.ReportedLate++
		if out.Deadline.Effect == FalseOverdue {
			row.FalseOverdue++
		}
	}
	_, _, v := out.judged(AccountVerified)
	if v == nil {
		return
	}
	if v.Late && out.Deadline.Effect == HiddenOverdue {
		row.HiddenOverdue++
	}
	if v.UnknownDue {
		row.UnknownDue++
	}
	if v.UnknownEnd {
		row.UnknownEnd++
	}
}

// closing compares when both sides ended the dossier.
func (s *Survey) closing(row *surveyRow, out *Outcome) {
	platform, office := out.Pair.Platform.End(), out.Pair.Office.End()
	asOf := s.rules.AsOf
	if !platform.Known() || !office.Known() || platform.Time.After(asOf) || office.Time.After(asOf) {
		return
	}
	row.BothEnded++
	if !s.rules.before(office, platform) {
		return
	}
	row.ClosedLater++
	delay := s.rules.Calendar.Working(s.rules.sinceMoment(office), s.closedAt(platform, office))
	if delay > s.rules.GraceOf(ResolvedNotClosed) {
		row.ClosedLate++
	}
	row.delays = append(row.delays, int32(min((delay+time.Minute-1)/time.Minute, math.MaxInt32)))
}

// closedAt is the earliest moment that the platform's end can mean: a day alone may
// have been its beginning. Against another mere day, both mean the same hour.
func (s *Survey) closedAt(platform, office Moment) time.Time {
	if office.DateOnly {
		return s.rules.sinceMoment(platform)
	}
	return platform.Time
}

// Merge adds what another survey of the same period gathered.
func (s *Survey) Merge(o *Survey) {
	for department, row := range o.rows {
		rowOf(s.rows, department).add(row)
	}
}

func (row *surveyRow) add(o *surveyRow) {
	mine, theirs := row.sums(), o.sums()
	for i := range mine {
		*mine[i] += *theirs[i]
	}
	row.delays = append(row.delays, o.delays...)
}

// sums are all the figures that add up.
func (d *DepartmentFindings) sums() [16]*int {
	return [...]*int{
		&d.Dossiers, &d.Compared, &d.Unusable, &d.NotCovered, &d.NotCompared,
		&d.ReportedLate, &d.FalseOverdue, &d.HiddenOverdue,
		&d.ResolvedNotClosed, &d.ClosedInProgress, &d.BackdatedClose,
		&d.UnknownDue, &d.UnknownEnd, &d.BothEnded, &d.ClosedLater, &d.ClosedLate,
	}
}

// Findings is what was gathered so far.
func (s *Survey) Findings() Findings {
	calendar := s.rules.Calendar
	f := Findings{
		From: s.period.from.In(calendar.Zone()), To: s.period.to.In(calendar.Zone()),
		DayLength: calendar.DayLength(), LateAfter: s.rules.GraceOf(ResolvedNotClosed),
	}
	var total surveyRow
	for _, department := range slices.Sorted(maps.Keys(s.rows)) {
		row := s.rows[department]
		total.add(row)
		found := row.found()
		found.Department = department
		f.Departments = append(f.Departments, found)
	}
	f.Total = total.found()
	return f
}

func (row *surveyRow) found() DepartmentFindings {
	d := row.DepartmentFindings
	slices.Sort(row.delays)
	d.MedianDelay, d.NinthDelay = quantile(row.delays, 5), quantile(row.delays, 9)
	d.MedianLate = quantile(row.delays[len(row.delays)-d.ClosedLate:], 5)
	return d
}

// quantile is the least of sorted minutes that tenths tenths of them do not exceed;
// 0 of none. The middle of an even number is the lower of the two in the middle:
// a delay that really was.
func quantile(minutes []int32, tenths int) time.Duration {
	if len(minutes) == 0 {
		return 0
	}
	return time.Duration(minutes[(len(minutes)*tenths+9)/10-1]) * time.Minute
}

// Slowest are the departments that close dossiers late on the platform: those with
// most ClosedLate first, then by MedianLate.
func (f *Findings) Slowest() []DepartmentFindings {
	slow := slices.DeleteFunc(slices.Clone(f.Departments), func(d DepartmentFindings) bool { return d.ClosedLate == 0 })
	slices.SortStableFunc(slow, func(a, b DepartmentFindings) int {
		return cmp.Or(cmp.Compare(b.ClosedLate, a.ClosedLate), cmp.Compare(b.MedianLate, a.MedianLate))
	})
	return slow
}
