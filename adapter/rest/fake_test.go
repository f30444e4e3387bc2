package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/doisoat/doisoat/reconcile"
)

// gathered is a sink that keeps what it is given, and notices two calls at once.
type gathered struct {
	busy     atomic.Bool
	overlaps int
	known    map[uint64]bool
	seen     []uint64
	values   [][]string
	at       []string
	rejected []reconcile.Rejected
	fail     error
}

func (g *gathered) enter() func() {
	if !g.busy.CompareAndSwap(false, true) {
		g.overlaps++
	}
	return func() { g.busy.Store(false) }
}

func (g *gathered) Seen(fp uint64) bool {
	defer g.enter()()
	g.seen = append(g.seen, fp)
	return g.known[fp]
}

func (g *gathered) Row(r reconcile.Row) error {
	defer g.enter()()
	if g.fail != nil {
		return g.fail
	}
	g.values = append(g.values, append([]string(nil), r.Values...))
	g.at = append(g.at, r.Position.String())
	return nil
}

func (g *gathered) Reject(r reconcile.Rejected) error {
	defer g.enter()()
	g.rejected = append(g.rejected, r)
	return nil
}

func (g *gathered) Skip(string) {}

// codes are the first values of the rows, in their order.
func (g *gathered) codes() []string {
	var codes []string
	for _, v := range g.values {
		codes = append(codes, v[0])
	}
	return codes
}

// codesUpTo are the codes of n dossiers.
func codesUpTo(n int) []string {
	var codes []string
	for i := range n {
		codes = append(codes, code(i))
	}
	return codes
}

func code(i int) string { return fmt.Sprintf("H57-%06d", i) }

func dossier(i int) map[string]any {
	return map[string]any{"MaHoSo": code(i), "TrangThai": strconv.Itoa(i % 10), "HoTen": "Nguyễn Văn Kín"}
}

func dossiers(from, to int) []any {
	all := []any{}
	for i := from; i < to; i++ {
		all = append(all, dossier(i))
	}
	return all
}

func reply(w http.ResponseWriter, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(b)
}

// fast is a pace for tests.
func fast() pace {
	return pace{min: time.Millisecond, max: 5 * time.Millisecond, longest: 3 * time.Second, waitTotal: 10 * time.Second}
}

// serve starts a platform and returns its address.
func serve(t testing.TB, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func source(t testing.TB, cfg Config, inputs ...string) *Source {
	t.Helper()
	if len(inputs) == 0 {
		inputs = []string{"MaHoSo"}
	}
	s, err := newSource(cfg, inputs, nil, fast())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func poll(t testing.TB, s *Source, req reconcile.PollRequest) (reconcile.Poll, *gathered) {
	t.Helper()
	g := &gathered{}
	p, err := s.Poll(context.Background(), req, g)
	if err != nil {
		t.Fatalf("poll: %v", err)
	}
	if g.overlaps > 0 {
		t.Errorf("the sink was called %d times while it was busy", g.overlaps)
	}
	if p.EndReached != (p.Cause == reconcile.CauseNone) || p.EndReached != (p.Reason == "") {
		t.Errorf("end reached %t, but cause %q, reason %q", p.EndReached, p.Cause, p.Reason)
	}
	return p, g
}

// complete wants a poll that saw the end and these rows.
func complete(t testing.TB, p reconcile.Poll, g *gathered, want []string) {
	t.Helper()
	if !p.EndReached {
		t.Fatalf("end not reached: %s: %s", p.Cause, p.Reason)
	}
	if diff := cmp.Diff(want, g.codes()); diff != "" {
		t.Errorf("rows (-want +got):\n%.2000s", diff)
	}
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%.2000s", what, diff)
	}
}

func number(r *http.Request, name string) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil {
		return -1
	}
	return n
}

// pages is a page-style platform of n dossiers: {data, totalCount}.
type pages struct {
	n, size    int // size caps what is asked for; 0 does not
	noTotal    bool
	trouble    func(w http.ResponseWriter, r *http.Request, page, call int) (answered bool)
	mu         sync.Mutex
	calls      int
	perPage    map[int]int
	inFlight   atomic.Int32
	mostAtOnce atomic.Int32
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := p.inFlight.Add(1)
	defer p.inFlight.Add(-1)
	for m := p.mostAtOnce.Load(); now > m && !p.mostAtOnce.CompareAndSwap(m, now); m = p.mostAtOnce.Load() {
	}
	page := number(r, "PageNumber")
	p.mu.Lock()
	p.calls++
	call := p.calls
	if p.perPage == nil {
		p.perPage = map[int]int{}
	}
	p.perPage[page]++
	p.mu.Unlock()
	if p.trouble != nil && p.trouble(w, r, page, call) {
		return
	}
	p.answer(w, r, page)
}

// asked tells how often a page was asked for.
func (p *pages) asked(page int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.perPage[page]
}

func (p *pages) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.perPage = nil
}

func (p *pages) answer(w http.ResponseWriter, r *http.Request, page int) {
	size := number(r, "PageSize")
	if p.size > 0 {
		size = min(size, p.size)
	}
	from := min((page-1)*size, p.n)
	out := map[string]any{"data": dossiers(from, min(from+size, p.n)), "currentPage": page}
	if !p.noTotal {
		out["totalCount"] = p.n
	}
	reply(w, out)
}

func pageConfig(url string, size int) Config {
	return Config{
		Name: "dvc", URL: url,
		List: List{
			Path: "/api/v1/hoso", Items: "data", Total: "totalCount",
			Paging: Paging{Page: &PagePaging{Param: "PageNumber", SizeParam: "PageSize", Size: size, First: 1}},
		},
	}
}

func silent(t *testing.T, what, text string, secrets ...string) {
	t.Helper()
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("%s shows %q: %s", what, s, text)
		}
	}
}
