package reconcile

import (
	"fmt"
	"time"
)

// Version is a row as it once was and is no longer.
type Version struct {
	Record
	// SeenFrom and SeenUntil are the starts of the first and the last accepted
	// poll in which the row was as it is here.
	SeenFrom, SeenUntil time.Time
	// Gone: the row was no longer there afterwards.
	Gone bool
}

// history applies the two kinds that need our own earlier snapshots. It looks at
// the versions of the same source only: what another office once held says
// nothing about this record.
func (c *comparison) history(rec *Record) {
	if rec == nil {
		return
	}
	var ended *Version
	var lastLive *Version
	for i := range c.dossier.History {
		v := &c.dossier.History[i]
		switch {
		case v.Source != rec.Source || !v.Mapped():
		case v.Group.Ended():
			ended = v
		case lastLive == nil || v.SeenUntil.After(lastLive.SeenUntil):
			lastLive = v
		}
	}
	if rec.Group.Live() && ended != nil {
		c.add(Finding{Kind: Reopened, Side: rec.Side, Reason: fmt.Sprintf(
			"%s was %s when read %s and is %s again", rec.Source, ended.Status,
			c.rules.showTime(ended.SeenUntil), rec.Status)}, Moment{}, "")
	} else {
		c.pass(string(Reopened), func() string { return fmt.Sprintf("%s: not seen ended before and live now", rec.Side) })
	}
	c.backdated(rec, lastLive)
}

// backdated finds an end that lies more than one working day before the moment
// at which we ourselves last saw the record live.
func (c *comparison) backdated(rec *Record, lastLive *Version) {
	end := rec.End()
	if !end.Known() || lastLive == nil {
		c.pass(string(BackdatedClose), func() string { return fmt.Sprintf("%s: never seen live before this end", rec.Side) })
		return
	}
	between := c.rules.Calendar.Working(c.rules.sinceMoment(end), lastLive.SeenUntil)
	if between <= c.rules.Calendar.DayLength() {
		c.pass(string(BackdatedClose), func() string {
			return fmt.Sprintf(
				"%s: ended %s, last seen live %s: not more than one working day between", rec.Side,
				c.rules.show(end), c.rules.showTime(lastLive.SeenUntil))
		})
		return
	}
	c.add(Finding{Kind: BackdatedClose, Side: rec.Side, Reason: fmt.Sprintf(
		"%s says it ended %s, but was still %s when read %s (%s of working time later)", rec.Source,
		c.rules.show(end), lastLive.Status, c.rules.showTime(lastLive.SeenUntil), ShowDuration(between))}, Moment{}, "")
}
