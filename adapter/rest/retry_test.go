package rest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/doisoat/doisoat/reconcile"
)

// hijack takes the connection over and closes it after writing text.
func hijack(w http.ResponseWriter, text string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = conn.Write([]byte(text))
	_ = conn.Close()
}

// troubles are what a platform in a bad state answers instead of a page.
func troubles() map[string]func(http.ResponseWriter) {
	return map[string]func(http.ResponseWriter){
		"429 with Retry-After in seconds": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusTooManyRequests)
		},
		"503 with Retry-After as a date": func(w http.ResponseWriter) {
			// A server whose clock is an hour ahead.
			at := time.Now().Add(time.Hour)
			w.Header().Set("Date", at.UTC().Format(http.TimeFormat))
			w.Header().Set("Retry-After", at.UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusServiceUnavailable)
		},
		"500":                              func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
		"502":                              func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadGateway) },
		"504":                              func(w http.ResponseWriter) { w.WriteHeader(http.StatusGatewayTimeout) },
		"dropped connection":               func(w http.ResponseWriter) { hijack(w, "") },
		"dropped in the middle of headers": func(w http.ResponseWriter) { hijack(w, "HTTP/1.1 200 OK\r\nContent-Le") },
		"short of its Content-Length": func(w http.ResponseWriter) {
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"+`{"data":[],"totalCount":0}`)
		},
		"chunked, without its last chunk": func(w http.ResponseWriter) {
			hijack(w, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1a\r\n"+`{"data":[],"totalCount":0}`+"\r\n")
		},
		"JSON cut, body whole":   func(w http.ResponseWriter) { fmt.Fprint(w, `{"totalCount":0,"data":[{"MaHoSo":"x"}`) },
		"JSON cut within a text": func(w http.ResponseWriter) { fmt.Fprint(w, `{"totalCount":0,"data":[{"MaHoSo":"x`) },
		"no body":                func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK) },
		"white space":            func(w http.ResponseWriter) { fmt.Fprint(w, " \r\n") },
		"HTML with status 200":   func(w http.ResponseWriter) { fmt.Fprint(w, "\n<!DOCTYPE html><title>Đăng nhập</title>") },
		"garbage after the JSON": func(w http.ResponseWriter) { fmt.Fprint(w, `{"totalCount":0,"data":[]}}`) },
	}
}

func TestPassingTroubleChangesNothing(t *testing.T) {
	for name, answer := range troubles() {
		t.Run(name, func(t *testing.T) {
			srv := &pages{n: 300, trouble: func(w http.ResponseWriter, _ *http.Request, _, call int) bool {
				if call%3 == 0 {
					return false
				}
				answer(w)
				return true
			}}
			cfg := pageConfig(serve(t, srv.ServeHTTP), 50)
			cfg.Limits.Retries = 20
			p, g := poll(t, source(t, cfg), reconcile.PollRequest{})
			complete(t, p, g, codesUpTo(300))
			same(t, "declared", p.DeclaredTotal, 300)
			// net/http itself repeats what a kept connection dropped unanswered.
			if p.Requests < 16 && name != "dropped connection" {
				t.Errorf("%d requests do not count the retries", p.Requests)
			}
		})
	}
}

