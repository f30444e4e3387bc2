package reconcile_test

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// This file is a second, slow and plain reading of the rules (RULES.md),
// written without regard to how the package decides. The property tests hold
// the two against each other. Nothing here is shared with the package but the
// types; even working time is counted anew, minute by minute.

// oracle is the law with its surroundings. Its hours are those of
// calendar.Plain, less the holidays and plus the make-up days given.
type oracle struct {
	zone     *time.Location
	holidays map[string]bool // yyyy-MM-dd
	makeup   map[string]bool
	grace    map[reconcile.Kind]time.Duration
	byDate   bool
	coverage reconcile.Coverage
	asOf     time.Time
}

type findingKey struct {
	Kind reconcile.Kind
	Side reconcile.Side
}

// judgement is what the oracle says of one dossier.
type judgement struct {
	Code, Department   string
	Findings           map[findingKey]time.Time // since; zero: the first detection
	States             map[findingKey]reconcile.State
	Reported, Verified string // "", or a column of the report's table
	Effect             reconcile.Effect
	Compared           bool
	NotCovered         bool
	Undecided          bool
}

// --- working time, by counting ---

func (o *oracle) workday(t time.Time) bool {
	t = t.In(o.zone)
	day := t.Format("2006-01-02")
	if o.makeup[day] {
		return true
	}
	if o.holidays[day] {
		return false
	}
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
}

// workingMinute reports whether the office works in the minute that begins at t.
func workingMinute(t time.Time) bool {
	m := t.Hour()*60 + t.Minute()
	return m >= 7*60 && m < 11*60+30 || m >= 13*60+30 && m < 17*60
}

// workingMinutes counts the minutes worked in [from, to), both whole minutes.
func (o *oracle) workingMinutes(from, to time.Time) int {
	from, to = from.In(o.zone), to.In(o.zone)
	n := 0
	working, day := false, -1
	for t := from; t.Before(to); t = t.Add(time.Minute) {
		if t.YearDay() != day {
			day, working = t.YearDay(), o.workday(t)
		}
		if working && workingMinute(t) {
			n++
		}
	}
	return n
}

func (o *oracle) dayEnd(t time.Time) time.Time {
	t = t.In(o.zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 17, 0, 0, 0, o.zone)
}

func (o *oracle) date(t time.Time) string { return t.In(o.zone).Format("2006-01-02") }

// --- §1 records ---

func end(rec *reconcile.Record) reconcile.Moment {
	if !ended(rec) {
		return reconcile.Moment{}
	}
	if !rec.CompletedAt.Time.IsZero() {
		return rec.CompletedAt
	}
	return rec.ReturnedAt
}

func effectiveDue(rec *reconcile.Record) reconcile.Moment {
	if !rec.ExtendedDueAt.Time.IsZero() {
		return rec.ExtendedDueAt
	}
	return rec.DueAt
}

func ended(rec *reconcile.Record) bool {
	return rec.Group == reconcile.Done || rec.Group == reconcile.Dropped
}

func live(rec *reconcile.Record) bool {
	return rec.Group == reconcile.Pending || rec.Group == reconcile.Open || rec.Group == reconcile.Paused
}

// --- §2 pairing ---

type held struct {
	rec     *reconcile.Record // the row updated last
	doubled bool
}

func equalRows(a, b *reconcile.Record) bool {
	same := func(x, y reconcile.Moment) bool { return x.Time.Equal(y.Time) && x.DateOnly == y.DateOnly }
	if a.Status == "" && a.RawStatus != b.RawStatus {
		return false
	}
	return a.Status == b.Status && a.Department == b.Department && same(a.ReceivedAt, b.ReceivedAt) &&
		same(a.DueAt, b.DueAt) && same(a.ExtendedDueAt, b.ExtendedDueAt) &&
		same(a.CompletedAt, b.CompletedAt) && same(a.ReturnedAt, b.ReturnedAt)
}

