package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/doisoat/doisoat/reconcile"
)

// singles is a platform that is asked for single dossiers.
type singles struct {
	trouble func(w http.ResponseWriter, code string) (answered bool)
	wait    time.Duration

	mu         sync.Mutex
	asked      []string
	inFlight   atomic.Int32
	mostAtOnce atomic.Int32
}

func (p *singles) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := p.inFlight.Add(1)
	defer p.inFlight.Add(-1)
	for m := p.mostAtOnce.Load(); now > m && !p.mostAtOnce.CompareAndSwap(m, now); m = p.mostAtOnce.Load() {
	}
	code := strings.TrimPrefix(r.URL.Path, "/hoso/")
	p.mu.Lock()
	p.asked = append(p.asked, code)
	p.mu.Unlock()
	time.Sleep(p.wait)
	if p.trouble != nil && p.trouble(w, code) {
		return
	}
	reply(w, map[string]any{"data": map[string]string{"MaHoSo": code}})
}

func singleConfig(url string) Config {
	return Config{Name: "dvc", URL: url, One: &One{Path: "hoso/{code}", Item: "data"}, Limits: Limits{Retries: 1}}
}

// told is what answered was called with.
type told struct {
	g     *gathered
	order []string
	errs  map[string]reconcile.Cause // by code; "" for an answer
	rows  map[string]int             // of each code, handed over before answered
	seen  int
}

func reread(t *testing.T, s *Source, codes ...string) (reconcile.Poll, *told) {
	t.Helper()
	x := &told{g: &gathered{}, errs: map[string]reconcile.Cause{}, rows: map[string]int{}}
	p, err := s.Reread(context.Background(), codes, 5, x.g, func(code string, err error) error {
		defer x.g.enter()()
		x.order = append(x.order, code)
		x.errs[code] = ""
		var f *Fault
		if errors.As(err, &f) {
			x.errs[code] = f.Cause
		} else if err != nil {
			t.Errorf("%s: %v is no fault", code, err)
		}
		x.rows[code] = len(x.g.values) - x.seen
		x.seen = len(x.g.values)
		return nil
	})
	if err != nil {
		t.Fatalf("reread: %v", err)
	}
	if x.g.overlaps > 0 {
		t.Errorf("sink and answered were called %d times while busy", x.g.overlaps)
	}
	if p.EndReached != (p.Cause == "") || p.EndReached != (p.Reason == "") {
		t.Errorf("end reached %t, but cause %q, reason %q", p.EndReached, p.Cause, p.Reason)
	}
	sum := 0
	for _, n := range p.Answers {
		sum += n
	}
	same(t, "answers in all", sum, p.Requests)
	return p, x
}

func TestRereadAsksForEachCodeOnce(t *testing.T) {
	srv := &singles{wait: 2 * time.Millisecond, trouble: func(w http.ResponseWriter, code string) bool {
		switch code {
		case "gone":
			w.WriteHeader(http.StatusNotFound)
		case "none":
			reply(w, map[string]any{"data": []any{}})
		case "twice":
			reply(w, map[string]any{"data": []any{dossier(1), dossier(2)}})
		default:
			return false
		}
		return true
	}}
	cfg := singleConfig(serve(t, srv.ServeHTTP))
	cfg.Limits.Concurrency = 3
	codes := append(codesUpTo(40), "gone", "none", "twice", code(7), "a/b ?{code}")
	p, x := reread(t, source(t, cfg), codes...)
	if !p.EndReached || p.Mode != reconcile.Incremental || p.DeclaredTotal != -1 || p.EndedAt.Before(p.StartedAt) {
		t.Errorf("%+v", p)
	}
	same(t, "answers", p.Answers, map[string]int{"200": 43, "404": 1})
	same(t, "codes told", len(x.order), 44)
	if srv.mostAtOnce.Load() != 3 {
		t.Errorf("%d requests at once, want 3", srv.mostAtOnce.Load())
	}
	for code, cause := range x.errs {
		want := map[string]int{"gone": 0, "none": 0, "twice": 2}
		n, special := want[code]
		if !special {
			n = 1
		}
		if cause != "" || x.rows[code] != n {
			t.Errorf("%s: cause %q, %d rows, want %d", code, cause, x.rows[code], n)
		}
	}
	got := cmp.Diff(append(codesUpTo(40), code(1), code(2), "a/b ?{code}"), x.g.codes(), cmpopts.SortSlices(func(a, b string) bool { return a < b }))
	if got != "" {
		t.Error(got)
	}
}

