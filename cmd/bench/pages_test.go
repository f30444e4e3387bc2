package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPagesWorldHoldsWhatItSays(t *testing.T) {
	w := &pagesWorld{n: 20_000}
	now := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	apart, listed, departments := 0, 0, map[string]bool{}
	for i := range w.n {
		platform, office := w.dossier(i, now)
		departments[pagesDepartment(i)] = true
		if platform != nil && office != nil && *platform == *office {
			continue
		}
		apart++
		if pagesDepartment(i) == pagesLarge {
			listed++
		}
	}
	if diff := cmp.Diff([]int{w.discrepancies(), w.listed(), pagesDepartments}, []int{apart, listed, len(departments)}); diff != "" {
		t.Errorf("discrepancies, the large department's, departments (-said +held)\n%s", diff)
	}
}

// serving makes a user of a server and its one page.
func serving(t *testing.T, answer http.HandlerFunc) *pageKind {
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	u := &pageUser{name: "somebody", base: server.URL, cookie: "__Host-doisoat=x", client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	return &pageKind{name: "page", user: u, pages: []visited{{path: "/", marker: "the list"}}}
}

func TestRequestsDoNotWaitForThoseBefore(t *testing.T) {
	var asked atomic.Int64
	slow := make(chan struct{})
	kind := serving(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "__Host-doisoat=x" {
			t.Error("no session in the request")
		}
		switch asked.Add(1) {
		case 1:
			<-slow // until all others are answered
		case 20:
			close(slow)
		}
		if _, err := w.Write([]byte("the list</html>")); err != nil {
			t.Error(err)
		}
	})
	list, err := drive(t.Context(), []*pageKind{kind}, 200, 100*time.Millisecond, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 20 || asked.Load() != 20 {
		t.Fatalf("%d timings of %d requests, want 20", len(list), asked.Load())
	}
	for _, one := range list {
		if one.kind != kind || one.took <= 0 {
			t.Errorf("timing %+v", one)
		}
	}
}

func TestWrongAnswersEndTheMeasurement(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"another page": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("sign in</html>")) },
		"half a page":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("the list")) },
		"an error": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte("the list</html>"))
		},
		"leads elsewhere": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusSeeOther) },
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := drive(context.Background(), []*pageKind{serving(t, answer)}, 100, 50*time.Millisecond, 1); err == nil || !strings.HasPrefix(err.Error(), "page: / for somebody: status") {
				t.Errorf("error %v, want one that names the page", err)
			}
		})
	}
}

func TestPagesTableJudgesEachKindAndAll(t *testing.T) {
	quick, slow := &pageKind{name: "quick", user: &pageUser{role: "centre"}}, &pageKind{name: "slow", user: &pageUser{role: "department"}}
	var list []timing
	for range 100 {
		list = append(list, timing{quick, 10 * time.Millisecond}, timing{slow, 60 * time.Millisecond})
	}
	table := pagesTable([]*pageKind{quick, slow}, list)
	want := [][]string{
		{"quick, as centre", "100", "10.0", "10.0", "10.0", "10.0", "p95 ≤ 50", "met"},
		{"slow, as department", "100", "60.0", "60.0", "60.0", "60.0", "p95 ≤ 50", "missed"},
		{"all", "200", "60.0", "60.0", "60.0", "60.0", "p95 ≤ 50", "missed"},
	}
	if diff := cmp.Diff(want, table.rows); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
