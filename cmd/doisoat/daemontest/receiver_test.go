package daemontest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// message is one alert of one call of a webhook.
type message struct {
	To     string // the webhook's path, without its slash
	Status string // firing or resolved
	Labels map[string]string
	Notes  map[string]string // annotations
}

func (m message) String() string { return fmt.Sprintf("to %s: %s %v", m.To, m.Status, m.Labels) }

// receiver is where Alertmanager's webhooks end.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	got []message
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		var call struct {
			Alerts []struct {
				Status              string
				Labels, Annotations map[string]string
			}
		}
		if err := json.NewDecoder(request.Body).Decode(&call); err != nil {
			t.Errorf("webhook %s: %v", request.URL.Path, err)
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, a := range call.Alerts {
			r.got = append(r.got, message{strings.TrimPrefix(request.URL.Path, "/"), a.Status, a.Labels, a.Annotations})
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// messages are those that came to one address, with these labels (name=value).
func (r *receiver) messages(to, status string, labels ...string) []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []message
	for _, m := range r.got {
		if to != "" && m.To != to || m.Status != status {
			continue
		}
		matches := true
		for _, l := range labels {
			name, value, _ := strings.Cut(l, "=")
			matches = matches && m.Labels[name] == value
		}
		if matches {
			found = append(found, m)
		}
	}
	return found
}

// came is an error until such a message came.
func (r *receiver) came(to, status string, labels ...string) error {
	if len(r.messages(to, status, labels...)) > 0 {
		return nil
	}
	return fmt.Errorf("no %s message %v came to %s; what came:\n%s", status, labels, to, r.all())
}

func (r *receiver) all() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var b strings.Builder
	for _, m := range r.got {
		if m.Labels["alertname"] != "DoisoatWatchdog" {
			fmt.Fprintln(&b, m)
		}
	}
	return b.String()
}
