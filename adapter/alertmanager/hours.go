package alertmanager

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/doisoat/doisoat/reconcile/calendar"
)

const zone = "Asia/Ho_Chi_Minh" // where the calendar names no zone

// intervals writes the calendar as Alertmanager's intervals: the working hours of
// the weekdays and of the make-up days, and the holidays, on which nothing is sent.
func (w *writer) intervals() []timeInterval {
	c := w.options.Calendar
	location := w.location()
	hours := make([]times, 0, len(c.Hours))
	for _, h := range c.Hours {
		if h.From < 0 || h.From >= h.To || h.To > 24*time.Hour || h.From%time.Minute != 0 || h.To%time.Minute != 0 {
			w.fault("working hours: %v: is no stretch of whole minutes within a day; write such as 07:00-11:30", h)
			continue
		}
		hours = append(hours, times{clock(h.From), clock(h.To)})
	}
	weekdays := make([]string, 0, len(c.Weekdays))
	for _, d := range c.Weekdays {
		weekdays = append(weekdays, strings.ToLower(d.String()))
	}
	work := timeInterval{Name: workingHours, Intervals: []span{{Times: hours, Weekdays: weekdays, Location: location}}}
	for _, d := range w.makeup {
		made := date(d, location)
		made.Times = hours
		work.Intervals = append(work.Intervals, made)
	}
	all := []timeInterval{work}
	if len(w.holidays) > 0 {
		rest := timeInterval{Name: holidays}
		for _, d := range w.holidays {
			rest.Intervals = append(rest.Intervals, date(d, location))
		}
		all = append(all, rest)
	}
	return all
}

// location is the zone's name, by which Alertmanager looks it up on its machine.
func (w *writer) location() text {
	z := w.options.Calendar.Zone
	if z == nil {
		return zone
	}
	if _, err := time.LoadLocation(z.String()); err != nil || z == time.Local {
		w.fault("calendar: its zone %s has no name that Alertmanager knows; write such as %s", z, zone)
	}
	return text(z.String())
}

// days reads the dates from From on, in order.
func (w *writer) days(list string, days []calendar.Day) []time.Time {
	y, m, d := w.options.From.Date()
	from := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	var all []time.Time
	for _, day := range days {
		t, err := time.Parse(time.DateOnly, day.Date)
		if err != nil {
			w.fault("%s: %q: is no date; write yyyy-MM-dd", list, day.Date)
		} else if !t.Before(from) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.Compact(all)
}

func date(d time.Time, location text) span {
	number := func(n int) []text { return []text{text(fmt.Sprint(n))} }
	return span{DaysOfMonth: number(d.Day()), Months: number(int(d.Month())), Years: number(d.Year()), Location: location}
}

func clock(d time.Duration) text {
	return text(fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60))
}
