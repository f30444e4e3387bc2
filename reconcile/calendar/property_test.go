package calendar

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// oracle decides by looking at the clock, minute by minute and date by date. It
// shares nothing with Calendar but the Spec.
type oracle struct{ Spec }

func (o oracle) worksOn(local time.Time) bool {
	date := local.Format(time.DateOnly)
	is := func(d Day) bool { return d.Date == date }
	if slices.ContainsFunc(o.Makeup, is) {
		return true
	}
	return slices.Contains(o.Weekdays, local.Weekday()) && !slices.ContainsFunc(o.Holidays, is)
}

// working counts the minutes whose beginning lies in working hours; exact for
// spans and moments on full minutes.
func (o oracle) working(from, to time.Time) time.Duration {
	var sum time.Duration
	var date string
	var works bool
	for t := from; t.Before(to); t = t.Add(time.Minute) {
		local := t.In(o.Zone)
		if d := local.Format(time.DateOnly); d != date {
			date, works = d, o.worksOn(local)
		}
		if !works {
			continue
		}
		tod := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute
		if slices.ContainsFunc(o.Hours, func(s Span) bool { return s.From <= tod && tod < s.To }) {
			sum += time.Minute
		}
	}
	return sum
}

// workingDays counts the working days from one date to another, exclusive.
func (o oracle) workingDays(from, to time.Time) (n int64) {
	for d := from; d.Before(to); d = time.Date(d.Year(), d.Month(), d.Day()+1, 0, 0, 0, 0, o.Zone) {
		if o.worksOn(d) {
			n++
		}
	}
	return n
}

var zones = []*time.Location{
	vietnamZone, newYorkZone, time.UTC,
	mustZone("Asia/Kathmandu"), mustZone("Europe/Paris"), mustZone("Australia/Lord_Howe"),
	time.FixedZone("odd", -9*60*60-30*60),
}

// drawSpec makes any spec whose calendar is sound, days in 2017 to 2019. Hours
// start at 04:00 and end by 23:00, so that no zone's clock shifts within them.
func drawSpec(t *rapid.T) Spec {
	spec := Spec{Zone: rapid.SampledFrom(zones).Draw(t, "zone"), Years: []int{2018}}
	marks := rapid.SliceOfNDistinct(rapid.IntRange(4*60, 23*60), 2, 6, rapid.ID).Draw(t, "hours")
	slices.Sort(marks)
	for i := 0; i+1 < len(marks); i += 2 {
		spec.Hours = append(spec.Hours, Span{time.Duration(marks[i]) * time.Minute, time.Duration(marks[i+1]) * time.Minute})
	}
	spec.Weekdays = rapid.SliceOfNDistinct(rapid.Map(rapid.IntRange(0, 6), func(i int) time.Weekday { return time.Weekday(i) }), 1, 7, rapid.ID).Draw(t, "weekdays")
	// Dense around one month, so that exceptions neighbour each other.
	start := time.Date(2018, 1, 1, 0, 0, 0, 0, time.UTC)
	offset := rapid.OneOf(rapid.IntRange(100, 140), rapid.IntRange(-365, 729))
	for _, n := range rapid.SliceOfNDistinct(offset, 0, 40, rapid.ID).Draw(t, "days") {
		d := start.AddDate(0, 0, n)
		day := Day{Date: d.Format(time.DateOnly), Name: "day"}
		switch {
		case slices.Contains(spec.Weekdays, d.Weekday()), rapid.Bool().Draw(t, "holiday on a day off"):
			spec.Holidays = append(spec.Holidays, day)
		default:
			spec.Makeup = append(spec.Makeup, day)
		}
	}
	return spec
}

func drawCalendar(t *rapid.T) (*Calendar, oracle) {
	spec := drawSpec(t)
	c, err := New(spec)
	if err != nil {
		t.Fatal(err)
	}
	return c, oracle{spec}
}

// drawMinute draws a moment on a full minute, mostly where exceptions are dense,
// written in any zone.
func drawMinute(t *rapid.T, label string, days int) time.Time {
	minute := rapid.IntRange(0, days*24*60).Draw(t, label)
	return time.Date(2018, 4, 1, 0, 0, 0, 0, time.UTC).
		Add(time.Duration(minute) * time.Minute).
		In(rapid.SampledFrom(zones).Draw(t, label+" written in"))
}

func TestWorkingEqualsTheMinutesCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, o := drawCalendar(t)
		from, to := drawMinute(t, "from", 60), drawMinute(t, "to", 60)
		if got, want := c.Working(from, to), o.working(from, to); got != want {
			t.Fatalf("Working(%s, %s) = %s, want %s", from, to, got, want)
		}
	})
}

func TestWorkingOverYearsEqualsTheDaysCounted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, o := drawCalendar(t)
		midnight := func(label string) time.Time {
			n := rapid.IntRange(-4000, 4000).Draw(t, label)
			return time.Date(2018, 4, 20+n, 0, 0, 0, 0, o.Zone)
		}
		from, to := midnight("from"), midnight("to")
		want := time.Duration(o.workingDays(from, to)) * c.DayLength()
		if got := c.Working(from, to); got != want {
			t.Fatalf("Working(%s, %s) = %s, want %s", from, to, got, want)
		}
		if got, want := c.IsWorkingDay(from), o.worksOn(from); got != want {
			t.Fatalf("IsWorkingDay(%s) = %t, want %t", from, got, want)
		}
	})
}

func TestAddIsTheEarliestMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, o := drawCalendar(t)
		from := drawMinute(t, "from", 60).Add(time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "beyond the minute")))
		longest := rapid.SampledFrom([]time.Duration{time.Hour, 50 * time.Hour, 30000 * time.Hour}).Draw(t, "scale")
		d := time.Duration(rapid.Int64Range(1, int64(longest)).Draw(t, "d"))
		end := c.Add(from, d)
		if got := c.Working(from, end); got != d {
			t.Fatalf("Working(from, Add(from, %s) = %s) = %s", d, end, got)
		}
		if got := c.Working(from, end.Add(-1)); got != d-1 {
			t.Fatalf("a nanosecond before Add(from, %s) = %s, %s have been worked: not the earliest", d, end, got)
		}
		if !o.worksOn(end.Add(-1).In(o.Zone)) {
			t.Fatalf("Add(from, %s) = %s ends on a day off", d, end)
		}
	})
}

func TestBackLeadsUpToTheMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, _ := drawCalendar(t)
		to := drawMinute(t, "to", 60)
		d := time.Duration(rapid.Int64Range(-1, int64(150*time.Hour)).Draw(t, "d"))
		from := c.Back(to, d)
		if from.After(to) || c.Working(from, to) < max(d, 0) {
			t.Fatalf("Back(%s, %s) = %s, with %s of work between", to, d, from, c.Working(from, to))
		}
		if later := from.Add(2 * time.Second); d > 0 && c.Working(later, to) >= d && !later.After(to) {
			t.Fatalf("Back(%s, %s) = %s, but %s is enough, too", to, d, from, later)
		}
	})
}

func TestSpecIsGivenBackAsACopy(t *testing.T) {
	c := Plain(nil)
	spec := c.Spec()
	if len(spec.Hours) != 2 || len(spec.Weekdays) != 5 {
		t.Fatalf("spec %+v", spec)
	}
	spec.Hours[0].From = 0
	if c.Spec().Hours[0].From == 0 {
		t.Error("the calendar changed with the copy")
	}
}

func TestWorkingAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, _ := drawCalendar(t)
		moments := make([]time.Time, 3)
		for i := range moments {
			moments[i] = time.Unix(rapid.Int64Range(1e9, 2e9).Draw(t, "seconds"), rapid.Int64Range(0, 1e9-1).Draw(t, "nanoseconds"))
		}
		slices.SortFunc(moments, time.Time.Compare)
		whole := c.Working(moments[0], moments[2])
		parts := c.Working(moments[0], moments[1]) + c.Working(moments[1], moments[2])
		if whole != parts {
			t.Fatalf("%s in one, %s in two parts", whole, parts)
		}
		if elapsed := moments[2].Sub(moments[0]); whole > elapsed {
			t.Fatalf("%s worked in %s", whole, elapsed)
		}
	})
}

func TestStretchesAddUpAndFollowOneAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, o := drawCalendar(t)
		from, to := drawMinute(t, "from", 60), drawMinute(t, "to", 60)
		var sum time.Duration
		next := from
		for _, s := range c.Stretches(from, to) {
			if !s.From.Equal(next) || !s.From.Before(s.To) {
				t.Fatalf("stretch %+v does not follow %s", s, next)
			}
			if s.From.Format(time.DateOnly) != s.Date {
				t.Fatalf("stretch %+v has another date", s)
			}
			if (s.Why == "" || s.Why == WhyMakeup) != o.worksOn(s.From) {
				t.Fatalf("stretch %+v: the reason is wrong", s)
			}
			sum += s.Working
			next = s.To
		}
		if want := c.Working(from, to); sum != want || from.Before(to) && !next.Equal(to) {
			t.Fatalf("the stretches sum up to %s and end %s, want %s and %s", sum, next, want, to)
		}
	})
}

