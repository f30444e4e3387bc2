package calendar

import (
	"fmt"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests must not depend on the host's zones
)

var (
	vietnamZone = mustZone("Asia/Ho_Chi_Minh")
	newYorkZone = mustZone("America/New_York")

	officeHours = []Span{
		{From: 7 * time.Hour, To: 11*time.Hour + 30*time.Minute},
		{From: 13*time.Hour + 30*time.Minute, To: 17 * time.Hour},
	}
	mondayToFriday = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
)

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// vietnamSpec holds what the state offices really had in 2018, 2024 and 2026,
// written down apart from the shipped calendar.yaml.
func vietnamSpec() Spec {
	spec := Spec{Zone: vietnamZone, Hours: officeHours, Weekdays: mondayToFriday, Years: []int{2018, 2024, 2026}}
	holiday := func(name string, dates ...string) {
		for _, d := range dates {
			spec.Holidays = append(spec.Holidays, Day{Date: d, Name: name, Source: "test"})
		}
	}
	makeup := func(date, name string) {
		spec.Makeup = append(spec.Makeup, Day{Date: date, Name: name, Source: "test"})
	}
	holiday("Tết Dương lịch", "2018-01-01", "2024-01-01", "2026-01-01")

	holiday("Tết Nguyên đán", "2018-02-14", "2018-02-15", "2018-02-16", "2018-02-17", "2018-02-18")
	holiday("Nghỉ bù Tết", "2018-02-19", "2018-02-20")
	holiday("Giỗ Tổ Hùng Vương", "2018-04-25")
	holiday("Ngày Chiến thắng", "2018-04-30")
	holiday("Ngày Quốc tế lao động", "2018-05-01")
	holiday("Quốc khánh", "2018-09-02")
	holiday("Nghỉ bù Quốc khánh", "2018-09-03")
	holiday("Nghỉ hoán đổi", "2018-12-31")
	makeup("2019-01-05", "làm bù cho 31/12/2018")

	holiday("Tết Nguyên đán", "2024-02-08", "2024-02-09", "2024-02-10", "2024-02-11", "2024-02-12")
	holiday("Nghỉ bù Tết", "2024-02-13", "2024-02-14")
	holiday("Giỗ Tổ Hùng Vương", "2024-04-18")
	holiday("Nghỉ hoán đổi", "2024-04-29")
	holiday("Ngày Chiến thắng", "2024-04-30")
	holiday("Ngày Quốc tế lao động", "2024-05-01")
	makeup("2024-05-04", "làm bù cho 29/4/2024")
	holiday("Quốc khánh", "2024-09-02", "2024-09-03")

	holiday("Nghỉ hoán đổi", "2026-01-02")
	makeup("2026-01-10", "làm bù cho 02/01/2026")
	holiday("Tết Nguyên đán", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20")
	holiday("Giỗ Tổ Hùng Vương", "2026-04-26")
	holiday("Nghỉ bù Giỗ Tổ", "2026-04-27")
	holiday("Ngày Chiến thắng", "2026-04-30")
	holiday("Ngày Quốc tế lao động", "2026-05-01")
	makeup("2026-08-22", "làm bù cho 31/8/2026")
	holiday("Nghỉ hoán đổi", "2026-08-31")
	holiday("Quốc khánh", "2026-09-01", "2026-09-02")
	holiday("Ngày Văn hóa Việt Nam", "2026-11-24")
	return spec
}

func vietnam(t testing.TB) *Calendar {
	t.Helper()
	return mustNew(t, vietnamSpec())
}

func mustNew(t testing.TB, spec Spec) *Calendar {
	t.Helper()
	c, err := New(spec)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// at reads "2018-02-13 16:30", seconds and fractions optional, as Vietnam time.
func at(text string) time.Time { return atZone(text, vietnamZone) }

func atZone(text string, zone *time.Location) time.Time {
	layout := "2006-01-02 15:04"
	if strings.Count(text, ":") == 2 {
		layout = "2006-01-02 15:04:05"
	}
	moment, err := time.ParseInLocation(layout, text, zone)
	if err != nil {
		panic(err)
	}
	return moment
}

// show is at's opposite, with the weekday.
func show(moment time.Time) string {
	text := moment.Format("Mon 2006-01-02 15:04:05")
	if n := moment.Nanosecond(); n != 0 {
		text += fmt.Sprintf(".%09d", n)
	}
	return text
}
