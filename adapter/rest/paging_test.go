package rest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

func TestPagingReadsEveryRowOnceInOrder(t *testing.T) {
	const n = 1907
	byPage := func(size int) Paging {
		return Paging{Page: &PagePaging{Param: "PageNumber", SizeParam: "PageSize", Size: size, First: 1}}
	}
	strip := func(w http.ResponseWriter, from, count, limit int, total bool) {
		count = min(count, limit)
		from = min(from, n)
		out := map[string]any{"data": dossiers(from, min(from+count, n))}
		if total {
			out["totalCount"] = fmt.Sprint(n) // as a text
		}
		reply(w, out)
	}
	cases := []struct {
		name    string
		paging  Paging
		total   string
		handler http.HandlerFunc
		most    int // requests
	}{
		{"pages with a total", byPage(500), "totalCount", (&pages{n: n}).ServeHTTP, 4},
		{"pages capped below what was asked", byPage(500), "totalCount", (&pages{n: n, size: 200}).ServeHTTP, 10},
		{"pages capped, without a total", byPage(500), "", (&pages{n: n, size: 200, noTotal: true}).ServeHTTP, 11},
		{"pages without a total", byPage(500), "", (&pages{n: n, noTotal: true}).ServeHTTP, 9},
		{"a single short page with a total", byPage(5000), "totalCount", (&pages{n: n}).ServeHTTP, 1},
		{
			"pages counted from 0",
			Paging{Page: &PagePaging{Param: "p", Size: 100}},
			"totalCount", func(w http.ResponseWriter, r *http.Request) { strip(w, number(r, "p")*100, 100, 100, true) }, 20,
		},
		{
			"range, end exclusive",
			Paging{Range: &RangePaging{Start: "start", End: "end", Size: 500}},
			"totalCount", func(w http.ResponseWriter, r *http.Request) {
				strip(w, number(r, "start"), number(r, "end")-number(r, "start"), 1e6, true)
			}, 4,
		},
		{
			"range capped below what was asked",
			Paging{Range: &RangePaging{Start: "start", End: "end", Size: 500}},
			"totalCount", func(w http.ResponseWriter, r *http.Request) {
				strip(w, number(r, "start"), number(r, "end")-number(r, "start"), 200, true)
			}, 16,
		},
		{
			"offset without a total",
			Paging{Offset: &OffsetPaging{Offset: "skip", Limit: "take", Size: 300}},
			"", func(w http.ResponseWriter, r *http.Request) {
				strip(w, number(r, "skip"), number(r, "take"), 1e6, false)
			}, 14,
		},
		{
			"offset capped, without a total",
			Paging{Offset: &OffsetPaging{Offset: "skip", Limit: "take", Size: 300}},
			"", func(w http.ResponseWriter, r *http.Request) {
				strip(w, number(r, "skip"), number(r, "take"), 100, false)
			}, 30,
		},
		{
			"cursor",
			Paging{Cursor: &CursorPaging{Param: "after", Next: "page.next", SizeParam: "n", Size: 400}},
			"", func(w http.ResponseWriter, r *http.Request) {
				from := max(number(r, "after"), 0)
				to := min(from+number(r, "n"), n)
				out := map[string]any{"data": dossiers(from, to), "page": map[string]any{"next": to}}
				if to == n {
					out["page"] = map[string]any{"next": nil}
				}
				reply(w, out)
			}, 5,
		},
		{
			"Link header",
			Paging{Link: &LinkPaging{SizeParam: "per_page", Size: 400}},
			"", func(w http.ResponseWriter, r *http.Request) {
				from := max(number(r, "from"), 0)
				to := min(from+number(r, "per_page"), n)
				if to < n {
					w.Header().Add("Link", `<https://elsewhere/first>; rel="first", </list?per_page=400&from=`+fmt.Sprint(to)+`>; title="a, b"; rel="last next"`)
				}
				reply(w, map[string]any{"data": dossiers(from, to)})
			}, 5,
		},
		{"one reply", Paging{}, "", func(w http.ResponseWriter, _ *http.Request) { reply(w, map[string]any{"data": dossiers(0, n)}) }, 1},
		{
			"the source's word on what follows",
			Paging{Page: &PagePaging{Param: "p", Size: 500, First: 1}, HasNext: "hasNextPage"},
			"", func(w http.ResponseWriter, r *http.Request) {
				from := (number(r, "p") - 1) * 300
				reply(w, map[string]any{"data": dossiers(min(from, n), min(from+300, n)), "hasNextPage": from+300 < n})
			}, 7,
		},
		{
			"the last page for any number behind it",
			Paging{Page: &PagePaging{Param: "p", Size: 500, First: 1}},
			"", func(w http.ResponseWriter, r *http.Request) {
				from := min(number(r, "p")-1, n/500) * 500
				reply(w, map[string]any{"data": dossiers(from, min(from+500, n))})
			}, 9,
		},
		{
			"404 behind a short last page",
			Paging{Page: &PagePaging{Param: "p", Size: 500, First: 1}},
			"", func(w http.ResponseWriter, r *http.Request) {
				from := (number(r, "p") - 1) * 500
				if from >= n {
					w.WriteHeader(http.StatusNotFound)
					return
				}
				reply(w, map[string]any{"data": dossiers(from, min(from+500, n))})
			}, 9,
		},
	}
	for _, c := range cases {
		for _, concurrency := range []int{1, 4} {
			t.Run(fmt.Sprintf("%s, %d at once", c.name, concurrency), func(t *testing.T) {
				cfg := Config{Name: "x", URL: serve(t, c.handler), List: List{Path: "list", Items: "data", Total: c.total, Paging: c.paging}}
				cfg.Limits.Concurrency = concurrency
				p, g := poll(t, source(t, cfg), reconcile.PollRequest{})
				complete(t, p, g, codesUpTo(n))
				want := -1
				if c.total != "" {
					want = n
				}
				same(t, "declared total", p.DeclaredTotal, want)
				if p.Requests > c.most {
					t.Errorf("%d requests, want %d at most", p.Requests, c.most)
				}
			})
		}
	}
}

