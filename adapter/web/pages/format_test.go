package pages

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/adapter/web"
	"github.com/doisoat/doisoat/adapter/web/access"
	"github.com/doisoat/doisoat/reconcile"
)

var testZone = time.FixedZone("+07", 7*60*60)

func TestMomentsAsTheyAreRead(t *testing.T) {
	for text, want := range map[string]string{
		"2018-07-02T08:00:00+07:00": "08:00 02/07/2018",
		"2018-07-02T20:30:00Z":      "03:30 03/07/2018",
		"2018-07-02":                "02/07/2018",
		"":                          "",
		"yesterday":                 "yesterday",
	} {
		if got := moment(text, testZone); got != want {
			t.Errorf("moment(%q) = %q, want %q", text, got, want)
		}
	}
	if got := day("2018-07-02T20:30:00Z", testZone); got != "03/07/2018" {
		t.Errorf("day = %q", got)
	}
}

func TestNumbersAreGrouped(t *testing.T) {
	for n, want := range map[int][2]string{0: {"0", "0"}, 907: {"907", "907"}, 1907: {"1.907", "1,907"}, 1234567: {"1.234.567", "1,234,567"}, -1907: {"−1.907", "−1,907"}} {
		if got := [2]string{number(n, vi), number(n, en)}; got != want {
			t.Errorf("number(%d) = %q, want %q", n, got, want)
		}
	}
	if got := signed(12, vi); got != "+12" {
		t.Errorf("signed(12) = %q", got)
	}
}

func TestDurationsInWords(t *testing.T) {
	for text, want := range map[string][2]string{"8h": {"8 giờ", "8 h"}, "2h30m": {"2 giờ 30 phút", "2 h 30 min"}, "15m": {"15 phút", "15 min"}, "0s": {"0 giờ", "0 h"}, "soon": {"soon", "soon"}} {
		if got := [2]string{hours(text, vi), hours(text, en)}; got != want {
			t.Errorf("hours(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestDaysAsClerksWriteThem(t *testing.T) {
	want := time.Date(2018, 7, 2, 0, 0, 0, 0, testZone)
	for _, text := range []string{"2018-07-02", "02/07/2018", "2/7/2018", " 2-7-2018 "} {
		if got, ok := readDay(text, testZone); !ok || !got.Equal(want) {
			t.Errorf("readDay(%q) = %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "31/06/2018", "7/2018", "0001-01-01", "9999-12-31", "x"} {
		if got, ok := readDay(text, testZone); ok {
			t.Errorf("readDay(%q) = %v, want none", text, got)
		}
	}
}

func TestAFilterComesBackFromItsAddress(t *testing.T) {
	f := filter{State: "open", Department: "KT & TP", Kind: reconcile.ResolvedNotClosed, Effect: reconcile.FalseOverdue, Code: "000.00/16 H57+?", Unstable: true, Order: web.BySince, After: "abc"}
	q, err := url.ParseQuery(f.values().Encode())
	if err != nil {
		t.Fatal(err)
	}
	got, err := filterOf(q)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f, got); diff != "" {
		t.Error(diff)
	}
	if got := (filter{}).link(func(*filter) {}); got != "/discrepancies" {
		t.Errorf("link of nothing chosen = %q", got)
	}
}

func TestAFilterThatCannotBeReadChoosesNothing(t *testing.T) {
	for _, query := range []string{"state=opne", "kind=x", "effect=x", "order=x", "department=%00", "code=%ff", "after=" + string(make([]byte, 2000))} {
		q, err := url.ParseQuery(query)
		if err != nil {
			q = url.Values{"after": {string(make([]byte, 2000))}}
		}
		if _, err := filterOf(q); err == nil {
			t.Errorf("%q was taken", query)
		}
	}
	f := filter{After: "not a place"}
	if _, err := f.query(access.Everything()); err == nil {
		t.Error("a place that is none was taken")
	}
}

func TestAPlaceComesBack(t *testing.T) {
	want := &web.Cursor{Kind: reconcile.Reopened, Department: "KT", Code: "000-1", Side: reconcile.Office, Since: 1530493200000}
	got, err := readPlace(writePlace(want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzPlace(f *testing.F) {
	f.Add(writePlace(&web.Cursor{Kind: reconcile.Reopened, Department: "KT", Code: "000-1"}))
	f.Add("e30")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := readPlace(text)
		if err != nil {
			return
		}
		again, err := readPlace(writePlace(c))
		if err != nil || *again != *c {
			t.Errorf("%q: %v became %v, %v", text, c, again, err)
		}
	})
}

func TestQuarters(t *testing.T) {
	q, ok := readQuarter("2018-Q2")
	from, to := q.days(testZone)
	if !ok || from.Format(time.DateOnly) != "2018-04-01" || to.Format(time.DateOnly) != "2018-06-30" {
		t.Errorf("2018-Q2 = %v to %v, %v", from, to, ok)
	}
	if got := (quarter{2018, 1}).before(); got != (quarter{2017, 4}) {
		t.Errorf("before 2018-Q1 is %v", got)
	}
	for _, text := range []string{"", "2018-Q5", "2018-Q0", "2018Q2", "2018-Q2x", "18-Q2", "-018-Q2"} {
		if q, ok := readQuarter(text); ok {
			t.Errorf("readQuarter(%q) = %v", text, q)
		}
	}
}

func TestAKeyOfYAMLHoldsAnything(t *testing.T) {
	for text, want := range map[string]string{
		"Chờ ký": `"Chờ ký"`, `a"b\c`: `"a\"b\\c"`, "x: y\n#z": `"x: y\n#z"`, "\u202etxt": `"\u202Etxt"`, "\x00": `"\u0000"`,
	} {
		if got := yamlKey(text); got != want {
			t.Errorf("yamlKey(%q) = %s, want %s", text, got, want)
		}
	}
	if got := mappingLine(web.Unmapped{Field: "status", Value: "Chờ ký"}); got != "statuses:\n  \"Chờ ký\": processing" {
		t.Errorf("mappingLine = %q", got)
	}
}

func TestHowFreshTheDataAre(t *testing.T) {
	now := time.Date(2018, 7, 2, 8, 0, 0, 0, testZone)
	fresh := web.Source{Name: "a", Up: true, AsOf: "2018-07-02T07:50:00+07:00", LastSuccessAt: "2018-07-02T07:50:00+07:00", PollEvery: "15m"}
	old := fresh
	old.Name, old.AsOf, old.LastSuccessAt = "b", "2018-07-02T07:00:00+07:00", "2018-07-02T07:00:00+07:00"
	down := fresh
	down.Name, down.Up = "c", false
	got := freshnessOf([]web.Source{fresh, old, down, {Name: "d"}}, now)
	want := freshness{AsOf: old.AsOf, Stale: []string{"b", "c"}, Never: []string{"d"}, Any: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
