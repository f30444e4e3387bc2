package metrics

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"

	"github.com/doisoat/doisoat/reconcile"
)

// what scrapers ask for: an old Prometheus, one with OpenMetrics, and one with
// native histograms.
var accepts = []struct{ name, accept string }{
	{"text", string(expfmt.FmtText)},
	{"openmetrics", "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"},
	{"protobuf", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.3"},
}

// BenchmarkScrape measures a scrape of a province without the network, beside what
// promhttp alone takes for it.
func BenchmarkScrape(b *testing.B) {
	c := bigConfig(190)
	m := build(b, c)
	m.Set(bigState(c, 5000))
	bigEvents(m, c)
	for _, served := range []struct {
		name    string
		handler http.Handler
	}{
		{"kept", m.Handler()},
		{"promhttp", promhttp.HandlerFor(m, promhttp.HandlerOpts{EnableOpenMetrics: true})},
	} {
		for _, asked := range accepts {
			b.Run(served.name+"/"+asked.name, func(b *testing.B) {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/metrics", nil)
				r.Header.Set("Accept", asked.accept)
				r.Header.Set("Accept-Encoding", "gzip")
				b.ReportAllocs()
				for b.Loop() {
					served.handler.ServeHTTP(&nobody{header: http.Header{}}, r)
				}
			})
		}
	}
}

// BenchmarkSet measures what a poll costs, which moves four moments of a source,
// and what a run costs, which moves everything.
func BenchmarkSet(b *testing.B) {
	c := bigConfig(190)
	m := build(b, c)
	few, many := bigState(c, 5000), bigState(c, 9000)
	b.Run("poll", func(b *testing.B) {
		m.Set(few)
		scraped(b, m.Handler(), string(expfmt.FmtText))
		for n := range b.N {
			s := few.Sources["dvc-tinh"]
			s.LastAttempt = at.Add(time.Duration(n) * time.Minute)
			few.Sources["dvc-tinh"] = s // nobody else reads it here
			m.Set(few)
		}
	})
	b.Run("run", func(b *testing.B) {
		for k := range many.Discrepancies {
			many.Discrepancies[k]++
		}
		for k := range many.Totals {
			many.Totals[k] = Totals{Opened: 1, Resolved: 1}
		}
		for n := range b.N {
			m.Set([]*State{few, many}[n%2])
		}
	})
}

// BenchmarkScrapeOverHTTP scrapes a province twenty times a second for a while,
// and reports the 99th percentile. While it is scraped a poll ends each second.
func BenchmarkScrapeOverHTTP(b *testing.B) {
	if os.Getenv("DOISOAT_TEST_SCRAPE_SECONDS") == "" {
		b.Skip("takes its time: set DOISOAT_TEST_SCRAPE_SECONDS=10")
	}
	length, err := time.ParseDuration(os.Getenv("DOISOAT_TEST_SCRAPE_SECONDS") + "s")
	if err != nil {
		b.Fatal(err)
	}
	for _, departments := range []int{20, 190} {
		c := bigConfig(departments)
		m := build(b, c)
		m.Set(bigState(c, 5000))
		bigEvents(m, c)
		server := httptest.NewServer(m.Instrument("metrics", m.Handler()))
		for _, asked := range accepts {
			b.Run(asked.name, func(b *testing.B) {
				var took []time.Duration
				tick := time.NewTicker(50 * time.Millisecond)
				defer tick.Stop()
				for n := range int(length / (50 * time.Millisecond)) {
					<-tick.C
					if n%20 == 0 {
						go polled(m, c, n)
					}
					began := time.Now()
					r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL, nil)
					if err != nil {
						b.Fatal(err)
					}
					r.Header.Set("Accept", asked.accept)
					r.Header.Set("Accept-Encoding", "gzip") // as it is: Prometheus unpacks by itself
					answer, err := server.Client().Do(r)
					if err != nil {
						b.Fatal(err)
					}
					size, err := io.Copy(io.Discard, answer.Body)
					_ = answer.Body.Close()
					if err != nil || answer.StatusCode != http.StatusOK || size == 0 {
						b.Fatalf("%s, %d bytes, %v", answer.Status, size, err)
					}
					took = append(took, time.Since(began))
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
				b.ReportMetric(float64(departments), "departments")
			})
		}
		server.Close()
	}
}

// polled sets the State again with a poll of the platform and what it changed.
func polled(m *Metrics, c Config, n int) {
	s := bigState(c, 5000)
	platform := s.Sources["dvc-tinh"]
	platform.LastAttempt, platform.LastSuccess = at.Add(time.Duration(n)*time.Minute), at.Add(time.Duration(n)*time.Minute)
	s.Sources["dvc-tinh"] = platform
	s.Discrepancies[Standing{reconcile.ResolvedNotClosed, "XA007", reconcile.StateOpen}] = n
	m.Set(s)
	m.PollEnded(Poll{Source: "dvc-tinh", Mode: reconcile.Incremental, Took: time.Second, Answers: map[string]int{"200": 3}})
}

// nobody takes an answer and throws it away.
type nobody struct{ header http.Header }

func (n *nobody) Header() http.Header         { return n.header }
func (n *nobody) Write(p []byte) (int, error) { return len(p), nil }
func (n *nobody) WriteHeader(int)             {}
