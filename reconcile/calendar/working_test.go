package calendar

import (
	"testing"
	"time"
)

func TestWorking(t *testing.T) {
	c := vietnam(t)
	for _, tt := range []struct {
		name     string
		from, to string
		want     string
	}{
		{"one whole day", "2018-03-05 00:00", "2018-03-06 00:00", "8h"},
		{"one ordinary week", "2018-03-05 00:00", "2018-03-12 00:00", "40h"},
		{"within the morning", "2018-03-05 08:15", "2018-03-05 10:00", "1h45m"},
		{"across the lunch break", "2018-03-05 11:00", "2018-03-05 14:00", "1h"},
		{"inside the lunch break", "2018-03-05 11:45", "2018-03-05 13:15", "0s"},
		{"the lunch break's edges", "2018-03-05 11:30", "2018-03-05 13:30", "0s"},
		{"to the second", "2018-03-05 11:29:59", "2018-03-05 13:30:01", "2s"},
		{"after hours till before hours", "2018-03-05 17:00", "2018-03-06 07:00", "0s"},
		{"overnight", "2018-03-05 16:00", "2018-03-06 08:00", "2h"},
		{"over a weekend", "2018-03-09 16:30", "2018-03-12 07:30", "1h"},
		{"a weekend", "2018-03-10 00:00", "2018-03-12 00:00", "0s"},
		{"nothing at all", "2018-03-05 08:00", "2018-03-05 08:00", "0s"},
		{"backwards", "2018-03-06 08:00", "2018-03-05 08:00", "0s"},

		{"Tết 2018: off from the 14th to the 20th", "2018-02-14 00:00", "2018-02-21 00:00", "0s"},
		{"Tết 2018: the hour before and the hour after", "2018-02-13 16:00", "2018-02-21 08:00", "2h"},
		{"Hùng Kings' day, a Wednesday", "2018-04-24 00:00", "2018-04-27 00:00", "16h"},
		{"30/4–1/5/2018, Saturday to Tuesday", "2018-04-27 16:30", "2018-05-02 07:30", "1h"},
		{"National Day 2018 on a Sunday, Monday off in its stead", "2018-08-31 17:00", "2018-09-04 07:00", "0s"},
		{"the report's quarter", "2018-04-01 00:00", "2018-07-01 00:00", "496h"}, // 65 weekdays less 3
		{"the year 2018", "2018-01-01 00:00", "2019-01-01 00:00", "2000h"},       // 250 days
		{"the first week of 2019 with its make-up Saturday", "2018-12-31 00:00", "2019-01-06 00:00", "40h"},

		{"29/4/2024 swapped for Saturday 4/5", "2024-04-26 17:00", "2024-05-02 07:00", "0s"},
		{"the make-up Saturday is worked in full", "2024-05-04 00:00", "2024-05-05 00:00", "8h"},
		{"a make-up Saturday's lunch break", "2024-05-04 11:00", "2024-05-04 14:00", "1h"},
		{"the Saturday after is not", "2024-05-11 00:00", "2024-05-12 00:00", "0s"},
		{"the year 2024", "2024-01-01 00:00", "2025-01-01 00:00", "2008h"}, // 251 days
		{"2/1/2026 swapped for Saturday 10/1", "2026-01-01 00:00", "2026-01-12 00:00", "48h"},
		{"31/8/2026 swapped for Saturday 22/8", "2026-08-22 00:00", "2026-09-03 00:00", "48h"},
		{"Culture Day 2026, a Tuesday", "2026-11-23 00:00", "2026-11-26 00:00", "16h"},
		{"the year 2026", "2026-01-01 00:00", "2027-01-01 00:00", "1992h"}, // 249 days

		{"an unknown year goes by its weekdays", "2023-01-01 00:00", "2024-01-01 00:00", "2080h"}, // 260 days
		{"before 1970", "1968-12-30 00:00", "1969-01-06 00:00", "40h"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want, err := time.ParseDuration(tt.want)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Working(at(tt.from), at(tt.to)); got != want {
				t.Errorf("Working(%s, %s) = %s, want %s", tt.from, tt.to, got, want)
			}
			// The same two moments written in another zone, one with a switch
			// to daylight saving time inside some of these spans.
			if got := c.Working(at(tt.from).In(newYorkZone), at(tt.to).UTC()); got != want {
				t.Errorf("Working(%s, %s) from other zones = %s, want %s", tt.from, tt.to, got, want)
			}
		})
	}
}

