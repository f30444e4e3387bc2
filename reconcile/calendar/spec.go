package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Span is a stretch of working hours on a working day, as clock readings since
// local midnight: From inclusive, To exclusive, 0 ≤ From < To ≤ 24h.
type Span struct{ From, To time.Duration }

// Day is a date the public authorities decided on.
type Day struct {
	Date   string // yyyy-MM-dd, in the calendar's zone
	Name   string // what a person calls it: "Giỗ Tổ Hùng Vương"
	Source string // the law or decree that says so
}

// Spec is what a Calendar is made from. The order of its lists does not matter.
type Spec struct {
	Zone     *time.Location
	Hours    []Span
	Weekdays []time.Weekday
	// Years are those whose holidays and make-up days are known in full.
	Years []int
	// Holidays are days off, compensatory and swapped ones included. One that
	// falls on a day off anyway changes nothing but the reason shown.
	Holidays []Day
	// Makeup are days off on which the office works its full ordinary hours.
	Makeup []Day
}

// clone is a copy that shares nothing with the original.
func (s Spec) clone() Spec {
	s.Hours, s.Weekdays, s.Years = slices.Clone(s.Hours), slices.Clone(s.Weekdays), slices.Clone(s.Years)
	s.Holidays, s.Makeup = slices.Clone(s.Holidays), slices.Clone(s.Makeup)
	return s
}

// Fault is one thing wrong with a Spec. List and Index lead back to the entry,
// so that whoever read the Spec from a file can name the line.
type Fault struct {
	List    string // "zone", "hours", "weekdays", "years", "holidays", "makeup"
	Index   int    // 0-based within the list; -1 where the list as a whole is meant
	Value   string // the entry as it was given; "" where there is none
	Problem string // what is wrong, and what would be right
}

func (f *Fault) Error() string {
	if f.Value == "" {
		return fmt.Sprintf("calendar: %s: %s", f.List, f.Problem)
	}
	return fmt.Sprintf("calendar: %s: %s: %s", f.List, f.Value, f.Problem)
}

// faults collects what is wrong, so that a clerk sees all of it in one go.
type faults []error

func (fs *faults) add(list string, index int, value, problem string, args ...any) {
	*fs = append(*fs, &Fault{List: list, Index: index, Value: value, Problem: fmt.Sprintf(problem, args...)})
}

func (fs *faults) join() error { return errors.Join(*fs...) }

const wholeDay = 24 * time.Hour

// checkHours returns the spans in the order of the day.
func (fs *faults) checkHours(hours []Span) []Span {
	if len(hours) == 0 {
		fs.add("hours", -1, "", `none given; write at least one span such as "07:30-11:30"`)
	}
	type entry struct {
		Span
		index int
	}
	var sound []entry
	for i, s := range hours {
		switch {
		case s.From < 0 || s.To > wholeDay:
			fs.add("hours", i, s.String(), "must lie between 00:00 and 24:00")
		case s.From >= s.To:
			fs.add("hours", i, s.String(), "must end after it begins")
		default:
			sound = append(sound, entry{s, i})
		}
	}
	slices.SortFunc(sound, func(a, b entry) int { return cmp.Compare(a.From, b.From) })
	ordered := make([]Span, len(sound))
	for i, e := range sound {
		if i > 0 && e.From < sound[i-1].To {
			fs.add("hours", e.index, e.String(), "overlaps %s", sound[i-1].Span)
		}
		ordered[i] = e.Span
	}
	return ordered
}

func (fs *faults) checkWeekdays(weekdays []time.Weekday) (works [7]bool) {
	if len(weekdays) == 0 {
		fs.add("weekdays", -1, "", "none given; name at least one day, such as monday")
	}
	for i, wd := range weekdays {
		switch {
		case wd < time.Sunday || wd > time.Saturday:
			fs.add("weekdays", i, fmt.Sprint(int(wd)), "is no weekday; Sunday is 0, Saturday 6")
		case works[wd]:
			fs.add("weekdays", i, wd.String(), "is named twice")
		default:
			works[wd] = true
		}
	}
	return works
}

func (fs *faults) checkYears(years []int) map[int]bool {
	known := make(map[int]bool, len(years))
	for i, y := range years {
		switch {
		case y < 1 || y > lastYear:
			fs.add("years", i, fmt.Sprint(y), "must be a year from 1 to %d", lastYear)
		case known[y]:
			fs.add("years", i, fmt.Sprint(y), "is listed twice")
		default:
			known[y] = true
		}
	}
	return known
}

// checkDate reads an entry's date. A date in a year next to a known one is let
// pass: a swap at New Year has its make-up day in the other year. One further
// off is a slip of the pen that would otherwise silently do nothing.
func (fs *faults) checkDate(list string, i int, date string, years map[int]bool) (dayNumber, bool) {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		if date == "" {
			fs.add(list, i, "", "entry %d has no date; write it as yyyy-MM-dd", i+1)
		} else {
			fs.add(list, i, date, "is no date; write it as yyyy-MM-dd")
		}
		return 0, false
	}
	if y := t.Year(); !years[y] && !years[y-1] && !years[y+1] {
		fs.add(list, i, date, "%d is not among the years; list the year, or correct the date", y)
		return 0, false
	}
	return dayNumber(t.Unix() / secondsADay), true
}

// String writes the span as a clerk does: "07:00-11:30".
func (s Span) String() string { return clock(s.From) + "-" + clock(s.To) }

func clock(d time.Duration) string {
	text := fmt.Sprintf("%02d:%02d", int(d/time.Hour), int(d%time.Hour/time.Minute))
	if rest := d % time.Minute; rest != 0 {
		text += fmt.Sprintf(":%02d", int(rest/time.Second))
		if rest %= time.Second; rest != 0 {
			text += fmt.Sprintf(".%09d", int(rest))
		}
	}
	return text
}
