package metrics

import (
	"time"

	"github.com/doisoat/doisoat/reconcile"
)

// Poll is how one poll of a source went.
type Poll struct {
	Source string // its configured name
	Mode   reconcile.Mode
	Took   time.Duration
	// Cause is why it failed or remained partial; CauseNone where it did neither.
	Cause reconcile.Cause
	// Refused is why its snapshot changed nothing.
	Refused Refusal
	// Answers counts the round trips by how they were answered (reconcile.Poll).
	Answers map[string]int
	// Rejected counts the records that could not be taken in, by cause
	// (reconcile.Rejected).
	Rejected map[string]int
}

// PollEnded counts a poll. One of a source that the configuration no longer names
// is not counted, since nobody could tell it from a source that still exists.
func (m *Metrics) PollEnded(p Poll) {
	m.configuring.RLock()
	defer m.configuring.RUnlock()
	source := m.layout.bySource[p.Source]
	if source == nil {
		return
	}
	e, mode := &m.events, listed(modes, p.Mode)
	e.polls.WithLabelValues(p.Source, mode).Inc()
	e.pollDuration.WithLabelValues(p.Source, mode).Observe(p.Took.Seconds())
	if p.Cause != reconcile.CauseNone {
		e.pollFailures.WithLabelValues(p.Source, mode, listed(reconcile.Causes, p.Cause)).Inc()
	}
	if p.Refused != NotRefused {
		for _, d := range source.Departments {
			e.refused.WithLabelValues(p.Source, d, listed(Refusals, p.Refused)).Inc()
		}
	}
	defer m.recorded.changed()
	m.answered(p.Source, p.Answers)
	for cause, n := range p.Rejected {
		if n > 0 {
			e.rejected.WithLabelValues(p.Source, listed(rejections, cause)).Add(float64(n))
		}
	}
}

// RereadEnded counts the round trips of a second look at single dossiers, which
// is no poll.
func (m *Metrics) RereadEnded(source string, answers map[string]int) {
	m.configuring.RLock()
	defer m.configuring.RUnlock()
	if m.layout.bySource[source] != nil {
		m.answered(source, answers)
		m.recorded.changed()
	}
}

func (m *Metrics) answered(source string, answers map[string]int) {
	for code, n := range answers {
		if n > 0 {
			m.events.requests.WithLabelValues(source, answer(code)).Add(float64(n))
		}
	}
}

// RunEnded counts a run; failure is RunDone where it did its work.
func (m *Metrics) RunEnded(run Run, failure RunFailure) {
	defer m.recorded.changed()
	name := listed(Runs, run)
	m.events.runs.WithLabelValues(name).Inc()
	if failure != RunDone {
		m.events.runFailures.WithLabelValues(name, listed(RunFailures, failure)).Inc()
	}
}

// Corrected tells that a discrepancy was resolved, and after how much working time
// since it opened.
func (m *Metrics) Corrected(kind reconcile.Kind, after time.Duration) {
	m.events.correction.WithLabelValues(listed(reconcile.Kinds, kind)).Observe(after.Seconds())
	m.recorded.changed()
}

// DeliveryEnded counts a try to deliver a list or letter.
func (m *Metrics) DeliveryEnded(channel, department string, failed bool) {
	m.configuring.RLock()
	defer m.configuring.RUnlock()
	channel, department = m.layout.channel(channel), m.layout.department(department)
	m.events.deliveries.WithLabelValues(channel, department).Inc()
	if failed {
		m.events.deliveryFailures.WithLabelValues(channel, department).Inc()
	}
	m.recorded.changed()
}

// ConfigReloaded tells how loading the configuration went. at is the moment of it
// and shown only where it succeeded.
func (m *Metrics) ConfigReloaded(ok bool, at time.Time) {
	if !ok {
		m.events.configGood.Set(0)
		return
	}
	m.events.configGood.Set(1)
	m.events.configLoaded.Set(float64(at.UnixMilli()) / 1000)
}