func TestAdd(t *testing.T) {
	c := vietnam(t)
	for _, tt := range []struct {
		name string
		from string
		add  string
		want string
	}{
		{"Friday 16:30 + 1h", "2018-03-09 16:30", "1h", "Mon 2018-03-12 07:30:00"},
		{"Friday 16:30 + 30m ends with the day", "2018-03-09 16:30", "30m", "Fri 2018-03-09 17:00:00"},
		{"Friday 16:30 + 30m 1s", "2018-03-09 16:30", "30m1s", "Mon 2018-03-12 07:00:01"},
		{"into the lunch break", "2018-03-05 11:00", "30m", "Mon 2018-03-05 11:30:00"},
		{"over the lunch break", "2018-03-05 11:00", "31m", "Mon 2018-03-05 13:31:00"},
		{"from within the lunch break", "2018-03-05 12:00", "1h", "Mon 2018-03-05 14:30:00"},
		{"before opening", "2018-03-05 05:00", "1h", "Mon 2018-03-05 08:00:00"},
		{"after closing", "2018-03-05 22:00", "1h", "Tue 2018-03-06 08:00:00"},
		{"one working day from opening", "2018-03-05 07:00", "8h", "Mon 2018-03-05 17:00:00"},
		{"one working day from ten o'clock", "2018-03-05 10:00", "8h", "Tue 2018-03-06 10:00:00"},
		{"one working day from Sunday", "2018-03-11 10:00", "8h", "Mon 2018-03-12 17:00:00"},
		{"a nanosecond over the night", "2018-03-05 17:00", "1ns", "Tue 2018-03-06 07:00:00.000000001"},
		{"grace of 8h before Tết 2018", "2018-02-13 15:00", "8h", "Wed 2018-02-21 15:00:00"},
		{"grace of 8h on a day of Tết", "2018-02-17 09:00", "8h", "Wed 2018-02-21 17:00:00"},
		{"grace of 8h before 30/4/2018", "2018-04-27 10:00", "8h", "Wed 2018-05-02 10:00:00"},
		{"grace of 8h before Hùng Kings' day", "2018-04-24 16:00", "8h", "Thu 2018-04-26 16:00:00"},
		{"onto a make-up Saturday", "2024-05-03 16:00", "2h", "Sat 2024-05-04 08:00:00"},
		{"from a make-up Saturday", "2024-05-04 16:30", "1h", "Mon 2024-05-06 07:30:00"},
		{"exactly to the end of a make-up Saturday", "2024-05-03 17:00", "8h", "Sat 2024-05-04 17:00:00"},
		{"from a make-up Saturday after hours", "2024-05-04 18:00", "8h", "Mon 2024-05-06 17:00:00"},
		{"twenty working days of a land dossier", "2018-04-16 08:00", "160h", "Thu 2018-05-17 08:00:00"},
		// 250 days of 2018, then 5 January and the first 249 weekdays of 2019 (12 are left)
		{"two years of working time", "2018-01-01 00:00", "4000h", "Fri 2019-12-13 17:00:00"},
		{"before 1970", "1969-12-26 16:30", "1h", "Mon 1969-12-29 07:30:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			add, err := time.ParseDuration(tt.add)
			if err != nil {
				t.Fatal(err)
			}
			for _, zone := range []*time.Location{vietnamZone, newYorkZone, time.UTC} {
				if got := show(c.Add(at(tt.from).In(zone), add)); got != tt.want {
					t.Errorf("Add(%s written in %s, %s) = %s, want %s", tt.from, zone, tt.add, got, tt.want)
				}
			}
		})
	}
	for _, d := range []time.Duration{0, -1, -time.Hour} {
		from := at("2018-03-10 09:00").In(newYorkZone) // a Saturday in Vietnam
		if got := c.Add(from, d); !got.Equal(from) || got.Location() != from.Location() {
			t.Errorf("Add(from, %s) = %v, want from itself", d, got)
		}
	}
}

func TestDayEnd(t *testing.T) {
	c := vietnam(t)
	for _, tt := range []struct{ name, at, want string }{
		{"a working day's first moment", "2018-03-05 00:00", "Mon 2018-03-05 17:00:00"},
		{"a working day's last moment", "2018-03-05 23:59:59", "Mon 2018-03-05 17:00:00"},
		{"a Sunday", "2018-03-04 09:00", "Sun 2018-03-04 17:00:00"},
		{"a holiday", "2018-04-30 09:00", "Mon 2018-04-30 17:00:00"},
		{"a make-up Saturday", "2024-05-04 09:00", "Sat 2024-05-04 17:00:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := show(c.DayEnd(at(tt.at).In(newYorkZone))); got != tt.want {
				t.Errorf("DayEnd(%s) = %s, want %s", tt.at, got, tt.want)
			}
		})
	}
}

