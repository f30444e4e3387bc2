package config

import (
	"fmt"
	"strings"
	"time"
)

// layout is a date pattern in the field's own notation: yyyy MM dd HH mm ss SSS,
// XXX for the zone, literals in single quotes; or epoch, epoch_ms.
func (v value) layout() string {
	const remedy = "write a pattern of yyyy MM dd HH mm ss, such as yyyyMMddHHmmss or yyyy-MM-dd'T'HH:mm:ss"
	text := v.text(remedy)
	switch text {
	case "", "epoch", "epoch_ms":
		return text
	}
	if strings.Contains(text, "2006") {
		v.fault("is a date pattern of the Go language", remedy)
		return ""
	}
	seen := map[string]bool{}
	quoted := false
	for i := 0; i < len(text); {
		c := text[i]
		if c == '\'' {
			quoted = !quoted
			i++
			continue
		}
		if quoted || !letter(c) {
			i++
			continue
		}
		run := i
		for run < len(text) && text[run] == c {
			run++
		}
		field := text[i:run]
		if problem := layoutField(field); problem != "" {
			v.fault(problem, remedy)
			return ""
		}
		seen[field] = true
		i = run
	}
	switch {
	case quoted:
		v.fault("has a quote that is not closed", remedy)
	case !seen["yyyy"] || !seen["MM"] || !seen["dd"]:
		v.fault("does not name the year as yyyy, the month as MM and the day as dd", remedy)
	default:
		return text
	}
	return ""
}

// layoutUnit is the smallest step a pattern that was accepted can tell.
func layoutUnit(layout string) time.Duration {
	switch {
	case strings.Contains(layout, "ss") || strings.HasPrefix(layout, "epoch"):
		return time.Second
	case strings.Contains(layout, "mm"):
		return time.Minute
	case strings.Contains(layout, "HH"):
		return time.Hour
	}
	return 24 * time.Hour
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

func layoutField(field string) string {
	switch field {
	case "yyyy", "yy", "MM", "M", "dd", "d", "HH", "mm", "ss", "SSS", "X", "XX", "XXX", "xxx", "Z":
		return ""
	case "hh", "h":
		return "hh is the clock of twelve hours, which cannot tell noon from midnight: use HH"
	case "YYYY", "DD":
		return fmt.Sprintf("%s is not the calendar's %s", field, strings.ToLower(field))
	}
	return fmt.Sprintf("has the unknown field %q (literal letters stand in single quotes)", field)
}