func TestLastingTroubleIsNeverAnEnd(t *testing.T) {
	causes := map[string]reconcile.Cause{
		"429 with Retry-After in seconds": reconcile.CauseRateLimited,
		"503 with Retry-After as a date":  reconcile.CauseHTTP5xx,
		"500":                             reconcile.CauseHTTP5xx, "502": reconcile.CauseHTTP5xx, "504": reconcile.CauseHTTP5xx,
		"dropped connection":               reconcile.CauseConnect,
		"dropped in the middle of headers": reconcile.CauseConnect,
	}
	for name, answer := range troubles() {
		for _, from := range []int{1, 3} {
			t.Run(fmt.Sprintf("%s from page %d", name, from), func(t *testing.T) {
				srv := &pages{n: 300, trouble: func(w http.ResponseWriter, _ *http.Request, page, _ int) bool {
					if page < from {
						return false
					}
					answer(w)
					return true
				}}
				cfg := pageConfig(serve(t, srv.ServeHTTP), 50)
				cfg.Limits.Retries = 2
				p, g := poll(t, source(t, cfg), reconcile.PollRequest{})
				want, ok := causes[name]
				if !ok {
					want = reconcile.CauseDecode
				}
				same(t, "cause", p.Cause, want)
				same(t, "rows", g.codes(), codesUpTo(50*(from-1)))
				if n := srv.asked(from); n != 3 && name != "dropped connection" { // which net/http itself repeats
					t.Errorf("the bad page was asked for %d times, want 3", n)
				}
				if !strings.Contains(p.Reason, fmt.Sprintf("page %d of GET /api/v1/hoso: ", from)) {
					t.Errorf("the page is not named: %s", p.Reason)
				}
				silent(t, "reason", p.Reason, "Đăng", "PageNumber", "127.0.0.1/")
			})
		}
	}
}

func TestHTMLIsCalledByItsName(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") })
	p, _ := poll(t, source(t, Config{URL: url, Limits: Limits{Retries: -1}}), reconcile.PollRequest{})
	same(t, "cause", p.Cause, reconcile.CauseDecode)
	same(t, "requests", p.Requests, 1)
	if !strings.Contains(p.Reason, "HTML") {
		t.Errorf("reason: %s", p.Reason)
	}
}

func TestRetryAfterIsWaitedForByAllWorkers(t *testing.T) {
	var refusedAt time.Time
	early := 0
	srv := &pages{n: 400}
	srv.trouble = func(w http.ResponseWriter, _ *http.Request, page, _ int) bool {
		srv.mu.Lock()
		defer srv.mu.Unlock()
		if page == 3 && srv.perPage[3] == 1 {
			refusedAt = time.Now()
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}
		// What was under way when the refusal came is not held against them.
		if wait := time.Since(refusedAt); wait > 200*time.Millisecond && wait < 990*time.Millisecond {
			early++
		}
		return false
	}
	cfg := pageConfig(serve(t, srv.ServeHTTP), 50)
	cfg.Limits.Retries = -1
	if p, _ := poll(t, source(t, cfg), reconcile.PollRequest{}); p.Cause != reconcile.CauseRateLimited {
		t.Errorf("without retries: %q", p.Cause)
	}
	srv.forget()
	cfg.Limits.Retries, cfg.Limits.Concurrency = 1, 3
	p, g := poll(t, source(t, cfg), reconcile.PollRequest{})
	complete(t, p, g, codesUpTo(400))
	if wait := p.EndedAt.Sub(refusedAt); wait < time.Second {
		t.Errorf("over after %s", wait)
	}
	same(t, "requests before the time", early, 0)
}

func TestRetryAfterBeyondReasonGivesUp(t *testing.T) {
	srv := &pages{n: 100, trouble: func(w http.ResponseWriter, _ *http.Request, _, _ int) bool {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}}
	p, _ := poll(t, source(t, pageConfig(serve(t, srv.ServeHTTP), 50)), reconcile.PollRequest{})
	same(t, "cause", p.Cause, reconcile.CauseRateLimited)
	same(t, "requests", p.Requests, 1)
	if !strings.Contains(p.Reason, "1h0m0s") {
		t.Errorf("reason: %s", p.Reason)
	}
}

