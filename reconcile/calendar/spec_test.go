package calendar

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNewNamesEveryFault(t *testing.T) {
	with := func(change func(*Spec)) Spec {
		spec := Spec{Zone: vietnamZone, Hours: officeHours, Weekdays: mondayToFriday, Years: []int{2018}}
		change(&spec)
		return spec
	}
	h := func(hour float64) time.Duration { return time.Duration(hour * float64(time.Hour)) }
	for _, tt := range []struct {
		name string
		spec Spec
		want []string
	}{
		{"nothing given", Spec{}, []string{
			"calendar: zone: none given; name one, such as Asia/Ho_Chi_Minh",
			`calendar: hours: none given; write at least one span such as "07:30-11:30"`,
			"calendar: weekdays: none given; name at least one day, such as monday",
		}},
		{"hours the wrong way round", with(func(s *Spec) { s.Hours = []Span{{h(11.5), h(7)}} }), []string{
			"calendar: hours: 11:30-07:00: must end after it begins",
		}},
		{"hours of no length", with(func(s *Spec) { s.Hours = []Span{{h(7), h(7)}} }), []string{
			"calendar: hours: 07:00-07:00: must end after it begins",
		}},
		{"hours beyond the day", with(func(s *Spec) { s.Hours = []Span{{h(7), h(24.5)}} }), []string{
			"calendar: hours: 07:00-24:30: must lie between 00:00 and 24:00",
		}},
		{"overlapping hours, the later one first", with(func(s *Spec) { s.Hours = []Span{{h(11), h(17)}, {h(7), h(11.5)}} }), []string{
			"calendar: hours: 11:00-17:00: overlaps 07:00-11:30",
		}},
		{"a weekday twice and one that is none", with(func(s *Spec) { s.Weekdays = []time.Weekday{1, 1, 7} }), []string{
			"calendar: weekdays: Monday: is named twice",
			"calendar: weekdays: 7: is no weekday; Sunday is 0, Saturday 6",
		}},
		{"years", with(func(s *Spec) { s.Years = []int{2018, 2018, 0, 12018} }), []string{
			"calendar: years: 2018: is listed twice",
			"calendar: years: 0: must be a year from 1 to 9999",
			"calendar: years: 12018: must be a year from 1 to 9999",
		}},
		{"dates that are none", with(func(s *Spec) {
			s.Holidays = []Day{{Date: "30/04/2018"}, {Date: "2018-02-30"}, {Date: ""}, {Date: "2018-04-30 "}}
		}), []string{
			"calendar: holidays: 30/04/2018: is no date; write it as yyyy-MM-dd",
			"calendar: holidays: 2018-02-30: is no date; write it as yyyy-MM-dd",
			"calendar: holidays: entry 3 has no date; write it as yyyy-MM-dd",
			"calendar: holidays: 2018-04-30 : is no date; write it as yyyy-MM-dd",
		}},
		{"a slip in the year", with(func(s *Spec) {
			s.Holidays = []Day{{Date: "2081-04-30"}}
			s.Makeup = []Day{{Date: "2016-05-07"}}
		}), []string{
			"calendar: holidays: 2081-04-30: 2081 is not among the years; list the year, or correct the date",
			"calendar: makeup: 2016-05-07: 2016 is not among the years; list the year, or correct the date",
		}},
		{"the same date twice", with(func(s *Spec) {
			s.Holidays = []Day{{Date: "2018-04-30"}, {Date: "2018-04-30"}, {Date: "2018-09-02"}}
			s.Makeup = []Day{{Date: "2018-05-05"}, {Date: "2018-05-05"}, {Date: "2018-09-02"}}
		}), []string{
			"calendar: holidays: 2018-04-30: is listed twice",
			"calendar: makeup: 2018-05-05: is listed twice",
			"calendar: makeup: 2018-09-02: is also a holiday; it can be only one of the two",
		}},
		{"a make-up day on a working day", with(func(s *Spec) { s.Makeup = []Day{{Date: "2018-05-04"}} }), []string{
			"calendar: makeup: 2018-05-04: is a Friday, a working day already; a make-up day falls on a day off",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := New(tt.spec)
			if c != nil || err == nil {
				t.Fatalf("New = %v, %v, want an error only", c, err)
			}
			if diff := cmp.Diff(tt.want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultLeadsBackToItsEntry(t *testing.T) {
	spec := vietnamSpec()
	spec.Holidays[3].Date = "soon"
	_, err := New(spec)
	var fault *Fault
	if !errors.As(err, &fault) {
		t.Fatalf("error %v holds no *Fault", err)
	}
	want := &Fault{List: "holidays", Index: 3, Value: "soon", Problem: "is no date; write it as yyyy-MM-dd"}
	if diff := cmp.Diff(want, fault); diff != "" {
		t.Errorf("fault (-want +got):\n%s", diff)
	}
}

func TestNewAccepts(t *testing.T) {
	for name, change := range map[string]func(*Spec){
		"hours that touch":                      func(s *Spec) { s.Hours = []Span{{0, time.Hour}, {time.Hour, 24 * time.Hour}} },
		"a holiday on a weekend":                func(s *Spec) { s.Holidays = []Day{{Date: "2018-09-02", Name: "Quốc khánh"}} },
		"a day without a name":                  func(s *Spec) { s.Holidays = []Day{{Date: "2018-09-03"}} },
		"a make-up day across New Year":         func(s *Spec) { s.Makeup = []Day{{Date: "2019-01-05"}} },
		"a day off in lieu across New Year":     func(s *Spec) { s.Holidays = []Day{{Date: "2019-01-02"}} },
		"a zone with daylight saving time":      func(s *Spec) { s.Zone = newYorkZone },
		"a week of one day":                     func(s *Spec) { s.Weekdays = []time.Weekday{time.Sunday} },
		"no year known":                         func(s *Spec) { s.Years = nil },
		"leap day":                              func(s *Spec) { s.Years, s.Holidays = []int{2024}, []Day{{Date: "2024-02-29"}} },
		"the last date that can be written":     func(s *Spec) { s.Years, s.Holidays = []int{9999}, []Day{{Date: "9999-12-31"}} },
		"the last nanosecond of the day worked": func(s *Spec) { s.Hours = []Span{{24*time.Hour - 1, 24 * time.Hour}} },
	} {
		t.Run(name, func(t *testing.T) {
			spec := Spec{Zone: vietnamZone, Hours: officeHours, Weekdays: mondayToFriday, Years: []int{2018}}
			change(&spec)
			if _, err := New(spec); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCalendarDoesNotChangeWithItsSpec(t *testing.T) {
	spec := vietnamSpec()
	spec.Hours = slices.Clone(spec.Hours)
	c := mustNew(t, spec)
	spec.Hours[0].To = spec.Hours[0].From + 1
	spec.Years[0] = 2023
	spec.Holidays[0].Name = "gone"
	for i := range spec.Weekdays {
		spec.Weekdays = slices.Clone(spec.Weekdays)
		spec.Weekdays[i] = time.Sunday
	}
	if got, want := c.DayLength(), 8*time.Hour; got != want {
		t.Errorf("DayLength = %s, want %s", got, want)
	}
	if !c.Covers(2018) || c.Covers(2023) {
		t.Error("the years known changed with the caller's slice")
	}
	if got := c.Digest(); got != vietnam(t).Digest() {
		t.Error("the digest changed with the caller's slices")
	}
}

func TestCoversAndUncovered(t *testing.T) {
	c := vietnam(t)
	for year, want := range map[int]bool{2018: true, 2019: false, 2023: false, 2024: true, 2025: false, 2026: true, 0: false} {
		if got := c.Covers(year); got != want {
			t.Errorf("Covers(%d) = %t, want %t", year, got, want)
		}
	}
	for _, tt := range []struct {
		name     string
		from, to time.Time
		want     []int
	}{
		{"within a known year", at("2018-01-01 00:00"), at("2018-12-31 23:59"), nil},
		{"up to the next year, exclusive", at("2018-12-01 00:00"), at("2019-01-01 00:00"), nil},
		{"a moment into the next year", at("2018-12-01 00:00"), at("2019-01-01 00:00").Add(1), []int{2019}},
		{"years in between", at("2018-12-01 00:00"), at("2026-01-05 00:00"), []int{2019, 2020, 2021, 2022, 2023, 2025}},
		{"by the calendar's zone, not by UTC", at("2018-01-01 03:00").UTC(), at("2018-01-01 04:00").UTC(), nil},
		{"an empty span", at("2019-01-01 00:00"), at("2019-01-01 00:00"), nil},
		{"backwards", at("2021-01-01 00:00"), at("2019-01-01 00:00"), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, c.Uncovered(tt.from, tt.to)); diff != "" {
				t.Errorf("Uncovered (-want +got):\n%s", diff)
			}
		})
	}
	if n := len(c.Uncovered(time.Time{}, at("2026-01-05 00:00"))); n != 2026-3 {
		t.Errorf("Uncovered from the zero time lists %d years, want %d", n, 2026-3)
	}
}

func TestDigest(t *testing.T) {
	same := map[string]func(*Spec){
		"another order": func(s *Spec) {
			slices.Reverse(s.Hours)
			slices.Reverse(s.Weekdays)
			slices.Reverse(s.Years)
			slices.Reverse(s.Holidays)
			slices.Reverse(s.Makeup)
		},
		"another citation": func(s *Spec) { s.Holidays[0].Source = "Bộ luật Lao động" },
	}
	different := map[string]func(*Spec){
		"another zone":        func(s *Spec) { s.Zone = mustZone("Asia/Bangkok") },
		"another offset":      func(s *Spec) { s.Zone = time.FixedZone("Asia/Ho_Chi_Minh", 8*60*60) },
		"other hours":         func(s *Spec) { s.Hours[0].From += time.Minute },
		"another weekday":     func(s *Spec) { s.Weekdays, s.Makeup = append(s.Weekdays, time.Saturday), nil },
		"one year more":       func(s *Spec) { s.Years = append(s.Years, 2025) },
		"one holiday less":    func(s *Spec) { s.Holidays = s.Holidays[1:] },
		"a holiday renamed":   func(s *Spec) { s.Holidays[0].Name = "Tết tây" },
		"no make-up days":     func(s *Spec) { s.Makeup = nil },
		"a make-up day moved": func(s *Spec) { s.Makeup[0].Date = "2019-01-12" },
	}
	digestOf := func(change func(*Spec)) string {
		spec := vietnamSpec()
		spec.Hours, spec.Weekdays = slices.Clone(spec.Hours), slices.Clone(spec.Weekdays)
		change(&spec)
		return mustNew(t, spec).Digest()
	}
	base := digestOf(func(*Spec) {})
	// Stored results are compared with it, also after an update of the program.
	if want := "f21db67aba1c43d9b84bd923e4ef69f2"; base != want {
		t.Errorf("Digest = %s, want %s as in earlier releases", base, want)
	}
	for name, change := range same {
		if got := digestOf(change); got != base {
			t.Errorf("%s: the digest changed", name)
		}
	}
	seen := map[string]string{base: "the unchanged calendar"}
	for name, change := range different {
		got := digestOf(change)
		if other, taken := seen[got]; taken {
			t.Errorf("%s: the digest is that of %s", name, other)
		}
		seen[got] = name
	}
}
