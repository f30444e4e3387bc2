package mappings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// CalendarSpec is a calendar file that was read without a fault: office hours,
// working weekdays, and the days that differ from them.
type CalendarSpec struct {
	Zone     *time.Location     // nil if the file names none
	Hours    [][2]time.Duration // from and to since midnight, in order, never touching
	Weekdays []time.Weekday     // working days of a usual week, Monday first
	Years    []int              // the years whose holidays are known, ascending
	Holidays []Day              // by date
	Makeup   []Day              // by date; working days in place of others
}

// Day is a day that differs from its weekday.
type Day struct {
	Date   string // yyyy-MM-dd
	Name   string
	Source string // the decree or notice that says so; may be empty
}

// ParseCalendar reads a calendar file. name is the file's name for messages.
// The error is a Faults with every mistake in the file. `comment` is allowed at
// every level.
func ParseCalendar(name string, data []byte) (CalendarSpec, error) {
	r := &calendarReader{reader: reader{file: name}, lines: make(map[string]int)}
	root := r.document(data)
	if root == nil {
		return CalendarSpec{}, r.faults.err()
	}
	keys := []string{"zone", "hours", "weekdays", "years", "comment"}
	seen := make(map[string]bool)
	var years *yaml.Node
	for e := range r.entries(root, "") {
		seen[e.name] = true
		switch e.name {
		case "zone":
			r.spec.Zone = r.zone(e.value, e.path)
		case "hours":
			r.hours(e.value)
		case "weekdays":
			r.weekdays(e.value)
		case "years":
			years = e.value // after weekdays, wherever it stands
		case "comment":
		default:
			r.fault(e.key, e.path, "", "is no key of a calendar", didYouMean(e.name, keys))
		}
	}
	for _, required := range []struct{ key, remedy string }{
		{"hours", `write the office hours: ["07:00-11:30", "13:30-17:00"]`},
		{"weekdays", "write the working days: [Mon, Tue, Wed, Thu, Fri]"},
		{"years", "list each year with its holidays and make-up days"},
	} {
		if !seen[required.key] {
			r.fault(root, required.key, "", "is missing", required.remedy)
		}
	}
	if years != nil {
		r.years(years)
	}
	if err := r.faults.err(); err != nil {
		return CalendarSpec{}, err
	}
	byDate := func(a, b Day) int { return strings.Compare(a.Date, b.Date) }
	slices.SortFunc(r.spec.Holidays, byDate)
	slices.SortFunc(r.spec.Makeup, byDate)
	slices.Sort(r.spec.Years)
	return r.spec, nil
}

type calendarReader struct {
	reader
	spec  CalendarSpec
	lines map[string]int // line of each date, holiday or make-up
}

func (r *calendarReader) hours(n *yaml.Node) {
	const wanted = `write from and to: "07:00-11:30"`
	last := time.Duration(-1)
	for _, item := range r.items(n, "hours", `list the office hours: ["07:00-11:30", "13:30-17:00"]`) {
		written, ok := r.text(item, "hours", wanted)
		if !ok {
			continue
		}
		from, to, ok := span(written)
		switch {
		case !ok:
			r.fault(item, "hours", written, "is no span of time", wanted)
		case from >= to:
			r.fault(item, "hours", written, "ends before it begins", wanted)
		case from <= last:
			r.fault(item, "hours", written, "does not come after the span before it", "list the spans in order, with a break between them")
		default:
			r.spec.Hours = append(r.spec.Hours, [2]time.Duration{from, to})
			last = to
		}
	}
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		r.fault(n, "hours", "", "is empty", wanted)
	}
}

func span(s string) (from, to time.Duration, ok bool) {
	first, second, ok := strings.Cut(strings.ReplaceAll(s, "–", "-"), "-")
	if !ok {
		return 0, 0, false
	}
	from, ok1 := clock(trim(first))
	to, ok2 := clock(trim(second))
	return from, to, ok1 && ok2
}

// clock reads HH:mm or H:mm; 24:00 is the end of the day.
func clock(s string) (time.Duration, bool) {
	hours, minutes, ok := strings.Cut(s, ":")
	if !ok || len(hours) == 0 || len(hours) > 2 || len(minutes) != 2 || !allDigits(hours+minutes) {
		return 0, false
	}
	h, _ := strconv.Atoi(hours) // two digits, checked above
	m, _ := strconv.Atoi(minutes)
	if m > 59 || h > 24 || h == 24 && m > 0 {
		return 0, false
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, true
}

var weekdayWords = map[string]time.Weekday{
	"MON": time.Monday, "TUE": time.Tuesday, "WED": time.Wednesday, "THU": time.Thursday,
	"FRI": time.Friday, "SAT": time.Saturday, "SUN": time.Sunday,
	"T2": time.Monday, "T3": time.Tuesday, "T4": time.Wednesday, "T5": time.Thursday,
	"T6": time.Friday, "T7": time.Saturday, "CN": time.Sunday,
}

var weekdayNames = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

func weekday(word string) (time.Weekday, bool) {
	folded := fold(word)
	if d, ok := weekdayWords[folded]; ok {
		return d, true
	}
	for d := range time.Weekday(7) {
		if fold(d.String()) == folded {
			return d, true
		}
	}
	return 0, false
}

func (r *calendarReader) weekdays(n *yaml.Node) {
	var seen [7]bool
	for _, item := range r.items(n, "weekdays", "list the working days: [Mon, Tue, Wed, Thu, Fri]") {
		word, ok := r.text(item, "weekdays", "name a day: Mon")
		if !ok {
			continue
		}
		d, ok := weekday(word)
		switch {
		case !ok:
			r.fault(item, "weekdays", word, "is no day of the week", didYouMean(word, weekdayNames))
		case seen[d]:
			r.fault(item, "weekdays", word, "is listed twice", "keep one")
		default:
			seen[d] = true
			r.spec.Weekdays = append(r.spec.Weekdays, d)
		}
	}
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		r.fault(n, "weekdays", "", "is empty", "list the working days: [Mon, Tue, Wed, Thu, Fri]")
	}
	slices.SortFunc(r.spec.Weekdays, func(a, b time.Weekday) int { return int((a+6)%7) - int((b+6)%7) })
}