func TestRetryAfterForms(t *testing.T) {
	now := time.Date(2018, 7, 2, 8, 0, 0, 0, time.UTC)
	cases := []struct {
		status      int
		after, date string
		wait        time.Duration
		asked       bool
	}{
		{429, "7", "", 7 * time.Second, true},
		{429, " 1.5 ", "", 1500 * time.Millisecond, true},
		{503, "Mon, 02 Jul 2018 08:00:30 GMT", "", 30 * time.Second, true},
		{503, "Mon, 02 Jul 2018 08:00:30 GMT", "Mon, 02 Jul 2018 08:00:20 GMT", 10 * time.Second, true},
		{503, "Mon, 02 Jul 2018 07:00:00 GMT", "", 0, true},
		{500, "7", "", 0, false},
		{429, "-1", "", 0, false},
		{429, "soon", "", 0, false},
		{429, "NaN", "", 0, false},
		{429, "", "", 0, false},
	}
	for _, c := range cases {
		resp := &http.Response{StatusCode: c.status, Header: http.Header{"Retry-After": {c.after}, "Date": {c.date}}}
		wait, asked := retryAfter(resp, now)
		if wait != c.wait || asked != c.asked {
			t.Errorf("%d %q: %s %t, want %s %t", c.status, c.after, wait, asked, c.wait, c.asked)
		}
	}
}

func TestStatusesAndTheirCauses(t *testing.T) {
	for status, want := range map[int]reconcile.Cause{
		400: reconcile.CauseHTTP4xx, 401: reconcile.CauseAuth, 403: reconcile.CauseAuth, 404: reconcile.CauseHTTP4xx,
		410: reconcile.CauseHTTP4xx, 304: reconcile.CauseSchema, 501: reconcile.CauseHTTP5xx,
	} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
		p, _ := poll(t, source(t, Config{URL: url}), reconcile.PollRequest{})
		same(t, fmt.Sprint("cause of ", status), p.Cause, want)
		same(t, fmt.Sprint("requests of ", status), p.Requests, 1)
	}
}

func TestNobodyListens(t *testing.T) {
	srv := httptest.NewServer(nil)
	srv.Close()
	p, _ := poll(t, source(t, Config{URL: srv.URL, Limits: Limits{Retries: 1}}), reconcile.PollRequest{})
	same(t, "cause", p.Cause, reconcile.CauseConnect)
	same(t, "requests", p.Requests, 2)
	same(t, "declared", p.DeclaredTotal, -1)
}

func TestSlowAnswersTimeOut(t *testing.T) {
	stop := make(chan struct{})
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	})
	defer close(stop)
	p, _ := poll(t, source(t, Config{URL: url, Limits: Limits{Retries: 1, Timeout: 30 * time.Millisecond}}), reconcile.PollRequest{})
	same(t, "cause", p.Cause, reconcile.CauseTimeout)
	same(t, "requests", p.Requests, 2)

	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	polled, err := source(t, Config{URL: url}).Poll(ctx, reconcile.PollRequest{}, &gathered{})
	if !errors.Is(err, context.DeadlineExceeded) || polled.Cause != reconcile.CauseTimeout {
		t.Errorf("%v, cause %q", err, polled.Cause)
	}
}

func TestCancelledPollReturnsItsContextsError(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	srv := &pages{n: 1000, trouble: func(_ http.ResponseWriter, r *http.Request, page, _ int) bool {
		if page == 4 {
			cancel()
			<-r.Context().Done()
		}
		return false
	}}
	g := &gathered{}
	p, err := source(t, pageConfig(serve(t, srv.ServeHTTP), 50)).Poll(ctx, reconcile.PollRequest{}, g)
	if !errors.Is(err, context.Canceled) || p.Cause != reconcile.CauseCancelled || p.EndReached || p.Reason == "" {
		t.Errorf("%v, %+v", err, p)
	}
}

func TestSinksErrorComesBackAsItIs(t *testing.T) {
	full := errors.New("disk full")
	srv := &pages{n: 1000}
	p, err := source(t, pageConfig(serve(t, srv.ServeHTTP), 50)).Poll(context.Background(), reconcile.PollRequest{}, &gathered{fail: full})
	if !errors.Is(err, full) || p.EndReached || p.Cause == reconcile.CauseNone {
		t.Errorf("%v, %+v", err, p)
	}
}

