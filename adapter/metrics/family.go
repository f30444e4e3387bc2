package metrics

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// family is one metric of the State: how it is called, and how its series are
// read off.
type family struct {
	name, help string
	kind       prometheus.ValueType
	labels     []string // in alphabetical order, as on the wire; four at most
	read       func(v *view, into *series)
	// least: of several values with the same labels the least is shown; else the sum.
	least bool
}

// view is what families are read off.
type view struct {
	*layout
	*State
}

// row is one series: the label values in the order of the family's labels.
type row struct {
	labels [4]string
	value  float64
}

// series gathers the rows of one family.
type series struct{ rows []row }

func (s *series) add(value float64, labels ...string) {
	r := row{value: value}
	copy(r.labels[:], labels)
	s.rows = append(s.rows, r)
}

// count adds a number of things.
func (s *series) count(n int, labels ...string) { s.add(float64(n), labels...) }

// moment adds a Unix time in seconds; nothing where it is not known.
func (s *series) moment(t time.Time, labels ...string) {
	if !t.IsZero() {
		s.add(float64(t.UnixMilli())/1000, labels...)
	}
}

// truth adds 1 or 0.
func (s *series) truth(holds bool, labels ...string) {
	value := 0.0
	if holds {
		value = 1
	}
	s.add(value, labels...)
}

// rows are the family's series, each label set once, in order.
func (f *family) rows(v *view) []row {
	var s series
	f.read(v, &s)
	slices.SortFunc(s.rows, func(a, b row) int {
		for i := range a.labels {
			if c := strings.Compare(a.labels[i], b.labels[i]); c != 0 {
				return c
			}
		}
		return 0
	})
	kept := s.rows[:0]
	for _, r := range s.rows {
		last := len(kept) - 1
		switch {
		case last < 0 || kept[last].labels != r.labels:
			kept = append(kept, r)
		case f.least:
			kept[last].value = min(kept[last].value, r.value)
		default:
			kept[last].value += r.value
		}
	}
	return slices.Clip(kept)
}

// metrics makes const metrics of rows.
func (f *family) metrics(desc *prometheus.Desc, rows []row) []prometheus.Metric {
	made := make([]prometheus.Metric, len(rows))
	for i := range rows {
		// It can only fail on labels that are not UTF-8 or too many, and neither a
		// validated Config nor our own lists have such.
		made[i] = prometheus.MustNewConstMetric(desc, f.kind, rows[i].value, rows[i].labels[:len(f.labels)]...)
	}
	return made
}

func (f *family) desc() *prometheus.Desc {
	return prometheus.NewDesc(f.name, f.help, f.labels, nil)
}
