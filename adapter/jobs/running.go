package jobs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/riverqueue/river/rivertype"
)

// running are the attempts that this process works on.
type running struct {
	mu   sync.Mutex
	jobs map[int64]attempt
}

type attempt struct {
	id     int64
	number int
	kind   string
	cancel context.CancelCauseFunc
}

// enter notes an attempt until the function it gives is called.
func (r *running) enter(job *rivertype.JobRow, cancel context.CancelCauseFunc) (leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.jobs == nil {
		r.jobs = map[int64]attempt{}
	}
	a := attempt{id: job.ID, number: job.Attempt, kind: job.Kind, cancel: cancel}
	r.jobs[job.ID] = a
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		// It may have come back to this process, as a later attempt.
		if r.jobs[a.id].number == a.number {
			delete(r.jobs, a.id)
		}
	}
}

// list gives the attempts by id.
func (r *running) list() []attempt {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.SortedFunc(maps.Values(r.jobs), func(a, b attempt) int { return int(a.id - b.id) })
}

// names tells the attempts for a message.
func (r *running) names() string {
	var names []string
	for _, a := range r.list() {
		names = append(names, fmt.Sprintf("%s %d", a.kind, a.id))
	}
	return strings.Join(names, ", ")
}
