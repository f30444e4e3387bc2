package rest

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// changing is a platform whose dossier number i was changed on day i.
type changing struct {
	n      int
	grand  bool // the total counts everything, whatever was asked for
	lost   int  // of the changes, so many do not come
	clamps bool // a page behind the end is the last page again
	beyond int  // status for a page behind the end
	future func(w http.ResponseWriter) bool

	mu   *sync.Mutex
	list []string
}

// asked are the list's requests since it was last asked this.
func (c *changing) asked() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := c.list
	c.list = nil
	return asked
}

func firstDay() time.Time { return vn(2018, 1, 1, 0, 0, 0) }

func (c *changing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	c.mu.Lock()
	c.list = append(c.list, q.Get("updatedFrom")+" "+q.Get("PageNumber")+q.Get("start"))
	c.mu.Unlock()
	from := 0
	if text := q.Get("updatedFrom"); text != "" {
		since, err := time.ParseInLocation("20060102150405", text, vietnam())
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		from = min(max(int((since.Sub(firstDay())+day-1)/day), 0), c.n)
		if from == c.n && c.future != nil && c.future(w) {
			return
		}
	}
	all := dossiers(from, c.n)
	total := len(all)
	if c.grand {
		total = c.n
	}
	if from > 0 && total > 0 {
		all = all[:max(len(all)-c.lost, 0)]
	}
	first, size := (number(r, "PageNumber")-1)*number(r, "PageSize"), number(r, "PageSize")
	if q.Has("start") {
		first, size = number(r, "start"), number(r, "end")-number(r, "start")
	}
	if first >= len(all) && first > 0 {
		if c.beyond > 0 {
			w.WriteHeader(c.beyond)
			return
		}
		if c.clamps && len(all) > 0 {
			first = (len(all) - 1) / size * size
		}
	}
	first = min(first, len(all))
	reply(w, map[string]any{"data": all[first:min(first+size, len(all))], "totalCount": total})
}

func sinceConfig(url string, size int) Config {
	cfg := pageConfig(url, size)
	cfg.List.Since = &Since{Param: "updatedFrom", Layout: "yyyyMMddHHmmss"}
	return cfg
}

// incremental polls for what was changed on day n or after.
func incremental(t *testing.T, s *Source, n int) (reconcile.Poll, *gathered) {
	t.Helper()
	return poll(t, s, reconcile.PollRequest{Mode: reconcile.Incremental, Since: firstDay().AddDate(0, 0, n)})
}

func TestTotalsOfIncrementalPolls(t *testing.T) {
	cases := []struct {
		name     string
		srv      changing
		full     bool // a full poll comes first
		since    int  // of 100 dossiers
		rows     int
		declared int
		asks     bool // for the changes since tomorrow
	}{
		{"filtered", changing{}, false, 95, 5, 5, false},
		{"filtered, several pages", changing{}, false, 47, 53, 53, false},
		{"filtered, nothing changed", changing{}, false, 100, 0, 0, false},
		{"filtered, everything changed", changing{}, false, 0, 100, 100, false},
		{"filtered, and rows are missing", changing{lost: 2}, false, 95, 3, 5, true},
		{"filtered, and rows are missing after a full poll", changing{lost: 2}, true, 95, 3, 5, true},
		{"grand", changing{grand: true}, false, 95, 5, -1, true},
		{"grand, several pages", changing{grand: true}, true, 47, 53, -1, true},
		{"grand, nothing changed", changing{grand: true}, true, 100, 0, -1, true},
		{"grand, everything changed", changing{grand: true}, true, 0, 100, 100, false},
		{"grand, the last page again and again", changing{grand: true, clamps: true}, true, 93, 7, -1, true},
		{"grand, 404 behind the end", changing{grand: true, beyond: 404}, true, 93, 7, -1, true},
		{"tomorrow is refused", changing{grand: true, future: func(w http.ResponseWriter) bool { w.WriteHeader(400); return true }}, true, 95, 5, -1, true},
		{"tomorrow gives everything", changing{grand: true, future: func(w http.ResponseWriter) bool {
			reply(w, map[string]any{"data": dossiers(0, 10), "totalCount": 100})
			return true
		}}, true, 95, 5, -1, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			srv := c.srv
			srv.n, srv.mu = 100, &sync.Mutex{}
			s := source(t, sinceConfig(serve(t, srv.ServeHTTP), 10))
			s.client.now = func() time.Time { return firstDay().AddDate(0, 0, 99) }
			if c.full {
				p, _ := poll(t, s, reconcile.PollRequest{})
				same(t, "declared in full", p.DeclaredTotal, 100)
			}
			srv.asked()
			tomorrow := func(ask string) bool { return strings.HasPrefix(ask, "20180411") }
			for again := range 3 {
				p, g := incremental(t, s, c.since)
				if !p.EndReached {
					t.Fatalf("%s: %s", p.Cause, p.Reason)
				}
				same(t, "rows", g.codes(), append([]string(nil), codesUpTo(100)[c.since:c.since+c.rows]...))
				same(t, "declared", p.DeclaredTotal, c.declared)
				if asked := srv.asked(); c.since < 100 && slices.ContainsFunc(asked, tomorrow) != (c.asks && again == 0) {
					t.Errorf("poll %d asked for %q", again+1, asked)
				}
			}
		})
	}
}

