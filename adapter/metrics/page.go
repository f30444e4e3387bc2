package metrics

import (
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// page is what a scrape shows of a State.
type page struct{ sheets []*sheet }

// sheet is one family on a page. Pages share the sheets whose rows are the same.
type sheet struct {
	family *family
	desc   *prometheus.Desc
	rows   []row
	pack   *packer

	encoding [wires]sync.Once
	encoded  [wires]wire
}

func (p *page) sheet(i int) *sheet {
	if p == nil {
		return nil
	}
	return p.sheets[i]
}

// newSheet reads a family off the view; was is its sheet on the page before, if
// there is one.
func newSheet(was *sheet, f *family, desc *prometheus.Desc, pack *packer, v *view) *sheet {
	rows := f.rows(v)
	if was != nil && slices.Equal(was.rows, rows) {
		return was
	}
	return &sheet{family: f, desc: desc, rows: rows, pack: pack}
}

// encode returns the page in one of the formats, without an end.
func (p *page) encode(format int) []*wire {
	var parts []*wire
	for _, s := range p.sheets {
		parts = append(parts, s.encode(format))
	}
	return parts
}

func (s *sheet) encode(format int) *wire {
	s.encoding[format].Do(func() {
		if len(s.rows) == 0 {
			return // as a registry does: a family without a metric is not shown
		}
		// It cannot fail: the family is our own, with a name, and of a known type.
		plain, _ := encode(formats[format], []*dto.MetricFamily{s.gathered()}, false)
		s.encoded[format] = s.pack.packed(plain)
	})
	return &s.encoded[format]
}

// gathered is the sheet as a registry gathers it.
func (s *sheet) gathered() *dto.MetricFamily {
	kind := dto.MetricType_GAUGE
	if s.family.kind == prometheus.CounterValue {
		kind = dto.MetricType_COUNTER
	}
	f := &dto.MetricFamily{Name: &s.family.name, Help: &s.family.help, Type: &kind}
	for _, metric := range s.family.metrics(s.desc, s.rows) {
		written := new(dto.Metric)
		_ = metric.Write(written) // a const metric never fails
		f.Metric = append(f.Metric, written)
	}
	return f
}
