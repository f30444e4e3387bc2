package metrics

import (
	"errors"
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/doisoat/doisoat/reconcile"
)

// vectors are the metrics that are recorded as things happen.
type vectors struct {
	polls, pollFailures, refused, requests, rejected *prometheus.CounterVec
	runs, runFailures                                *prometheus.CounterVec
	deliveries, deliveryFailures                     *prometheus.CounterVec
	httpRequests                                     *prometheus.CounterVec
	pollDuration, correction                         *prometheus.HistogramVec
	configGood, configLoaded, buildInfo              prometheus.Gauge

	listed []listing
}

// listing is one metric as METRICS.md shows it.
type listing struct {
	name, kind, help string
	labels           []string
	collector        prometheus.Collector // nil for what is read off the State
}

var modes = []reconcile.Mode{reconcile.Full, reconcile.Incremental}

const (
	hour = 3600.0
	// manySources is above how many sources the classic buckets of their polls
	// would eat the budget of series up; then only the native histogram and the
	// sum and count of the classic one are left.
	manySources = 64
)

// correctionBuckets are working time: hours of the first day, then days of eight
// hours, up to a month of twenty-two.
var correctionBuckets = []float64{hour, 4 * hour, 8 * hour, 16 * hour, 24 * hour, 40 * hour, 80 * hour, 176 * hour}

// pollBuckets are seconds.
func pollBuckets(sources int) []float64 {
	if sources > manySources {
		return nil
	}
	return []float64{0.5, 2, 10, 60, 300, 1800}
}

func newVectors(o Options) *vectors {
	e := new(vectors)
	e.polls = e.counter("doisoat_source_polls_total",
		"Polls of the source that ended, whatever came of them, by mode: full or incremental.", "source", "mode")
	e.pollFailures = e.counter("doisoat_source_poll_failures_total",
		"Polls of the source that failed or stopped short, by mode and reason: connect, timeout, auth, http_4xx, http_5xx, rate_limited, decode, schema, refused (by the reply's own verdict), repeated (a page came twice), total (rows do not add up), changing (a file still being written), cancelled (by us).",
		"source", "mode", "reason")
	e.refused = e.counter("doisoat_source_snapshots_refused_total",
		"Snapshots of the source that changed nothing, by reason: partial (not all was read), empty, or shrunk (so much smaller than before that somebody must accept it). Counted for each department the source serves.",
		"source", "department", "reason")
	e.pollDuration = e.histogram("doisoat_source_poll_duration_seconds",
		"How long polls of the source took, in seconds, by mode. Native histogram; classic buckets where 64 sources or fewer are configured at the start.",
		pollBuckets(len(o.Config.Sources)), "source", "mode")
	e.requests = e.counter("doisoat_source_requests_total",
		"Round trips to the source, retries included, by how they were answered: the HTTP status, ok for a database, error where there was no answer.",
		"source", "code")
	e.rejected = e.counter("doisoat_source_records_rejected_total",
		"Records of the source that could not be taken in, by reason: code, date, encoding, expression, row.",
		"source", "reason")
	e.runs = e.counter("doisoat_runs_total",
		"Runs that ended, whatever came of them, by what set them going: nightly, incremental, manual.", "run")
	e.runFailures = e.counter("doisoat_run_failures_total",
		"Runs that did not do their work, by reason: sources (none could be read), store, timeout, interrupted, internal.",
		"run", "reason")
	e.correction = e.histogram("doisoat_correction_duration_seconds",
		"Working time from open to resolved, in seconds (a working day has 8 hours), by kind of discrepancy. Classic and native histogram.",
		correctionBuckets, "kind")
	e.deliveries = e.counter("doisoat_deliveries_total",
		"Tries to deliver a list or letter to a department, by channel.", "channel", "department")
	e.deliveryFailures = e.counter("doisoat_delivery_failures_total",
		"Tries to deliver a list or letter to a department that failed, by channel.", "channel", "department")
	e.httpRequests = e.counter("doisoat_http_requests_total",
		"Requests that doisoat's own HTTP server answered, by handler, method and status code.", "handler", "method", "code")
	e.configGood = e.gauge("doisoat_config_last_reload_successful",
		"1 where the configuration was last loaded without a fault, 0 where it had one and the one before is still in use.", nil)
	e.configLoaded = e.gauge("doisoat_config_last_reload_success_timestamp_seconds",
		"When the configuration was last loaded without a fault, as Unix time in seconds.", nil)
	e.buildInfo = e.gauge("doisoat_build_info",
		"Always 1: the version of doisoat that runs, the commit and Go version it was built from, and what it was built for.",
		prometheus.Labels{
			"version": o.Version, "revision": o.Revision, "goversion": runtime.Version(),
			"goos": runtime.GOOS, "goarch": runtime.GOARCH,
		})
	e.buildInfo.Set(1)
	e.configGood.Set(1)
	e.configLoaded.Set(float64(o.ConfigLoadedAt.UnixMilli()) / 1000)
	for _, run := range Runs {
		e.runs.WithLabelValues(string(run))
		for _, why := range RunFailures {
			e.runFailures.WithLabelValues(string(run), string(why))
		}
	}
	for _, k := range reconcile.Kinds {
		e.correction.WithLabelValues(string(k))
	}
	return e
}

