package reconcile

import (
	"fmt"
	"time"
)

// show writes a moment for a reason: local time, day first as the field does.
func (r *Rules) show(m Moment) string {
	switch {
	case !m.Known():
		return "(no date)"
	case m.DateOnly:
		return r.showDate(m)
	}
	return r.showTime(m.Time)
}

func (r *Rules) showDate(m Moment) string {
	return m.Time.In(r.Calendar.Zone()).Format("02/01/2006")
}

func (r *Rules) showTime(t time.Time) string {
	return t.In(r.Calendar.Zone()).Format("02/01/2006 15:04")
}

// state writes where a record stands, with its end where it has one.
func (c *comparison) state(rec *Record) string {
	if end := rec.End(); end.Known() {
		return fmt.Sprintf("%s since %s", rec.Status, c.rules.show(end))
	}
	return string(rec.Status)
}