// bySource makes one of what each source holds.
func bySource(rows []reconcile.Record) map[string]*held {
	sources := map[string]*held{}
	for i := range rows {
		rec := &rows[i]
		h := sources[rec.Source]
		if h == nil {
			sources[rec.Source] = &held{rec: rec}
			continue
		}
		for j := range rows {
			if rows[j].Source == rec.Source && !equalRows(rec, &rows[j]) {
				h.doubled = true
			}
		}
		if rec.UpdatedAt.Time.After(h.rec.UpdatedAt.Time) {
			h.rec = rec
		}
	}
	return sources
}

// choose picks the office that stands against the platform. The generator gives
// no two offices the same updated_at, so that "updated last" always tells.
func choose(offices map[string]*held, platform *held) *held {
	var best *held
	named := func(h *held) bool { return platform != nil && h.rec.Department == platform.rec.Department }
	for _, h := range offices {
		switch {
		case best == nil, named(h) && !named(best):
			best = h
		case named(best) && !named(h):
		case h.rec.UpdatedAt.Time.After(best.rec.UpdatedAt.Time):
			best = h
		}
	}
	return best
}

// --- §3 kinds ---

func (o *oracle) invalid(rec *reconcile.Record) bool {
	e := end(rec)
	if rec.Group == reconcile.Done && e.Time.IsZero() {
		return true
	}
	if !e.Time.IsZero() && !rec.ReceivedAt.Time.IsZero() {
		if e.DateOnly || rec.ReceivedAt.DateOnly {
			if o.date(e.Time) < o.date(rec.ReceivedAt.Time) {
				return true
			}
		} else if e.Time.Before(rec.ReceivedAt.Time) {
			return true
		}
	}
	for _, m := range []reconcile.Moment{rec.ReceivedAt, e} {
		if !m.Time.IsZero() && m.Time.Sub(rec.ReadAt) > 24*time.Hour {
			return true
		}
	}
	return false
}

func (o *oracle) judge(d *reconcile.Dossier) judgement {
	j := judgement{Findings: map[findingKey]time.Time{}, States: map[findingKey]reconcile.State{}, Effect: reconcile.EffectNone}
	platforms, offices := bySource(d.Platform), bySource(d.Offices)
	var p *held
	for _, h := range platforms {
		p = h // the platform is exactly one source
	}
	f := choose(offices, p)

	var platform, office *reconcile.Record
	if p != nil {
		platform, j.Code, j.Department = p.rec, p.rec.Code, p.rec.Department
	}
	if f != nil {
		office = f.rec
		if platform == nil {
			j.Code, j.Department = office.Code, office.Department
		}
	}
	j.Compared = platform != nil && office != nil
	j.NotCovered = platform != nil && office == nil && len(o.coverage.Offices[platform.Department]) == 0

	o.kinds(&j, d, p, f, offices)
	for key, since := range j.Findings {
		j.States[key] = o.state(key.Kind, since)
	}
	o.deadline(&j, p, f)
	return j
}