func (r *calendarReader) years(n *yaml.Node) {
	keys := []string{"holidays", "makeup", "comment"}
	for e := range r.entries(n, "years") {
		year, err := strconv.Atoi(e.name)
		if err != nil || year < firstYear || year > lastYear {
			r.fault(e.key, e.path, "", "is no year", fmt.Sprintf("write a year from %d to %d", firstYear, lastYear))
			continue
		}
		holidays := 0
		for part := range r.entries(e.value, e.path) {
			switch part.name {
			case "holidays":
				holidays += r.days(part, year, true)
			case "makeup":
				r.days(part, year, false)
			case "comment":
			default:
				r.fault(part.key, part.path, "", "is no key of a year", didYouMean(part.name, keys))
			}
		}
		if holidays == 0 && e.value.Kind == yaml.MappingNode {
			r.fault(e.key, e.path, "", "lists no holiday", "list them, or take the year out: the service then says that it does not know it")
		}
		r.spec.Years = append(r.spec.Years, year)
	}
}

// days reads a list of days and returns how many it holds, faulty ones included.
func (r *calendarReader) days(list entry, year int, holiday bool) int {
	if list.value.Kind != yaml.SequenceNode {
		r.fault(list.value, list.path, list.value.Value, "is "+kindName(list.value), fmt.Sprintf("list days: [{date: %d-01-01, name: …, source: …}]", year))
		return 1
	}
	for _, item := range list.value.Content {
		d, dateNode, ok := r.day(item, list.path)
		if !ok || !r.acceptable(d, dateNode, list.path, year, holiday) {
			continue
		}
		if holiday {
			r.spec.Holidays = append(r.spec.Holidays, d)
		} else {
			r.spec.Makeup = append(r.spec.Makeup, d)
		}
	}
	return len(list.value.Content)
}

func (r *calendarReader) day(n *yaml.Node, path string) (d Day, date *yaml.Node, ok bool) {
	before := len(r.faults)
	for e := range r.entries(n, path) {
		if e.name == "comment" {
			continue
		}
		into := map[string]*string{"date": &d.Date, "name": &d.Name, "source": &d.Source}[e.name]
		if into == nil {
			r.fault(e.key, e.path, "", "is no key of a day", didYouMean(e.name, []string{"date", "name", "source", "comment"}))
			continue
		}
		if e.name == "date" {
			date = e.value
		}
		if value, ok := r.text(e.value, e.path, "write the day's "+e.name); ok {
			*into = trim(value)
		}
	}
	if n.Kind != yaml.MappingNode || len(r.faults) > before {
		return d, date, false
	}
	if date == nil || d.Date == "" {
		r.fault(n, path+".date", "", "is missing", "write the day as yyyy-MM-dd")
		return d, date, false
	}
	if d.Name == "" {
		r.fault(n, path+".name", "", "is missing", "say which day it is")
		return d, date, false
	}
	return d, date, true
}

func (r *calendarReader) acceptable(d Day, n *yaml.Node, path string, year int, holiday bool) bool {
	path += ".date"
	var day reading
	if realDay.read(d.Date, &day) != fits {
		r.fault(n, path, d.Date, "is no day", "write a day that exists, as yyyy-MM-dd")
		return false
	}
	if day.year != year {
		r.fault(n, path, d.Date, fmt.Sprintf("lies outside the year %d", year), fmt.Sprintf("move it to %d", day.year))
		return false
	}
	if line, ok := r.lines[d.Date]; ok {
		r.fault(n, path, d.Date, fmt.Sprintf("stands in line %d already", line), "keep one of the two")
		return false
	}
	r.lines[d.Date] = n.Line
	date := time.Date(day.year, time.Month(day.month), day.day, 0, 0, 0, 0, time.UTC)
	if !holiday && slices.Contains(r.spec.Weekdays, date.Weekday()) {
		r.fault(n, path, d.Date, "is a "+date.Weekday().String()+", a working day anyway", "a make-up day falls on a day that is usually free")
		return false
	}
	return true
}
