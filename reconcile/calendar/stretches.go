package calendar

import "time"

// Why a day is worked or not, where no holiday's name says it.
const (
	WhyWeekend = "weekend"
	WhyHoliday = "public holiday" // one that was given no name
	WhyMakeup  = "make-up working day"
	WhyBeyond  = "further days, not listed singly"
)

// maxStretches bounds what Stretches lists singly: ten years and a bit. An
// unknown date that slipped through as year 1 must not fill the memory.
const maxStretches = 3700

// Stretch is one local date's part of a span of time.
type Stretch struct {
	Date     string        // yyyy-MM-dd
	Working  time.Duration // working time between From and To
	From, To time.Time     // the part of the span on that date, in the calendar's zone
	Why      string        // "" on an ordinary working day; else a Why… constant or the holiday's name
	Name     string        // what the authorities call a holiday or make-up day, "" for others
	Source   string        // the law or decree behind it
}

// Stretches takes [from, to) apart by local date, for a person to check by hand:
// the Working times add up to Working(from, to). It is empty if to is not after
// from. After some ten years one last stretch sums up all the rest.
func (c *Calendar) Stretches(from, to time.Time) []Stretch {
	day, tod := c.clock.read(from)
	last, until := c.clock.read(to)
	if !(reading{day, tod}).before(reading{last, until}) {
		return nil
	}
	if until == 0 {
		last-- // to is exclusive
	}
	list := make([]Stretch, 0, min(int64(last-day)+1, maxStretches+1))
	for begin := from.In(c.zone); day <= last; day++ {
		end := to.In(c.zone)
		if len(list) == maxStretches {
			return append(list, Stretch{Date: day.date(), From: begin, To: end, Working: c.Working(begin, end), Why: WhyBeyond})
		}
		if day < last {
			end = c.clock.moment(day+1, 0)
		}
		s := Stretch{Date: day.date(), From: begin, To: end, Working: c.Working(begin, end)}
		s.Why, s.Name, s.Source = c.why(day)
		list = append(list, s)
		begin = end
	}
	return list
}

func (c *Calendar) why(day dayNumber) (why, name, source string) {
	n, decided := c.notes[day]
	switch {
	case decided && n.makeup:
		return WhyMakeup, n.name, n.source
	case decided && n.name == "":
		return WhyHoliday, n.name, n.source
	case decided:
		return n.name, n.name, n.source
	}
	if _, works := c.days.before(day); !works {
		return WhyWeekend, "", ""
	}
	return "", "", ""
}