// Once a total equal to the changes has come that a full poll's is not, those
// of later polls are held to it without asking.
func TestTotalsAreLearntInPassing(t *testing.T) {
	srv := &changing{n: 100, mu: &sync.Mutex{}}
	s := source(t, sinceConfig(serve(t, srv.ServeHTTP), 10))
	s.client.now = func() time.Time { return firstDay().AddDate(0, 0, 99) }
	poll(t, s, reconcile.PollRequest{})
	incremental(t, s, 95)
	srv.lost = 1
	srv.asked()
	p, g := incremental(t, s, 95)
	same(t, "rows", len(g.values), 4)
	same(t, "declared", p.DeclaredTotal, 5)
	for _, ask := range srv.asked() {
		if !strings.HasPrefix(ask, "20180406") {
			t.Errorf("asked for %q", ask)
		}
	}
}

func TestTotalsBeyondTheChangesDoNotMakeItFetchAhead(t *testing.T) {
	srv := &changing{n: 1000, grand: true, mu: &sync.Mutex{}}
	s := source(t, sinceConfig(serve(t, srv.ServeHTTP), 10))
	s.client.now = func() time.Time { return firstDay().AddDate(0, 0, 999) }
	incremental(t, s, 995)
	srv.asked()
	p, _ := incremental(t, s, 995)
	if p.Requests != 2 { // the page, and the empty one behind it
		t.Errorf("%d requests: %q", p.Requests, srv.asked())
	}
}

func TestTotalsOfIncrementalRanges(t *testing.T) {
	for _, grand := range []bool{false, true} {
		srv := &changing{n: 100, grand: grand, mu: &sync.Mutex{}}
		cfg := sinceConfig(serve(t, srv.ServeHTTP), 10)
		cfg.List.Paging = Paging{Range: &RangePaging{Start: "start", End: "end", Size: 10}}
		s := source(t, cfg)
		s.client.now = func() time.Time { return firstDay().AddDate(0, 0, 99) }
		p, g := incremental(t, s, 75)
		complete(t, p, g, codesUpTo(100)[75:])
		want := 25
		if grand {
			want = -1
		}
		same(t, "declared", p.DeclaredTotal, want)
	}
}

// Cursors end by their own word; a total beyond them takes nothing from that.
func TestTotalsOfIncrementalCursors(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		out := map[string]any{"data": dossiers(0, 2), "totalCount": 900, "next": "x"}
		switch {
		case strings.HasPrefix(r.URL.Query().Get("updatedFrom"), "20180703"):
			out = map[string]any{"data": []any{}, "totalCount": 900}
		case r.URL.Query().Get("cursor") == "x":
			out = map[string]any{"data": dossiers(2, 4), "totalCount": 900}
		}
		reply(w, out)
	})
	cfg := sinceConfig(url, 2)
	cfg.List.Paging = Paging{Cursor: &CursorPaging{Param: "cursor", Next: "next", Size: 2}}
	s := source(t, cfg)
	s.client.now = func() time.Time { return vn(2018, 7, 2, 9, 0, 0) }
	p, g := poll(t, s, reconcile.PollRequest{Mode: reconcile.Incremental, Since: vn(2018, 7, 2, 8, 0, 0)})
	complete(t, p, g, codesUpTo(4))
	same(t, "declared", p.DeclaredTotal, -1)
}

// Windows that begin later bound the changes as they bound a full poll: their
// totals count as those of a full poll do.
func TestTotalsOfIncrementalWindowsCount(t *testing.T) {
	srv := &byDay{t: t, layout: "20060102150405", in: func(at, from, to time.Time) bool { return !at.Before(from) && at.Before(to) }}
	for at := vn(2018, 4, 1, 0, 0, 0); at.Before(vn(2018, 4, 30, 0, 0, 0)); at = at.Add(6 * time.Hour) {
		srv.received = append(srv.received, at)
	}
	cfg := windowConfig(serve(t, srv.ServeHTTP), "yyyyMMddHHmmss")
	cfg.List.Since = &Since{Layout: "yyyyMMddHHmmss", Overlap: time.Hour}
	s := source(t, cfg)
	s.client.now = func() time.Time { return vn(2018, 4, 30, 0, 0, 0) }
	p, g := poll(t, s, reconcile.PollRequest{Mode: reconcile.Incremental, Since: vn(2018, 4, 20, 7, 0, 0)})
	same(t, "mode", p.Mode, reconcile.Incremental)
	complete(t, p, g, codesUpTo(116)[77:]) // since 06:00, the overlap counted
	same(t, "declared", p.DeclaredTotal, 39)
}
