package rest

import (
	"context"
	"net/http"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

func TestAnswersAreCounted(t *testing.T) {
	srv := &tokens{pages: pages{n: 100}, lives: 3, asHTTP: true}
	fail := map[int]func(w http.ResponseWriter){
		2: func(w http.ResponseWriter) { w.WriteHeader(503) },
		3: func(w http.ResponseWriter) { hijack(w, "HTTP/1.1 200 OK\r\nContent-Le") },
	}
	srv.trouble = func(w http.ResponseWriter, r *http.Request, page, _ int) bool {
		if do := fail[page]; do != nil && r.URL.Query().Has("PageNumber") {
			delete(fail, page)
			do(w)
			return true
		}
		return false
	}
	cfg := loginConfig(serve(t, srv.ServeHTTP))
	cfg.Limits.Concurrency = 1
	p, g := poll(t, source(t, cfg), reconcile.PollRequest{})
	complete(t, p, g, codesUpTo(100))
	if p.Answers["503"] != 1 || p.Answers["error"] != 1 || p.Answers["401"] == 0 || p.Answers["200"] < srv.logins {
		t.Errorf("%v with %d log-ins", p.Answers, srv.logins)
	}
	sum := 0
	for _, n := range p.Answers {
		sum += n
	}
	same(t, "requests", p.Requests, sum)
}

func TestAnswersOfASourceThatIsNotThere(t *testing.T) {
	cfg := pageConfig("http://127.0.0.1:1", 10)
	cfg.Limits.Retries = 2
	p, _ := poll(t, source(t, cfg), reconcile.PollRequest{})
	same(t, "answers", p.Answers, map[string]int{"error": 3})
	same(t, "requests", p.Requests, 3)
}

// What we ended ourselves is no failure of the source.
func TestAnswersWeDidNotWaitForAreNoErrors(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	p, err := source(t, pageConfig(url, 10)).Poll(ctx, reconcile.PollRequest{}, &gathered{})
	if err == nil {
		t.Fatal("no error")
	}
	same(t, "answers", p.Answers, map[string]int{"cancelled": 1})
}