func (e *vectors) counter(name, help string, labels ...string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	e.listed = append(e.listed, listing{name, "counter", help, labels, v})
	return v
}

func (e *vectors) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: name, Help: help, Buckets: buckets,
		NativeHistogramBucketFactor:     1.1,
		NativeHistogramMaxBucketNumber:  160,
		NativeHistogramMinResetDuration: time.Hour,
	}, labels)
	e.listed = append(e.listed, listing{name, "histogram", help, labels, v})
	return v
}

func (e *vectors) gauge(name, help string, constant prometheus.Labels) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help, ConstLabels: constant})
	var labels []string
	for label := range constant {
		labels = append(labels, label)
	}
	e.listed = append(e.listed, listing{name, "gauge", help, distinct(labels), g})
	return g
}

// register puts what polls, runs and deliveries record into one registry, and the
// rest, which changes with every request, into another.
func (e *vectors) register(recorded, live prometheus.Registerer) error {
	var faults []error
	for _, l := range e.listed {
		reg := recorded
		switch l.collector {
		case e.httpRequests, e.configGood, e.configLoaded, e.buildInfo:
			reg = live
		}
		faults = append(faults, reg.Register(l.collector))
	}
	return errors.Join(faults...)
}

// fill makes the children of every configured label set, and so shows them as 0.
func (e *vectors) fill(l *layout) {
	for _, at := range l.legs {
		e.polls.WithLabelValues(at.source, string(at.mode))
		e.pollDuration.WithLabelValues(at.source, string(at.mode))
		if l.fill[fillFailures] {
			for _, why := range reconcile.Causes {
				e.pollFailures.WithLabelValues(at.source, string(at.mode), string(why))
			}
		}
	}
	for _, p := range l.pairs {
		if l.fill[fillRefused] {
			for _, why := range Refusals {
				e.refused.WithLabelValues(p.source, p.department, string(why))
			}
		}
	}
	for i := range l.sources {
		s := &l.sources[i]
		if l.fill[fillAnswers] {
			e.requests.WithLabelValues(s.Name, "error")
			e.requests.WithLabelValues(s.Name, goodAnswer(s.Protocol))
		}
		if l.fill[fillRejected] {
			for _, why := range rejections {
				e.rejected.WithLabelValues(s.Name, why)
			}
		}
	}
	if l.fill[fillDeliveries] {
		for _, channel := range l.channels {
			for _, d := range l.departments {
				e.deliveries.WithLabelValues(channel, d)
				e.deliveryFailures.WithLabelValues(channel, d)
			}
		}
	}
}

func goodAnswer(protocol string) string {
	if protocol == "http" {
		return "200"
	}
	return "ok"
}

// drop deletes the children of what was configured and is no longer.
func (e *vectors) drop(was, now *layout) {
	for i := range was.sources {
		s := &was.sources[i]
		gone := prometheus.Labels{"source": s.Name}
		if kept := now.bySource[s.Name]; kept != nil {
			if s.Incremental && !kept.Incremental {
				gone["mode"] = string(reconcile.Incremental)
				e.polls.DeletePartialMatch(gone)
				e.pollFailures.DeletePartialMatch(gone)
				e.pollDuration.DeletePartialMatch(gone)
			}
			continue
		}
		for _, v := range []*prometheus.CounterVec{e.polls, e.pollFailures, e.refused, e.requests, e.rejected} {
			v.DeletePartialMatch(gone)
		}
		e.pollDuration.DeletePartialMatch(gone)
	}
	still := make(map[pair]bool, len(now.pairs))
	for _, p := range now.pairs {
		still[p] = true
	}
	for _, p := range was.pairs {
		if !still[p] {
			e.refused.DeletePartialMatch(prometheus.Labels{"source": p.source, "department": p.department})
		}
	}
	for _, name := range []struct {
		label string
		was   []string
		now   map[string]bool
	}{{"department", was.departments, now.isDepartment}, {"channel", was.channels, now.isChannel}} {
		for _, value := range name.was {
			if !name.now[value] {
				e.deliveries.DeletePartialMatch(prometheus.Labels{name.label: value})
				e.deliveryFailures.DeletePartialMatch(prometheus.Labels{name.label: value})
			}
		}
	}
}
