package metrics

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
)

// record is what polls, runs and deliveries recorded. It is encoded anew only
// where something was recorded since the last scrape.
type record struct {
	registry *prometheus.Registry
	changes  atomic.Uint64
	pack     *packer

	encoding sync.Mutex
	encoded  [wires]struct {
		wire    wire
		changes uint64 // how many there were before it was gathered
	}
}

// changed must be called after each change to a metric of the registry.
func (r *record) changed() { r.changes.Add(1) }

// encode returns the registry's metrics in one of the formats, without an end.
func (r *record) encode(format int) (wire, error) {
	r.encoding.Lock()
	defer r.encoding.Unlock()
	kept, changes := &r.encoded[format], r.changes.Load()
	if kept.changes == changes {
		return kept.wire, nil
	}
	families, err := r.registry.Gather()
	if err != nil {
		return wire{}, fmt.Errorf("gather: %w", err)
	}
	plain, err := encode(formats[format], families, false)
	if err != nil {
		return wire{}, err
	}
	kept.wire, kept.changes = r.pack.packed(plain), changes
	return kept.wire, nil
}