// FuzzAnyMoment: no moment that a broken source may deliver stops the program or
// yields nonsense.
func FuzzAnyMoment(f *testing.F) {
	zero, now := time.Time{}.Unix(), int64(1_520_000_000)
	f.Add(zero, int64(0), now, int64(0), int64(time.Hour))
	f.Add(now, int64(999_999_999), zero, int64(1), int64(math.MaxInt64))
	f.Add(int64(math.MinInt64), int64(0), int64(math.MaxInt64), int64(0), int64(math.MinInt64))
	f.Add(int64(-1), int64(999_999_999), int64(253_402_300_800), int64(0), int64(1))      // year 10000
	f.Add(int64(170_000_000), int64(0), int64(172_000_000), int64(0), int64(8*time.Hour)) // Saigon moves to UTC+7
	calendars := []*Calendar{vietnam(f), Plain(newYorkZone), Plain(time.UTC)}
	f.Fuzz(func(t *testing.T, fromSeconds, fromNanos, toSeconds, toNanos, d int64) {
		from := time.Unix(fromSeconds, floorMod(fromNanos, 1e9))
		to := time.Unix(toSeconds, floorMod(toNanos, 1e9)).In(newYorkZone)
		for _, c := range calendars {
			worked, back := c.Working(from, to), c.Working(to, from)
			if worked < 0 || back < 0 || worked > 0 && back > 0 {
				t.Errorf("%s worked forwards, %s backwards", worked, back)
			}
			if order := cmp.Compare(fromSeconds, toSeconds); order > 0 && worked != 0 || order < 0 && back != 0 {
				t.Errorf("worked %s and %s against the order of time", worked, back)
			}
			c.DayEnd(from)
			c.IsWorkingDay(to)
			c.SameDate(from, to)
			c.Uncovered(from, to)
			c.Stretches(from, to)
			end := c.Add(from, time.Duration(d))
			inReach := fromSeconds > -1e12 && fromSeconds < 1e12
			if d > 0 && inReach && d < math.MaxInt64-int64(wholeDay) && c.Working(from, end) != time.Duration(d) {
				t.Errorf("Working(%s, Add(%s) = %s) = %s", from, time.Duration(d), end, c.Working(from, end))
			}
		}
	})
}

func TestExtremes(t *testing.T) {
	c := vietnam(t)
	zero, now := time.Time{}, at("2026-11-20 10:00")
	if got := c.Working(zero, now); got != math.MaxInt64 {
		t.Errorf("Working since the zero time = %s, want the longest Duration there is", got)
	}
	if got := c.Working(now, zero); got != 0 {
		t.Errorf("Working backwards to the zero time = %s, want 0", got)
	}
	if got := c.Working(time.Time{}, time.Time{}); got != 0 {
		t.Errorf("Working between zero times = %s, want 0", got)
	}
	far := c.Add(now, math.MaxInt64)
	if y := far.Year(); y < 3200 || y > 3300 { // 292 years at 8 of 24 hours, 5 of 7 days
		t.Errorf("the longest Duration of working time ends in %d", y)
	}
	if got := c.Working(now, far); got < math.MaxInt64-wholeDay {
		t.Errorf("Working until then = %s, want the longest Duration there is, or nearly", got)
	}
	if got, want := show(c.DayEnd(zero)), "Mon 0001-01-01 17:00:00"; got != want {
		t.Errorf("DayEnd of the zero time = %s, want %s", got, want)
	}
	if got := len(c.Stretches(zero, now)); got != maxStretches+1 {
		t.Errorf("%d stretches since the zero time, want %d", got, maxStretches+1)
	}
}

func TestConcurrentUse(t *testing.T) {
	c := vietnam(t)
	from, to := at("2018-01-02 09:00"), at("2026-11-20 10:00")
	want := c.Working(from, to)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 200 {
				later := from.Add(time.Duration(i) * time.Hour)
				if got := c.Working(from, later) + c.Working(later, to); got != want {
					t.Errorf("split after %d hours: %s, want %s", i, got, want)
				}
				c.Add(later, 8*time.Hour)
				c.Stretches(later, later.Add(100*time.Hour))
				c.Uncovered(later, to)
			}
		})
	}
	wg.Wait()
}
