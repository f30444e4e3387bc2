package pages

import (
	"strconv"
	"strings"
	"time"
)

// How dates, numbers and durations are read: dd/MM/yyyy and 1.907 in both languages'
// dates, since letters and lists write them so; numbers are grouped by the language.

const (
	dayLayout    = "02/01/2006"
	momentLayout = "15:04 02/01/2006"
)

// moment shows a text of the API: a moment in RFC 3339 with its time of day, a date
// without; "" for what is not known. A text that is neither is shown as it is.
func moment(text string, zone *time.Location) string {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.In(zone).Format(momentLayout)
	}
	return day(text, zone)
}

// day shows the date alone.
func day(text string, zone *time.Location) string {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.In(zone).Format(dayLayout)
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at.Format(dayLayout)
	}
	return text
}

// lastDay is the last day of what ends at a moment: at midnight, that is the day before.
func lastDay(text string, zone *time.Location) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return at.Add(-time.Second).In(zone).Format(dayLayout)
}

// readDay reads a date as a form sends it (yyyy-MM-dd), or as a clerk writes it.
func readDay(text string, zone *time.Location) (time.Time, bool) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.DateOnly, "2/1/2006", "2-1-2006"} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil && at.Year() >= 1990 && at.Year() < 2200 {
			return at, true
		}
	}
	return time.Time{}, false
}

// number groups thousands: 1.907 in Vietnamese, 1,907 in English.
func number[N int | int64](n N, l language) string {
	digits := strconv.FormatInt(int64(n), 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "−", digits[1:]
	}
	mark := "."
	if l == en {
		mark = ","
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// signed is a number that says which way it goes.
func signed(n int, l language) string {
	if n > 0 {
		return "+" + number(n, l)
	}
	return number(n, l)
}

// hours shows a duration of the API ("8h", "2h30m") in words.
func hours(text string, l language) string {
	d, err := time.ParseDuration(text)
	if err != nil {
		return text
	}
	unit := [2]string{" giờ", " phút"}
	if l == en {
		unit = [2]string{" h", " min"}
	}
	h, m := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case m == 0:
		return strconv.Itoa(h) + unit[0]
	case h == 0:
		return strconv.Itoa(m) + unit[1]
	}
	return strconv.Itoa(h) + unit[0] + " " + strconv.Itoa(m) + unit[1]
}