// A row has the fingerprint that a poll gave it, so that what has not changed is
// known as such.
func TestRereadRowsHaveTheFingerprintsOfThePoll(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/hoso/") {
			reply(w, map[string]any{"d": map[string]any{"ho": dossier(3)}})
			return
		}
		reply(w, map[string]any{"data": dossiers(3, 4)})
	})
	s := source(t, Config{URL: url, List: List{Items: "data"}, One: &One{Path: "hoso/{code}", Item: "d.ho"}})
	_, g := poll(t, s, reconcile.PollRequest{Seed: 5})
	_, x := reread(t, s, code(3))
	same(t, "fingerprints", x.g.seen, g.seen)
	if err := s.One(context.Background(), code(3), g); err != nil {
		t.Fatal(err)
	}
	same(t, "of One", g.seen[1], g.seen[0])
}

func TestRereadTroubleOfOneCode(t *testing.T) {
	answers := map[string]struct {
		answer func(w http.ResponseWriter)
		cause  reconcile.Cause
		tries  int
	}{
		"400":                    {func(w http.ResponseWriter) { w.WriteHeader(400) }, reconcile.CauseHTTP4xx, 1},
		"403":                    {func(w http.ResponseWriter) { w.WriteHeader(403) }, reconcile.CauseAuth, 1},
		"500":                    {func(w http.ResponseWriter) { w.WriteHeader(500) }, reconcile.CauseHTTP5xx, 2},
		"cut":                    {func(w http.ResponseWriter) { fmt.Fprint(w, `{"data":{"MaHoSo":"x`) }, reconcile.CauseDecode, 2},
		"not where it should be": {func(w http.ResponseWriter) { reply(w, map[string]any{"x": 1}) }, reconcile.CauseSchema, 1},
		"a dropped connection":   {func(w http.ResponseWriter) { hijack(w, "HTTP/1.1 200 OK\r\nContent-Le") }, reconcile.CauseConnect, 2},
	}
	for name, c := range answers {
		t.Run(name, func(t *testing.T) {
			srv := &singles{trouble: func(w http.ResponseWriter, code string) bool {
				if code == "sick" {
					c.answer(w)
				}
				return code == "sick"
			}}
			p, x := reread(t, source(t, singleConfig(serve(t, srv.ServeHTTP))), append(codesUpTo(10), "sick", "last")...)
			same(t, "cause", x.errs["sick"], c.cause)
			same(t, "rows of the sick one", x.rows["sick"], 0)
			same(t, "codes told", len(x.order), 12)
			same(t, "rows", len(x.g.values), 11)
			same(t, "requests", p.Requests, 11+c.tries)
			same(t, "cause of all", p.Cause, c.cause)
			if !strings.Contains(p.Reason, "1 of 12 dossiers could not be read again") || !strings.Contains(p.Reason, "GET /hoso/{code}") {
				t.Error(p.Reason)
			}
			silent(t, "reason", p.Reason, "sick")
		})
	}
}

func TestRereadEndsEarlyWhereTheSourceIsDown(t *testing.T) {
	status := func(code int) func(w http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(code) }
	}
	cases := map[string]struct {
		answer func(w http.ResponseWriter)
		cause  reconcile.Cause
		most   int // requests
		told   int // codes
	}{
		"log-in refused":         {status(401), reconcile.CauseAuth, 1, 0},
		"too many requests":      {status(429), reconcile.CauseRateLimited, 2, 0},
		"forbidden, all of them": {status(403), reconcile.CauseAuth, 3, 3},
		"failing":                {status(500), reconcile.CauseHTTP5xx, 6, 3},
		"bad requests":           {status(400), reconcile.CauseHTTP4xx, 10, 10},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			srv := &singles{trouble: func(w http.ResponseWriter, code string) bool {
				if code >= "H57-000002" {
					c.answer(w)
				}
				return code >= "H57-000002"
			}}
			cfg := singleConfig(serve(t, srv.ServeHTTP))
			cfg.Limits.Concurrency = 1
			p, x := reread(t, source(t, cfg), codesUpTo(50)...)
			same(t, "cause", p.Cause, c.cause)
			same(t, "rows", x.g.codes(), codesUpTo(2))
			same(t, "codes told", len(x.order), 2+c.told)
			if p.Requests > 2+c.most+1 { // one more may have begun
				t.Errorf("%d requests", p.Requests)
			}
			if !strings.Contains(p.Reason, "given up after") {
				t.Error(p.Reason)
			}
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		cfg := singleConfig("http://127.0.0.1:1")
		cfg.Limits.Concurrency = 1
		p, x := reread(t, source(t, cfg), codesUpTo(50)...)
		same(t, "cause", p.Cause, reconcile.CauseConnect)
		same(t, "codes told", x.order, []string(nil))
		if p.Answers["error"] < 2 || p.Answers["error"] > 4 {
			t.Errorf("answers %v", p.Answers)
		}
	})
}

