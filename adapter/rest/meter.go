package rest

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strconv"
	"sync"

	"github.com/doisoat/doisoat/reconcile"
)

// How a request was answered where no HTTP status came. What we ended ourselves
// (a page guessed ahead and not wanted, a poll that is stopped) is kept apart
// from what the source owed: else a healthy source would seem to fail.
const (
	answerError     = "error"
	answerCancelled = "cancelled"
)

// meter counts the tries made for one poll by how they were answered; redirects
// and log-ins are among them.
type meter struct {
	mu      sync.Mutex
	answers map[string]int
}

type meterKey struct{}

// withMeter counts the round trips made under this context.
func withMeter(ctx context.Context, m *meter) context.Context {
	return context.WithValue(ctx, meterKey{}, m)
}

func (m *meter) count(resp *http.Response, err error) {
	answer := answerError
	switch {
	case err == nil:
		answer = strconv.Itoa(resp.StatusCode)
	case errors.Is(err, context.Canceled):
		answer = answerCancelled
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.answers == nil {
		m.answers = map[string]int{}
	}
	m.answers[answer]++
}

// tell writes the counts into a poll whose requests have all ended.
func (m *meter) tell(p *reconcile.Poll) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p.Answers, p.Requests = maps.Clone(m.answers), 0
	for _, n := range m.answers {
		p.Requests += n
	}
}

// counting counts each try for the poll it belongs to.
type counting struct {
	agent string
	next  http.RoundTripper
}

func (t counting) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.agent != "" && req.Header.Get("User-Agent") == "" {
		req = req.Clone(req.Context())
		req.Header.Set("User-Agent", t.agent)
	}
	resp, err := t.next.RoundTrip(req)
	if m, ok := req.Context().Value(meterKey{}).(*meter); ok {
		m.count(resp, err)
	}
	return resp, err
}
