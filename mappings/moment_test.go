package mappings

import (
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// The arithmetic must agree with the time package in every zone, across changes
// of its offset: Saigon changed often before 1975, Berlin changes twice a year.
func TestWallAgreesWithTheTimePackage(t *testing.T) {
	for _, name := range []string{"Asia/Ho_Chi_Minh", "UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		w := newWall(zone)
		end := time.Date(2200, 12, 31, 23, 0, 0, 0, time.UTC)
		for at := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC); at.Before(end); at = at.Add(41*time.Hour + 7*time.Minute) {
			r := reading{year: at.Year(), month: int(at.Month()), day: at.Day(), hour: at.Hour(), minute: at.Minute()}
			want := time.Date(r.year, time.Month(r.month), r.day, r.hour, r.minute, 0, 0, zone)
			if got := w.moment(&r).Time; !got.Equal(want) || got.Location() != zone {
				t.Fatalf("%s: got %v, want %v", name, got, want)
			}
		}
	}
}

func TestRealDatesNeedNoLayout(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	d := datesOf(t, zone)
	berlin := time.FixedZone("", 2*3600)
	at := time.Date(2018, 7, 2, 8, 9, 10, 0, berlin)
	for _, raw := range []string{
		reconcile.FormatRealDate(at, false, false),
		reconcile.FormatRealDate(at, true, false),
		reconcile.FormatRealDate(at.UTC(), true, false),
		reconcile.FormatRealDate(at, false, true),
		reconcile.FormatRealDate(at.Add(250*time.Millisecond), false, false),
		reconcile.FormatRealDate(at.Add(250*time.Millisecond), true, false),
	} {
		want, ok := reconcile.ParseRealDate(raw, zone)
		if !ok {
			t.Fatalf("%s is no real date", raw)
		}
		got, how := d.read(raw)
		if how != fits || !got.Time.Equal(want.Time) || got.DateOnly != want.DateOnly || got.Time.Location() != zone {
			t.Errorf("%s: got %v, want %v", raw, got, want)
		}
	}
}

func TestRealDatesOutsideTheYearsAreRefused(t *testing.T) {
	d := datesOf(t, time.UTC)
	for _, raw := range []string{"date:0001-01-01", "date:9999-12-31T23:59:59", "date:1899-12-31", "date:2018-02-30", "date:", "date:x", "date:9999-12-31T23:59:59.5Z"} {
		if got, how := d.read(raw); how != impossible || got.Known() {
			t.Errorf("%s: got %v, fit %v", raw, got, how)
		}
	}
}

func TestMissing(t *testing.T) {
	d := datesOf(t, time.UTC, "yyyy-MM-dd")
	d.missing = []string{"0000-00-00", "2000-01-01", "chưa có"}
	d.folded = []string{fold("0000-00-00"), fold("2000-01-01"), fold("chưa có")}
	for _, raw := range []string{"", "  ", "\u00a0", "\u200b", "0000-00-00", " 0000-00-00 ", "2000-01-01", "chưa có", "Chưa  CÓ", "chu\u031ba co\u0301"} {
		if got, how := d.read(raw); how != fits || got.Known() {
			t.Errorf("%q: got %v, fit %v", raw, got, how)
		}
	}
	if _, how := d.read("0000-00-01"); how == fits {
		t.Error("what is not listed is not missing")
	}
}

func TestFirstLayoutThatFitsWins(t *testing.T) {
	d := datesOf(t, time.UTC, "dd/MM/yyyy HH:mm:ss", "dd/MM/yyyy", "yyyyMMdd")
	for raw, want := range map[string]bool{"02/07/2018 08:09:10": false, "02/07/2018": true, "20180702": true} {
		if got, how := d.read(raw); how != fits || got.DateOnly != want {
			t.Errorf("%s: date only %v, fit %v", raw, got.DateOnly, how)
		}
	}
}

func TestReadingADateDoesNotAllocate(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		t.Fatal(err)
	}
	d := datesOf(t, zone, "yyyyMMddHHmmss", "dd/MM/yyyy HH:mm:ss", "d/M/yyyy")
	for _, raw := range []string{"20180702080910", "02/07/2018 08:09:10", "2/7/2018", "date:2018-07-02T08:09:10", "date:2018-07-02"} {
		if n := testing.AllocsPerRun(100, func() { d.read(raw) }); n != 0 {
			t.Errorf("%s: %v allocations", raw, n)
		}
	}
}
