package rest

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/doisoat/doisoat/reconcile"
)

func TestSeenRowsAreNotHandedOver(t *testing.T) {
	srv := &pages{n: 100}
	s := source(t, pageConfig(serve(t, srv.ServeHTTP), 30), "MaHoSo", "TrangThai", "absent")
	p, first := poll(t, s, reconcile.PollRequest{Seed: 5})
	complete(t, p, first, codesUpTo(100))
	same(t, "values", first.values[42], []string{code(42), "2", ""})
	same(t, "place", first.at[42], "page 2, row 13")

	again := &gathered{known: map[uint64]bool{}}
	for i, fp := range first.seen {
		again.known[fp] = i != 42
	}
	if _, err := s.Poll(context.Background(), reconcile.PollRequest{Seed: 5}, again); err != nil {
		t.Fatal(err)
	}
	same(t, "rows asked about", len(again.seen), 100)
	same(t, "rows handed over", again.codes(), []string{code(42)})

	_, other := poll(t, s, reconcile.PollRequest{Seed: 6})
	if other.seen[0] == first.seen[0] {
		t.Error("another seed gives the same fingerprint")
	}
}

func TestLimitEndsThePollWithoutCallingItPartial(t *testing.T) {
	srv := &pages{n: 1000}
	p, g := poll(t, source(t, pageConfig(serve(t, srv.ServeHTTP), 50)), reconcile.PollRequest{Limit: 70})
	complete(t, p, g, codesUpTo(70))
	same(t, "rows asked about", len(g.seen), 70)
}

func TestSecondPollFetchesAheadFromTheStart(t *testing.T) {
	first := make(chan struct{})
	srv := &pages{n: 190}
	s := source(t, pageConfig(serve(t, srv.ServeHTTP), 50))
	p, g := poll(t, s, reconcile.PollRequest{})
	complete(t, p, g, codesUpTo(190))
	srv.trouble = func(_ http.ResponseWriter, _ *http.Request, page, _ int) bool {
		switch page { // the first page waits for the last
		case 1:
			<-first
		case 4:
			close(first)
		}
		return false
	}
	p, g = poll(t, s, reconcile.PollRequest{})
	complete(t, p, g, codesUpTo(190))
	same(t, "requests", p.Requests, 4)

	srv.trouble = nil
	srv.n = 20 // fewer than expected: what was guessed is thrown away
	p, g = poll(t, s, reconcile.PollRequest{})
	complete(t, p, g, codesUpTo(20))
}

func TestProgressIsTold(t *testing.T) {
	var told []reconcile.Progress
	srv := &pages{n: 100}
	poll(t, source(t, pageConfig(serve(t, srv.ServeHTTP), 40)), reconcile.PollRequest{Progress: func(p reconcile.Progress) { told = append(told, p) }})
	same(t, "times", len(told), 3)
	last := told[2]
	if last.Pages != 3 || last.Rows != 100 || last.TotalRows != 100 || last.Bytes < 1000 {
		t.Errorf("%+v", last)
	}
}

func TestItemsThatAreNoObjectsAreRejected(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		reply(w, []any{dossier(0), "H57-000001", nil, dossier(3)})
	})
	p, g := poll(t, source(t, Config{URL: url}), reconcile.PollRequest{})
	complete(t, p, g, []string{code(0), code(3)})
	same(t, "rejected", len(g.rejected), 2)
	same(t, "where", g.rejected[1].Position.String(), "page 1, row 3")
	same(t, "asked about", len(g.seen), 4)
}

func TestOne(t *testing.T) {
	status, body := http.StatusOK, ""
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/hoso/H57-1" || r.URL.Query().Get("f") != "ma eq 'H57-1'" {
			t.Errorf("asked for %s", r.URL)
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
	s := source(t, Config{URL: url, Limits: Limits{Retries: 1}, One: &One{Path: "hoso/{code}", Query: map[string]string{"f": "ma eq '{code}'"}, Item: "data"}}, "a")
	cases := []struct {
		name   string
		status int
		body   string
		want   []string
		cause  reconcile.Cause
	}{
		{"an object", 200, `{"data":{"a":1}}`, []string{"1"}, ""},
		{"a list", 200, `{"data":[{"a":1},{"a":2}]}`, []string{"1", "2"}, ""},
		{"an empty list", 200, `{"data":[]}`, nil, ""},
		{"null", 200, `{"data":null}`, nil, ""},
		{"404", 404, ``, nil, ""},
		{"absent", 200, `{"error":"x"}`, nil, reconcile.CauseSchema},
		{"a text", 200, `{"data":"x"}`, nil, reconcile.CauseSchema},
		{"cut", 200, `{"data":{"a":1}`, nil, reconcile.CauseDecode},
		{"500", 500, ``, nil, reconcile.CauseHTTP5xx},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			status, body = c.status, c.body
			g := &gathered{}
			err := s.One(context.Background(), "H57-1", g)
			var f *Fault
			if c.cause != "" && (!errors.As(err, &f) || f.Cause != c.cause) || c.cause == "" && err != nil {
				t.Errorf("error %v, want cause %q", err, c.cause)
			}
			same(t, "rows", g.codes(), c.want)
		})
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.One(ctx, "H57-1", &gathered{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestSourceIsGoodForPollsSideBySide(t *testing.T) {
	srv := &tokens{pages: pages{n: 400}, lives: 9, asHTTP: true}
	s := source(t, loginConfig(serve(t, srv.ServeHTTP)))
	done := make(chan error)
	for range 4 {
		go func() {
			g := &gathered{}
			p, err := s.Poll(context.Background(), reconcile.PollRequest{}, g)
			if err == nil && (!p.EndReached || len(g.values) != 400) {
				err = errors.New(p.Reason)
			}
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if least := 4 * 20 / 9; srv.logins < least {
		t.Errorf("%d log-ins", srv.logins)
	}
}
