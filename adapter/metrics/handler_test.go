package metrics

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/doisoat/doisoat/reconcile"
)

// TestHandlerAnswersAsPromhttp holds the handler, which keeps what it encoded,
// against the one that encodes everything anew.
func TestHandlerAnswersAsPromhttp(t *testing.T) {
	m := build(t, smallConfig())
	m.Set(smallState())
	smallEvents(m)
	plain := promhttp.HandlerFor(m, promhttp.HandlerOpts{EnableOpenMetrics: true, DisableCompression: true})
	for _, accept := range []string{
		"", "*/*", "text/plain", "text/plain;version=0.0.4", "text/html,application/xml;q=0.9,*/*;q=0.8",
		"application/openmetrics-text;version=1.0.0", "application/openmetrics-text;version=0.0.1", "application/openmetrics-text",
		"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;q=0.3",
		"text/plain;version=0.0.4;escaping=values", "application/json",
		accepts[2].accept,
		"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
	} {
		t.Run("Accept: "+accept, func(t *testing.T) {
			got, gotHeader := scraped(t, m.Handler(), accept)
			want, wantHeader := scraped(t, plain, accept)
			if diff := cmp.Diff(wantHeader.Get("Content-Type"), gotHeader.Get("Content-Type")); diff != "" {
				t.Errorf("Content-Type (-promhttp +ours)\n%s", diff)
			}
			format := expfmt.Format(gotHeader.Get("Content-Type"))
			switch format.FormatType() {
			case expfmt.TypeProtoDelim:
				if diff := cmp.Diff(familiesOf(t, want, format), familiesOf(t, got, format), cmp.Comparer(sameFamily)); diff != "" {
					t.Errorf("families (-promhttp +ours)\n%s", diff)
				}
			case expfmt.TypeOpenMetrics:
				if !strings.HasSuffix(got, "\n# EOF\n") || strings.Count(got, "# EOF") != 1 {
					t.Error("does not end with one # EOF")
				}
				fallthrough
			default:
				if diff := cmp.Diff(ofOurs(want), ofOurs(got)); diff != "" {
					t.Errorf("text of doisoat_* (-promhttp +ours)\n%s", diff)
				}
			}
		})
	}
}

// ofOurs sorts the blocks that families make in a text, and leaves out go_* and
// process_*, which change from one scrape to the next.
func ofOurs(text string) []string {
	blocks := strings.Split(text, "# HELP ")
	blocks = slices.DeleteFunc(blocks, func(b string) bool { return !strings.HasPrefix(b, "doisoat_") })
	for i := range blocks {
		blocks[i] = strings.TrimSuffix(blocks[i], "# EOF\n")
	}
	slices.Sort(blocks)
	return blocks
}

func sameFamily(a, b *dto.MetricFamily) bool { return a.String() == b.String() }

func familiesOf(t *testing.T, body string, format expfmt.Format) map[string]*dto.MetricFamily {
	t.Helper()
	families := map[string]*dto.MetricFamily{}
	for in := expfmt.NewDecoder(strings.NewReader(body), format); ; {
		f := new(dto.MetricFamily)
		if err := in.Decode(f); errors.Is(err, io.EOF) {
			return families
		} else if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(f.GetName(), "doisoat_") {
			families[f.GetName()] = f
		}
	}
}

func TestGzip(t *testing.T) {
	m := build(t, bigConfig(20))
	m.Set(bigState(bigConfig(20), 5000))
	server := httptest.NewServer(m.Handler())
	defer server.Close()
	tests := []struct {
		encoding string
		packed   bool
	}{
		{"gzip", true},
		{"deflate, GZIP;q=0.5", true},
		{"br, gzip; q=1.0, *;q=0", true},
		{"identity", false},
		{"gzip;q=0", false},
		{"gzip;q=x", false},
		{"gzippy", false},
	}
	for _, test := range tests {
		t.Run("Accept-Encoding: "+test.encoding, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept-Encoding", test.encoding)
			answer, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Fatal(err)
			}
			if answer.ContentLength != int64(len(body)) {
				t.Errorf("Content-Length %d of %d bytes", answer.ContentLength, len(body))
			}
			if packed := answer.Header.Get("Content-Encoding") == "gzip"; packed != test.packed {
				t.Fatalf("packed: %v", packed)
			}
			if test.packed {
				in, err := gzip.NewReader(bytes.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				in.Multistream(false) // browsers read the first member of a file only
				packed := len(body)
				if body, err = io.ReadAll(in); err != nil {
					t.Fatal(err) // also where the checksum or the length is wrong
				}
				if packed*5 > len(body) {
					t.Errorf("%d bytes packed to %d", len(body), packed)
				}
			}
			for _, series := range []string{
				`doisoat_compared_dossiers{department="XA019"} 5000`,
				`doisoat_source_polls_total{mode="full",source="dvc-tinh"} 0`,
			} {
				if !has(string(body), series) {
					t.Errorf("not shown: %s", series)
				}
			}
		})
	}
}

