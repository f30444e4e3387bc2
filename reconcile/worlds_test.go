package reconcile_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/doisoat/doisoat/reconcile"
	"github.com/doisoat/doisoat/reconcile/calendar"
)

// Random dossiers for the property tests. Every domain is small, so that dates
// fall together, offices disagree in one point only and every rule gets its turn.

var vietnam = time.FixedZone("+07", 7*60*60)

func at(day string, clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, vietnam)
	if err != nil {
		panic(err) // a mistake in a test's own table
	}
	return t
}

// Thursday to Thursday over a weekend; the Wednesday is a holiday and the
// Saturday a make-up day in half of the worlds.
var (
	someDays = []string{"2018-06-28", "2018-06-29", "2018-06-30", "2018-07-01", "2018-07-02", "2018-07-03", "2018-07-04", "2018-07-05"}
	someHour = []string{"00:00", "06:59", "07:00", "08:00", "11:30", "12:00", "13:30", "16:59", "17:00", "17:01", "23:30"}
	departs  = []string{"KT", "TP"}
	sources  = []string{"book-a", "book-b"}
)

const platformSource = "dvc"

// world is what surrounds a dossier.
type world struct {
	holidays, makeup map[string]bool
	rules            reconcile.Rules
}

func (w *world) oracle() *oracle {
	return &oracle{
		zone: vietnam, holidays: w.holidays, makeup: w.makeup, grace: w.rules.Grace,
		byDate: w.rules.CompareBy == reconcile.ByDate, coverage: w.rules.Coverage, asOf: w.rules.AsOf,
	}
}

func drawMoment(t *rapid.T, label string) time.Time {
	m := at(rapid.SampledFrom(someDays).Draw(t, label+" day"), rapid.SampledFrom(someHour).Draw(t, label+" hour"))
	if rapid.Bool().Draw(t, label+" in UTC") {
		m = m.UTC() // the same moment by another clock
	}
	return m
}

// maybe draws a moment that is unknown or a mere day now and then.
func maybe(t *rapid.T, label string) reconcile.Moment {
	switch rapid.IntRange(0, 7).Draw(t, label+" form") {
	case 0:
		return reconcile.Moment{}
	case 1, 2:
		return reconcile.Moment{Time: at(rapid.SampledFrom(someDays).Draw(t, label), "00:00"), DateOnly: true}
	}
	return reconcile.Moment{Time: drawMoment(t, label)}
}

// plainSpec is the default working week, with no holidays in 2018.
func plainSpec() calendar.Spec {
	return calendar.Spec{
		Zone:     vietnam,
		Hours:    []calendar.Span{{From: 7 * time.Hour, To: 11*time.Hour + 30*time.Minute}, {From: 13*time.Hour + 30*time.Minute, To: 17 * time.Hour}},
		Weekdays: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday},
		Years:    []int{2018},
	}
}

