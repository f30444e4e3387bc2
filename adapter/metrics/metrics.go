package metrics

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"
)

// Options are what New needs to know.
type Options struct {
	Version, Revision string // of the running program; the commit may be empty
	Config            Config
	ConfigLoadedAt    time.Time
}

// Registry is where others may register metrics of their own, which the Handler
// then shows too; *prometheus.Registry is one.
type Registry interface {
	prometheus.Registerer
	prometheus.Gatherer
}

// Metrics are all of doisoat's metrics. All methods may be called at the same
// time.
type Metrics struct {
	events   vectors
	recorded *record
	live     prometheus.Gatherer  // the registry given to New
	state    *prometheus.Registry // of the Collector alone

	// configuring keeps an event from making a child that Reconfigure has just
	// deleted: events hold it for reading.
	configuring sync.RWMutex
	layout      *layout

	setting sync.Mutex // one Set or Reconfigure at a time
	last    *State
	page    atomic.Pointer[page] // what a scrape shows of last
	asked   [wires]atomic.Bool   // encodings that somebody scraped in

	families []family
	descs    []*prometheus.Desc
}

// New registers with reg what changes from one scrape to the next (go_*,
// process_*, HTTP requests, the configuration's state), and shows the
// configuration's label sets with an empty State.
func New(reg Registry, o Options) (*Metrics, error) {
	if err := o.Config.validate(); err != nil {
		return nil, err
	}
	m := &Metrics{
		events:   *newVectors(o),
		recorded: &record{registry: prometheus.NewRegistry(), pack: new(packer)},
		live:     reg,
		state:    prometheus.NewRegistry(),
		families: stateFamilies(),
	}
	for i := range m.families {
		m.descs = append(m.descs, m.families[i].desc())
	}
	if err := errors.Join(
		m.state.Register(collector{m}),
		m.events.register(m.recorded.registry, reg),
		reg.Register(collectors.NewGoCollector()),
		reg.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})),
	); err != nil {
		return nil, fmt.Errorf("metrics: register: %w", err)
	}
	m.layout = newLayout(o.Config)
	m.events.fill(m.layout)
	m.recorded.changed()
	m.Set(&State{})
	return m, nil
}

// Set shows s from the next scrape on. Nobody may change it any more.
func (m *Metrics) Set(s *State) {
	m.setting.Lock()
	defer m.setting.Unlock()
	m.last = s
	m.draw()
}

// Reconfigure shows the label sets of another configuration: new ones as zero,
// and those that vanished no longer. Where it returns an error, which says what is
// wrong with c, nothing has changed.
func (m *Metrics) Reconfigure(c Config) error {
	if err := c.validate(); err != nil {
		return err
	}
	m.setting.Lock()
	defer m.setting.Unlock()
	now := newLayout(c)
	m.configuring.Lock()
	was := m.layout
	m.layout = now
	m.events.drop(was, now)
	m.events.fill(now)
	m.recorded.changed()
	m.configuring.Unlock()
	m.draw()
	return nil
}

// draw makes the page of the last State; setting is held.
func (m *Metrics) draw() {
	v := &view{layout: m.layout, State: m.last}
	was, now := m.page.Load(), &page{}
	for i := range m.families {
		now.sheets = append(now.sheets, newSheet(was.sheet(i), &m.families[i], m.descs[i], m.recorded.pack, v))
	}
	for wire := range m.asked {
		if m.asked[wire].Load() {
			now.encode(wire) // here and not in the scrape that comes next
		}
	}
	m.page.Store(now)
}

// Gather returns every metric: of the State, of what was recorded, and of the
// registry given to New.
func (m *Metrics) Gather() ([]*dto.MetricFamily, error) {
	return prometheus.Gatherers{m.live, m.recorded.registry, m.state}.Gather()
}

// collector shows the State as const metrics.
type collector struct{ m *Metrics }

func (c collector) Describe(into chan<- *prometheus.Desc) {
	for _, d := range c.m.descs {
		into <- d
	}
}

func (c collector) Collect(into chan<- prometheus.Metric) {
	for _, s := range c.m.page.Load().sheets {
		for _, metric := range s.family.metrics(s.desc, s.rows) {
			into <- metric
		}
	}
}