func TestIsWorkingDay(t *testing.T) {
	c := vietnam(t)
	for date, want := range map[string]bool{
		"2018-03-05": true,  // Monday
		"2018-03-10": false, // Saturday
		"2018-03-11": false, // Sunday
		"2018-02-14": false, // Tết
		"2018-02-20": false, // off in lieu
		"2018-02-21": true,
		"2018-12-31": false, // swapped
		"2019-01-05": true,  // for this Saturday
		"2026-04-26": false, // Hùng Kings' day on a Sunday
		"2026-04-27": false, // off in lieu
		"2026-11-23": true,
		"2026-11-24": false, // Culture Day
		"2026-08-22": true,  // make-up Saturday
	} {
		for _, clock := range []string{" 00:00", " 03:00", " 12:00", " 23:59"} {
			if got := c.IsWorkingDay(at(date + clock).UTC()); got != want {
				t.Errorf("IsWorkingDay(%s%s) = %t, want %t", date, clock, got, want)
			}
		}
	}
}

func TestSameDateIsThatOfTheCalendarsZone(t *testing.T) {
	c := vietnam(t)
	late, early := at("2018-03-05 23:59"), at("2018-03-06 00:00")
	if c.SameDate(late, early) {
		t.Error("a minute before midnight and midnight have the same date")
	}
	if c.SameDate(late.UTC(), early.UTC()) { // both 5 March in UTC
		t.Error("the dates were compared in UTC, not in the calendar's zone")
	}
	if !c.SameDate(at("2018-03-05 00:00").UTC(), at("2018-03-05 23:59").In(newYorkZone)) {
		t.Error("the first and last minute of a day have different dates")
	}
}

func TestOtherHours(t *testing.T) {
	spec := vietnamSpec()
	spec.Hours = []Span{{From: 0, To: 24 * time.Hour}}
	spec.Weekdays = []time.Weekday{time.Saturday, time.Friday, time.Thursday, time.Wednesday, time.Tuesday, time.Monday, time.Sunday}
	spec.Makeup = nil
	c := mustNew(t, spec)
	if got, want := c.DayLength(), 24*time.Hour; got != want {
		t.Errorf("DayLength = %s, want %s", got, want)
	}
	if got, want := c.Working(at("2018-04-29 12:00"), at("2018-05-02 12:00")), 24*time.Hour; got != want {
		t.Errorf("Working round the clock but on holidays = %s, want %s", got, want)
	}
	if got, want := show(c.DayEnd(at("2018-03-05 10:00"))), "Tue 2018-03-06 00:00:00"; got != want {
		t.Errorf("DayEnd = %s, want %s", got, want)
	}
	if got, want := show(c.Add(at("2018-04-29 12:00"), 12*time.Hour)), "Mon 2018-04-30 00:00:00"; got != want {
		t.Errorf("Add up to midnight = %s, want %s", got, want)
	}
	if got, want := show(c.Add(at("2018-04-29 12:00"), 13*time.Hour)), "Wed 2018-05-02 01:00:00"; got != want {
		t.Errorf("Add over two holidays = %s, want %s", got, want)
	}
}

func TestPlainKnowsNoYear(t *testing.T) {
	c := Plain(vietnamZone)
	if got, want := c.DayLength(), 8*time.Hour; got != want {
		t.Errorf("DayLength = %s, want %s", got, want)
	}
	if !c.IsWorkingDay(at("2018-04-30 09:00")) {
		t.Error("30 April 2018, a Monday, is off though no holidays are known")
	}
	if got, want := c.Working(at("2018-04-23 00:00"), at("2018-05-07 00:00")), 80*time.Hour; got != want {
		t.Errorf("two weeks = %s, want %s", got, want)
	}
	if c.Covers(2018) {
		t.Error("2018 is said to be covered")
	}
	if got, want := show(Plain(nil).DayEnd(at("2018-03-05 10:00"))), "Mon 2018-03-05 17:00:00"; got != want {
		t.Errorf("DayEnd without a zone = %s, want %s", got, want)
	}
}

func BenchmarkWorkingTenYears(b *testing.B) {
	c := vietnam(b)
	from, to := at("2016-03-07 09:13"), at("2026-03-05 15:42").UTC()
	for b.Loop() {
		c.Working(from, to)
	}
}

func BenchmarkWorkingBefore1975(b *testing.B) { // the zone's offset must be looked up
	c := vietnam(b)
	from, to := at("1966-03-07 09:13"), at("1974-03-05 15:42").UTC()
	for b.Loop() {
		c.Working(from, to)
	}
}

func BenchmarkAddTenYears(b *testing.B) {
	c := vietnam(b)
	from := at("2016-03-07 09:13")
	for b.Loop() {
		c.Add(from, 20_000*time.Hour)
	}
}

func BenchmarkAddEightHours(b *testing.B) {
	c := vietnam(b)
	from := at("2026-03-06 09:13").UTC()
	for b.Loop() {
		c.Add(from, 8*time.Hour)
	}
}