func (o *oracle) kinds(j *judgement, d *reconcile.Dossier, p, f *held, offices map[string]*held) {
	var platform, office *reconcile.Record
	if p != nil {
		platform = p.rec
	}
	if f != nil {
		office = f.rec
	}
	var updated time.Time
	for _, rec := range []*reconcile.Record{platform, office} {
		if rec != nil && rec.UpdatedAt.Time.After(updated) {
			updated = rec.UpdatedAt.Time
		}
	}
	find := func(k reconcile.Kind, side reconcile.Side, since reconcile.Moment) {
		at := updated
		if !since.Time.IsZero() {
			at = since.Time
			if since.DateOnly {
				at = o.dayEnd(at)
			}
		}
		j.Findings[findingKey{k, side}] = at
	}

	if p != nil && p.doubled {
		find(reconcile.DuplicateCode, reconcile.Platform, reconcile.Moment{})
	}
	for _, h := range offices {
		if h.doubled {
			find(reconcile.DuplicateCode, reconcile.Office, reconcile.Moment{})
		}
	}
	if len(j.Findings) > 0 {
		return
	}
	for _, rec := range []*reconcile.Record{platform, office} {
		if rec != nil && rec.Status == "" {
			find(reconcile.UnmappedStatus, rec.Side, reconcile.Moment{})
		}
	}
	if len(j.Findings) > 0 {
		return
	}
	for _, rec := range []*reconcile.Record{platform, office} {
		if rec != nil && o.invalid(rec) {
			find(reconcile.InvalidRecord, rec.Side, reconcile.Moment{})
		}
	}
	if len(j.Findings) > 0 {
		return
	}

	switch {
	case platform != nil && office != nil:
		if platform.Department != "" && office.Department != "" && platform.Department != office.Department {
			find(reconcile.DepartmentMismatch, "", reconcile.Moment{})
		}
		switch {
		case ended(office) && live(platform):
			find(reconcile.ResolvedNotClosed, "", end(office))
		case ended(platform) && live(office):
			find(reconcile.ClosedInProgress, "", end(platform))
		case ended(platform) && ended(office) && platform.Group != office.Group:
			find(reconcile.OutcomeMismatch, "", reconcile.Moment{})
		case live(platform) && live(office) && (platform.Group == reconcile.Paused) != (office.Group == reconcile.Paused):
			find(reconcile.PauseMismatch, "", reconcile.Moment{})
		default:
			a, b := end(platform), end(office)
			if platform.Group == reconcile.Done && office.Group == reconcile.Done && o.date(a.Time) != o.date(b.Time) {
				find(reconcile.CompletionDateMismatch, "", reconcile.Moment{})
			}
			a, b = effectiveDue(platform), effectiveDue(office)
			if !a.Time.IsZero() && !b.Time.IsZero() && o.date(a.Time) != o.date(b.Time) {
				find(reconcile.DueDateMismatch, "", reconcile.Moment{})
			}
		}
	case platform != nil:
		readings := o.coverage.Offices[platform.Department]
		if platform.Group != reconcile.Pending && platform.Group != reconcile.Dropped && len(readings) > 0 {
			if o.absent(readings, platform) {
				find(reconcile.MissingInOffice, "", platform.ReceivedAt)
			} else {
				j.Undecided = true
			}
		}
	case office != nil:
		if office.Group != reconcile.Pending {
			if o.absent([]reconcile.Reading{o.coverage.Platform}, office) {
				find(reconcile.MissingOnPlatform, "", office.ReceivedAt)
			} else {
				j.Undecided = true
			}
		}
	}

	for _, rec := range []*reconcile.Record{platform, office} {
		if rec == nil {
			continue
		}
		var wasEnded bool
		var lastLive time.Time
		for i := range d.History {
			v := &d.History[i]
			if v.Source != rec.Source {
				continue
			}
			wasEnded = wasEnded || ended(&v.Record)
			if live(&v.Record) && v.SeenUntil.After(lastLive) {
				lastLive = v.SeenUntil
			}
		}
		if live(rec) && wasEnded {
			find(reconcile.Reopened, rec.Side, reconcile.Moment{})
		}
		if e := end(rec); !e.Time.IsZero() && !lastLive.IsZero() {
			at := e.Time
			if e.DateOnly {
				at = o.dayEnd(at)
			}
			if o.workingMinutes(at, lastLive) > 8*60 {
				find(reconcile.BackdatedClose, rec.Side, reconcile.Moment{})
			}
		}
	}
}

// absent: only a complete full snapshot says that something is absent, one taken
// since the record was first read on the other side, or side by side with the
// full poll of this run that read it.
func (o *oracle) absent(readings []reconcile.Reading, rec *reconcile.Record) bool {
	own := o.coverage.Sources[rec.Source]
	for _, r := range readings {
		if r.Complete && own.ThisRun && r.ThisRun && !own.FullAt.Before(rec.FirstReadAt) {
			continue
		}
		if !r.Complete || r.FullAt.Before(rec.FirstReadAt) {
			return false
		}
	}
	return true
}

// --- §5 grace ---

func (o *oracle) state(k reconcile.Kind, since time.Time) reconcile.State {
	allowed, ok := o.grace[k]
	if !ok {
		allowed = 8 * time.Hour
		if k == reconcile.DuplicateCode || k == reconcile.UnmappedStatus || k == reconcile.InvalidRecord {
			allowed = 0
		}
	}
	if since.IsZero() {
		since = o.asOf
	}
	if time.Duration(o.workingMinutes(since, o.asOf))*time.Minute >= allowed {
		return reconcile.StateOpen
	}
	return reconcile.StateSuspected
}
