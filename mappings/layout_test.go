package mappings

import (
	"testing"
	"time"
)

func TestLayoutReads(t *testing.T) {
	vietnam := time.FixedZone("", 7*3600)
	at := func(y, mo, d, h, mi, s int) time.Time { return time.Date(y, time.Month(mo), d, h, mi, s, 0, vietnam) }
	tests := []struct {
		pattern, raw string
		want         time.Time
		dateOnly     bool
	}{
		{"yyyyMMddHHmmss", "20180702080910", at(2018, 7, 2, 8, 9, 10), false},
		{"yyyyMMddHHmm", "201807020809", at(2018, 7, 2, 8, 9, 0), false},
		{"dd/MM/yyyy HH:mm:ss", "02/07/2018 08:09:10", at(2018, 7, 2, 8, 9, 10), false},
		{"dd/MM/yyyy HH:mm:ss", "\u00a0 02/07/2018 \u00a0 08:09:10 ", at(2018, 7, 2, 8, 9, 10), false},
		{"dd/MM/yyyy HH:mm", "02/07/2018\n08:09", at(2018, 7, 2, 8, 9, 0), false},
		{"dd/MM/yyyy", "29/02/2016", at(2016, 2, 29, 0, 0, 0), true},
		{"d/M/yyyy", "2/7/2018", at(2018, 7, 2, 0, 0, 0), true},
		{"d/M/yyyy", "02/07/2018", at(2018, 7, 2, 0, 0, 0), true},
		{"dd/MM/yy", "02/07/18", at(2018, 7, 2, 0, 0, 0), true},
		{"H'h'mm 'ngày' d/M/yyyy", "8h09 ngày 2/7/2018", at(2018, 7, 2, 8, 9, 0), false},
		{"H'h'mm 'ngày' d/M/yyyy", "8h09 nga\u0300y 2/7/2018", at(2018, 7, 2, 8, 9, 0), false},
		{"d/M/yyyy h:mm a", "2/7/2018 12:05 SA", at(2018, 7, 2, 0, 5, 0), false},
		{"d/M/yyyy h:mm a", "2/7/2018 12:05 pm", at(2018, 7, 2, 12, 5, 0), false},
		{"d/M/yyyy hh:mm a", "2/7/2018 03:05 CH", at(2018, 7, 2, 15, 5, 0), false},
		{"yyyy-MM-dd'T'HH:mm:ss'Z'", "2018-07-02T08:09:10Z", at(2018, 7, 2, 8, 9, 10), false},
		{"yyyy-MM-dd'T'HH:mm:ssX", "2018-07-02T01:09:10Z", at(2018, 7, 2, 8, 9, 10), false},
		{"yyyy-MM-dd'T'HH:mm:ssZ", "2018-07-02T08:09:10+0700", at(2018, 7, 2, 8, 9, 10), false},
		{"yyyy-MM-dd'T'HH:mm:ssXXX", "2018-07-01T20:39:10-04:30", at(2018, 7, 2, 8, 9, 10), false},
		{"yyyy-MM-dd'T'HH:mm:ss.SSSZ", "2018-07-02T08:09:10.500+07", at(2018, 7, 2, 8, 9, 10).Add(500 * time.Millisecond), false},
		{"yyyy-MM-dd HH:mm:ss.SSSSSSS", "2018-07-02 08:09:10.1234567", at(2018, 7, 2, 8, 9, 10).Add(123456700), false},
		{"yyyy''MM''dd", "2018'07'02", at(2018, 7, 2, 0, 0, 0), true},
		{"epoch", "1530493750", at(2018, 7, 2, 8, 9, 10), false},
		{"epoch_ms", "1530493750250", at(2018, 7, 2, 8, 9, 10).Add(250 * time.Millisecond), false},
		{"dd/MM/yyyy", "01/01/1900", at(1900, 1, 1, 0, 0, 0), true},
	}
	for _, test := range tests {
		t.Run(test.pattern+" "+test.raw, func(t *testing.T) {
			d := datesOf(t, vietnam, test.pattern)
			got, how := d.read(test.raw)
			if how != fits || !got.Time.Equal(test.want) || got.DateOnly != test.dateOnly {
				t.Errorf("got %v (date only %v), fit %v; want %v", got.Time, got.DateOnly, how, test.want)
			}
		})
	}
}

