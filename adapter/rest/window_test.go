package rest

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

func vietnam() *time.Location { return time.FixedZone("+07", 7*60*60) }

func vn(y int, m time.Month, d, hour, minute, sec int) time.Time {
	return time.Date(y, m, d, hour, minute, sec, 0, vietnam())
}

// byDay is a platform that answers for five days at most, by the time at which
// each dossier was received.
type byDay struct {
	t        *testing.T
	layout   string // Go's
	received []time.Time
	in       func(at, from, to time.Time) bool
	noTotal  bool
}

func (b *byDay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	from, err1 := time.ParseInLocation(b.layout, q.Get("from_date"), vietnam())
	to, err2 := time.ParseInLocation(b.layout, q.Get("to_date"), vietnam())
	if err1 != nil || err2 != nil || to.Sub(from) > 5*day || !to.After(from) {
		b.t.Errorf("asked for %s", r.URL)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var all []any
	for i, at := range b.received {
		if b.in(at, from, to) {
			all = append(all, dossier(i))
		}
	}
	offset, limit := number(r, "offset"), number(r, "limit")
	out := map[string]any{"data": all[min(offset, len(all)):min(offset+limit, len(all))]}
	if !b.noTotal {
		out["total"] = len(all)
	}
	if all == nil {
		out["data"] = []any{}
	}
	reply(w, out)
}

func windowConfig(url, layout string) Config {
	return Config{URL: url, List: List{
		Path: "dkkd", Items: "data", Total: "total",
		Paging: Paging{Offset: &OffsetPaging{Offset: "offset", Limit: "limit", Size: 7}},
		Window: &Window{From: "from_date", To: "to_date", Layout: layout, Max: 5 * day, Start: vn(2018, 4, 1, 0, 0, 0)},
	}}
}

func TestWindowsNeitherLoseNorCountTwice(t *testing.T) {
	now := vn(2018, 6, 30, 14, 30, 15).Add(700 * time.Millisecond)
	var received []time.Time
	for at := vn(2018, 4, 1, 0, 0, 0); !at.After(now); at = at.Add(6 * time.Hour) { // midnights are on the bounds
		received = append(received, at)
	}
	received = append(received, now.Add(-time.Millisecond))
	bounds := map[string]func(at, from, to time.Time) bool{
		"both inclusive": func(at, from, to time.Time) bool { return !at.Before(from) && !at.After(to) },
		"half open":      func(at, from, to time.Time) bool { return !at.Before(from) && at.Before(to) },
		"whole days": func(at, from, to time.Time) bool {
			l := &layout{zone: vietnam(), unit: day}
			return !l.floor(at).Before(l.floor(from)) && !l.floor(at).After(l.floor(to))
		},
	}
	layouts := map[string]string{"yyyyMMddHHmmss": "20060102150405", "dd/MM/yyyy": "02/01/2006", "yyyy-MM-dd'T'HH:mm:ssXXX": time.RFC3339}
	for bound, in := range bounds {
		for pattern, golayout := range layouts {
			for _, noTotal := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, without total %t", bound, pattern, noTotal), func(t *testing.T) {
					srv := &byDay{t: t, layout: golayout, received: received, in: in, noTotal: noTotal}
					cfg := windowConfig(serve(t, srv.ServeHTTP), pattern)
					if noTotal {
						cfg.List.Total = ""
					}
					s := source(t, cfg)
					s.client.now = func() time.Time { return now }
					p, g := poll(t, s, reconcile.PollRequest{})
					if !p.EndReached {
						t.Fatalf("end not reached: %s", p.Reason)
					}
					distinct := map[string]bool{}
					for _, c := range g.codes() {
						distinct[c] = true
					}
					same(t, "dossiers", len(distinct), len(received))
					same(t, "rows", len(g.values), len(received))
					want := len(received)
					if noTotal {
						want = -1
					}
					same(t, "declared", p.DeclaredTotal, want)
					same(t, "place", g.at[0], "2018-04-01 00:00 – 2018-04-06 00:00, page 1, row 1")
				})
			}
		}
	}
}

func TestCut(t *testing.T) {
	l, err := compileLayout("yyyyMMdd", vietnam())
	if err != nil {
		t.Fatal(err)
	}
	ws := cut(l, vn(2018, 4, 1, 9, 0, 0), vn(2018, 4, 12, 9, 0, 0), 5*day)
	var got []string
	for _, w := range ws {
		got = append(got, l.format(w.from)+"-"+l.format(w.to))
	}
	same(t, "windows", got, []string{"20180401-20180406", "20180406-20180411", "20180411-20180413"})
	same(t, "none in the future", len(cut(l, vn(2018, 4, 2, 0, 0, 0), vn(2018, 4, 1, 9, 0, 0), day)), 0)

	// A day of 25 hours, where clocks change.
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no zone data")
	}
	l, err = compileLayout("yyyyMMdd", berlin)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "windows over a change of clocks", len(cut(l, time.Date(2018, 10, 27, 0, 0, 0, 0, berlin), time.Date(2018, 10, 30, 0, 0, 0, 0, berlin), day)), 3)
}

