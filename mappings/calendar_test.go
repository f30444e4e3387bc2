package mappings

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseCalendar(t *testing.T) {
	got, err := ParseCalendar("calendar.yaml", []byte(`
comment: what it is
zone: Asia/Ho_Chi_Minh
years:
  2019: {holidays: [{date: 2019-01-01, name: Tết Dương lịch}]}
  2018:
    comment: swapped by decree
    makeup: [{date: "2018-02-24", name: Làm bù, source: TB 1}]
    holidays:
      - {date: 2018-04-30, name: Ngày Chiến thắng, source: BLLĐ 2012 điều 115}
      - {date: 2018-01-01, name: Tết Dương lịch, comment: x}
weekdays: [T6, thursday, WED, Tue, mon]
hours: ["7:00-11:30", 13:30 - 17:00]
`))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	const h = time.Hour
	want := CalendarSpec{
		Zone:     zone,
		Hours:    [][2]time.Duration{{7 * h, 11*h + 30*time.Minute}, {13*h + 30*time.Minute, 17 * h}},
		Weekdays: []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday},
		Years:    []int{2018, 2019},
		Holidays: []Day{{"2018-01-01", "Tết Dương lịch", ""}, {"2018-04-30", "Ngày Chiến thắng", "BLLĐ 2012 điều 115"}, {"2019-01-01", "Tết Dương lịch", ""}},
		Makeup:   []Day{{"2018-02-24", "Làm bù", "TB 1"}},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); diff != "" {
		t.Error(diff)
	}
}

func TestAllFaultsOfACalendarAreToldAtOnce(t *testing.T) {
	_, err := ParseCalendar("c.yaml", []byte(`hours: ["17:00-07:00"]
weekdays: [Mon, Montag]
years:
  2018:
    holidays: [{date: 2018-13-01, name: A}, {date: 2018-01-01, nam: B}]
`))
	want := `c.yaml:1: hours: 17:00-07:00: ends before it begins; write from and to: "07:00-11:30"
c.yaml:2: weekdays: Montag: is no day of the week; one of Mon, Tue, Wed, Thu, Fri, Sat, Sun
c.yaml:5: years.2018.holidays.date: 2018-13-01: is no day; write a day that exists, as yyyy-MM-dd
c.yaml:5: years.2018.holidays.nam: is no key of a day; did you mean name?`
	if err == nil {
		t.Fatal("no fault was found")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
	if !errors.As(err, new(Faults)) {
		t.Error("the error is no Faults")
	}
}

func TestTheShippedCalendarIsReadWithoutAFault(t *testing.T) {
	data, ok := Preset("calendar")
	if !ok {
		t.Fatal("no calendar is shipped")
	}
	spec, err := ParseCalendar("calendar.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	for _, year := range []int{2018, 2024, 2025, 2026, 2027} {
		if !slices.Contains(spec.Years, year) {
			t.Errorf("the year %d is missing", year)
		}
	}
	if len(spec.Hours) != 2 || len(spec.Weekdays) != 5 || spec.Zone == nil {
		t.Errorf("hours %v, weekdays %v, zone %v", spec.Hours, spec.Weekdays, spec.Zone)
	}
	for _, d := range slices.Concat(spec.Holidays, spec.Makeup) {
		if d.Source == "" {
			t.Errorf("%s has no source", d.Date)
		}
	}
}