func TestRereadWithoutOne(t *testing.T) {
	p, x := reread(t, source(t, Config{URL: "http://127.0.0.1:1"}), "a")
	same(t, "cause", p.Cause, reconcile.CauseSchema)
	same(t, "codes told", len(x.order), 0)
	p, _ = reread(t, source(t, singleConfig("http://127.0.0.1:1")))
	if !p.EndReached || p.Requests != 0 {
		t.Errorf("no codes: %+v", p)
	}
	p, x = reread(t, source(t, singleConfig("http://127.0.0.1:1")), " ")
	if p.EndReached || x.errs[" "] != reconcile.CauseSchema || p.Requests != 0 {
		t.Errorf("a blank code: %+v", p)
	}
}

func TestRereadStopsOnOurSide(t *testing.T) {
	srv := &singles{}
	s := source(t, singleConfig(serve(t, srv.ServeHTTP)))
	own := errors.New("ours")
	quiet := func(string, error) error { return nil }
	p, err := s.Reread(context.Background(), codesUpTo(90), 1, &gathered{fail: own}, quiet)
	if !errors.Is(err, own) || p.EndReached || p.Cause != reconcile.CauseCancelled {
		t.Errorf("the sink's error: %v, %+v", err, p)
	}
	p, err = s.Reread(context.Background(), codesUpTo(90), 1, &gathered{}, func(string, error) error { return own })
	if !errors.Is(err, own) || p.EndReached || p.Cause != reconcile.CauseCancelled {
		t.Errorf("answered's error: %v, %+v", err, p)
	}
	ctx, cancel := context.WithCancel(context.Background())
	p, err = s.Reread(ctx, codesUpTo(90), 1, &gathered{}, func(string, error) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) || p.EndReached || p.Cause != reconcile.CauseCancelled {
		t.Errorf("the context's: %v, %+v", err, p)
	}
}

func TestRereadKeepsTheSourcesRate(t *testing.T) {
	srv := &singles{}
	cfg := singleConfig(serve(t, srv.ServeHTTP))
	cfg.Limits.PerSecond = 100
	start := time.Now()
	p, _ := reread(t, source(t, cfg), codesUpTo(12)...)
	if took := time.Since(start); !p.EndReached || took < 100*time.Millisecond {
		t.Errorf("12 codes in %v at 100 a second", took)
	}
}

func TestRereadLogsInOncePerToken(t *testing.T) {
	tokens := &tokens{pages: pages{n: 1}, lives: 10, asHTTP: true}
	one := &singles{}
	tokens.trouble = func(w http.ResponseWriter, r *http.Request, _, _ int) bool {
		if strings.HasPrefix(r.URL.Path, "/hoso/") {
			one.ServeHTTP(w, r)
			return true
		}
		return false
	}
	cfg := loginConfig(serve(t, tokens.ServeHTTP))
	cfg.One = &One{Path: "hoso/{code}", Item: "data"}
	p, x := reread(t, source(t, cfg), codesUpTo(35)...)
	if !p.EndReached || len(x.g.values) != 35 {
		t.Fatalf("%+v", p)
	}
	if p.Answers["401"] == 0 || p.Answers["200"] != 35+tokens.logins {
		t.Errorf("answers %v with %d log-ins", p.Answers, tokens.logins)
	}
}
