package alertmanager_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/doisoat/doisoat/deploy/prometheus/monitortest"
)

// server is a real Alertmanager that a test gives alerts to.
type server struct {
	t    *testing.T
	base string
}

func newServer(t *testing.T, config string) *server {
	t.Helper()
	return &server{t, monitortest.Alertmanager(t, config)}
}

// fire gives it an alert of these names and values of labels.
func (s *server) fire(labels ...string) {
	s.t.Helper()
	set := map[string]string{}
	for i := 0; i < len(labels); i += 2 {
		set[labels[i]] = labels[i+1]
	}
	body, err := json.Marshal([]map[string]any{{"labels": set, "annotations": map[string]string{
		"summary": "A department has discrepancies that are open.", "summary_vi": "Có hồ sơ sai lệch.", "description_vi": "3 hồ sơ của KT đang sai lệch.",
	}}})
	if err != nil {
		s.t.Fatal(err)
	}
	client := http.Client{Timeout: 10 * time.Second}
	reply, err := client.Post(s.base+"/api/v2/alerts", "application/json", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		s.t.Fatalf("alert %q: %s", labels, reply.Status)
	}
}

// firing is an alert as Alertmanager tells of it.
type firing struct {
	Labels    map[string]string
	Receivers []struct{ Name string }
	Status    struct {
		State       string
		InhibitedBy []string
	}
}

func (f firing) receivers() []string {
	var names []string
	for _, r := range f.Receivers {
		names = append(names, r.Name)
	}
	slices.Sort(names)
	return names
}

// alerts waits until that many are known, and for the last word on which are
// inhibited: Alertmanager takes an alert in on one path, and notes that it
// inhibits on another.
func (s *server) alerts(n int) []firing {
	s.t.Helper()
	var last []byte
	for range 100 {
		body, err := monitortest.Get(s.base + "/api/v2/alerts")
		if err != nil {
			s.t.Fatal(err)
		}
		var all []firing
		if err := json.Unmarshal(body, &all); err != nil {
			s.t.Fatal(err)
		}
		settled := len(all) == n && bytes.Equal(body, last)
		last = body
		if settled {
			return all
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Fatalf("no %d alerts within ten seconds: %s", n, last)
	return nil
}
