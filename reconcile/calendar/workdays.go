package calendar

import (
	"cmp"
	"slices"
)

// workdays numbers the working days of all time, so that the distance between
// two dates in working days is a subtraction. The weekly pattern is closed-form;
// the exceptions to it (a few a year) are a short sorted list with running
// totals. There is no table whose ends one could fall off.
type workdays struct {
	works  [7]bool  // by weekday of dayNumber 0 and on: index floorMod(day, 7)
	prior  [7]int64 // working days before that index within the seven
	nth    []int64  // index of the n-th working day within the seven
	except []exception
}

// exception is a date on which the weekly pattern does not hold: a weekday off,
// or a day off worked.
type exception struct {
	day    dayNumber
	works  bool
	before int64 // number of working days before day, exceptions counted
	shift  int64 // by how much the exceptions up to and including this one change the weekly count
}

// newWorkdays wants at least one working weekday, and exceptions that really are.
func newWorkdays(byWeekday [7]bool, except []exception) workdays {
	var w workdays
	for i := range int64(7) {
		w.prior[i] = int64(len(w.nth))
		if byWeekday[dayNumber(i).weekday()] {
			w.works[i] = true
			w.nth = append(w.nth, i)
		}
	}
	slices.SortFunc(except, func(a, b exception) int { return cmp.Compare(a.day, b.day) })
	var shift int64
	for i := range except {
		e := &except[i]
		e.before = w.weekly(e.day) + shift
		if e.works {
			shift++
		} else {
			shift--
		}
		e.shift = shift
	}
	w.except = except
	return w
}

// weekly is the number of working days in [day 0, day) by the weekly pattern
// alone; negative before day 0.
func (w *workdays) weekly(day dayNumber) int64 {
	week := floorDiv(int64(day), 7)
	return week*int64(len(w.nth)) + w.prior[int64(day)-week*7]
}

// before is the number of working days in [day 0, day), and whether day is one.
func (w *workdays) before(day dayNumber) (n int64, works bool) {
	lo, hi := 0, len(w.except) // the first exception on or after day
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if w.except[mid].day < day {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(w.except) && w.except[lo].day == day {
		return w.except[lo].before, w.except[lo].works
	}
	n = w.weekly(day)
	if lo > 0 {
		n += w.except[lo-1].shift
	}
	return n, w.works[floorMod(int64(day), 7)]
}

// at is the working day before which there are exactly n: the inverse of before.
func (w *workdays) at(n int64) dayNumber {
	lo, hi := 0, len(w.except) // the first exception with more than n before it
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if w.except[mid].before <= n {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo > 0 {
		last := w.except[lo-1]
		if last.works && last.before == n {
			return last.day
		}
		n -= last.shift // from here on the weekly pattern holds
	}
	week := floorDiv(n, int64(len(w.nth)))
	return dayNumber(week*7 + w.nth[n-week*int64(len(w.nth))])
}
