package mappings

import (
	"strings"
	"time"
	_ "time/tzdata" // an office's server may have no zone database

	"github.com/doisoat/doisoat/reconcile"
)

// wall turns clock readings of one zone into moments. For years in which the
// zone's offset does not change (Vietnam: since 1975) it needs no look-up.
type wall struct {
	zone     *time.Location
	offset   int64
	from, to int64 // seconds of the clock reading for which offset holds
}

const day = 24 * 60 * 60

func newWall(zone *time.Location) wall {
	w := wall{zone: zone, from: firstUnix - day, to: lastUnix + day}
	known := time.Date(2018, time.July, 1, 0, 0, 0, 0, zone)
	_, offset := known.Zone()
	w.offset = int64(offset)
	start, end := known.ZoneBounds()
	// A day's margin keeps clear of readings that occur twice or not at all.
	if !start.IsZero() {
		w.from = max(w.from, start.Unix()+w.offset+day)
	}
	if !end.IsZero() {
		w.to = min(w.to, end.Unix()+w.offset-day)
	}
	return w
}

func (w *wall) moment(r *reading) reconcile.Moment {
	if r.instant {
		return reconcile.Moment{Time: time.Unix(r.unix, int64(r.nano)).In(w.zone)}
	}
	seconds := daysSince1970(r.year, r.month, r.day)*day + int64(r.hour*3600+r.minute*60+r.second)
	var t time.Time
	switch {
	case r.zoned:
		t = time.Unix(seconds-int64(r.offset), int64(r.nano)).In(w.zone)
	case seconds >= w.from && seconds < w.to:
		t = time.Unix(seconds-w.offset, int64(r.nano)).In(w.zone)
	default:
		t = time.Date(r.year, time.Month(r.month), r.day, r.hour, r.minute, r.second, r.nano, w.zone)
	}
	return reconcile.Moment{Time: t, DateOnly: r.dateOnly}
}

// daysSince1970 counts days in the proleptic Gregorian calendar (H. Hinnant,
// "chrono-compatible low-level date algorithms"); years are never negative here.
func daysSince1970(year, month, dayOfMonth int) int64 {
	if month <= 2 {
		year--
	}
	era := year / 400
	yearOfEra := year - era*400
	dayOfYear := (153*((month+9)%12)+2)/5 + dayOfMonth - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return int64(era*146097 + dayOfEra - 719468)
}

// dates reads the date columns of one source.
type dates struct {
	wall    wall
	layouts []*layout
	missing []string // trimmed; "" is always missing and not among them
	folded  []string // the same, folded
}

// The common spellings of a real date; reconcile.ParseRealDate reads the rest.
var (
	realDay, _   = compileLayout("yyyy-MM-dd")
	realClock, _ = compileLayout("yyyy-MM-dd'T'HH:mm:ss")
	realZoned, _ = compileLayout("yyyy-MM-dd'T'HH:mm:ssX")
)

const realDateMark = "date:"

// read turns a raw value into a moment. The zero moment and fits mean that the
// source names none.
func (d *dates) read(raw string) (reconcile.Moment, fit) {
	s := trim(raw)
	if s == "" {
		return reconcile.Moment{}, fits
	}
	for _, m := range d.missing {
		if s == m {
			return reconcile.Moment{}, fits
		}
	}
	if strings.HasPrefix(s, realDateMark) {
		return d.real(s)
	}
	if !isASCII(s) {
		s = text(s)
	}
	var r reading
	best := unlike
	for _, l := range d.layouts {
		switch l.read(s, &r) {
		case fits:
			return d.wall.moment(&r), fits
		case impossible:
			best = impossible
		}
	}
	if len(d.folded) > 0 {
		word := fold(s)
		for _, m := range d.folded {
			if word == m {
				return reconcile.Moment{}, fits
			}
		}
	}
	return reconcile.Moment{}, best
}

func (d *dates) real(s string) (reconcile.Moment, fit) {
	var r reading
	body := s[len(realDateMark):]
	for _, l := range [...]*layout{realClock, realDay, realZoned} {
		if l.read(body, &r) == fits {
			return d.wall.moment(&r), fits
		}
	}
	m, ok := reconcile.ParseRealDate(s, d.wall.zone)
	if !ok || m.Time.Year() < firstYear || m.Time.Year() > lastYear {
		return reconcile.Moment{}, impossible
	}
	return m, fits
}