func plainHours(t testing.TB) *calendar.Calendar {
	t.Helper()
	cal, err := calendar.New(plainSpec())
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

func drawWorld(t *rapid.T) *world {
	w := &world{holidays: map[string]bool{}, makeup: map[string]bool{}}
	spec := plainSpec()
	if rapid.Bool().Draw(t, "with holidays") {
		w.holidays["2018-07-04"], w.makeup["2018-06-30"] = true, true
		spec.Holidays = []calendar.Day{{Date: "2018-07-04", Name: "a holiday"}}
		spec.Makeup = []calendar.Day{{Date: "2018-06-30"}}
	}
	cal, err := calendar.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	w.rules = reconcile.Rules{Calendar: cal, AsOf: drawMoment(t, "as_of").In(vietnam)}
	if rapid.Bool().Draw(t, "by date") {
		w.rules.CompareBy = reconcile.ByDate
	}
	if rapid.Bool().Draw(t, "own grace") {
		w.rules.Grace = map[reconcile.Kind]time.Duration{
			reconcile.ClosedInProgress: 16 * time.Hour, reconcile.ResolvedNotClosed: 90 * time.Minute,
			reconcile.InvalidRecord: time.Hour, reconcile.DueDateMismatch: 0,
		}
	}
	return w
}

func drawReading(t *rapid.T, label string, asOf time.Time) reconcile.Reading {
	r := reconcile.Reading{
		Source:   label,
		Complete: rapid.IntRange(0, 4).Draw(t, label+" complete") > 0,
		Fresh:    rapid.IntRange(0, 2).Draw(t, label+" fresh") > 0,
		FullAt:   drawMoment(t, label+" full"), ReadAt: asOf,
	}
	if r.Fresh {
		r.FullAt, r.ThisRun = asOf, true
	}
	return r
}

// cover sets which departments have an office and how all sources stand.
func (w *world) cover(t *rapid.T) {
	c := reconcile.Coverage{Sources: map[string]reconcile.Reading{}, Offices: map[string][]reconcile.Reading{}}
	c.Platform = drawReading(t, platformSource, w.rules.AsOf)
	c.Sources[platformSource] = c.Platform
	for i, s := range sources {
		c.Sources[s] = drawReading(t, s, w.rules.AsOf)
		if rapid.IntRange(0, 3).Draw(t, s+" connected") > 0 {
			c.Offices[departs[i]] = append(c.Offices[departs[i]], c.Sources[s])
		}
	}
	if rapid.Bool().Draw(t, "second book") && len(c.Offices["KT"]) > 0 {
		c.Offices["KT"] = append(c.Offices["KT"], c.Sources["book-b"])
	}
	w.rules.Coverage = c
}

// coverAll reads everything in this run.
func (w *world) coverAll(asOf time.Time) {
	now := func(source string) reconcile.Reading {
		return reconcile.Reading{Source: source, Complete: true, Fresh: true, ThisRun: true, ReadAt: asOf, FullAt: asOf}
	}
	w.rules.AsOf = asOf
	w.rules.Coverage = reconcile.Coverage{
		Platform: now(platformSource),
		Offices:  map[string][]reconcile.Reading{"KT": {now("book-a")}, "TP": {now("book-b")}},
		Sources:  map[string]reconcile.Reading{platformSource: now(platformSource), "book-a": now("book-a"), "book-b": now("book-b")},
	}
}

func drawRecord(t *rapid.T, side reconcile.Side, source string, readAt time.Time) reconcile.Record {
	rec := reconcile.Record{
		Source: source, Side: side, Code: "H57-1", ReadAt: readAt, FirstReadAt: drawMoment(t, "first read"),
		Department: rapid.SampledFrom([]string{"KT", "KT", "KT", "TP"}).Draw(t, "department"),
		Status:     rapid.SampledFrom(append([]reconcile.Status{"", reconcile.Processing, reconcile.Resolved, reconcile.Resolved, reconcile.Returned}, reconcile.Statuses...)).Draw(t, "status"),
		ReceivedAt: reconcile.Moment{Time: at("2018-06-28", "08:00")},
		DueAt:      maybe(t, "due"), UpdatedAt: maybe(t, "updated"),
	}
	if rec.FirstReadAt.After(readAt) {
		rec.FirstReadAt = readAt // nothing was read before it was read
	}
	rec.UpdatedAt.DateOnly = false
	if rapid.IntRange(0, 5).Draw(t, "received drawn") == 0 {
		rec.ReceivedAt = maybe(t, "received")
	}
	rec.RawStatus = string(rec.Status)
	if rec.Status == "" {
		rec.RawStatus = rapid.SampledFrom([]string{"?", "99"}).Draw(t, "raw status")
	}
	rec.Group = reconcile.DefaultGroup(rec.Status)
	if rapid.IntRange(0, 3).Draw(t, "extended") == 0 {
		rec.ExtendedDueAt = maybe(t, "extended due")
	}
	if rec.Group.Ended() || rapid.IntRange(0, 5).Draw(t, "left-over end") == 0 {
		rec.CompletedAt = maybe(t, "completed")
		if rapid.IntRange(0, 2).Draw(t, "returned") == 0 {
			rec.ReturnedAt = maybe(t, "returned")
		}
	}
	return rec
}

// drawDossier draws up to two platform rows and four office rows, and history.
// No two rows of it carry the same updated_at, so that "updated last" always
// tells; ties are the business of their own test.
func drawDossier(t *rapid.T, readAt time.Time) *reconcile.Dossier {
	d := &reconcile.Dossier{}
	rows := func(n int, side reconcile.Side, source string) (out []reconcile.Record) {
		for i := range n {
			rec := drawRecord(t, side, source, readAt)
			if i > 0 && rapid.Bool().Draw(t, "equal rows") {
				twin := out[0]
				twin.UpdatedAt = rec.UpdatedAt
				twin.Code = "H57-1B" // an alias of the same dossier
				twin.Aliases = []string{"H57-1"}
				rec = twin
			}
			out = append(out, rec)
		}
		return out
	}
	few := []int{1, 1, 1, 1, 0, 2}
	d.Platform = rows(rapid.SampledFrom(few).Draw(t, "platform rows"), reconcile.Platform, platformSource)
	d.Offices = rows(rapid.SampledFrom(few).Draw(t, "rows of a"), reconcile.Office, "book-a")
	d.Offices = append(d.Offices, rows(rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "rows of b"), reconcile.Office, "book-b")...)
	if len(d.Platform)+len(d.Offices) == 0 {
		d.Platform = rows(1, reconcile.Platform, platformSource)
	}
	taken := map[int64]bool{}
	for _, list := range [][]reconcile.Record{d.Platform, d.Offices} {
		for i := range list {
			u := &list[i].UpdatedAt.Time
			for taken[u.Unix()] {
				if u.IsZero() {
					*u = at("2018-06-28", "07:00")
				}
				*u = u.Add(time.Minute)
			}
			taken[u.Unix()] = true
		}
	}
	for range rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(t, "versions") {
		source := rapid.SampledFrom([]string{platformSource, "book-a", "book-b"}).Draw(t, "version of")
		v := reconcile.Version{Record: drawRecord(t, reconcile.Office, source, readAt), SeenUntil: drawMoment(t, "seen until")}
		if source == platformSource {
			v.Side = reconcile.Platform
		}
		v.SeenFrom = v.SeenUntil.Add(-time.Hour)
		d.History = append(d.History, v)
	}
	return d
}
