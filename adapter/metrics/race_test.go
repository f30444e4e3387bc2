package metrics

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"

	"github.com/doisoat/doisoat/reconcile"
)

// TestScrapesSeeOneState sets States, records events and reconfigures while others
// scrape. Each scrape must show one State, never parts of two, and be readable;
// the race detector looks on.
func TestScrapesSeeOneState(t *testing.T) {
	c := bigConfig(3)
	m := build(t, c)
	h := m.Handler()
	m.Set(bigState(c, 1000))
	var all sync.WaitGroup
	for _, asked := range accepts {
		all.Go(func() {
			for range 40 {
				r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
				r.Header.Set("Accept", asked.accept)
				w := httptest.NewRecorder()
				h.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					t.Errorf("%s: %d %s", asked.name, w.Code, w.Body)
					return
				}
				if asked.name == "text" {
					oneState(t, w.Body.Bytes(), c)
				}
			}
		})
	}
	all.Go(func() {
		for n := range 20 {
			m.Set(bigState(c, 1000+n))
		}
	})
	all.Go(func() {
		for n := range 60 {
			bigEvents(m, c)
			m.RunEnded(Runs[n%3], RunDone)
			m.DeliveryEnded("mail", "XA001", n%2 == 0)
			m.ConfigReloaded(n%2 == 0, at.Add(time.Duration(n)))
		}
	})
	all.Go(func() {
		for n := range 15 {
			less := bigConfig(3 + n%2)
			if err := m.Reconfigure(less); err != nil {
				t.Error(err)
			}
		}
	})
	all.Wait()
}

// oneState holds that all departments were compared by the same run.
func oneState(t *testing.T, text []byte, c Config) {
	var compared string
	for line := range bytes.Lines(text) {
		for _, d := range c.Departments {
			if value, ok := bytes.CutPrefix(line, fmt.Appendf(nil, `doisoat_compared_dossiers{department="%s"} `, d)); ok {
				if compared == "" {
					compared = string(value)
				}
				if string(value) != compared {
					t.Errorf("%s compared %s, another department %s", d, value, compared)
				}
			}
		}
	}
	if compared == "" {
		t.Error("no department was compared")
	}
}

func TestAnEventIsInTheNextScrape(t *testing.T) {
	m := build(t, smallConfig())
	h := m.Handler()
	for n := 1; n <= 3; n++ {
		m.PollEnded(Poll{Source: "dvc", Mode: reconcile.Full, Took: time.Second})
		m.RunEnded(RunManual, RunDone)
		text, _ := scraped(t, h, string(expfmt.FmtText))
		for _, series := range []string{
			fmt.Sprintf(`doisoat_source_polls_total{mode="full",source="dvc"} %d`, n),
			fmt.Sprintf(`doisoat_source_poll_duration_seconds_count{mode="full",source="dvc"} %d`, n),
			fmt.Sprintf(`doisoat_runs_total{run="manual"} %d`, n),
		} {
			if !has(text, series) {
				t.Errorf("not shown: %s", series)
			}
		}
	}
}