func TestPageLargerThanAllowed(t *testing.T) {
	for _, chunked := range []bool{false, true} {
		url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if chunked {
				w.(http.Flusher).Flush()
			}
			fmt.Fprint(w, "["+strings.Repeat(" ", 3<<20)+"]")
		})
		p, _ := poll(t, source(t, Config{URL: url, Limits: Limits{MaxPageBytes: 1 << 20}}), reconcile.PollRequest{})
		same(t, "cause", p.Cause, reconcile.CauseSchema)
		same(t, "requests", p.Requests, 1)
		if !strings.Contains(p.Reason, "1 MiB") || !strings.Contains(p.Reason, "max_page_bytes") {
			t.Errorf("reason: %s", p.Reason)
		}
	}
}

func TestRateAndConcurrencyAreKept(t *testing.T) {
	srv := &pages{n: 1000}
	cfg := pageConfig(serve(t, srv.ServeHTTP), 50)
	cfg.Limits.PerSecond, cfg.Limits.Concurrency = 100, 2
	p, g := poll(t, source(t, cfg), reconcile.PollRequest{})
	complete(t, p, g, codesUpTo(1000))
	if took := p.EndedAt.Sub(p.StartedAt); took < 185*time.Millisecond {
		t.Errorf("20 requests at 100 a second took %s", took)
	}
	if most := srv.mostAtOnce.Load(); most > 2 {
		t.Errorf("%d requests at once", most)
	}
}

func TestRedirects(t *testing.T) {
	var stolen []string
	other := serve(t, func(w http.ResponseWriter, r *http.Request) {
		stolen = append(stolen, r.Header.Get("X-Api-Key"))
		reply(w, []any{})
	})
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other, http.StatusTemporaryRedirect)
		case "/near":
			http.Redirect(w, r, "/here", http.StatusFound)
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		case "/here":
			reply(w, dossiers(0, 1))
		}
	})
	cases := []struct {
		path, method string
		cause        reconcile.Cause
		requests     int
	}{
		{"away", "GET", reconcile.CauseSchema, 1},
		{"near", "GET", reconcile.CauseNone, 2},
		{"near", "POST", reconcile.CauseSchema, 1},
		{"circle", "GET", reconcile.CauseSchema, 5},
	}
	for _, c := range cases {
		cfg := Config{URL: url, Auth: Auth{Header: &HeaderAuth{"X-Api-Key", "kín"}}, List: List{Path: c.path, Method: c.method}}
		if c.method == "POST" {
			cfg.List.Body = map[string]any{}
		}
		p, _ := poll(t, source(t, cfg), reconcile.PollRequest{})
		same(t, c.method+" "+c.path, p.Cause, c.cause)
		same(t, c.method+" "+c.path, p.Requests, c.requests)
	}
	if len(stolen) > 0 {
		t.Errorf("the other host was called with %q", stolen)
	}
}

func TestLogHoldsNoSecrets(t *testing.T) {
	var out bytes.Buffer
	log := logrus.New()
	log.SetOutput(&out)
	log.SetLevel(logrus.TraceLevel)
	srv := &tokens{pages: pages{n: 100, trouble: func(w http.ResponseWriter, _ *http.Request, _, call int) bool {
		if call%4 == 1 {
			hijack(w, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"MaHoSo\":\"thân bài\"")
		}
		return call%4 == 1
	}}, lives: 3, asHTTP: true}
	cfg := loginConfig(serve(t, srv.ServeHTTP))
	cfg.List.Query = map[string]string{"sid": "${session}", "k": "khóa kín"}
	s, err := newSource(cfg, []string{"MaHoSo"}, log, fast())
	if err != nil {
		t.Fatal(err)
	}
	p, g := poll(t, s, reconcile.PollRequest{})
	complete(t, p, g, codesUpTo(100))
	if !strings.Contains(out.String(), "retrying request") {
		t.Fatalf("nothing was logged: %s", out.String())
	}
	silent(t, "log", out.String(), "token-", "mật", "%E1%BA", "khóa", "kh%C3", "thân", "sid=", "H57-", "Nguy")
}