func TestHandlerByName(t *testing.T) {
	m := build(t, smallConfig())
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics?name[]=doisoat_run_held", nil))
	if lines := seriesOf(w.Body.String()); !cmp.Equal(lines, []string{"doisoat_run_held 0"}) {
		t.Errorf("name[]=doisoat_run_held answers %q", lines)
	}
}

func TestHeadHasNoBody(t *testing.T) {
	m := build(t, smallConfig())
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodHead, "/metrics", nil))
	if w.Code != http.StatusOK || w.Body.Len() != 0 || w.Header().Get("Content-Length") == "0" {
		t.Errorf("HEAD: %d, %d bytes, Content-Length %s", w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
	}
}

// broken is a collector that another part registered and that fails.
type broken struct{}

func (broken) Describe(chan<- *prometheus.Desc) {}
func (broken) Collect(into chan<- prometheus.Metric) {
	into <- prometheus.NewInvalidMetric(prometheus.NewDesc("broken", "Broken.", nil, nil), errors.New("out of order"))
}

func TestACollectorThatFailsIsAnErrorOfTheServer(t *testing.T) {
	reg := prometheus.NewRegistry()
	m, err := New(reg, Options{Config: smallConfig()})
	if err != nil {
		t.Fatal(err)
	}
	reg.MustRegister(broken{})
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "out of order") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

func TestNativeHistogramsInProtobuf(t *testing.T) {
	m := build(t, smallConfig())
	for n := range 100 {
		m.PollEnded(Poll{Source: "dvc", Mode: reconcile.Full, Took: time.Duration(n+1) * 100 * time.Millisecond})
		m.Corrected(reconcile.MissingInOffice, time.Duration(n)*time.Hour)
	}
	body, header := scraped(t, m.Handler(), accepts[2].accept)
	families := familiesOf(t, body, expfmt.Format(header.Get("Content-Type")))
	for name, label := range map[string]string{
		"doisoat_source_poll_duration_seconds": "full",
		"doisoat_correction_duration_seconds":  "missing_in_office",
	} {
		found := false
		for _, metric := range families[name].GetMetric() {
			h := metric.GetHistogram()
			if h.GetSampleCount() == 0 {
				continue
			}
			found = true
			if h.GetSampleCount() != 100 || len(h.GetBucket()) == 0 || len(h.GetPositiveSpan()) == 0 {
				t.Errorf("%s: %d observations, %d classic buckets, %d native spans",
					name, h.GetSampleCount(), len(h.GetBucket()), len(h.GetPositiveSpan()))
			}
			if h.GetSchema() != 3 { // growth by 2^(1/8), the widest below 1.1
				t.Errorf("%s: schema %d", name, h.GetSchema())
			}
			if !slices.ContainsFunc(metric.GetLabel(), func(l *dto.LabelPair) bool { return l.GetValue() == label }) {
				t.Errorf("%s: labels %v", name, metric.GetLabel())
			}
		}
		if !found {
			t.Errorf("%s: no observation shown", name)
		}
	}
}

func TestInstrumentCountsWithBoundedLabels(t *testing.T) {
	m := build(t, smallConfig())
	h := m.Instrument("api", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	}))
	text, _ := scraped(t, m.Handler(), "")
	if !has(text, `doisoat_http_requests_total{code="200",handler="api",method="get"} 0`) {
		t.Error("not shown as zero before the first request")
	}
	for _, method := range []string{"GET", "GET", "POST", "EVIL1", "EVIL2", "evil*"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), method, "/x/000.00.16.H57-180611-0004", nil))
	}
	text, _ = scraped(t, m.Handler(), "")
	var got []string
	for _, line := range seriesOf(text) {
		if strings.HasPrefix(line, "doisoat_http_requests_total") {
			got = append(got, line)
		}
	}
	want := []string{
		`doisoat_http_requests_total{code="200",handler="api",method="get"} 2`,
		`doisoat_http_requests_total{code="405",handler="api",method="post"} 1`,
		`doisoat_http_requests_total{code="405",handler="api",method="unknown"} 3`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
