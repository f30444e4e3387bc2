package world

import "time"

// Calendar is when offices work, as the oracle knows it: 07:00–11:30 and
// 13:30–17:00, Monday to Friday, but for holidays, and on make-up days. The
// zero Calendar has no holidays.
type Calendar struct {
	Holidays []time.Time // days off; only the date counts
	Workdays []time.Time // Saturdays and Sundays that are worked
}

// Calendar2018 has the public holidays of 2018 (Labour Code art. 112, with the
// days taken for holidays that fell on a weekend).
func Calendar2018() Calendar {
	day := func(m time.Month, d int) time.Time { return time.Date(2018, m, d, 0, 0, 0, 0, vietnam) }
	return Calendar{Holidays: []time.Time{
		day(1, 1),
		day(2, 14), day(2, 15), day(2, 16), day(2, 17), day(2, 18), day(2, 19), day(2, 20), // Tết Mậu Tuất
		day(4, 25),            // Giỗ Tổ Hùng Vương
		day(4, 30), day(5, 1), // 30/4 – 1/5
		day(9, 3), // for 2/9, a Sunday
	}}
}

// worked reports whether the offices are open on t's day.
func (c Calendar) worked(t time.Time) bool {
	t = t.In(vietnam)
	if contains(c.Holidays, t) {
		return false
	}
	return contains(c.Workdays, t) || t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
}

// contains reports whether t's day is one of days.
func contains(days []time.Time, t time.Time) bool {
	for _, d := range days {
		d = d.In(vietnam)
		if d.YearDay() == t.YearDay() && d.Year() == t.Year() {
			return true
		}
	}
	return false
}

// sessions are the two stretches worked on t's day.
func sessions(t time.Time) [2][2]time.Time {
	y, m, d := t.In(vietnam).Date()
	clock := func(hour, minute int) time.Time { return time.Date(y, m, d, hour, minute, 0, 0, vietnam) }
	return [2][2]time.Time{{clock(7, 0), clock(11, 30)}, {clock(13, 30), clock(17, 0)}}
}

// between is the working time from a to b, zero where b is not after a.
func (c Calendar) between(a, b time.Time) time.Duration {
	var sum time.Duration
	for day := sessions(a)[0][0].Add(-7 * time.Hour); day.Before(b); day = day.AddDate(0, 0, 1) {
		if !c.worked(day) {
			continue
		}
		for _, s := range sessions(day) {
			from, to := s[0], s[1]
			if from.Before(a) {
				from = a
			}
			if to.After(b) {
				to = b
			}
			if to.After(from) {
				sum += to.Sub(from)
			}
		}
	}
	return sum
}

// before is the latest moment from which exactly so much working time leads to
// b; b itself for none.
func (c Calendar) before(b time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return b
	}
	for day := b; ; day = day.AddDate(0, 0, -1) {
		if !c.worked(day) {
			continue
		}
		today := sessions(day)
		for i := len(today) - 1; i >= 0; i-- {
			from, to := today[i][0], today[i][1]
			if to.After(b) {
				to = b
			}
			if length := to.Sub(from); length >= d {
				return to.Add(-d)
			} else if length > 0 {
				d -= length
			}
		}
	}
}

// isOpen reports whether the minute that begins at t is worked.
func (c Calendar) isOpen(t time.Time) bool {
	if !c.worked(t) {
		return false
	}
	for _, s := range sessions(t) {
		if !t.Before(s[0]) && t.Before(s[1]) {
			return true
		}
	}
	return false
}

// workdaysLater is the end (17:00) of the n-th working day after t's.
func (c Calendar) workdaysLater(t time.Time, n int) time.Time {
	day := t
	for n > 0 {
		day = day.AddDate(0, 0, 1)
		if c.worked(day) {
			n--
		}
	}
	return sessions(day)[1][1]
}