func TestIncrementalPolls(t *testing.T) {
	var asked []string
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RawQuery)
		reply(w, []any{})
	})
	since := vn(2018, 7, 2, 8, 0, 0)
	cases := []struct {
		name string
		list List
		req  reconcile.PollRequest
		mode reconcile.Mode
		want []string
	}{
		{
			"a parameter of its own", List{Since: &Since{Param: "updatedFrom", Layout: "yyyyMMddHHmmss", Overlap: 10 * time.Minute}},
			reconcile.PollRequest{Mode: reconcile.Incremental, Since: since}, reconcile.Incremental, []string{"updatedFrom=20180702075000"},
		},
		{
			"a full poll leaves it out", List{Query: map[string]string{"s": "${since}", "x": ""}, Since: &Since{Param: "updatedFrom", Layout: "epoch"}},
			reconcile.PollRequest{Mode: reconcile.Full, Since: since}, reconcile.Full, []string{"x="},
		},
		{
			"a placeholder", List{Query: map[string]string{"filter": "updated ge ${since}"}, Since: &Since{Layout: "epoch_ms"}},
			reconcile.PollRequest{Mode: reconcile.Incremental, Since: since}, reconcile.Incremental, []string{"filter=updated+ge+1530493200000"},
		},
		{
			"not possible", List{},
			reconcile.PollRequest{Mode: reconcile.Incremental, Since: since}, reconcile.Full, []string{""},
		},
		{
			"windows that begin later", List{
				Since:  &Since{Layout: "yyyyMMdd", Overlap: day},
				Window: &Window{From: "f", To: "t", Layout: "dd/MM/yyyy", Max: 5 * day, Start: vn(2018, 1, 1, 0, 0, 0)},
			},
			reconcile.PollRequest{Mode: reconcile.Incremental, Since: since}, reconcile.Incremental, []string{"f=01%2F07%2F2018&t=04%2F07%2F2018"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			asked = nil
			s := source(t, Config{URL: url, List: c.list})
			s.client.now = func() time.Time { return vn(2018, 7, 3, 9, 0, 0) }
			p, _ := poll(t, s, c.req)
			same(t, "mode", p.Mode, c.mode)
			same(t, "queries", asked, c.want)
		})
	}
}

func TestLayouts(t *testing.T) {
	at := time.Date(2018, 7, 2, 5, 3, 9, 7e6, time.UTC)
	for pattern, want := range map[string]string{
		"yyyyMMddHHmmss":                  "20180702120309",
		"dd/MM/yyyy HH:mm:ss":             "02/07/2018 12:03:09",
		"d/M/yyyy":                        "2/7/2018",
		"yyyy-MM-dd'T'HH:mm:ss.SSSXXX":    "2018-07-02T12:03:09.007+07:00",
		"yyyy-MM-dd'T'HH:mm:ssZ":          "2018-07-02T12:03:09+0700",
		"'ngày' dd 'o''clock' '' MM yyyy": "ngày 02 o'clock ' 07 2018",
		"yyyy年MM月dd":                      "2018年07月02",
		"epoch":                           "1530507789",
		"epoch_ms":                        "1530507789007",
	} {
		l, err := compileLayout(pattern, nil)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		same(t, pattern, l.format(at), want)
	}
	for _, pattern := range []string{"", "yyyyMMddhhmm", "yyyyMMdd'", "2006-01-02", "yyyyMMddEEE", "yyyyMM", "yyyymmdd"} {
		if _, err := compileLayout(pattern, nil); err == nil {
			t.Errorf("%q is accepted", pattern)
		}
	}
}

func TestLayoutFloorAndCeil(t *testing.T) {
	at := vn(2018, 7, 2, 12, 3, 9).Add(7 * time.Millisecond)
	for pattern, want := range map[string][2]time.Time{
		"yyyyMMdd":       {vn(2018, 7, 2, 0, 0, 0), vn(2018, 7, 3, 0, 0, 0)},
		"yyyyMMddHH":     {vn(2018, 7, 2, 12, 0, 0), vn(2018, 7, 2, 13, 0, 0)},
		"yyyyMMddHHmm":   {vn(2018, 7, 2, 12, 3, 0), vn(2018, 7, 2, 12, 4, 0)},
		"yyyyMMddHHmmss": {vn(2018, 7, 2, 12, 3, 9), vn(2018, 7, 2, 12, 3, 10)},
		"epoch_ms":       {at, at},
	} {
		l, err := compileLayout(pattern, nil)
		if err != nil {
			t.Fatal(err)
		}
		if f, c := l.floor(at), l.ceil(at); !f.Equal(want[0]) || !c.Equal(want[1]) {
			t.Errorf("%s: %s, %s", pattern, f, c)
		}
	}
}
