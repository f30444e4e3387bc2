package jobs

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the tests must not depend on the host's zones

	"github.com/google/go-cmp/cmp"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func vietnam(t testing.TB) *time.Location { return zone(t, "Asia/Ho_Chi_Minh") }

// abroad makes the host's zone that of New York for a test.
func abroad(t testing.TB) {
	t.Helper()
	before := time.Local
	time.Local = zone(t, "America/New_York")
	t.Cleanup(func() { time.Local = before })
}

func at(t testing.TB, text string) time.Time {
	t.Helper()
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func TestCronTicksByTheClockOfItsZone(t *testing.T) {
	abroad(t)
	tests := []struct{ name, expr, now, last, next string }{
		{"in the night", "0 1 * * *", "2018-07-02T02:30:00+07:00", "2018-07-02T01:00:00+07:00", "2018-07-03T01:00:00+07:00"},
		{"just before", "0 1 * * *", "2018-07-02T00:59:59+07:00", "2018-07-01T01:00:00+07:00", "2018-07-02T01:00:00+07:00"},
		{"at the tick itself", "0 1 * * *", "2018-07-02T01:00:00+07:00", "2018-07-02T01:00:00+07:00", "2018-07-03T01:00:00+07:00"},
		{"the hour New York skips", "30 13 * * *", "2018-03-11T14:00:00+07:00", "2018-03-11T13:30:00+07:00", "2018-03-12T13:30:00+07:00"},
		{"the hour New York has twice", "30 12 * * *", "2018-11-04T13:00:00+07:00", "2018-11-04T12:30:00+07:00", "2018-11-05T12:30:00+07:00"},
		{"a moment given in UTC", "0 1 * * *", "2018-07-01T18:00:00Z", "2018-07-02T01:00:00+07:00", "2018-07-03T01:00:00+07:00"},
		{"working days", "0 1 * * 1-5", "2018-07-08T12:00:00+07:00", "2018-07-06T01:00:00+07:00", "2018-07-09T01:00:00+07:00"},
		{"each quarter of an hour", "*/15 * * * *", "2018-07-02T02:31:00+07:00", "2018-07-02T02:30:00+07:00", "2018-07-02T02:45:00+07:00"},
		{"once a month", "0 2 1 * *", "2018-07-31T02:00:00+07:00", "2018-07-01T02:00:00+07:00", "2018-08-01T02:00:00+07:00"},
		{"once in four years", "0 0 29 2 *", "2018-07-02T00:00:00+07:00", "2016-02-29T00:00:00+07:00", "2020-02-29T00:00:00+07:00"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := ParseCron(test.expr, vietnam(t))
			if err != nil {
				t.Fatal(err)
			}
			now := at(t, test.now)
			got := []string{c.Last(now).Format(time.RFC3339), c.Next(now).Format(time.RFC3339)}
			if diff := cmp.Diff([]string{test.last, test.next}, got); diff != "" {
				t.Errorf("last and next tick (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCronRefusesWhatOthersReadOtherwise(t *testing.T) {
	for _, expr := range []string{"@daily", "@every 1h", "0 0 1 * * *", "1 * * *", "CRON_TZ=UTC 0 1 * *", "0 25 * * *", "0 0 30 2 *", "a b c d e"} {
		if _, err := ParseCron(expr, vietnam(t)); err == nil {
			t.Errorf("%q was taken", expr)
		}
	}
	if _, err := ParseCron("0 1 * * *", nil); err == nil || !strings.Contains(err.Error(), "zone") {
		t.Errorf("without a zone: %v", err)
	}
}

func TestNoCronNeverTicks(t *testing.T) {
	c, err := ParseCron("  ", vietnam(t))
	if err != nil {
		t.Fatal(err)
	}
	if now := time.Now(); !c.Last(now).IsZero() || !c.Next(now).IsZero() {
		t.Error("it ticks")
	}
}

func FuzzCron(f *testing.F) {
	f.Add("0 1 * * *", int64(1530500000))
	f.Add("*/7 3-9 1,15 2 MON-FRI", int64(1582934400))
	f.Add("0 0 29 2 *", int64(4102444800))
	z := vietnam(f)
	f.Fuzz(func(t *testing.T, expr string, unix int64) {
		now := time.Unix(unix%(1<<33), 0)
		c, err := ParseCron(expr, z)
		if err != nil {
			return
		}
		last := c.Last(now)
		if last.IsZero() {
			return
		}
		if last.After(now) {
			t.Fatalf("%q: last tick %s after %s", expr, last, now)
		}
		if next := c.Next(last); !next.IsZero() && !next.After(now) {
			t.Fatalf("%q: %s was no last tick at %s: %s", expr, last, now, next)
		}
	})
}
