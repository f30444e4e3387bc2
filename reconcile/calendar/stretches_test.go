package calendar

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// line prints a stretch as explain might.
func line(s Stretch) string {
	return fmt.Sprintf("%s %s–%s %s %s", s.Date, s.From.Format("15:04"), s.To.Format("15:04"), s.Working, s.Why)
}

func TestStretches(t *testing.T) {
	c := vietnam(t)
	for _, tt := range []struct {
		name     string
		from, to string
		want     []string
	}{
		{"over Hùng Kings' day to 2 May 2018", "2018-04-24 15:00", "2018-05-02 09:30", []string{
			"2018-04-24 15:00–00:00 2h0m0s ",
			"2018-04-25 00:00–00:00 0s Giỗ Tổ Hùng Vương",
			"2018-04-26 00:00–00:00 8h0m0s ",
			"2018-04-27 00:00–00:00 8h0m0s ",
			"2018-04-28 00:00–00:00 0s weekend",
			"2018-04-29 00:00–00:00 0s weekend",
			"2018-04-30 00:00–00:00 0s Ngày Chiến thắng",
			"2018-05-01 00:00–00:00 0s Ngày Quốc tế lao động",
			"2018-05-02 00:00–09:30 2h30m0s ",
		}},
		{"a holiday on a Sunday is named", "2018-09-01 00:00", "2018-09-04 00:00", []string{
			"2018-09-01 00:00–00:00 0s weekend",
			"2018-09-02 00:00–00:00 0s Quốc khánh",
			"2018-09-03 00:00–00:00 0s Nghỉ bù Quốc khánh",
		}},
		{"a make-up Saturday", "2024-05-03 16:00", "2024-05-05 12:00", []string{
			"2024-05-03 16:00–00:00 1h0m0s ",
			"2024-05-04 00:00–00:00 8h0m0s make-up working day",
			"2024-05-05 00:00–12:00 0s weekend",
		}},
		{"within one day", "2018-03-05 11:00", "2018-03-05 14:00", []string{"2018-03-05 11:00–14:00 1h0m0s "}},
		{"nothing", "2018-03-05 11:00", "2018-03-05 11:00", nil},
		{"backwards", "2018-03-06 11:00", "2018-03-05 11:00", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, s := range c.Stretches(at(tt.from).In(newYorkZone), at(tt.to).UTC()) {
				got = append(got, line(s))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Stretches (-want +got):\n%s", diff)
			}
		})
	}
}

func TestStretchesCiteTheDecree(t *testing.T) {
	got := vietnam(t).Stretches(at("2024-05-04 00:00"), at("2024-05-05 00:00"))
	want := []Stretch{{
		Date: "2024-05-04", Working: 8 * time.Hour,
		From: at("2024-05-04 00:00"), To: at("2024-05-05 00:00"),
		Why: WhyMakeup, Name: "làm bù cho 29/4/2024", Source: "test",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Stretches (-want +got):\n%s", diff)
	}
}

func TestAHolidayWithoutANameStillHasAReason(t *testing.T) {
	c := mustNew(t, Spec{
		Zone: vietnamZone, Hours: officeHours, Weekdays: mondayToFriday,
		Years: []int{2018}, Holidays: []Day{{Date: "2018-04-30"}},
	})
	got := c.Stretches(at("2018-04-30 08:00"), at("2018-04-30 09:00"))
	if len(got) != 1 || got[0].Why != WhyHoliday || got[0].Working != 0 {
		t.Errorf("Stretches = %+v, want one without working time because of %q", got, WhyHoliday)
	}
}

func TestStretchesOfAVeryLongSpanAreSummedUp(t *testing.T) {
	c := vietnam(t)
	from, to := at("1901-01-01 00:00"), at("2026-11-20 10:00")
	list := c.Stretches(from, to)
	if len(list) != maxStretches+1 {
		t.Fatalf("%d stretches, want %d", len(list), maxStretches+1)
	}
	last := list[len(list)-1]
	if last.Why != WhyBeyond || !last.To.Equal(to) {
		t.Errorf("the last stretch is %+v, want the rest up to %s", last, to)
	}
	var sum time.Duration
	for _, s := range list {
		sum += s.Working
	}
	if want := c.Working(from, to); sum != want {
		t.Errorf("the stretches sum up to %s, want %s", sum, want)
	}
}