// A system that drops deleted rows after cutting the page gives short pages all
// along; none of them is the end, and no dossier behind them may be lost.
func TestShortPagesInTheMiddleLoseNothing(t *testing.T) {
	const n = 1000
	shown := func(from, to int) []any {
		out := []any{}
		for i := from; i < min(to, n); i++ {
			if i%7 != 0 {
				out = append(out, dossier(i))
			}
		}
		return out
	}
	live := len(shown(0, n))
	for _, total := range []int{-1, live, n} {
		for _, style := range []string{"page", "offset"} {
			t.Run(fmt.Sprintf("%s, total %d", style, total), func(t *testing.T) {
				url := serve(t, func(w http.ResponseWriter, r *http.Request) {
					from, count := number(r, "at"), number(r, "count")
					if style == "page" {
						from *= count
					}
					out := map[string]any{"data": shown(from, from+count)}
					if total >= 0 {
						out["total"] = total
					}
					reply(w, out)
				})
				cfg := Config{URL: url, List: List{Items: "data"}}
				if total >= 0 {
					cfg.List.Total = "total"
				}
				cfg.List.Paging.Offset = &OffsetPaging{Offset: "at", Limit: "count", Size: 100}
				if style == "page" {
					cfg.List.Paging = Paging{Page: &PagePaging{Param: "at", SizeParam: "count", Size: 100}}
				}
				p, g := poll(t, source(t, cfg), reconcile.PollRequest{})
				if !p.EndReached {
					t.Fatalf("end not reached: %s", p.Reason)
				}
				distinct := map[string]bool{}
				for _, c := range g.codes() {
					distinct[c] = true
				}
				same(t, "distinct rows", len(distinct), live)
				same(t, "declared", p.DeclaredTotal, total)
			})
		}
	}
}

func TestRepeatedPagesStopThePoll(t *testing.T) {
	cases := []struct {
		name     string
		paging   Paging
		handler  http.HandlerFunc
		repeated string
		rows     int
	}{
		{
			"the page parameter is ignored", Paging{Page: &PagePaging{Param: "page", SizeParam: "size", Size: 100, First: 1}},
			func(w http.ResponseWriter, _ *http.Request) { reply(w, map[string]any{"data": dossiers(0, 50)}) },
			"page 2 is page 1 again", 50,
		},
		{
			"the offset is ignored", Paging{Offset: &OffsetPaging{Offset: "o", Limit: "l", Size: 100}},
			func(w http.ResponseWriter, _ *http.Request) { reply(w, map[string]any{"data": dossiers(0, 100)}) },
			"page 2 is page 1 again", 100,
		},
		{
			"a page repeats later", Paging{Page: &PagePaging{Param: "page", SizeParam: "size", Size: 100, First: 1}},
			func(w http.ResponseWriter, r *http.Request) {
				from := (number(r, "page") - 1) % 3 * 100
				reply(w, map[string]any{"data": dossiers(from, from+100), "total": 1000})
			},
			"page 4 is page 1 again", 300,
		},
		{
			"a cursor leads in a circle", Paging{Cursor: &CursorPaging{Param: "c", Next: "next"}},
			func(w http.ResponseWriter, r *http.Request) {
				next := map[string]string{"": "a", "a": "b", "b": "a"}[r.URL.Query().Get("c")]
				reply(w, map[string]any{"data": []any{}, "next": next})
			},
			"page 3 leads back to page 1", 0,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			cfg := Config{URL: serve(t, c.handler), List: List{Path: "/l", Items: "data", Paging: c.paging}}
			p, g := poll(t, source(t, cfg), reconcile.PollRequest{})
			same(t, "cause", p.Cause, reconcile.CauseRepeated)
			same(t, "repeated", p.Repeated, c.repeated)
			same(t, "rows", g.codes(), codesUpTo(c.rows))
			if !strings.Contains(p.Reason, "list.paging") {
				t.Errorf("no remedy in %q", p.Reason)
			}
		})
	}
}

