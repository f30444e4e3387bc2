package monitortest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// Series is one series of an answer: its labels, and how many of its samples are
// numbers. NaN is none: Grafana shows nothing for it.
type Series struct {
	Labels  map[string]string
	Numbers int
}

// Numbers counts those of all series.
func Numbers(all []Series) int {
	n := 0
	for _, s := range all {
		n += s.Numbers
	}
	return n
}

// Query asks a Prometheus at base for an expression's value at a moment.
func Query(t testing.TB, base, expr string, at time.Time) ([]Series, error) {
	t.Helper()
	return ask(base+"/api/v1/query", url.Values{"query": {expr}, "time": {moment(at)}})
}

// QueryRange asks for an expression's values between two moments.
func QueryRange(t testing.TB, base, expr string, from, to time.Time, step time.Duration) ([]Series, error) {
	t.Helper()
	return ask(base+"/api/v1/query_range", url.Values{
		"query": {expr}, "start": {moment(from)}, "end": {moment(to)}, "step": {strconv.FormatFloat(step.Seconds(), 'f', -1, 64)},
	})
}

func moment(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }

func ask(address string, values url.Values) ([]Series, error) {
	body, err := Get(address + "?" + values.Encode())
	if err != nil {
		return nil, err
	}
	var reply struct {
		Data struct {
			ResultType string          `json:"resultType"`
			Result     json.RawMessage `json:"result"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &reply); err != nil {
		return nil, fmt.Errorf("answer of %s: %w", address, err)
	}
	if reply.Data.ResultType == "scalar" {
		return []Series{{Numbers: 1}}, nil
	}
	var result []struct {
		Metric map[string]string `json:"metric"`
		Values [][2]any          `json:"values"`
		Value  *[2]any           `json:"value"`
	}
	if err := json.Unmarshal(reply.Data.Result, &result); err != nil {
		return nil, fmt.Errorf("answer of %s: %w", address, err)
	}
	all := make([]Series, 0, len(result))
	for _, r := range result {
		if r.Value != nil {
			r.Values = append(r.Values, *r.Value)
		}
		s := Series{Labels: r.Metric}
		for _, v := range r.Values {
			if v[1] != "NaN" {
				s.Numbers++
			}
		}
		all = append(all, s)
	}
	return all, nil
}
