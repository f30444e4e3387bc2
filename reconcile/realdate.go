package reconcile

import (
	"strings"
	"time"
)

// A real date (an Excel serial number, a database's timestamp) needs no layout
// to be read. Adapters write it as text behind this mark, so that it can never
// be taken for a text that merely looks like a date.
const realDateMark = "date:"

// FormatRealDate writes a real date as a raw value. zoned says that t's zone is
// the source's own statement (timestamptz); otherwise only t's clock reading is
// kept and the mapping's zone applies. dateOnly keeps the day alone.
func FormatRealDate(t time.Time, zoned, dateOnly bool) string {
	switch {
	case dateOnly:
		return realDateMark + t.Format("2006-01-02")
	case zoned:
		return realDateMark + t.Format("2006-01-02T15:04:05.999Z07:00")
	default:
		return realDateMark + t.Format("2006-01-02T15:04:05.999")
	}
}

// ParseRealDate reads what FormatRealDate wrote. ok is false where raw is no
// real date; a clock reading without a zone is taken to be in zone.
func ParseRealDate(raw string, zone *time.Location) (m Moment, ok bool) {
	text, ok := strings.CutPrefix(raw, realDateMark)
	if !ok {
		return Moment{}, false
	}
	if len(text) == len("2006-01-02") {
		t, err := time.ParseInLocation("2006-01-02", text, zone)
		return Moment{Time: t, DateOnly: true}, err == nil
	}
	if t, err := time.ParseInLocation("2006-01-02T15:04:05.999", text, zone); err == nil {
		return Moment{Time: t}, true
	}
	t, err := time.Parse("2006-01-02T15:04:05.999Z07:00", text)
	return Moment{Time: t.In(zone)}, err == nil
}