func TestEmptyPagesWithoutEndStop(t *testing.T) {
	i := 0
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		i++
		reply(w, map[string]any{"data": []any{}, "next": i})
	})
	p, _ := poll(t, source(t, Config{URL: url, List: List{Items: "data", Paging: Paging{Cursor: &CursorPaging{Param: "c", Next: "next"}}}}), reconcile.PollRequest{})
	same(t, "cause", p.Cause, reconcile.CauseSchema)
	same(t, "requests", p.Requests, maxEmpty+1)
}

func TestDeclaredTotalIsTheLargestSeen(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := number(r, "PageNumber")
		total := map[int]any{1: 250, 2: " 310 ", 3: 300}[page]
		reply(w, map[string]any{"data": dossiers((page-1)*100, min(page*100, 305)), "totalCount": total})
	})
	p, g := poll(t, source(t, pageConfig(url, 100)), reconcile.PollRequest{})
	complete(t, p, g, codesUpTo(305)[:len(g.values)])
	same(t, "declared", p.DeclaredTotal, 310)
}

func TestEmptyPageBeforeTheTotalIsAnEndThatDoesNotAddUp(t *testing.T) {
	p, g := poll(t, source(t, pageConfig(serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := number(r, "PageNumber")
		from := min((page-1)*100, 250)
		reply(w, map[string]any{"data": dossiers(from, min(from+100, 250)), "totalCount": 1000})
	}), 100)), reconcile.PollRequest{})
	complete(t, p, g, codesUpTo(250))
	same(t, "declared", p.DeclaredTotal, 1000)
}

func TestMissingListIsNoEnd(t *testing.T) {
	ok := &OK{Path: "error_code", In: []string{"0"}}
	cases := []struct {
		name  string
		body  string
		total string
		ok    *OK
		cause reconcile.Cause
	}{
		{"absent", `{"message":"x"}`, "", nil, reconcile.CauseSchema},
		{"null", `{"data":null}`, "", nil, reconcile.CauseSchema},
		{"an object", `{"data":{}}`, "", nil, reconcile.CauseSchema},
		{"null with a good verdict", `{"data":null,"error_code":0}`, "", ok, reconcile.CauseNone},
		{"absent with a good verdict", `{"error_code":0}`, "", ok, reconcile.CauseSchema},
		{"null with a bad verdict", `{"data":null,"error_code":9}`, "", ok, reconcile.CauseRefused},
		{"no verdict at all", `{"data":[]}`, "", ok, reconcile.CauseRefused},
		{"absent with a total of 0", `{"total":0}`, "total", nil, reconcile.CauseNone},
		{"absent with a total of 5", `{"total":"5"}`, "total", nil, reconcile.CauseSchema},
		{"rows but no total", `{"data":[{}]}`, "total", nil, reconcile.CauseSchema},
		{"a total that is no number", `{"data":[],"total":"many"}`, "total", nil, reconcile.CauseSchema},
		{"an empty list", `{"data":[]}`, "", nil, reconcile.CauseNone},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			url := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, c.body) })
			p, _ := poll(t, source(t, Config{URL: url, List: List{Items: "data", Total: c.total, OK: c.ok}}), reconcile.PollRequest{})
			same(t, "cause", p.Cause, c.cause)
		})
	}
}

func TestLinkToAnotherHostIsNotFollowed(t *testing.T) {
	called := false
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) { called = true; reply(w, []any{}) })
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "<"+other+"/next>; rel=next")
		reply(w, dossiers(0, 2))
	})
	p, _ := poll(t, source(t, Config{URL: url, Auth: Auth{Bearer: "kín"}, List: List{Paging: Paging{Link: &LinkPaging{}}}}), reconcile.PollRequest{})
	same(t, "cause", p.Cause, reconcile.CauseSchema)
	if called {
		t.Error("the other host was called")
	}
}

func TestNextLink(t *testing.T) {
	cases := map[string]string{
		`</a?x=1,2>; rel=next`:                       "/a?x=1,2",
		`</a>; rel="prev", </b>; rel="NEXT"`:         "/b",
		`</a>; title="x; rel=next", </b>;rel = next`: "/b",
		`</a>; foo; rel="up next"`:                   "/a",
		`</a>; rel="prev"`:                           "",
		`nonsense`:                                   "",
		`</a`:                                        "",
		`</a>; rel="next\"`:                          "",
		`<https://x/y>; rel="first", <z>; a="\"," ;rel=next`: "z",
	}
	for header, want := range cases {
		same(t, header, nextLink(http.Header{"Link": {header}}), want)
	}
}

func TestSameOrigin(t *testing.T) {
	base, err := url.Parse("https://Dvc.example.vn/x")
	if err != nil {
		t.Fatal(err)
	}
	for raw, want := range map[string]bool{
		"https://dvc.example.vn:443/y": true, "http://dvc.example.vn/y": false,
		"https://dvc.example.vn.evil.vn/": false, "https://dvc.example.vn:8443/": false,
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		same(t, raw, sameOrigin(u, base), want)
	}
}
