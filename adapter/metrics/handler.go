package metrics

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
)

// Handler serves /metrics in the format the scraper asks for: Prometheus text,
// OpenMetrics or protobuf, compressed where it takes gzip. It answers as
// promhttp's handler would, but encodes and compresses anew only what changed
// since the last scrape. With 190 departments that is a twentieth of the work. What
// is asked for seldom (another format, name[] filters) is left to promhttp.
func (m *Metrics) Handler() http.Handler {
	seldom := promhttp.HandlerFor(m, promhttp.HandlerOpts{EnableOpenMetrics: true})
	accepted := expfmt.DefaultOpenMetricsAcceptedFormats()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		format := expfmt.NegotiateAccept(r.Header, accepted...)
		kept := keptAs(format)
		if kept < 0 || r.URL.Query().Has("name[]") {
			seldom.ServeHTTP(w, r)
			return
		}
		m.asked[kept].Store(true)
		parts, err := m.parts(kept)
		if err != nil {
			http.Error(w, "metrics: "+err.Error(), http.StatusInternalServerError)
			return
		}
		h := w.Header()
		h.Set("Content-Type", string(format))
		h.Add("Vary", "Accept")
		h.Add("Vary", "Accept-Encoding")
		if takesGzip(r.Header) {
			h.Set("Content-Encoding", "gzip")
			send(w, r, [][]byte{gzipped(parts...)})
			return
		}
		var plain [][]byte
		for _, p := range parts {
			plain = append(plain, p.plain)
		}
		send(w, r, plain)
	})
}

// parts are the parts of an answer in one of the formats.
func (m *Metrics) parts(format int) ([]*wire, error) {
	recorded, err := m.recorded.encode(format)
	if err != nil {
		return nil, err
	}
	families, err := m.live.Gather()
	if err != nil {
		return nil, fmt.Errorf("gather: %w", err)
	}
	plain, err := encode(formats[format], families, true)
	if err != nil {
		return nil, err
	}
	live := unpacked(plain)
	return append(m.page.Load().encode(format), &recorded, &live), nil
}

func send(w http.ResponseWriter, r *http.Request, parts [][]byte) {
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	w.Header().Set("Content-Length", strconv.Itoa(size))
	if r.Method == http.MethodHead {
		return
	}
	for _, part := range parts {
		if _, err := w.Write(part); err != nil {
			return // the scraper has gone
		}
	}
}

// takesGzip reports whether the client takes a gzip answer.
func takesGzip(h http.Header) bool {
	for _, line := range h.Values("Accept-Encoding") {
		for part := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(part, ";")
			if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
				continue
			}
			q, isQ := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
			weight, err := strconv.ParseFloat(q, 64)
			return !isQ || err == nil && weight > 0
		}
	}
	return false
}

// Instrument counts the requests that h answers in doisoat_http_requests_total.
// The handler's name becomes a label value: a constant, never a path from a
// request.
func (m *Metrics) Instrument(handler string, h http.Handler) http.Handler {
	counter := m.events.httpRequests.MustCurryWith(prometheus.Labels{"handler": handler})
	counter.WithLabelValues("get", "200")
	return promhttp.InstrumentHandlerCounter(counter, h)
}
