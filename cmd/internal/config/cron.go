package config

import (
	"fmt"
	"strconv"
	"strings"
)

// cronField is one of the five fields of a cron expression.
type cronField struct {
	name      string
	low, high int
	words     []string // names of the values from low on, where they have any
}

var cronFields = []cronField{
	{name: "minute", low: 0, high: 59},
	{name: "hour", low: 0, high: 23},
	{name: "day of the month", low: 1, high: 31},
	{name: "month", low: 1, high: 12, words: strings.Fields("jan feb mar apr may jun jul aug sep oct nov dec")},
	{name: "day of the week", low: 0, high: 6, words: strings.Fields("sun mon tue wed thu fri sat")},
}

// cron is a five-field cron expression, or "" where the key is left out. Only
// what every cron understands alike is allowed: *, numbers, names, a-b, lists
// and steps.
func (v value) cron() string {
	const remedy = `write five fields, such as "0 1 * * *" for 01:00 every night`
	text := v.text(remedy)
	if text == "" {
		return ""
	}
	fields := strings.Fields(text)
	if len(fields) != len(cronFields) {
		v.fault("is not five fields", remedy)
		return ""
	}
	var sets [5][]bool
	for i, f := range cronFields {
		set, problem := f.parse(fields[i])
		if problem != "" {
			v.fault(problem, remedy)
			return ""
		}
		sets[i] = set
	}
	if fields[4] == "*" && !someDay(sets[2], sets[3]) {
		v.fault("names a date that never comes", remedy)
		return ""
	}
	return strings.Join(fields, " ")
}

// parse gives the values a field selects, indexed from 0, or what is wrong with it.
func (f cronField) parse(text string) (set []bool, problem string) {
	set = make([]bool, f.high+1)
	for _, part := range strings.Split(text, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(stepText)
			if err != nil || n < 1 || n > f.high {
				return nil, fmt.Sprintf("its %s has a bad step %q", f.name, part)
			}
			step = n
		}
		low, high := f.low, f.high
		if span != "*" {
			from, to, ranged := strings.Cut(span, "-")
			var ok bool
			if low, ok = f.number(from); !ok {
				return nil, f.outside(from)
			}
			switch {
			case ranged:
				if high, ok = f.number(to); !ok {
					return nil, f.outside(to)
				}
			case !stepped:
				high = low
			}
		}
		if low > high {
			return nil, fmt.Sprintf("its %s runs backwards in %q", f.name, part)
		}
		for n := low; n <= high; n += step {
			set[n] = true
		}
	}
	return set, ""
}

func (f cronField) number(text string) (int, bool) {
	for i, word := range f.words {
		if strings.EqualFold(text, word) {
			return f.low + i, true
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.low && n <= f.high && !strings.HasPrefix(text, "+")
}

func (f cronField) outside(text string) string {
	return fmt.Sprintf("its %s %q is not between %d and %d", f.name, text, f.low, f.high)
}

// someDay reports whether any of these days exists in any of these months.
func someDay(days, months []bool) bool {
	longest := []int{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	for m, on := range months {
		for d := 1; on && d <= longest[m]; d++ {
			if days[d] {
				return true
			}
		}
	}
	return false
}