func TestLayoutRefuses(t *testing.T) {
	tests := []struct {
		name, pattern, raw string
		want               fit
	}{
		{"31 February", "dd/MM/yyyy", "31/02/2018", impossible},
		{"29 February of a common year", "dd/MM/yyyy", "29/02/2018", impossible},
		{"29 February 2100", "dd/MM/yyyy", "29/02/2100", impossible},
		{"month 13", "dd/MM/yyyy", "01/13/2018", impossible},
		{"month 0", "dd/MM/yyyy", "01/00/2018", impossible},
		{"day 0", "dd/MM/yyyy", "00/01/2018", impossible},
		{"hour 24", "yyyyMMddHHmmss", "20180702240000", impossible},
		{"minute 60", "yyyyMMddHHmmss", "20180702236000", impossible},
		{"second 60", "yyyyMMddHHmmss", "20180702235960", impossible},
		{"hour 13 with a mark", "d/M/yyyy h:mm a", "2/7/2018 13:05 CH", impossible},
		{"hour 0 with a mark", "d/M/yyyy h:mm a", "2/7/2018 0:05 SA", impossible},
		{"year before 1900", "dd/MM/yyyy", "31/12/1899", impossible},
		{"year after 2200", "dd/MM/yyyy", "01/01/2201", impossible},
		{"filler 0001", "yyyy-MM-dd", "0001-01-01", impossible},
		{"offset of no place", "yyyy-MM-dd HH:mmX", "2018-07-02 08:09+15", impossible},
		{"epoch beyond 2200", "epoch", "1530493750250", impossible},
		{"text behind", "dd/MM/yyyy", "02/07/2018 x", unlike},
		{"time behind", "dd/MM/yyyy", "02/07/2018 08:00", unlike},
		{"too short", "dd/MM/yyyy HH:mm", "02/07/2018", unlike},
		{"one digit where two are asked", "dd/MM/yyyy", "2/07/2018", unlike},
		{"another sign", "dd/MM/yyyy", "02-07-2018", unlike},
		{"letters", "dd/MM/yyyy", "chưa trả", unlike},
		{"full-width digits", "dd/MM/yyyy", "０2/07/2018", unlike},
		{"no blank", "dd/MM/yyyy HH:mm", "02/07/201808:00", unlike},
		{"negative epoch", "epoch", "-1", unlike},
		{"epoch with text", "epoch", "15304x", unlike},
		{"missing offset", "yyyy-MM-dd HH:mmX", "2018-07-02 08:09", unlike},
		{"missing mark", "d/M/yyyy h:mm a", "2/7/2018 1:05 ", unlike},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := datesOf(t, time.UTC, test.pattern)
			if got, how := d.read(test.raw); how != test.want || got.Known() {
				t.Errorf("got %v, fit %v, want %v", got.Time, how, test.want)
			}
		})
	}
}

func TestAmbiguousLayouts(t *testing.T) {
	tests := []struct {
		a, b  string
		clash bool
	}{
		{"dd/MM/yyyy", "MM/dd/yyyy", true},
		{"d/M/yyyy", "M/d/yyyy", true},
		{"d/M/yyyy", "MM/dd/yyyy", true},
		{"yyyyMMdd", "yyyyddMM", true},
		{"dd/MM/yy", "yy/MM/dd", true},
		{"dd/MM/yyyy HH:mm", "MM/dd/yyyy HH:mm", true},
		{"yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm:ssX", true},
		{"HH:mm dd/MM/yyyy", "mm:HH dd/MM/yyyy", true},
		{"epoch", "epoch_ms", true},
		{"dd/MM/yyyy", "d/M/yyyy", false},
		{"dd/MM/yyyy", "dd/MM/yy", false},
		{"dd/MM/yyyy", "yyyy/MM/dd", false},
		{"ddMMyyyy", "yyyyMMdd", false}, // no year from 1900 to 2200 fits both
		{"dd/MM/yyyy", "dd/MM/yyyy HH:mm", false},
		{"epoch_ms", "yyyyMMddHHmmss", false},
	}
	for _, test := range tests {
		t.Run(test.a+" "+test.b, func(t *testing.T) {
			a, err := compileLayout(test.a)
			if err != nil {
				t.Fatal(err)
			}
			b, err := compileLayout(test.b)
			if err != nil {
				t.Fatal(err)
			}
			if example, found := clash(a, b); found != test.clash {
				t.Errorf("clash is %v (%s)", found, example)
			}
		})
	}
}

// Whatever a layout writes it reads back, for every day it may lie in.
func TestLayoutReadsWhatItWrites(t *testing.T) {
	for _, pattern := range []string{"yyyyMMddHHmmss", "d/M/yyyy H:m:s", "dd/MM/yy HH:mm:ss", "d/M/yyyy h:mm:ss a", "epoch"} {
		l, err := compileLayout(pattern)
		if err != nil {
			t.Fatal(err)
		}
		w := newWall(time.UTC)
		for at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2100; at = at.Add(29*time.Hour + 61*time.Second) {
			in := reading{year: at.Year(), month: int(at.Month()), day: at.Day(), hour: at.Hour(), minute: at.Minute(), second: at.Second()}
			text := l.write(&in)
			var out reading
			if l.read(text, &out) != fits || !w.moment(&out).Time.Equal(at) {
				t.Fatalf("%s: %v was written %q and read %v", pattern, at, text, w.moment(&out).Time)
			}
		}
	}
}

func datesOf(tb testing.TB, zone *time.Location, patterns ...string) *dates {
	tb.Helper()
	d := &dates{wall: newWall(zone)}
	for _, p := range patterns {
		l, err := compileLayout(p)
		if err != nil {
			tb.Fatalf("%s: %v", p, err)
		}
		d.layouts = append(d.layouts, l)
	}
	return d
}
